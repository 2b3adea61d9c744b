"""An entry's own page: asked for once, politely, then on a timetable; what it says has a history of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coopscrape.archive.check import check
from coopscrape.archive.read import Reader
from coopscrape.reconcile import differences
from coopscrape.run.crawl import CrawlResult, plan
from coopscrape.run.rebuild import accept, rebuild
from listings import Item, some_items
from run.simulated import HOST, Town
from run.test_feeds import FeedTown

ITEMS = some_items(6)
FOLLOW = {
    "every": "0s",
    "fields": {"abstract": "div.abstract", "author": {"css": "p.author", "optional": True}},
}
DAY = 86_400


class OwnTown(Town):
    """A listing whose entries have pages of their own."""

    def __init__(self, folder: Path, follow: dict[str, Any] = FOLLOW, **more: Any) -> None:
        super().__init__(folder, follow=follow, **more)
        self.own: dict[str, str] = {item.href: page(f"About {item.slug}.", "Ann") for item in ITEMS}
        self.publish(ITEMS)

    def follow(self, follow: dict[str, Any] | None) -> None:
        self._more = {"follow": follow} if follow else {}
        self.settings()

    def publish(self, items: Sequence[Item]) -> None:
        self.site.publish(items)
        self.site.pages |= self.own

    def says(self, item: Item, *said: str | None) -> None:
        self.own[item.href] = page(*said)
        self.site.pages[item.href] = self.own[item.href]

    def visited(self, **options: Any) -> CrawlResult:
        self.site.ledger.clear()
        result = self.crawl(**options)
        assert result is not None
        return result

    def asked(self) -> list[tuple[str, int]]:
        return [(path, status) for path, status in self.site.ledger if path.startswith("/items/")]

    def extra(self, item: Item) -> str:
        ((extra,),) = self.rows("SELECT extra FROM entries WHERE link = ?", [HOST + item.href])
        return str(extra)

    def is_true(self) -> None:
        assert check(self.archive, differences) == []
        grown = self.fold()
        rebuild(self.config, self.archive)
        for table, rows in self.fold().items():
            assert rows == grown[table], table


def page(abstract: str | None = None, author: str | None = None) -> str:
    first = "" if abstract is None else f"<div class=abstract>{abstract}</div>"
    return f"<!doctype html><title>x</title><body>{first}" + ("" if author is None else f"<p class=author>{author}")


@pytest.fixture
def town(tmp_path: Path) -> OwnTown:
    return OwnTown(tmp_path)


def test_what_an_own_page_says_first_is_learnt_and_is_no_change(town: OwnTown) -> None:
    assert town.visited().exit_code == 0
    assert town.asked() == [(item.href, 200) for item in ITEMS]
    assert town.extra(ITEMS[0]) == '{"abstract": "About item-1.", "author": "Ann"}'
    assert {kind for kind, *_ in town.changes()} == {"new"}
    assert town.rows("SELECT count(*), max(n) FROM versions") == [(12, 2)]
    town.is_true()


def test_a_later_difference_is_a_change_that_leads_to_the_own_pages(town: OwnTown) -> None:
    town.visited()
    town.says(ITEMS[1], "About it, corrected.", "Ann")
    edited = [replace(ITEMS[0], title="Corrected"), *ITEMS[1:]]
    town.publish(edited)
    town.visited()
    assert sorted(status for _, status in town.asked()) == [200, *[304] * 5]
    town.publish([edited[0], replace(ITEMS[1], title="Corrected, too"), *ITEMS[2:]])
    town.visited()
    assert town.changes()[6:] == [
        ("changed", "title", "Cooperative story 1", "Corrected"),
        ("changed", "abstract", "About item-2.", "About it, corrected."),
        ("changed", "title", "Cooperative story 2", "Corrected, too"),
    ]
    pages = town.rows("SELECT field, old_page, new_page FROM history WHERE kind = 'changed' ORDER BY settled, n")
    own, listing = HOST + ITEMS[1].href, f"{HOST}/news"
    assert pages == [("title", listing, listing), ("abstract", own, own), ("title", listing, listing)]
    assert town.extra(ITEMS[1]) == '{"abstract": "About it, corrected.", "author": "Ann"}'
    with Reader.open(town.archive) as reader:
        then = {entry.content.link: entry.content.extra for entry in reader.entries(as_of="run:1")}
        assert dict(then[own])["abstract"] == "About item-2."
        versions = reader.versions(reader.entry(own).id)
    assert [proof.url for _, proof in versions] == [listing, own, own, listing]
    town.is_true()


def test_an_own_page_is_asked_for_once_and_then_on_its_timetable(tmp_path: Path) -> None:
    town = OwnTown(tmp_path, FOLLOW | {"every": "30 days"})
    town.visited()
    town.visited()
    assert town.asked() == []
    town.clock.pass_by(30 * DAY)
    town.visited()
    assert [status for _, status in town.asked()] == [304] * 6
    town.own["/items/item-7.html"] = page("Seven.")
    town.publish([*some_items(1, first=7), *ITEMS])
    town.visited()
    assert town.asked() == [("/items/item-7.html", 200)]
    town.is_true()


def test_what_is_more_than_the_limit_comes_later_and_is_told(tmp_path: Path) -> None:
    town = OwnTown(tmp_path, FOLLOW | {"every": "3650d", "limit": 4})
    (planned,) = plan(town.config, town.archive)
    assert "then 0 own pages of known entries, and those of new ones, 4 at most" in planned.why
    (report,) = town.visited().reports
    assert [path for path, _ in town.asked()] == [item.href for item in ITEMS[:4]]
    assert report.remarks == ("2 own pages of entries more to be asked for: the next visits do it",)
    (planned,) = plan(town.config, town.archive)
    assert "then 2 own pages of known entries" in planned.why
    (report,) = town.visited().reports
    assert [path for path, _ in town.asked()] == [item.href for item in ITEMS[4:]]
    assert report.remarks == ()
    town.is_true()


@pytest.mark.parametrize("status", [404, 410, 403, 500])
def test_an_own_page_that_does_not_come_changes_nothing_and_is_told(town: OwnTown, status: int) -> None:
    town.visited()
    before = town.changes()
    town.site.broken[ITEMS[2].href] = status
    result = town.visited()
    assert result.exit_code == 0
    assert "nothing came of 1 of 6 own pages of entries" in result.reports[0].verdict.warnings[0]
    assert (town.changes(), result.reports[0].verdict.coverage) == (before, "complete")
    town.is_true()


def test_where_nothing_comes_of_all_own_pages_the_run_is_partial(town: OwnTown) -> None:
    town.site.broken = {item.href: 404 for item in ITEMS}
    result = town.visited()
    assert result.exit_code == 1
    assert "nothing came of 6 of 6 own pages" in result.trouble[0]
    assert len(town.changes()) == 6
    town.is_true()


@pytest.mark.parametrize(
    "body",
    ["<h1>Are you human?</h1>", "", '{"error": 429}', "<p class=author>Robot"],
    ids=["captcha", "nothing", "json", "half of it"],
)
def test_a_page_that_is_not_the_entry_s_own_is_not_believed(town: OwnTown, body: str) -> None:
    town.visited()
    before = town.fold()["versions"]
    for _ in range(3):
        town.site.pages |= dict.fromkeys(town.own, body)
        assert town.visited().exit_code == 1
    assert town.fold()["versions"] == before
    town.is_true()


def test_one_notice_in_the_place_of_many_pages_is_not_believed_at_once(town: OwnTown) -> None:
    town.visited()
    town.site.pages |= dict.fromkeys(town.own, page("We use cookies.", "Ann"))
    result = town.visited()
    assert result.exit_code == 1
    assert "too many own pages came to say something else at once" in result.trouble[0]
    assert {kind for kind, *_ in town.changes()} == {"new"}
    town.site.pages |= town.own
    town.visited()
    assert {kind for kind, *_ in town.changes()} == {"new"}
    town.is_true()


def test_what_many_own_pages_say_a_second_time_is_a_change(town: OwnTown) -> None:
    town.visited()
    town.site.pages |= {item.href: page(f"About {item.slug}.", "The board") for item in ITEMS}
    assert town.visited().exit_code == 1
    assert town.visited().exit_code == 0
    assert town.changes()[6:] == [("changed", "author", "Ann", "The board")] * 6
    town.is_true()


def test_a_new_make_of_all_own_pages_is_believed_only_when_it_is_said_again(town: OwnTown) -> None:
    town.visited()
    town.site.pages |= {item.href: page(f"Menu. About {item.slug}.", "Ann") for item in ITEMS}
    assert town.visited().exit_code == 1
    assert {kind for kind, *_ in town.changes()} == {"new"}
    town.settings(('must_contain = "ol', 'doubt = { edited = 1 }\nmust_contain = "ol'))
    town.visited()
    assert [kind for kind, *_ in town.changes()] == ["new"] * 6 + ["changed"] * 6
    town.is_true()


def test_a_field_that_moves_from_the_listing_to_the_own_page_is_no_change(tmp_path: Path) -> None:
    town = OwnTown(tmp_path)
    town.follow(None)
    summary = 'summary = { css = "p.summary", optional = true }'
    town.settings((summary, 'extra = { abstract = "p.summary" }'))
    town.visited()
    town.follow(FOLLOW)
    town.settings((summary, ""), ('ol.listing"\n', 'main.new"\n'))
    town.publish(ITEMS)
    town.site.pages = {path: text.replace("<main>", "<main class=new>") for path, text in town.site.pages.items()}
    assert town.visited().exit_code == 0
    assert town.rows("SELECT recipe = (SELECT recipe FROM folds) FROM verdicts ORDER BY walk") == [(0,), (1,)]
    assert {kind for kind, *_ in town.changes()} == {"new"}
    assert town.extra(ITEMS[0]) == '{"abstract": "About item-1.", "author": "Ann"}'
    town.is_true()


def test_an_edited_selector_is_no_change_and_asks_nobody(tmp_path: Path) -> None:
    town = OwnTown(tmp_path, FOLLOW | {"every": "30d"})
    town.visited()
    for abstract in ("div.nothing", "div.abstract", "title"):
        town.follow(FOLLOW | {"every": "30d", "fields": {"abstract": abstract}})
        town.visited()
        assert town.asked() == []
        assert {kind for kind, *_ in town.changes()} == {"new"}
        town.is_true()
    assert town.extra(ITEMS[0]) == '{"abstract": "x"}'
    town.follow(None)
    town.visited()
    assert town.extra(ITEMS[0]) == "{}"
    assert {kind for kind, *_ in town.changes()} == {"new"}
    town.is_true()


@pytest.mark.parametrize("kill_at", [3, 5, 8])
def test_after_a_kill_no_own_page_that_was_kept_is_asked_for_again(town: OwnTown, kill_at: int) -> None:
    assert town.crawl(kill_at=kill_at) is None
    kept = [asked for (asked,) in town.rows("SELECT asked FROM pages WHERE id IN (SELECT page FROM details)")]
    result = town.visited()
    assert result.exit_code == 0
    assert len(kept) == kill_at - 3
    assert [HOST + path for path, _ in town.asked()] == [HOST + item.href for item in ITEMS[kill_at - 3 :]]
    assert town.rows("SELECT count(*) FROM walks") == [(1,)]
    assert town.rows("SELECT count(*) FROM entries WHERE extra <> '{}'") == [(6,)]
    town.is_true()


def test_what_was_read_before_a_kill_counts_also_if_it_does_not_go_on(town: OwnTown) -> None:
    town.crawl(kill_at=6)
    town.clock.pass_by(DAY)
    town.visited()
    assert town.rows("SELECT coverage FROM verdicts ORDER BY walk") == [("cut",), ("complete",)]
    assert town.rows("SELECT count(*) FROM versions WHERE n = 2") == [(6,)]
    town.is_true()


def test_a_doubted_listing_leads_nowhere(town: OwnTown) -> None:
    town.visited()
    town.site.pages["/news"] = "<h1>Are you human?</h1>"
    assert town.visited().exit_code == 3
    assert town.asked() == []
    town.is_true()


def test_a_listing_that_says_nofollow_is_obeyed_and_that_is_told(town: OwnTown) -> None:
    town.site.signals = (("x-robots-tag", "nofollow"),)
    (report,) = town.visited().reports
    assert town.asked() == []
    assert report.remarks == ("3 own pages of entries not asked for: X-Robots-Tag says nofollow",)


def test_only_the_listing_s_own_site_is_asked(town: OwnTown) -> None:
    town.site.pages["/news"] = town.site.pages["/news"].replace('href="/items', 'href="http://127.0.0.2:8000/items')
    (report,) = town.visited().reports
    assert [path for path, _ in town.asked()] == [item.href for item in ITEMS[3:]]
    assert report.remarks[0].startswith("3 entries have their own pages where none is asked for: http://127.0.0.2:8000")
    town.settings(('must_contain = "ol', 'hosts = ["127.0.0.2"]\nmust_contain = "ol'))
    (report,) = town.visited().reports
    assert report.remarks == ()
    town.is_true()


def test_a_quick_walk_follows_too(tmp_path: Path) -> None:
    town = OwnTown(tmp_path, FOLLOW | {"every": "30d"}, order="newest-first")
    town.visited()
    town.own["/items/item-7.html"] = page("Seven.")
    town.publish([*some_items(1, first=7), *ITEMS])
    town.visited()
    assert town.asked() == [("/items/item-7.html", 200)]
    town.is_true()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("DELETE FROM changes WHERE field = 'abstract'", "what is told of abstract is not the difference"),
        ("DELETE FROM details", "what is told of abstract, author is not the difference"),
        ("DELETE FROM details", "shows version 2 after settled walk 1, and none before"),
        ("UPDATE states SET version = 3 WHERE settled = 1", "shows version 3 after settled walk 1, and none before"),
    ],
)
def test_check_knows_what_an_own_page_may_add_and_no_more(town: OwnTown, damage: str, words: str) -> None:
    town.visited()
    town.says(ITEMS[1], "About it, corrected.", "Ann")
    town.visited()
    town.publish([ITEMS[0], replace(ITEMS[1], title="Corrected"), *ITEMS[2:]])
    town.visited()
    assert check(town.archive, differences) == []
    with town.writing() as conn:
        conn.executescript(f"DROP TRIGGER details_kept; {damage}")
    assert [breach for breach in check(town.archive, differences) if words in breach]


def test_the_items_of_a_feed_have_own_pages_too(tmp_path: Path) -> None:
    town = FeedTown(tmp_path)
    town.settings(('"feed"', '"feed"\nfollow = { fields = { abstract = "div.abstract" } }'))
    town.site.pages |= {"/1": page("One."), "/2": page("Two.")}
    assert town.says(2, 1) == 0
    assert town.rows("SELECT json_extract(extra, '$.abstract') FROM entries ORDER BY place") == [("Two.",), ("One.",)]
    assert {kind for kind, _ in town.kinds()} == {"new"}
    town.is_true()


STEPS = st.one_of(
    st.tuples(st.just("says"), st.integers(0, 5), st.sampled_from(["A", "B", "", None])),
    st.tuples(st.just("title"), st.integers(0, 5), st.sampled_from(["A", "B"])),
    st.tuples(st.just("without"), st.integers(0, 5), st.integers(0, 5)),
    st.tuples(st.just("broken"), st.integers(0, 5), st.sampled_from([404, 500])),
    st.tuples(st.just("kill"), st.integers(1, 9), st.booleans()),
    st.tuples(st.just("edit"), st.sampled_from(["", "p.author", "div.abstract", "none"]), st.booleans()),
    st.tuples(st.just("notice"), st.sampled_from(["We use cookies.", None]), st.integers(2, 6)),
    st.tuples(st.just("lie"), st.sampled_from(["<h1>Are you human?</h1>", "<ol class=listing></ol>"]), st.booleans()),
    st.tuples(st.just("crawl"), st.just(0), st.just(0)),
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=8))
def test_a_rebuilt_archive_equals_the_one_that_grew(steps: list[tuple[str, Any, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        town = OwnTown(Path(folder), FOLLOW | {"limit": 4})
        items = list(ITEMS)
        for kind, what, value in [("crawl", 0, 0), *steps, ("crawl", 0, 0)]:
            town.site.broken = {}
            if kind == "says":
                town.says(items[what % len(items)], value, value)
            elif kind == "title":
                items[what % len(items)] = replace(items[what % len(items)], title=value)
            elif kind == "without":
                items = [item for item in ITEMS if item not in (ITEMS[what], ITEMS[value])]
            elif kind == "broken":
                town.site.broken = {ITEMS[what].href: value}
            elif kind == "edit":
                fields = {"abstract": what or "div.abstract"} | (
                    {"author": {"css": "p", "optional": True}} if value else {}
                )
                town.follow(FOLLOW | {"fields": fields})
            town.publish(items)
            if kind == "notice":
                town.site.pages |= {item.href: page(what, what) for item in ITEMS[:value]}
            elif kind == "lie":
                town.site.pages["/news"] = what
            town.crawl(kill_at=what if kind == "kill" else None)
            if kind == "lie" and value:
                for (walk,) in town.rows("SELECT walk FROM verdicts WHERE coverage = 'doubted'"):
                    accept(town.config, town.archive, walk)
            town.clock.pass_by(DAY if kind == "kill" and value else 0)
        town.crawl()
        assert not [one.differences for one in rebuild(town.config, town.archive, dry_run=True) if one.differences]
        town.is_true()
