"""Redirects that lead nowhere, in a circle, or out of bounds. Where they lead to other addresses: see addresses.py."""

from __future__ import annotations

from typing import Final

from coopscrape.model import Why
from hostile.behaviour import (
    DOUBT,
    LISTING,
    READ,
    ROBOTS,
    SECOND,
    Act,
    Behaviour,
    Right,
    Site,
    answers,
    head,
    miss,
    page,
    says,
)
from server import Answer, Asked

NOWHERE: Final = miss(Why.REDIRECT)


def _to(*locations: str, status: int = 302, path: str = LISTING) -> Act:
    return answers(status, *(("Location", one) for one in locations), path=path)


def circle(site: Site) -> None:
    site.put(LISTING, Answer(302, headers=(("Location", "/a"),)))
    site.put("/a", Answer(302, headers=(("Location", LISTING),)))


def onwards(site: Site) -> None:
    """Each hop leads to an address that was never seen."""

    def hop(asked: Asked) -> Answer:
        n = int(asked.path.partition("?n=")[2] or 0)
        return Answer(302, headers=(("Location", f"{LISTING}?n={n + 1}"),))

    site.put(LISTING, hop)


def front(site: Site) -> None:
    site.put("/", "<!doctype html><title>Home</title><h1>Welcome</h1>")
    site.put(SECOND, Answer(302, headers=(("Location", "/"),)))


def hops(count: int) -> Act:
    """So many, and then the page."""

    def act(site: Site) -> None:
        for n in range(count):
            site.put(LISTING if n == 0 else f"/hop/{n}", Answer(302, headers=(("Location", f"/hop/{n + 1}"),)))
        site.put(f"/hop/{count}", page())

    return act


def _row(name: str, words: str, act: Act, right: Right = NOWHERE) -> Behaviour:
    return Behaviour(f"redirect {name}", words, act, right)


ROWS: Final = (
    _row("to itself", "302 to the same url", _to(LISTING)),
    _row("in a circle", "302 to a page that leads back", circle),
    _row("to ever new addresses", "each hop has another query", onwards),
    _row("of five hops", "as many as are followed", hops(5), READ),
    _row("of six hops", "one more than is followed", hops(6)),
    _row("without a location", "302, and that is all", answers(302)),
    _row(
        "to an empty location",
        "Location: and nothing",
        says(lambda: head("Location:", "Content-Length: 0", status="302 Found")),
    ),
    _row("to two places", "two Location headers", _to("/a", "/b")),
    _row("to javascript:", "Location: javascript:alert(1)", _to("javascript:alert(1)")),
    _row("to data:", "Location: data:text/html,<li>", _to("data:text/html,<li>")),
    _row("to file:", "Location: file:///etc/passwd", _to("file:///etc/passwd")),
    _row("to ftp:", "Location: ftp://127.0.0.1/", _to("ftp://127.0.0.1/")),
    _row("to gopher:", "Location: gopher://127.0.0.1:6379/_FLUSHALL", _to("gopher://127.0.0.1:6379/_FLUSHALL")),
    _row("to no url", "Location: http://[::1", _to("http://[::1")),
    _row("to a port that is none", "Location: http://127.0.0.1:99999/", _to("http://127.0.0.1:99999/")),
    _row("to another site", "Location: http://elsewhere.invalid/", _to("http://elsewhere.invalid/")),
    _row("of 90 kB", "Location: 90,000 letters", _to("/" + "a" * 90_000), miss(Why.REDIRECT, Why.STATUS, Why.ADDRESS)),
    _row("of 200 kB", "Location: 200,000 letters", _to("/" + "a" * 200_000), miss(Why.TOO_LARGE)),
    _row("with line ends in it", "Location: /a%0d%0aX: 1", _to("/a%0d%0aX:%201"), miss(Why.STATUS)),
    _row(
        "that rings the bell",
        "Location with an escape sequence",
        _to("/\x1b]0;owned\x07"),
        miss(Why.STATUS, Why.NETWORK, Why.ADDRESS, Why.REDIRECT),
    ),
    _row(
        "in raw UTF-8",
        "Location: /协同组合/‮",
        says(lambda: b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /" + "协同\u202e".encode() + b"\r\n\r\n"),
        miss(Why.STATUS),
    ),
    _row(
        "with user and password",
        "Location: http://user:secret@elsewhere.invalid/",
        _to("http://user:secret@elsewhere.invalid/"),
    ),
    _row(
        "with a body that lasts",
        "302 with the listing as its body",
        answers(302, ("Location", LISTING), body=page().replace("story", "tale")),
    ),
    _row("by 304 with a location", "304, Location: /a", answers(304, ("Location", "/a")), READ),
    _row("by 399", "an unknown 3xx", _to("/a", status=399), miss(Why.STATUS)),
    _row("of page 2 to page 1", "the second page is the first again", _to(LISTING, path=SECOND), DOUBT),
    _row("of page 1 to page 2", "the first page is not to be had", _to(SECOND), DOUBT),
    _row("of page 1 to page 2, told twice", "two Location headers that agree", _to(SECOND, SECOND), DOUBT),
    _row("of page 2 to the front page", "302 to a page that is no listing", front, DOUBT),
    _row("to robots.txt", "the listing is robots.txt now", _to(ROBOTS), frozenset({"doubt"})),
)
