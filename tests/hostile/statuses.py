"""Answers with a status that makes no page of them, or that is no answer to what was asked (RFC 9110 section 15)."""

from __future__ import annotations

from typing import Final

from coopscrape.model import Why
from hostile.behaviour import LISTING, READ, SECOND, Behaviour, Right, Site, answer, answers, head, miss, page, says

STATUS: Final = miss(Why.STATUS)
LATER: Final = miss(Why.NOT_BEFORE)
BODY: Final = page().encode()


def moved_and_same(site: Site) -> None:
    """Page 2 moved to an address that was never seen, which says: not modified."""
    site.put(LISTING, page().replace(SECOND, "/news/zwei"))
    site.say("/news/zwei", head(status="304 Same"))


def _plain(status: int, words: str) -> Behaviour:
    """With the listing as its body: what a status says of it must count."""
    return Behaviour(f"status {status}", words, answers(status, body=page().replace("story", "tale")), STATUS)


def _paused(name: str, value: str, right: Right = STATUS, status: int = 503, last: Right = READ) -> Behaviour:
    act = answers(status, ("Retry-After", value), ("Location", "/news/2"), body="later")
    return Behaviour(f"{status}, Retry-After {name}", f"asks for a pause of {value[:50]}", act, right, last=last)


def _interim(name: str, words: str, before: bytes, right: Right) -> Behaviour:
    return Behaviour(name, words, says(lambda: before + answer(BODY)), right)


ROWS: Final = (
    _plain(201, "created"),
    _plain(202, "accepted: the page may come some day"),
    _plain(206, "a part that nobody asked for"),
    _plain(226, "a difference that nobody asked for"),
    _plain(300, "several choices"),
    _plain(400, "bad request"),
    _plain(401, "log in first"),
    _plain(402, "pay first"),
    _plain(403, "forbidden"),
    _plain(404, "not found: the listing moved"),
    _plain(407, "the proxy wants a password"),
    _plain(410, "gone, it says: still no entry is"),
    _plain(418, "a teapot"),
    _plain(451, "closed by law"),
    _plain(500, "a fault of the server"),
    _plain(502, "a fault behind it"),
    _plain(520, "a fault that only proxies know"),
    Behaviour("status 404 on page 2", "the listing ends in a 404", answers(404, path=SECOND), STATUS),
    Behaviour("status 500 on page 2", "the listing ends in a fault", answers(500, path=SECOND), STATUS),
    Behaviour("status 204", "a success without a body", says(lambda: head(status="204 No Content")), STATUS),
    Behaviour("status 205", "a success that empties the form", says(lambda: answer(b"", status="205 Reset")), STATUS),
    Behaviour(
        "status 204 with a body", "says none, and sends it", says(lambda: answer(BODY, status="204 None")), STATUS
    ),
    Behaviour(
        "status 206 with a range",
        "the first 500 bytes, unasked",
        says(lambda: answer(BODY[:500], f"Content-Range: bytes 0-499/{len(BODY)}", status="206 Partial")),
        STATUS,
    ),
    Behaviour(
        "a 304 with a body",
        "not modified, and a body",
        says(lambda: answer(b"surprise", status="304 Same"), more=True),
        miss(Why.TRUNCATED, Why.STATUS),
    ),
    Behaviour(
        "a 304 on page 2 with another ETag",
        "not modified, of something else",
        says(lambda: head('ETag: "another"', status="304 Same"), SECOND),
        READ,
    ),
    Behaviour(
        "a 304 for a page that is new",
        "page 2 moved to an address never seen",
        moved_and_same,
        STATUS,
    ),
    Behaviour(
        "status 101",
        "switches to another protocol",
        says(lambda: head("Upgrade: websocket", "Connection: Upgrade", status="101 Switching")),
        miss(Why.STATUS, Why.NETWORK, Why.TRUNCATED),
    ),
    _interim("a 100 before the page", "says continue first", head(status="100 Continue"), READ),
    _interim(
        "a 103 before the page", "gives early hints first", head("Link: </a.css>", status="103 Early Hints"), READ
    ),
    _interim("twenty 102 before the page", "is processing, and processing", head(status="102 Processing") * 20, READ),
    _interim(
        "ten thousand 102 before the page",
        "is processing for ever",
        head(status="102 Processing") * 10_000,
        miss(Why.TOO_LARGE),
    ),
    _paused("of a second", "1", last=READ | LATER),
    _paused("of zero", "0"),
    _paused("of less than nothing", "-5"),
    _paused("of half a second", "0.5"),
    _paused("of words", "soon"),
    _paused("in the past", "Wed, 20 Jun 2018 09:29:00 GMT"),
    _paused("of a thousand digits", "9" * 1000, LATER, last=LATER),
    _paused("of three weeks", "1814400", LATER, last=LATER),
    _paused("in the year 9999", "Fri, 31 Dec 9999 23:59:59 GMT", LATER, last=LATER),
    _paused("on 31 February", "Wed, 31 Feb 2150 09:29:00 GMT"),
    _paused("of a day", "86400", LATER, status=429, last=LATER),
    _paused("of nothing at all", "", status=429),
    _paused("of a day, with a redirect", "86400", LATER, status=302, last=LATER),
)
