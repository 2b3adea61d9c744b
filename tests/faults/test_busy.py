"""Other programs at the same file: those that read it for a long time, and those that write to it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cli.desk import Desk
from listings import publish, selectors, some_items
from server import Answer, World

ITEMS = some_items(20)


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.fixture
def desk(tmp_path: Path, world: World) -> Desk:
    desk = Desk(tmp_path)
    desk.settings(selectors({"coop": publish(world, ITEMS, per_page=2)}, world.allow))
    assert desk.type("crawl").code == 0
    return desk


@contextmanager
def another_program(desk: Desk, seconds: float) -> Iterator[None]:
    """It writes to the archive for so long; from the block's beginning on."""
    program = """
import sqlite3, sys, time
conn = sqlite3.connect(sys.argv[1], isolation_level=None)
conn.execute("BEGIN IMMEDIATE")
conn.execute("UPDATE cursors SET settled = 0")
print("writing", flush=True)
time.sleep(float(sys.argv[2]))
conn.execute("COMMIT")
"""
    line = [sys.executable, "-c", program, str(desk.archive), str(seconds)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        try:
            yield
        finally:
            process.kill()


def test_a_reader_that_reads_through_a_whole_crawl_sees_one_state_and_is_in_nobody_s_way(
    desk: Desk, world: World
) -> None:
    with closing(sqlite3.connect(f"file:{desk.archive}?mode=ro", uri=True, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT id, title, last_seen FROM entries ORDER BY id").fetchall()
        publish(world, [replace(ITEMS[0], title="Another"), *ITEMS[1:]], per_page=2)
        for _ in range(2):
            assert desk.type("crawl").code == 0
        assert desk.type("rebuild").code == 0
        assert reader.execute("SELECT id, title, last_seen FROM entries ORDER BY id").fetchall() == before
        assert desk.type("check").code == 0
    told = desk.type("diff", "--since", "run:2", "--format", "json").json()
    assert [(one["kind"], one["new"]) for one in told] == [("changed", "Another")]


def test_another_program_that_writes_for_a_while_is_waited_for(desk: Desk, world: World) -> None:
    for command in ("crawl", "rebuild"):
        with another_program(desk, 2):
            start = time.monotonic()
            assert desk.type(command).code == 0
            assert time.monotonic() - start > 1.5
    assert desk.type("check").code == 0


def test_another_program_that_writes_in_the_midst_of_a_crawl_is_waited_for(desk: Desk, world: World) -> None:
    world.clear_ledger()
    publish(world, [replace(item, summary="Other words") for item in ITEMS], per_page=2)
    world.put("/news/2", Answer(delay=0.5, status=404))
    with desk.started("crawl") as crawl:
        while not world.hits("/news"):
            time.sleep(0.01)
        with another_program(desk, 2):
            _, err = crawl.communicate(timeout=30)
        assert crawl.returncode == 1, err  # page 2 is not there
    assert desk.type("check").code == 0
    assert desk.type("list", "--format", "json").json()[2]["missing_since"] is None
