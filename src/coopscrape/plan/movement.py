"""A page that was asked for twice -> whether the listing moved meanwhile; and the pages of a walk as they stood last. Pure.

While a long listing is read it may move. What comes in pushes the rest down: it is shown twice, nothing is passed over.
What is taken down lets the rest slip up: an entry may come to stand on a page that has been read, and is never shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from coopscrape.model import Content, Extraction, Row, Sight

SOME: Final = 3  # edits of one page that could be an accident
LONG: Final = 3  # pages; a walk of so many looks at its first page again when it is done


def moved(first: Extraction, again: Extraction) -> str | None:
    """What shows that entries may have slipped past the walk, in words; None if nothing does."""
    before, now = _keys(first.rows), _keys(again.rows)
    lost = [key for key in before if key not in now]
    if not lost or _pushed_down(before, now, lost):
        return None
    return f"{len(lost)} of its {len(before)} entries {'is' if len(lost) == 1 else 'are'} not on it any more"


def _pushed_down(before: Sequence[str], now: Sequence[str], lost: Sequence[str]) -> bool:
    """Its last entries made room for as many new ones, or more, and one that stayed is the last now."""
    stayed = len(before) - len(lost)
    came = sum(1 for key in now if key not in before)
    return stayed > 0 and list(before[stayed:]) == list(lost) and came >= len(lost) and now[-1] in before


def _keys(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.key for row in rows))


def _is_that_page(first: Extraction, again: Extraction) -> bool:
    """Whether most entries are still on it, or were pushed down, and most of them say what they said before.

    If not, another page stands at its address, or this one in another language: what that says is no news of this one.
    """
    before, now = _told(first.rows), _told(again.rows)
    both = [key for key in before if key in now]
    other = sum(1 for key in both if before[key] != now[key])
    here = 2 * len(both) >= len(before) or moved(first, again) is None
    return here and (other < SOME or 2 * other <= len(both))


def _told(rows: Sequence[Row]) -> dict[str, tuple[str | None, ...]]:
    """Key -> what only an edit changes. A date may be printed by the time that has passed."""
    return {row.key: (row.content.title, row.content.category, row.content.summary) for row in rows}


def still(first: Sequence[Sight], again: Sequence[Sight]) -> tuple[int, ...]:
    """The pages that said the same when they were asked for again."""
    said = {sight.number: sight.extraction.rows for sight in first}
    return tuple(sorted({one.number for one in again if said.get(one.number) == one.extraction.rows}))


def together(first: Sequence[Sight], again: Sequence[Sight]) -> tuple[Sight, ...]:
    """The pages in order. One that was asked for again is shown as it was then; what it does not show any more stands
    where it stood, behind its neighbour. An entry that both show says what it says on the second. If the second is another
    page, the first counts.
    """
    calm, pages = still(first, again), {sight.number: sight.extraction for sight in first}
    changed = (one for one in again if one.number in pages and one.number not in calm)
    later = {one.number: one for one in changed if _is_that_page(pages[one.number], one.extraction)}
    if not later:
        return tuple(first)
    often = Counter(row.key for sight in first for row in sight.extraction.rows)
    anew = {row.key: row.content for one in later.values() for row in one.extraction.rows if often[row.key] <= 1}
    return tuple(one for sight in first for one in _renewed(sight, later.get(sight.number), anew))


def _renewed(sight: Sight, later: Sight | None, anew: Mapping[str, Content]) -> Iterator[Sight]:
    if later is None:
        yield _showing(sight, [row for row in sight.extraction.rows if anew.get(row.key, row.content) == row.content])
        return
    kept = _behind(sight.extraction.rows, anew)
    before = kept.pop(None, []) if any(row.key in anew for row in sight.extraction.rows) else []
    rows = [(sight, row) for row in before]
    for row in later.extraction.rows:
        rows += [(later, row), *((sight, one) for one in kept.pop(row.key, ()))]
    rows += [(sight, row) for left in kept.values() for row in left]
    for one, part in groupby(rows, lambda pair: pair[0]):
        yield _showing(one, [row for _, row in part])


def _behind(rows: Sequence[Row], anew: Collection[str]) -> dict[str | None, list[Row]]:
    """The rows that are not shown again, by the key of the one shown again that they stood behind; None: before all."""
    found: dict[str | None, list[Row]] = {}
    neighbour = None
    for row in rows:
        if row.key in anew:
            neighbour = row.key
        else:
            found.setdefault(neighbour, []).append(row)
    return found


def _showing(sight: Sight, rows: Sequence[Row]) -> Sight:
    if len(rows) == len(sight.extraction.rows):
        return sight
    return replace(sight, extraction=replace(sight.extraction, rows=tuple(rows)))
