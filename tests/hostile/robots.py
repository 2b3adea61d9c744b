"""What may stand, or not stand, at /robots.txt. It is read once and kept for a day: so it misbehaves from the first run on."""

from __future__ import annotations

import gzip
import random
import socket
from collections.abc import Callable
from typing import Final

from coopscrape.model import Why
from hostile.behaviour import (
    READ,
    ROBOTS,
    Act,
    Behaviour,
    Right,
    answer,
    answers,
    drip,
    flood,
    head,
    miss,
    page,
    says,
    serves,
    silent,
    talks,
)
from hostile.sizes import MIB, gzipped
from server import Asked

CLOSED: Final = miss(Why.ROBOTS_UNREACHABLE)
FORBIDDEN: Final = miss(Why.ROBOTS)
OPEN: Final = b"User-agent: *\nAllow: /\n"
SHUT: Final = b"User-agent: *\nDisallow: /\n"


def _row(name: str, words: str, act: Act, right: Right, group: str = "light") -> Behaviour:
    kept = FORBIDDEN | miss(Why.TOO_SLOW_WANTED)  # what it said is obeyed for a day
    last = right if right <= kept else READ
    return Behaviour(f"robots.txt {name}", words, act, right, group=group, early=True, last=last)


def _body(name: str, words: str, make: Callable[[], bytes], right: Right, group: str = "light") -> Behaviour:
    return _row(name, words, serves(make, ROBOTS), right, group)


def _said(name: str, words: str, make: Callable[[], bytes], right: Right, group: str = "light") -> Behaviour:
    return _row(name, words, says(make, ROBOTS), right, group)


def endless(connection: socket.socket, asked: Asked) -> None:
    connection.sendall(head("Connection: close") + SHUT)
    flood(connection, b"Disallow: /a\n" * 5_000)


def dripping(connection: socket.socket, asked: Asked) -> None:
    connection.sendall(head("Content-Length: 500"))
    drip(connection, OPEN, 0.2)


def mute(connection: socket.socket, asked: Asked) -> None:
    silent(connection)


ROWS: Final = (
    # -- as an answer
    *(
        _row(f"of status {status}", "no rules", answers(status, path=ROBOTS, body=SHUT), READ)
        for status in (400, 401, 403, 404, 410, 418, 451)
    ),
    *(
        _row(f"of status {status}", "nothing is asked", answers(status, path=ROBOTS, body=OPEN), CLOSED)
        for status in (429, 500, 502, 503, 599)
    ),
    _row("of status 204", "a success without rules", answers(204, path=ROBOTS), READ),
    _row("of status 304, unasked", "not modified, of what?", answers(304, path=ROBOTS), CLOSED),
    _row("that leads to itself", "302, for ever", answers(302, ("Location", ROBOTS), path=ROBOTS), READ),
    _row("that leads nowhere", "302 without a location", answers(302, path=ROBOTS), CLOSED),
    _row(
        "that leads to file:",
        "302 to file:///etc/passwd",
        answers(302, ("Location", "file:///etc/passwd"), path=ROBOTS),
        CLOSED,
    ),
    _said("that is half", "fewer bytes than announced", lambda: answer(OPEN)[:-5], CLOSED),
    _said("that is nothing", "closes at once", lambda: b"", CLOSED),
    _said("without a head", "HTTP/0.9", lambda: OPEN, CLOSED),
    _said("in an unknown coding", "Content-Encoding: rot13", lambda: answer(OPEN, "Content-Encoding: rot13"), CLOSED),
    _said(
        "in cut gzip",
        "stops before its end",
        lambda: answer(gzip.compress(OPEN)[:-9], "Content-Encoding: gzip"),
        CLOSED,
    ),
    _said("in gzip", "as it should be", lambda: answer(gzip.compress(SHUT), "Content-Encoding: gzip"), FORBIDDEN),
    _said("with endless headers", "more than is read", lambda: head("X: " + "y" * 500_000), CLOSED),
    _row("that drips", "a letter each 0.2 s", talks(dripping, ROBOTS), CLOSED, "slow"),
    _row("that is silent", "takes the request and says nothing", talks(mute, ROBOTS), CLOSED, "slow"),
    _row("that never ends", "forbids all, in gigabytes", talks(endless, ROBOTS), FORBIDDEN, "large"),
    _said(
        "that is a gzip bomb",
        "1 GB of zeros",
        lambda: answer(gzipped(1_000 * MIB), "Content-Encoding: gzip"),
        READ,
        "large",
    ),
    # -- as a text
    _body("of 5 MB that allows", "allows, and goes on", lambda: OPEN + b"# filler\n" * 600_000, READ, "large"),
    _body(
        "of 5 MB that forbids first", "forbids, and goes on", lambda: SHUT + b"# filler\n" * 600_000, FORBIDDEN, "large"
    ),
    _body(
        "in one line of 5 MB",
        "forbids in a line without end",
        lambda: b"User-agent: *\nDisallow: /" + b"a" * 5_000_000,
        READ,
        "large",
    ),
    _body(
        "of 60,000 rules",
        "Disallow: /n",
        lambda: OPEN + b"".join(b"Disallow: /%d\n" % n for n in range(30_000)),
        READ,
        "large",
    ),
    _body(
        "of 30,000 groups",
        "User-agent: n",
        lambda: b"".join(b"User-agent: b%d\nDisallow: /\n" % n for n in range(15_000)),
        READ,
        "large",
    ),
    _body(
        "of wild cards",
        "*a*a*a*a, which takes some for ever",
        lambda: b"User-agent: *\nDisallow: /" + b"*e" * 5_000 + b"$\nDisallow: /" + b"*n*e*w*s" * 1_000 + b"x$\n",
        READ,
    ),
    _body(
        "of many wild cards",
        "a thousand times *e*w*",
        lambda: b"User-agent: *\n" + b"".join(b"Disallow: /*n*e*w*x%d*$\n" % n for n in range(1_000)),
        READ,
    ),
    _body("of noise", "random bytes", lambda: random.Random(2).randbytes(50_000), READ),
    _body("of zeros", "zero bytes", lambda: bytes(50_000), READ),
    _body("that is a page", "the listing itself", lambda: page().encode(), READ),
    _body("that is empty", "no byte", lambda: b"", READ),
    _body("in UTF-16", "which no robots.txt is", lambda: SHUT.decode().encode("utf-16"), READ | FORBIDDEN),
    _body("with a mark", "of UTF-8, before the first line", lambda: b"\xef\xbb\xbf" + SHUT, FORBIDDEN),
    _body(
        "with escape sequences",
        "rings the bell and forbids",
        lambda: b"User-agent: *\nDisallow: /\x1b]0;owned\x07\nDisallow: /news\n",
        FORBIDDEN,
    ),
    _body("that wants an age", "Crawl-delay: 1e12", lambda: OPEN + b"Crawl-delay: 1e12\n", miss(Why.TOO_SLOW_WANTED)),
    _body(
        "that wants infinity",
        "Crawl-delay: inf",
        lambda: OPEN + b"Crawl-delay: inf\n",
        miss(Why.TOO_SLOW_WANTED),
    ),
    _body(
        "that wants no number",
        "Crawl-delay: nan",
        lambda: OPEN + b"Crawl-delay: nan\nCrawl-delay: -5\nCrawl-delay: x\n",
        READ,
    ),
)
