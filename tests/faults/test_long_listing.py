"""A listing of 300 pages, its crawl killed at ten random points and resumed, beside one that nobody disturbs."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.desk import Desk
from coopscrape.archive.check import check
from coopscrape.reconcile import differences
from faults.kill_rounds import rows
from listings import Item, publish, selectors, some_items
from server import World

PAGES = 300
PER_PAGE = 2
KILLS = 10


def said(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that the archive says, moments apart: ids are names, and must be the same."""
    return {
        "entries": rows(
            archive,
            """SELECT id, key, number, place, category, title, date, summary, link, versions, missed,
               missing_since IS NULL, slid_since IS NULL, gone_since IS NULL FROM entries ORDER BY id""",
        ),
        "versions": rows(
            archive, "SELECT entry, n, number, title, category, date, summary, link FROM versions ORDER BY 1, 2"
        ),
        "changes": rows(archive, "SELECT walk, n, entry, version, kind, field, old, new FROM changes ORDER BY walk, n"),
        "verdicts": rows(archive, "SELECT walk, coverage, entries, pages FROM verdicts ORDER BY walk"),
    }


def crawled(desk: Desk) -> None:
    answer = desk.type("crawl")
    assert answer.code == 0, answer


def killed_ten_times(desk: Desk, world: World, chance: random.Random) -> None:
    """Each time soon after some page more has been asked for; then it is left alone, and asks for what is missing."""
    world.clear_ledger()
    for more in sorted(chance.sample(range(1, PAGES), KILLS)):
        more = max(more, len(world.ledger) + 1)  # the one before may have come further; each begins a run of its own
        with desk.started("crawl") as process:
            end = time.monotonic() + 30
            while len(world.ledger) < more and process.poll() is None and time.monotonic() < end:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.005))
            process.kill()
            process.communicate(timeout=30)
        assert process.returncode == -9
    crawled(desk)
    pages = sum(1 for hit in world.ledger if hit.path.startswith("/news"))
    assert pages <= PAGES + KILLS, f"{pages} requests for {PAGES} pages: more than one for each kill was asked again"


def churned(items: Sequence[Item]) -> list[Item]:
    """Some are edited, one is taken down, one is new."""
    edited = [replace(item, title=f"{item.title}, corrected") if n % 50 == 0 else item for n, item in enumerate(items)]
    return [Item("new", "A new story"), *edited[:333], *edited[334:]]


@pytest.mark.slow
def test_a_crawl_of_300_pages_killed_at_ten_points_comes_to_what_an_undisturbed_one_comes_to(tmp_path: Path) -> None:
    given = os.environ.get("COOPSCRAPE_KILL_SEED")
    seed = int(given) if given else random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")
    chance, items = random.Random(seed), some_items(PAGES * PER_PAGE)
    with World() as world:
        desks = [Desk(tmp_path / name) for name in ("undisturbed", "killed")]
        for desk in desks:
            desk.place.mkdir()
            desk.settings(selectors({"coop": world.url("/news")}, world.allow, max_pages=2 * PAGES))
        undisturbed, killed = desks
        for listing in (items, churned(items)):
            publish(world, listing, PER_PAGE)
            crawled(undisturbed)
            killed_ten_times(killed, world, chance)
            assert said(killed.archive) == said(undisturbed.archive)
        for desk in desks:
            crawled(desk)  # what was missing is gone
        assert said(killed.archive) == said(undisturbed.archive)
    kinds = rows(killed.archive, "SELECT kind, count(*) FROM changes GROUP BY kind ORDER BY kind")
    assert kinds == [("changed", 12), ("gone", 1), ("new", 601)]
    outcomes = dict(rows(killed.archive, "SELECT outcome, count(*) FROM runs GROUP BY outcome"))
    assert outcomes == {"interrupted": 2 * KILLS, "ok": 3}
    assert check(killed.archive, differences) == []
