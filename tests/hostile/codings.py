"""Content codings that are unknown, broken, cut, or not what they say (RFC 9110 section 8.4)."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from typing import Final

import brotli  # type: ignore[import-untyped]  # it brings no hints
import zstandard

from coopscrape.model import Why
from hostile.behaviour import READ, SECOND, Behaviour, Right, answer, chunks, head, miss, page, says

CODING: Final = miss(Why.CODING)
TRUNCATED: Final = miss(Why.TRUNCATED)
CODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": gzip.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def _body() -> bytes:
    return page().encode()


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


def _trained(body: bytes) -> bytes:
    """Compressed with a dictionary that only the server has."""
    shared = zstandard.ZstdCompressionDict(body[:2_000] * 3, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    return zstandard.ZstdCompressor(dict_data=shared, write_dict_id=True).compress(body)


def _row(name: str, words: str, coding: str, make: Callable[[], bytes], right: Right = CODING) -> Behaviour:
    return Behaviour(name, words, says(lambda: answer(make(), f"Content-Encoding: {coding}")), right)


def _of_each_kind(coding: str) -> tuple[Behaviour, ...]:
    code = CODERS[coding]
    return (
        _row(f"{coding}", "as it should be", coding, lambda: code(_body()), READ),
        _row(f"{coding} cut in the middle", "its length is right", coding, lambda: _half(code(_body())), TRUNCATED),
        _row(f"{coding} without its last byte", "its length is right", coding, lambda: code(_body())[:-1], TRUNCATED),
        _row(f"{coding} with nothing in it", "no byte at all", coding, lambda: b"", TRUNCATED),
        _row(f"{coding} of an empty page", "whole, and empty", coding, lambda: code(b""), frozenset({"doubt"})),
        _row(
            f"{coding} with a broken byte",
            "one byte in the middle is another",
            coding,
            lambda: _flipped(code(_body()), 100),
            CODING | TRUNCATED,
        ),
        _row(f"{coding} that is none", "plain HTML", coding, _body, CODING | TRUNCATED),
        _row(
            f"{coding} with a page behind it",
            "another page after the end",
            coding,
            lambda: code(_body()) + _body(),
            CODING | TRUNCATED,
        ),
        _row(
            f"{coding} coded twice, said once",
            "decodes to a stream",
            coding,
            lambda: code(code(_body())),
            frozenset({"doubt"}),
        ),
        Behaviour(
            f"{coding} cut on page 2",
            "the length is right",
            says(lambda: answer(code(page(2).encode())[:-9], f"Content-Encoding: {coding}"), SECOND),
            TRUNCATED,
        ),
        Behaviour(
            f"{coding} in chunks of one byte",
            "a chunk for every byte",
            says(
                lambda: (
                    head("Transfer-Encoding: chunked", f"Content-Encoding: {coding}")
                    + chunks(*(bytes([one]) for one in code(_body())))
                )
            ),
            READ,
        ),
    )


ROWS: Final = (
    *_of_each_kind("gzip"),
    *_of_each_kind("br"),
    *_of_each_kind("zstd"),
    _row(
        "gzip in two members",
        "half a page each",
        "gzip",
        lambda: gzip.compress(_body()[:900]) + gzip.compress(_body()[900:]),
        READ,
    ),
    _row(
        "gzip in 500 members",
        "a few bytes each",
        "gzip",
        lambda: b"".join(gzip.compress(_body()[at : at + 6]) for at in range(0, len(_body()), 6)),
        READ,
    ),
    _row(
        "gzip with zeros behind it",
        "padding after the end",
        "gzip",
        lambda: gzip.compress(_body()) + bytes(64),
        CODING | TRUNCATED,
    ),
    _row(
        "gzip with a wrong checksum",
        "the last bytes are others",
        "gzip",
        lambda: _flipped(gzip.compress(_body()), -6 % len(gzip.compress(_body()))),
        CODING,
    ),
    _row("gzip that is zlib", "a zlib stream", "gzip", lambda: zlib.compress(_body())),
    _row("x-gzip", "the old name", "X-GZip", lambda: gzip.compress(_body()), READ),
    _row("deflate", "was not asked for", "deflate", lambda: zlib.compress(_body())),
    _row("compress", "was not asked for", "compress", _body),
    _row("an unknown coding", "Content-Encoding: rot13", "rot13", _body),
    _row("the coding identity", "the default, said aloud", "identity", _body, READ),
    _row("the coding utf-8", "a charset where a coding belongs", "utf-8", _body),
    _row("codings gzip, br", "two of them", "gzip, br", lambda: brotli.compress(gzip.compress(_body()))),
    _row(
        "a coding with an escape sequence",
        "Content-Encoding rings the bell",
        "\x1b[31m\x07",
        _body,
        CODING | miss(Why.NETWORK),
    ),
    _row(
        "zstd in two frames",
        "half a page each",
        "zstd",
        lambda: CODERS["zstd"](_body()[:900]) + CODERS["zstd"](_body()[900:]),
        READ,
    ),
    _row("zstd with a dictionary", "that only the server has", "zstd", lambda: _trained(_body())),
)
