"""How many pages a walk may ask for, when one run began it and another goes on with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from coopscrape.plan.movement import LONG
from coopscrape.run.rebuild import rebuild
from listings import some_items
from run.simulated import Town

PAGES = [("/news" if n == 1 else f"/news/{n}") for n in range(1, 11)]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    town.site.publish(some_items(30), per_page=3)
    return town


@pytest.mark.parametrize(
    ("before", "killed_at", "after", "read", "coverage"),
    [
        (None, 6, 2, 5, "prefix"),  # five had come already: they count, and nothing more is asked
        (None, 6, 7, 7, "prefix"),
        (None, 6, None, 10, "complete"),
        (3, 3, None, 10, "complete"),
        (3, 2, 5, 5, "prefix"),
        (3, 2, 1, 1, "prefix"),
        (2, 1, 1, 1, "prefix"),
    ],
)
def test_the_limit_of_the_run_that_goes_on_counts(
    town: Town, before: int | None, killed_at: int, after: int | None, read: int, coverage: str
) -> None:
    assert town.crawl(max_pages=before, kill_at=killed_at) is None
    came = town.rows("SELECT count(*) FROM pages WHERE purpose = 'page'")[0][0]
    town.site.ledger.clear()
    assert town.crawl(max_pages=after) is not None
    again = PAGES[:1] if read >= LONG else []  # whether the listing moved meanwhile
    assert [path for path, _ in town.site.ledger if path in PAGES] == [*PAGES[came:read], *again]
    assert town.rows("SELECT walk, coverage, pages FROM verdicts") == [(1, coverage, read)]
    grown = town.fold()
    rebuild(town.config, town.archive)
    assert town.fold() == grown
