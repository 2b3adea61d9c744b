"""What came of a repair -> the difference to selectors.toml, for people. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from coopscrape.report import said as words
from coopscrape.report.escape import harmless, said
from coopscrape.report.layout import paragraph
from coopscrape.report.paint import Paint, plain


class Repair(Protocol):
    """run.repair.Repair."""

    @property
    def source(self) -> str: ...
    @property
    def walk(self) -> int: ...
    @property
    def doubts(self) -> Sequence[str]: ...
    @property
    def known(self) -> int: ...
    @property
    def after(self) -> str | None: ...
    @property
    def diff(self) -> str: ...
    @property
    def entries(self) -> int: ...
    @property
    def new(self) -> int: ...
    @property
    def changed(self) -> int: ...
    @property
    def believed(self) -> bool: ...
    @property
    def notes(self) -> Sequence[str]: ...
    @property
    def why_not(self) -> str | None: ...


def repair_text(done: Repair, paint: Paint = plain, width: int | None = None) -> str:
    """The doubts, what was found, and the difference; or why nothing is proposed."""
    lines = [f"{paint(said(done.source), 'heading')}  walk {done.walk} is in doubt"]
    for one in done.doubts:
        lines += paragraph([(said(one), "warn")], paint, width, "  ", paint("! ", "warn"))
    lines.append(f"{words.count(done.known, 'known entry', 'known entries')} found on its first page")
    if done.after is None:
        return (
            "\n".join([*lines, *paragraph([(f"nothing is proposed: {said(done.why_not)}", "warn")], paint, width)])
            + "\n"
        )
    lines += paragraph([(_reading(done), "good")], paint, width)
    for note in done.notes:
        lines += paragraph([(said(note), "warn")], paint, width)
    return "\n".join([*lines, "", *(_painted(line, paint) for line in done.diff.splitlines())]) + "\n"


def _reading(done: Repair) -> str:
    entries = words.count(done.entries, "entry", "entries")
    told = [f"{n} {word}" for n, word in ((done.new, "new"), (done.changed, "changed")) if n]
    state = "the walk would be believed" if done.believed else "what the walk saw is read as it was known"
    return f"with this layout {state}: {entries}, {', '.join(told) or 'none of them new or changed'}"


def _painted(line: str, paint: Paint) -> str:
    style = {"+": "added", "-": "removed", "@": "dim"}.get(line[:1], "")
    return paint(harmless(line), style) if style else harmless(line)
