"""A coding and the chunks of a body as sent in, the body out: whole, bounded, or Trouble. For fetch/answer.py alone."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence

import brotli  # type: ignore[import-untyped]  # it brings no hints
import zstandard

from coopscrape.fetch.trouble import Trouble
from coopscrape.model import Why

ACCEPTED = "gzip, br, zstd"  # what Accept-Encoding may promise

_PIECE = 64 * 2**10  # bytes that a decoder puts out at once
_MEMBERS = 1_000  # of a gzip or zstd stream; one is usual, more only cost time
_LONGEST_HEADER = 18  # of a zstd frame
_WINDOW = 8 * 2**20  # RFC 9659: the zstd content coding has no larger window


def coding_of(values: Sequence[str]) -> str:
    """The values of Content-Encoding -> the one coding to undo. Raises Trouble if there are several, or one unknown."""
    named = [name for value in values for part in value.split(",") if (name := part.strip().lower())]
    codings = [name for name in named if name != "identity"] or ["identity"]
    if len(codings) > 1:
        raise Trouble(Why.CODING, f"{len(codings)} content codings ({', '.join(codings[:5])}), usually one or none")
    if codings[0] not in _DECODERS:
        raise Trouble(Why.CODING, f"content coding {codings[0]!r}, asked was for {ACCEPTED}")
    return codings[0]


def decoded(chunks: Iterable[bytes], coding: str, most: int, *, cut: bool = False) -> bytes:
    """The body, of at most `most` bytes; `cut`: what lies beyond is left away, unread, instead of raising Trouble."""
    body = bytearray()
    for piece in _DECODERS[coding](chunks):
        body += piece
        if len(body) > most:
            if cut:
                return bytes(body[:most])
            raise Trouble(Why.TOO_LARGE, f"more than {most:,} bytes of body after content decoding ({coding})")
    return bytes(body)


# Each decoder is a generator: it puts out at most some _PIECE at a time, and nothing before it is asked for, so that
# a bomb costs no more memory than `most`. Each requires the end of its stream, and nothing behind it.


def _identity(chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield from chunks


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """RFC 1952: one member or several, one after the other."""
    member, members = _member(), 1
    for data in chunks:
        while data:
            if member.eof:
                member, members = _member(), _one_more("gzip members", members)
            yield from _inflated(member, data)
            data = member.unused_data
    if not member.eof:
        raise _cut("gzip")


def _member() -> zlib._Decompress:
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)


def _inflated(member: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """All that these bytes of one member give. A full piece may have more behind it, even if all input is taken.

    At the member's end what follows stands in `unused_data`, but may stand in `unconsumed_tail` as well: ask for `eof`.
    """
    piece = b""
    while (data or len(piece) == _PIECE) and not member.eof:
        try:
            piece = member.decompress(data, _PIECE)
        except zlib.error as error:
            raise _broken("gzip", error) from error
        data = member.unconsumed_tail
        yield piece


def _unbrotli(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """RFC 7932. The decoder itself refuses bytes behind the end."""
    stream = brotli.Decompressor()
    for data in chunks:
        piece = _brotli_piece(stream, data)
        while piece or not stream.can_accept_more_data():
            yield piece
            piece = _brotli_piece(stream, b"")
    if not stream.is_finished():
        raise _cut("br")


def _brotli_piece(stream: brotli.Decompressor, data: bytes) -> bytes:
    try:
        return bytes(stream.process(data, output_buffer_limit=_PIECE))
    except brotli.error as error:
        raise _broken("br", error) from error


def _unzstd(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """RFC 8878. The library bounds its output only when reading from whole input, and does not tell a cut frame from
    a whole one: so the frames are found first, by their blocks, in the bytes as sent (which are bounded already)."""
    data = b"".join(chunks)
    at, frames = 0, 0
    while at < len(data) or not frames:
        frames = _one_more("zstd frames", frames)
        end = _frame_end(data, at)
        if not _skippable(data, at):
            yield from _frame(data[at:end])
        at = end


def _frame(data: bytes) -> Iterator[bytes]:
    try:
        with zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(data) as reader:
            while piece := reader.read(_PIECE):
                yield piece
    except zstandard.ZstdError as error:
        raise _broken("zstd", error) from error


def _frame_end(data: bytes, start: int) -> int:
    """Where the frame that begins at `start` ends (RFC 8878 section 3.1), or Trouble if the data ends before."""
    if _skippable(data, start):
        return _within(data, start + 8 + _number(data, start + 4, 4))
    head = data[start : start + _LONGEST_HEADER]
    try:
        size, has_checksum = zstandard.frame_header_size(head), zstandard.get_frame_parameters(head).has_checksum
    except zstandard.ZstdError as error:
        stops = len(head) < 4 or (len(head) < _LONGEST_HEADER and head.startswith(zstandard.FRAME_HEADER))
        raise (_cut("zstd") if stops else _broken("zstd", error)) from error
    return _within(data, _blocks_end(data, start + size) + (4 if has_checksum else 0))


def _blocks_end(data: bytes, at: int) -> int:
    """Section 3.1.1.2: three bytes a block header; bit 0 says `last`, bits 1 and 2 the type (1: one byte, repeated)."""
    last = False
    while not last:
        header = _number(data, at, 3)
        last = bool(header & 1)
        at = _within(data, at + 3 + (1 if header >> 1 & 3 == 1 else header >> 3))
    return at


def _skippable(data: bytes, at: int) -> bool:
    return data[at + 1 : at + 4] == b"\x2a\x4d\x18" and data[at] >> 4 == 5


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : _within(data, at + size)], "little")


def _within(data: bytes, end: int) -> int:
    if end > len(data):
        raise _cut("zstd")
    return end


def _one_more(what: str, count: int) -> int:
    if count >= _MEMBERS:
        raise Trouble(Why.CODING, f"more than {_MEMBERS:,} {what}, usually 1")
    return count + 1


def _cut(coding: str) -> Trouble:
    return Trouble(Why.TRUNCATED, f"the {coding} stream stops before its end")


def _broken(coding: str, error: Exception) -> Trouble:
    return Trouble(Why.CODING, f"the {coding} stream is broken: {error}")


_DECODERS: dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    "identity": _identity,
    "gzip": _gunzip,
    "x-gzip": _gunzip,  # RFC 9110 section 8.4.1.3: the same
    "br": _unbrotli,
    "zstd": _unzstd,
}
