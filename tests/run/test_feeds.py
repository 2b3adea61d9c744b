"""A feed is a rolling list: what leaves it has slid off. The real crawler over a simulated feed."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coopscrape.archive.check import check
from coopscrape.config import Config
from coopscrape.reconcile import differences
from coopscrape.run.rebuild import rebuild
from coopscrape.run.settings import load_config
from run.simulated import HOST, Town

SETTINGS = f"""
[network]
allow = ["127.0.0.1:8000"]
[defaults]
delay = "0s"
[sources.coop]
kind = "feed"
url = "{HOST}/feed"
"""
RSS = '<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>x</title>{}</channel></rss>'


def items(*numbers: int, suffix: str = "", dated: bool = True) -> str:
    """Item n is of the n-th day."""
    return "".join(
        f"<item><title>Story {n}{suffix}</title><link>{HOST}/{n}</link><guid isPermaLink='false'>{n}</guid>"
        + (f"<pubDate>{date(2018, 1, 1) + timedelta(days=n):%d %b %Y}</pubDate>" if dated else "")
        + "</item>"
        for n in numbers
    )


class FeedTown(Town):
    """One feed at /feed, and whatever else the site has."""

    def settings(self, *edits: tuple[str, str]) -> Config:
        text = SETTINGS
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        self._toml.write_text(text, encoding="utf-8")
        self.config = load_config(self._toml)
        return self.config

    def says(self, *numbers: int, suffix: str = "", dated: bool = True) -> int:
        self.site.pages["/feed"] = RSS.format(items(*numbers, suffix=suffix, dated=dated))
        return self.visited()

    def visited(self) -> int:
        """The exit code."""
        result = self.crawl()
        assert result is not None
        return result.exit_code

    def keys(self, where: str) -> list[str]:
        return [
            key for (key,) in self.rows(f"SELECT key FROM entries WHERE {where} ORDER BY CAST(key AS INTEGER) DESC")
        ]

    def kinds(self) -> list[tuple[str, str]]:
        return self.rows(
            """SELECT kind, key FROM changes AS c JOIN entries AS e ON e.id = entry JOIN walks AS w ON w.id = walk
               ORDER BY settled, n"""
        )

    def is_true(self) -> None:
        """The law: nothing is found wrong, and the fold derived again is the one that grew."""
        assert check(self.archive, differences) == []
        grown = self.fold()
        rebuild(self.config, self.archive)
        assert self.fold() == grown


@pytest.fixture
def town(tmp_path: Path) -> FeedTown:
    return FeedTown(tmp_path)


def test_what_leaves_the_end_of_a_feed_has_slid_off(town: FeedTown) -> None:
    for first in range(5, 12):
        assert town.says(*range(first, first - 5, -1)) == 0
    assert town.keys("slid_since IS NULL") == ["11", "10", "9", "8", "7"]
    assert town.keys("slid_since IS NOT NULL") == ["6", "5", "4", "3", "2", "1"]
    assert {kind for kind, _ in town.kinds()} == {"new"}
    town.is_true()


def test_a_feed_that_gets_shorter_or_was_not_looked_at_for_long_loses_nothing(town: FeedTown) -> None:
    town.says(6, 5, 4, 3, 2, 1)
    assert town.says(6, 5, 4) == 0
    assert town.says(40, 39, 38, 37) == 0
    assert town.keys("slid_since IS NULL") == ["40", "39", "38", "37"]
    assert {kind for kind, _ in town.kinds()} == {"new"}
    town.is_true()


def test_what_lacks_between_is_gone_when_that_is_confirmed(town: FeedTown) -> None:
    town.says(6, 5, 4, 3, 2, 1)
    town.says(6, 5, 3, 2, 1)
    assert town.keys("missing_since IS NOT NULL") == ["4"]
    town.says(6, 5, 3, 2, 1)
    assert town.kinds()[6:] == [("gone", "4")]
    town.says(6, 5, 4, 3, 2, 1)
    assert town.kinds()[7:] == [("back", "4")]
    town.is_true()


def test_the_latest_of_a_feed_that_is_sorted_by_date_cannot_have_slid_off(town: FeedTown) -> None:
    town.says(6, 5, 4, 3, 2, 1)
    town.says(5, 4, 3, 2, 1)
    town.says(7, 5, 4, 3, 2)
    assert ("gone", "6") in town.kinds()
    town.is_true()


@pytest.mark.parametrize("dated", [True, False])
def test_what_leaves_the_front_of_any_other_feed_has_slid_off(town: FeedTown, dated: bool) -> None:
    """Events to come, say: the next one first."""
    town.says(1, 2, 3, 4, 5, 6, dated=dated)
    town.says(3, 4, 5, 6, 7, 8, dated=dated)
    town.says(4, 5, 6, 7, 8, 9, dated=dated)
    assert town.keys("slid_since IS NOT NULL") == ["3", "2", "1"]
    assert {kind for kind, _ in town.kinds()} == {"new"}
    town.is_true()


def test_an_item_that_is_shown_again_stands_in_the_list_again_and_its_edit_is_told(town: FeedTown) -> None:
    town.says(4, 3, 2)
    town.says(6, 5, 4)
    town.site.pages["/feed"] = RSS.format(items(2, suffix=" (new)") + items(6, 5, 4))
    assert town.visited() == 0
    assert town.keys("slid_since IS NULL") == ["6", "5", "4", "2"]
    assert town.changes()[5:] == [("changed", "title", "Story 2", "Story 2 (new)")]
    town.is_true()


@pytest.mark.parametrize(
    "body",
    [
        "<!doctype html><title>Maintenance</title><p>Back soon",
        "",
        RSS.format(""),
        RSS.format(items(6, 5, 4))[:-30],
        RSS.format(items(6, 5, 4)).replace("</title>", "", 1),
        '{"error": 429}',
    ],
    ids=["html", "nothing", "no items", "cut off", "broken", "json"],
)
def test_what_is_no_feed_any_more_changes_nothing_and_is_told(town: FeedTown, body: str) -> None:
    town.says(6, 5, 4, 3)
    before = town.fold()["entries"]
    for _ in range(3):
        town.site.pages["/feed"] = body
        assert town.visited() == 3
    assert town.fold()["entries"] == before
    town.says(6, 5, 4, 3)
    assert {kind for kind, _ in town.kinds()} == {"new"}
    town.is_true()


def test_a_feed_says_where_it_goes_on(town: FeedTown) -> None:
    town.site.pages["/older"] = RSS.format(items(3, 2, 1))
    town.site.pages["/feed"] = RSS.format("<atom:link rel='next' href='/older'/>" + items(6, 5, 4))
    assert town.visited() == 0
    assert town.keys("slid_since IS NULL") == ["6", "5", "4", "3", "2", "1"]
    town.site.pages["/older"] = RSS.format(items(3, 1))
    town.visited()
    assert town.keys("missing_since IS NOT NULL") == []  # one witness behind it is too few
    town.site.broken["/older"] = 500
    assert town.visited() == 1
    assert town.keys("slid_since IS NOT NULL") == []
    town.settings(('"feed"', '"feed"\npages = "single"'))
    assert town.visited() == 0
    assert town.keys("TRUE") == ["6", "5", "4"]  # whoever says that it is a single page means it of the past, too
    town.is_true()


def test_a_walk_that_stops_at_its_limit_says_nothing_of_what_follows(town: FeedTown) -> None:
    town.site.pages["/older"] = RSS.format(items(3, 2, 1))
    town.site.pages["/feed"] = RSS.format("<atom:link rel='next' href='/older'/>" + items(6, 5, 4))
    town.visited()
    town.crawl(max_pages=1)
    assert town.keys("slid_since IS NOT NULL OR missing_since IS NOT NULL") == []
    town.is_true()


def test_an_unchanged_feed_is_not_sent_again(town: FeedTown) -> None:
    town.says(3, 2, 1)
    town.visited()
    assert [status for path, status in town.site.ledger if path == "/feed"] == [200, 304]
    assert town.rows("SELECT count(DISTINCT last_seen) FROM entries") == [(1,)]


def test_the_archive_says_that_a_feed_proves_little(town: FeedTown) -> None:
    town.says(3, 2, 1)
    assert town.rows("SELECT coverage, reason FROM coverage") == [
        ("prefix", "coop page 1: no further page; a feed shows its latest entries, not all of them")
    ]


def test_an_edit_of_the_settings_is_no_change_of_the_feed(town: FeedTown) -> None:
    town.says(3, 2, 1)
    town.settings(('"feed"', '"feed"\nextra = ["author", "id"]\ntimezone = "Asia/Tokyo"'))
    town.visited()
    assert {kind for kind, _ in town.kinds()} == {"new"}
    assert town.rows("SELECT DISTINCT json_extract(extra, '$.id') FROM entries ORDER BY 1") == [("1",), ("2",), ("3",)]
    town.is_true()


def test_a_listing_that_becomes_a_feed_keeps_what_its_pages_said(tmp_path: Path) -> None:
    old = Town(tmp_path)
    old.site.pages = {
        "/feed": "<ol class=listing>" + "".join(f"<li><h3><a href=/{n}>Story {n}</a></h3>" for n in (2, 1)) + "</ol>"
    }
    old.settings((f"{HOST}/news", f"{HOST}/feed"), ('date = { css = "time", format = "%d %B %Y" }\n', ""))
    old.crawl()
    town = FeedTown(tmp_path)
    town.clock.pass_by(90_000)
    town.settings(('"feed"', '"feed"\nkey = "link"'))
    assert town.says(3, 2, 1, dated=False) == 0
    assert [kind for kind, _ in town.kinds()] == ["new"] * 3
    town.is_true()


@given(
    st.lists(st.tuples(st.lists(st.integers(1, 14), unique=True, max_size=8), st.booleans()), min_size=1, max_size=5)
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_rebuilt_feed_equals_the_one_that_grew(history: Sequence[tuple[list[int], bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        town = FeedTown(Path(folder))
        for numbers, latest_first in history:
            town.says(*(sorted(numbers, reverse=True) if latest_first else numbers))
        town.is_true()
