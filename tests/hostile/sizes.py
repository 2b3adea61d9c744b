"""Answers that are too large: as sent, decoded, or in their heads. And what claims to be large."""

from __future__ import annotations

import gzip
import socket
import zlib
from collections.abc import Callable
from typing import Final

import brotli  # type: ignore[import-untyped]  # it brings no hints
import zstandard

from coopscrape.model import Why
from hostile.behaviour import (
    READ,
    SECOND,
    Behaviour,
    Right,
    Talk,
    answer,
    flood,
    head,
    miss,
    page,
    says,
    talks,
)
from server import Asked

TOO_LARGE: Final = miss(Why.TOO_LARGE)
MIB: Final = 2**20
CHUNKED: Final = "Transfer-Encoding: chunked"


def flooding(start: bytes, piece: Callable[[], bytes]) -> Talk:
    def talk(connection: socket.socket, asked: Asked) -> None:
        connection.sendall(start)
        flood(connection, piece())

    return talk


def bomb(coding: str, body: Callable[[], bytes]) -> Callable[[], bytes]:
    return lambda: answer(body(), f"Content-Encoding: {coding}")


def gzipped(size: int) -> bytes:
    stream, piece = zlib.compressobj(wbits=31), bytes(MIB)
    return b"".join(stream.compress(piece) for _ in range(size // MIB)) + stream.flush()


def gzip_members() -> bytes:
    return gzip.compress(bytes(MIB)) * 500


def gzip_empty_members() -> bytes:
    return gzip.compress(b"") * 200_000


def brotlied(size: int) -> bytes:
    stream, piece = brotli.Compressor(quality=5), bytes(MIB)
    return b"".join(stream.process(piece) for _ in range(size // MIB)) + bytes(stream.finish())


def zstded(size: int) -> bytes:
    stream, piece = zstandard.ZstdCompressor(level=3).compressobj(), bytes(MIB)
    return b"".join(stream.compress(piece) for _ in range(size // MIB)) + stream.flush()


def zstd_empty_frames() -> bytes:
    return zstandard.ZstdCompressor().compress(b"") * 200_000


def zstd_skippable() -> bytes:
    return b"\x50\x2a\x4d\x18\x00\x00\x00\x00" * 500_000


def zstd_window() -> bytes:
    """A frame whose window is 2 GiB (RFC 8878 section 3.1.1.1.2): exponent 21, no content size."""
    return b"\x28\xb5\x2f\xfd\x00" + bytes([21 << 3]) + b"\x0d\x00\x00hi</html>"[:3]


def whole_of(size: int) -> bytes:
    """The listing, and a comment that makes it as large as this."""
    body = page().encode()
    return body + b"<!--" + b"x" * (size - len(body) - 7) + b"-->"


def _row(name: str, words: str, make: Callable[[], bytes], right: Right = TOO_LARGE, group: str = "large") -> Behaviour:
    return Behaviour(name, words, says(make), right, group=group)


def _flood(name: str, words: str, start: bytes, piece: Callable[[], bytes], right: Right = TOO_LARGE) -> Behaviour:
    return Behaviour(name, words, talks(flooding(start, piece)), right, group="large")


ROWS: Final = (
    # -- bodies
    _flood("an endless body", "no length, no end", head("Connection: close"), lambda: b"<p>for ever</p>" * 5_000),
    _flood("endless chunks", "chunks without end", head(CHUNKED), lambda: b"10000\r\n%b\r\n" % bytes(65_536)),
    _flood("an endless chunk", "one chunk of 2 GiB", head(CHUNKED) + b"80000000\r\n", lambda: bytes(65_536)),
    _flood("endless tiny chunks", "one byte each, without end", head(CHUNKED), lambda: b"1\r\nx\r\n" * 10_000),
    _flood(
        "an endless chunk extension",
        "a chunk's size and then letters",
        head(CHUNKED) + b"5;a=",
        lambda: b"b" * 65_536,
        miss(Why.TOO_LARGE, Why.TRUNCATED, Why.NETWORK),
    ),
    _flood(
        "chunks with huge extensions",
        "1 byte each, and 10 kB beside it",
        head(CHUNKED),
        lambda: (b"1;a=" + b"b" * 10_000 + b"\r\nx\r\n") * 5,
    ),
    _flood(
        "endless trailers",
        "headers behind the body, without end",
        head(CHUNKED) + b"3\r\n<p>\r\n0\r\n",
        lambda: b"X-T: 1\r\n" * 5_000,
        miss(Why.TOO_LARGE, Why.TRUNCATED, Why.NETWORK),
    ),
    _row("a body of 10 MiB", "as large as is allowed", lambda: answer(whole_of(10 * MIB)), READ),
    _row("a body of 10 MiB and a byte", "one more than is allowed", lambda: answer(whole_of(10 * MIB + 1))),
    _row(
        "a body of 11 MiB in chunks",
        "says no length",
        lambda: head(CHUNKED) + b"%x\r\n" % (11 * MIB) + whole_of(11 * MIB) + b"\r\n0\r\n\r\n",
    ),
    _row(
        "a body that announces a TB",
        "Content-Length: 10^12",
        lambda: head("Content-Length: 1000000000000") + b"<p>",
        group="light",
    ),
    # -- bombs
    _row("a gzip bomb", "1 MB that becomes 1 GB", bomb("gzip", lambda: gzipped(1_000 * MIB))),
    _row(
        "a gzip bomb of the right size",
        "10 kB that become 10 MiB of zeros",
        bomb("gzip", lambda: gzipped(10 * MIB)),
        frozenset({"doubt"}),
    ),
    _row("a gzip bomb of 500 members", "1 MiB of zeros, 500 times", bomb("gzip", gzip_members)),
    _row("200,000 empty gzip members", "nothing, very often", bomb("gzip", gzip_empty_members), miss(Why.CODING)),
    _row(
        "a gzip bomb in gzip",
        "compressed twice, named once",
        bomb("gzip", lambda: gzip.compress(gzipped(100 * MIB))),
        frozenset({"doubt"}),
    ),
    _row(
        "a gzip bomb, coded twice",
        "compressed twice, named twice",
        bomb("gzip, gzip", lambda: gzip.compress(gzipped(100 * MIB))),
        miss(Why.CODING),
    ),
    _row("a brotli bomb", "1 kB that becomes 1 GB", bomb("br", lambda: brotlied(1_000 * MIB))),
    _row(
        "a brotli bomb of the right size",
        "10 MiB of zeros",
        bomb("br", lambda: brotlied(10 * MIB)),
        frozenset({"doubt"}),
    ),
    _row("a zstd bomb", "40 kB that become 1 GB", bomb("zstd", lambda: zstded(1_000 * MIB))),
    _row(
        "a zstd bomb of the right size", "10 MiB of zeros", bomb("zstd", lambda: zstded(10 * MIB)), frozenset({"doubt"})
    ),
    _row("200,000 empty zstd frames", "nothing, very often", bomb("zstd", zstd_empty_frames), miss(Why.CODING)),
    _row("half a million skippable zstd frames", "to be skipped", bomb("zstd", zstd_skippable), miss(Why.CODING)),
    _row(
        "a zstd window of 2 GiB",
        "asks for memory that nobody has",
        bomb("zstd", zstd_window),
        miss(Why.CODING, Why.TRUNCATED),
        group="light",
    ),
    _row(
        "a deflate bomb",
        "a coding that was not asked for",
        bomb("deflate", lambda: zlib.compress(bytes(50 * MIB))),
        miss(Why.CODING),
    ),
    Behaviour(
        "a gzip bomb on page 2",
        "1 GB behind the first page",
        says(bomb("gzip", lambda: gzipped(1_000 * MIB)), SECOND),
        TOO_LARGE,
        group="large",
    ),
    # -- heads
    _row(
        "one header of 1 MB",
        "X-Big: a million letters",
        lambda: head("X-Big: " + "a" * 1_000_000) + page().encode(),
        group="light",
    ),
    _row(
        "one header of 90 kB",
        "less than is allowed",
        lambda: answer(page(), "X-Big: " + "a" * 90_000),
        READ,
        group="light",
    ),
    _row("100,000 headers", "X-1 to X-100000", lambda: head(*(f"X-{n}: 1" for n in range(100_000))), group="light"),
    _row(
        "5,000 headers",
        "X-1 to X-5000, 60 kB",
        lambda: answer(page(), *(f"X-{n}: 1" for n in range(5_000))),
        READ | TOO_LARGE,
        group="light",
    ),
    _row(
        "1,000 cookies",
        "Set-Cookie, a thousand times",
        lambda: answer(page(), *(f"Set-Cookie: c{n}={n}" for n in range(1_000))),
        READ,
        group="light",
    ),
    _row(
        "1,000 X-Robots-Tags",
        "noarchive, a thousand times",
        lambda: answer(page(), *(f"X-Robots-Tag: noarchive, x{n}" for n in range(1_000))),
        READ,
        group="light",
    ),
    _row(
        "an ETag of 50 kB",
        "a validator that must be sent back",
        lambda: answer(page(), 'ETag: "' + "e" * 50_000 + '"'),
        READ,
        group="light",
    ),
    _flood("endless headers", "headers without end", head()[:-2], lambda: b"X-Y: 1\r\n" * 5_000),
    _flood("an endless header", "one header without end", head()[:-2] + b"X-Y: ", lambda: b"a" * 65_536),
    _flood("an endless status line", "a reason without end", b"HTTP/1.1 200 ", lambda: b"O" * 65_536),
    _flood("endless 102s", "is processing, without end", b"", lambda: head(status="102 Processing") * 500),
)
