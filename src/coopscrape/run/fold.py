"""What a walk means: the one path from a walk to its verdict and its delta, for a crawl and for a rebuild alike.

This is what the law rests on, that a rebuilt archive equals the one that grew run by run.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from coopscrape import canon
from coopscrape.archive.read import MEASURED, Reader, Stored, WalkRecord, measures, usual_of
from coopscrape.config import recall
from coopscrape.extract import doubt, extract
from coopscrape.model import (
    Coverage,
    Delta,
    Detail,
    End,
    Ended,
    Entry,
    Extraction,
    Miss,
    Page,
    Request,
    Sight,
    Source,
    Strategy,
    Usual,
    Verdict,
    Visit,
    Walk,
    Why,
)
from coopscrape.plan.movement import LONG, moved, still, together
from coopscrape.plan.walk import nofollow, unlike
from coopscrape.plan.walk import walk as walking
from coopscrape.reconcile import enough, kept, learn, listed, overlooked, reconcile, slipped, unread, unsorted, upheaval
from coopscrape.report.said import count
from coopscrape.run.settings import JUDGES

COVERS: Final[Mapping[End, Coverage]] = {
    End.LISTING: Coverage.COMPLETE,
    End.LIMIT: Coverage.PREFIX,
    End.EARLY: Coverage.PREFIX,
    End.MOVED: Coverage.UNSTABLE,
    End.LEFTOVER: Coverage.PREFIX,
    End.MISS: Coverage.CUT,
    End.CUT: Coverage.CUT,
    End.DOUBT: Coverage.CUT,  # unless it is doubted, as it should be: then a person has accepted it
    End.REFUSED: Coverage.REFUSED,
}
# A walk that came to one of these has looked at all that it meant to; whether the listing stood still is another matter.
LOOKED: Final = frozenset({End.LISTING, End.LIMIT, End.EARLY, End.LEFTOVER})
CACHED: Final = 512  # extractions; a page that did not change is not read again


@dataclass(frozen=True, slots=True)
class Judged:
    """What one walk means."""

    verdict: Verdict
    delta: Delta
    recipe: str  # the one that read it
    own_pages: int = 0  # of its entries, that the walk asked for
    faults: tuple[str, ...] = ()  # why nothing came of some of these, in words


def judge(
    source: Source,
    walk: Walk,
    known: Mapping[str, Entry],
    usual: Usual | None,
    *,
    accepted: bool,
    names: Sequence[str] | None = None,
) -> Judged:
    """Doubt first: a doubted walk changes nothing, unless a person has accepted it. What own pages say stays as it is."""
    names = names_of(source) if names is None else names
    everything, known, listing = known, listed(known, names), unread(walk, names)
    coverage, reason = _coverage(source, walk)
    length, rolls = usual.length if usual else None, source.reading.feed is not None
    delta = reconcile(known, listing, coverage, source.confirm_gone, length, rolls=rolls)
    doubts = _doubts(source, walk, listing, known, usual, delta, coverage) if walk.sights else ()
    if doubts and not accepted:
        coverage, delta = Coverage.DOUBTED, Delta(walk.id)
    looked = coverage in (Coverage.COMPLETE, Coverage.PREFIX, Coverage.UNSTABLE) and source.newest_first
    late = overlooked(known, listing, delta) if looked and walk.ended.why is not End.EARLY else 0
    verdict = Verdict(
        walk=walk.id,
        coverage=coverage,
        reason=reason,
        doubts=doubts,
        entries=doubt.shown(walk),
        pages=len({sight.number for sight in walk.sights}),
        fills=doubt.fills(walk),
        warnings=(*delta.warnings, *(_disorder(source, walk, late) if looked else ())),
        shows=doubt.shows(walk),
        overlooked=late,
    )
    return Judged(verdict, kept(delta, everything, names), source.recipe)


def names_of(source: Source) -> tuple[str, ...]:
    """The fields that are read from the own pages of its entries."""
    return source.follow.names if source.follow is not None else ()


def _coverage(source: Source, walk: Walk) -> tuple[Coverage, str]:
    """A feed has no end: what it does not show any more, it may have had to drop."""
    coverage, reason = COVERS[walk.ended.why], walk.ended.reason
    if source.reading.feed is None or coverage is not Coverage.COMPLETE:
        return coverage, reason
    return Coverage.PREFIX, f"{reason}; a feed shows its latest entries, not all of them"


def _disorder(source: Source, walk: Walk, late: int) -> list[str]:
    """What speaks against the settings, which say that the newest entries stand first."""
    words = unsorted(walk)
    if words is None and late:
        words = f"{late} new or edited entries stand below where a quick walk stops"
    advice = f"remove it from [sources.{source.name}], or every visit but the whole ones will overlook such entries"
    return [f'order = "newest-first", but {words}: {advice}'] if words else []


def _doubts(
    source: Source,
    walk: Walk,
    listing: Walk,
    known: Mapping[str, Entry],
    usual: Usual | None,
    delta: Delta,
    coverage: Coverage,
) -> tuple[str, ...]:
    titles = {entry.content.title for entry in known.values() if entry.gone_since is None}
    return (
        *doubt.doubts(source, walk, usual, titles),
        *upheaval(known, listing, delta, coverage, usual, source.doubt),
    )


# -- a walk from the log ----------------------------------------------------------------------------------


Read = Callable[[Stored, Source], tuple[Page | Miss, Extraction | None]]


def reading(reader: Reader) -> Read:
    """Stored answer -> outcome and extraction. The same bytes under the same reading are parsed once."""
    cache: OrderedDict[tuple[object, ...], tuple[Page | Miss, Extraction | None]] = OrderedDict()

    def read(stored: Stored, source: Source) -> tuple[Page | Miss, Extraction | None]:
        if stored.digest is None:
            return reader.outcome(stored.page), None
        # The day counts, since a date without a year is read by it.
        key = (stored.digest, stored.url, stored.content_type, stored.at[:10], source.recipe)
        if key not in cache:
            page = reader.outcome(stored.page)
            extraction = extract(page, source.reading) if isinstance(page, Page) else None
            cache[key] = (replace(page, body=b"") if isinstance(page, Page) else page), extraction
            if len(cache) > CACHED:
                cache.popitem(last=False)
        page, extraction = cache[key]
        if isinstance(page, Page):
            page = replace(page, asked=stored.asked, fetched_at=stored.at, signals=stored.signals)
        return page, extraction

    return read


Memory = Callable[[], Mapping[str, Entry]]  # the known entries of the source


class Stepper:
    """A walk as it goes on, whoever brings the pages: what it wants next, what it has seen, how it ended.

    `known`: it may ask for a page once more when it is done, to see whether the listing moved; `quick`: it may stop
    early. Without `known` it goes where the log says that it went.
    """

    def __init__(
        self,
        source: Source,
        walk: int,
        started: str,
        max_pages: int,
        known: Memory | None = None,
        *,
        quick: bool = False,
    ) -> None:
        self.source = source
        self.id = walk
        self.started = started
        self.sights: list[Sight] = []
        self.again: list[Sight] = []
        self.ended: Ended | None = None
        self._known = known
        self.renewed = False  # a page was not as it was before this walk
        self.unfollowed: str | None = None  # where a page says that its links must not be followed
        self.stopped: int | None = None  # the page after which it had seen enough
        self._over: Ended | None = None
        self._asked: dict[int, str] = {}
        stops = (lambda pages: enough(known(), pages)) if known is not None and quick else None
        self._walk = walking(source, walk, max_pages, stops)
        self.wanted: Request = next(self._walk)

    def step(self, outcome: Page | Miss, extraction: Extraction | None, page: int) -> bool:
        """Take an answer; False when the walk has ended."""
        if self.wanted.again:
            self.look(self.wanted.again, outcome, extraction, page)
            return self._look_again()
        self._asked[self.wanted.number] = self.wanted.url
        if isinstance(outcome, Page) and extraction is not None:
            self.renewed |= outcome.fresh
            self.unfollowed = self.unfollowed or next(nofollow(outcome), None)
            self.sights.append(Sight(self.wanted.number, page, outcome.fetched_at, extraction))
        try:
            self.wanted = self._walk.send(Visit(outcome, extraction))
        except StopIteration as stop:
            self._over = stop.value
            self.stopped = max(self._asked) if stop.value.why is End.EARLY else None
            return self._look_again()
        return True

    @property
    def read(self) -> int:
        """The highest number of a page that it has asked for."""
        return max(self._asked, default=0) + len(self.again)

    def look(self, number: int, outcome: Page | Miss, extraction: Extraction | None, page: int) -> None:
        """A page that was asked for once more."""
        words = f"{outcome.why}: {outcome.detail}" if isinstance(outcome, Miss) else None
        if isinstance(outcome, Page) and extraction is not None:
            words = unlike(extraction, self.source.reading)
            if words is None:
                self.again.append(Sight(number, page, outcome.fetched_at, extraction))
        if words is not None and self._over is not None and self._over.why in LOOKED:
            again = f"{self.source.name} page {number}, asked for again: {words}"
            self._over = self.ended = Ended(End.MISS, again)

    def _look_again(self) -> bool:
        """When all is read: the page that must be looked at once more, or the end."""
        number = self._doubtful()
        if number is None:
            self.ended = self._over
            return False
        url, n = self._asked[number], max(self._asked) + len(self.again) + 1
        self.wanted = replace(self.wanted, url=url, asked=url, number=n, again=number)
        return True

    def _doubtful(self) -> int | None:
        """The first page of a long walk; then each page at whose end a known entry is missing, if all else stood still.

        None, if every page is as it was before the walk began: then they all stood so at one moment.
        """
        if self._known is None or self._over is None or self._over.why not in LOOKED or not self.renewed:
            return None
        seen = {one.number for one in self.again}
        if len(self.sights) >= LONG and 1 not in seen:
            return 1
        if self._movement():
            return None
        walk = self._so_far()
        overran = max(self._asked) > len(doubt.shows(walk))
        slips = slipped(self._known(), walk, COVERS[self._over.why], overran=overran)
        return next((number for number in slips if number not in seen), None)

    def _so_far(self) -> Walk:
        sights = together(self.sights, self.again)
        over = self._over or Ended(End.CUT, "")
        return Walk(self.id, self.source.name, self.started, self.started, sights, over, still(self.sights, self.again))

    def _movement(self) -> str | None:
        """That the listing moved while it was read, in words."""
        first = {one.number: one.extraction for one in self.sights}
        told = ((one.number, moved(first[one.number], one.extraction)) for one in self.again if one.number in first)
        number, words = next(((number, words) for number, words in told if words), (0, None))
        name = self.source.name
        return f"{name} page {number} was asked for again at the end: {words}, so the listing moved" if words else None

    def finished(self, at: str) -> Walk:
        if self.ended is None:
            raise RuntimeError(f"{self.source.name}: walk {self.id} has not ended")
        words = self._movement() if self.ended.why in LOOKED else None
        ended = self.ended if words is None else Ended(End.MOVED, words)
        return replace(self._so_far(), finished=at, ended=ended)


def follow(stepper: Stepper, answers: list[Stored], read: Read) -> list[Stored]:
    """Drive a walk with stored answers as far as they go; returns those that it did not come to."""
    left = {(stored.number, canon.link(stored.asked)): stored for stored in answers}
    while stepper.ended is None:
        stored = _stored_for(stepper.wanted, left)
        if stored is None:
            break
        del left[stored.number, canon.link(stored.asked)]
        outcome, extraction = read(stored, stepper.source)
        stepper.step(outcome, extraction, stored.page)
    return list(left.values())


def _stored_for(wanted: Request, left: Mapping[tuple[int, str | None], Stored]) -> Stored | None:
    """The same page of the walk at the same address; the first page is the first, though the source may have moved."""
    found = left.get((wanted.number, canon.link(wanted.url)))
    if found is None and wanted.number == 1:
        found = next((stored for (number, _), stored in left.items() if number == 1), None)
    return found


def parted(answers: Sequence[Stored]) -> tuple[list[Stored], list[tuple[int, Stored]]]:
    """The answers that a walk went by; and those to pages that it asked for once more, each with its number then."""
    went: dict[str | None, Stored] = {}
    again = []
    for stored in sorted(answers, key=lambda one: one.number):
        before = went.setdefault(canon.link(stored.asked), stored)
        if before is not stored:
            again.append((before.number, stored))
    return list(went.values()), again


def replay(record: WalkRecord, source: Source, made: Source, answers: list[Stored], read: Read) -> Walk:
    """A settled walk as `source` reads it today; on the way that it took then (`made`), if it comes to more by that.

    Which page followed which is a fact of the log: a pager that was replaced, or an address that moved, unsays no page.
    Only who says that the listing is a single page means it of the past, too.
    """
    walk = _replayed(record, source, answers, read)
    went = sum(1 for stored in parted(answers)[0] if stored.digest is not None)
    whole = len({sight.number for sight in walk.sights}) == went
    if whole or made.recipe == source.recipe or source.paging.strategy is Strategy.SINGLE:
        return walk
    way = replace(
        source,
        url=made.url,
        paging=made.paging,
        hosts=made.hosts,
        reading=replace(source.reading, next=made.reading.next),
        recipe=f"{source.recipe}, by the way of {made.recipe}",
    )
    then = _replayed(record, way, answers, read)
    return then if doubt.shown(then) > doubt.shown(walk) else walk


def _replayed(record: WalkRecord, source: Source, answers: list[Stored], read: Read) -> Walk:
    went, again = parted(answers)
    stepper = Stepper(source, record.id, record.started, record.stopped or record.max_pages)
    left = follow(stepper, went, read)
    for number, stored in again:
        stepper.look(number, *read(stored, source), stored.page)
    if stepper.ended is None:
        wanted = stepper.wanted
        words = f"{source.name} page {wanted.number}: {Why.UNASKED}: this walk never asked for {wanted.url}"
        stepper.ended = Ended(End.CUT, record.reason or words if record.ended == End.CUT else words)
    elif record.stopped is not None and stepper.ended.why is End.LIMIT:
        stepper.ended = Ended(End.EARLY, record.reason or stepper.ended.reason)
    elif stepper.ended.why == record.ended:
        stepper.ended = Ended(stepper.ended.why, record.reason or stepper.ended.reason)
    elif stepper.ended.why is End.LISTING and record.ended in (End.LIMIT, End.CUT) and _is_not_all(source, went):
        stepper.ended = Ended(End(record.ended), record.reason or stepper.ended.reason)
    elif stepper.ended.why is End.LISTING and any(stored.digest for stored in left):
        words = f"{source.name}: today's paging ends before page {min(stored.number for stored in left)} of this walk"
        stepper.ended = Ended(End.LEFTOVER, words)
    return stepper.finished(record.finished or record.started)


def _is_not_all(source: Source, went: Sequence[Stored]) -> bool:
    """Who says today that the listing is a single page means it of the past, too, if no other page was read."""
    return source.paging.strategy is not Strategy.SINGLE or len(went) > 1


# -- all walks of a source ----------------------------------------------------------------------------------


class Readings:
    """How a source is read today, and how it was read before, as the log remembers it."""

    def __init__(self, reader: Reader, source: Source) -> None:
        self.today = source
        self._reader = reader
        self._last_used = reader.recipes(source.name)  # the newest first
        self._recalled = {source.recipe: source}

    def by(self, recipe: str) -> Source:
        if recipe not in self._recalled:
            then = recall(self.today.name, self._reader.settings(self.today.name, recipe), JUDGES)
            self._recalled[recipe] = replace(then, recipe=recipe)
        return self._recalled[recipe]

    def since(self, record: WalkRecord) -> Iterator[Source]:
        """Today's, then those of later walks, the newest first, and last the one that it was made with.

        Today's stands aside in that order: it must not matter whether a walk has been made with it already.
        """
        yield self.today
        for recipe, walk in self._last_used.items():
            if walk > record.id and recipe not in (self.today.recipe, record.recipe):
                yield self.by(recipe)
        if record.recipe != self.today.recipe:
            yield self.by(record.recipe)


def derive(reader: Reader, source: Source) -> Iterator[Judged]:
    """The fold of a source from its log, walk by walk."""
    known: dict[str, Entry] = {}
    past: list[Verdict] = []
    read, readings, accepted = reading(reader), Readings(reader, source), reader.accepted()
    for record in reader.walks(source.name):
        judged = best(reader, record, readings, known, usual_of(past), read, accepted)
        known.update((entry.key, entry) for entry in judged.delta.entries)
        past = [*past, judged.verdict][-MEASURED:] if measures(judged.verdict) else past
        yield judged


def best(
    reader: Reader,
    record: WalkRecord,
    readings: Readings,
    known: Mapping[str, Entry],
    usual: Usual | None,
    read: Read,
    accepted: Mapping[int, str | None],
) -> Judged:
    """A walk by the newest reading that can be believed, from today's back to the one it was made with.

    Selectors that were replaced after a redesign, or broken by a slip, do not unsay what the older pages said; and all
    that the newer ones cannot read is read alike, so that no difference between two readings passes for an edit.
    """
    judged = _by_listing(reader, record, readings, known, usual, read, accepted)
    return by_own_pages(reader, record, readings, known, judged, read)


def _by_listing(
    reader: Reader,
    record: WalkRecord,
    readings: Readings,
    known: Mapping[str, Entry],
    usual: Usual | None,
    read: Read,
    accepted: Mapping[int, str | None],
) -> Judged:
    answers, made, names = reader.answers(record.id), readings.by(record.recipe), names_of(readings.today)

    def judged(source: Source, *, accepted: bool) -> Judged:
        walk = replay(record, source, made, answers, read)
        return judge(source, walk, known, usual, accepted=accepted, names=names)

    doubted: list[Judged] = []
    for source in readings.since(record):
        one = judged(source, accepted=False)
        if one.verdict.coverage is not Coverage.DOUBTED:
            return one
        doubted.append(one)
    if record.id not in accepted:
        return doubted[0]
    looked_at = judged(readings.by(accepted[record.id] or record.recipe), accepted=True)
    newer = ((source, judged(source, accepted=True)) for source in readings.since(record))
    return next((one for source, one in newer if _says_as_much(source, one.verdict, looked_at.verdict)), looked_at)


def _says_as_much(source: Source, newer: Verdict, accepted: Verdict) -> bool:
    """What a person accepted is what they saw: not that a slip in the selectors reads no titles there any more.

    A field that the newer settings do not ask for is none that they fail to read.
    """
    asked, fills = _fields_asked_for(source), dict(newer.fills)
    empty = any(2 * fills.get(name, share) < share for name, share in accepted.fills if name in asked)
    return newer.entries >= accepted.entries and not empty


def _fields_asked_for(source: Source) -> frozenset[str]:
    """The fields that its layouts ask for."""
    return frozenset(field.name for layout in source.reading.layouts for field in layout.fields)


# -- the own pages of its entries ----------------------------------------------------------------------------


def by_own_pages(
    reader: Reader, record: WalkRecord, readings: Readings, known: Mapping[str, Entry], judged: Judged, read: Read
) -> Judged:
    """A walk, and then what the own pages say that were asked for in it. Of a walk that is not believed they say nothing."""
    names = names_of(readings.today)
    answers = reader.details(record.id) if names else []
    if not answers or judged.verdict.coverage is Coverage.DOUBTED:
        return judged
    found = [_own_page(reader, record, readings, stored, read) for stored in answers]
    faults = [one for one in found if isinstance(one, str)]
    details = [one for one in found if isinstance(one, Detail)]
    delta, doubted = learn(judged.delta, known, details, readings.today.doubt.edited)
    faults += doubted
    warnings = judged.verdict.warnings
    if faults:
        words = f"nothing came of {len(faults)} of {count(len(answers), 'own page')} of entries: {faults[0]}"
        warnings = (*warnings, words if len(faults) == 1 else f"{words}, and the like")
    return Judged(replace(judged.verdict, warnings=warnings), delta, judged.recipe, len(answers), tuple(faults))


def _own_page(reader: Reader, record: WalkRecord, readings: Readings, stored: Stored, read: Read) -> Detail | str:
    """By the newest reading that can be believed, as a walk is read; else why it cannot."""
    names, faults = names_of(readings.today), []
    for source in readings.since(record):
        said = said_by(*read_own(stored, source, read), source) if source.follow is not None else None
        if isinstance(said, str):
            faults.append(said)
        elif any(value for name, value in said or () if name in names):
            fields = tuple(one for one in said or () if one[0] in names)
            return Detail(stored.asked, stored.page, stored.at, fields, _before(reader, readings.today, stored, read))
    return f"{stored.asked}: {faults[0]}"


def _before(reader: Reader, today: Source, stored: Stored, read: Read) -> Fields:
    """What the page said the time before."""
    before = reader.detail_before(stored.page)
    said = said_by(*read_own(before, today, read), today) if before is not None else ()
    return () if isinstance(said, str) else said


Fields = tuple[tuple[str, str | None], ...]


def read_own(stored: Stored, source: Source, read: Read) -> tuple[Page | Miss, Extraction | None]:
    """As an own page, not as a page of the listing."""
    follow = source.follow
    own = replace(source, reading=follow.reading, recipe=f"{source.recipe}, own page") if follow is not None else source
    return read(stored, own)


def said_by(outcome: Page | Miss, extraction: Extraction | None, source: Source) -> Fields | str:
    """What an own page says; or why it is not believed: it is none, or lacks a field that is not optional."""
    if isinstance(outcome, Miss) or extraction is None or source.follow is None:
        return f"{outcome.why}: {outcome.detail}" if isinstance(outcome, Miss) else "it was not read"
    if extraction.trouble or not extraction.must_contain:
        return extraction.trouble or f"must_contain {source.follow.reading.must_contain!r} was not found"
    fields = next((row.content.extra for row in extraction.rows), ())
    lacking = [one.name for one in source.follow.reading.layouts[0].fields if not one.optional]
    empty = [name for name in lacking if name in source.follow.names and not dict(fields).get(name)]
    if empty:
        return f"{' and '.join(empty)}: nothing was found (a field that may be absent says optional = true)"
    return fields if any(value for _, value in fields) else "none of its fields was found"
