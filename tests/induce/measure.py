"""Folders of page.html, selectors.toml and expected.json -> how well `suggest` reads each page.

    python tests/induce/measure.py [FOLDER]      prints a line a page, and how many of them are read as they should be

Of selectors.toml only the address is taken. A third of the pages is held out: nobody looked at these while the rules of
induce/ were made.
"""

from __future__ import annotations

import json
import sys
import tomllib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from coopscrape import canon
from coopscrape.model import Row
from coopscrape.run.suggest import suggested
from coopscrape.run.trial import page_of

FETCHED = "2024-03-01T12:00:00.000Z"  # as expected.json has it: a date without a year is the last such day before
MAKES = Path(__file__).parents[1] / "fixtures" / "makes"


@dataclass(frozen=True)
class Measured:
    """How many entries of one page were found, made up, and read as they should be."""

    page: str
    entries: int
    found: int
    invented: int
    titles: int
    links: int
    dates: int

    @property
    def good(self) -> bool:
        """All entries, no other, title and link right in all, the date in 95 of 100."""
        return (
            self.found == self.titles == self.links == self.entries
            and not self.invented
            and self.dates >= 0.95 * self.entries
        )


def measured(folder: Path) -> Measured:
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    page = page_of(folder / "page.html", address(folder))
    found = suggested(replace(page, fetched_at=FETCHED))
    shown = found.suggestion.extraction.rows if found.suggestion else ()
    rows = list({(row.key, row.content): row for row in shown}.values())  # what is shown twice is one entry
    return compared(folder.name, expected, rows)


def address(folder: Path) -> str:
    sources = tomllib.loads((folder / "selectors.toml").read_text("utf-8"))["sources"]
    url: str = next(iter(sources.values()))["url"]
    return url


def compared(page: str, expected: Sequence[Mapping[str, Any]], rows: Sequence[Row]) -> Measured:
    """Entry by entry, in the order of the page; an entry is found if its title or its link is."""
    left = list(rows)
    pairs = []
    for entry in expected:
        row = next((row for row in left if _same(row, entry)), None)
        if row is not None:
            left.remove(row)
            pairs.append((entry, row.content))
    return Measured(
        page,
        len(expected),
        len(pairs),
        len(left),
        sum(canon.text(a["title"]) == canon.text(b.title) for a, b in pairs),
        sum(canon.link(a["link"]) == canon.link(b.link) for a, b in pairs),
        sum(a["date"] == b.date for a, b in pairs),
    )


def _same(row: Row, entry: Mapping[str, Any]) -> bool:
    title, link = canon.text(entry["title"]), canon.link(entry["link"])
    return canon.text(row.content.title) == title or (link is not None and canon.link(row.content.link) == link)


def folders(place: Path = MAKES) -> list[Path]:
    return sorted(path.parent for path in place.glob("*/expected.json") if (path.parent / "page.html").exists())


def held_out(name: str) -> bool:
    return zlib.crc32(name.encode()) % 3 == 0


def table(all_measured: Sequence[Measured]) -> str:
    lines = [f"{'page':26} entries  found  invented  title  link  date"]
    for one in all_measured:
        mark = "" if one.good else "  <--"
        held = " (held out)" if held_out(one.page) else ""
        found = f"{one.entries:7}  {one.found:5}  {one.invented:8}"
        lines.append(f"{one.page:26} {found}  {one.titles:5}  {one.links:4}  {one.dates:4}{mark}{held}")
    for words, some in (
        ("looked at while the rules were made", [one for one in all_measured if not held_out(one.page)]),
        ("held out", [one for one in all_measured if held_out(one.page)]),
        ("all", all_measured),
    ):
        lines.append(f"{sum(one.good for one in some)} of {len(some)} pages, {words}")
    return "\n".join(lines)


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else MAKES
    print(table([measured(folder) for folder in folders(place)]))
