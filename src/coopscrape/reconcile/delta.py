"""(known entries, one walk) -> Delta. The only place that knows what new, changed, missing, gone and back mean. Pure.

Additions always count. Absence counts only where the walk proved that it looked: everywhere, if it came to the
listing's own end; before a place that it passed, if it stopped early; nowhere, if it was cut off.
"""

from __future__ import annotations

import re
from bisect import bisect, bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from coopscrape import canon
from coopscrape.model import Change, Content, Coverage, Delta, End, Entry, Kind, Row, Version, Walk

# A prefix passed an absent entry if at least so many entries that stood behind it are shown, in their old order.
# One alone proves nothing: it may have been moved up, past entries that are still where they were.
WITNESSES: Final = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as a walk shows it: its own key, its place, and the page that says so."""

    key: str
    row: Row
    number: int
    page: int
    at: str


def reconcile(
    known: Mapping[str, Entry],
    walk: Walk,
    coverage: Coverage,
    confirm_gone: int,
    length: int | None = None,
    *,
    rolls: bool = False,
) -> Delta:
    """What a believed walk changes. `known`: the entries of its source by key, gone ones included; `rolls`: it is a feed.

    `length`: how many entries the listing had when it was last seen whole; None: that is not known.
    """
    shown, warnings = show(known, walk)
    absent = _absent(known, shown, coverage)
    if rolls:
        absent, slid = _rolled(known, shown, absent, walk) if coverage is Coverage.PREFIX else (absent, frozenset())
    else:
        slid = _slid_off(known, shown, absent, length) if coverage is Coverage.COMPLETE else frozenset()
    gone = frozenset(key for key in absent - slid if known[key].missed + 1 >= confirm_gone)
    places = _places({key: one for key, one in known.items() if key not in slid | gone}, [one.key for one in shown])
    book = _Book(walk)
    for one in shown:
        before = known.get(one.key)
        if before is None:
            book.new(one, places[one.key])
        else:
            book.seen(before, one, places[one.key])
    # In the listing's order, not the mapping's: the same walk must make the same changes whoever remembers the entries.
    for key, before in sorted(known.items(), key=lambda item: (item[1].place, item[0])):
        if key not in book.touched:
            after = replace(before, place=places.get(key, before.place))
            if key in slid:
                after = replace(after, slid_since=book.now, missing_since=None, missed=0)
            elif key in absent:
                after = book.absent(after, gone=key in gone)
            book.keep(before, after)
    return Delta(walk.id, tuple(book.entries), tuple(book.versions), tuple(book.changes), tuple(warnings))


def show(known: Mapping[str, Entry], walk: Walk) -> tuple[list[Shown], list[str]]:
    """The entries of a walk, each once, numbered through; and what is odd about their keys.

    Two rows with one key: the same content counts once; different content keeps both, the further ones as `key#2` ...
    Which is which is settled by content first, so that a change of order is no change of the entries.
    """
    rows: list[tuple[Row, int, str]] = []
    alike: dict[str, list[int]] = defaultdict(list)
    spots: list[tuple[int, int]] = []
    for s, sight in enumerate(walk.sights):
        for r, row in enumerate(sight.extraction.rows):
            if not any(same(rows[i][0].content, row.content) for i in alike[row.key]):
                alike[row.key].append(len(rows))
                rows.append((row, sight.page, sight.at))
                spots.append((s, r))
    keys: dict[int, str] = {}
    warnings = []
    moved = len({sight.number for sight in walk.sights}) < len(walk.sights)  # a page was another when asked for again
    for base, indexes in alike.items():
        if moved and _edited_meanwhile(known, walk, base, [spots[i] for i in indexes]):
            del indexes[0]
        if len(indexes) == 1 and _twin(base, 2) not in known:
            keys[indexes[0]] = _twin(base, 1)
            continue
        if len(indexes) > 1:
            titles = "; ".join(repr(rows[i][0].content.title) for i in indexes[:3])
            warnings.append(f"{len(indexes)} different entries share the key {base!r} ({titles}); see `key`")
        keys |= _tell_apart(base, {i: rows[i][0].content for i in indexes}, known)
    shown = [
        Shown(keys[i], row, row.number if row.number is not None else place, page, at)
        for place, (i, (row, page, at)) in enumerate(((i, one) for i, one in enumerate(rows) if i in keys), 1)
    ]
    return shown, warnings


def _edited_meanwhile(known: Mapping[str, Entry], walk: Walk, base: str, spots: Sequence[tuple[int, int]]) -> bool:
    """One known entry, not two: it was pushed from the end of a page onto the next, and edited, while both were read."""
    if len(spots) != 2 or _twin(base, 1) not in known or _twin(base, 2) in known:
        return False
    (s, i), (t, j) = spots
    if t != s + 1:
        return False
    before, after = ([row.key for row in walk.sights[n].extraction.rows] for n in (s, t))
    pushed = len(before) - i + j
    return before[-pushed:] == after[:pushed]


def _tell_apart(base: str, contents: Mapping[int, Content], known: Mapping[str, Entry]) -> dict[int, str]:
    """A key of its own for each of the entries that share `base`: that of the same content, else the next."""
    slots = [_twin(base, 1)]
    while _twin(base, len(slots) + 1) in known:
        slots.append(_twin(base, len(slots) + 1))
    free = sorted((slot for slot in slots if slot in known), key=lambda slot: not is_listed(known[slot]))
    keys: dict[int, str] = {}
    for i, content in contents.items():
        slot = next((slot for slot in free if same(known[slot].content, content)), None)
        if slot is not None:
            keys[i] = slot
            free.remove(slot)
    fresh = len(slots) if slots[0] in known else 0
    for i in contents:
        if i not in keys and free:
            keys[i] = free.pop(0)
        elif i not in keys:
            fresh += 1
            keys[i] = _twin(base, fresh)
    return keys


def twins(known: Mapping[str, Entry], base: str) -> Iterator[Entry]:
    """The known entries that a page gives the key `base`."""
    n = 1
    while (key := _twin(base, n)) in known:
        yield known[key]
        n += 1


def _twin(base: str, n: int) -> str:
    """The key of the n-th entry that a page gives the key `base`. No two (base, n) have one key: see "v1#2"."""
    return base if n == 1 and not re.search(r"#\d+\Z", base) else f"{base}#{n}"


# -- what is a difference ---------------------------------------------------------------------------


def differences(old: Content, new: Content) -> list[tuple[str, str | None, str | None]]:
    """(field, old, new) for each field that says something else. Compared in canonical form, NULL-safe."""
    found: list[tuple[str, str | None, str | None]] = [
        (name, before, after)
        for name, before, after in (
            ("category", old.category, new.category),
            ("title", old.title, new.title),
            ("summary", old.summary, new.summary),
        )
        if before != after and canon.text(before) != canon.text(after)
    ]
    if not _same_date(old, new):
        found.append(("date", *_dates(old, new)))
    if old.link != new.link and canon.link(old.link) != canon.link(new.link):
        found.append(("link", old.link, new.link))
    if old.extra == new.extra:
        return found
    before_extra, after_extra = dict(old.extra), dict(new.extra)
    found += [
        (name, before_extra.get(name), after_extra.get(name))
        for name in dict.fromkeys((*before_extra, *after_extra))
        if canon.text(before_extra.get(name)) != canon.text(after_extra.get(name))
    ]
    return found


def _same_date(old: Content, new: Content) -> bool:
    """The same day, or the same words: "5 March" read in another year is still what the page said."""
    if _same_words(old, new):
        return True
    return old.date == new.date and (old.date is not None or old.date_text is new.date_text is None)


def _same_words(old: Content, new: Content) -> bool:
    if old.date_text == new.date_text:
        return old.date_text is not None
    return old.date_text is not None and canon.text(old.date_text) == canon.text(new.date_text)


def _dates(old: Content, new: Content) -> tuple[str | None, str | None]:
    """The two dates; where one could be read and the other not, and they look the same, the words that differ."""
    dates = old.date or old.date_text, new.date or new.date_text
    return dates if dates[0] != dates[1] else (old.date_text, new.date_text)


def same(old: Content, new: Content) -> bool:
    return old == new or not differences(old, new)


# -- the book of one walk ---------------------------------------------------------------------------


class _Book:
    """Takes down what a walk changes, in the order of the listing."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.now = walk.sights[-1].at if walk.sights else walk.finished
        self.touched: set[str] = set()
        self.entries: list[Entry] = []
        self.versions: list[Version] = []
        self.changes: list[Change] = []

    def new(self, one: Shown, place: int) -> None:
        entry = Entry(
            id=canon.entry_id(self.walk.source, one.key),
            source=self.walk.source,
            key=one.key,
            number=one.number,
            place=place,
            content=one.row.content,
            versions=1,
            first_seen=one.at,
            last_seen=one.at,
        )
        self.touched.add(one.key)
        self.entries.append(entry)
        self._version(entry, one)
        self._change(Kind.NEW, entry, one.at)

    def seen(self, before: Entry, one: Shown, place: int) -> None:
        self.touched.add(one.key)
        fields = [] if before.content == one.row.content else differences(before.content, one.row.content)
        after = replace(
            before,
            number=one.number,
            place=place,
            last_seen=one.at,
            missing_since=None,
            missed=0,
            slid_since=None,
            gone_since=None,
        )
        if fields:
            after = replace(after, content=_succeed(before.content, one.row.content), versions=before.versions + 1)
        self.keep(before, after)
        if fields:
            self._version(after, one)
        if before.gone_since is not None:
            self._change(Kind.BACK, after, one.at)
        for name, old, new in fields:
            self._change(Kind.CHANGED, after, one.at, name, old, new)

    def absent(self, before: Entry, *, gone: bool) -> Entry:
        since = before.missing_since or self.now
        after = replace(before, missing_since=since, missed=before.missed + 1)
        if gone:
            after = replace(after, gone_since=since)
            self._change(Kind.GONE, after, since)
        return after

    def keep(self, before: Entry, after: Entry) -> None:
        if after != before:
            self.entries.append(after)

    def _version(self, entry: Entry, one: Shown) -> None:
        self.versions.append(Version(entry.id, entry.versions, one.at, one.page, one.number, entry.content))

    def _change(
        self,
        kind: Kind,
        entry: Entry,
        at: str,
        field: str | None = None,
        old: str | None = None,
        new: str | None = None,
    ) -> None:
        self.changes.append(Change(self.walk.id, len(self.changes) + 1, kind, entry, at, field, old, new))


def _succeed(old: Content, new: Content) -> Content:
    """The new content as printed; but a date whose words are the same keeps its first reading."""
    return replace(new, date=old.date) if _same_words(old, new) else new


# -- absence ----------------------------------------------------------------------------------------


def listed(known: Mapping[str, Entry]) -> list[Entry]:
    """What the listing is believed to show, in its order."""
    return sorted(
        (one for one in known.values() if is_listed(one)),
        key=lambda one: (one.place, one.key),
    )


def is_listed(one: Entry) -> bool:
    return one.gone_since is None and one.slid_since is None


def _absent(known: Mapping[str, Entry], shown: Sequence[Shown], coverage: Coverage) -> frozenset[str]:
    """The listed entries whose place the walk covered without showing them."""
    seen = {one.key for one in shown}
    unseen = [one for one in listed(known) if one.key not in seen]
    if coverage is Coverage.COMPLETE:
        return frozenset(one.key for one in unseen)
    if coverage is not Coverage.PREFIX:
        return frozenset()
    passed = _passed(known, shown)
    covered = frozenset(one.key for one in unseen if one.place < passed)
    # More gaps than entries: the listing was put into another order, which proves nothing about any of them.
    return covered if len(covered) <= len(seen & known.keys()) else frozenset()


def slipped(known: Mapping[str, Entry], walk: Walk, coverage: Coverage, *, overran: bool) -> list[int]:
    """Numbers of pages onto which absent entries may have come after those were read.

    They stood just behind the end of such a page, and slipped up; or the page pushed its last entry onto the next, for
    something that came in above.

    `overran`: the walk came to its end on a page beyond the last entries, not on the page that holds them.
    """
    shown = show(known, walk)[0]
    numbers = {sight.page: sight.number for sight in walk.sights}
    page = {one.key: numbers[one.page] for one in shown}
    present = [one for one in listed(known) if one.key in page]
    places = [one.place for one in present]
    last = max(page.values(), default=0)
    absent = _absent(known, shown, coverage)
    found = _pushing(walk) if absent else set()
    for key in absent:
        i = bisect(places, known[key].place)
        before = page[present[i - 1].key] if i else 0
        behind = page[present[i].key] if i < len(present) else last + overran
        found |= {before} if 0 < before < behind else set()
    return sorted(found)


def _pushing(walk: Walk) -> set[int]:
    """Pages whose last entry the next one shows, too."""
    keys: dict[int, set[str]] = defaultdict(set)
    last: dict[int, set[str]] = defaultdict(set)
    for sight in walk.sights:
        keys[sight.number] |= {row.key for row in sight.extraction.rows}
        last[sight.number] |= {row.key for row in sight.extraction.rows[-1:]}
    return {number for number, ends in list(last.items()) if ends & keys.get(number + 1, set())}


def _passed(known: Mapping[str, Entry], shown: Sequence[Shown]) -> int:
    """The place before which a prefix has looked everywhere: that of the last witness but WITNESSES - 1."""
    places = [known[one.key].place for one in shown if one.key in known and is_listed(known[one.key])]
    # Read from the end, only entries that kept their order count: a witness must not stand behind a later one.
    witnesses: list[int] = []
    for place in reversed(places):
        if not witnesses or place < witnesses[-1]:
            witnesses.append(place)
    return witnesses[WITNESSES - 1] + 1 if len(witnesses) >= WITNESSES else 0


def _slid_off(
    known: Mapping[str, Entry], shown: Sequence[Shown], absent: frozenset[str], length: int | None
) -> frozenset[str]:
    """Absent entries that stood behind all that is still shown, in a listing that did not get shorter.

    A rolling list drops its end for what comes in at the top: that is a place, not a loss. What came in during walks
    that stopped early did so, too; so more may be listed, as far as is known, than the listing ever had at once.
    """
    standing = listed(known)
    seen = {one.key for one in shown}
    last = _last_in_order([known[one.key].place for one in shown if one.key in known and is_listed(known[one.key])])
    unmissed = sum(1 for one in standing if one.missing_since is None)
    expected = unmissed if length is None else min(unmissed, length)
    if len(seen) < expected or not last:  # nothing known is shown: that is another page as likely as a long absence
        return frozenset()
    return frozenset(
        one.key for one in standing if one.key in absent and one.place > last and one.missing_since is None
    )


def _last_in_order(places: Sequence[int]) -> int:
    """The last place of those that kept their order; what was moved up past the others says nothing."""
    return max(_in_order(places), default=0)


def _in_order(places: Sequence[int]) -> frozenset[int]:
    """Those that kept their order, the most that did: a longest rising subsequence, of several the lowest."""
    ends: list[int] = []  # of the rising sequences of each length: the lowest
    before: dict[int, int | None] = {}
    for place in places:
        i = bisect_left(ends, place)
        before[place] = ends[i - 1] if i else None
        ends[i : i + 1] = [place]
    kept: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return frozenset(kept)


def _rolled(
    known: Mapping[str, Entry], shown: Sequence[Shown], absent: frozenset[str], walk: Walk
) -> tuple[frozenset[str], frozenset[str]]:
    """(absent, slid off) of a feed. What left it at an end has slid off, whatever the reason; absent is what lacks between.

    The front is no end of a feed that is sorted by date, the latest first: what is newer than what it shows is not too old.
    """
    seen = {one.key for one in shown}
    standing = listed(known)
    places = [one.place for one in standing if one.key in seen]
    first = 0 if _latest_first(shown) else min(places, default=0)
    last = max(places, default=0)
    before = frozenset(one.key for one in standing if one.key not in seen and one.place <= first)
    behind = frozenset(one.key for one in standing if one.key not in seen and one.place > last)
    went_to_the_end = shown and walk.ended.why is End.LISTING
    return absent - before - behind, before | behind if went_to_the_end else frozenset()


def _latest_first(shown: Sequence[Shown]) -> bool:
    days = [one.row.content.date or "" for one in shown]
    return all(days) and all(a >= b for a, b in pairwise(days))


def _places(known: Mapping[str, Entry], seen: Sequence[str]) -> dict[str, int]:
    """Where everything that is listed stands now: as shown; what was not shown stays behind its old neighbour.

    What is new there stands before it, as the walk has seen: the end of a prefix says nothing of what follows. What had
    no neighbour before it stays before the one behind it; without any, it stands behind everything that is shown. An entry
    that was moved past others is nobody's neighbour: it does not drag along what stood beside it.
    """
    standing = listed(known)
    shown, neighbour = set(seen), None
    kept = _in_order([known[key].place for key in seen if key in known and is_listed(known[key])])
    behind: dict[str | None, list[str]] = defaultdict(list)
    stood: dict[str, bool] = {}  # what is shown and kept its order -> whether it was the first of these
    for one in standing:
        if one.key not in shown:
            behind[neighbour].append(one.key)
        elif one.place in kept:
            neighbour = one.key
            stood[neighbour] = not stood
    order: list[str] = []
    waiting: list[str] = []
    for key in seen:
        if key in stood:
            order += waiting + (behind[None] if stood[key] else [])
            waiting = behind[key]
        order.append(key)
    order += waiting + ([] if stood else behind[None])
    return {key: place for place, key in enumerate(order, 1)}
