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
