"""Servers that take their time: in the end, or for ever. Each fetch has a deadline as a whole."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Final

from coopscrape.model import Why
from hostile.behaviour import (
    LISTING,
    READ,
    SECOND,
    Behaviour,
    Right,
    Talk,
    answer,
    drip,
    head,
    miss,
    page,
    silent,
    talks,
)
from server import Asked

LATE: Final = miss(Why.DEADLINE)


def mute(connection: socket.socket, asked: Asked) -> None:
    silent(connection)


def then_mute(start: Callable[[], bytes]) -> Talk:
    """Says this, and then nothing."""

    def talk(connection: socket.socket, asked: Asked) -> None:
        connection.sendall(start())
        silent(connection)

    return talk


def dripping(start: bytes, drops: list[bytes] | bytes, pause: float = 0.2) -> Talk:
    def talk(connection: socket.socket, asked: Asked) -> None:
        connection.sendall(start)
        drip(connection, drops, pause)

    return talk


def late(seconds: float) -> Talk:
    """A good answer, but late."""

    def talk(connection: socket.socket, asked: Asked) -> None:
        if silent(connection, seconds):
            connection.sendall(answer(page()))

    return talk


def in_pieces(connection: socket.socket, asked: Asked) -> None:
    """A good answer, in a hundred pieces, within a second."""
    data = answer(page())
    for at in range(0, len(data), len(data) // 100):
        connection.sendall(data[at : at + len(data) // 100])
        time.sleep(0.005)


def deaf(connection: socket.socket, asked: Asked) -> None:
    """Stops in mid-answer without a word, and leaves without good-bye when the client is long gone."""
    connection.sendall(answer(page())[:500])
    time.sleep(3)


def _row(name: str, words: str, talk: Talk, right: Right = LATE, path: str = LISTING) -> Behaviour:
    return Behaviour(name, words, talks(talk, path), right, group="slow")


ROWS: Final = (
    _row("silence after the request", "takes it and says nothing", mute),
    _row("silence on page 2", "the second page never comes", mute, path=SECOND),
    _row("silence in the head", "stops in a header", then_mute(lambda: head()[:40])),
    _row("silence after the head", "the body never begins", then_mute(lambda: head("Content-Length: 5000"))),
    _row("silence in the body", "stops in mid-list", then_mute(lambda: answer(page())[:900])),
    _row(
        "silence in a chunk",
        "stops inside a chunk",
        then_mute(lambda: head("Transfer-Encoding: chunked") + b"ffff\r\n<p>"),
    ),
    _row(
        "silence before the last chunk",
        "all came, but the end",
        then_mute(
            lambda: head("Transfer-Encoding: chunked") + b"%x\r\n%b\r\n" % (len(page().encode()), page().encode())
        ),
    ),
    _row(
        "silence instead of closing",
        "no length, and it never closes",
        then_mute(lambda: head("Connection: close") + page().encode()),
    ),
    _row("a dripping head", "one letter of a header each 0.2 s", dripping(head()[:-2] + b"X-Slow: ", b"slow")),
    _row("dripping headers", "one more header each 0.2 s", dripping(head()[:-2], [b"X-Slow: 1\r\n"])),
    _row("a dripping status line", "one letter each 0.2 s", dripping(b"", b"HTTP/1.1 200 " + b"O" * 1000)),
    _row("a dripping body", "one byte each 0.2 s", dripping(head("Content-Length: 5000"), page().encode())),
    _row(
        "dripping chunks", "one small chunk each 0.2 s", dripping(head("Transfer-Encoding: chunked"), [b"1\r\nx\r\n"])
    ),
    _row(
        "dripping trailers",
        "one more trailer each 0.2 s",
        dripping(head("Transfer-Encoding: chunked") + b"3\r\n<p>\r\n0\r\n", [b"X-T: 1\r\n"]),
    ),
    _row("dripping 102s", "is processing, each 0.2 s", dripping(b"", [head(status="102 Processing")])),
    _row("dripping 100s", "continue, each 0.2 s", dripping(b"", [b"HTTP/1.1 100 Continue\r\n\r\n"])),
    _row(
        "a dripping gzip stream",
        "its header, then blocks of nothing",
        dripping(
            head("Transfer-Encoding: chunked", "Content-Encoding: gzip")
            + b"a\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\r\n",
            [b"5\r\n\x00\x00\x00\xff\xff\r\n"],
        ),
    ),
    _row("a good answer, too late", "after 5 s, when 2 s are allowed", late(5)),
    _row("a good answer, just in time", "after 0.8 s", late(0.8), READ),
    _row("a good answer in a hundred pieces", "one each 5 ms", in_pieces, READ),
    _row("a server that has died", "stops in mid-answer", deaf),
)
