"""How large an archive is, and what its page bodies take -> one line. Pure."""

from __future__ import annotations

from typing import Protocol

from coopscrape.report.escape import said
from coopscrape.report.layout import paragraph
from coopscrape.report.paint import Paint, plain


class Sizes(Protocol):
    """archive.read.Sizes."""

    @property
    def file(self) -> int: ...
    @property
    def pages(self) -> int: ...
    @property
    def snapshots(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def stored(self) -> int: ...


def sizes_text(name: str, sizes: Sizes, paint: Paint = plain, width: int | None = None) -> str:
    """Such as `archive.db: 2.1 MB; 3,000 pages, 180 different ones of 10.8 MB stored in 126 kB (86 to 1)`."""
    text = f"{name}: {amount(sizes.file)}; {sizes.pages:,} pages"
    if sizes.stored:
        text += (
            f", {sizes.snapshots:,} different ones of {amount(sizes.bytes)} stored in {amount(sizes.stored)} "
            f"({_ratio(sizes.bytes / sizes.stored)} to 1)"
        )
    return "".join(f"{line}\n" for line in ["", *paragraph([(said(text), "dim")], paint, width)])


def _ratio(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"


def amount(size: int) -> str:
    """`640 bytes`, `14.2 kB`, `2.1 MB`: decimal units, as disks have them."""
    if size < 1000:
        return f"{size} bytes"
    value, unit = next((size / by, unit) for by, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")) if size >= by)
    return f"{value:.1f} {unit}"
