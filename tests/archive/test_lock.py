"""One writer at a time, in whatever process; and what is left of one that was killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from builders import COMMAND, moment, page, request, source
from coopscrape.archive.lock import is_held
from coopscrape.archive.read import Reader
from coopscrape.archive.write import Writer
from coopscrape.errors import ArchiveError, LockedError

HOLD = """
import sys
from pathlib import Path
from builders import moment, page, request, source
from coopscrape.archive.write import Writer

writer = Writer(Path(sys.argv[1]), "coopscrape crawl --everything", moment(1))
writer.start_run("coopscrape crawl --everything", moment(1))
walk = writer.open_walk(source(), moment(1), 50)
writer.log(request(walk=walk), page(b"committed"))
writer.conn.execute("BEGIN IMMEDIATE")
writer.log(request(walk=walk, number=2), page(b"not committed"))
print("holds", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.db"


@contextmanager
def another_process(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A crawl in a process of its own, in the middle of a page."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "holds\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_crawl_is_refused_and_told_who_holds_the_archive(path: Path) -> None:
    with another_process(path) as other, pytest.raises(LockedError) as caught:
        Writer(path, COMMAND, moment(2))
    (line,) = caught.value.lines
    assert f"(process {other.pid})" in line
    assert "`coopscrape crawl --everything`" in line
    assert f"since {moment(1)}" in line
    assert "--wait" in line
    assert caught.value.exit_code == 75


def test_readers_are_not_kept_out(path: Path) -> None:
    with another_process(path), Reader.open(path) as reader:
        assert reader.sources() == ["news"]
        assert is_held(path)


def test_a_killed_crawl_holds_nothing_loses_only_what_was_not_committed_and_is_marked(path: Path) -> None:
    with another_process(path) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert not is_held(path)
        writer = Writer(path, COMMAND, moment(2))
    (walk,) = writer.open_walks()
    assert [(stored.number, stored.page) for stored in writer.answers(walk.id)] == [(1, 1)]
    writer.start_run(COMMAND, moment(2))
    outcomes = writer.conn.execute("SELECT id, outcome, finished FROM runs ORDER BY id").fetchall()
    writer.log(request(walk=walk.id, number=2), page(b"asked again"))
    writer.close()
    assert outcomes == [(1, "interrupted", moment(2)), (2, "running", None)]


def test_who_waits_gets_the_archive_as_soon_as_it_is_free(path: Path) -> None:
    first = Writer(path, COMMAND, moment(1))
    done = threading.Event()

    def wait() -> None:
        Writer(path, COMMAND, moment(2), wait=True).close()
        done.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.1)
    assert not done.is_set()
    first.close()
    waiting.join(10)
    assert done.is_set()


def test_a_writer_that_is_closed_lets_the_next_one_in(path: Path) -> None:
    for n in range(3):
        with Writer(path, COMMAND, moment(n)):
            assert is_held(path)
            with pytest.raises(LockedError):
                Writer(path, COMMAND, moment(n))
        assert not is_held(path)


@pytest.mark.parametrize("link", ["link.db", "folder/archive.db"])
def test_an_archive_has_one_lock_whatever_links_lead_to_it(path: Path, link: str) -> None:
    other = path.parent / link
    if other.parent == path.parent:
        other.symlink_to(path.name)
    else:
        other.parent.symlink_to(path.parent)
    for one, another in ((path, other), (other, path)):
        with Writer(one, COMMAND, moment(1)):
            assert is_held(another)
            with pytest.raises(LockedError):
                Writer(another, COMMAND, moment(2))
    assert not is_held(other)


def test_links_that_lead_in_a_circle_are_a_clear_error(path: Path) -> None:
    path.symlink_to("other.db")
    path.with_name("other.db").symlink_to(path.name)
    with pytest.raises(ArchiveError):
        Writer(path, COMMAND, moment(1))


def test_an_archive_that_was_never_written_is_not_held(path: Path) -> None:
    assert not is_held(path)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("note", [b"", b"nonsense", b"[]", b'{"pid": 1}', b"\xff"])
def test_a_note_that_cannot_be_read_still_means_that_somebody_holds_it(path: Path, note: bytes) -> None:
    with Writer(path, COMMAND, moment(1)):
        path.with_name("archive.db.lock").write_bytes(note)
        with pytest.raises(LockedError, match="another coopscrape holds it"):
            Writer(path, COMMAND, moment(2))


def test_a_lock_that_cannot_be_made_is_a_clear_error(path: Path) -> None:
    path.with_name("archive.db.lock").mkdir()
    with pytest.raises(ArchiveError, match=r"archive\.db\.lock: cannot be written"):
        Writer(path, COMMAND, moment(1))


def test_a_program_that_knows_nothing_of_our_lock_is_waited_for_and_then_named(path: Path) -> None:
    with Writer(path, COMMAND, moment(1)) as writer:
        writer.conn.execute("PRAGMA busy_timeout = 100")
        another = sqlite3.connect(path, isolation_level=None)
        another.execute("BEGIN IMMEDIATE")
        with pytest.raises(ArchiveError, match="is locked by another program; try again"):
            writer.start_run(COMMAND, moment(1))
        another.close()
        assert writer.start_run(COMMAND, moment(1)) == 1


def test_a_reader_in_the_middle_of_something_disturbs_no_crawl_and_sees_one_moment(path: Path) -> None:
    with Writer(path, COMMAND, moment(1)) as writer, Reader.open(path) as reader:
        reader.conn.execute("BEGIN")
        assert reader.sources() == []
        writer.start_run(COMMAND, moment(1))
        writer.open_walk(source(), moment(1), 50)
        assert reader.sources() == []
        reader.conn.execute("COMMIT")
        assert reader.sources() == ["news"]
