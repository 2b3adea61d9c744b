"""Fields of one's own: each has a history of its own, and none of them is anything but what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from coopscrape.archive.check import check
from coopscrape.archive.read import Reader
from coopscrape.reconcile import differences
from coopscrape.run.rebuild import rebuild
from run.simulated import HOST, Town

OWN = """
[sources.coop.layouts.extra]
author = { css = "i", optional = true }
room = { css = "b", match = 'Room (\\w+)', optional = true }
"""


def page(*rows: tuple[str, str, str]) -> str:
    items = "".join(f"<li><h3><a href='/{n}'>Story {n}</a></h3><i>{author}</i>{room}</li>" for n, author, room in rows)
    return f"<ol class=listing>{items}</ol>"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    town.settings(('date = { css = "time", format = "%d %B %Y" }\n', ""))
    return town


def with_fields(town: Town, fields: str = OWN) -> None:
    summary = 'summary = { css = "p.summary", optional = true }\n'
    town.settings(('date = { css = "time", format = "%d %B %Y" }\n', ""), (summary, summary + fields))


def is_true(town: Town) -> None:
    assert check(town.archive, differences) == []
    grown = town.fold()
    rebuild(town.config, town.archive)
    assert town.fold() == grown


def test_each_field_has_a_history_of_its_own(town: Town) -> None:
    with_fields(town)
    for author, room in (("Ann", "<b>Room A1</b>"), ("Bo", "<b>Room A1</b>"), ("Bo", ""), ("Bo", "<b>Room A2</b>")):
        town.site.pages["/news"] = page(("1", author, room), ("2", "Cy", ""))
        town.crawl()
    assert town.changes()[2:] == [
        ("changed", "author", "Ann", "Bo"),
        ("changed", "room", "A1", None),
        ("changed", "room", None, "A2"),
    ]
    assert town.rows("SELECT json_extract(extra, '$.room') FROM versions WHERE n = 4") == [("A2",)]
    with Reader.open(town.archive) as reader:
        then = [entry.content.extra for entry in reader.entries(as_of="run:2")]
    assert then == [(("author", "Bo"), ("room", "A1")), (("author", "Cy"), ("room", None))]
    is_true(town)


def test_a_field_that_is_learnt_or_forgotten_is_no_change_of_the_site(town: Town) -> None:
    town.site.pages["/news"] = page(("1", "Ann", "<b>Room A1</b>"), ("2", "Cy", ""))
    town.crawl()
    with_fields(town)
    town.crawl()
    assert town.rows(f"SELECT json_extract(extra, '$.author') FROM entries WHERE link = '{HOST}/1'") == [("Ann",)]
    with_fields(town, OWN.partition("room =")[0])
    town.crawl()
    assert {kind for kind, *_ in town.changes()} == {"new"}
    assert town.rows("SELECT max(n) FROM versions") == [(1,)]
    is_true(town)
