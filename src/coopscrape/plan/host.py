"""What was promised to one host, and what waits for it. For plan/agenda.py only: it decides, here the sums are done."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from coopscrape.model import HostMemory, Request, Rules, Source, Why, Window, stamp

DAY = 86_400.0
LONGEST = 30 * DAY  # of a not_before: more is no wish, but a mistake

Trouble = tuple[Why, str]  # why nothing is asked, in a word and in words


@dataclass(slots=True, eq=False)
class Job:
    """One thing that is wanted, through all its tries and hops."""

    added: Request  # as the walk wants it, and as it is answered
    request: Request  # as it goes out
    source: Source  # robots.txt: that of the page it is read for
    speaks_for: str = ""  # robots.txt only: the authority whose rules it holds, wherever redirects lead
    lost: bool = False  # a hand has died over it


@dataclass(slots=True, eq=False)
class Robots:
    """What is known of one authority's robots.txt, and who waits for it."""

    rules: Rules | None = None
    until: float = 0.0  # good until then
    asked: bool = False  # its request is queued or in flight
    kept: tuple[Window, ...] = ()  # when it might be asked by the last good copy, which is too old for all else
    parked: list[Job] = field(default_factory=list)

    def stale(self, now: float) -> bool:
        return self.rules is None or now > self.until

    def unknown(self) -> bool:
        return self.rules is None or self.rules.closed is not None

    @property
    def windows(self) -> tuple[Window, ...]:
        return self.kept if self.rules is None else self.rules.windows


@dataclass(slots=True, eq=False)
class Host:
    """One host, whatever its schemes and ports. Times are seconds since 1970."""

    name: str
    last: float | None = None  # start of the last request, also of earlier runs
    not_before: float = 0.0  # by Retry-After
    streak: int = 0  # failures in a row, also of earlier runs
    remembered: float = 0.0  # interval of earlier runs
    delay: float = 0.0  # of its most patient source
    jitter: float = 0.0  # share of the interval, drawn anew for each
    paused: float = 0.0  # until then
    heedless: bool = False  # a source that ignores robots.txt was asked
    closed: Trouble | None = None  # for this run
    due: float | None = None  # the time of its heap entry
    in_flight: Job | None = None
    queue: deque[Job] = field(default_factory=deque)
    robots: dict[str, Robots] = field(default_factory=dict)  # by authority

    @property
    def wanted(self) -> float:
        """Seconds between two requests, by robots.txt."""
        return max((robots.rules.delay or 0.0 for robots in self.robots.values() if robots.rules), default=0.0)

    @property
    def interval(self) -> float:
        """Seconds from start to start, jitter apart."""
        return max(self.delay, self.wanted, self.remembered if self._unsure() else 0.0)

    def _unsure(self) -> bool:
        """Whether it may still want what it wanted in the last run."""
        return not self.robots or any(robots.unknown() for robots in self.robots.values())

    def due_at(self) -> float | None:
        """When the first of its queue may go; None: nothing waits, or one is in flight."""
        if not self.queue or self.in_flight is not None:
            return None
        free = 0.0 if self.last is None else self.last + self.interval * (1 + self.jitter)
        return max(free, self.paused)

    def shut(self, now: float) -> Trouble | None:
        """Why nothing may be asked of it, whatever it is."""
        if self.closed is not None:
            return self.closed
        if self.not_before > max(now, self.paused):  # what this run waits for itself is no refusal
            return Why.NOT_BEFORE, f"{self.name} asked not to come back before {stamp(self.not_before)}"
        return None

    def too_slow(self, source: Source) -> Trouble | None:
        """A Crawl-delay that is too long is not waited for, and never cut short."""
        if source.robots_ignored is None and self.wanted > source.max_delay:
            return self._too_slow(self.wanted, source)
        return None

    def too_slow_still(self, source: Source, now: float) -> Trouble | None:
        """The same for what it wanted in the last run, as long as robots.txt has not said otherwise."""
        if self.last is None or not self._unsure():
            return None
        if self.last + self.remembered - now <= max(source.max_delay, self.delay):
            return None
        return self._too_slow(self.remembered, source)

    def _too_slow(self, seconds: float, source: Source) -> Trouble:
        words = f"{self.name} wants {seconds:g} s between two requests; {source.name} waits {source.max_delay:g} s"
        return Why.TOO_SLOW_WANTED, f"{words} at most (max_delay)"

    def start(self, job: Job, now: float, jitter: float) -> None:
        self.in_flight, self.last, self.jitter = job, now, jitter
        self.heedless = self.heedless or job.source.robots_ignored is not None

    def land(self, began: float | None) -> Job:
        """The job comes back. Its hand may have begun later than it was told to: the server counts from when it did."""
        job, self.in_flight = self.in_flight, None
        if job is None:
            raise ValueError(f"{self.name}: an answer, but nothing is in flight")
        if began is not None:
            self.last = max(self.last or 0.0, began)
        return job

    def pause(self, until: float) -> None:
        self.paused = max(self.paused, until)

    def obey(self, wish: float, now: float) -> None:
        """Retry-After: wait, and let the next run know too."""
        wish = min(wish, LONGEST)
        self.pause(now + wish)
        self.not_before = max(self.not_before, now + wish)

    def drain(self) -> list[Job]:
        """All that waits for it, be it for its turn or for robots.txt; nothing waits any more."""
        jobs = [*self.queue, *(job for robots in self.robots.values() for job in robots.parked)]
        self.queue.clear()
        for robots in self.robots.values():
            robots.parked.clear()
        return jobs

    def memory(self) -> HostMemory:
        """What nobody will ask robots.txt about any more is kept for this run, and then forgotten."""
        interval = self.delay if self.heedless and not self.robots else self.interval
        return HostMemory(self.name, self.last, self.not_before or None, self.streak, interval)


def opening(windows: tuple[Window, ...], now: float) -> float:
    """When it may be asked by Visit-time: `now`, or when the next of its windows opens."""
    midnight = now - now % DAY
    if not windows or any(_open(window, now - midnight) for window in windows):
        return now
    return min(midnight + begin * 60 + (DAY if midnight + begin * 60 < now else 0) for begin, _ in windows)


def _open(window: Window, second: float) -> bool:
    """Its last second is out of it: `0600-0845` is over at 08:45:00."""
    begin, end = window[0] * 60, window[1] * 60
    return begin <= second < end if begin < end else second >= begin or second < end


def recalled(memory: HostMemory, now: float) -> Host:
    """A host as the last run left it. A clock that was set back since then must not lock it for years."""
    last = None if memory.last_request is None else min(memory.last_request, now)
    not_before = memory.not_before or 0.0
    if not_before > now + LONGEST:
        not_before = 0.0
    return Host(memory.host, last, not_before, memory.streak, memory.interval)
