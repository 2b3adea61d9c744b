"""A site is made over: what `repair` proposes reads it as it was known, or nothing is proposed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from coopscrape.archive.read import Reader
from coopscrape.errors import NotFoundError
from coopscrape.model import Change, Coverage, Kind
from coopscrape.run.crawl import crawl
from coopscrape.run.rebuild import rebuild
from coopscrape.run.repair import Repair, repair
from coopscrape.run.settings import load_config
from coopscrape.run.suggest import write_settings
from induce.redesigns import REDESIGNS, Redesign, classes_renamed, date_format_changed, list_to_table
from listings import Item, listing, selectors, some_items
from server import World


class Site:
    """A listing on loopback, its settings, its archive."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.settings = folder / "selectors.toml"
        self.archive = folder / "archive.db"
        self.settings.write_text(
            selectors({"coop": world.url("/news")}, world.allow).replace('must_contain = "ol.listing"\n', "")
        )

    def show(self, page: str) -> None:
        self.world.put("/news", page.replace("@HOST@", self.world.url("/").rstrip("/")))

    def crawl(self) -> Coverage:
        crawl(load_config(self.settings), self.archive, names=("coop",))
        with Reader.open(self.archive) as reader:
            verdict = reader.verdict(reader.walks("coop")[-1].id)
        assert verdict is not None
        return verdict.coverage

    def repair(self, *, write: bool = False) -> Repair:
        done = repair(load_config(self.settings), self.archive, "coop")
        if write and done.after is not None:
            write_settings(self.settings, done.after.encode())
        return done

    def rebuild(self) -> None:
        rebuild(load_config(self.settings), self.archive)

    def changes(self) -> list[Change]:
        with Reader.open(self.archive) as reader:
            return reader.changes(["coop"])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with World() as world:
        yield Site(world, tmp_path)


def paged(page: str, following: str | None) -> str:
    """With a pager of another make than before."""
    pager = f'<p class="paging"><a class="older" href="{following}">Older news</a></p>' if following else ""
    return page.replace('<div class="site-bottom">', pager + '<div class="site-bottom">')


NEW = Item("fresh-item", "Something that nobody knew before", "News", "21 June 2018", "What is new about it.")


@pytest.mark.parametrize("redesign", REDESIGNS, ids=lambda redesign: redesign.__name__)
def test_a_redesign_is_mended_and_nothing_seems_to_have_changed(site: Site, redesign: Redesign) -> None:
    items = some_items(12)
    site.show(listing(items))
    assert site.crawl() is Coverage.COMPLETE
    before = site.settings.read_text()

    site.show(redesign([NEW, *items]))
    assert site.crawl() is Coverage.DOUBTED
    done = site.repair(write=True)

    assert done.why_not is None
    assert (done.known, done.entries, done.new, done.changed) == (12, 13, 1, 0)
    added = [line for line in site.settings.read_text().splitlines() if line not in before.splitlines()]
    assert any(line.startswith("name = ") for line in added)
    site.rebuild()
    first, *later = site.changes()[11:]
    assert first.kind is Kind.NEW
    assert [(one.kind, one.entry.content.title) for one in later] == [(Kind.NEW, NEW.title)]
    assert site.crawl() is Coverage.COMPLETE
    assert len(site.changes()) == 13


def test_a_new_pager_is_followed_with_the_next_crawl(site: Site) -> None:
    items = some_items(17)
    site.settings.write_text(selectors({"coop": site.world.url("/news")}, site.world.allow))
    site.show(listing(items[:12], "/news/2"))
    site.world.put("/news/2", listing(items[12:]))
    assert site.crawl() is Coverage.COMPLETE

    site.show(paged(classes_renamed(items[:12]), "/news/2"))
    site.world.put("/news/2", paged(classes_renamed(items[12:]), None))
    assert site.crawl() is Coverage.DOUBTED
    assert site.repair(write=True).why_not is None
    source = tomllib.loads(site.settings.read_text())["sources"]["coop"]
    assert source["pages"] == {"next": "a.next, a.older"}
    assert source["must_contain"].startswith("ol.listing, ")

    site.rebuild()
    assert site.crawl() is Coverage.COMPLETE
    assert [change.kind for change in site.changes()] == [Kind.NEW] * 17


def test_old_pages_are_still_read_by_the_old_layout(site: Site) -> None:
    items = some_items(12)
    site.show(listing(items))
    site.crawl()
    site.show(list_to_table(items))
    site.crawl()
    site.repair(write=True)
    layouts = tomllib.loads(site.settings.read_text())["sources"]["coop"]["layouts"]
    assert sorted(layout.get("guard", "") for layout in layouts) == ["", "table.overview"]
    site.show(listing(items))
    assert site.crawl() is Coverage.COMPLETE
    assert len(site.changes()) == 12


def test_nothing_is_written_unless_it_is_asked_for(site: Site) -> None:
    site.show(listing(some_items(12)))
    site.crawl()
    site.show(classes_renamed(some_items(12)))
    site.crawl()
    before = site.settings.read_bytes()
    done = site.repair()
    assert done.after is not None
    assert site.settings.read_bytes() == before
    assert done.diff.startswith("--- selectors.toml\n+++ ")


def test_what_stands_in_the_file_stays_there_byte_for_byte(site: Site) -> None:
    site.settings.write_text(
        site.settings.read_text() + "\n# a word at the end\n[notify]\nwebhook = 'http://127.0.0.1:9/'  # mine\n"
    )
    site.show(listing(some_items(12)))
    site.crawl()
    site.show(classes_renamed(some_items(12)))
    site.crawl()
    before = site.settings.read_text()
    site.repair(write=True)
    after = site.settings.read_text()
    cut = next(i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b)
    rest = len(before) - cut
    assert after.startswith(before[:cut])
    assert after.endswith(before[-rest:])
    assert len(after) > len(before)


Fault = Callable[[str], str]
MISREADINGS: dict[str, Fault] = {
    "every link leads elsewhere": lambda page: page.replace("/items/", "/elsewhere/"),
    "the dates are those of the upload": lambda page: page.replace(" 2018<", " 2019<"),
    "another listing in the same clothes": lambda page: page.replace("Cooperative story", "Sports event").replace(
        "item-", "event-"
    ),
    "a notice": lambda _: "<!doctype html><title>Back soon</title><p>We are at work.</p>",
}


@pytest.mark.parametrize("fault", MISREADINGS)
def test_nothing_is_proposed_that_would_misread_a_known_entry(site: Site, fault: str) -> None:
    items = some_items(12)
    site.show(listing(items))
    site.crawl()
    site.show(MISREADINGS[fault](classes_renamed(items)))
    assert site.crawl() is Coverage.DOUBTED
    done = site.repair(write=True)
    assert done.after is None
    assert done.why_not
    assert len(site.changes()) == 12


def test_titles_that_were_swapped_are_not_taken_for_the_entries(site: Site) -> None:
    """Each link has the title of the next one: what `title` and `link` find does not belong together."""
    items = some_items(12)
    site.show(listing(items))
    site.crawl()
    shifted = [replace(item, title=items[i - 1].title) for i, item in enumerate(items)]
    site.show(list_to_table(shifted))
    assert site.crawl() is Coverage.DOUBTED
    assert site.repair().after is None


def test_a_source_that_is_not_in_doubt_needs_no_repair(site: Site) -> None:
    site.show(listing(some_items(12)))
    site.crawl()
    with pytest.raises(NotFoundError, match="not in doubt"):
        site.repair()


def test_a_layout_that_reads_both_makes_is_made_where_only_the_dates_look_different(site: Site) -> None:
    items = some_items(12)
    site.show(listing(items))
    site.crawl()
    site.show(date_format_changed(items))
    assert site.crawl() is Coverage.DOUBTED
    site.repair(write=True)
    layouts = tomllib.loads(site.settings.read_text())["sources"]["coop"]["layouts"]
    assert [way["format"] for way in layouts[0]["date"]] == ["%d %B %Y", "%d.%m.%Y"]
