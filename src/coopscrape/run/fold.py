"""What a walk means: the one path from a walk to its verdict and its delta, for a crawl and for a rebuild alike.

This is what the law rests on, that a rebuilt archive equals the one that grew run by run.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from coopscrape import canon
from coopscrape.archive.read import MEASURED, Reader, Stored, WalkRecord, measures, usual_of
from coopscrape.config import recall
from coopscrape.extract import doubt, extract
from coopscrape.model import (
    Coverage,
    Delta,
    End,
    Ended,
    Entry,
    Extraction,
    Miss,
    Page,
    Request,
    Sight,
    Source,
    Usual,
    Verdict,
    Visit,
    Walk,
    Why,
)
from coopscrape.plan.walk import walk as walking
from coopscrape.reconcile import reconcile, upheaval
from coopscrape.run.settings import JUDGES

COVERS: Final[Mapping[End, Coverage]] = {
    End.LISTING: Coverage.COMPLETE,
    End.LIMIT: Coverage.PREFIX,
    End.LEFTOVER: Coverage.PREFIX,
    End.MISS: Coverage.CUT,
    End.CUT: Coverage.CUT,
    End.DOUBT: Coverage.CUT,  # unless it is doubted, as it should be: then a person has accepted it
    End.REFUSED: Coverage.REFUSED,
}
CACHED: Final = 512  # extractions; a page that did not change is not read again


@dataclass(frozen=True, slots=True)
class Judged:
    """What one walk means."""

    verdict: Verdict
    delta: Delta
    recipe: str  # the one that read it


def judge(source: Source, walk: Walk, known: Mapping[str, Entry], usual: Usual | None, *, accepted: bool) -> Judged:
    """Doubt first: a doubted walk changes nothing, unless a person has accepted it."""
    coverage = COVERS[walk.ended.why]
    delta = reconcile(known, walk, coverage, source.confirm_gone)
    doubts = _doubts(source, walk, known, usual, delta, coverage) if walk.sights else ()
    if doubts and not accepted:
        coverage, delta = Coverage.DOUBTED, Delta(walk.id)
    verdict = Verdict(
        walk=walk.id,
        coverage=coverage,
        reason=walk.ended.reason,
        doubts=doubts,
        entries=doubt.shown(walk),
        pages=len(walk.sights),
        fills=doubt.fills(walk),
        warnings=delta.warnings,
        shows=doubt.shows(walk),
    )
    return Judged(verdict, delta, source.recipe)


def _doubts(
    source: Source, walk: Walk, known: Mapping[str, Entry], usual: Usual | None, delta: Delta, coverage: Coverage
) -> tuple[str, ...]:
    titles = {entry.content.title for entry in known.values() if entry.gone_since is None}
    return (
        *doubt.doubts(source, walk, usual, titles),
        *upheaval(known, walk, delta, coverage, usual, source.doubt),
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
        key = (stored.digest, stored.url, stored.at[:10], source.recipe)
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


class Stepper:
    """A walk as it goes on, whoever brings the pages: what it wants next, what it has seen, how it ended."""

    def __init__(self, source: Source, walk: int, started: str, max_pages: int) -> None:
        self.source = source
        self.id = walk
        self.started = started
        self.sights: list[Sight] = []
        self.ended: Ended | None = None
        self._walk = walking(source, walk, max_pages)
        self.wanted: Request = next(self._walk)

    def step(self, outcome: Page | Miss, extraction: Extraction | None, page: int) -> bool:
        """Take an answer; False when the walk has ended."""
        if isinstance(outcome, Page) and extraction is not None:
            self.sights.append(Sight(self.wanted.number, page, outcome.fetched_at, extraction))
        try:
            self.wanted = self._walk.send(Visit(outcome, extraction))
        except StopIteration as stop:
            self.ended = stop.value
            return False
        return True

    def finished(self, at: str) -> Walk:
        if self.ended is None:
            raise RuntimeError(f"{self.source.name}: walk {self.id} has not ended")
        return Walk(self.id, self.source.name, self.started, at, tuple(self.sights), self.ended)


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


def replay(record: WalkRecord, source: Source, answers: list[Stored], read: Read) -> Walk:
    """A settled walk as `source` reads it today."""
    stepper = Stepper(source, record.id, record.started, record.max_pages)
    left = follow(stepper, answers, read)
    if stepper.ended is None:
        wanted = stepper.wanted
        words = f"{source.name} page {wanted.number}: {Why.UNASKED}: this walk never asked for {wanted.url}"
        stepper.ended = Ended(End.CUT, record.reason or words if record.ended == End.CUT else words)
    elif stepper.ended.why == record.ended:
        stepper.ended = Ended(stepper.ended.why, record.reason or stepper.ended.reason)
    elif stepper.ended.why is End.LISTING and any(stored.digest for stored in left):
        words = f"{source.name}: today's paging ends before page {min(stored.number for stored in left)} of this walk"
        stepper.ended = Ended(End.LEFTOVER, words)
    return stepper.finished(record.finished or record.started)


# -- all walks of a source ----------------------------------------------------------------------------------


def derive(reader: Reader, source: Source) -> Iterator[Judged]:
    """The fold of a source from its log, walk by walk.

    Each walk is read as the source is read today; one that would be doubted so, as it was read when it was made:
    selectors that were replaced after a redesign, or broken by a slip, do not unsay what the older pages said.
    """
    known: dict[str, Entry] = {}
    past: list[Verdict] = []
    read = reading(reader)
    accepted = reader.accepted()
    for record in reader.walks(source.name):
        judged = _best(reader, source, record, known, usual_of(past), read, accepted=record.id in accepted)
        known.update((entry.key, entry) for entry in judged.delta.entries)
        past = [*past, judged.verdict][-MEASURED:] if measures(judged.verdict) else past
        yield judged


def _best(
    reader: Reader,
    source: Source,
    record: WalkRecord,
    known: Mapping[str, Entry],
    usual: Usual | None,
    read: Read,
    *,
    accepted: bool,
) -> Judged:
    answers = reader.answers(record.id)
    today = judge(source, replay(record, source, answers, read), known, usual, accepted=accepted)
    if today.verdict.coverage is not Coverage.DOUBTED or record.recipe == source.recipe:
        return today
    then = recall(source.name, reader.settings(source.name, record.recipe), JUDGES)
    then = replace(then, recipe=record.recipe)
    before = judge(then, replay(record, then, answers, read), known, usual, accepted=False)
    return today if before.verdict.coverage is Coverage.DOUBTED else before
