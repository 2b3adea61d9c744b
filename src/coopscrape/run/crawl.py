"""selectors.toml + archive -> the archive as it is after visiting what is due.

Told in eleven lines: lock the archive, begin a run; settle or resume what a killed run left; derive the fold of a
source again if its recipe has changed; open a walk a source; let the brain fetch, log and pass on each page; when a
walk ends, judge it (doubt, coverage), reconcile it, and write down what it changed; say how it went.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from coopscrape.archive.read import Reader, WalkRecord
from coopscrape.archive.write import Writer
from coopscrape.config import Config, recall
from coopscrape.model import (
    Coverage,
    End,
    Ended,
    Entry,
    Extraction,
    Kind,
    Miss,
    Page,
    Report,
    Request,
    Source,
    epoch,
    host_of,
    stamp,
)
from coopscrape.plan.details import Due, due
from coopscrape.plan.sweep import full as must_be_full
from coopscrape.reconcile import listed
from coopscrape.report.said import count
from coopscrape.run.brain import Brain, Visiting
from coopscrape.run.clock import Clock
from coopscrape.run.events import Event, Listen, ignore
from coopscrape.run.fold import (
    Judged,
    Memory,
    Readings,
    Stepper,
    best,
    by_own_pages,
    follow,
    judge,
    names_of,
    parted,
    reading,
    said_by,
)
from coopscrape.run.hands import DEFAULT
from coopscrape.run.invocation import invocation
from coopscrape.run.rebuild import refold
from coopscrape.run.settings import JUDGES, chosen, manners
from coopscrape.run.visit import visit as really_visit
from coopscrape.version import __version__

# An interrupted walk goes on within this time; later, its pages and those to come would not show the same listing.
RESUMED_WITHIN: Final = 6 * 3600.0

# A listing that moves is no failure: what it showed counts, and the next walk looks again.
FINE: Final = frozenset({Coverage.COMPLETE, Coverage.PREFIX, Coverage.UNSTABLE})


@dataclass(frozen=True, slots=True)
class CrawlResult:
    """How a run went. `exit_code`: 0 fine, 1 some sources failed, 3 a source is in doubt."""

    run: int | None
    reports: tuple[Report, ...] = ()
    not_due: tuple[tuple[str, str], ...] = ()  # source, when it is due
    outcome: str = "ok"
    exit_code: int = 0
    trouble: tuple[str, ...] = ()  # lines for people


@dataclass(frozen=True, slots=True)
class Planned:
    """What a crawl would do with a source."""

    source: str
    url: str
    due: bool
    when: str  # the moment from which it is due
    why: str


def crawl(
    config: Config,
    archive: Path,
    *,
    names: Sequence[str] = (),
    everything: bool = False,
    full: bool = False,
    max_pages: int | None = None,
    hands: str | Executor = DEFAULT,
    wait: bool = False,
    command: str = "crawl",
    listen: Listen = ignore,
    clock: Clock | None = None,
    visit: Visiting = really_visit,
) -> CrawlResult:
    """Visit what is due (or named, or `everything`). Each page is committed as it comes.

    `full`: no walk stops early, whatever `order` says.

    Raises SettingsError, NotFoundError, LockedError, ArchiveError; Interrupted after SIGINT or SIGTERM.
    """
    clock = clock or Clock()
    sources = chosen(config, tuple(names))
    with Writer(archive, command, stamp(clock.now()), wait=wait) as writer:
        planned = _plan(sources, writer, clock.now(), everything=everything or bool(names))
        not_due = tuple((one.source, one.when) for one in planned if not one.due)
        visited = [config.sources[one.source] for one in planned if one.due]
        if not visited:
            return CrawlResult(None, not_due=not_due)
        with invocation(writer, command, clock) as run:
            crawler = _Crawl(config, writer, visited, max_pages, hands, listen, clock, visit, full=full)
            crawler.go()
            result = replace(_result(crawler.reports), run=run, not_due=not_due)
            writer.finish_run(result.outcome, stamp(clock.now()))
        return result


def plan(
    config: Config, archive: Path, *, names: Sequence[str] = (), everything: bool = False, full: bool = False
) -> list[Planned]:
    """What `crawl` would do now; asks nobody and writes nothing."""
    sources = chosen(config, tuple(names))
    now = Clock().now()
    if not archive.exists():
        return [_following(one, _planned(one, None, False, now, everything=True), None, now) for one in sources]
    with Reader.open(archive) as reader:
        planned = _plan(sources, reader, now, everything=everything or bool(names))
        reaching = (_reaching(config.sources[one.source], one, reader, now, full=full) for one in planned)
        return [_following(config.sources[one.source], one, reader, now) for one in reaching]


def _reaching(source: Source, one: Planned, reader: Reader, now: float, *, full: bool) -> Planned:
    """How far the visit would go, where that is not simply to the end."""
    if not source.newest_first:
        return one
    why = _why_full(source, reader, now, full=full)
    reach = "until nothing is new any more" if why is None else f"to the end: {why}"
    return replace(one, why=f"{one.why}; {reach}")


def _following(source: Source, one: Planned, reader: Reader | None, now: float) -> Planned:
    """How many own pages of entries would be asked for, as far as that is known before the listing is read."""
    if source.follow is None:
        return one
    found = due(source, reader.known(source.name).values(), reader.details_asked(source.name), now) if reader else Due()
    words = f"then {count(len(found.urls), 'own page')} of known entries, and those of new ones"
    return replace(one, why=f"{one.why}; {words}, {source.follow.limit} at most")


def _why_full(source: Source, reader: Reader, now: float, *, full: bool) -> str | None:
    """Why a walk must not stop early, in words; None: it may."""
    return "--full" if full else must_be_full(source, reader.walked(source.name), now)


def _plan(sources: Sequence[Source], reader: Reader, now: float, *, everything: bool) -> list[Planned]:
    last = reader.last_started()
    open_walks = {record.source for record in reader.open_walks()}
    return [_planned(one, last.get(one.name), one.name in open_walks, now, everything) for one in sources]


def _planned(source: Source, last: str | None, is_open: bool, now: float, everything: bool) -> Planned:
    plan = _due(source, last, is_open, now, everything)
    ignored = source.robots_ignored
    return plan if ignored is None else replace(plan, why=f"{plan.why}; robots.txt is not obeyed: {ignored}")


def _due(source: Source, last: str | None, is_open: bool, now: float, everything: bool) -> Planned:
    if is_open:
        return Planned(source.name, source.url, True, stamp(now), "its last walk was interrupted")
    if last is None:
        return Planned(source.name, source.url, True, stamp(now), "never visited")
    # A visit that seems to lie in the future: the clock was set back, and nobody knows how long ago it was.
    due = epoch(last) + source.every if epoch(last) <= now else now
    why = "named, or --all" if everything else f"last visited {last}, every {source.every:g} s"
    return Planned(source.name, source.url, everything or due <= now, stamp(due), why)


class _Crawl:
    """One run: its walks as they go on."""

    def __init__(
        self,
        config: Config,
        writer: Writer,
        sources: Sequence[Source],
        max_pages: int | None,
        hands: str | Executor,
        listen: Listen,
        clock: Clock,
        visit: Visiting,
        *,
        full: bool = False,
    ) -> None:
        self.writer = writer
        self.clock = clock
        self.reports: list[Report] = []
        self._config = config
        self._sources = {one.name: one for one in sources}
        self._max_pages = max_pages
        self._full = full
        self._listen = listen
        self._walks: dict[int, Stepper] = {}
        self._left: dict[int, int] = {}  # own pages of entries that a walk waits for
        self._remarks: dict[int, tuple[str, ...]] = {}
        self._read = reading(writer)
        self._brain = Brain(writer, self._sources, manners(config, __version__), hands, listen, clock, visit)

    def go(self) -> None:
        resumed = self._left_behind()
        for name, source in self._sources.items():
            self._refold(source)
            self._begin(source, resumed.get(name))
        self._brain.work(self._heed)

    # -- before the first request --

    def _left_behind(self) -> dict[str, WalkRecord]:
        """The open walks of killed runs that go on now. The others are settled as cut: what they saw counts."""
        resumed = {}
        for record in self.writer.open_walks():
            source = self._sources.get(record.source)
            young = 0 <= self.clock.now() - epoch(record.started) <= RESUMED_WITHIN
            if source is not None and young and record.recipe == source.recipe:
                resumed[record.source] = record
            elif source is not None or not young:
                self._cut(record)
        return resumed

    def _cut(self, record: WalkRecord) -> None:
        """Settle an interrupted walk that does not go on; judged as the fold was made, which it becomes a part of."""
        folded = self.writer.folded(record.source) or record.recipe
        then = recall(record.source, self.writer.settings(record.source, folded), JUDGES)
        source = replace(then, recipe=folded)
        pages = self.writer.pages_of(record.id)[0]
        ended = Ended(End.CUT, f"{record.source}: interrupted after {count(pages, 'page')}, and not resumed")
        with self.writer.transaction():
            self.writer.end_walk(record.id, ended, stamp(self.clock.now()))
            record = self.writer.walk(record.id)
            known, usual = self.writer.known(record.source), self.writer.usual(record.source)
            judged = best(self.writer, record, Readings(self.writer, source), known, usual, self._read, {})
            self._write(source, judged)
        self._tell("note", f"{ended.reason}: what it saw counts, what it did not see proves nothing", record.source)

    def _refold(self, source: Source) -> None:
        """An edited recipe is applied to all that is stored before anything new is read with it."""
        folded = self.writer.folded(source.name)
        if folded is None or folded == source.recipe:
            return
        done = refold(self.writer, source, stamp(self.clock.now()))
        read = count(done.walks, "stored walk was", "stored walks were")
        why = "its settings were edited" if folded else "this coopscrape keeps more of them"
        self._tell("note", f"{source.name}: {why}, so {read} read again")
        for words in done.doubts:
            self._tell("warning", words, source.name)

    def _begin(self, source: Source, record: WalkRecord | None) -> None:
        limit = self._max_pages or source.max_pages
        if record is None:
            now, quick = stamp(self.clock.now()), self._may_be_quick(source)
            walk = self.writer.open_walk(source, now, limit, quick=quick)
            stepper = Stepper(source, walk, now, limit, self._memory(source), quick=quick)
        else:
            # A Miss of the killed run is asked again: nobody knows whether it was its last try.
            pages = [stored for stored in self.writer.answers(record.id) if stored.digest is not None]
            # Today's limit counts; what has come counts too, whatever the limit was.
            limit = max([limit, *(stored.number for stored in parted(pages)[0])])
            quick = record.quick and not self._full
            self.writer.limit_walk(record.id, limit, quick=quick)
            stepper = Stepper(source, record.id, record.started, limit, self._memory(source), quick=quick)
            stepper.renewed = True  # nobody knows any more what was so before it was killed
            follow(stepper, pages, self._read)
            self._tell("note", f"{source.name}: goes on after page {len(stepper.sights)} of an interrupted walk")
        self._walks[stepper.id] = stepper
        if stepper.ended is not None:
            self._follow(stepper)
        else:
            self._brain.want(stepper.wanted)

    def _may_be_quick(self, source: Source) -> bool:
        """Whether a new walk may stop early; if it might and must not, that is told."""
        why = _why_full(source, self.writer, self.clock.now(), full=self._full)
        if why and source.newest_first and self.writer.walked(source.name):
            self._tell("note", f"{source.name}: reads all of it, {why}", source.name)
        return why is None

    def _memory(self, source: Source) -> Memory:
        """The known entries, asked for when they are needed; they stay the same while a walk goes on."""
        return cache(lambda: listed(self.writer.known(source.name), names_of(source)))

    # -- as answers come --

    def _heed(self, request: Request, outcome: Page | Miss, extraction: Extraction | None, page: int) -> None:
        """A page came, or will not come: the walk goes on, or ends."""
        stepper = self._walks[request.walk or 0]
        if request.detail:
            self._heed_own(stepper, request, outcome, extraction)
            return
        goes_on = stepper.step(outcome, extraction, page)
        self._tell_of(request, outcome, extraction)
        if goes_on:
            self._brain.want(stepper.wanted)
        else:
            self._follow(stepper)

    def _follow(self, stepper: Stepper) -> None:
        """The listing is read. The own pages of its entries come next, and then the walk is settled."""
        urls = self._own_pages(stepper)
        self._left[stepper.id] = len(urls)
        first = stepper.read + len(self.writer.details(stepper.id)) + 1
        for number, url in enumerate(urls, first):
            self._brain.want(Request(url, url, source=stepper.source.name, walk=stepper.id, number=number, detail=True))
        if not urls:
            self._settle(stepper)

    def _own_pages(self, stepper: Stepper) -> tuple[str, ...]:
        """Those that are due, if the listing is believed and lets its links be followed."""
        source = stepper.source
        if source.follow is None or not stepper.sights:
            return ()
        known, usual = self.writer.known(source.name), self.writer.usual(source.name)
        walk = stepper.finished(stamp(self.clock.now()))
        judged = judge(source, walk, known, usual, accepted=False)
        if judged.verdict.coverage is Coverage.DOUBTED:
            return ()
        known |= {entry.key: entry for entry in judged.delta.entries}
        asked = self.writer.details_asked(source.name)
        found = due(source, known.values(), asked, self.clock.now(), stepper.id)
        self._remarks[stepper.id] = tuple(_remarks_on(found, stepper.unfollowed))
        return () if stepper.unfollowed else found.urls

    def _heed_own(
        self, stepper: Stepper, request: Request, outcome: Page | Miss, extraction: Extraction | None
    ) -> None:
        self._left[stepper.id] -= 1
        self._tell_of_own(request, outcome, extraction)
        if not self._left[stepper.id]:
            self._settle(stepper)

    def _settle(self, stepper: Stepper) -> None:
        source = stepper.source
        del self._walks[stepper.id]
        walk = stepper.finished(stamp(self.clock.now()))
        with self.writer.transaction():
            self.writer.end_walk(walk.id, stepper.ended or walk.ended, walk.finished, stepper.stopped)
            known, usual = self.writer.known(source.name), self.writer.usual(source.name)
            judged = judge(source, walk, known, usual, accepted=False)
            record, readings = self.writer.walk(walk.id), Readings(self.writer, source)
            judged = by_own_pages(self.writer, record, readings, known, judged, self._read)
            self._write(source, judged, known)
            pages, unchanged = self.writer.pages_of(walk.id)
        report = Report(
            source=source.name,
            walk=walk.id,
            verdict=judged.verdict,
            pages=pages,
            unchanged_pages=unchanged,
            changes=judged.delta.changes,
            next_due=stamp(epoch(walk.started) + source.every),
            robots_ignored=source.robots_ignored,
            own_pages=judged.own_pages,
            own_missed=len(judged.faults),
            remarks=self._remarks.pop(walk.id, ()),
        )
        self.reports.append(report)
        verdict = judged.verdict
        facts = {"coverage": str(verdict.coverage), "pages": pages, "entries": verdict.entries, "walk": walk.id}
        self._tell("settled", f"{source.name}: {verdict.coverage}, {verdict.reason}", source.name, **facts)

    def _write(self, source: Source, judged: Judged, known: Mapping[str, Entry] | None = None) -> None:
        self.writer.apply(judged.verdict, judged.delta, judged.recipe, known)
        if self.writer.folded(source.name) is None:
            self.writer.folded_with(source.name, source.recipe)

    # -- telling --

    def _tell_of(self, request: Request, outcome: Page | Miss, extraction: Extraction | None) -> None:
        name, number = request.source or "", request.again or request.number
        if isinstance(outcome, Miss):
            self._tell("missed", f"{name} page {number}: {outcome.why}: {outcome.detail} ({outcome.url})", name)
            return
        rows = len(extraction.rows) if extraction else 0
        state = (" again" if request.again else "") + ("" if outcome.fresh else " (not changed)")
        facts = {"number": number, "entries": rows, "status": outcome.status, "url": outcome.url}
        self._tell(
            "page",
            f"{name} page {number}: {count(rows, 'entry', 'entries')}{state}",
            name,
            fresh=outcome.fresh,
            **facts,
        )

    def _tell_of_own(self, request: Request, outcome: Page | Miss, extraction: Extraction | None) -> None:
        name, source = request.source or "", self._sources[request.source or ""]
        said = said_by(outcome, extraction, source)
        if isinstance(said, str):
            self._tell("missed", f"{name}, own page {request.asked}: {said}", name)
            return
        found = [field for field, value in said if value]
        facts = {"number": request.number, "entries": 0, "fields": found, "status": outcome.status, "url": outcome.url}
        state = "" if isinstance(outcome, Page) and outcome.fresh else " (not changed)"
        self._tell("page", f"{name}, own page {request.asked}: {', '.join(found)}{state}", name, **facts)

    def _tell(self, kind: str, text: str, source: str | None = None, **facts: object) -> None:
        self._listen(Event(kind, text, source, facts))


def _result(reports: Sequence[Report]) -> CrawlResult:
    bad = [one for one in reports if one.verdict.coverage not in FINE or _followed_in_vain(one)]
    doubted = [one for one in bad if one.verdict.coverage is Coverage.DOUBTED]
    outcome = "ok" if not bad else "failed" if len(bad) == len(reports) else "partial"
    return CrawlResult(
        run=None,
        reports=tuple(sorted(reports, key=lambda one: one.source)),
        outcome=outcome,
        exit_code=3 if doubted else 1 if bad else 0,
        trouble=tuple(line for one in bad for line in _trouble(one)),
    )


def _followed_in_vain(report: Report) -> bool:
    return 0 < report.own_pages == report.own_missed


def _trouble(report: Report) -> list[str]:
    """What went wrong with a source, and what to do about it."""
    verdict = report.verdict
    if verdict.coverage in FINE:
        return [f"{report.source}: {verdict.warnings[-1]}; the listing itself was read"]
    if verdict.coverage is not Coverage.DOUBTED:
        kept = "what it saw is kept, nothing counts as missing" if verdict.pages else "nothing was read"
        return [f"{report.source}: {verdict.coverage}: {verdict.reason.removeprefix(f'{report.source} ')}; {kept}"]
    return [
        *(f"{report.source} {words}" for words in verdict.doubts),
        f"{report.source}: in doubt, so nothing was changed. Look: coopscrape try {report.source}. "
        f"If the page has a new layout: mend its selectors (coopscrape repair {report.source}). "
        f"If it is right as it is: coopscrape accept {report.walk}",
    ]


def _remarks_on(found: Due, unfollowed: str | None) -> Iterator[str]:
    """What must be said of own pages that are not asked for now."""
    waiting = len(found.urls) + found.more if unfollowed else found.more
    if unfollowed and waiting:
        yield f"{count(waiting, 'own page')} of entries not asked for: {unfollowed}"
    elif waiting:
        yield f"{count(waiting, 'own page')} of entries more to be asked for: the next visits do it"
    if found.elsewhere:
        entries = count(len(found.elsewhere), "entry has its own page", "entries have their own pages")
        yield f"{entries} where none is asked for: {found.elsewhere[0]}"


def tally(report: Report) -> dict[Kind, int]:
    """How many changes of each kind; an entry that changed in two fields counts once."""
    seen = {(change.kind, change.entry.id) for change in report.changes}
    return {kind: sum(1 for one, _ in seen if one is kind) for kind in Kind}


def hosts(config: Config) -> dict[str, list[str]]:
    """Which sources share a host, and so its one queue."""
    shared: dict[str, list[str]] = {}
    for name, source in config.sources.items():
        shared.setdefault(host_of(source.url), []).append(name)
    return shared
