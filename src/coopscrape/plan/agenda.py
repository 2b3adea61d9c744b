"""Which host may be asked what, and when: requests in, requests that may go now out. Pure: run/ owns clock and waiting.

    answers = agenda.add(request, now)                  a walk wants a page
    for request in agenda.ready(now): ...               may be asked now, one at a time a host
    answers = agenda.lapsed()                           what may not be asked any more, since its time has passed
    answers = agenda.answered(request, outcome, now)    what is decided in the end, under the request as it was added
    agenda.next_due(now)                                wait until then, or until an answer comes

Retries, the hops of a redirect and robots.txt are requests like any other.
RFC 9309 is about robots.txt, RFC 9110 about HTTP.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeGuard
from urllib.parse import urldefrag

from tenacity import RetryCallState, Retrying, stop_after_attempt, wait_exponential

from coopscrape.model import (
    HostMemory,
    Miss,
    Moved,
    Outcome,
    Page,
    Purpose,
    Request,
    Rules,
    Source,
    Why,
    Window,
    authority_of,
    epoch,
    host_of,
    stamp,
)
from coopscrape.plan.host import DAY, Host, Job, Robots, Trouble, opening, recalled
from coopscrape.plan.site import objection, unfit

Answer = tuple[Request, Page | Miss]  # the request as it was added, and what came of it in the end

# What may be gone at the next try: troubles by name, answers by status (52x are those of proxies).
TRANSIENT: frozenset[Why | int | None] = frozenset(
    {Why.NETWORK, Why.NAME, Why.DEADLINE, Why.TRUNCATED, *(408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524)}
)
HEEDED = frozenset({429, 503})  # whose Retry-After counts; that of every 3xx does too (RFC 9110 section 10.2.3)
PATIENCE = 120.0  # seconds that a run waits for a host that wants it (Retry-After, Visit-time); else not in this run
HOPS = 5  # of one redirect
STREAK = 5  # failures in a row, over requests and tries, that close a host
JITTER = 0.1  # of the interval, at most
SHORTEST = 0.5  # seconds that a back-off doubles where the interval is shorter
ROBOTS_FRESH = DAY  # RFC 9309 section 2.4: not used longer without asking
ROBOTS_KEPT = 30 * DAY  # section 2.3.1.4: a good copy may stand in for an unreachable one

enough = stop_after_attempt(3)  # tries


class Agenda:
    """Politeness as arithmetic. A waiting host costs a heap entry: only memories() looks at all hosts."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        *,
        read_rules: Callable[[Page | Miss], Rules],
        recall_robots: Callable[[str], Page | Miss | None] = lambda url: None,  # noqa: ARG005 (nothing is remembered)
        memories: Iterable[HostMemory] = (),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._sources = sources
        self._read_rules = read_rules
        self._recall_robots = recall_robots
        self._memories = {memory.host: memory for memory in memories}
        self._jitter = jitter
        self._hosts: dict[str, Host] = {}
        self._heap: list[tuple[float, int, Host]] = []  # an entry counts only while its time is its host's `due`
        self._turns = count()  # first come, first served, among hosts due at the same time
        self._waiting = 0
        self._lapsed: list[Answer] = []

    def add(self, request: Request, now: float) -> list[Answer]:
        """A walk wants a page. Comes back: what is decided at once (the host is closed, robots.txt forbids it)."""
        if request.source is None:
            raise ValueError(f"{request.url}: only the page of a source can be added")
        self._waiting += 1
        return self._admit(Job(request, request, self._sources[request.source]), now)

    def ready(self, now: float) -> list[Request]:
        """What may be asked now. Each is in flight until it is answered; at most one a host."""
        requests = []
        while (due := self.next_due(now)) is not None and due <= now:
            host = heapq.heappop(self._heap)[2]
            host.due = None
            if job := self._take(host, now):
                host.start(job, now, JITTER * self._jitter())
                requests.append(job.request)
            self._schedule(host)
        return requests

    def lapsed(self) -> list[Answer]:
        """To be asked after `ready`: what waited for its turn until the host may not be asked any more."""
        lapsed, self._lapsed = self._lapsed, []
        return lapsed

    def answered(self, request: Request, outcome: Outcome, now: float) -> list[Answer]:
        """What is decided now: nothing (a retry or a hop is queued), one, or many (robots.txt came, a host closed)."""
        host = self._hosts[host_of(request.url)]
        job = host.land(_began(outcome, now))
        host.streak = _streak(host.streak, outcome)
        answers = self._heed(job, host, outcome, now)
        self._schedule(host)
        return answers

    def next_due(self, now: float) -> float | None:
        """When the next request may go; None: nothing is queued, or every queued host has one in flight."""
        while self._heap and self._heap[0][2].due != self._heap[0][0]:
            heapq.heappop(self._heap)
        return max(self._heap[0][0], now) if self._heap else None

    def waiting(self) -> int:
        """Requests that were added and have no answer yet."""
        return self._waiting

    def memories(self) -> list[HostMemory]:
        """What the next run must know of each host that this one touched."""
        return [host.memory() for host in self._hosts.values()]

    # -- in: refuse, park until robots.txt is known, or queue --------------------------------------

    def _admit(self, job: Job, now: float, ahead: bool = False) -> list[Answer]:
        """Every page, every try and every hop passes here."""
        host = self._host(job.request.url, now)
        host.delay = max(host.delay, job.source.delay)
        robots = self._robots(host, job, now)
        trouble = self._trouble(job, host, robots, now)
        if trouble is None:
            self._queue(job, host, robots, now, ahead)
        self._schedule(host)  # also after a refusal: what was learned on the way may have made its interval longer
        return [] if trouble is None else self._finish(job, _refused(job, trouble, now), now)

    def _host(self, url: str, now: float) -> Host:
        name = host_of(url)
        if name not in self._hosts:
            self._hosts[name] = recalled(self._memories.get(name, HostMemory(name)), now)
        return self._hosts[name]

    def _robots(self, host: Host, job: Job, now: float) -> Robots | None:
        """What rules this job's url. None: nothing does (robots.txt is always allowed: RFC 9309 section 2.2.2)."""
        if job.speaks_for or job.source.robots_ignored is not None:
            return None
        authority = authority_of(job.request.url)
        if authority not in host.robots:
            host.robots[authority] = self._recalled_robots(authority, now)
        return host.robots[authority]

    def _recalled_robots(self, authority: str, now: float) -> Robots:
        known = self._recall(authority, now, ROBOTS_KEPT)
        if known is None or (rules := self._read_rules(known)).closed is not None:
            return Robots()
        until = epoch(known.fetched_at) + ROBOTS_FRESH
        return Robots(rules, until) if now <= until else Robots(kept=rules.windows)

    def _recall(self, authority: str, now: float, age: float) -> Page | Miss | None:
        known = self._recall_robots(_robots_url(authority))
        return known if known is not None and 0 <= now - epoch(known.fetched_at) <= age else None

    def _trouble(self, job: Job, host: Host, robots: Robots | None, now: float) -> Trouble | None:
        trouble = host.shut(now) or host.too_slow(job.source) or _forbidden(job, robots, now)
        coming = robots is not None and robots.stale(now) and robots.asked  # robots.txt may soon say otherwise
        return trouble or (None if coming else self._too_soon(job, now) or host.too_slow_still(job.source, now))

    def _too_soon(self, job: Job, now: float) -> Trouble | None:
        """Outside the hours of Visit-time, if they are too far off to be waited for."""
        windows = self._windows(job)
        opens = opening(windows, now)
        return (Why.NOT_BEFORE, _untimely(job, windows, now, opens)) if opens - now > PATIENCE else None

    def _windows(self, job: Job) -> tuple[Window, ...]:
        """Those of the page's robots.txt, and of the last known one for robots.txt itself, wherever redirects lead."""
        authority = job.speaks_for or authority_of(job.request.url)
        robots = self._hosts[host_of(authority)].robots.get(authority)
        return robots.windows if robots is not None and job.source.robots_ignored is None else ()

    def _queue(self, job: Job, host: Host, robots: Robots | None, now: float, ahead: bool) -> None:
        if robots and robots.stale(now):
            self._park(job, host, robots)
        elif ahead:
            host.queue.appendleft(job)
        else:
            host.queue.append(job)

    def _park(self, job: Job, host: Host, robots: Robots) -> None:
        """The job waits until its robots.txt is read, which goes ahead of all else."""
        robots.parked.append(job)
        if not robots.asked:
            robots.asked = True
            authority = authority_of(job.request.url)
            url = _robots_url(authority)
            request = Request(url=url, asked=url, purpose=Purpose.ROBOTS)
            host.queue.appendleft(Job(request, request, job.source, speaks_for=authority))

    # -- out: the heap -----------------------------------------------------------------------------

    def _schedule(self, host: Host) -> None:
        """One heap entry that counts for a host that waits; none for one that is being asked."""
        due = host.due_at()
        if due is not None and due != host.due:
            heapq.heappush(self._heap, (due, next(self._turns), host))
        host.due = due

    def _take(self, host: Host, now: float) -> Job | None:
        """The first of the queue that may still go: rules grow old while jobs wait."""
        while host.queue:
            job = host.queue.popleft()
            robots = self._robots(host, job, now)
            if robots and robots.stale(now):
                self._park(job, host, robots)
            elif not self._forgotten(job) and self._in_time(job, host, now):
                return job
            elif host.paused > now:  # until its hours begin
                return None
        return None

    def _in_time(self, job: Job, host: Host, now: float) -> bool:
        """Whether Visit-time lets it go now. Else it waits at the head of the queue, or is given up."""
        if trouble := self._too_soon(job, now):
            self._lapsed += self._finish(job, _refused(job, trouble, now), now)
            return False
        opens = opening(self._windows(job), now)
        if opens > now:
            host.queue.appendleft(job)
            host.pause(opens)
        return opens <= now

    def _forgotten(self, job: Job) -> bool:
        """A robots.txt on its way over another host, for which nobody waits since its own was closed."""
        if not job.speaks_for:
            return False
        robots = self._hosts[host_of(job.speaks_for)].robots[job.speaks_for]
        robots.asked = bool(robots.parked)
        return not robots.asked

    # -- back: heed, follow, ask again, finish -----------------------------------------------------

    def _heed(self, job: Job, host: Host, outcome: Outcome, now: float) -> list[Answer]:
        """The host's wish comes first, then what the outcome means for the job."""
        wish = _retry_after(outcome)
        if wish is not None:
            host.obey(wish, now)
            if wish > PATIENCE:
                return self._leave(job, host, outcome, now)
        if _failed(outcome):
            return self._failure(job, host, outcome, now, told=wish is not None)
        if isinstance(outcome, Moved):
            return self._follow(job, outcome, now, wish or 0.0)
        return self._finish(job, outcome, now)

    def _leave(self, job: Job, host: Host, outcome: Outcome, now: float) -> list[Answer]:
        words = f"{host.name} answered {outcome.status} and asks not to come back before {stamp(host.not_before)}"
        host.closed = (Why.NOT_BEFORE, f"{words} (Retry-After; a run waits {PATIENCE:g} s at most)")
        return [*self._finish(job, _refused(job, host.closed, now, outcome.status), now), *self._clear(host, now)]

    def _failure(self, job: Job, host: Host, miss: Miss, now: float, *, told: bool) -> list[Answer]:
        """Ask again, or let it be; and let the host be when nothing else comes from it."""
        if not told and not _lost(miss):
            host.pause(now + back_off(job.request.tries, host.interval) * (1 + self._jitter() / 2))
        if host.streak >= STREAK and not _lost(miss):
            words = f"{host.name} is closed for this run: {host.streak} failures in a row, {STREAK} are enough"
            host.closed = (Why.HOST_CLOSED, f"{words}; the last: {miss.detail}")
        if host.closed is None and _once_more(job, miss):
            job.lost = job.lost or _lost(miss)
            job.request = replace(job.request, tries=job.request.tries + 1)
            return self._admit(job, now, ahead=True)
        return [*self._finish(job, _told(job, miss), now), *(self._clear(host, now) if host.closed else ())]

    def _follow(self, job: Job, moved: Moved, now: float, wish: float) -> list[Answer]:
        """One hop further, to be paced and judged where it leads."""
        far = job.request.hops >= HOPS
        if far and job.speaks_for:  # RFC 9309 section 2.3.1.2: may be taken for unavailable
            return self._settle(job.speaks_for, NO_RULES, now)
        if words := f"more than {HOPS} hops, the next to {moved.location}" if far else _off_limits(job, moved):
            return self._finish(job, _refused(job, (Why.REDIRECT, words), now, moved.status), now)
        url = urldefrag(moved.location).url
        job.request = replace(job.request, url=url, tries=1, hops=job.request.hops + 1, remembered=None)
        self._host(url, now).pause(now + wish)
        return self._admit(job, now, ahead=True)

    def _clear(self, host: Host, now: float) -> list[Answer]:
        """A closed host answers all that waits for it, on the way by which it would have come in."""
        return [answer for job in host.drain() for answer in self._admit(job, now)]

    def _finish(self, job: Job, outcome: Page | Miss, now: float) -> list[Answer]:
        if job.speaks_for:
            return self._learn(job.speaks_for, outcome, now)
        self._waiting -= 1
        return [(job.added, outcome)]

    # -- robots.txt --------------------------------------------------------------------------------

    def _learn(self, authority: str, outcome: Page | Miss, now: float) -> list[Answer]:
        """Today's rules; when they cannot be reached, those of a good copy that is not too old."""
        rules = self._read_rules(outcome)
        if rules.closed is not None and isinstance(known := self._recall(authority, now, ROBOTS_KEPT), Page):
            rules = self._read_rules(known)
        return self._settle(authority, rules, now)

    def _settle(self, authority: str, rules: Rules, now: float) -> list[Answer]:
        """New rules for a host: whatever waits there is judged by them, even what older rules had let pass."""
        host = self._hosts[host_of(authority)]
        robots = host.robots[authority]
        robots.rules, robots.until, robots.asked = rules, now + ROBOTS_FRESH, False
        jobs = [*robots.parked, *host.queue]
        robots.parked.clear()
        host.queue.clear()
        answers = [answer for job in jobs for answer in self._admit(job, now)]
        self._schedule(host)
        return answers


@dataclass(frozen=True, slots=True)
class _NoRules:
    """As if there were no robots.txt: all is allowed."""

    closed: str | None = None
    delay: float | None = None
    windows: tuple[Window, ...] = ()

    def allows(self, url: str) -> bool:  # noqa: ARG002 (the shape of model.Rules)
        return True


NO_RULES: Rules = _NoRules()

# -- what an outcome means -------------------------------------------------------------------------


def back_off(tries: int, interval: float) -> float:
    """Seconds to leave a host alone after the `tries`-th failure of a request: 2, 4, 8 intervals, up to PATIENCE."""
    return float(wait_exponential(multiplier=2 * max(interval, SHORTEST), max=PATIENCE)(_attempt(tries)))


def _attempt(tries: int) -> RetryCallState:
    """What tenacity's strategies look at. Nothing is called through it, and nobody sleeps."""
    state = RetryCallState(_NOBODY, None, (), {})
    state.attempt_number = tries
    return state


_NOBODY = Retrying()


def _once_more(job: Job, miss: Miss) -> bool:
    """A page has three tries, of which one may be lost with its hand."""
    return not enough(_attempt(job.request.tries)) and not (_lost(miss) and job.lost)


def _began(outcome: Outcome, now: float) -> float | None:
    """When the server was asked, at the latest. None: no later than the agenda said."""
    return now - outcome.elapsed if outcome.elapsed > 0 or _lost(outcome) else None


def _retry_after(outcome: Outcome) -> float | None:
    """The pause that was asked for, if it counts. Junk (negative, nan) is none."""
    if isinstance(outcome, Page) or outcome.retry_after is None or not outcome.retry_after >= 0:
        return None
    return outcome.retry_after if isinstance(outcome, Moved) or outcome.status in HEEDED else None


def _failed(outcome: Outcome) -> TypeGuard[Miss]:
    """Whether it may be worth another try."""
    return isinstance(outcome, Miss) and (outcome.why in TRANSIENT or outcome.status in TRANSIENT or _lost(outcome))


def _lost(outcome: Outcome) -> bool:
    return isinstance(outcome, Miss) and outcome.why is Why.LOST


def _streak(streak: int, outcome: Outcome) -> int:
    """Failures in a row, counted on. A hand that died says nothing about the host, nor does what was never sent."""
    if _lost(outcome):
        return streak
    if _failed(outcome):
        return streak + 1
    return 0 if outcome.status is not None and outcome.status < 500 else streak


def _off_limits(job: Job, moved: Moved) -> str | None:
    """A page must stay on its site; a robots.txt may lie anywhere."""
    here = job.request.url
    return unfit(here, moved.location) if job.speaks_for else objection(job.source, here, moved.location)


def _forbidden(job: Job, robots: Robots | None, now: float) -> Trouble | None:
    if robots is None or robots.rules is None or robots.stale(now):
        return None
    url = _robots_url(authority_of(job.request.url))
    if robots.rules.closed is not None:
        return Why.ROBOTS_UNREACHABLE, f"{url}: {robots.rules.closed}; so nothing is asked (RFC 9309 section 2.3.1.4)"
    if not robots.rules.allows(job.request.url):
        return Why.ROBOTS, f"{url} forbids {job.request.url}"
    return None


def _untimely(job: Job, windows: tuple[Window, ...], now: float, opens: float) -> str:
    url = _robots_url(job.speaks_for or authority_of(job.request.url))
    hours = " or ".join(f"{_clock(begin)} and {_clock(end)}" for begin, end in windows)
    words = f"{url} wants visits between {hours} UTC only (Visit-time), and it is {stamp(now)[11:16]}"
    return f"{words}; the next time is {stamp(opens)} (a run waits {PATIENCE:g} s at most)"


def _clock(minutes: int) -> str:
    """525 -> `08:45`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _refused(job: Job, trouble: Trouble, now: float, status: int | None = None) -> Miss:
    """Nothing was sent for this Miss. A status is that of the answer which led to it."""
    why, words = trouble
    return Miss(job.added.asked, job.request.url, why, words, stamp(now), status=status, sent=False)


def _told(job: Job, miss: Miss) -> Miss:
    """The last Miss says how often it was tried."""
    tries = job.request.tries
    return miss if tries == 1 else replace(miss, detail=f"{miss.detail} (tried {tries} times)")


def _robots_url(authority: str) -> str:
    """The default port is left out: so everybody else asks for it."""
    scheme = authority.partition(":")[0]
    return authority.removesuffix({"http": ":80", "https": ":443"}.get(scheme, "")) + "/robots.txt"
