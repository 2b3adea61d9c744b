"""What goes into the archive comes out of it unchanged, whatever a page may say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import COMMAND, Fold, grow, moment, request, row, rows, source, verdict
from coopscrape.archive.read import MEASURED, Reader, usual_of
from coopscrape.archive.snapshots import pack, unpack
from coopscrape.archive.write import Writer
from coopscrape.model import Content, Coverage, End, Ended, HostMemory, Miss, Page, Row, Usual, Why, stamp

# No page that was read holds a lone surrogate or a NUL: extract sees to that.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
MAYBE = st.none() | TEXT
LINKS = st.none() | TEXT.map("https://example.org/{}".format) | TEXT.map("HTTP://example.org/{}".format)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
CONTENTS = st.builds(
    Content,
    category=MAYBE,
    title=MAYBE,
    date=MAYBE,
    date_text=MAYBE,
    summary=MAYBE,
    link=LINKS,
    extra=st.dictionaries(TEXT, MAYBE, max_size=3).map(lambda extra: tuple(extra.items())),
)
SECONDS = st.floats(0, 1e6).map(lambda seconds: round(seconds, 6))
SIZES = st.integers(0, 2**40)
MOMENTS = st.floats(0, 4e9).map(stamp)
PAGES = st.builds(
    lambda body, **more: Page(body=body, digest=hashlib.sha256(body).hexdigest(), **more),
    st.binary(max_size=2000),
    asked=TEXT,
    url=TEXT,
    fetched_at=MOMENTS,
    status=st.integers(100, 599),
    content_type=MAYBE,
    etag=MAYBE,
    last_modified=MAYBE,
    fresh=st.booleans(),
    wire_bytes=SIZES,
    elapsed=SECONDS,
    signals=st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
)
MISSES = st.builds(
    Miss,
    asked=TEXT,
    url=TEXT,
    why=st.sampled_from(Why),
    detail=TEXT,
    fetched_at=MOMENTS,
    status=st.none() | st.integers(100, 599),
    wire_bytes=SIZES,
    elapsed=SECONDS,
    sent=st.booleans(),
)


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    with Writer(tmp_path_factory.mktemp("archive") / "archive.db", COMMAND, moment(0)) as writer:
        writer.conn.execute("PRAGMA synchronous = OFF")
        writer.start_run(COMMAND, moment(0))
        yield writer


@given(PAGES | MISSES)
def test_what_a_page_answered_is_kept_as_it_was(writer: Writer, outcome: Page | Miss) -> None:
    kept = writer.outcome(writer.log(replace(request(), asked=outcome.asked), outcome))
    assert kept == outcome


@given(st.lists(st.tuples(TEXT, CONTENTS, st.none() | NUMBERS), min_size=1, max_size=4, unique_by=lambda one: one[0]))
def test_what_entries_say_is_kept_as_it_was_printed(
    writer: Writer, said: list[tuple[str, Content, int | None]]
) -> None:
    shown = [Row(key, content, number) for key, content, number in said]
    name = hashlib.sha256(repr(said).encode()).hexdigest()
    visited = source(name)
    walk = writer.open_walk(visited, moment(1), 50)
    page = writer.log(request(walk=walk), Page(name, name, moment(1), b"", hashlib.sha256(b"").hexdigest()))
    fold = Fold()
    delta = fold.see(shown)
    delta = replace(
        delta,
        walk=walk,
        entries=tuple(replace(one, id=one.id[:4] + name[:12], source=name) for one in delta.entries),
        versions=tuple(replace(one, entry=one.entry[:4] + name[:12], page=page) for one in delta.versions),
        changes=(),
    )
    with writer.transaction():
        writer.end_walk(walk, Ended(End.LISTING, "no next link"), moment(1))
        writer.apply(verdict(walk), delta, visited.recipe)
    assert writer.known(name) == {one.key: one for one in delta.entries}
    for one in delta.versions:
        assert [version for version, _ in writer.versions(one.entry)] == [one]


@given(st.binary(max_size=5000))
def test_a_body_is_unpacked_as_it_was_packed(body: bytes) -> None:
    assert unpack(pack(body), len(body)) == body


@given(st.binary(max_size=200), st.integers(0, 300))
def test_what_is_no_packed_body_is_a_value_error(packed: bytes, size: int) -> None:
    with pytest.raises(ValueError, match="snapshot"):
        unpack(packed, size)


@pytest.mark.parametrize("cut", [1, 5, 12])
def test_a_packed_body_that_was_cut_or_turned_is_a_value_error(cut: int) -> None:
    packed = pack(b"a listing " * 50)
    with pytest.raises(ValueError, match="snapshot"):
        unpack(packed[:-cut], 500)
    with pytest.raises(ValueError, match="snapshot"):
        unpack(packed[:cut] + bytes([packed[cut] ^ 1]) + packed[cut + 1 :], 500)


def test_the_same_bytes_are_stored_once(tmp_path: Path) -> None:
    with Writer(tmp_path / "archive.db", COMMAND, moment(0)) as writer:
        for n in range(3):
            grow(writer, source(), rows("abc"), n)
        assert writer.conn.execute("SELECT count(*) FROM snapshots").fetchone() == (1,)
        assert writer.conn.execute("SELECT count(*) FROM pages").fetchone() == (3,)


def test_a_verdict_is_kept_as_it_was_given(tmp_path: Path) -> None:
    with Writer(tmp_path / "archive.db", COMMAND, moment(0)) as writer:
        walk, _ = grow(writer, source(), rows("abc"), 1)
        later, _ = grow(writer, source(), rows("abc"), 2, Coverage.DOUBTED)
        assert writer.verdict(walk) == verdict(walk, entries=3)
        assert writer.verdict(later) == verdict(later, Coverage.DOUBTED, entries=3)
        assert writer.verdict(99) is None
        assert writer.usual("news") == Usual(entries=3, pages=1, fills=(("title", 1.0),))
        assert writer.usual("another") is None


def test_the_fold_in_the_file_is_the_fold_of_the_deltas(tmp_path: Path) -> None:
    """What `reconcile` is told of known entries is what it said of them before."""
    fold = Fold()
    with Writer(tmp_path / "archive.db", COMMAND, moment(0)) as writer:
        for n, keys in enumerate(["abc", "ac", "ac", "abcd", "dabc", "nda", "nd"], 1):
            _, delta = grow(writer, source(), [*rows(keys), row("x", f"Title {n % 3}")], n)
            fold.put(delta)
            assert writer.known("news") == fold.known
        with Reader.open(tmp_path / "archive.db") as reader:
            assert reader.known("news") == fold.known
            changes = reader.changes(["news"])
        assert [(c.walk, c.n, c.kind, c.entry.id, c.field, c.old, c.new, c.at) for c in changes] == [
            (c.walk, c.n, c.kind, c.entry.id, c.field, c.old, c.new, c.at) for c in fold.changes
        ]
        assert [c.entry.content for c in changes] == [c.entry.content for c in fold.changes]


def test_a_fold_that_is_thrown_away_and_written_again_is_the_same(tmp_path: Path) -> None:
    with Writer(tmp_path / "archive.db", COMMAND, moment(0)) as writer:
        deltas = [grow(writer, source(), rows(keys), n) for n, keys in enumerate(["abc", "ac", "ac", "abd"], 1)]
        before = dump(writer)
        meant = [
            (verdict(walk, entries=entries), delta, source().recipe)
            for (walk, delta), entries in zip(deltas, (3, 2, 2, 3), strict=True)
        ]
        writer.replace_fold("news", meant)
        assert dump(writer) == before
        writer.replace_fold("news", [])
        assert writer.known("news") == {}
        assert dump(writer)["entries_fts"] == []
        writer.replace_fold("news", meant)
        assert dump(writer) == before


def test_a_fold_that_was_forged_is_put_right(tmp_path: Path) -> None:
    with Writer(tmp_path / "archive.db", COMMAND, moment(0)) as writer:
        walk, delta = grow(writer, source(), rows("abc"), 1)
        before = dump(writer)
        writer.conn.execute("UPDATE entries SET title = 'Forged', first_seen = '', place = 9 WHERE key = 'a'")
        writer.conn.execute("UPDATE entries SET key = 'forged' WHERE key = 'b'")
        writer.conn.execute("PRAGMA foreign_keys = OFF")
        writer.conn.execute("UPDATE entries SET id = 'forgedforgedforg' WHERE key = 'c'")
        writer.conn.execute("PRAGMA foreign_keys = ON")
        writer.replace_fold("news", [(verdict(walk, entries=3), delta, source().recipe)])
        assert dump(writer) == before


def dump(writer: Writer) -> dict[str, list[tuple[object, ...]]]:
    tables = ("entries", "versions", "changes", "verdicts", "folds", "entries_fts")
    return {table: writer.conn.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


def test_the_fold_of_another_source_stays_when_one_is_thrown_away(tmp_path: Path) -> None:
    with Writer(tmp_path / "archive.db", COMMAND, moment(0)) as writer:
        grow(writer, source(), rows("abc"), 1)
        grow(writer, source("etuc"), rows("ab"), 2)
        writer.replace_fold("news", [])
        assert writer.known("news") == {}
        assert sorted(writer.known("etuc")) == ["a", "b"]
        assert len(writer.changes()) == 2


HOSTS = st.builds(
    HostMemory,
    host=TEXT,
    last_request=st.none() | st.floats(0, 1e10),
    not_before=st.none() | st.floats(0, 1e10),
    streak=st.integers(0, 99),
    interval=st.floats(0, 1e5),
)


@given(st.lists(HOSTS, max_size=4, unique_by=lambda one: one.host))
def test_how_hosts_were_treated_is_remembered(writer: Writer, hosts: list[HostMemory]) -> None:
    writer.remember_hosts([replace(one, streak=7) for one in hosts])
    writer.remember_hosts(hosts)
    remembered = {one.host: one for one in writer.host_memories()}
    assert [remembered[one.host] for one in hosts] == hosts


def measured(*walks: tuple[int, str, Coverage]) -> Usual | None:
    """Entries, a doubt, coverage of each walk, the oldest first."""
    return usual_of(
        [
            replace(verdict(n, coverage, entries=entries), doubts=(doubt,) if doubt else ())
            for n, (entries, doubt, coverage) in enumerate(walks, 1)
        ]
    )


COMPLETE, PREFIX = Coverage.COMPLETE, Coverage.PREFIX


def test_usual_is_the_least_that_the_last_complete_walks_showed() -> None:
    usual = measured((10, "", COMPLETE), (8, "", COMPLETE), (2, "", PREFIX), (3, "", Coverage.CUT), (12, "", COMPLETE))
    assert usual is not None
    assert usual.entries == 8
    usual = measured((3, "", COMPLETE), *[(20, "", COMPLETE)] * MEASURED)
    assert usual is not None
    assert usual.entries == 20


def test_what_a_person_accepted_is_usual_from_there_on() -> None:
    usual = measured((50, "", COMPLETE), (5, "half of it", COMPLETE), (6, "", COMPLETE))
    assert usual is not None
    assert usual.entries == 5
    assert measured((50, "", COMPLETE), (5, "another make", PREFIX)) is None
    assert measured((50, "", COMPLETE), (5, "not believed", Coverage.DOUBTED)) == measured((50, "", COMPLETE))
