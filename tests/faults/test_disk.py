"""Disks that are full, cannot be written, or forget: one line, exit code 4, and all is well when the disk is well again."""

from __future__ import annotations

import os
import random
import resource
import shlex
import shutil
import sqlite3
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from cli.desk import Desk, Said
from listings import Item, publish, selectors
from server import World

ARCHIVE_AT_FAULT: Final = 4
COUNT: Final = 40
ITEMS: Final = tuple(
    Item(f"item-{n}", f"Title {n}", summary="".join(random.Random(n).choices(string.ascii_letters, k=3000)))
    for n in range(COUNT)  # what zstd cannot make small
)


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.fixture
def forgetful(tmp_path: Path, world: World) -> Desk:
    """A desk before a listing of forty long entries on twenty pages."""
    desk = Desk(tmp_path)
    desk.settings(selectors({"coop": publish(world, ITEMS, per_page=2)}, world.allow))
    return desk


@pytest.fixture
def desk(forgetful: Desk, world: World) -> Iterator[Desk]:
    """Such a desk, where no page that was kept is ever asked for again."""
    yield forgetful
    served = [hit.path for hit in world.ledger if hit.status == 200]
    assert len(served) <= len(set(served)) + 1, "pages that were kept were asked for again"


def rows(archive: Path, sql: str) -> list[tuple[Any, ...]]:
    conn = sqlite3.connect(archive)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.close()


def one_line_about(said: Said, words: str) -> None:
    lines = [line for line in said.err.splitlines() if line.startswith("coopscrape: ")]
    assert said.code == ARCHIVE_AT_FAULT, said
    assert len(lines) == 1, said
    assert words in lines[0], said
    assert "Traceback" not in said.err


def sound(desk: Desk) -> None:
    said = desk.type("check")
    assert (said.code, said.err) == (0, "")


def well_again(desk: Desk) -> None:
    """The next run brings all, and nothing is missing."""
    said = desk.type("crawl")
    assert said.code == 0, said
    sound(desk)
    assert rows(desk.archive, "SELECT kind, count(*) FROM changes GROUP BY kind") == [("new", COUNT)]
    absent = "SELECT count(*) FROM entries WHERE missing_since IS NOT NULL OR gone_since IS NOT NULL"
    assert rows(desk.archive, absent) == [(0,)]


# -- no room


@pytest.mark.parametrize("most", [0, 1_000, 30_000, 250_000, 400_000])
def test_a_file_that_may_not_grow_ends_the_run_and_keeps_what_came(desk: Desk, most: int) -> None:
    limit = f"import resource, os, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most})); "
    line = [sys.executable, "-c", limit + "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"]
    done = subprocess.run(
        [*line, "-W", "error", "-m", "coopscrape", "crawl"], cwd=desk.place, capture_output=True, text=True, timeout=60
    )
    one_line_about(Said(done.returncode, done.stdout, done.stderr), "cannot be")
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] in (resource.RLIM_INFINITY, -1)
    if most >= 250_000:
        sound(desk)
        assert rows(desk.archive, "SELECT outcome FROM runs")[0][0] in ("failed", "running")
    well_again(desk)


root = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("unshare"), reason="mounts, so it needs root and unshare"
)


def in_a_mount_of_its_own(desk: Desk, *script: str) -> subprocess.CompletedProcess[str]:
    """A shell that sees a file system `m` nobody else sees, with `crawl`, `check` ... for an archive in it."""
    (desk.place / "m").mkdir(exist_ok=True)
    program = shlex.join([sys.executable, "-W", "error", "-m", "coopscrape", "--archive", "m/archive.db"])
    commands = [f'{name}() {{ {program} {name} "$@"; }}' for name in ("crawl", "check", "list", "rebuild", "status")]
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", "\n".join([*commands, *script])],
        cwd=desk.place,
        capture_output=True,
        text=True,
        timeout=120,
    )


@root
@pytest.mark.parametrize("size", ["40k", "250k", "400k"])
def test_a_full_disk_ends_the_run_and_keeps_what_came(desk: Desk, size: str) -> None:
    done = in_a_mount_of_its_own(
        desk, f"mount -t tmpfs -o size={size} none m", "crawl", "code=$?", "cp m/archive.db* .", "exit $code"
    )
    one_line_about(Said(done.returncode, done.stdout, done.stderr), "cannot grow, the disk is full")
    well_again(desk)


@root
def test_where_nothing_can_be_written_an_archive_can_still_be_read(desk: Desk) -> None:
    assert desk.type("crawl").code == 0
    mount = ("mount -t tmpfs none m", "cp archive.db m/", "mount -o remount,ro m")
    for command in ("list --format json", "check", "status"):
        done = in_a_mount_of_its_own(desk, *mount, command)
        assert (done.returncode, done.stderr) == (0, ""), command
        assert done.stdout
    for command in ("crawl", "rebuild"):
        done = in_a_mount_of_its_own(desk, *mount, command)
        one_line_about(Said(done.returncode, done.stdout, done.stderr), "cannot be written: Read-only file system")


@root
def test_a_file_that_cannot_be_written_is_named(desk: Desk) -> None:
    assert desk.type("crawl").code == 0
    done = in_a_mount_of_its_own(
        desk,
        "mount -t tmpfs none m",
        "cp archive.db m/",
        "mount --bind m/archive.db m/archive.db",
        "mount -o remount,bind,ro m/archive.db",
        "crawl",
    )
    one_line_about(Said(done.returncode, done.stdout, done.stderr), "m/archive.db: is read-only")


@pytest.mark.parametrize("command", ["crawl", "list", "check", "status", "rebuild", "diff"])
def test_a_folder_is_no_archive(desk: Desk, command: str) -> None:
    desk.archive.mkdir()
    one_line_about(desk.type(command), "archive.db: is a folder")


# -- not ours


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Dear diary, " * 1000, "is no SQLite database"),
        (b"SQLite format 3\x00" + b"\xff" * 5000, "no SQLite database"),
        (b"x", "is no SQLite database"),
    ],
)
def test_a_file_that_is_no_archive_is_left_as_it_is(desk: Desk, content: bytes, words: str) -> None:
    desk.archive.write_bytes(content)
    for command in ("crawl", "list", "check", "rebuild"):
        one_line_about(desk.type(command), words)
    assert desk.archive.read_bytes() == content


def test_the_database_of_another_program_is_left_as_it_is(desk: Desk) -> None:
    rows(desk.archive, "CREATE TABLE diary (day TEXT)")
    content = desk.archive.read_bytes()
    for command in ("crawl", "list", "check", "rebuild"):
        one_line_about(desk.type(command), "no coopscrape archive")
    assert desk.archive.read_bytes() == content


def test_an_archive_of_a_newer_coopscrape_is_not_written_to(desk: Desk) -> None:
    assert desk.type("crawl").code == 0
    conn = sqlite3.connect(desk.archive)
    conn.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('coopscrape', 'later', '')")
    conn.commit()
    conn.close()
    for command in ("crawl", "rebuild"):
        one_line_about(desk.type(command), "was written by a newer coopscrape (it knows later)")


def test_an_empty_file_is_as_good_as_none(desk: Desk) -> None:
    desk.archive.touch()
    one_line_about(desk.type("list"), "is empty; `coopscrape crawl` makes an archive of it")
    well_again(desk)


# -- damaged


def test_what_lies_beside_the_archive_may_be_lost_or_damaged(forgetful: Desk) -> None:
    """Pages that were only in archive.db-wal are lost, no others. (Nothing of it had been copied into archive.db yet.)"""
    desk = forgetful
    with desk.started("crawl") as crawl:
        assert crawl.stderr is not None
        for _ in range(5):
            crawl.stderr.readline()
        crawl.kill()
    kept = {file.name: file.read_bytes() for file in desk.place.glob("archive.db*")}
    assert kept.get("archive.db-wal"), "the kill came too late"
    chance = random.Random(20)

    def lay(**files: bytes | None) -> None:
        for name, content in {**kept, **{f"archive.db-{end}": content for end, content in files.items()}}.items():
            (desk.place / name).unlink(missing_ok=True)
            if content is not None:
                (desk.place / name).write_bytes(content)

    wal = kept["archive.db-wal"]
    for spoiled in (
        {"shm": None},
        {"shm": chance.randbytes(32768)},
        {"wal": wal[: len(wal) // 2]},
        {"wal": wal[:-100] + b"\x00" * 100},
        {"wal": chance.randbytes(len(wal))},
        {"wal": None, "shm": None},
    ):
        lay(**spoiled)
        said = desk.type("crawl")
        assert said.code == 0, (list(spoiled), said)
        sound(desk)
        assert rows(desk.archive, "SELECT kind, count(*) FROM changes GROUP BY kind") == [("new", COUNT)]


def spoiled(content: bytes, chance: random.Random) -> bytes:
    """A few bytes are others, a page is noise, or the end is lost."""
    spoiled = bytearray(content)
    kind = chance.choice(("bytes", "bytes", "page", "head", "end"))
    if kind == "bytes":
        for _ in range(chance.choice((1, 5, 50))):
            spoiled[chance.randrange(len(spoiled))] ^= chance.randrange(1, 256)
    elif kind == "page":
        at = chance.randrange(len(spoiled) // 4096) * 4096
        spoiled[at : at + 4096] = chance.randbytes(4096)
    elif kind == "head":
        spoiled[chance.randrange(100)] ^= chance.randrange(1, 256)
    else:
        del spoiled[chance.randrange(len(spoiled)) :]
    return bytes(spoiled)


@pytest.mark.slow
@pytest.mark.parametrize("share", range(4))
def test_a_damaged_archive_is_told_by_whatever_comes_upon_it(tmp_path: Path, share: int) -> None:
    seed = random.SystemRandom().randrange(10**9)
    desk = Desk(tmp_path)
    with World() as world:
        desk.settings(selectors({"coop": publish(world, ITEMS, per_page=5)}, world.allow))
        assert desk.type("crawl").code == 0
        whole = desk.archive.read_bytes()
        for n in range(4):
            for words in (("check",), ("list",), ("diff", "--format", "json"), ("status", "--ledger"), ("crawl",)):
                for file in desk.place.glob("archive.db*"):
                    file.unlink()
                desk.archive.write_bytes(spoiled(whole, random.Random(f"{seed} {n}")))
                said = desk.type(*words)
                where = f"seed {seed}, round {n}, {words}: {said}"
                assert said.code in (0, ARCHIVE_AT_FAULT), where
                assert "Traceback" not in said.err, where
                if said.code and words != ("check",):
                    lines = [line for line in said.err.splitlines() if line.startswith("coopscrape: ")]
                    assert len(lines) == 1, where
                    assert desk.archive.name in lines[0], where
