"""A site in a dict, a clock that only waits when nobody else has anything to do, hands that work at once: a run without waiting.

The crawl, the archive file and the extraction are the real ones; only the network and the time are simulated.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from coopscrape.config import Config
from coopscrape.model import Manners, Miss, Page, Purpose, Reading, Request, Visit, Why, stamp
from coopscrape.run.clock import Clock
from coopscrape.run.crawl import CrawlResult, crawl
from coopscrape.run.events import Event
from coopscrape.run.settings import load_config
from coopscrape.run.visit import read
from listings import Item, listing, selectors

START = 1_529_485_200.0  # 2018-06-20T09:00:00Z
HOST = "http://127.0.0.1:8000"


class SimulatedClock(Clock):
    """Stands still while there is something to do, and jumps to when there is."""

    def __init__(self, now: float = START) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def wait(self, inbox: SimpleQueue[Any], seconds: float | None) -> list[Any]:
        came = []
        while not inbox.empty():
            came.append(inbox.get())
        if not came:
            self._now += seconds or 0.0
        return came

    def pass_by(self, seconds: float) -> None:
        self._now += seconds


class AtOnce(Executor):
    """Hands that have done it before they are asked twice."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Site:
    """Paths -> pages. `broken`: path -> status; `ledger`: what was asked, and what was answered."""

    def __init__(self, clock: SimulatedClock) -> None:
        self.pages: dict[str, str] = {}
        self.broken: dict[str, int] = {}
        self.ledger: list[tuple[str, int]] = []
        self.content_type = "text/html; charset=utf-8"
        self.signals: tuple[tuple[str, str], ...] = ()
        self.meanwhile: dict[str, Callable[[], None]] = {}  # path -> what the editors do just before it is asked for
        self.forgetful = False  # sends no validators, so that each visit gets the whole page
        self._clock = clock

    def publish(self, items: Sequence[Item], per_page: int = 3) -> None:
        """The whole listing anew: /news, /news/2, ..."""
        cuts = range(0, max(len(items), 1), per_page)
        self.pages = {
            _path(n): listing(items[cut : cut + per_page], _path(n + 1) if n < len(cuts) else None)
            for n, cut in enumerate(cuts, 1)
        }

    def visit(self, request: Request, reading: Reading | None, _: Manners) -> Visit:
        path = urlsplit(request.url).path
        self.meanwhile.pop(path, lambda: None)()
        outcome = self._answer(request, path)
        self.ledger.append((path, outcome.status or 0))
        return read(outcome, reading)

    def _answer(self, request: Request, path: str) -> Page | Miss:
        now = stamp(self._clock.now())
        status = self.broken.get(path, 200 if path in self.pages else 404)
        if status != 200 or request.purpose is Purpose.ROBOTS:
            code = status if status != 200 else 404
            return Miss(request.asked, request.url, Why.STATUS, f"answered {code}", now, status=code)
        body = self.pages[path].encode()
        digest = hashlib.sha256(body).hexdigest()
        known = request.remembered
        fresh = self.forgetful or known is None or known.etag != f'"{digest}"'
        return Page(
            asked=request.asked,
            url=request.url,
            fetched_at=now,
            body=body,
            digest=digest,
            status=200 if fresh else 304,
            content_type=self.content_type,
            etag=None if self.forgetful else f'"{digest}"',
            fresh=fresh,
            signals=self.signals,
        )


def _path(n: int) -> str:
    return "/news" if n == 1 else f"/news/{n}"


class Killed(BaseException):
    """The process is gone: nothing that runs afterwards may clean up for it."""


class Town:
    """One source on one simulated site, with its archive in a folder."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.clock = SimulatedClock()
        self.site = Site(self.clock)
        self.archive = folder / "archive.db"
        self._toml = folder / "selectors.toml"
        self._more = more
        self.config = self.settings()

    def settings(self, *edits: tuple[str, str]) -> Config:
        """The settings, edited as text."""
        text = selectors({"coop": f"{HOST}/news"}, ["127.0.0.1:8000"], **self._more)
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        self._toml.write_text(text, encoding="utf-8")
        self.config = load_config(self._toml)
        return self.config

    def crawl(self, *, kill_at: int | None = None, **options: Any) -> CrawlResult | None:
        """None: killed when page `kill_at` came, before it was committed."""

        def listen(event: Event) -> None:
            if kill_at is not None and event.kind == "page" and event.facts.get("number") == kill_at:
                raise Killed

        self.clock.pass_by(3600)
        try:
            return crawl(
                self.config,
                self.archive,
                hands=AtOnce(),
                clock=self.clock,
                visit=self.site.visit,
                listen=listen,
                everything=True,
                **options,
            )
        except Killed:
            return None

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        conn = sqlite3.connect(self.archive)
        try:
            return conn.execute(sql, values).fetchall()
        finally:
            conn.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Past everything that the archive would forbid."""
        conn = sqlite3.connect(self.archive, isolation_level=None)
        try:
            yield conn
        finally:
            conn.close()

    def changes(self) -> list[tuple[str, str | None, str | None, str | None]]:
        """(kind, field, old, new) in order."""
        return self.rows(
            "SELECT kind, field, old, new FROM changes AS c JOIN walks AS w ON w.id = c.walk ORDER BY settled, n"
        )

    def fold(self) -> Mapping[str, list[tuple[Any, ...]]]:
        """All that a rebuild must leave as it was."""
        columns = "id, source, key, number, place, category, title, date, date_text, summary, link, extra, versions"
        columns += ", first_seen, last_seen, missing_since, missed, slid_since, gone_since"
        return {
            "entries": self.rows(f"SELECT {columns} FROM entries ORDER BY id"),
            "versions": self.rows("SELECT * FROM versions ORDER BY entry, n"),
            "states": self.rows(
                """SELECT e.id, settled, version, s.number, s.place, s.missing_since, s.missed, s.slid_since, s.gone_since
                   FROM states AS s JOIN entries AS e ON e."row" = s."row" ORDER BY e.id, settled"""
            ),
            "changes": self.rows("SELECT * FROM changes ORDER BY walk, n"),
            "verdicts": self.rows("SELECT * FROM verdicts ORDER BY walk"),
            "fts": self.rows("SELECT title, summary, category FROM entries_fts ORDER BY title, summary, category"),
        }
