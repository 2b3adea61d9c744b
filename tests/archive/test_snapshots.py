"""Bodies are stored once, most of them as a difference from one that is whole; what comes out is what went in."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.test_check import damage
from builders import COMMAND, grow, moment, page, request, row, source
from coopscrape.archive import schema
from coopscrape.archive.check import check
from coopscrape.archive.read import Reader
from coopscrape.archive.snapshots import PLAINLY, WORTH, fit, pack, unpack
from coopscrape.archive.write import Writer
from coopscrape.errors import ArchiveError
from coopscrape.model import End, Ended, Page
from coopscrape.reconcile import differences

NEWS = "https://example.org/news"


def prose(seed: object, length: int = 12_000) -> bytes:
    """Text that resembles no other seed's, and is compressed to about half."""
    words = random.Random(repr(seed))
    return b" ".join(b"%x" % words.randrange(2**24) for _ in range(length // 6))


def edited(body: bytes, *places: int, by: bytes = b"edited") -> bytes:
    for place in places:
        body = body[: place % (len(body) + 1)] + by + body[place % (len(body) + 1) + len(by) :]
    return body


BODIES = st.binary(max_size=3000) | st.builds(prose, st.integers(0, 3))
SIMILAR = st.builds(lambda body, places: edited(body, *places), BODIES, st.lists(st.integers(0, 20_000), max_size=5))
PAIRS = st.tuples(BODIES, BODIES) | BODIES.flatmap(
    lambda body: st.tuples(
        st.lists(st.integers(0, 20_000), max_size=5).map(lambda places: edited(body, *places)), st.just(body)
    )
)

# -- one body ---------------------------------------------------------------------------------------


@given(PAIRS)
def test_a_body_is_unpacked_as_it_was_packed_against_whatever(pair: tuple[bytes, bytes]) -> None:
    body, reference = pair
    assert unpack(pack(body, reference), len(body), reference) == body


@given(PAIRS, BODIES)
def test_with_another_reference_a_body_comes_out_right_or_not_at_all(pair: tuple[bytes, bytes], other: bytes) -> None:
    body, reference = pair
    with suppress(ValueError):
        assert unpack(pack(body, reference), len(body), other) == body


@given(SIMILAR, st.lists(SIMILAR, max_size=4))
def test_a_body_is_stored_against_one_that_it_resembles_or_whole(body: bytes, others: list[bytes]) -> None:
    stored, name = fit(body, [(str(n), other) for n, other in enumerate(others)])
    assert unpack(stored, len(body), None if name is None else others[int(name)]) == body
    assert len(stored) <= len(pack(body))
    if name is not None:
        assert PLAINLY * len(stored) <= len(body) or WORTH * len(stored) <= len(pack(body))


def test_a_body_that_resembles_nothing_is_stored_whole() -> None:
    assert fit(prose(1), [("2", prose(2)), ("3", prose(3))]) == (pack(prose(1)), None)


def test_of_several_references_the_one_that_says_most_is_taken() -> None:
    body = prose(1) + prose(2) + prose(3)
    _, name = fit(body, [("a third", prose(3)), ("all but a little", prose(1) + prose(3)), ("another", prose(2))])
    assert name == "all but a little"


def test_a_zstd_of_anybody_reads_what_is_stored(tmp_path: Path) -> None:
    """As the documentation promises, by its option `patch-from`."""
    tool = shutil.which("zstd")
    if tool is None:
        pytest.skip("there is no zstd on this machine")
    (tmp_path / "reference").write_bytes(prose(1))
    (tmp_path / "stored.zst").write_bytes(pack(edited(prose(1), 500), prose(1)))
    reference = f"--patch-from={tmp_path / 'reference'}"
    subprocess.run(
        [tool, "-q", "-d", reference, str(tmp_path / "stored.zst"), "-o", str(tmp_path / "body")], check=True
    )
    assert (tmp_path / "body").read_bytes() == edited(prose(1), 500)


BIGGEST = """
import random, resource, sys
from coopscrape.archive.snapshots import fit, unpack

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

reference = random.Random(1).randbytes(10 * 2**20)
body = reference[:4_000_000] + b"inserted" + reference[4_100_000:]
before = peak()
stored, name = fit(body, [("other", body[::-1]), ("reference", reference)])
assert unpack(stored, len(body), reference) == body
print(name, len(stored), peak() - before)
"""


def test_ten_megabytes_against_ten_cost_little_memory_and_find_what_is_the_same() -> None:
    done = subprocess.run([sys.executable, "-c", BIGGEST], capture_output=True, text=True, check=True)
    name, stored, memory = done.stdout.split()
    assert name == "reference"
    assert int(stored) < 20_000  # 0.2 % of the body
    assert int(memory) < 120e6


# -- an archive -------------------------------------------------------------------------------------


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with Writer(tmp_path / "archive.db", COMMAND, moment(0)) as writer:
        writer.conn.execute("PRAGMA synchronous = OFF")
        writer.start_run(COMMAND, moment(0))
        yield writer


def kept(writer: Reader) -> dict[str, tuple[str | None, int]]:
    """digest -> its reference, bytes stored."""
    rows = writer.conn.execute("SELECT digest, reference, length(body) FROM snapshots")
    return {digest: (reference, stored) for digest, reference, stored in rows}


def name(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def visit(writer: Writer, *bodies: bytes, n: int = 1) -> None:
    """A walk that sees these pages of the source, in order."""
    walk = writer.open_walk(source(), moment(n), 50)
    for number, body in enumerate(bodies, 1):
        writer.log(request(f"{NEWS}/{number}", walk, number), page(body, f"{NEWS}/{number}", moment(n)))
    writer.end_walk(walk, Ended(End.LISTING, "no next link"), moment(n))


def test_a_page_is_stored_against_what_it_said_before(writer: Writer) -> None:
    before, after = prose(1), edited(prose(1), 500)
    visit(writer, before)
    visit(writer, after)
    assert kept(writer)[name(before)][0] is None
    assert kept(writer)[name(after)][0] == name(before)


def test_a_page_seen_first_is_stored_against_another_of_its_source(writer: Writer) -> None:
    pages = [edited(prose(1), 500 * n, by=b"page %d" % n) for n in range(5)]
    visit(writer, *pages)
    assert [kept(writer)[name(body)][0] for body in pages] == [None] + [name(pages[0])] * 4


def test_the_first_page_at_a_new_address_is_stored_against_what_its_source_said(writer: Writer) -> None:
    visit(writer, prose(1))
    walk = writer.open_walk(source(), moment(2), 50)
    writer.log(request("https://example.org/moved", walk), page(edited(prose(1), 9), "https://example.org/moved"))
    assert kept(writer)[name(edited(prose(1), 9))][0] == name(prose(1))


def test_another_source_is_no_reference(writer: Writer) -> None:
    visit(writer, prose(1))
    walk = writer.open_walk(source("other", "https://other.example/"), moment(2), 50)
    writer.log(request("https://other.example/", walk), page(edited(prose(1), 9), "https://other.example/"))
    assert kept(writer)[name(edited(prose(1), 9))][0] is None


def test_a_redesign_begins_with_a_whole_page_and_the_others_follow_it(writer: Writer) -> None:
    old = [edited(prose(1), 500, by=b"page %d" % n) for n in range(4)]
    new = [edited(prose(2), 500, by=b"page %d" % n) for n in range(4)]
    visit(writer, *old)
    visit(writer, *new)
    assert [kept(writer)[name(body)][0] for body in new] == [None] + [name(new[0])] * 3


def test_nothing_is_stored_twice(writer: Writer) -> None:
    for n, body in enumerate([prose(1), edited(prose(1), 9), prose(1), prose(1)]):
        visit(writer, body, body, n=n)
    assert len(kept(writer)) == 2


def wholes(writer: Writer, states: list[bytes]) -> list[int]:
    """Which of these states are stored whole."""
    return [n for n, body in enumerate(states) if kept(writer)[name(body)][0] is None]


def test_a_page_that_drifts_away_from_its_reference_gets_a_new_one(writer: Writer) -> None:
    states = [prose("first")]
    for n in range(70):
        states.append(edited(states[-1], 170 * n, by=prose(n, 100)))
    for body in states:
        visit(writer, body)
    first, *others = wholes(writer, states)
    assert first == 0
    assert 1 <= len(others) <= 5
    assert {kept(writer)[name(body)][0] for body in states[others[0] + 1 : others[0] + 10]} == {name(states[others[0]])}
    whole = len(pack(states[0]))
    never = whole + sum(len(pack(body, states[0])) for body in states[1:])
    assert sum(stored for _, stored in kept(writer).values()) < 0.9 * never


def test_a_page_that_lives_beside_another_gets_its_own_reference_when_that_pays(writer: Writer) -> None:
    beside = prose(1) + prose(2, 1500)
    states = [prose(1) + prose(3, 1500) + b"%05d" % n for n in range(60)]
    visit(writer, beside, states[0])
    for body in states[1:]:
        visit(writer, beside, body)
    assert len(wholes(writer, states)) == 1
    assert kept(writer)[name(states[-1])][1] < 60 < 500 < kept(writer)[name(states[1])][1]


def test_small_differences_stay_with_their_reference(writer: Writer) -> None:
    states = [edited(prose(1), 500, by=b"%09d" % n) for n in range(60)]
    for body in states:
        visit(writer, body)
    assert wholes(writer, states) == [0]


def test_a_page_that_never_says_the_same_again_stays_with_what_frames_it(writer: Writer) -> None:
    """Its own past would be no better a reference than the one that it has."""
    states = [prose("frame") + prose(n, 1500) for n in range(60)]
    for body in states:
        visit(writer, body)
    assert wholes(writer, states) == [0]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 2), st.lists(st.integers(0, 12_000), max_size=40)), min_size=1, max_size=4),
        min_size=1,
        max_size=6,
    )
)
def test_no_body_hangs_on_a_chain_and_each_comes_out_as_it_went_in(
    tmp_path_factory: pytest.TempPathFactory, walks: list[list[tuple[int, list[int]]]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "archive.db"
    bodies = [[edited(prose(seed), *places) for seed, places in walk] for walk in walks]
    with Writer(path, COMMAND, moment(0)) as writer:
        writer.conn.execute("PRAGMA synchronous = OFF")
        writer.start_run(COMMAND, moment(0))
        for walk in bodies:
            visit(writer, *walk)
        writer.finish_run("ok", moment(9))
    with Reader.open(path) as reader:
        stored = kept(reader)
        assert set(stored) == {name(body) for walk in bodies for body in walk}
        assert all(reference is None or stored[reference][0] is None for reference, _ in stored.values())
        for body in (body for walk in bodies for body in walk):
            assert reader.snapshots.body(name(body)) == body
    assert check(path, differences) == []


@pytest.mark.parametrize("reference", ["a dependent one", "itself", "one that is not there"])
def test_the_archive_itself_refuses_a_chain(writer: Writer, reference: str) -> None:
    visit(writer, prose(1), edited(prose(1), 9))
    named = {"a dependent one": name(edited(prose(1), 9)), "itself": "f" * 64, "one that is not there": "0" * 64}
    with pytest.raises(sqlite3.IntegrityError, match="the reference of a snapshot is stored whole"):
        writer.conn.execute("INSERT INTO snapshots VALUES (?, x'00', ?, 1)", ("f" * 64, named[reference]))


# -- damage -----------------------------------------------------------------------------------------


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """Three pages stored against a first one, and that torn."""
    path = tmp_path / "archive.db"
    with Writer(path, COMMAND, moment(0)) as writer:
        writer.start_run(COMMAND, moment(0))
        visit(writer, *(edited(prose(1), 500, by=b"page %d" % n) for n in range(4)))
        writer.finish_run("ok", moment(1))
    damage(path, "UPDATE snapshots SET body = substr(body, 1, 900) WHERE reference IS NULL")
    return path


def told_of_snapshots(path: Path) -> str:
    """The one breach, beside that of the triggers, which `damage` takes away."""
    (breach,) = (line for line in check(path, differences) if "lacks trigger" not in line)
    return breach


def test_a_damaged_reference_is_told_with_all_that_is_lost_with_it(damaged: Path) -> None:
    with Reader.open(damaged) as reader:
        (whole,) = [digest for digest, (reference, _) in kept(reader).items() if reference is None]
        others = [digest for digest in kept(reader) if digest != whole]
    breach = told_of_snapshots(damaged)
    assert breach.startswith(f"snapshots: {whole[:12]}: the stored snapshot is damaged")
    assert "3 stored against it cannot be read without it: " in breach
    assert all(digest[:12] in breach for digest in others)
    assert "restore a backup" in breach


def test_a_page_whose_reference_is_damaged_is_named_and_never_made_up(damaged: Path) -> None:
    with Reader.open(damaged) as reader, pytest.raises(ArchiveError) as caught:
        reader.outcome(3)
    (line,) = caught.value.lines
    assert f"page 3 ({NEWS}/3): the snapshot " in line
    assert "that it is stored against: the stored snapshot is damaged" in line
    assert "coopscrape check" in line


def test_nothing_new_is_stored_against_a_damaged_reference(damaged: Path) -> None:
    body = edited(prose(1), 500, by=b"page 9")
    with Writer(damaged, COMMAND, moment(2)) as writer:
        writer.start_run(COMMAND, moment(2))
        visit(writer, body, n=2)
        assert kept(writer)[name(body)][0] is None


@pytest.mark.parametrize("swap", [b"another page that is as whole as any", prose(2)])
def test_a_reference_that_was_exchanged_is_found(tmp_path: Path, swap: bytes) -> None:
    path = tmp_path / "archive.db"
    with Writer(path, COMMAND, moment(0)) as writer:
        writer.start_run(COMMAND, moment(0))
        visit(writer, prose(1), edited(prose(1), 9))
        writer.finish_run("ok", moment(1))
    damage(path, f"UPDATE snapshots SET body = x'{pack(swap).hex()}', size = {len(swap)} WHERE reference IS NULL")
    breach = told_of_snapshots(path)
    assert "its bytes have the digest" in breach
    assert name(edited(prose(1), 9))[:12] in breach
    with Reader.open(path) as reader, pytest.raises(ArchiveError, match="that it is stored against has the digest"):
        reader.outcome(2)


# -- archives of before -----------------------------------------------------------------------------


def test_an_archive_whose_snapshots_are_all_whole_is_read_and_goes_on(tmp_path: Path) -> None:
    """As version 0.1.0 wrote it: no reference anywhere, frames of another level, an older schema."""
    path = tmp_path / "archive.db"
    bodies = [prose(1), edited(prose(1), 9)]
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    schema.migrate(conn, stop_before="references")
    conn.execute(
        "INSERT INTO runs (started, finished, outcome, command, version) VALUES (?, ?, 'ok', 'crawl', '0.1.0')",
        (moment(0), moment(0)),
    )
    for body in bodies:
        old = zstandard.ZstdCompressor(level=3, write_checksum=True, write_content_size=True).compress(body)
        conn.execute("INSERT INTO snapshots (digest, body, size) VALUES (?, ?, ?)", (name(body), old, len(body)))
        conn.execute(
            """INSERT INTO pages (run, purpose, number, asked, url, fetched_at, elapsed, status, snapshot)
               VALUES (1, 'page', 1, ?, ?, ?, 0, 200, ?)""",
            (NEWS, NEWS, moment(0), name(body)),
        )
    conn.commit()
    conn.close()
    with pytest.raises(ArchiveError, match="an older coopscrape"):
        Reader.open(path)
    with Writer(path, COMMAND, moment(0)) as writer:
        writer.start_run(COMMAND, moment(0))
        new = edited(prose(1), 9, 90)
        writer.log(request(NEWS), page(new, NEWS))
        assert kept(writer)[name(new)][0] == name(bodies[1])
        assert [_body(writer, n) for n in (1, 2, 3)] == [*bodies, new]
        writer.finish_run("ok", moment(1))
    assert check(path, differences) == []


def _body(reader: Reader, number: int) -> bytes:
    outcome = reader.outcome(number)
    assert isinstance(outcome, Page)
    return outcome.body


# -- what stands on them ----------------------------------------------------------------------------


def test_what_is_remembered_for_a_304_is_the_body_whatever_it_is_stored_against(writer: Writer) -> None:
    visit(writer, prose(1), edited(prose(1), 9))
    remembered = writer.remembered(f"{NEWS}/2")
    assert remembered is not None
    assert (remembered.body, remembered.etag) == (edited(prose(1), 9), '"e"')
    writer.log(request(f"{NEWS}/2"), replace(remembered, fresh=False))
    assert len(kept(writer)) == 2


def test_the_sizes_are_those_of_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Writer(path, COMMAND, moment(0)) as writer:
        for n in range(3):
            grow(
                writer,
                source(),
                [row(f"k{n}", f"{json.dumps(n)} {prose(1, 900).decode()}") for n in range(n, 5 + n)],
                n,
            )
        sizes = writer.sizes()
        (count, size, stored) = writer.conn.execute(
            "SELECT count(*), sum(size), sum(length(body)) FROM snapshots"
        ).fetchone()
    assert (sizes.snapshots, sizes.bytes, sizes.stored) == (count, size, stored) == (3, size, stored)
    assert sizes.stored < sizes.bytes / 2
    assert path.stat().st_size <= sizes.file
