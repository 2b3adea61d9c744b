"""docs/archive.md knows every table and column, and its queries find something in an archive that has seen much."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from coopscrape.archive.check import INVARIANTS
from coopscrape.model import Coverage, End, Kind, Miss, Page, Request, Why, stamp
from coopscrape.run.rebuild import accept
from docs.papers import DOCS, Block, blocks, names, own_part, section, tables
from listings import Item, some_items
from run.simulated import Site, Town

PAGE = DOCS / "archive.md"
QUERIES = blocks(PAGE, "sql")
# Rows that the log or the fold never hold: a word for replays, and one that nobody uses.
NEVER_STORED = {Why.UNASKED, Why.UNREADABLE}


class OptingOut(Site):
    """Says with each page that it does not want to be mined."""

    def _answer(self, request: Request, path: str) -> Page | Miss:
        outcome = super()._answer(request, path)
        return replace(outcome, signals=(("tdm-reservation", "1"),)) if isinstance(outcome, Page) else outcome


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """All that can happen to a listing, in a dozen walks."""
    follow = {"limit": 3, "fields": {"author": "p.author"}}
    town = Town(tmp_path_factory.mktemp("town"), follow=follow)
    town.site = OptingOut(town.clock)
    items = some_items(12)

    own = {item.href: f"<p class=author>The author of {item.slug}" for item in items}

    def see(now: Sequence[Item], **options: object) -> None:
        town.site.broken = {}
        town.site.publish(now)
        town.site.pages |= own
        town.crawl(**options)  # type: ignore[arg-type]  # whatever a crawl takes

    see(items)
    edited = [replace(items[0], title="Cooperative story 1, corrected", category="Article"), *items[1:]]
    see(edited)
    shorter = [item for item in edited if item not in (items[4], items[6])]
    see(shorter)
    see(shorter)
    see([item for item in edited if item is not items[6]])
    town.site.broken = {"/news/2": 404}
    town.crawl()
    see([item for item in edited if item not in (edited[2], items[6])], max_pages=2)
    town.site.pages = {"/news": "<html><body><h1>Are you human?</h1></body></html>"}
    town.crawl()
    longer = [item for item in some_items(30, first=-17) if item.slug != "item-7"]
    see(longer, kill_at=5)
    town.crawl()
    rules = 'must_contain = "ol.listing"'
    ignoring = f'{rules}\nrobots = "ignore"\nrobots_reason = "it is our own"'
    town.settings(('title = "h3 a"', 'title = "h3"'), (rules, ignoring))
    last = [*some_items(1, first=-18), *(item for item in longer if item.slug != "item-9")]
    see(last)
    town.site.meanwhile["/news/5"] = lambda: town.site.publish([last[0], *last[2:]])
    see([*some_items(1, first=-19), *last])
    return town


@pytest.fixture
def reader(town: Town) -> Iterator[sqlite3.Connection]:
    conn = sqlite3.connect(f"file:{town.archive}?mode=ro", uri=True)
    yield conn
    conn.close()


def test_the_archive_has_seen_everything(reader: sqlite3.Connection) -> None:
    kinds = {kind for (kind,) in reader.execute("SELECT DISTINCT kind FROM changes")}
    assert kinds == set(Kind)
    coverage = {kind for (kind,) in reader.execute("SELECT DISTINCT coverage FROM verdicts")}
    assert coverage == set(Coverage) - {Coverage.REFUSED}


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_every_query_finds_something(query: Block, reader: sqlite3.Connection, town: Town) -> None:
    (edited,) = reader.execute("SELECT id FROM entries ORDER BY versions DESC LIMIT 1").fetchone()
    values = {"entry": edited, "moment": stamp(town.clock.now()), "words": "coop*"}
    asked = set(re.findall(r"(?<![:\w]):(\w+)", query.text))
    rows = reader.execute(query.text, {name: values[name] for name in asked}).fetchall()
    assert rows, f"{query} finds nothing"


def test_the_past_is_told_as_it_was(reader: sqlite3.Connection) -> None:
    (query,) = (one.text for one in QUERIES if ":moment" in one.text)

    def then(walk: int) -> set[str]:
        (moment,) = reader.execute("SELECT finished FROM walks WHERE settled = ?", (walk,)).fetchone()
        return {row[1] for row in reader.execute(query, {"moment": moment})}

    assert then(1) == {item.title for item in some_items(12)}
    assert then(2) ^ then(1) == {"Cooperative story 1", "Cooperative story 1, corrected"}
    assert then(2) - then(4) == {"Cooperative story 5", "Cooperative story 7"}
    assert then(5) - then(4) == {"Cooperative story 5"}


@pytest.mark.parametrize("block", blocks(PAGE, "python"), ids=str)
def test_every_example_runs(block: Block, town: Town, tmp_path: Path) -> None:
    shutil.copy(town.archive, tmp_path / "archive.db")
    done = subprocess.run([sys.executable, "-c", block.text], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# -- tables and columns -------------------------------------------------------------------------------


def _columns(reader: sqlite3.Connection, kind: str) -> dict[str, set[str]]:
    found = reader.execute(
        r"SELECT name FROM sqlite_master WHERE type = ? AND name NOT LIKE '\_%' ESCAPE '\' "
        r"AND name NOT LIKE 'entries\_fts\_%' ESCAPE '\'",
        (kind,),
    )
    return {name: {row[1] for row in reader.execute(f"PRAGMA table_info({name})")} for (name,) in found.fetchall()}


def test_every_table_and_every_column_is_explained_and_no_other(reader: sqlite3.Connection) -> None:
    said = {
        heading: set(names(own_part(PAGE, f"`{heading}`")))
        for heading in re.findall(r"^### `(\w+)`$", section(PAGE, "The tables"), re.MULTILINE)
    }
    assert said == _columns(reader, "table")


def test_every_view_is_explained_and_no_other(reader: sqlite3.Connection) -> None:
    assert set(names(section(PAGE, "The views"))) == _columns(reader, "view").keys()


def test_every_word_of_the_archive_is_explained_and_no_other() -> None:
    assert names(own_part(PAGE, "What counts as a change")) == list(Kind)
    assert set(names(own_part(PAGE, "Coverage and absence"))) == set(Coverage)
    assert _words(PAGE, "walks", "ended") == set(End) - {End.LEFTOVER, End.EARLY, End.MOVED}
    assert _words(PAGE, "pages", "why") == set(Why) - NEVER_STORED
    assert _words(PAGE, "verdicts", "coverage") == set(Coverage)
    assert _words(PAGE, "changes", "kind") == set(Kind)


def _words(page: Path, table: str, column: str) -> set[str]:
    (rows,) = tables(own_part(page, f"`{table}`"))
    (row,) = (row for row in rows if row[0] == f"`{column}`")
    return set(re.findall(r"`([a-z-]+)`", row[1]))


def test_every_query_of_the_web_view_is_told_and_no_other() -> None:
    pytest.importorskip("datasette")
    from coopscrape.web import QUERIES as READY

    assert names(own_part(PAGE, "With Datasette")) == list(READY)


def test_every_invariant_is_told_and_no_other() -> None:
    told = re.findall(r"^- (.+)$", section(PAGE, "What `check` proves"), re.MULTILINE)
    assert told == list(INVARIANTS)


# -- what is said of them -----------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["pages", "details", "snapshots", "recipes", "walks", "runs"])
def test_the_log_cannot_be_unsaid(table: str, town: Town, tmp_path: Path) -> None:
    copy = tmp_path / "archive.db"
    shutil.copy(town.archive, copy)
    conn = sqlite3.connect(copy)
    try:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            conn.execute(f"DELETE FROM {table}")
        column = conn.execute(f"PRAGMA table_info({table})").fetchall()[1][1]
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            conn.execute(f"UPDATE {table} SET {column} = {column}")
    finally:
        conn.close()


def test_an_accepted_walk_keeps_its_doubts_and_has_another_coverage(town: Town, tmp_path: Path) -> None:
    copy = tmp_path / "archive.db"
    shutil.copy(town.archive, copy)
    conn = sqlite3.connect(copy)
    try:
        (walk,) = conn.execute("SELECT walk FROM verdicts WHERE coverage = 'doubted'").fetchone()
        accept(town.config, copy, walk)
        coverage, doubts, accepted = conn.execute(
            "SELECT coverage, doubts, accepted FROM coverage WHERE walk = ?", (walk,)
        ).fetchone()
    finally:
        conn.close()
    assert coverage != "doubted"
    assert doubts != "[]"
    assert accepted == 1
