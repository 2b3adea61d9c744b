"""The laws of the archive, with the real crawler over a simulated site."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coopscrape.archive.check import check
from coopscrape.reconcile import differences
from coopscrape.run.rebuild import accept, rebuild
from listings import Item, listing, some_items
from run.simulated import Town

ITEMS = some_items(12)
EDITS: dict[str, Sequence[tuple[str, str]]] = {
    "as it was": (),
    "the whole heading": (('title = "h3 a"', 'title = "h3"'),),
    "a selector that finds nothing": (('title = "h3 a"', 'title = "h9 b"'),),
    "no summary": (('summary = { css = "p.summary", optional = true }', ""),),
    "another key": (('must_contain = "ol.listing"', 'must_contain = "ol.listing"\nkey = ["title", "date"]'),),
    "other limits of doubt": (
        ('must_contain = "ol.listing"', 'must_contain = "ol.listing"\ndoubt = { missing = 1, edited = 0.1, end = 9 }'),
    ),
    "no paging": (('pages = { next = "a.next" }', 'pages = "single"'),),
    "dates that do not fit": (('format = "%d %B %Y"', 'format = "%Y-%m-%d"'),),
}


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def test_the_same_walk_twice_changes_nothing(town: Town) -> None:
    town.site.publish(ITEMS)
    town.crawl()
    before = town.changes()
    town.crawl()
    assert len(before) == len(ITEMS)
    assert town.changes() == before


def test_an_unchanged_page_is_not_sent_again_but_counts_as_seen(town: Town) -> None:
    town.site.publish(ITEMS)
    town.crawl()
    town.site.ledger.clear()
    town.crawl()
    assert [status for path, status in town.site.ledger if path != "/robots.txt"] == [304] * 4
    assert town.rows("SELECT count(DISTINCT last_seen) FROM entries") == [(1,)]


def test_there_and_back_again_is_two_changes(town: Town) -> None:
    for title in ("A", "B", "A"):
        town.site.publish([replace(ITEMS[0], title=title), *ITEMS[1:]])
        town.crawl()
    assert [change for change in town.changes() if change[0] == "changed"] == [
        ("changed", "title", "A", "B"),
        ("changed", "title", "B", "A"),
    ]


@pytest.mark.parametrize("page", [1, 2, 3, 4])
def test_half_a_walk_makes_nothing_vanish(town: Town, page: int) -> None:
    town.site.publish(ITEMS)
    town.crawl()
    for _ in range(3):
        town.site.broken = {"/news" if page == 1 else f"/news/{page}": 404}
        result = town.crawl()
        assert result is not None
        assert result.exit_code == 1
    assert town.rows("SELECT count(*) FROM entries WHERE missing_since IS NOT NULL") == [(0,)]
    assert {kind for kind, *_ in town.changes()} == {"new"}


def test_gone_needs_two_walks_and_is_dated_from_the_first(town: Town) -> None:
    town.site.publish(ITEMS)
    town.crawl()
    town.site.publish([item for item in ITEMS if item is not ITEMS[4]])
    town.crawl()
    assert [kind for kind, *_ in town.changes()].count("gone") == 0
    town.crawl()
    assert town.changes()[-1][0] == "gone"
    first_missed = town.rows("SELECT max(fetched_at) FROM pages WHERE walk = 2")
    assert town.rows("SELECT gone_since FROM entries WHERE gone_since IS NOT NULL") == first_missed
    town.site.publish(ITEMS)
    town.crawl()
    assert town.changes()[-1][0] == "back"


def test_a_page_limit_is_not_an_end(town: Town) -> None:
    town.site.publish(ITEMS)
    town.crawl()
    for _ in range(3):
        town.crawl(max_pages=2)
    assert town.rows("SELECT coverage FROM verdicts ORDER BY walk") == [("complete",)] + [("prefix",)] * 3
    assert {kind for kind, *_ in town.changes()} == {"new"}


def test_an_empty_listing_is_doubted_not_believed(town: Town) -> None:
    town.site.publish(ITEMS)
    town.crawl()
    town.site.publish([])
    for _ in range(3):
        result = town.crawl()
        assert result is not None
        assert result.exit_code == 3
        assert any("accept" in line for line in result.trouble)
    assert {kind for kind, *_ in town.changes()} == {"new"}


def test_a_captcha_with_200_is_doubted_not_believed(town: Town) -> None:
    town.site.publish(ITEMS)
    town.crawl()
    town.site.pages = {"/news": "<html><body><h1>Are you human?</h1></body></html>"}
    result = town.crawl()
    assert result is not None
    assert result.exit_code == 3
    assert town.rows("SELECT count(*) FROM pages WHERE walk = 2 AND snapshot IS NOT NULL") == [(1,)]


def test_an_edited_selector_is_no_change_and_taking_it_back_neither(town: Town) -> None:
    town.site.publish(ITEMS)
    town.crawl()
    before = town.fold()["entries"]
    for name in ("the whole heading", "no summary", "another key", "a selector that finds nothing", "as it was"):
        town.settings(*EDITS[name])
        town.crawl()
        assert {kind for kind, *_ in town.changes()} == {"new"}, name
    after = town.fold()["entries"]
    assert [row[:13] for row in after] == [row[:13] for row in before]


def test_a_killed_walk_goes_on_where_it_was(town: Town) -> None:
    town.site.publish(some_items(30))
    assert town.crawl(kill_at=5) is None
    asked = [path for path, _ in town.site.ledger]
    result = town.crawl()
    assert result is not None
    assert result.exit_code == 0
    again = [path for path, _ in town.site.ledger][len(asked) :]
    # Page 5 had come, but the process was gone before it was committed.
    rest = [*(f"/news/{n}" for n in range(5, 11)), "/news"]  # and the first one again, as after every long walk
    assert again in (rest, ["/robots.txt", *rest])
    assert town.rows("SELECT count(*) FROM walks") == [(1,)]
    assert town.rows("SELECT outcome FROM runs ORDER BY id") == [("interrupted",), ("ok",)]
    assert len(town.changes()) == 30


def test_a_walk_that_was_killed_long_ago_is_settled_as_cut(town: Town) -> None:
    town.site.publish(some_items(30))
    town.crawl(kill_at=5)
    town.clock.pass_by(86_400)
    town.crawl()
    assert town.rows("SELECT coverage FROM verdicts ORDER BY walk") == [("cut",), ("complete",)]
    assert len(town.changes()) == 30


def _items(draw: st.DrawFn) -> list[Item]:
    """A state of the listing: some of the items, in some order, some of them edited."""
    chosen = draw(st.lists(st.sampled_from(ITEMS), unique=True, max_size=len(ITEMS)))
    edited = draw(st.sets(st.integers(0, 11), max_size=4))
    return [replace(item, title=f"{item.title} (corrected)") if i in edited else item for i, item in enumerate(chosen)]


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, object]]:
    """What may happen to a source: states, crawls, faults, lies, kills, edits, acceptances, long pauses."""
    steps: list[tuple[str, object]] = [("publish", ITEMS), ("crawl", None)]
    for _ in range(draw(st.integers(1, 8))):
        kind = draw(
            st.sampled_from(
                ("publish", "publish", "churn", "fault", "lie", "accept", "kill", "limit", "edit", "pause", "crawl")
            )
        )
        if kind in ("publish", "churn"):
            steps += [("publish", _items(draw)), ("crawl", None)]
        elif kind == "edit":
            steps += [("edit", draw(st.sampled_from(sorted(EDITS)))), ("crawl", None)]
        else:
            steps.append((kind, draw(st.integers(1, 4))))
    return [*steps, ("crawl", None)]


def live(town: Town, steps: Sequence[tuple[str, object]]) -> None:
    for kind, value in steps:
        town.site.broken = {}
        if kind == "publish" and isinstance(value, list):
            town.site.publish(value)
        elif kind == "edit":
            town.settings(*EDITS[str(value)])
        elif kind == "accept":
            doubted = town.rows("SELECT walk FROM verdicts WHERE coverage = 'doubted' ORDER BY walk DESC LIMIT 1")
            for (walk,) in doubted:
                accept(town.config, town.archive, walk)
        elif kind == "lie":
            pages = dict(town.site.pages)
            town.site.pages["/news" if value == 1 else f"/news/{value}"] = listing([])
            town.crawl()
            town.site.pages = pages
        elif kind == "pause":
            town.clock.pass_by(86_400)
        elif kind == "fault" and isinstance(value, int):
            town.site.broken = {"/news" if value == 1 else f"/news/{value}": 404}
            town.crawl()
        elif kind == "kill" and isinstance(value, int):
            town.crawl(kill_at=value)
        elif kind == "limit" and isinstance(value, int):
            town.crawl(max_pages=value)
        else:
            town.crawl()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_a_rebuilt_archive_equals_the_one_that_grew(steps: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        town = Town(Path(folder))
        live(town, steps)
        grown = town.fold()
        assert not [one.differences for one in rebuild(town.config, town.archive, dry_run=True) if one.differences]
        rebuild(town.config, town.archive)
        rebuilt = town.fold()
        for table, rows in grown.items():
            assert rebuilt[table] == rows, table
        assert check(town.archive, differences) == []
