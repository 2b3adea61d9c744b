"""Answers that break HTTP/1.1 itself: where an answer begins, where it ends, whose it is (RFC 9112)."""

from __future__ import annotations

from typing import Final

from coopscrape.model import Why
from hostile.behaviour import LISTING, SECOND, Behaviour, Site, head, miss, page

TRUNCATED: Final = miss(Why.TRUNCATED)


def short(site: Site) -> None:
    body = page().encode()
    site.say(LISTING, head(f"Content-Length: {len(body)}") + body[:-40])


def short_second(site: Site) -> None:
    body = page(2).encode()
    site.say(SECOND, head(f"Content-Length: {len(body)}") + body[:-40])


ROWS: Final = (
    Behaviour("a body shorter than its length", "announces more bytes than it sends", short, TRUNCATED),
    Behaviour("a second page shorter than its length", "announces more than it sends", short_second, TRUNCATED),
)
