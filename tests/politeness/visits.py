"""A real crawl of real servers on loopback, in this process: what it comes to; and what the servers saw of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from coopscrape.archive.read import HostLedger, Reader
from coopscrape.run.clock import Clock
from coopscrape.run.crawl import CrawlResult, crawl
from coopscrape.run.settings import load_config
from listings import selectors
from server import Answer, Hit, World

HAIR = 0.05  # seconds by which a server may see less of a pause than it was: packets are not equally fast


class Later(Clock):
    """The real clock, set forward."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def now(self) -> float:
        return super().now() + self._seconds


@dataclass(frozen=True)
class Visitor:
    """A folder with a selectors.toml and an archive, from which sites are visited."""

    place: Path

    @property
    def archive(self) -> Path:
        return self.place / "archive.db"

    def settings(self, sources: dict[str, str], world: World, delay: str = "0s", **more: object) -> None:
        text = selectors(sources, world.allow, delay, "0s", **more)
        (self.place / "selectors.toml").write_text(text)

    def visit(self, later: float = 0.0) -> CrawlResult:
        return crawl(load_config(self.place / "selectors.toml"), self.archive, everything=True, clock=Later(later))

    def ledger(self) -> list[HostLedger]:
        with Reader.open(self.archive) as reader:
            return reader.ledger()


def robots(world: World, *lines: str, host: str | None = None) -> None:
    text = Answer(body="\n".join(("User-agent: *", *lines, "")), headers=(("Content-Type", "text/plain"),))
    world.put("/robots.txt", text, host)


def paths(hits: Iterable[Hit]) -> list[str]:
    return [hit.path for hit in hits]


def pauses(hits: Iterable[Hit]) -> list[float]:
    """Seconds from the end of one answer to the beginning of the next request."""
    return [later.start - earlier.end for earlier, later in pairwise(hits)]


def gaps(hits: Iterable[Hit]) -> list[float]:
    """Seconds from start to start."""
    return [later.start - earlier.start for earlier, later in pairwise(hits)]


def conditional(hit: Hit) -> bool:
    return "if-none-match" in hit.headers or "if-modified-since" in hit.headers
