"""The bodies of an archive: bytes in, rows of `snapshots` out, and back. Each distinct body is stored once.

A body is stored whole, or as its difference from one that is (its `reference`): what the same page said before, or what
another page of its source says. One step and no further: a reference is whole itself, so no body ever hangs on a chain.
Both are zstd frames with a checksum; the reference is a dictionary of raw content, as for `zstd --patch-from`.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Final, NamedTuple

import zstandard

# The bundled listing, 52 KB: whole 7.8 KB in 0.27 ms (level 3: 8.2 KB, 19: 7.4 KB in 26 ms); against its second page
# 1,351 bytes in 0.19 ms (level 3: 1,496 in 0.10 ms); against itself a week before 282 (359).
LEVEL: Final = 6
# A long body costs level 6 half a second, and its tables forget the beginning of a long reference: with these, 10 MiB
# against 10 MiB take 0.3 s and 16 MB, and what is the same is found wherever it stands.
LONG: Final = 2**20  # bytes, with the reference
LONG_LEVEL: Final = 3
LONG_TABLES: Final = 21  # log2 of their places, of 4 bytes each

SHORT: Final = 2**9  # bytes; a body that is no longer is stored whole: there is nothing to gain
PLAINLY: Final = 20  # a difference of no more than this part of its body is taken, and no other reference is tried
WORTH: Final = 2  # a difference is stored if it is no more than this part of the whole
TRIED: Final = 3  # references, at most
LOOKED_BACK: Final = 200  # answers of a page
CACHED: Final = 32 * 2**20  # bytes of references, unpacked


def pack(body: bytes, reference: bytes | None = None) -> bytes:
    """One zstd frame; with a reference, what has to be said beyond it."""
    return zstandard.ZstdCompressor(
        compression_params=_parameters(len(body), len(reference or b"")), dict_data=_dictionary(reference)
    ).compress(body)


def unpack(packed: bytes, size: int, reference: bytes | None = None) -> bytes:
    """The body of `size` bytes. Raises ValueError if that is not what comes out, as with another reference than its own."""
    try:
        found = zstandard.frame_content_size(packed)
        if found == size:
            return zstandard.ZstdDecompressor(dict_data=_dictionary(reference)).decompress(packed)
    except zstandard.ZstdError as error:
        raise ValueError(f"the stored snapshot is damaged: {error}") from error
    raise ValueError(f"the stored snapshot has {found:,} bytes, not {size:,}")


def fit(body: bytes, references: Iterable[tuple[str, bytes]]) -> tuple[bytes, str | None]:
    """(what to store, digest of its reference) of a body: the smallest difference, or the whole if none is worth it."""
    best: tuple[bytes, str] | None = None
    for digest, reference in references if len(body) > SHORT else ():
        packed = pack(body, reference)
        if best is None or len(packed) < len(best[0]):
            best = packed, digest
        if PLAINLY * len(packed) <= len(body):
            return best
    whole = pack(body)
    return best if best and WORTH * len(best[0]) <= len(whole) else (whole, None)


def _parameters(size: int, reference: int) -> zstandard.ZstdCompressionParameters:
    long = size + reference > LONG
    tables = {"hash_log": LONG_TABLES, "chain_log": LONG_TABLES} if long else {}
    return zstandard.ZstdCompressionParameters.from_level(
        LONG_LEVEL if long else LEVEL,
        source_size=size,
        dict_size=reference,
        window_log=max(zstandard.WINDOWLOG_MIN, (size + reference).bit_length()),  # all of the reference is in sight
        write_checksum=True,
        write_content_size=True,
        **tables,
    )


def _dictionary(reference: bytes | None) -> zstandard.ZstdCompressionDict | None:
    if not reference:
        return None
    return zstandard.ZstdCompressionDict(reference, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


class _Kept(NamedTuple):
    """A row of `snapshots`, without its body."""

    digest: str
    reference: str | None
    stored: int  # bytes

    @property
    def whole(self) -> str:
        """The whole one that it is, or that it is stored against."""
        return self.reference or self.digest


class Snapshots:
    """The table `snapshots` of one archive."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._wholes: OrderedDict[str, bytes] = OrderedDict()
        self._cached = 0

    def body(self, digest: str) -> bytes:
        """The bytes that a digest names. Raises ValueError, in words: they, or what they are stored against, are damaged."""
        row = self._row("SELECT body, size, reference FROM snapshots WHERE digest = ?", digest)
        if row is None:
            raise ValueError(f"the stored snapshot {digest[:12]} is not there")
        packed, size, reference = row
        return unpack(packed, size, None if reference is None else self._reference(reference))

    def keep(self, digest: str, body: bytes, url: str, walk: int | None) -> None:
        """Store a body that `url` gave, unless it is stored already; `walk`: the visit that asked for it."""
        if self._row("SELECT 1 FROM snapshots WHERE digest = ?", digest):
            return
        earlier = self._earlier(url)
        packed, reference = fit(body, self._candidates(earlier, walk))
        if reference is not None and self._has_drifted(
            body, len(packed), [o for o in earlier if o.reference == reference]
        ):
            packed, reference = pack(body), None
        self._conn.execute(
            "INSERT INTO snapshots (digest, body, reference, size) VALUES (?, ?, ?, ?)",
            (digest, packed, reference, len(body)),
        )

    # -- references --

    def _earlier(self, url: str) -> list[_Kept]:
        """What a page said before, the last first."""
        rows = self._conn.execute(
            """SELECT s.digest, s.reference, length(s.body)
               FROM (SELECT id, snapshot FROM pages WHERE url = ? AND snapshot IS NOT NULL ORDER BY id DESC LIMIT ?) AS p
               JOIN snapshots AS s ON s.digest = p.snapshot GROUP BY s.digest ORDER BY max(p.id) DESC""",
            (url, LOOKED_BACK),
        )
        return [_Kept(*row) for row in rows]

    def _candidates(self, earlier: list[_Kept], walk: int | None) -> Iterator[tuple[str, bytes]]:
        """References that a body may resemble, the likeliest first. One that is damaged is none."""
        own = dict.fromkeys(one.whole for one in (*earlier[:1], *(one for one in earlier if one.reference is None)))
        for digest in dict.fromkeys((*list(own)[: TRIED - 1], *self._beside(walk))):
            try:
                yield digest, self._reference(digest)
            except ValueError:
                continue

    def _beside(self, walk: int | None) -> list[str]:
        """The whole one behind the last page of the walk; of the walk before, if this one has none yet."""
        row = self._row(
            """SELECT coalesce(s.reference, s.digest) FROM pages AS p JOIN snapshots AS s ON s.digest = p.snapshot
               WHERE p.walk = coalesce(
                   (SELECT walk FROM pages WHERE walk = :walk AND snapshot IS NOT NULL LIMIT 1),
                   (SELECT id FROM walks WHERE source = (SELECT source FROM walks WHERE id = :walk)
                    AND settled IS NOT NULL ORDER BY settled DESC LIMIT 1))
               ORDER BY p.number DESC, p.id DESC LIMIT 1""",
            {"walk": walk},
        )
        return [row[0]] if row else []

    def _has_drifted(self, body: bytes, stored: int, before: list[_Kept]) -> bool:
        """Whether the page should be stored whole now; `before`: what it said that is stored against the same reference.

        In hindsight: if it had been stored whole in the middle of that time, what came since would have been stored
        against that. Would this have saved more than the price of the whole page? Then it will from now on.
        """
        if not before:
            return False
        middle, since = before[len(before) // 2], before[: len(before) // 2]
        rent = stored + sum(one.stored for one in since)
        (usual_price,) = self._row("SELECT length(body) FROM snapshots WHERE digest = ?", middle.whole)
        if rent <= usual_price:
            return False
        with suppress(ValueError):  # it is damaged: then nothing is known
            instead = (1 + len(since)) * len(pack(body, self.body(middle.digest)))
            return rent - instead > len(pack(body))
        return False

    def _reference(self, digest: str) -> bytes:
        """A whole body that others are stored against. Raises ValueError."""
        if digest not in self._wholes:
            self._remember(digest, self._whole(digest))
        self._wholes.move_to_end(digest)
        return self._wholes[digest]

    def _whole(self, digest: str) -> bytes:
        row = self._row("SELECT body, size, reference FROM snapshots WHERE digest = ?", digest)
        name = f"the snapshot {digest[:12]} that it is stored against"
        if row is None:
            raise ValueError(f"{name} is not there")
        if row[2] is not None:
            raise ValueError(f"{name} is not whole itself")
        try:
            body = unpack(row[0], row[1])
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        if (found := hashlib.sha256(body).hexdigest()) != digest:
            raise ValueError(f"{name} has the digest {found[:12]}")
        return body

    def _remember(self, digest: str, body: bytes) -> None:
        self._wholes[digest] = body
        self._cached += len(body)
        while self._cached > CACHED and len(self._wholes) > 1:
            self._cached -= len(self._wholes.popitem(last=False)[1])

    def _row(self, sql: str, values: Any) -> Any:
        return self._conn.execute(sql, (values,) if isinstance(values, str) else values).fetchone()
