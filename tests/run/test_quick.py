"""Stopping early: what it costs, when all is read all the same, and that what was overlooked is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from coopscrape.archive.check import check
from coopscrape.archive.read import Reader
from coopscrape.reconcile import differences
from coopscrape.report.crawl import crawl_table
from coopscrape.report.status import SourceLine, status_text
from coopscrape.run.crawl import plan
from coopscrape.run.rebuild import rebuild
from listings import Item, some_items
from run.simulated import Town

DAY = 86_400.0
ITEMS = some_items(30)  # ten pages of three
NEWS = some_items(12, first=-11)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A sorted listing that has been read to its end; whatever happens to it, a rebuild equals what grew."""
    town = Town(tmp_path, order="newest-first")
    town.site.publish(ITEMS)
    town.crawl()
    town.site.ledger.clear()
    yield town
    grown = town.fold()
    rebuild(town.config, town.archive)
    assert town.fold() == grown
    assert check(town.archive, differences) == []


def asked(town: Town) -> list[str]:
    found = [path for path, _ in town.site.ledger if path != "/robots.txt"]
    town.site.ledger.clear()
    return found


def pages(last: int) -> list[str]:
    return ["/news", *(f"/news/{n}" for n in range(2, last + 1))]


def walks(town: Town) -> list[tuple[str, int, int | None]]:
    return town.rows(
        "SELECT coverage, quick, stopped FROM walks AS w JOIN verdicts AS v ON v.walk = w.id ORDER BY w.id"
    )


def test_a_visit_that_finds_nothing_new_costs_two_requests(town: Town) -> None:
    for _ in range(3):
        town.crawl()
        assert asked(town) == pages(2)
    assert walks(town) == [("complete", 0, None), *[("prefix", 1, 2)] * 3]
    assert town.rows("SELECT count(*) FROM entries WHERE missing_since IS NOT NULL") == [(0,)]


def test_it_goes_on_for_two_pages_behind_the_last_page_with_news(town: Town) -> None:
    town.site.publish([*NEWS[:4], *ITEMS])
    town.crawl()
    assert asked(town) == [*pages(4), "/news"]
    town.site.publish([*NEWS[:4], *ITEMS[:5], replace(ITEMS[5], title="Corrected"), *ITEMS[6:]])
    town.crawl()
    assert asked(town)[:2] == pages(2)
    assert walks(town)[1:] == [("prefix", 1, 4), ("prefix", 1, 2)]


def test_without_an_order_every_visit_goes_to_the_end(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.site.publish(ITEMS)
    for _ in range(2):
        town.crawl()
    assert walks(town) == [("complete", 0, None)] * 2


def test_the_end_is_read_again_when_the_time_has_come(town: Town) -> None:
    town.clock.pass_by(29.8 * DAY)
    town.crawl()
    town.clock.pass_by(DAY)
    town.crawl()
    town.crawl()
    assert [one[0] for one in walks(town)] == ["complete", "prefix", "complete", "prefix"]


def test_the_time_can_be_set_and_a_clock_that_was_set_back_is_no_reason_to_wait(town: Town) -> None:
    town.settings(('order = "newest-first"', 'order = "newest-first"\nfull_every = "1 day"'))
    town.clock.pass_by(DAY)
    town.crawl()
    town.clock.pass_by(-2 * DAY)
    town.crawl()
    assert [one[0] for one in walks(town)] == ["complete"] * 3


def test_full_reads_to_the_end(town: Town) -> None:
    town.crawl(full=True)
    assert asked(town) == pages(10)
    assert walks(town)[-1] == ("complete", 0, None)


@pytest.mark.parametrize("page", [1, 3])
def test_after_a_walk_that_broke_off_among_news_all_is_read(town: Town, page: int) -> None:
    town.site.publish([*NEWS, *ITEMS])
    town.site.broken = {"/news" if page == 1 else f"/news/{page}": 404}
    town.crawl()
    town.site.broken = {}
    town.crawl()
    # If not even the first page came, nothing was read above what is left unread.
    assert walks(town)[-1][0] == ("prefix" if page == 1 else "complete")
    assert town.rows("SELECT count(*) FROM entries") == [(42,)]


def test_after_a_page_limit_among_news_all_is_read(town: Town) -> None:
    town.site.publish([*NEWS[:5], *ITEMS])
    town.crawl(max_pages=2)
    town.crawl()
    assert [one[0] for one in walks(town)] == ["complete", "prefix", "complete"]


def test_after_a_doubt_all_is_read(town: Town) -> None:
    good = dict(town.site.pages)
    town.site.pages = {"/news": "<html><body><h1>Are you human?</h1></body></html>"}
    town.crawl()
    town.site.pages = good
    town.crawl()
    assert [one[0] for one in walks(town)] == ["complete", "doubted", "complete"]


def test_a_visit_goes_as_far_as_a_missing_entry_stood_and_confirms_that_it_is_gone(town: Town) -> None:
    town.site.publish([item for item in ITEMS if item is not ITEMS[16]])
    town.crawl(full=True)
    assert town.rows("SELECT title FROM entries WHERE missing_since IS NOT NULL") == [(ITEMS[16].title,)]
    asked(town)
    town.crawl()
    assert asked(town)[:6] == pages(6)
    assert town.changes()[-1][0] == "gone"
    town.crawl()
    assert asked(town) == pages(2)


def test_what_quick_walks_overlooked_is_counted_and_told(town: Town) -> None:
    late = Item("late", "Put in late", date_text="1 June 2018")
    town.site.publish([*ITEMS[:20], late, replace(ITEMS[20], title="Corrected"), *ITEMS[21:]])
    town.crawl()
    result = town.crawl(full=True)
    assert result is not None
    words = "coop: the whole walk found 2 entries, new or edited, below where quick walks stop"
    assert words in " ".join(crawl_table(result.reports).split())
    town.crawl()
    with Reader.open(town.archive) as reader:
        (state,) = reader.status()
    assert state.overlooked == 2
    assert words in " ".join(status_text([SourceLine("coop", "News", state)]).split())
    assert town.rows("SELECT overlooked FROM verdicts ORDER BY walk") == [(0,), (0,), (2,), (0,)]


def test_a_listing_that_is_not_sorted_is_named_with_the_setting(town: Town) -> None:
    town.site.publish([*ITEMS[:4], *reversed(ITEMS[4:])])
    town.crawl(full=True)
    ((warnings,),) = town.rows("SELECT warnings FROM verdicts ORDER BY walk DESC LIMIT 1")
    assert 'order = \\"newest-first\\", but 25 of 30 dated entries are younger than the entry above them' in warnings
    assert "remove it from [sources.coop]" in warnings


def test_a_sorted_listing_with_a_pinned_entry_is_not_scolded(town: Town) -> None:
    town.site.publish([ITEMS[20], *(item for item in ITEMS if item is not ITEMS[20])])
    town.crawl(full=True)
    assert town.rows("SELECT warnings FROM verdicts ORDER BY walk DESC LIMIT 1") == [("[]",)]


def test_a_killed_quick_walk_goes_on_as_one_and_stops_where_it_would_have(town: Town) -> None:
    town.site.publish([*NEWS[:4], *ITEMS])
    assert town.crawl(kill_at=3) is None
    town.crawl()
    assert walks(town)[-1] == ("prefix", 1, 4)
    assert town.crawl(kill_at=2) is None
    town.crawl(full=True)
    assert walks(town)[-1] == ("complete", 0, None)


def test_other_selectors_make_an_early_stop_neither_a_cut_nor_a_whole_walk(town: Town) -> None:
    town.crawl()
    for old, new in (
        ('next = "a.next"', 'next = "a.previous"'),
        ('pages = { next = "a.next" }', 'pages = "single"'),
        ('order = "newest-first"\n', ""),
        ('title = "h3 a"', 'title = "h3"'),
    ):
        town.settings((old, new))
        rebuild(town.config, town.archive)
        assert town.rows("SELECT coverage FROM verdicts WHERE walk = 2") == [("prefix",)], new
        assert town.rows("SELECT count(*) FROM entries WHERE missing_since IS NOT NULL") == [(0,)], new


def test_what_would_be_read_and_why_is_told_beforehand(town: Town) -> None:
    (one,) = plan(town.config, town.archive, everything=True)
    assert "to the end: the last whole walk was 2018-06-20, full_every = 30 days" in one.why
    (one,) = plan(town.config, town.archive, everything=True, full=True)
    assert one.why.endswith("; to the end: --full")
