"""(Source, Walk, what is usual) -> doubts: is this still the listing we know? Pure; judged before anything is believed.

A page that answers 200 may be a captcha, a login, a notice of maintenance, or the same list in new clothes. Each doubt
is a sentence that names the page, the field, the number and the usual number. No doubt: ().
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Final

from coopscrape import canon
from coopscrape.model import Content, Field, Row, Sight, Source, Usual, Walk

# A page of one or two rows may lack a field by chance (the last page of a listing often is so short).
PAGE_MEANS_SOMETHING: Final = 3  # rows
# Listings shed entries, but not half of them between two visits; below this number one entry more or less is much.
COUNT_MEANS_SOMETHING: Final = 4  # entries, usually
# A field nearly always there that is nearly never there now: between the two lie real changes of habit.
USUALLY_FILLED: Final = 0.8
HARDLY_FILLED: Final = 0.3
FILLS_MEAN_SOMETHING: Final = 5  # rows
# A field that some entries never have: so seldom is it empty in as many rows by chance.
HARDLY_CHANCE: Final = 0.01
STANDARD: Final = ("category", "title", "date", "summary", "link")


def doubts(source: Source, walk: Walk, usual: Usual | None, titles: Collection[str | None] = ()) -> tuple[str, ...]:
    """Why this walk should not be believed, in words.

    `usual`: what the last complete walks were like that were, if there are any; `titles`: those of the known entries.
    """
    if not walk.sights:
        return (f"no page was read: {walk.ended.reason}",)
    found = [*_not_the_listing(source, walk, usual), *_empty_fields(source, walk, usual), *_one_title(walk, titles)]
    if usual:
        found += [*_repeated(walk, usual), *_fewer(source, walk, usual), *_cliffs(source, walk, usual)]
    if not found and walk.ended.why.value == "doubt":
        found.append(walk.ended.reason)
    return tuple(dict.fromkeys(found))


def fills(walk: Walk) -> tuple[tuple[str, float], ...]:
    """field -> share of rows in which it is neither missing nor blank, by name of field, four digits."""
    rows = _rows(walk)
    names = set(STANDARD).union(*(dict(row.content.extra) for row in rows))
    return tuple((name, round(_filled(rows, name) / len(rows), 4)) for name in sorted(names)) if rows else ()


def shown(walk: Walk) -> int:
    """How many entries the walk saw: distinct keys."""
    return len({row.key for row in _rows(walk)})


def shows(walk: Walk) -> tuple[int, ...]:
    """Of page 1, 2, 3 ...: how many entries it showed that none before it did, up to the last page that showed any.

    A page that was asked for again and had changed has never shown at once all that it showed: the most of the two counts.
    """
    seen: set[tuple[str, Content]] = set()
    counts: dict[int, Counter[int]] = {}
    for sight in walk.sights:
        rows = {(row.key, row.content) for row in sight.extraction.rows} - seen
        counts.setdefault(sight.number, Counter())[sight.page] += len(rows)
        seen |= rows
    most = {number: max(each.values()) for number, each in counts.items()}
    last = max((number for number, count in most.items() if count), default=0)
    return tuple(count for number, count in most.items() if number <= last)


def _rows(walk: Walk) -> list[Row]:
    return [row for sight in walk.sights for row in sight.extraction.rows]


def _filled(rows: Iterable[Row], name: str) -> int:
    values = map(attrgetter(f"content.{name}"), rows) if name in STANDARD else (_value(row, name) for row in rows)
    return sum(1 for value in values if value and not value.isspace())


def _value(row: Row, name: str) -> str | None:
    if name == "number":
        return None if row.number is None else str(row.number)
    if name not in STANDARD:
        return dict(row.content.extra).get(name)
    value: str | None = getattr(row.content, name)
    return value


# -- each page --------------------------------------------------------------------------------------------


def _not_the_listing(source: Source, walk: Walk, usual: Usual | None) -> Iterator[str]:
    for sight in walk.sights:
        yield from _strange(source, sight)
    if not walk.sights[0].extraction.rows and not (usual and not usual.entries):
        yield _no_entries(walk.sights[0])


def _strange(source: Source, sight: Sight) -> Iterator[str]:
    seen, reading = sight.extraction, source.reading
    if seen.trouble:
        yield f"page {sight.number}: {seen.trouble}"
        return
    if not seen.must_contain:
        yield f"page {sight.number}: must_contain {reading.must_contain!r} was not found"
    if seen.layout is None:
        guards = ", ".join(repr(layout.guard) for layout in reading.layouts)
        yield f"page {sight.number}: no layout reads it, none of the guards {guards} was found"


def _no_entries(sight: Sight) -> str:
    seen = sight.extraction
    if not seen.items:
        return f"page {sight.number}: no entries{f'; {seen.hint}' if seen.hint else ''}"
    return (
        f"page {sight.number}: no entries, {seen.items} items were dropped ({seen.dropped[0] if seen.dropped else '-'})"
    )


# -- fields that became empty -------------------------------------------------------------------------------


def _empty_fields(source: Source, walk: Walk, usual: Usual | None) -> Iterator[str]:
    """Fields that are not optional, and are empty on a whole page, or on all pages that declare them."""
    names = dict.fromkeys(f.name for s in walk.sights for f in _required(source, s))
    for name in names:
        sights = [s for s in walk.sights if s.extraction.rows and name in {f.name for f in _required(source, s)}]
        empty = [s for s in sights if not _filled(s.extraction.rows, name)]
        if not empty or not _says_something(walk, empty, name, usual):
            continue
        if len(empty) == len(sights):
            yield _is_empty(sights, name, usual)
        else:
            long = (s for s in empty if len(s.extraction.rows) >= PAGE_MEANS_SOMETHING)
            yield from (_is_empty([sight], name, usual) for sight in long)


def _says_something(walk: Walk, empty: Sequence[Sight], name: str, usual: Usual | None) -> bool:
    """Not if it is as seldom filled as it was, or if chance alone may leave so few rows empty."""
    if usual is None:
        return True
    share, now = (dict(measured).get(name, 0.0) for measured in (usual.fills, fills(walk)))
    return now < share and (1 - share) ** max(len(sight.extraction.rows) for sight in empty) < HARDLY_CHANCE


def _required(source: Source, sight: Sight) -> tuple[Field, ...]:
    layout = next((each for each in source.reading.layouts if each.name == sight.extraction.layout), None)
    return tuple(field for field in layout.fields if not field.optional) if layout else ()


def _is_empty(sights: Sequence[Sight], name: str, usual: Usual | None) -> str:
    """`page 2: date filled in 0 of 10 entries, usually 10 of 10`"""
    count = sum(len(sight.extraction.rows) for sight in sights)
    first, last = sights[0].number, sights[-1].number
    where = f"page {first}" if first == last else f"pages {first} to {last}"
    share = dict(usual.fills).get(name) if usual else None
    usually = "" if share is None else f", usually {round(share * count)} of {count}"
    return f"{where}: {name} filled in 0 of {_entries(count)}{usually}"


def _entries(count: int) -> str:
    return f"{count} entr{'y' if count == 1 else 'ies'}"


# -- against what is usual ------------------------------------------------------------------------------------


def _fewer(source: Source, walk: Walk, usual: Usual) -> Iterator[str]:
    """Only of a walk that came to the listing's end: any other saw fewer because it stopped."""
    count = shown(walk)
    came_to_the_end = walk.ended.why.value == "listing"
    if came_to_the_end and usual.entries >= COUNT_MEANS_SOMETHING and count < source.doubt.fewer * usual.entries:
        yield f"{_entries(count)} on {_pages(len(walk.sights))}, usually {usual.entries} on {usual.pages}"


def _repeated(walk: Walk, usual: Usual) -> Iterator[str]:
    """A page that says the same entry again and again, in a listing that had several."""
    for sight in walk.sights:
        rows = sight.extraction.rows
        if len(rows) >= PAGE_MEANS_SOMETHING and usual.entries > 1 and len({row.key for row in rows}) == 1:
            yield f"page {sight.number}: one entry {len(rows)} times, usually {usual.entries} entries"


def _pages(count: int) -> str:
    return f"{count} page{'' if count == 1 else 's'}"


def _cliffs(source: Source, walk: Walk, usual: Usual) -> Iterator[str]:
    """Fields that fell from usually to hardly filled, and are not empty throughout (which is told elsewhere)."""
    rows, now = _rows(walk), dict(fills(walk))
    told = {f.name for s in walk.sights for f in _required(source, s)}
    for name, share in usual.fills if len(rows) >= FILLS_MEAN_SOMETHING else ():
        fallen = name in now and share >= USUALLY_FILLED and now[name] < HARDLY_FILLED
        if fallen and (now[name] > 0 or name not in told):
            usually = round(share * len(rows))
            yield f"{name} filled in {round(now[name] * len(rows))} of {_entries(len(rows))}, usually {usually}"


def _one_title(walk: Walk, titles: Collection[str | None]) -> Iterator[str]:
    """A selector that slid onto something every entry has, such as "Read more"; unless they always had one title."""
    rows = _rows(walk)
    title, *others = {canon.text(row.content.title) for row in rows} or {None}
    was = {canon.text(one) for one in titles}
    if title and not others and was != {title} and len({row.key for row in rows}) >= PAGE_MEANS_SOMETHING:
        yield f"all {_entries(len(rows))} have one title, {title[:60]!r}"
