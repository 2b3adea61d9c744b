"""A value in the archive that nobody ever wrote there: told as damage, by whatever comes upon it; never a traceback."""

from __future__ import annotations

import shutil
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from coopscrape.archive.check import check
from coopscrape.archive.read import Reader
from coopscrape.errors import ArchiveError
from coopscrape.reconcile import differences
from coopscrape.report import ENTRIES, FORMATS, HISTORIES, LEDGERS, LISTS, STATUSES, SourceLine, plain
from coopscrape.run.crawl import crawl
from coopscrape.run.rebuild import rebuild
from listings import some_items
from run.simulated import AtOnce, Town

GARBAGE: Final = {
    "TEXT": ["'garbage'", "CAST(x'c328' AS TEXT)", "'[]'", "char(27, 0x202e)"],
    "INTEGER": ["-1", "4611686018427387904"],
    "REAL": ["1e308"],
    "BLOB": ["x'28b52ffd00'"],
}
TABLES: Final = (
    "runs",
    "recipes",
    "walks",
    "pages",
    "snapshots",
    "entries",
    "versions",
    "changes",
    "verdicts",
    "folds",
    "hosts",
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Three walks: new, changed, missing; and one that was killed."""
    town = Town(tmp_path_factory.mktemp("town"))
    items = some_items(9)
    town.site.publish(items)
    town.crawl()
    items[3] = replace(items[3], title="Another title")
    town.site.publish([*items[:6], *items[7:]])
    town.crawl()
    town.site.broken = {"/news/3": 404}
    town.crawl()
    town.site.broken = {}
    town.crawl(kill_at=2)
    return town


def columns(town: Town) -> Iterator[tuple[str, str, str]]:
    for table in TABLES:
        for _, name, kind, *_ in town.rows(f"PRAGMA table_info({table})"):
            yield table, name, kind


def spoil(archive: Path, table: str, column: str, value: str) -> bool:
    """One value of every row. False: not even SQLite lets it in."""
    conn = sqlite3.connect(archive, isolation_level=None)
    try:
        conn.execute("PRAGMA ignore_check_constraints = ON")
        conn.execute("BEGIN")
        for (trigger,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            conn.execute(f"DROP TRIGGER {trigger}")
        conn.execute(f'UPDATE {table} SET "{column}" = {value} WHERE "{column}" IS NOT NULL')
        conn.execute("COMMIT")
    except sqlite3.IntegrityError:
        return False
    finally:
        conn.close()
    return True


def read_all(_: Town, archive: Path) -> None:
    with Reader.open(archive) as reader:
        for text in everything_told(reader):
            steering = {
                one for one in text if one != "\n" and unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")
            }
            assert not steering, text


def everything_told(reader: Reader) -> Iterator[str]:
    changes, entries = reader.changes(), reader.entries(everything=True)
    yield from (form(changes, {}, plain, 80) for form in FORMATS.values())
    yield from (form(entries, {}, plain, 80) for form in LISTS.values())
    for entry in entries:
        versions = reader.versions(entry.id)
        yield from (form(entry, {}, plain, 80, versions[-1]) for form in ENTRIES.values() if versions)
        yield from (form(entry, versions, changes, plain, 80) for form in HISTORIES.values())
    lines = [SourceLine(one.source, "", one) for one in reader.status()]
    yield from (form(lines, plain, 80) for form in STATUSES.values())
    yield from (form(reader.ledger(), plain, 80) for form in LEDGERS.values())


def told(act: Callable[[], object]) -> None:
    """It works, or says on one line that the archive is damaged."""
    try:
        act()
    except ArchiveError as error:
        lines = error.lines
    else:
        return
    assert len(lines) == 1
    assert "\n" not in lines[0]


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_a_value_that_was_never_written_is_told_as_damage(town: Town, tmp_path: Path, table: str) -> None:
    spoiled, place = tmp_path / "spoiled.db", tmp_path / "archive.db"
    for n, (_, column, kind) in enumerate(one for one in columns(town) if one[0] == table):
        for value in GARBAGE[kind][n % 2 :: 2] or GARBAGE[kind]:  # every other, to save time
            shutil.copy(town.archive, spoiled)
            if not spoil(spoiled, table, column, value):
                continue
            for act in (checked, read_all, rebuilt, crawled):
                shutil.copy(spoiled, place)
                print(f"{act.__name__}: {table}.{column} = {value}")
                told(partial(act, town, place))


def checked(_: Town, archive: Path) -> None:
    check(archive, differences)


def rebuilt(town: Town, archive: Path) -> None:
    rebuild(town.config, archive)


def crawled(town: Town, archive: Path) -> None:
    crawl(town.config, archive, hands=AtOnce(), clock=town.clock, visit=town.site.visit, everything=True)
