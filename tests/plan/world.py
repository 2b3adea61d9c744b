"""A simulated web with a simulated clock, as its servers see it: wishes in, server logs out, nobody waits."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from coopscrape.model import (
    HostMemory,
    Layout,
    Miss,
    Moved,
    Outcome,
    Page,
    Purpose,
    Reading,
    Request,
    Rules,
    Source,
    Why,
    Window,
    host_of,
    stamp,
)
from coopscrape.plan.agenda import Agenda, Answer

EPOCH = 1_700_000_000.0  # some day, in whole seconds, so that sums of seconds stay exact enough
READING = Reading(layouts=(Layout("list", "li", ()),))


def source(name: str, url: str, *, delay: float = 5.0, **settings: object) -> Source:
    return replace(Source(name, name.title(), url, READING, delay=delay), **settings)  # type: ignore[arg-type]  # by name


def wanted(of: Source, url: str | None = None, number: int = 1) -> Request:
    url = url or of.url
    return Request(url=url, asked=url, source=of.name, walk=7, number=number)


def page(request: Request, at: float, *, elapsed: float = 0.0, body: bytes = b"") -> Page:
    return Page(request.asked, request.url, stamp(at), body, "0" * 64, elapsed=elapsed)


def miss(
    request: Request,
    at: float,
    why: Why = Why.STATUS,
    status: int | None = None,
    retry_after: float | None = None,
    elapsed: float = 0.0,
) -> Miss:
    detail = f"status {status}" if status else str(why)
    return Miss(request.asked, request.url, why, detail, stamp(at), status, retry_after, elapsed=elapsed)


def moved(
    request: Request,
    at: float,
    location: str,
    retry_after: float | None = None,
    status: int = 302,
    elapsed: float = 0.0,
) -> Moved:
    return Moved(request.asked, request.url, location, status, stamp(at), retry_after, elapsed=elapsed)


@dataclass(frozen=True)
class Rulebook:
    """What a robots.txt says. `forbidden` are beginnings of paths."""

    delay: float | None = None
    forbidden: tuple[str, ...] = ()
    closed: str | None = None
    windows: tuple[Window, ...] = ()

    def allows(self, url: str) -> bool:
        path = "/" + url.split("/", 3)[3]
        return not path.startswith(self.forbidden) if self.forbidden else True


def read_rules(outcome: Page | Miss) -> Rules:
    """4xx means no rules, other trouble means stay out. The body is `delay forbidden ... @from-to ...`, in minutes."""
    if isinstance(outcome, Miss):
        free = outcome.status is not None and 400 <= outcome.status < 500 and outcome.status != 429
        return Rulebook(closed=None if free else f"{outcome.why}: {outcome.detail}")
    return rulebook(outcome.body.decode())


def rulebook(text: str) -> Rulebook:
    delay, *words = text.split() or ["0"]
    windows = (word[1:].split("-") for word in words if word.startswith("@"))
    return Rulebook(
        float(delay) or None,
        tuple(word for word in words if word.startswith("/")),
        windows=tuple((int(begin), int(end)) for begin, end in windows),
    )


@dataclass(frozen=True)
class Says:
    """What a server answers to one request, out of the ordinary."""

    status: int | None = None  # None with no `why` and no `location`: a page
    why: Why = Why.STATUS
    retry_after: float | None = None
    location: str | None = None

    def to(self, request: Request, at: float, elapsed: float) -> Outcome:
        if self.location is not None:
            return moved(request, at, self.location, self.retry_after, elapsed=elapsed)
        if self.status is None and self.why is Why.STATUS:
            return page(request, at, elapsed=elapsed)
        return miss(request, at, self.why, self.status, self.retry_after, elapsed)


@dataclass(frozen=True)
class Hit:
    """A line of a server's own log."""

    told: float  # when the agenda handed it out
    start: float
    end: float
    request: Request
    outcome: Outcome


@dataclass
class Server:
    """One host. `mood` is what it answers to its first, second ... request; afterwards it is well."""

    robots: str = ""
    mood: list[Says] = field(default_factory=list)
    latency: float = 0.2
    lag: float = 0.0  # from the agenda's word to the first packet: the hands are busy
    log: list[Hit] = field(default_factory=list)

    def take(self, request: Request, told: float) -> Hit:
        start = told + self.lag
        end = start + self.latency
        mood = self.mood.pop(0) if self.mood else Says()
        outcome = mood.to(request, end, self.latency)
        if isinstance(outcome, Page) and request.purpose is Purpose.ROBOTS:
            outcome = replace(outcome, body=self.robots.encode())
        hit = Hit(told, start, end, request, outcome)
        self.log.append(hit)
        return hit


class World:
    """Servers by host, and what an archive would remember between two runs."""

    def __init__(self, servers: Mapping[str, Server]) -> None:
        self.servers = servers
        self.now = EPOCH
        self.memories: dict[str, HostMemory] = {}
        self.robots: dict[str, Page | Miss] = {}

    def run(
        self,
        sources: Iterable[Source],
        wishes: Iterable[tuple[float, Request]],
        jitter: Callable[[], float] = lambda: 0.0,
    ) -> dict[Request, list[Page | Miss]]:
        """One run from now on; each wish comes `seconds` after its start. All that each wish was answered."""
        agenda = Agenda(
            {each.name: each for each in sources},
            read_rules=read_rules,
            recall_robots=self.robots.get,
            memories=list(self.memories.values()),
            jitter=jitter,
        )
        answers = _Run(self, agenda, wishes).to_the_end()
        self.memories |= {memory.host: memory for memory in agenda.memories()}
        return answers

    def remember(self, hit: Hit) -> None:
        """The last robots.txt that could be reached, as the archive keeps it."""
        outcome = hit.outcome
        if hit.request.purpose is Purpose.ROBOTS and isinstance(outcome, Page):
            self.robots[hit.request.asked] = outcome


class _Run:
    def __init__(self, world: World, agenda: Agenda, wishes: Iterable[tuple[float, Request]]) -> None:
        self.world, self.agenda = world, agenda
        self.turns = count()
        self.events: list[tuple[float, int, Request | Hit]] = []  # wishes and answers to come
        self.answers: dict[Request, list[Page | Miss]] = {}
        for seconds, request in wishes:
            self.answers[request] = []
            heapq.heappush(self.events, (world.now + seconds, next(self.turns), request))

    def to_the_end(self) -> dict[Request, list[Page | Miss]]:
        while self.events or self.agenda.waiting():
            self.wait()
            while self.events and self.events[0][0] <= self.world.now:
                self.happen(heapq.heappop(self.events)[2])
            for request in self.agenda.ready(self.world.now):
                self.send(request)
            self.hear(self.agenda.lapsed())
        return self.answers

    def wait(self) -> None:
        due = self.agenda.next_due(self.world.now)
        times = [time for time in (due, self.events[0][0] if self.events else None) if time is not None]
        assert times, f"{self.agenda.waiting()} requests wait, and nothing will ever happen"
        self.world.now = max(self.world.now, min(times))

    def happen(self, event: Request | Hit) -> None:
        if isinstance(event, Request):
            answers = self.agenda.add(event, self.world.now)
        else:
            self.world.remember(event)
            # The caller may have attached what it remembers: the agenda must know its own all the same.
            asked = replace(event.request, remembered=page(event.request, self.world.now))
            answers = self.agenda.answered(asked, event.outcome, self.world.now)
        self.hear(answers)

    def hear(self, answers: Iterable[Answer]) -> None:
        for request, outcome in answers:
            self.answers[request].append(outcome)

    def send(self, request: Request) -> None:
        hit = self.world.servers[host_of(request.url)].take(request, self.world.now)
        heapq.heappush(self.events, (hit.end, next(self.turns), hit))
