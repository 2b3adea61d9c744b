"""Settings that are edited, and what was read before them: which reading reads which walk, and that none passes for an edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from coopscrape.archive.check import check
from coopscrape.reconcile import differences
from coopscrape.run.rebuild import accept, rebuild
from listings import Item, listing, some_items
from run.simulated import HOST, Town

ITEMS = some_items(24)
SHOUTED = [replace(item, title=item.title.upper()) if n < 3 else item for n, item in enumerate(ITEMS)]
MILD = ('title = "h3 a"', 'title = { css = "h3 a", replace = [["STORY", "Story"], ["COOPERATIVE", "Cooperative"]] }')
NEW_MAKE = (
    ('must_contain = "ol.listing"', 'must_contain = "ol.v2"'),
    ('item = "ol.listing > li"', 'guard = "ol.v2"\nitem = "ol.v2 > li"'),
)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def redesign(town: Town, items: Sequence[Item]) -> None:
    town.site.publish(items)
    town.site.pages = {path: page.replace('class="listing"', 'class="v2"') for path, page in town.site.pages.items()}


def kinds(town: Town) -> dict[str, int]:
    told = [kind for kind, *_ in town.changes()]
    return {kind: told.count(kind) for kind in sorted(set(told))}


def is_sound(town: Town) -> None:
    """The law of the rebuild, and all that `check` knows."""
    before = town.fold()
    rebuild(town.config, town.archive)
    assert town.fold() == before
    assert check(town.archive, differences) == []


def test_an_edited_selector_before_a_redesign_is_no_edit_of_the_site(town: Town) -> None:
    town.site.publish(SHOUTED)
    town.crawl()
    town.crawl()
    town.settings(MILD)
    town.crawl()
    redesign(town, [replace(item, title=item.title.replace("STORY", "Story")) for item in SHOUTED])
    town.settings(MILD, *NEW_MAKE)
    town.crawl()
    town.crawl()
    assert kinds(town) == {"new": 24}
    is_sound(town)


@pytest.mark.parametrize(
    "slip",
    [
        ('format = "%d %B %Y"', 'format = "%Y-%m-%d"'),
        ('item = "ol.listing > li"', 'item = "ol.lisitng > li"'),
        ('title = "h3 a"', 'title = "h7 b"'),
    ],
)
def test_a_block_that_is_broken_for_a_while_is_no_edit_of_the_site(town: Town, slip: tuple[str, str]) -> None:
    town.site.publish(SHOUTED)
    town.crawl()
    town.settings(MILD)
    town.crawl()
    town.settings(slip)
    result = town.crawl()
    assert result is not None
    assert result.exit_code == 3
    assert kinds(town) == {"new": 24}
    town.settings()
    town.crawl()
    assert kinds(town) == {"new": 24}
    is_sound(town)


@pytest.mark.parametrize("said", ["text/html; charset=iso-8859-1", "text/html"])
def test_the_same_bytes_under_another_content_type_are_read_anew_by_a_rebuild(town: Town, said: str) -> None:
    town.site.publish([replace(ITEMS[0], title="Café"), *ITEMS[1:]])
    town.site.content_type = said
    town.crawl()
    town.site.content_type = "text/html; charset=utf-8"
    town.site.forgetful = True
    town.crawl()
    is_sound(town)


def test_what_a_header_says_counts_for_its_own_walk_only(town: Town) -> None:
    town.site.publish(ITEMS)
    town.site.forgetful = True
    town.site.signals = (("x-robots-tag", "nofollow"),)
    town.crawl()
    town.site.signals = ()
    town.crawl()
    assert town.rows("SELECT coverage FROM verdicts ORDER BY walk") == [("prefix",), ("complete",)]
    assert kinds(town) == {"new": 24}
    is_sound(town)


def test_a_rebuild_while_a_killed_walk_is_open_makes_no_edits(town: Town) -> None:
    town.site.publish(SHOUTED)
    town.crawl()
    town.crawl(kill_at=3)
    town.settings(MILD)
    rebuild(town.config, town.archive)
    town.crawl()
    assert kinds(town) == {"new": 24}
    is_sound(town)


def test_a_killed_walk_is_settled_by_what_was_never_crawled_with(town: Town) -> None:
    """The settings of the rebuild are in the log, though no walk was made with them."""
    town.site.publish(SHOUTED)
    town.crawl()
    town.crawl(kill_at=3)
    town.settings(MILD)
    rebuild(town.config, town.archive)
    town.clock.pass_by(86_400)
    town.settings(*NEW_MAKE)
    town.crawl()
    assert kinds(town) == {"new": 24}


def test_an_accepted_walk_stays_believed_when_the_selectors_are_replaced(town: Town) -> None:
    town.site.publish(ITEMS)
    town.crawl()
    edited = [replace(item, title=f"{item.title} (revised)") for item in ITEMS[:18]] + ITEMS[18:]
    town.site.publish(edited)
    town.crawl()
    accept(town.config, town.archive, 2)
    assert kinds(town) == {"changed": 18, "new": 24}
    redesign(town, edited)
    town.settings(*NEW_MAKE)
    result = town.crawl()
    assert result is not None
    assert result.exit_code == 0
    assert kinds(town) == {"changed": 18, "new": 24}
    is_sound(town)


def test_a_slip_in_the_selectors_takes_no_titles_from_an_accepted_walk(town: Town) -> None:
    town.site.publish(ITEMS)
    town.crawl()
    town.site.publish([replace(item, category="Statement") for item in ITEMS])
    town.crawl()
    accept(town.config, town.archive, 2)
    before = kinds(town)
    town.settings(('title = "h3 a"', 'title = "h9 b"'))
    town.crawl()
    assert kinds(town) == before
    is_sound(town)


def test_accepted_walks_do_not_turn_into_empty_ones(town: Town) -> None:
    bare = ('must_contain = "ol.listing"\n', "")
    town.settings(bare)
    town.site.publish(ITEMS)
    town.crawl()
    edited = [replace(item, title=f"{item.title} (revised)") for item in ITEMS[:18]] + ITEMS[18:]
    for walk, state in ((2, edited), (3, ITEMS)):
        town.site.publish(state)
        town.crawl()
        accept(town.config, town.archive, walk)
    redesign(town, ITEMS)
    town.settings(bare, ('item = "ol.listing > li"', 'item = "ol.v2 > li"'))
    town.crawl()
    assert kinds(town) == {"changed": 36, "new": 24}
    is_sound(town)


def test_a_pager_that_was_replaced_unsays_no_page(town: Town) -> None:
    town.site.publish(ITEMS)
    town.crawl()
    town.site.pages = {path: page.replace('class="next"', 'class="more"') for path, page in town.site.pages.items()}
    town.settings(("a.next", "a.more"))
    town.crawl()
    assert kinds(town) == {"new": 24}
    assert town.rows("SELECT coverage, entries FROM verdicts ORDER BY walk") == [("complete", 24)] * 2
    is_sound(town)


def test_counted_addresses_that_are_written_otherwise_unsay_no_page(town: Town) -> None:
    town.site.publish(ITEMS)
    town.site.pages["/news/9"] = listing([])
    pager = ('pages = { next = "a.next" }', f'pages = {{ url = "{HOST}/news/{{page}}" }}')
    town.settings(pager)
    town.crawl()
    town.site.pages |= {f"/aktuell/{n}": town.site.pages[f"/news/{n}"] for n in range(2, 10)}
    town.settings(('pages = { next = "a.next" }', f'pages = {{ url = "{HOST}/aktuell/{{page}}" }}'))
    town.crawl()
    assert kinds(town) == {"new": 24}
    is_sound(town)


def test_a_listing_that_moved_keeps_what_its_old_address_said(town: Town) -> None:
    key = ("pages =", "key = { from = \"link\", match = 'item-\\d+' }\npages =")
    town.settings(key)
    town.site.publish(ITEMS)
    town.crawl()
    town.site.publish([replace(ITEMS[0], title="Another title"), *ITEMS[1:]])
    town.crawl()
    town.settings(
        key, (f'url = "{HOST}/news"', 'url = "http://127.0.0.2:8000/news"'), ("127.0.0.1:8000", "127.0.0.2:8000")
    )
    town.crawl()
    assert kinds(town) == {"changed": 1, "new": 24}
    is_sound(town)


def test_fields_of_ones_own_are_recalled_in_their_order(town: Town) -> None:
    own = (
        'summary = { css = "p.summary", optional = true }',
        'summary = { css = "p.summary", optional = true }\n[sources.coop.layouts.extra]\n'
        'no = { css = "h3", match = "\\\\d+" }\nlabel = { template = "No. {no}" }\n',
    )
    town.settings(own)
    town.site.publish(ITEMS)
    town.crawl()
    town.crawl(kill_at=3)
    town.clock.pass_by(86_400)
    town.crawl()
    assert kinds(town) == {"new": 24}
    redesign(town, ITEMS)
    town.settings(own, *NEW_MAKE)
    town.crawl()
    assert kinds(town) == {"new": 24}
    is_sound(town)


def test_selectors_there_and_back_again_leave_what_a_rebuild_leaves(town: Town) -> None:
    """A redesign that was taken back: the walks between are read by the settings of their time, before and after."""
    town.site.publish(ITEMS[:9])
    town.crawl()
    town.crawl()
    redesign(town, ITEMS[1:9])
    town.crawl()
    town.settings(*NEW_MAKE)
    town.crawl()
    town.site.publish(ITEMS[1:9])
    town.settings()
    town.crawl()
    assert kinds(town) == {"gone": 1, "new": 9}
    is_sound(town)
