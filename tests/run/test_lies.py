"""Ordinary editing is believed, a page that lies with 200 is not: measured over thousands of walks in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from coopscrape.archive.check import check
from coopscrape.model import Coverage, Extraction, Strategy
from coopscrape.reconcile import differences
from coopscrape.run.rebuild import accept, rebuild
from listings import Item, listing, some_items
from run.churn import KINDS, Memory, page_url, sheet, source
from run.lies import LIES, made_up
from run.measure import believed, false_doubts, is_harmful, settled
from run.simulated import Town

LONG = ("news, newest first", "news, pages counted", "the latest twenty, on two pages")


@pytest.mark.slow
def test_of_two_hundred_ordinary_visits_at_most_one_is_doubted() -> None:
    """On average over all kinds of listings; and of no kind more than three."""
    found = {kind: false_doubts(kind, seed=1, visits=100) for kind in KINDS}
    assert sum(map(len, found.values())) <= 100 * len(KINDS) / 200, found
    assert max(map(len, found.values())) <= 3, found


@pytest.mark.parametrize("name", LIES)
def test_no_lie_makes_an_entry_of_a_long_listing_gone_nor_many_changed_or_new(name: str) -> None:
    said = [one for kind in LONG if (one := believed(kind, name, seed=len(name))) is not None]
    assert said
    assert not any(map(is_harmful, said)), said


@pytest.mark.slow
def test_few_lies_are_believed_even_of_listings_of_a_few_entries() -> None:
    found = {(kind, name): believed(kind, name, seed) for seed, kind in enumerate(KINDS) for name in LIES}
    told = {one: said for one, said in found.items() if said is not None}
    missed = {one: said for one, said in told.items() if is_harmful(said)}
    assert len(missed) <= len(told) / 50, missed


# -- walks are bounded -------------------------------------------------------------------------------------


def test_next_links_without_end_are_followed_up_to_the_limit_and_no_further() -> None:
    memory, asked = Memory(source(max_pages=20)), []

    def site(url: str) -> Extraction:
        asked.append(url)
        n = len(asked)
        return sheet([made_up(10 * n + i) for i in range(3)], f"{page_url(n + 1)}&token={n}")

    assert memory.see(site).verdict.coverage is Coverage.PREFIX
    assert len(set(asked)) == len(asked) == 20


def test_a_ring_of_pages_is_read_once_and_invents_nothing() -> None:
    editor, memory = settled("news, newest first", 5, 3)
    site = LIES["the pages in a ring, with tokens"](editor.pages(), Strategy.NEXT, Random(1))
    assert site is not None
    judged = memory.see(site)
    assert judged.verdict.coverage is Coverage.COMPLETE
    assert judged.verdict.pages == len(editor.pages()) + 1
    assert all(change.entry.key in {row.key for row in editor.rows} for change in judged.delta.changes)


# -- a doubt can be ended ----------------------------------------------------------------------------------

ITEMS = some_items(12)
CARD = '<li><a href="{}">{}</a> <em>{}</em> <b>{}</b> <i>{}</i></li>'


def redesigned(items: list[Item]) -> str:
    lines = "\n".join(CARD.format(one.href, one.title, one.date_text, one.category, one.summary) for one in items)
    return f'<html><body><ul class="cards">{lines}</ul></body></html>'


REAL: dict[str, Callable[[list[Item]], list[Item]]] = {
    "every title": lambda items: [replace(one, title=f"{one.title}, in other words") for one in items],
    "every link": lambda items: [replace(one, slug=f"{one.slug}-moved") for one in items],
    "half of it": lambda items: items[:6],
    "nearly all of it": lambda items: items[:1],
    "its old end": lambda items: items[:8],
    "its first half": lambda items: items[6:],
    "its categories": lambda items: [replace(one, category="Story") for one in items],
    "all of it": lambda _: [],
    "all dates": lambda items: [replace(one, date_text="1 July 2018") for one in items],
    "one title for all": lambda items: [replace(one, title="Minutes") for one in items],
    "all summaries": lambda items: [replace(one, summary=None) for one in items],
    "many old ones": lambda items: [*items, *some_items(20, first=13)],
}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    town.site.publish(ITEMS)
    town.crawl()
    town.crawl()
    yield town
    grown = town.fold()
    rebuild(town.config, town.archive)
    assert town.fold() == grown
    assert check(town.archive, differences) == []


def codes(town: Town, visits: int = 3) -> list[int]:
    results = [town.crawl() for _ in range(visits)]
    return [result.exit_code for result in results if result]


@pytest.mark.parametrize("what", REAL)
def test_a_real_upheaval_is_doubted_until_it_is_accepted_and_never_again(town: Town, what: str) -> None:
    town.site.publish(REAL[what](list(ITEMS)))
    assert codes(town, 2) == [3, 3]
    assert {kind for kind, *_ in town.changes()} == {"new"}
    (walk,) = town.rows("SELECT max(id) FROM walks")[0]
    accept(town.config, town.archive, walk)
    assert codes(town) == [0, 0, 0]
    town.site.publish([])
    assert codes(town, 2) == ([0, 0] if what == "all of it" else [3, 3])


def test_a_new_layout_is_doubted_and_mended_selectors_read_what_came_meanwhile(town: Town) -> None:
    town.site.pages = {"/news": redesigned(list(ITEMS))}
    result = town.crawl()
    assert result is not None
    assert result.exit_code == 3
    assert all(
        words in result.trouble[-1] for words in ("coopscrape try coop", "mend its selectors", "coopscrape accept")
    )
    town.settings(
        ('must_contain = "ol.listing"', ""),
        ('item = "ol.listing > li"', 'item = "ol.listing > li, ul.cards > li"'),
        ('title = "h3 a"', 'title = "a"'),
        ('link = "h3 a @href"', 'link = "a @href"'),
        ('css = "time"', 'css = "time, em"'),
        ('css = "p.category"', 'css = "p.category, b"'),
        ('css = "p.summary"', 'css = "p.summary, i"'),
    )
    assert codes(town) == [0, 0, 0]
    assert town.rows("SELECT coverage FROM verdicts WHERE walk = 3") == [("complete",)]
    assert {kind for kind, *_ in town.changes()} == {"new"}


def test_the_doubt_of_a_field_that_is_never_there_ends_when_it_is_accepted(town: Town) -> None:
    town.site.publish([replace(one, date_text=None) for one in ITEMS])
    assert codes(town, 1) == [3]
    accept(town.config, town.archive, 3)
    assert codes(town) == [0, 0, 0]


def test_layouts_that_alternate_are_doubted_each_other_time_and_change_nothing(town: Town) -> None:
    for _ in range(3):
        town.site.pages = {"/news": redesigned(list(ITEMS))}
        assert codes(town, 1) == [3]
        town.site.publish(ITEMS)
        assert codes(town, 1) == [0]
    assert {kind for kind, *_ in town.changes()} == {"new"}


def test_what_is_ordinary_in_a_listing_can_be_said(tmp_path: Path) -> None:
    town = Town(tmp_path, doubt={"missing": 1, "fewer": 0, "added": 1, "edited": 1, "end": 100})
    town.site.publish(ITEMS, per_page=20)
    town.crawl()
    town.site.publish([*some_items(6), *some_items(6, first=100)], per_page=20)
    assert codes(town, 1) == [0]


def test_an_older_state_of_the_listing_is_doubted(town: Town) -> None:
    before = dict(town.site.pages)
    town.site.publish([*some_items(2, first=-1), *ITEMS])
    assert codes(town, 1) == [0]
    town.site.pages = before
    assert codes(town, 2) == [3, 3]


def test_a_listing_that_shows_an_empty_page_where_more_was_is_doubted_even_for_one_entry(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.site.publish(ITEMS[:10])
    town.crawl()
    town.site.pages["/news/4"] = listing([])
    assert codes(town, 2) == [3, 3]


def test_a_listing_that_hides_other_entries_at_each_visit_is_doubted(town: Town) -> None:
    for hidden in ((1, 4), (2, 7), (5, 8), (3, 6)):
        town.site.publish([item for n, item in enumerate(ITEMS) if n not in hidden], per_page=20)
        town.crawl()
    assert {kind for kind, *_ in town.changes()} == {"new"}
    assert "the listing flickers" in town.rows("SELECT doubts FROM verdicts ORDER BY walk DESC")[0][0]


def test_a_page_that_lacks_one_row_where_pages_are_always_full_is_doubted(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.site.publish(ITEMS, per_page=4)
    town.crawl()
    town.site.pages["/news/2"] = listing(ITEMS[4:7], "/news/3")
    assert codes(town, 2) == [3, 3]
