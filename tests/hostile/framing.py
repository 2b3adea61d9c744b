"""Answers that break HTTP/1.1 itself: where an answer begins, where it ends, whose it is (RFC 9112)."""

from __future__ import annotations

import random
import socket
import struct
import time
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
    chunks,
    head,
    miss,
    page,
    says,
    silent,
    talks,
)
from listings import listing, some_items
from server import Asked

TRUNCATED: Final = miss(Why.TRUNCATED)
NETWORK: Final = miss(Why.NETWORK)
CHUNKED: Final = "Transfer-Encoding: chunked"

# A listing that is not this one: if it were believed, all entries would be new and the others missing.
OTHER: Final = listing(some_items(9, first=500))


def _body(number: int = 1) -> bytes:
    return page(number).encode()


def _length() -> int:
    return len(_body())


def reset(after: bytes) -> Talk:
    """Says this, then breaks the connection off (RST)."""

    def talk(connection: socket.socket, asked: Asked) -> None:
        connection.sendall(after)
        time.sleep(0.05)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return talk


def unbidden(connection: socket.socket, asked: Asked) -> bool:
    """A good answer, and a moment later, when the connection is idle, one that nobody asked for."""
    connection.sendall(answer(page()))
    time.sleep(0.1)
    connection.sendall(answer(OTHER))
    silent(connection, 2)
    return True


def swallowed(connection: socket.socket, asked: Asked) -> bool:
    """The same, but both at once."""
    connection.sendall(answer(page()) + answer(OTHER))
    return True


def _raw(name: str, words: str, data: bytes, right: Right, path: str = LISTING) -> Behaviour:
    return Behaviour(name, words, says(lambda: data, path), right)


def _line(name: str, line: bytes, right: Right = NETWORK) -> Behaviour:
    data = line + b"\r\nContent-Length: %d\r\n\r\n" % _length() + _body()
    return _raw(f"status line {name}", f"begins its answer with {line[:40]!r}", data, right)


def _header(name: str, header: bytes, right: Right) -> Behaviour:
    data = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%b\r\n\r\n" % (_length(), header) + _body()
    return _raw(f"header {name}", f"has a header {header[:40]!r}", data, right)


def _lengths(name: str, *lengths: str, right: Right = NETWORK) -> Behaviour:
    data = head(*(f"Content-Length: {length}" for length in lengths)) + _body()
    return _raw(f"length {name}", f"announces {', '.join(lengths)[:60]} bytes", data, right)


def _chunked(name: str, words: str, body: bytes, right: Right = TRUNCATED) -> Behaviour:
    return _raw(f"chunks {name}", words, head(CHUNKED) + body, right)


ROWS: Final = (
    # -- the end
    _raw("a body shorter than its length", "announces more than it sends", answer(_body())[:-40], TRUNCATED),
    _raw("a second page shorter than its length", "the same on page 2", answer(_body(2))[:-40], TRUNCATED, SECOND),
    _raw("a body longer than its length", "sends 100 bytes more", answer(_body()) + b"<p>" * 33, TRUNCATED),
    _raw("another answer glued behind the first", "sends two at once", answer(_body()) + answer(OTHER), TRUNCATED),
    Behaviour("two answers at once on a kept connection", "the second is for nobody", talks(swallowed), TRUNCATED),
    Behaviour(
        "an answer that nobody asked for",
        "comes on the idle connection",
        talks(unbidden),
        READ,
        settings={"delay": "0.4s"},
    ),
    _raw("HTTP/1.0 without length, with its end", "closes when done", head(version="HTTP/1.0") + _body(), READ),
    _raw("HTTP/1.0 without length, cut", "dies in mid-list", head(version="HTTP/1.0") + _body()[:900], TRUNCATED),
    _raw("HTTP/1.1 without length, cut", "dies in mid-list", head("Connection: close") + _body()[:900], TRUNCATED),
    _raw("an empty page by closing", "no length, no body", head("Connection: close"), TRUNCATED),
    _lengths("negative", "-1"),
    _lengths("with a plus sign", f"+{_length()}"),
    _lengths("in hexadecimal", hex(_length())),
    _lengths("of words", "many"),
    _lengths("of 40 digits", "9" * 40, right=NETWORK | miss(Why.TOO_LARGE)),
    _lengths("of 5,000 digits", "9" * 5_000, right=NETWORK | miss(Why.TOO_LARGE)),
    _lengths("said twice, differently", str(_length()), "7"),
    _lengths("said twice in one line, differently", f"{_length()}, 7"),
    _lengths("said twice, alike", str(_length()), str(_length()), right=READ | NETWORK),
    _lengths("in Arabic digits", "\xb2\xb3", right=NETWORK),
    _raw(
        "length and chunks at once",
        "has both, chunks are sent",
        head("Content-Length: 7", CHUNKED) + chunks(_body()),
        READ | NETWORK | TRUNCATED,
    ),
    _raw(
        "length and chunks, but no chunks",
        "has both, no chunk is sent",
        head(f"Content-Length: {_length()}", CHUNKED) + _body(),
        NETWORK | TRUNCATED,
    ),
    # -- chunks
    _chunked("cut in the middle", "stops inside a chunk", b"%x\r\n" % _length() + _body()[:300]),
    _chunked("without the last one", "never says 0", chunks(_body())[:-5]),
    _chunked("with half an end", "the last line is missing", chunks(_body())[:-2]),
    _chunked("of no number", "a size that is none", b"zz\r\n" + _body()),
    _chunked("of a negative size", "a size below 0", b"-5\r\n" + _body()),
    _chunked("with 0x", "a size as C writes it", b"0x%x\r\n" % _length() + _body() + b"\r\n0\r\n\r\n"),
    _chunked("of 2^80 bytes", "a size that no number holds", b"1" + b"0" * 20 + b"\r\n" + _body()),
    _chunked("without line ends", "the next size stands where a line should end", b"5\r\nshortXX5\r\n" + _body()),
    _chunked("with another answer behind", "two answers at once", chunks(_body()) + answer(OTHER)),
    _chunked("one byte each", "a chunk for every byte", chunks(*(bytes([one]) for one in _body())), READ),
    _chunked("empty", "says 0 at once", chunks(), miss(Why.TRUNCATED) | frozenset({"doubt"})),
    _raw(
        "chunks named twice",
        "Transfer-Encoding: chunked, chunked",
        head("Transfer-Encoding: chunked, chunked") + chunks(_body()),
        NETWORK,
    ),
    _raw("an unknown transfer coding", "Transfer-Encoding: rot13", head("Transfer-Encoding: rot13") + _body(), NETWORK),
    # -- no answer at all
    _raw("nothing", "closes at once", b"", NETWORK),
    _raw("half a head", "closes in a header", head()[:30], NETWORK),
    _raw("HTTP/0.9", "sends the page without any head", _body(), NETWORK),
    _raw("the settings of HTTP/2", "talks HTTP/2 without being asked", b"\x00\x00\x12\x04" + bytes(23), NETWORK),
    _raw("the preface of HTTP/2", "says PRI * HTTP/2.0", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NETWORK),
    _raw("TLS on a plain port", "sends a TLS alert", b"\x15\x03\x01\x00\x02\x02\x46", NETWORK),
    _raw("SSH", "says SSH-2.0", b"SSH-2.0-OpenSSH_9.6\r\n", NETWORK),
    _raw("noise", "sends 20 kB of random bytes", random.Random(1).randbytes(20_000), NETWORK),
    _raw("zeros", "sends 20 kB of zero bytes", bytes(20_000), NETWORK),
    Behaviour("a reset at once", "breaks the connection off", talks(reset(b"")), NETWORK),
    Behaviour("a reset in the head", "breaks off in a header", talks(reset(head()[:40])), NETWORK),
    Behaviour(
        "a reset in the body", "breaks off in mid-list", talks(reset(answer(_body())[:900])), NETWORK | TRUNCATED
    ),
    Behaviour(
        "a reset in a body without length",
        "breaks off in mid-list",
        talks(reset(head("Connection: close") + _body()[:900])),
        NETWORK | TRUNCATED,
    ),
    # -- the status line
    _line("without a reason", b"HTTP/1.1 200", READ | NETWORK),
    _line("of letters", b"HTTP/1.1 OK 200"),
    _line("of four digits", b"HTTP/1.1 2000 OK"),
    _line("of status 000", b"HTTP/1.1 000 Nothing", NETWORK | miss(Why.STATUS)),
    _line("of status 999", b"HTTP/1.1 999 Denied", NETWORK | miss(Why.STATUS)),
    _line("of HTTP/9.9", b"HTTP/9.9 200 OK", NETWORK | READ),
    _line("of another protocol", b"ICY 200 OK"),
    _line("of 200 kB", b"HTTP/1.1 200 " + b"O" * 200_000, NETWORK | miss(Why.TOO_LARGE)),
    _line("that rings the bell", b"HTTP/1.1 500 \x1b[31m\x07\x1b]0;owned\x07", NETWORK | miss(Why.STATUS)),
    _line("in UTF-8, right to left", "HTTP/1.1 500 \u202eedoc\u2066".encode(), NETWORK | miss(Why.STATUS)),
    # -- headers
    _header("without a colon", b"nonsense", NETWORK),
    _header("with a space in its name", b"X Y: 1", NETWORK),
    _header("without a name", b": 1", NETWORK),
    _header("folded over two lines", b"X-Long: a\r\n b", READ),
    _header("with a zero byte", b"X-Null: a\x00b", NETWORK),
    _header("with a lone CR", b"X-CR: a\rb", NETWORK | READ),
    _header("with an escape sequence", b'ETag: "\x1b]0;owned\x07"', NETWORK | READ),
    _header("in UTF-8", "X-Name: Zoë 協同組合".encode(), READ),
    _header("Content-Type that rings the bell", b'Content-Type: text/html; charset="\x07\x1b[2J"', NETWORK | READ),
    _header("X-Robots-Tag that rings the bell", b"X-Robots-Tag: noindex \x1b[2J\xe2\x80\xae", NETWORK | READ),
    _raw("line ends without CR", "ends its lines with LF", answer(_body()).replace(b"\r\n", b"\n", 9), READ),
    _raw(
        "Connection: close, but it stays",
        "says close and keeps the connection",
        answer(_body(), "Connection: close"),
        READ,
    ),
)
