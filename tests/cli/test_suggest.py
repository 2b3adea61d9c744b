"""The first hour with a site that one has never seen, and the day on which it is made over: real processes, loopback."""

from __future__ import annotations

import json
import tomllib

import pytest

from cli.desk import Desk
from induce.redesigns import classes_renamed, title_split_from_link
from listings import Item, listing, some_items
from server import World

FRESH = Item("fresh-item", "Something that nobody knew before", "News", "21 June 2018", "What is new about it.")


def begin(desk: Desk, world: World) -> None:
    """What `init` writes, and that the machine itself may be asked."""
    assert desk.type("init", "--contact", "me@example.org").code == 0
    path = desk.place / "selectors.toml"
    before = path.read_text()
    after = before.replace("allow = []", f"allow = {json.dumps(list(world.allow))}")
    assert after != before
    path.write_text(after)


@pytest.mark.slow
def test_from_nothing_to_a_diff_of_a_site_never_seen(desk: Desk, world: World) -> None:
    items, url = some_items(9), world.url("/stories")
    world.put("/stories", title_split_from_link(items))

    begin(desk, world)
    kept = (desk.place / "selectors.toml").read_text()
    said = desk.type("suggest", url, "--write", "--name", "stories")
    assert (said.code, "Next: coopscrape try stories" in said.err) == (0, True)
    assert (desk.place / "selectors.toml").read_text() == kept + "\n" * (not kept.endswith("\n\n")) + said.out.split(
        "\n\n", 1
    )[1]

    tried = desk.type("try", "stories")
    assert tried.code == 0
    assert "9 entries of 9 items" in tried.out
    assert desk.type("crawl").code == 0
    assert desk.type("diff").out.count("Cooperative story") == 9

    edited = [
        FRESH,
        Item("item-1", "Cooperative story 1, corrected", date_text="20 June 2018", summary=items[0].summary),
        *items[1:],
    ]
    world.put("/stories", title_split_from_link(edited))
    assert desk.type("crawl", "stories").code == 0
    changed = desk.type("diff").out
    assert "1 new, 1 changed" in changed
    assert "{+1, corrected+}" in changed
    assert FRESH.title in changed


def test_on_a_narrow_terminal_no_line_is_too_long_and_all_is_toml(desk: Desk, world: World) -> None:
    (desk.place / "page.html").write_text(listing(some_items(5)))
    said = desk.on_a_terminal("suggest", "page.html", "--url", "https://www.example.org/news", columns=80)
    assert said.code == 0
    preview = said.out.partition("[sources.")[0]
    assert all(len(line) <= 80 for line in preview.splitlines())
    block, _, rest = said.out.partition("There is no selectors.toml yet")
    assert rest
    assert tomllib.loads(block)["sources"]["example-news"]["layouts"][0]["item"] == "ol.listing > li"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["suggest", "nowhere.html"], 1, "is no file here"),
        (["suggest", "login.html"], 1, "password"),
        (["suggest", "page.html", "--write"], 2, "--url"),
        (["suggest", "page.html", "--url", "ftp://a.org/"], 2, "https://"),
        (["suggest", "page.html", "--name", "a b"], 2, "letters, digits"),
        (["suggest", "https://www.example.org/news", "--url", "https://www.example.org/"], 2, "--url goes with a file"),
    ],
    ids=lambda value: " ".join(value[1:]) if isinstance(value, list) else None,
)
def test_what_cannot_be_done_is_told_on_one_line(desk: Desk, words: list[str], code: int, told: str) -> None:
    (desk.place / "page.html").write_text(listing(some_items(5)))
    (desk.place / "login.html").write_text('<title>Log in</title><form><input type="password"></form>')
    said = desk.type(*words)
    assert (said.code, told in said.out + said.err) == (code, True)


@pytest.mark.slow
def test_the_day_of_the_redesign(desk: Desk, world: World) -> None:
    url, items = world.url("/news"), some_items(9)
    world.put("/news", listing(items))
    begin(desk, world)
    assert desk.type("suggest", url, "--write", "--name", "coop").code == 0
    assert desk.type("crawl").code == 0
    world.put("/news", classes_renamed([FRESH, *items]))
    assert desk.type("crawl", "coop").code == 3

    seen = desk.type("repair", "coop")
    assert seen.code == 0
    assert "+guard = " in seen.out
    assert "Nothing was written" in seen.err
    assert desk.type("repair", "coop", "--write").code == 0
    rebuilt = desk.type("rebuild")
    assert rebuilt.code == 0
    told = desk.type("diff", "--since", "run:1")
    assert FRESH.title in told.out
    assert not {"changed", "gone", "back"} & set(told.out.split())
    assert desk.type("repair", "coop").code == 1
    assert desk.type("repair", "nobody").code == 1
