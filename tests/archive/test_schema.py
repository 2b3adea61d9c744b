"""Which files are opened, which are made, which are refused; and what the schema itself forbids."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from builders import COMMAND, grow, moment, rows, source
from coopscrape.archive import schema
from coopscrape.archive.read import Cursor, Reader
from coopscrape.archive.write import Writer
from coopscrape.errors import ArchiveError


def opened(path: Path) -> Writer:
    return Writer(path, COMMAND, moment(0))


def shape(path: Path) -> list[tuple[str, ...]]:
    with sqlite3.connect(path) as conn:
        found = conn.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master ORDER BY 1, 2").fetchall()
    conn.close()
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.db"


# -- making and opening -----------------------------------------------------------------------------


def test_a_file_that_is_not_there_is_made(path: Path) -> None:
    opened(path).close()
    with Reader.open(path) as reader:
        assert reader.sources() == []


def test_opening_again_changes_nothing(path: Path) -> None:
    opened(path).close()
    before = shape(path)
    opened(path).close()
    assert shape(path) == before


def test_an_empty_file_becomes_an_archive(path: Path) -> None:
    path.touch()
    opened(path).close()
    Reader.open(path).close()


def test_every_table_is_strict_and_every_table_of_the_fold_is_named(path: Path) -> None:
    opened(path).close()
    tables = {name: sql for kind, name, sql in shape(path) if kind == "table"}
    ours = {name: sql for name, sql in tables.items() if not name.startswith(("sqlite_", "_sqlite", "entries_fts"))}
    assert all("STRICT" in sql for sql in ours.values())
    assert set(schema.FOLD_TABLES) <= ours.keys()


def test_an_archive_keeps_a_write_ahead_log_and_waits_for_the_disk(path: Path) -> None:
    writer = opened(path)
    pragmas = [
        writer.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
    ]
    writer.close()
    assert pragmas == ["wal", 2, 1]


def test_a_database_of_somebody_else_is_refused_and_left_alone(path: Path) -> None:
    conn = sqlite3.connect(path)
    conn.execute("CREATE TABLE precious (x)")
    conn.commit()
    conn.close()
    before = path.read_bytes()
    for door in (opened, Reader.open):
        with pytest.raises(ArchiveError, match=r"no coopscrape archive.*--archive"):
            door(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "body", [b"garbage" * 999, b"no", b"SQLite format 3\x00" + b"\xff" * 4080, b"%PDF-1.4\n" * 200]
)
def test_what_is_no_database_is_refused_in_one_line(path: Path, body: bytes) -> None:
    path.write_bytes(body)
    for door in (opened, Reader.open):
        with pytest.raises(ArchiveError) as caught:
            door(path)
        (line,) = caught.value.lines
        assert line.startswith(f"{path}: ")
        assert "\n" not in line
    assert path.read_bytes() == body


def test_an_archive_of_a_later_coopscrape_is_refused_and_what_it_knows_is_named(path: Path) -> None:
    writer = opened(path)
    writer.conn.execute("INSERT INTO _sqlite_migrations VALUES (99, 'coopscrape', 'from_the_future', '2031-01-01')")
    writer.close()
    with pytest.raises(ArchiveError, match=r"newer coopscrape \(it knows from_the_future\); upgrade"):
        opened(path)


def test_an_archive_of_an_older_coopscrape_is_read_once_a_writer_has_brought_it_up_to_date(path: Path) -> None:
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    schema.migrate(conn, stop_before="wishes")
    conn.close()
    with pytest.raises(
        ArchiveError,
        match="written by an older coopscrape; the next crawl brings it up to date, or: coopscrape rebuild",
    ):
        Reader.open(path)
    with opened(path) as writer:
        assert (writer.status(), writer.ledger()) == ([], [])
    Reader.open(path).close()


def test_a_reader_from_before_there_was_a_memory_for_it_is_told_too_what_is_believed_after_all(path: Path) -> None:
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    schema.migrate(conn, stop_before="doubts_passed")
    conn.executescript("""
        INSERT INTO runs (id, started, finished, outcome, command, version) VALUES (1, '2018', '2018', 'ok', 'crawl', '0');
        INSERT INTO recipes VALUES ('coop', 'x', '{}', '2018');
        INSERT INTO walks (id, run, source, recipe, started, finished, max_pages, ended, settled, closed_by)
            VALUES (7, 1, 'coop', 'x', '2018', '2018', 1, 'listing', 1, 1),
                   (8, 1, 'coop', 'x', '2018', '2018', 1, 'listing', 2, 1),
                   (9, 1, 'coop', 'x', '2018', '2018', 1, 'listing', 3, 1);
        INSERT INTO verdicts (walk, coverage, reason, doubts, warnings, pages, entries, fills, recipe)
            VALUES (7, 'complete', '', '[]', '[]', 1, 1, '{}', 'x'), (8, 'doubted', '', '["?"]', '[]', 1, 1, '{}', 'x'),
                   (9, 'doubted', '', '["?"]', '[]', 1, 1, '{}', 'x');
        INSERT INTO cursors VALUES ('me', 2), ('you', 1);
    """)
    conn.close()
    with opened(path) as writer:
        assert (writer.cursor("me"), writer.cursor("you")) == (Cursor(2, (8,)), Cursor(1))


def test_migrations_of_other_tools_in_the_same_file_are_none_of_ours(path: Path) -> None:
    writer = opened(path)
    writer.conn.execute("INSERT INTO _sqlite_migrations VALUES (99, 'somebody', 'else', '2031-01-01')")
    writer.close()
    opened(path).close()


def test_an_archive_that_could_not_be_opened_is_not_locked(path: Path) -> None:
    path.write_bytes(b"garbage" * 999)
    with pytest.raises(ArchiveError):
        opened(path)
    path.unlink()
    opened(path).close()


def test_there_is_nothing_to_read_before_the_first_crawl(path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"there is no archive yet; `coopscrape crawl` makes one"):
        Reader.open(path)


@pytest.mark.parametrize("name", ["a b.db", "100%.db", "what?.db", "a#b.db", "ü.db", "a'b.db"])
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    opened(tmp_path / name).close()
    with Reader.open(tmp_path / name) as reader:
        assert reader.sources() == []
    assert (tmp_path / name).exists()


def test_a_folder_is_no_archive(tmp_path: Path) -> None:
    for door in (opened, Reader.open):
        with pytest.raises(ArchiveError, match="is a folder; name a file"):
            door(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"nowhere/archive\.db"):
        opened(tmp_path / "nowhere" / "archive.db")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_said_to_be_so(path: Path) -> None:
    opened(path).close()
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        with pytest.raises(ArchiveError, match=r"cannot be written|read-only"):
            opened(path)
    finally:
        path.parent.chmod(0o755)


def test_readers_cannot_write(path: Path) -> None:
    opened(path).close()
    with Reader.open(path) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.conn.execute("INSERT INTO cursors (name, settled) VALUES ('x', 1)")


# -- what was seen is never unsaid ------------------------------------------------------------------


@pytest.fixture
def writer(path: Path) -> Writer:
    writer = opened(path)
    grow(writer, source(), rows("abc"), 1)
    return writer


@pytest.mark.parametrize("table", ["runs", "recipes", "walks", "pages", "snapshots"])
def test_no_row_of_the_log_can_be_deleted(writer: Writer, table: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        writer.conn.execute(f"DELETE FROM {table}")
    writer.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE runs SET command = 'another'",
        "UPDATE recipes SET settings = '{}'",
        "UPDATE walks SET reason = 'another'",
        "UPDATE pages SET url = 'https://example.org/another'",
        "UPDATE snapshots SET body = x''",
    ],
)
def test_no_row_of_the_log_can_be_rewritten(writer: Writer, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        writer.conn.execute(statement)
    writer.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET link = 'javascript:alert(1)'",
        "UPDATE entries SET missed = 1",
        "UPDATE entries SET versions = 0",
        "UPDATE entries SET extra = 'no JSON'",
        "UPDATE entries SET number = 'one'",
        "INSERT INTO changes SELECT walk, 99, entry, version, 'changed', 'title', 'x', 'x', at FROM changes LIMIT 1",
        "INSERT INTO changes SELECT walk, 99, entry, version, 'new', 'title', NULL, 'x', at FROM changes LIMIT 1",
        "INSERT INTO changes SELECT walk, 99, entry, 7, 'gone', NULL, NULL, NULL, at FROM changes LIMIT 1",
        "INSERT INTO changes SELECT walk, 1, entry, version, 'gone', NULL, NULL, NULL, at FROM changes LIMIT 1",
        "INSERT INTO versions SELECT entry, 2, seen_from, 99, number, NULL, NULL, NULL, NULL, NULL, NULL, '{}' FROM versions",
        "INSERT INTO pages (run, purpose, number, asked, url, fetched_at, elapsed) VALUES (1, 'page', 1, 'x', 'x', 'x', 0)",
    ],
)
def test_what_cannot_be_so_cannot_be_written(writer: Writer, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        writer.conn.execute(statement)
    writer.close()


def test_a_source_has_one_open_walk_at_most(writer: Writer) -> None:
    writer.start_run(COMMAND, moment(2))
    writer.open_walk(source(), moment(2), 50)
    with pytest.raises(ArchiveError, match="UNIQUE"):
        writer.open_walk(source(), moment(2), 50)
    writer.close()


def test_a_link_may_be_printed_in_capitals(writer: Writer) -> None:
    writer.conn.execute("UPDATE entries SET link = 'HTTPS://EXAMPLE.ORG/'")
    writer.close()


# -- views ------------------------------------------------------------------------------------------


def test_the_views_answer(writer: Writer) -> None:
    grow(writer, source(), rows("bcd"), 2)
    views = [name for (name,) in writer.conn.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
    counts = {name: writer.conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in views}
    writer.close()
    assert counts == {"current": 4, "history": 4, "coverage": 2, "latest": 1, "signals": 0}


def test_history_names_both_pages_of_a_change(writer: Writer) -> None:
    edited = [rows("a")[0], rows("b")[0]]
    grow(writer, source(), [edited[0], edited[1].__class__("b", edited[0].content)], 2)
    old, new, old_snapshot, new_snapshot = writer.conn.execute(
        "SELECT old, new, old_snapshot, new_snapshot FROM history WHERE kind = 'changed'"
    ).fetchone()
    digests = {digest for (digest,) in writer.conn.execute("SELECT digest FROM snapshots")}
    writer.close()
    assert (old, new) == ("Title of b", "Title of a")
    assert old_snapshot != new_snapshot
    assert {old_snapshot, new_snapshot} == digests


def test_a_statement_with_semicolons_inside_is_one_statement() -> None:
    script = "CREATE TABLE a (x DEFAULT ';');\nCREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END;"
    assert [statement.split()[1] for statement in schema.statements(script)] == ["TABLE", "TRIGGER"]
