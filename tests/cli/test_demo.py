"""The bundled listing, crawled twice."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from cli.desk import Desk

FIXTURES = Path(__file__).parent.parent / "fixtures" / "ilo-coop"


def expected(state: str, name: str = "expected.json") -> Any:
    return json.loads((FIXTURES / state / name).read_text())


def test_the_demo_shows_ten_entries_then_what_changed(desk: Desk) -> None:
    said = desk.type("demo")
    assert said.code == 0
    words = " ".join(said.out.split())
    for entry in expected("2018-06-20"):
        assert f"{entry['number']}. {entry['date']} {entry['category']}" in words
        assert entry["title"] in words
        assert entry["summary"] is None or entry["summary"] in words
    assert "1 new, 3 changed" in words
    assert "[-fairer-]{+fair+} and ethical" in words
    assert "[-News-]{+Article+}" in words
    assert "training {+of trainers+} organized for {+the+} skills" in words
    assert max(map(len, re.sub(r"\S*http\S*", "", said.out).splitlines())) <= 110


def test_the_demo_leaves_an_archive_that_knows_what_the_fixtures_know(desk: Desk) -> None:
    assert desk.type("demo", "somewhere").code == 0
    there = Desk(desk.place / "somewhere")
    keys = ("number", "category", "title", "date", "date_text", "summary")
    entries = there.type("list", "--format", "json").json()
    assert [{key: one[key] for key in keys} for one in entries] == [
        {key: one[key] for key in keys} for one in expected("2018-06-27")
    ]
    changes = there.type("diff", "--format", "json").json()
    keys = ("kind", "number", "title", "field", "old", "new")
    assert [{key: one[key] for key in keys} for one in changes] == [
        {key: one[key] for key in keys} for one in expected("2018-06-27", "changes.json")
    ]


def test_what_the_demo_says_to_type_next_works(desk: Desk) -> None:
    said = desk.type("demo")
    there = Desk(desk.place / "coopscrape-demo")
    typed = re.findall(r"^  coopscrape (.+?)  ", said.out, re.MULTILINE)
    assert len(typed) >= 5
    for line in typed:
        words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line.partition(" >")[0])]
        assert there.type(*words).code == 0, line
    assert there.type("crawl").code == 1  # the server is gone


def test_an_earlier_demo_is_replaced_and_what_else_lies_there_is_left(desk: Desk) -> None:
    assert desk.type("demo").code == 0
    note = desk.place / "coopscrape-demo" / "note.txt"
    note.write_text("mine")
    assert desk.type("demo").code == 0
    assert note.read_text() == "mine"
    assert len(Desk(note.parent).type("list", "--format", "json").json()) == 11


@pytest.mark.parametrize("name", ["note.txt", "selectors.toml"])
def test_a_folder_with_something_else_in_it_is_not_touched(desk: Desk, name: str) -> None:
    other = desk.place / "mine"
    other.mkdir()
    (other / name).write_text("mine")
    said = desk.type("demo", "mine")
    assert (said.code, said.out) == (1, "")
    assert "Nothing was touched" in said.err
    assert [file.name for file in other.iterdir()] == [name]
    assert (other / name).read_text() == "mine"


def test_a_demo_that_goes_on_serving_can_be_crawled(desk: Desk) -> None:
    there = Desk(desk.place / "coopscrape-demo")
    with desk.started("demo", "--serve") as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if "goes on serving" in line:
                break
        said = there.type("crawl")
        assert said.code == 0
        assert "2 (2)" in said.out  # both pages as they were: 304
        demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 0
