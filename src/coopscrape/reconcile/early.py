"""(known entries, pages of a listing that is sorted by date) -> may the walk stop here, what would it overlook? Pure.

Stopping at the first known entry is how others lost months: a late entry, an edit, a pinned row stand in its way. So a
walk stops after a whole page on which nothing is new, and a second one that says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from coopscrape.model import Change, Content, Delta, Entry, Extraction, Kind, Row, Walk
from coopscrape.reconcile.delta import WITNESSES, is_listed, listed, same, twins

OVERLAP: Final = 2  # pages one after the other on which nothing is new
DISORDER: Final = 0.2  # of the neighbours; so many dates that rise are no accident of editing
SOME: Final = 3


def enough(known: Mapping[str, Entry], pages: Sequence[Extraction]) -> bool:
    """Whether the last pages held nothing new, and the walk has passed every entry that is missing."""
    return len(pages) >= OVERLAP and all(_familiar(known, page) for page in pages[-OVERLAP:]) and _passed(known, pages)


def _familiar(known: Mapping[str, Entry], page: Extraction) -> bool:
    return bool(page.rows) and all(_unchanged(known, row) for row in page.rows)


def _unchanged(known: Mapping[str, Entry], row: Row) -> bool:
    return any(one.missing_since is None and same(one.content, row.content) for one in _candidates(known, row))


def _candidates(known: Mapping[str, Entry], row: Row) -> list[Entry]:
    return [one for one in twins(known, row.key) if is_listed(one)]


def _passed(known: Mapping[str, Entry], pages: Sequence[Extraction]) -> bool:
    """What is missing must be looked for where it stood: behind it, two entries are shown."""
    last = max((one.place for one in listed(known) if one.missing_since is not None), default=0)
    behind = {
        one.key for page in pages for row in page.rows for one in _candidates(known, row) if last and one.place > last
    }
    return not last or len(behind) >= WITNESSES


# -- what a walk found that went further -------------------------------------------------------------------


def overlooked(known: Mapping[str, Entry], walk: Walk, delta: Delta) -> int:
    """How many entries are new or changed below the page after which a quick walk would have stopped."""
    numbers = list(dict.fromkeys(sight.number for sight in walk.sights))
    pages = [_page(walk, number) for number in numbers]
    stop = next((number for i, number in enumerate(numbers, 1) if enough(known, pages[:i])), None)
    if stop is None:
        return 0
    below = {sight.page for sight in walk.sights if sight.number > stop}
    versions = {(one.entry, one.n): one.page for one in delta.versions}
    return len({one.entry.id for one in _said(delta.changes) if versions[one.entry.id, one.entry.versions] in below})


def _page(walk: Walk, number: int) -> Extraction:
    return Extraction(tuple(row for one in walk.sights if one.number == number for row in one.extraction.rows))


def _said(changes: Sequence[Change]) -> list[Change]:
    return [one for one in changes if one.kind in (Kind.NEW, Kind.CHANGED)]


def unsorted(walk: Walk) -> str | None:
    """What shows that a listing does not have its newest entries first, in words."""
    dates = [row.content for sight in walk.sights for row in sight.extraction.rows]
    pairs = [(a, b) for a, b in pairwise(_full_dates(dates))]
    rising = sum(a < b for a, b in pairs)
    if rising < SOME or rising <= DISORDER * len(pairs):
        return None
    return f"{rising} of {len(pairs) + 1} dated entries are younger than the entry above them"


def _full_dates(contents: Sequence[Content]) -> list[str]:
    return [one.date for one in contents if one.date and len(one.date) == len("2018-06-20")]
