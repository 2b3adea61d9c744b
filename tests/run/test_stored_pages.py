"""Crawls, 304s and rebuilds stand on stored pages, most of which are differences from another one."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from coopscrape.archive.check import check
from coopscrape.errors import ArchiveError
from coopscrape.reconcile import differences
from coopscrape.run.rebuild import rebuild
from listings import some_items
from run.simulated import Town

ITEMS = some_items(12)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A listing of four pages, visited in five states."""
    town = Town(tmp_path)
    for n in range(5):
        town.site.publish([*ITEMS[:n], replace(ITEMS[n], title=f"Cooperative story {n} (corrected)"), *ITEMS[n + 1 :]])
        town.crawl()
    return town


def test_one_page_is_whole_and_the_others_are_stored_against_it(town: Town) -> None:
    assert town.rows("SELECT count(*) FROM snapshots WHERE reference IS NULL") == [(1,)]
    ((others, size, stored),) = town.rows(
        "SELECT count(*), sum(size), sum(length(body)) FROM snapshots WHERE reference IS NOT NULL"
    )
    assert others == 8  # the first page in four states, the second in three, two more in one; less the whole one
    assert stored < size / 8


def test_a_rebuild_reads_them_as_they_were(town: Town) -> None:
    grown = town.fold()
    assert [one.differences for one in rebuild(town.config, town.archive, dry_run=True)] == [()]
    rebuild(town.config, town.archive)
    assert town.fold() == grown
    assert check(town.archive, differences) == []


def test_they_are_asked_for_with_their_validators_and_not_sent_again(town: Town) -> None:
    town.site.ledger.clear()
    town.crawl()
    assert [status for path, status in town.site.ledger if path != "/robots.txt"] == [304] * 4


def test_a_rebuild_that_meets_a_damaged_one_leaves_the_old_fold(town: Town) -> None:
    grown = town.fold()
    conn = sqlite3.connect(town.archive)
    conn.executescript(
        "DROP TRIGGER snapshots_fixed; UPDATE snapshots SET body = substr(body, 1, 99) WHERE reference IS NULL"
    )
    conn.close()
    with pytest.raises(ArchiveError, match=r"the stored snapshot is damaged.*coopscrape check"):
        rebuild(town.config, town.archive)
    assert town.fold() == grown
