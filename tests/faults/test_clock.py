"""Clocks that are set forward and back by a year, between runs and while one goes on, and the hour that summer time takes."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from coopscrape.archive.check import check
from coopscrape.reconcile import differences
from coopscrape.run.rebuild import rebuild
from listings import some_items
from run.simulated import SimulatedClock, Town

A_YEAR = 366 * 86_400.0
ITEMS = some_items(12)


class Jumping(SimulatedClock):
    """Somebody sets it, again and again, while a run waits."""

    def __init__(self, jumps: Sequence[float]) -> None:
        super().__init__()
        self._jumps = itertools.chain(jumps)
        self.waited = 0.0

    def wait(self, inbox: SimpleQueue[Any], seconds: float | None) -> list[Any]:
        before = self._now
        came = super().wait(inbox, seconds)
        self.waited += self._now - before
        self._now += next(self._jumps, 0.0)
        return came


def patient(town: Town, jumps: Sequence[float] = ()) -> Jumping:
    clock = Jumping(jumps)
    town.clock = town.site._clock = clock
    return clock


def nothing_is_lost(town: Town, kinds: Sequence[str]) -> None:
    assert [kind for kind, *_ in town.changes() if kind != "new"] == list(kinds)
    assert town.rows("SELECT count(*) FROM entries WHERE missing_since IS NOT NULL") == [(0,)]
    assert check(town.archive, differences) == []
    assert not [one.differences for one in rebuild(town.config, town.archive, dry_run=True) if one.differences]


@pytest.mark.parametrize("jumps", list(itertools.product((A_YEAR, -A_YEAR), repeat=3)))
def test_a_year_either_way_between_two_runs_is_no_change_and_no_reason_to_wait(
    tmp_path: Path, jumps: Sequence[float]
) -> None:
    town = Town(tmp_path, delay="5s")
    clock = patient(town)
    town.site.publish(ITEMS)
    town.crawl()
    for n, jump in enumerate(jumps):
        clock.pass_by(jump)
        town.site.publish([replace(ITEMS[0], title=f"Title {n}"), *ITEMS[1:]])
        result = town.crawl()
        assert result is not None
        assert result.exit_code == 0
    nothing_is_lost(town, ["changed"] * 3)
    told = [new for kind, _, _, new in town.changes() if kind == "changed"]
    assert told == ["Title 0", "Title 1", "Title 2"], "history is in the order of the walks, not of the clock"
    assert clock.waited < 3600, "a host was left alone because of a moment that never came"


@pytest.mark.parametrize("jump", [A_YEAR, -A_YEAR])
@pytest.mark.parametrize("at", range(6))
def test_a_year_either_way_while_a_run_waits_is_no_change(tmp_path: Path, jump: float, at: int) -> None:
    """The clock of a run takes no notice of who sets the machine's; were it to, a run would wait, and still lose nothing."""
    town = Town(tmp_path, delay="5s")
    patient(town)
    town.site.publish(ITEMS)
    town.crawl()
    patient(town, [0.0] * at + [jump, 0.0, -jump])
    town.site.publish([replace(ITEMS[5], title="Another title"), *ITEMS[:5], *ITEMS[6:]])
    result = town.crawl()
    assert result is not None
    assert result.exit_code == 0
    nothing_is_lost(town, ["changed"])
    town.crawl()
    nothing_is_lost(town, ["changed"])


@pytest.mark.parametrize("jump", [A_YEAR, -A_YEAR, 60.0, -60.0])
def test_a_killed_walk_survives_a_clock_that_was_set(tmp_path: Path, jump: float) -> None:
    town = Town(tmp_path, delay="5s")
    clock = patient(town)
    town.site.publish(ITEMS)
    town.crawl()
    town.crawl(kill_at=3)
    clock.pass_by(jump)
    for _ in range(2):
        result = town.crawl()
        assert result is not None
        assert result.exit_code == 0
    nothing_is_lost(town, [])
    assert clock.waited < 3600


NIGHT = """
import random, sys, tempfile
from pathlib import Path
from dataclasses import replace
from listings import some_items
from run.simulated import SimulatedClock, Town

random.seed(20)  # of the pauses
with tempfile.TemporaryDirectory() as folder:
    town = Town(Path(folder), delay="20m")
    town.clock._now = float(sys.argv[1])
    items = some_items(12)
    for n in range(3):
        town.site.publish([replace(items[0], title=f"Title {n}"), *items[1:]])
        town.crawl()
    print(town.fold(), town.rows("SELECT fetched_at FROM pages"), town.rows("SELECT * FROM hosts"))
"""


@pytest.mark.parametrize("begins", ["1774742400", "1792882800"], ids=["summer time comes", "summer time goes"])
def test_no_clock_on_the_wall_counts(begins: str) -> None:
    """The nights of 29 March and 25 October 2026, in zones that change the hour, and in one that does not."""
    tests = Path(__file__).parent.parent
    told = {
        subprocess.run(
            [sys.executable, "-c", NIGHT, begins],
            env={**os.environ, "TZ": zone, "PYTHONPATH": str(tests)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for zone in ("UTC", "Europe/Berlin", "America/St_Johns")
    }
    assert len(told) == 1
    assert told.pop().count("Title 2") > 0
