"""A feed as a person follows it: the real program, a real server on loopback."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.desk import Desk
from server import World

FEED = (Path(__file__).parent / "fixtures" / "feeds" / "rss-2.0.xml").read_text(encoding="utf-8")
SETTINGS = """
[coopscrape]
contact = "test@example.org"
[network]
allow = ["127.0.0.1:*"]
[defaults]
delay = "0s"
every = "0s"
[sources.blog]
kind = "feed"
url = "{url}"
timezone = "Europe/Paris"
"""


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        yield world


def test_a_feed_from_its_address_to_a_diff_and_back(world: World, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.settings(SETTINGS.format(url=world.url("/feed")))
    world.put("/feed", FEED, content_type="application/rss+xml")
    tried = desk.type("try", "blog")
    assert (tried.code, "layout 'RSS 2.0' reads this page: 3 items, 3 entries" in tried.out) == (0, True)

    assert world.hits("/feed")[0].headers["accept"].startswith("application/atom+xml, application/rss+xml")
    first, again = desk.type("crawl"), desk.type("crawl")
    assert (first.code, again.code) == (0, 0), first.err + again.err
    assert [hit.status for hit in world.hits("/feed")][-1] == 304

    world.put("/feed", FEED.replace("A <b>new</b> shop", "A <b>newer</b> shop"), content_type="application/rss+xml")
    assert desk.type("crawl").code == 0
    diff = desk.type("diff")
    assert "A newer shop" in diff.out
    assert "gone" not in diff.out

    world.put("/feed", FEED[:-40], content_type="application/rss+xml")
    cut = desk.type("crawl")
    assert cut.code == 3
    assert "as if it had been cut off" in cut.err
    mended = desk.type("repair", "blog")
    assert (mended.code, "it is a feed, which has no layout that could be mended" in mended.out) == (1, True)
    world.put("/feed", re.sub(r"\s*<item>\s*<title>Members.*?</item>", "", FEED, flags=re.DOTALL))
    assert desk.type("crawl").code == 0

    listed = {entry["title"]: entry for entry in desk.type("list", "--format", "json").json()}
    assert listed["A new shop"]["date"] == "2018-06-18"
    assert desk.type("check").code == 0
    assert desk.type("rebuild", "--dry-run").code == 0


def test_whoever_gives_the_address_of_a_feed_as_that_of_a_page_is_told_what_to_say(
    world: World, tmp_path: Path
) -> None:
    desk = Desk(tmp_path)
    page = SETTINGS.replace('kind = "feed"\n', "").replace('timezone = "Europe/Paris"\n', "")
    layout = '[[sources.blog.layouts]]\nitem = "li"\ntitle = "a"\nlink = "a"\n'
    desk.settings(page.format(url=world.url("/feed")) + layout)
    world.put("/feed", FEED, content_type="application/rss+xml")
    crawled = desk.type("crawl")
    assert crawled.code == 3
    assert 'this is an RSS feed, not an HTML page; it can be read as it is: kind = "feed" in its source' in crawled.err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('layouts = [{ item = "li", title = "a" }]', "[sources.blog] layouts: there is no such key"),
        (
            'timezone = "Mars/Olympus"',
            'expected a time zone by its name, such as "Europe/Brussels" or "UTC", not "Mars/Olympus"',
        ),
        ('timezone = "../../etc/passwd"', "expected a time zone"),
        ('extra = ["autor"]', 'expected "author" or "id"'),
        ('key = "guid"', "[sources.blog] key: an item of a feed has no `guid`"),
        ('pages = { next = "a" }', 'expected "next", "single" or { url = ".../{page}" }, since this is a feed'),
    ],
)
def test_what_a_feed_cannot_say_is_told(tmp_path: Path, line: str, words: str) -> None:
    desk = Desk(tmp_path)
    text = SETTINGS.replace('timezone = "Europe/Paris"\n', "") if "timezone" in line else SETTINGS
    desk.settings(text.format(url="http://127.0.0.1:1/feed") + line + "\n")
    said = desk.type("crawl", "--dry-run")
    assert said.code == 2
    assert words in said.err
