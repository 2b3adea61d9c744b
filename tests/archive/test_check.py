"""What `check` finds: nothing in an archive that grew as it should, and each damage by its name."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders import COMMAND, content, grow, moment, page, request, row, rows, source
from coopscrape.archive.check import INVARIANTS, MOST_TOLD, Opened, check
from coopscrape.archive.read import Reader
from coopscrape.archive.write import Writer
from coopscrape.errors import ArchiveError
from coopscrape.model import Coverage, End, Ended
from coopscrape.reconcile import differences


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An archive in which everything happened once: new, changed, gone, back, a doubt, an accepted doubt, a cut."""
    path = tmp_path_factory.mktemp("grown") / "archive.db"
    news, etuc = source(), source("etuc", "https://etuc.example/news")
    first = [
        row("a", content("First", category="News", link="https://example.org/a", place="Geneva")),
        row("b", content("Second", date="2018-06-20", date_text="20 June 2018", summary="It says so.")),
        row("c", content("Third", link="HTTP://example.org/c")),
        *rows("def"),
    ]
    edited = [first[0], row("b", content("Second, corrected", summary="It says otherwise.")), *first[3:]]
    writer = Writer(path, COMMAND, moment(0))
    for n, (listing, coverage) in enumerate(
        [
            (first, Coverage.COMPLETE),
            (edited, Coverage.COMPLETE),
            ([], Coverage.DOUBTED),
            (edited, Coverage.PREFIX),
            (edited, Coverage.COMPLETE),
            ([*first, row("g")], Coverage.COMPLETE),
            (first[:2], Coverage.CUT),
            ([*first, row("h")], Coverage.REFUSED),
        ],
        1,
    ):
        grow(writer, news, listing, n, coverage)
    grow(writer, etuc, rows("ab"), 9)
    grow(writer, etuc, rows("abc"), 10, accepted=True)
    writer.start_run(COMMAND, moment(12))
    writer.open_walk(news, moment(12), 50)  # killed: an open walk and a run that the next one finds
    writer.start_run(COMMAND, moment(13))
    writer.finish_run("ok", moment(13))
    writer.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    writer.conn.execute("PRAGMA journal_mode = DELETE")
    writer.close()
    return path.read_bytes()


@pytest.fixture
def path(grown: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "archive.db"
    path.write_bytes(grown)
    return path


def damage(path: Path, *statements: str) -> None:
    """Write past everything that would forbid it."""
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA ignore_check_constraints = ON")
    triggers = [
        name
        for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE '%fts%'")
    ]
    for statement in (*(f"DROP TRIGGER {name}" for name in triggers), *statements):
        conn.execute(statement)
    conn.close()


def found_by(path: Path, invariant: str) -> list[str]:
    with Reader.open(path) as reader:
        reader.conn.row_factory = sqlite3.Row
        return list(INVARIANTS[invariant](Opened(path, reader.conn, differences, held=False)))


A, B, C = (f"(SELECT id FROM entries WHERE source = 'news' AND key = '{key}')" for key in "abc")

DAMAGES = [
    ("the file is whole", ("DROP INDEX changes_entry", "CREATE INDEX changes_entry ON changes (walk)",
      "PRAGMA writable_schema = ON",
      "UPDATE sqlite_master SET sql = 'CREATE INDEX changes_entry ON changes (entry)' WHERE name = 'changes_entry'"),
     "the file is damaged: "),
    ("every row that a row names is there", ("DELETE FROM recipes WHERE source = 'etuc'",),
     "walks: row 9 names a row of recipes that is not there"),
    ("tables, views and triggers are as they were made", (), "the file lacks trigger pages_kept"),
    ("tables, views and triggers are as they were made", ("DROP VIEW current",), "the file lacks view current"),
    ("tables, views and triggers are as they were made",
     ("DROP VIEW current", "CREATE VIEW current AS SELECT 1 AS place"), "the file has another view current"),
    ("tables, views and triggers are as they were made",
     ("CREATE TRIGGER forger AFTER INSERT ON entries BEGIN UPDATE versions SET title = ''; END",),
     "the file has an alien trigger forger"),
    ("every recipe can be read", ("UPDATE recipes SET settings = '{' WHERE source = 'news'",), "recipes: the settings of news, "),
    ("walks are numbered as they ended, without a gap", ("DELETE FROM walks WHERE settled = 7",),
     "walks: after settled walk 6 comes 8"),
    ("walks are numbered as they ended, without a gap", ("DELETE FROM walks WHERE settled = 1",),
     "walks: after settled walk 0 comes 2"),
    ("every page that was read is kept", ("DELETE FROM pages WHERE walk = 7",),
     "verdicts: walk 7 of news read 1 pages, 0 are kept"),
    ("every page that was read is kept", ("UPDATE pages SET snapshot = NULL, why = 'status' WHERE walk = 7",),
     "verdicts: walk 7 of news read 1 pages, 0 are kept"),
    ("every own page of an entry is of the walk that asked for it", ("INSERT INTO details VALUES (2, 5, '')",),
     "details: page 2 is kept as an entry's own page of walk 5, and is of 2"),
    ("every own page of an entry is of the walk that asked for it", ("INSERT INTO details VALUES (2, 2, 'x')",),
     "details: page 2 is kept as an entry's own page of walk 2, and was asked for as https://example.org/news"),
    ("the first version of an entry stands on a page of the listing", ("INSERT INTO details VALUES (1, 1, '')",),
     "begins with page 1, which is no page of the listing"),
    ("no run is left running", ("UPDATE runs SET outcome = 'running', finished = NULL WHERE id = 3",),
     "runs: run 3 of 2018-06-20T10:33:20.000Z is `running`, but no crawl is at work"),
    ("every snapshot holds the bytes that its digest names",
     ("UPDATE snapshots SET body = (SELECT body FROM snapshots ORDER BY rowid LIMIT 1),"
      " size = (SELECT size FROM snapshots ORDER BY rowid LIMIT 1) WHERE rowid = 2",), "its bytes have the digest"),
    ("every snapshot holds the bytes that its digest names",
     ("UPDATE snapshots SET body = x'00' WHERE rowid = 2",), "the stored snapshot is damaged"),
    ("every snapshot holds the bytes that its digest names",
     ("UPDATE snapshots SET size = size + 1 WHERE rowid = 2",), "bytes, not"),
    ("every snapshot holds the bytes that its digest names",
     ("UPDATE snapshots SET body = x'00' WHERE digest IN (SELECT reference FROM snapshots)",),
     "stored against it cannot be read without it: "),
    ("every snapshot holds the bytes that its digest names",
     ("DELETE FROM snapshots WHERE digest IN (SELECT reference FROM snapshots)",),
     "that it is stored against is not there"),
    ("what a snapshot is stored against is whole itself",
     ("UPDATE snapshots SET reference = (SELECT max(digest) FROM snapshots WHERE reference IS NOT NULL)"
      " WHERE digest IN (SELECT reference FROM snapshots)",), "which is not whole itself"),
    ("the versions of an entry are numbered 1, 2, 3 without a gap",
     (f"DELETE FROM versions WHERE n = 2 AND entry = {B}",), "should have versions 1 to 3, there are: 2, numbered 1 to 3"),
    ("the versions of an entry are numbered 1, 2, 3 without a gap",
     (f"UPDATE versions SET n = 4 WHERE n = 3 AND entry = {B}",), "there are: 3, numbered 1 to 4"),
    ("the versions of an entry are numbered 1, 2, 3 without a gap",
     (f"DELETE FROM versions WHERE entry = {A}",), "should have versions 1 to 1, there are: none"),
    ("the versions of an entry are numbered 1, 2, 3 without a gap",
     (f"UPDATE entries SET versions = 2 WHERE id = {B}",), "should have versions 1 to 2, there are: 3"),
    ("an entry says what its last version says",
     (f"UPDATE entries SET title = 'Forged', summary = NULL WHERE id = {B}",),
     "says otherwise than its version 3 in title, summary"),
    ("an entry says what its last version says", (f"""UPDATE entries SET extra = '{{"place": null}}' WHERE id = {A}""",),
     "says otherwise than its version 1 in extra"),
    ("every version has a page of its own source, with a snapshot",
     ("UPDATE versions SET page = 9 WHERE n = 3",), "version 3: page 9 is of etuc"),
    ("every version has a page of its own source, with a snapshot",
     ("UPDATE pages SET snapshot = NULL, why = 'status' WHERE id = 2",), "version 2: page 2 has no snapshot"),
    ("every version has a page of its own source, with a snapshot",
     ("UPDATE pages SET walk = NULL WHERE id = 2",), "version 2: page 2 is of no walk"),
    ("every version is dated by its page", (f"UPDATE versions SET seen_from = '1999' WHERE n = 2 AND entry = {B}",),
     "version 2 is dated 1999, its page 2018-06-20T09:33:20.000Z"),
    ("every version is dated by its page", (f"UPDATE entries SET first_seen = '1999' WHERE id = {B}",),
     "was first seen 1999, its version 1 2018-06-20T08:33:20.000Z"),
    ("every version is dated by its page", (f"UPDATE changes SET at = '1999' WHERE kind = 'new' AND entry = {A}",),
     "is dated 1999, its version 2018-06-20T08:33:20.000Z"),
    ("an entry is absent in one way at a time",
     (f"UPDATE entries SET missing_since = '1999', missed = 2, gone_since = '2000' WHERE id = {A}",),
     "(missing 1999, gone 2000)"),
    ("an entry is absent in one way at a time",
     (f"UPDATE entries SET missing_since = '1999', missed = 1, slid_since = '2000' WHERE id = {A}",),
     "(missing 1999, slid 2000)"),
    ("only a walk that looked finds an entry missing or slid off",
     ("UPDATE verdicts SET coverage = 'cut' WHERE walk = 2",), "is missing by walk 2, which proves no absence (cut)"),
    ("only a walk that looked finds an entry missing or slid off",
     ("""UPDATE verdicts SET doubts = '["odd"]' WHERE walk = 2""",), "is missing by walk 2, which proves no absence (complete)"),
    ("only a walk that looked finds an entry missing or slid off",
     (f"UPDATE states SET slid_since = '1999' WHERE settled = 7 AND \"row\" = (SELECT \"row\" FROM entries WHERE id = {C})",
      f"INSERT INTO states SELECT \"row\", 7, versions, number, 99, NULL, 0, '1999', NULL FROM entries WHERE id = {A}"),
     "is slid off by walk 7, which proves no absence (cut)"),
    ("an entry is new first and once, gone and back in turns",
     (f"DELETE FROM changes WHERE kind = 'new' AND entry = {B}",), "begins with changed, not with new"),
    ("an entry is new first and once, gone and back in turns",
     (f"DELETE FROM changes WHERE entry = {A}",), "begins with nothing, not with new"),
    ("an entry is new first and once, gone and back in turns",
     (f"INSERT INTO changes SELECT 5, 99, entry, 1, 'new', NULL, NULL, NULL, at FROM changes WHERE walk = 1 AND entry = {A}",),
     "is new a second time in walk 5"),
    ("an entry is new first and once, gone and back in turns",
     (f"DELETE FROM changes WHERE kind = 'gone' AND entry = {C}",), "comes back in walk 6 without having gone"),
    ("an entry is new first and once, gone and back in turns",
     (f"INSERT INTO changes SELECT 5, 99, id, 1, 'gone', NULL, NULL, NULL, last_seen FROM entries WHERE id = {C}",),
     "is gone in walk 5 and was so before"),
    ("an entry is new first and once, gone and back in turns",
     (f"DELETE FROM changes WHERE kind = 'back' AND entry = {C}",),
     "is not gone, its changes say it is gone since 2018-06-20T09:33:20.000Z"),
    ("an entry is new first and once, gone and back in turns",
     (f"UPDATE entries SET gone_since = '2018-06-20T09:33:20.000Z' WHERE id = {A}",),
     "is gone since 2018-06-20T09:33:20.000Z, its changes say it is not gone"),
    ("no change is empty", (f"UPDATE changes SET old = new WHERE walk = 2 AND entry = {B} AND field = 'title'",),
     "is `changed` without a difference"),
    ("no change is empty", (f"UPDATE changes SET field = 'title' WHERE walk = 1 AND entry = {B}",),
     "is `new` with a field of its own"),
    ("history is the difference of neighbouring versions",
     (f"UPDATE changes SET new = 'Forged' WHERE walk = 2 AND entry = {B} AND field = 'title'",),
     "version 2: what is told of title is not the difference from version 1"),
    ("history is the difference of neighbouring versions",
     (f"DELETE FROM changes WHERE walk = 2 AND entry = {B} AND field = 'summary'",),
     "version 2: what is told of summary is not the difference from version 1"),
    ("history is the difference of neighbouring versions",
     (f"INSERT INTO changes SELECT 6, 99, id, 1, 'changed', 'title', 'x', 'y', last_seen FROM entries WHERE id = {A}",),
     "version 1: what is told of title is not the difference from version 0"),
    ("history is the difference of neighbouring versions",
     (f"INSERT INTO versions SELECT entry, 2, seen_from, page, number, category, title, date, date_text, summary, link, extra"
      f" FROM versions WHERE entry = {A}",), "version 2 differs in nothing from version 1"),
    ("an entry stands as its last state says", (f"UPDATE entries SET place = 99 WHERE id = {A}",),
     "otherwise than after settled walk "),
    ("an entry stands as its last state says",
     (f"UPDATE entries SET slid_since = '2018-06-20T09:33:20.000Z' WHERE id = {B}",), "otherwise than after settled walk 6"),
    ("an entry stands as its last state says", (f'DELETE FROM states WHERE "row" = (SELECT "row" FROM entries WHERE id = {A})',),
     "as no walk left it"),
    ("the states of an entry go through its versions one by one",
     (f'UPDATE states SET version = 1 WHERE version = 2 AND "row" = (SELECT "row" FROM entries WHERE id = {B})',),
     "shows version 3 after settled walk 6, and 1 before"),
    ("only a walk that looked everywhere makes an entry gone",
     ("UPDATE verdicts SET coverage = 'cut' WHERE walk = 4",), "is gone by walk 4, which did not look everywhere (cut)"),
    ("only a walk that looked everywhere makes an entry gone",
     ("UPDATE verdicts SET coverage = 'doubted' WHERE walk = 4",), "by walk 4, which did not look everywhere (doubted)"),
    ("only a walk that looked everywhere makes an entry gone",
     ("DELETE FROM verdicts WHERE walk = 4",), "by walk 4, which did not look everywhere (no verdict)"),
    ("nothing comes of a walk that is not believed",
     ("UPDATE verdicts SET coverage = 'doubted' WHERE walk = 6",), "is back by walk 6, which is not believed"),
    ("nothing comes of a walk that is not believed",
     ("""UPDATE verdicts SET doubts = '["none"]' WHERE walk = 2""",), "version 2 was seen in walk 2, which is not believed"),
    ("nothing comes of a walk that is not believed", ("DELETE FROM verdicts WHERE walk = 1",), "walk 1, which is not believed"),
    ("every walk that ended has a verdict, and no other", ("DELETE FROM verdicts WHERE walk = 3",),
     "walks: walk 3 has ended and has no verdict"),
    ("every walk that ended has a verdict, and no other", ("DELETE FROM folds WHERE source = 'etuc'",),
     "verdicts: walk 9 has a verdict, but is of etuc, which has no fold"),
    ("every walk that ended has a verdict, and no other",
     ("INSERT INTO verdicts VALUES (11, 'complete', 'it came to its end', '[]', '[]', 1, 1, '{}', 'r', '[1]', 0)",),
     "verdicts: walk 11 has a verdict, but has not ended"),
    ("links lead to the web", (f"UPDATE entries SET link = 'javascript:alert(1)' WHERE id = {A}",),
     "version 1 has the link 'javascript:alert(1)', which is neither http nor https"),
    ("links lead to the web", (f"UPDATE versions SET link = '' WHERE entry = {A}",), "versions: "),
    ("no text holds a NUL character", (f"UPDATE entries SET title = 'a' || char(0) || 'b' WHERE id = {A}",),
     "version 1 has a NUL character in title"),
    ("no text holds a NUL character", (f"UPDATE versions SET summary = char(0) WHERE entry = {A}",), "in summary"),
    ("no text holds a NUL character", (f"""UPDATE entries SET extra = '{{"place": "\\u0000"}}' WHERE id = {A}""",), "in extra"),
    ("no text holds a NUL character", (f"UPDATE entries SET key = 'a' || char(0) WHERE id = {A}",), "in key"),
    ("every id is that of its source and key", (f"UPDATE entries SET key = 'forged' WHERE id = {A}",),
     "of news with the key 'forged' should have the id"),
    ("the search index says what the entries say",
     ("DELETE FROM entries_fts_docsize WHERE id = 1",), "the search index has 10 entries, there are 11"),
    ("the search index says what the entries say",
     ("DROP TRIGGER entries_fts_edit", f"UPDATE entries SET title = 'Unfindable' WHERE id = {A}"),
     "the search index does not say what the entries say"),
]  # fmt: skip


def test_an_archive_that_grew_as_it_should_is_clean(path: Path) -> None:
    assert check(path, differences) == []


@pytest.mark.parametrize("invariant", INVARIANTS)
def test_every_invariant_holds_in_an_archive_that_grew_as_it_should(path: Path, invariant: str) -> None:
    assert found_by(path, invariant) == []


@pytest.mark.parametrize(("invariant", "statements", "words"), DAMAGES, ids=[damage[2] for damage in DAMAGES])
def test_damage_is_found_by_its_invariant_and_named(
    path: Path, invariant: str, statements: tuple[str, ...], words: str
) -> None:
    damage(path, *statements)
    assert [breach for breach in found_by(path, invariant) if words in breach]
    assert [breach for breach in check(path, differences) if words in breach]


def test_there_is_a_damage_for_every_invariant() -> None:
    assert {invariant for invariant, _, _ in DAMAGES} == set(INVARIANTS)


@pytest.mark.parametrize(("invariant", "statements", "words"), DAMAGES, ids=[damage[2] for damage in DAMAGES])
def test_every_breach_is_one_line_that_names_a_table_and_says_what_to_do(
    path: Path, invariant: str, statements: tuple[str, ...], words: str
) -> None:
    damage(path, *statements)
    log = ("walks", "recipes", "runs", "pages", "details", "snapshots")
    tables = ("entries", "versions", "states", "changes", "verdicts", *log, "the file")
    for breach in found_by(path, invariant):
        assert breach.startswith((*tables, "the file"))
        assert "\n" not in breach
        assert "; " in breach
        assert any(remedy in breach for remedy in ("coopscrape rebuild", "coopscrape crawl", "backup", "sqlite3"))


def test_checking_writes_nothing(path: Path) -> None:
    damage(path, f"UPDATE entries SET title = 'Forged' WHERE id = {B}")
    before = path.read_bytes()
    check(path, differences)
    assert path.read_bytes() == before
    assert sorted(each.name for each in path.parent.iterdir()) == ["archive.db"]


def test_who_adds_a_table_a_view_or_an_index_of_their_own_breaks_nothing(path: Path) -> None:
    conn = sqlite3.connect(path, isolation_level=None)
    for statement in ("CREATE TABLE mine (x)", "CREATE VIEW ours AS SELECT 1 AS x", "CREATE INDEX m ON entries (date)"):
        conn.execute(statement)
    conn.close()
    assert check(path, differences) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM _sqlite_migrations WHERE name = 'states_of_entries'", "an older coopscrape; the next crawl"),
        (
            "UPDATE _sqlite_migrations SET name = 'of_the_future' WHERE name = 'first'",
            r"a newer coopscrape \(it knows of_the",
        ),
    ],
)
def test_a_file_of_another_release_is_not_judged_by_this_one(path: Path, statement: str, words: str) -> None:
    damage(path, statement)
    with pytest.raises(ArchiveError, match=words):
        check(path, differences)


def test_an_empty_archive_is_clean(tmp_path: Path) -> None:
    Writer(tmp_path / "archive.db", COMMAND, moment(0)).close()
    assert check(tmp_path / "archive.db", differences) == []


def test_many_breaches_of_one_kind_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    writer = Writer(path, COMMAND, moment(0))
    grow(writer, source(), [row(f"k{n}") for n in range(MOST_TOLD + 7)], 1)
    writer.close()
    damage(path, "UPDATE entries SET title = 'Forged'")
    found = [breach for breach in check(path, differences) if "last version" in breach or "its version 1" in breach]
    assert len(found) == MOST_TOLD + 1
    assert found[-1] == "7 more like the last: an entry says what its last version says does not hold"


@pytest.fixture
def crawling(path: Path) -> Iterator[Writer]:
    writer = Writer(path, COMMAND, moment(20))
    yield writer
    writer.close()


def test_a_crawl_at_work_is_no_breach(path: Path, crawling: Writer) -> None:
    crawling.start_run(COMMAND, moment(20))
    walk = crawling.open_walk(source("third", "https://third.example/"), moment(20), 50)
    crawling.log(request(walk=walk), page())
    assert check(path, differences) == []
    with crawling.transaction():
        crawling.end_walk(walk, Ended(End.LISTING, "no next link"), moment(20))
        assert check(path, differences) == []


def test_an_older_run_left_running_is_one_even_while_a_crawl_is_at_work(path: Path, crawling: Writer) -> None:
    damage(path, "UPDATE runs SET outcome = 'running', finished = NULL WHERE id = 3")
    crawling.start_run(COMMAND, moment(20))
    damage(path, "UPDATE runs SET outcome = 'running', finished = NULL WHERE id = 4")
    (breach,) = (one for one in check(path, differences) if one.startswith("runs"))
    assert breach.startswith("runs: run 4 of ")


@pytest.mark.parametrize("body", [None, b"", b"no database" * 999])
def test_what_cannot_be_opened_is_said_in_one_line(tmp_path: Path, body: bytes | None) -> None:
    path = tmp_path / "archive.db"
    if body is not None:
        path.write_bytes(body)
    with pytest.raises(ArchiveError) as caught:
        check(path, differences)
    (line,) = caught.value.lines
    assert str(path) in line
    assert "\n" not in line


def test_a_file_with_its_middle_torn_out_is_told_of_and_raises_nothing_else(path: Path) -> None:
    body = bytearray(path.read_bytes())
    for at in range(8192, len(body) - 8192, 4096):
        body[at : at + 4096] = b"\xff" * 4096
    path.write_bytes(body)
    try:
        breaches = check(path, differences)
    except ArchiveError as error:
        breaches = list(error.lines)
    assert breaches
    assert any("backup" in breach for breach in breaches)
