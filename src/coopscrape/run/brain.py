"""One thread that never waits on a socket: it hands requests out when the agenda says so, and logs what comes back.

It owns the clock, the agenda and the archive. What an answer means is for whoever asked: `work(heed)`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

from coopscrape.archive.write import Writer
from coopscrape.fetch.robots import read_rules
from coopscrape.model import Extraction, HostMemory, Manners, Miss, Page, Reading, Request, Source, Visit, Why, stamp
from coopscrape.plan.agenda import Agenda, Answer
from coopscrape.run.clock import Clock
from coopscrape.run.events import Event, Listen
from coopscrape.run.hands import Hands
from coopscrape.run.signals import heeded, interrupt
from coopscrape.run.visit import visit as really_visit

Heed = Callable[[Request, Page | Miss, Extraction | None, int], None]  # ..., id of the row in the ledger
Visiting = Callable[[Request, Reading | None, Manners], Visit]


class Brain:
    """Raises Interrupted out of `work` after SIGINT or SIGTERM, when what came is committed."""

    def __init__(
        self,
        writer: Writer,
        sources: Mapping[str, Source],
        manners: Manners,
        hands: str | Executor,
        listen: Listen,
        clock: Clock,
        visit: Visiting = really_visit,
    ) -> None:
        self.writer = writer
        self.clock = clock
        self.agenda = Agenda(
            sources,
            read_rules=read_rules,
            recall_robots=writer.recall_robots,
            memories=writer.host_memories(),
        )
        self._sources = sources
        self._manners = manners
        self._hands = Hands(hands)
        self._listen = listen
        self._visit = visit
        self._inbox: SimpleQueue[tuple[Request, Future[Visit]] | int] = SimpleQueue()
        self._in_flight = 0
        self._remembered: dict[str, HostMemory] = {}  # as they stand in the archive
        self._decided: deque[Answer] = deque()  # without a packet: robots.txt forbids it, the host is closed

    def want(self, request: Request) -> None:
        """Somebody wants a page; the answer comes to `heed`."""
        self._decided += self.agenda.add(request, self.clock.now())

    def work(self, heed: Heed) -> None:
        """Until all that is wanted has been answered. Each turn is one transaction: what came, then what goes."""
        finished = False
        try:
            with heeded(self._stop):
                came: list[Any] = []
                while True:
                    self._turn(came, heed)
                    if not self._in_flight and not self.agenda.waiting() and not self._decided:
                        break
                    came = self._pause()
            finished = True
        finally:
            self._hands.close(wait=finished)
            if finished:
                self._remember_hosts()

    def _turn(self, came: list[Any], heed: Heed) -> None:
        signals = [one for one in came if isinstance(one, int)]
        with self.writer.transaction():
            for one in came:
                if not isinstance(one, int):
                    request, future = one
                    self._land(request, future, heed)
            self._answer(heed)
            going = [] if signals else [self._equipped(one) for one in self.agenda.ready(self.clock.now())]
            self._decided += self.agenda.lapsed()
            if going or signals:
                # Before a packet leaves: a kill must not make the next run come back too early.
                self._remember_hosts()
        if signals:
            interrupt(signals[0])
        for request in going:
            self._hand_out(request)

    def _remember_hosts(self) -> None:
        """Those that are not as they were when they were written last. A turn asks few of them, and there may be many."""
        news = [one for one in self.agenda.memories() if self._remembered.get(one.host) != one]
        self.writer.remember_hosts(news)
        self._remembered.update((one.host, one) for one in news)

    def _stop(self, number: int) -> None:
        """A signal arrives in the inbox like any answer; while another program keeps us from writing nobody looks there."""
        if self.writer.waiting:
            interrupt(number)
        self._inbox.put(number)

    def _pause(self) -> list[Any]:
        now = self.clock.now()
        due = self.agenda.next_due(now)
        if self._decided:
            return []
        if due is not None and due - now > 1 and not self._in_flight:
            self._listen(Event("waiting", f"waiting {due - now:.0f} s, to be polite", facts={"seconds": due - now}))
        return self.clock.wait(self._inbox, None if due is None else due - now)

    def _equipped(self, request: Request) -> Request:
        """With the stored page, so that an unchanged one is not sent again; and with what is expected of it."""
        reading = self._expected(request)
        feed = reading is not None and reading.feed is not None
        return replace(request, remembered=self.writer.remembered(request.url), feed=feed)

    def _expected(self, request: Request) -> Reading | None:
        return _reading(self._sources[request.source], request) if request.source is not None else None

    def _hand_out(self, request: Request) -> None:
        self._in_flight += 1
        future = self._hands.submit(self._visit, request, self._expected(request), self._manners)
        future.add_done_callback(lambda done: self._inbox.put((request, done)))

    def _land(self, request: Request, future: Future[Visit], heed: Heed) -> None:
        self._in_flight -= 1
        visit = _brought(request, future, self.clock.now())
        page = self.writer.log(request, visit.outcome)
        for added, outcome in self.agenda.answered(request, visit.outcome, self.clock.now()):
            if outcome is visit.outcome:
                heed(added, outcome, visit.extraction, page)
            else:
                self._decided.append((added, outcome))

    def _answer(self, heed: Heed) -> None:
        """Pass on what was decided without a packet; heeding it may make more be wanted, and decided."""
        while self._decided:
            added, outcome = self._decided.popleft()
            # What was sent is in the ledger already, under the try that it was.
            page = 0 if isinstance(outcome, Miss) and outcome.sent else self.writer.log(added, outcome)
            heed(added, outcome, None, page)


def _reading(source: Source, request: Request) -> Reading:
    return source.follow.reading if request.detail and source.follow is not None else source.reading


def _brought(request: Request, future: Future[Visit], now: float) -> Visit:
    """What a hand brought; if it died over it, a Miss. A bug in a hand must not stop the other sources."""
    error = future.exception() if not future.cancelled() else None
    if error is None and not future.cancelled():
        return future.result()
    detail = f"the worker died: {type(error).__name__}: {error}" if error else "the worker was cancelled"
    return Visit(Miss(request.asked, request.url, Why.LOST, detail, stamp(now)))
