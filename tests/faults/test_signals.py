"""Ctrl-C and SIGTERM: wherever they find a command, it ends soon, says so on one line, and what came is committed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from cli.desk import Desk
from coopscrape.archive import write as writing
from coopscrape.archive.write import Writer
from coopscrape.errors import Interrupted
from coopscrape.run import invocation as invoking
from coopscrape.run.clock import Clock
from coopscrape.run.invocation import invocation
from listings import publish, selectors, some_items
from run.simulated import Town
from server import Answer, World

SOON = 5.0  # seconds
SIGNALS = pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        yield world


def published(desk: Desk, world: World, delay: str = "0s") -> None:
    desk.settings(selectors({"coop": publish(world, some_items(20), per_page=2)}, world.allow, delay=delay))


def until(what: str, happened: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"{what} took more than {seconds} s"
        time.sleep(0.01)


def stopped(process: subprocess.Popen[str], number: int) -> str:
    """What it said on stderr; it ended in time, with all its children: nobody holds the pipe any more."""
    start = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - start < SOON
    return err


def last_words(err: str, number: int) -> None:
    lines = err.splitlines()
    assert lines[-1] == f"coopscrape: stopped by {signal.Signals(number).name}; what came is committed"
    assert sum(line.startswith("coopscrape: ") for line in lines) == 1
    assert "Traceback" not in err


def rows(desk: Desk, sql: str) -> list[tuple[Any, ...]]:
    conn = sqlite3.connect(f"file:{desk.archive}?mode=ro", uri=True)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.close()


def all_well_after(desk: Desk) -> None:
    """The archive is sound, the next run brings the rest, nothing is missing."""
    assert desk.type("check").code == 0
    said = desk.type("crawl")
    assert said.code == 0, said
    assert rows(desk, "SELECT kind, count(*) FROM changes GROUP BY kind") == [("new", 20)]
    assert rows(desk, "SELECT count(*) FROM entries WHERE missing_since IS NOT NULL OR gone_since IS NOT NULL") == [
        (0,)
    ]
    assert desk.type("check").code == 0


@SIGNALS
def test_the_pause_between_two_pages_is_no_reason_to_stay(desk: Desk, world: World, number: int, code: int) -> None:
    published(desk, world, delay="1h")
    with desk.started("crawl") as crawl:
        until("robots.txt", lambda: world.hits("/robots.txt"))
        time.sleep(0.3)
        last_words(stopped(crawl, number), number)
        assert crawl.returncode == code
    assert rows(desk, "SELECT outcome FROM runs") == [("interrupted",)]
    assert rows(desk, "SELECT purpose FROM pages") == [("robots",)]


@pytest.mark.parametrize("hands", ["threads:16", "processes:2"])
@SIGNALS
def test_a_slow_server_is_no_reason_to_stay(desk: Desk, world: World, number: int, code: int, hands: str) -> None:
    published(desk, world)
    world.put("/news/4", Answer(delay=60))
    with desk.started("crawl", "--hands", hands) as crawl:
        until("page 3", lambda: world.hits("/news/3"))
        time.sleep(0.3)
        last_words(stopped(crawl, number), number)
        assert crawl.returncode == code
    assert rows(desk, "SELECT count(*) FROM pages WHERE snapshot IS NOT NULL") == [(3,)]
    publish(world, some_items(20), per_page=2)
    world.clear_ledger()
    all_well_after(desk)
    *asked, last = [hit.path for hit in world.ledger]
    assert not {"/news", "/news/2", "/news/3"} & set(asked)
    assert last == "/news", "whether a long listing moved meanwhile"


def test_hands_go_when_the_brain_is_killed(desk: Desk, world: World) -> None:
    published(desk, world)
    world.put("/news/2", Answer(delay=60))
    with desk.started("crawl", "--hands", "processes:2") as crawl:
        until("page 1", lambda: world.hits("/news"))
        time.sleep(0.3)
        stopped(crawl, signal.SIGKILL)
        assert crawl.returncode == -signal.SIGKILL
    publish(world, some_items(20), per_page=2)
    said = desk.type("crawl")
    assert said.code == 0, said


def test_ctrl_c_on_a_terminal_reaches_the_hands_too_and_they_say_nothing(desk: Desk, world: World) -> None:
    published(desk, world)
    world.put("/news/2", Answer(delay=60))
    with desk.started("crawl", "--hands", "processes:2", new_session=True) as crawl:
        until("page 1", lambda: world.hits("/news"))
        time.sleep(0.3)
        os.killpg(crawl.pid, signal.SIGINT)
        _, err = crawl.communicate(timeout=30)
        last_words(err, signal.SIGINT)
        assert crawl.returncode == 130


@pytest.mark.parametrize("command", ["crawl", "rebuild"])
@SIGNALS
def test_waiting_for_another_crawl_is_no_reason_to_stay(
    desk: Desk, world: World, number: int, code: int, command: str
) -> None:
    published(desk, world)
    with Writer(desk.archive, "crawl", "2018-06-20T00:00:00.000Z"), desk.started(command, "--wait") as waiting:
        time.sleep(1)
        last_words(stopped(waiting, number), number)
        assert waiting.returncode == code
    all_well_after(desk)


@contextmanager
def another_writer(desk: Desk) -> Iterator[None]:
    conn = sqlite3.connect(desk.archive, isolation_level=None)
    conn.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        conn.close()


@SIGNALS
def test_waiting_for_another_program_that_writes_is_no_reason_to_stay(
    desk: Desk, world: World, number: int, code: int
) -> None:
    published(desk, world)
    assert desk.type("crawl", "--max-pages", "1").code == 0
    with another_writer(desk):
        for command in ("crawl", "rebuild"):
            with desk.started(command) as waiting:
                time.sleep(1)
                last_words(stopped(waiting, number), number)
                assert waiting.returncode == code
    all_well_after(desk)


@SIGNALS
def test_a_crawl_kept_from_writing_in_its_midst_can_be_stopped(
    desk: Desk, world: World, number: int, code: int
) -> None:
    published(desk, world)
    world.put("/news/2", Answer(delay=1))
    with desk.started("crawl") as crawl:
        until("page 1", lambda: world.hits("/news"))
        time.sleep(0.3)
        with another_writer(desk):
            until("page 2", lambda: world.hits("/news/2"))
            time.sleep(0.5)
            last_words(stopped(crawl, number), number)
        assert crawl.returncode == code
    publish(world, some_items(20), per_page=2)
    said = desk.type("crawl")  # it marks the run that could not even say that it was stopped
    assert said.code == 0, said
    assert rows(desk, "SELECT outcome FROM runs") == [("interrupted",), ("ok",)]
    all_well_after(desk)


def long_history(desk: Desk) -> Town:
    """An archive that takes a while to be read again."""
    town = Town(desk.place)
    for n in range(40):
        town.site.publish(some_items(150 + n, first=-n), per_page=50)
        town.crawl()
    return town


@pytest.mark.parametrize("command", ["rebuild", "crawl"])
@SIGNALS
def test_whoever_interrupts_the_reading_of_old_pages_finds_what_was_there(
    desk: Desk, number: int, code: int, command: str
) -> None:
    town = long_history(desk)
    town.settings(('title = "h3 a"', 'title = "h3"'))  # a crawl reads all again before it asks anybody
    before, found = town.fold(), []
    for pause in (0.0, 0.02, 0.1):
        with desk.started(command) as reading:
            until("the run", lambda: rows(desk, "SELECT 1 FROM runs WHERE outcome = 'running'"))
            time.sleep(pause)
            last_words(stopped(reading, number), number)
            assert reading.returncode == code
        found.append(town.fold())
        assert desk.type("check").code == 0
    assert desk.type("rebuild").code == 0
    after = town.fold()
    assert before["verdicts"] != after["verdicts"]
    assert all(fold in (before, after) for fold in found), "all of it, or nothing"


def test_a_signal_leaves_no_run_open_whichever_line_it_finds(tmp_path: Path) -> None:
    """At each line in turn between the beginning of a run and its end."""
    ours = (str(Path(writing.__file__)), str(Path(invoking.__file__)))

    def struck_at(n: int) -> bool:
        left = n

        def line(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal left
            left -= event == "line"
            if not left:
                raise Interrupted("now", signal.SIGINT)
            return line

        with Writer(tmp_path / "archive.db", "test", "2018-06-20T00:00:00.000Z") as writer:
            before = sys.gettrace()
            sys.settrace(lambda frame, _, __: line if frame.f_code.co_filename in ours else None)
            try:
                with invocation(writer, "test", Clock()):
                    writer.finish_run("ok", "2018-06-20T00:00:00.000Z")
            except Interrupted:
                return True
            finally:
                sys.settrace(before)
                assert writer.conn.execute("SELECT count(*) FROM runs WHERE outcome = 'running'").fetchone() == (0,)
                assert not writer.conn.in_transaction
        return False

    lines = 0
    while struck_at(lines + 1):
        lines += 1
    assert lines > 20
