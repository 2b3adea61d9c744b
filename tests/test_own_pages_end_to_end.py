"""The own pages of entries as a person follows them: the real program, a real server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.desk import Desk
from listings import Item, publish, selectors, some_items
from server import World

FOLLOW = {"every": "0s", "fields": {"abstract": "div.abstract", "pdf": {"css": "a.pdf @href", "optional": True}}}
ITEMS = some_items(3)


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        yield world


def own_page(world: World, item: Item, abstract: str) -> None:
    world.put(
        item.href, f"<title>{item.title}</title><div class=abstract>{abstract}</div><a class=pdf href=/1.pdf>PDF</a>"
    )


def test_from_a_listing_to_what_its_entries_say_themselves_and_back(world: World, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.settings(selectors({"coop": publish(world, ITEMS)}, world.allow, follow=FOLLOW))
    for item in ITEMS:
        own_page(world, item, f"About {item.slug}.")
    planned = desk.type("crawl", "--dry-run")
    assert "then 0 own pages of known entries, and those of new ones, 50 at" in " ".join(planned.out.split())
    first = desk.type("crawl")
    assert (first.code, len(world.hits(ITEMS[0].href))) == (0, 1), first.err
    assert "3 own pages of known entries" in " ".join(desk.type("crawl", "--dry-run").out.split())

    own_page(world, ITEMS[0], "About it, corrected.")
    world.put(ITEMS[1].href, "<h1>Are you human?</h1>")
    again = desk.type("crawl")
    assert again.code == 0
    assert "nothing came of 1 of 3 own pages of entries" in " ".join(again.out.split())
    diff = desk.type("diff")
    assert "abstract: About [-item-1.-]{+it, corrected.+}" in diff.out
    assert "gone" not in diff.out
    assert "human" not in diff.out

    link = world.url(ITEMS[0].href)
    assert b"About it, corrected." in desk.bytes("show", link, "--page")
    history = desk.type("history", link).out
    assert history.count(f"{link}") >= 2
    assert "About item-1." in history
    publish(world, [Item("item-1", "Another title"), *ITEMS[1:]])
    desk.type("crawl")
    shown = desk.type("show", link).out
    assert "own page" in shown
    assert "of version 3" in shown
    assert desk.type("show", link, "--format", "json").json()["own_page"]["page_url"] == link
    assert desk.type("check").code == 0
    rebuilt = desk.type("rebuild", "--dry-run")
    assert (rebuilt.code, "nothing differs" in rebuilt.out) == (0, True)


@pytest.mark.parametrize(
    ("follow", "words"),
    [
        ("{}", "[sources.coop.follow] fields: is missing and needed"),
        ("{ fields = {} }", "[sources.coop.follow] fields: expected at least one field"),
        ('{ fields = { title = "h1" } }', "[sources.coop.follow] fields.title: a field's own name is letters"),
        ('{ fields = { a = "h1:contains(x)" } }', "[sources.coop.follow] fields.a"),
        ('{ fields = { a = { template = "{b}" } } }', "{b} is no field that is read before it"),
        ('{ fields = { a = "h1" }, limit = 0 }', "[sources.coop.follow] limit: expected a whole number from 1"),
        (
            '{ fields = { a = "h1" }, evry = "1d" }',
            "[sources.coop.follow] evry: there is no such key; did you mean `every`?",
        ),
        ('{ fields = { room = "h1" } }', "[sources.coop.follow] fields.room: is read from the listing too"),
    ],
)
def test_what_cannot_be_followed_is_told(tmp_path: Path, follow: str, words: str) -> None:
    desk = Desk(tmp_path)
    text = selectors({"coop": "http://127.0.0.1:1/news"}, ["127.0.0.1:1"])
    must = 'must_contain = "ol.listing"'
    text = text.replace(must, f"follow = {follow}\n{must}") + 'extra = { room = "b" }\n'
    desk.settings(text)
    said = desk.type("crawl", "--dry-run")
    assert said.code == 2
    assert words in said.err
