"""The bundled listing, crawled twice."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.desk import Desk, environment
from coopscrape.archive.write import Writer

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


@pytest.mark.parametrize(
    ("name", "env"),
    [
        (None, {}),
        (b"-my demo's $HOME; *", {}),
        ("d\u00e9monstration".encode(), {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        (b"d\xe9mo", {}),
    ],
)
def test_what_the_demo_says_to_type_next_works(desk: Desk, name: bytes | None, env: dict[str, str]) -> None:
    program = shlex.join([sys.executable, "-W", "error", "-m", "coopscrape"])
    shown = subprocess.run(
        ["bash", "-c", f'{program} demo "$@"', "bash", *([] if name is None else [b"--", name])],
        cwd=desk.place,
        env=environment(env),
        capture_output=True,
        timeout=60,
        check=True,
    ).stdout
    block = shown.partition(b"What to type next:")[2].strip(b"\n").partition(b"\n\n")[0]
    typed = [re.split(rb"  +", line.strip())[0] for line in block.splitlines()]
    assert len(typed) >= 7
    assert typed[0].startswith(b"cd ")
    script = b"set -e\ncoopscrape() { " + program.encode() + b' "$@"; }\n' + b"\n".join(typed)
    done = subprocess.run(
        ["bash", "-c", script], cwd=desk.place, env=environment(env), capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(b"archive.db: sound\n")
    (folder,) = desk.place.iterdir()
    assert bytes(folder / "page.html").startswith(bytes(desk.place) + b"/" + (name or b"coopscrape-demo"))
    assert (folder / "page.html").stat().st_size > 0
    if name is None:
        assert Desk(folder).type("crawl").code == 1  # the server is gone


def test_the_demo_fits_a_usual_terminal(desk: Desk) -> None:
    said = desk.on_a_terminal("demo", columns=80, env={"NO_COLOR": "1", "TERM": "dumb"})
    assert said.code == 0
    assert max(len(line) for line in said.out.splitlines() if not line.startswith(" " * 9 + "http")) <= 80


def test_a_demo_that_is_being_crawled_is_left_alone(desk: Desk) -> None:
    assert desk.type("demo", "there").code == 0
    folder = desk.place / "there"
    before = {name: (folder / name).read_bytes() for name in ("selectors.toml", "archive.db")}
    with Writer(folder / "archive.db", "crawl", "2018-06-20T00:00:00.000Z"):
        lock = (folder / "archive.db.lock").stat().st_ino
        said = desk.type("demo", "there")
        assert (said.code, said.out) == (75, "")
        assert "`crawl` (process " in said.err
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert desk.type("demo", "there").code == 0
    assert (folder / "archive.db.lock").stat().st_ino == lock, "who waits for it waits for this very file"


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
            if "while this demo serves" in line:
                break
        said = there.type("crawl")
        assert said.code == 0
        assert "2 (2)" in said.out  # both pages as they were: 304
        demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 0
