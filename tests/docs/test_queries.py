"""docs/queries.md: each query answers as it is shown there, and finds something where everything has happened."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace

import pytest

from docs.papers import DOCS, read
from docs.test_archive import town as town
from listings import some_items
from run.simulated import Town

PAGE = DOCS / "queries.md"
VALUES = {"moment": "2099", "day": "2099-12-31", "like": "%fair%"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """A question, its query, and what the page says that the demo answers."""

    question: str
    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        return self.question


def _recipes() -> Iterator[Recipe]:
    for part in re.split(r"^### ", read(PAGE), flags=re.MULTILINE)[1:]:
        (sql,) = re.findall(r"^```sql\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
        table = [tuple(re.split(r" \| ", line[2:-2])) for line in part.split("\n") if line.startswith("| ")]
        yield Recipe(part.split("\n")[0], sql, table[0], tuple(table[1:]))


RECIPES = list(_recipes())


def asked(recipe: Recipe, values: Mapping[str, str]) -> dict[str, str]:
    names = re.findall(r"(?<![:\w]):([a-z]+)", re.sub(r"'[^']*'", "''", recipe.sql))
    return {name: values[name] for name in names}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """What `coopscrape demo` leaves behind."""
    folder = tmp_path_factory.mktemp("demo")
    line = [sys.executable, "-m", "coopscrape", "demo", "demo"]
    subprocess.run(line, cwd=folder, capture_output=True, check=True, timeout=60)
    with closing(sqlite3.connect(f"file:{folder}/demo/archive.db?mode=ro", uri=True)) as conn:
        yield conn


@pytest.fixture(scope="module")
def seen_all(town: Town) -> Iterator[sqlite3.Connection]:
    """The town of test_archive, where everything happened; two entries with one title on top of it."""
    items = [item for item in some_items(31, first=-18) if item.slug not in ("item-7", "item-9")]
    town.site.publish([*items[:2], replace(items[2], title=items[3].title), *items[3:]])
    town.crawl()
    with closing(sqlite3.connect(f"file:{town.archive}?mode=ro", uri=True)) as conn:
        yield conn


def test_there_are_enough_of_them_and_each_is_a_question_with_an_answer() -> None:
    assert len(RECIPES) >= 15
    assert len({recipe.question for recipe in RECIPES}) == len(RECIPES)
    assert len(re.findall(r"^```sql$", read(PAGE), re.MULTILINE)) == len(RECIPES)


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_the_demo_answers_as_it_is_shown(recipe: Recipe, demo: sqlite3.Connection) -> None:
    cursor = demo.execute(recipe.sql, asked(recipe, VALUES))
    assert tuple(column[0] for column in cursor.description) == recipe.columns
    rows = cursor.fetchall()
    shown = list(recipe.rows)
    if shown and set(shown[-1]) == {"..."} and len(rows) >= len(shown):  # and so on
        shown.pop()
        rows = rows[: len(shown)]
    assert len(rows) == len(shown)
    for row, expected in zip(rows, shown, strict=True):
        for value, cell in zip(row, expected, strict=True):
            text = "NULL" if value is None else str(value)
            assert re.fullmatch(".*".join(map(re.escape, cell.split("..."))), text, re.DOTALL), f"{cell}: {text}"


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_where_everything_happened_every_query_finds_something(recipe: Recipe, seen_all: sqlite3.Connection) -> None:
    assert seen_all.execute(recipe.sql, asked(recipe, {**VALUES, "like": "%story%"})).fetchall()


def test_the_listing_as_it_stood_is_that_of_the_program(seen_all: sqlite3.Connection, town: Town) -> None:
    from coopscrape.archive.read import Reader

    (recipe,) = (one for one in RECIPES if one.question == "A listing as it stood")
    with Reader.open(town.archive) as reader:
        for (at,) in seen_all.execute("SELECT finished FROM walks WHERE settled IS NOT NULL").fetchall():
            told = [(row[1], row[4]) for row in seen_all.execute(recipe.sql, {"moment": at})]
            assert told == [(one.place, one.content.title) for one in reader.entries(as_of=at)]
