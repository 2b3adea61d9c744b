"""Bodies as sent, and what is in them: laws for every coding."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise

import brotli  # type: ignore[import-untyped]  # it brings no hints
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.fetch.decode import coding_of, decoded
from coopscrape.fetch.trouble import Trouble
from coopscrape.model import Why

MANY = 10**7


def _zstd_stream(body: bytes) -> bytes:
    """As servers make it: no size in the header, several blocks."""
    packer = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    half = len(body) // 2
    return (
        b"".join(
            (
                packer.compress(body[:half]),
                packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK),
                packer.compress(body[half:]),
            )
        )
        + packer.flush()
    )


ENCODERS: dict[str, list[Callable[[bytes], bytes]]] = {
    "gzip": [gzip.compress, lambda body: gzip.compress(body[:7]) + gzip.compress(body[7:])],
    "br": [brotli.compress, lambda body: bytes(brotli.compress(body, quality=1, lgwin=10))],
    "zstd": [
        zstandard.ZstdCompressor().compress,
        zstandard.ZstdCompressor(level=19, write_checksum=True).compress,
        lambda body: (
            zstandard.ZstdCompressor(write_content_size=False).compress(body[:7])
            + b"\x5f\x2a\x4d\x18\x02\x00\x00\x00hi"
            + zstandard.ZstdCompressor().compress(body[7:])
        ),
        _zstd_stream,
    ],
}
CODED = st.sampled_from([(coding, encode) for coding, encoders in ENCODERS.items() for encode in encoders])
BODIES = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda piece, times: piece * times, st.binary(max_size=9), st.integers(0, 50_000)),
)


def split(data: bytes, places: list[int]) -> Iterator[bytes]:
    """The data in pieces, cut at these places; some may be empty."""
    cuts = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return (data[start:end] for start, end in pairwise(cuts))


def outcome(coding: str, *chunks: bytes, most: int = MANY) -> Why | None:
    """None: there is a body, and it is not larger than it may be."""
    try:
        return None if len(decoded(chunks, coding, most)) <= most else Why.TOO_LARGE
    except Trouble as trouble:
        return trouble.why


def why(coding: str, *chunks: bytes, most: int = MANY) -> Why:
    found = outcome(coding, *chunks, most=most)
    assert found is not None
    return found


@given(CODED, BODIES, st.lists(st.integers(0, 10**6), max_size=20))
def test_a_body_is_the_same_however_it_arrives(
    coded: tuple[str, Callable[[bytes], bytes]], body: bytes, places: list[int]
) -> None:
    coding, encode = coded
    assert decoded(split(encode(body), places), coding, MANY) == body


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
@pytest.mark.parametrize("body", [b"", b"<p>One</p>", bytes(range(256)) * 5, b"x" * 200_000])
def test_every_cut_of_a_coded_body_is_a_miss(coding: str, body: bytes) -> None:
    for encode in ENCODERS[coding]:
        whole = encode(body)
        ends = _ends_of_members(coding, whole)
        for end in set(range(len(whole))) - ends:
            assert why(coding, whole[:end]) is Why.TRUNCATED, (end, len(whole))


def _ends_of_members(coding: str, whole: bytes) -> set[int]:
    """Where a stream of several members may be cut without a trace: between two of them."""
    ends = {end for end in range(1, len(whole)) if outcome(coding, whole[:end]) is None}
    assert len(ends) <= {"gzip": 1, "br": 0, "zstd": 2}[coding]
    return ends


@given(CODED, BODIES, st.binary(min_size=1, max_size=50))
def test_bytes_behind_the_end_are_a_miss(
    coded: tuple[str, Callable[[bytes], bytes]], body: bytes, garbage: bytes
) -> None:
    coding, encode = coded
    assert why(coding, encode(body) + b"<" + garbage) in (Why.CODING, Why.TRUNCATED)
    assert why(coding, encode(body), b"<" + garbage) in (Why.CODING, Why.TRUNCATED)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_bytes_behind_the_end_of_a_large_body_are_a_miss_and_no_endless_loop(coding: str) -> None:
    for encode in ENCODERS[coding]:
        for size in (65_535, 65_536, 65_537, 131_072, 200_000):
            assert why(coding, encode(b"x" * size) + b"<p>") in (Why.CODING, Why.TRUNCATED)


@given(st.sampled_from(["gzip", "br", "zstd"]), st.lists(st.binary(max_size=200), max_size=5))
def test_no_bytes_make_a_decoder_crash(coding: str, chunks: list[bytes]) -> None:
    assert outcome(coding, *chunks, most=1000) in (None, Why.CODING, Why.TRUNCATED, Why.TOO_LARGE)


@given(CODED, st.binary(min_size=1, max_size=200), st.integers(0, 10**6), st.integers(1, 255))
def test_a_changed_byte_never_crashes(
    coded: tuple[str, Callable[[bytes], bytes]], body: bytes, place: int, change: int
) -> None:
    coding, encode = coded
    data = bytearray(encode(body))
    data[place % len(data)] ^= change
    assert outcome(coding, bytes(data)) in (None, Why.CODING, Why.TRUNCATED, Why.TOO_LARGE)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_an_empty_body_is_no_coded_one(coding: str) -> None:
    assert why(coding) is why(coding, b"") is Why.TRUNCATED


@pytest.mark.parametrize("coding", ["identity", "gzip", "br", "zstd"])
def test_the_bound_is_exact(coding: str) -> None:
    for encode in ENCODERS.get(coding, [bytes]):
        sent = encode(b"x" * 150_000)
        assert len(decoded([sent], coding, 150_000)) == 150_000
        assert why(coding, sent, most=149_999) is Why.TOO_LARGE
        assert decoded([sent], coding, 70_000, cut=True) == b"x" * 70_000


@pytest.mark.parametrize("coding", ["gzip", "br"])  # zstd is decoded from whole input
def test_nothing_is_read_beyond_a_cut(coding: str) -> None:
    def chunks() -> Iterator[bytes]:
        for byte in ENCODERS[coding][0](b"x" * 100_000):
            yield bytes([byte])
        pytest.fail("read to the end")

    assert decoded(chunks(), coding, 10, cut=True) == b"x" * 10


def test_members_without_end_are_a_miss() -> None:
    assert why("gzip", gzip.compress(b"") * 1001) is Why.CODING
    assert why("zstd", zstandard.ZstdCompressor().compress(b"") * 1001) is Why.CODING
    assert decoded([gzip.compress(b"x") * 1000], "gzip", MANY) == b"x" * 1000


def test_a_zstd_window_larger_than_the_web_allows_is_a_miss() -> None:
    wide = zstandard.ZstdCompressionParameters(window_log=24)
    packer = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    assert why("zstd", packer.compress(b"x" * 100) + packer.flush()) is Why.CODING


def test_a_raw_zlib_stream_is_no_gzip() -> None:
    assert why("gzip", zlib.compress(b"x")) is Why.CODING


@pytest.mark.parametrize(
    ("values", "coding"),
    [
        ([], "identity"),
        ([""], "identity"),
        (["identity"], "identity"),
        (["GZip"], "gzip"),
        (["x-gzip"], "x-gzip"),
        (["identity, br"], "br"),
        ([" , zstd ,"], "zstd"),
    ],
)
def test_one_coding_is_known(values: list[str], coding: str) -> None:
    assert coding_of(values) == coding


@pytest.mark.parametrize("values", [["deflate"], ["gzip, br"], ["gzip", "gzip"], ["utf-8"], ["aes128gcm"]])
def test_other_and_several_codings_are_a_miss(values: list[str]) -> None:
    with pytest.raises(Trouble) as trouble:
        coding_of(values)
    assert trouble.value.why is Why.CODING
