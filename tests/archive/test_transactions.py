"""What one walk means is written whole or not at all; runs begin, end, and are told from killed ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from builders import COMMAND, Fold, content, grow, moment, page, request, row, rows, source, verdict
from coopscrape.archive.read import Cursor
from coopscrape.archive.write import Writer
from coopscrape.errors import ArchiveError, NotFoundError
from coopscrape.model import Coverage, Delta, End, Ended


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with Writer(tmp_path / "archive.db", COMMAND, moment(0)) as writer:
        yield writer


def everything(writer: Writer) -> list[str]:
    return list(writer.conn.iterdump())


class Power(Exception):
    """It went out."""


def test_what_is_not_finished_leaves_nothing(writer: Writer) -> None:
    grow(writer, source(), rows("abc"), 1)
    writer.start_run(COMMAND, moment(2))
    before = everything(writer)
    with pytest.raises(Power), writer.transaction():
        write_much_and_fail(writer)
    assert everything(writer) == before


def write_much_and_fail(writer: Writer) -> None:
    walk = writer.open_walk(source(), moment(2), 50)
    writer.log(request(walk=walk), page(b"another"))
    writer.end_walk(walk, Ended(End.LISTING, "no next link"), moment(2))
    writer.accept(walk, source(), moment(2))
    writer.replace_fold("news", [])
    with writer.transaction():
        writer.folded_with("news", source().recipe)
    raise Power


def test_a_delta_that_cannot_be_written_leaves_nothing(writer: Writer) -> None:
    grow(writer, source(), rows("abc"), 1)
    before = everything(writer)
    delta = Fold().see(rows("xyz"))
    with pytest.raises(ArchiveError, match="SQLite says: FOREIGN KEY"):
        writer.apply(verdict(99), delta, "r")
    assert everything(writer) == before


def test_the_outer_transaction_counts(writer: Writer) -> None:
    grow(writer, source("etuc"), rows("a"), 1)
    writer.start_run(COMMAND, moment(2))
    with pytest.raises(Power), writer.transaction():
        write_much_and_fail(writer)
    assert writer.sources() == ["etuc"]
    with writer.transaction(), writer.transaction():
        writer.open_walk(source(), moment(2), 50)
    assert writer.sources() == ["etuc", "news"]


def test_a_transaction_that_failed_lets_the_next_one_begin(writer: Writer) -> None:
    for n in range(3):
        with pytest.raises(Power), writer.transaction():
            raise Power
        writer.start_run(COMMAND, moment(n))


def test_an_error_that_is_none_of_the_archives_passes_as_it_is(writer: Writer) -> None:
    with pytest.raises(ZeroDivisionError), writer.transaction():
        raise ZeroDivisionError


# -- runs and walks ---------------------------------------------------------------------------------


def test_nothing_is_logged_outside_of_a_run(writer: Writer) -> None:
    with pytest.raises(RuntimeError, match="outside of a run"):
        writer.open_walk(source(), moment(1), 50)
    writer.start_run(COMMAND, moment(1))
    writer.finish_run("ok", moment(1))
    with pytest.raises(RuntimeError, match="outside of a run"):
        writer.log(request(), page())


def test_a_run_that_never_ended_is_marked_by_the_next(writer: Writer) -> None:
    for n in (1, 2, 3):
        writer.start_run(COMMAND, moment(n))
    writer.finish_run("partial", moment(4))
    assert writer.conn.execute("SELECT outcome, finished FROM runs ORDER BY id").fetchall() == [
        ("interrupted", moment(2)),
        ("interrupted", moment(3)),
        ("partial", moment(4)),
    ]


def test_a_walk_of_a_killed_run_goes_on_in_the_next(writer: Writer) -> None:
    writer.start_run(COMMAND, moment(1))
    walk = writer.open_walk(source(), moment(1), 7)
    writer.log(request(walk=walk), page())
    writer.start_run(COMMAND, moment(2))
    (record,) = writer.open_walks()
    assert (record.id, record.source, record.max_pages, record.settled) == (walk, "news", 7, None)
    assert writer.walks("news") == []
    writer.end_walk(walk, Ended(End.LISTING, "no next link"), moment(2))
    assert writer.open_walks() == []
    assert [(each.id, each.ended, each.reason, each.settled) for each in writer.walks("news")] == [
        (walk, "listing", "no next link", 1)
    ]
    assert writer.latest_run() == 2


def test_walks_count_in_the_order_in_which_they_were_settled(writer: Writer) -> None:
    writer.start_run(COMMAND, moment(1))
    slow = writer.open_walk(source("slow"), moment(1), 50)
    quick = writer.open_walk(source("quick"), moment(2), 50)
    writer.end_walk(quick, Ended(End.LISTING, "no next link"), moment(3))
    writer.end_walk(slow, Ended(End.LISTING, "no next link"), moment(4))
    assert (writer.walk(quick).settled, writer.walk(slow).settled) == (1, 2)
    assert writer.last_settled() == 2


def test_a_walk_is_settled_once(writer: Writer) -> None:
    walk, _ = grow(writer, source(), rows("a"), 1)
    writer.start_run(COMMAND, moment(2))
    with pytest.raises(ArchiveError, match="a settled walk is append-only"):
        writer.end_walk(walk, Ended(End.MISS, "another reason"), moment(2))


def test_there_is_no_walk_by_a_number_that_was_never_given(writer: Writer) -> None:
    with pytest.raises(NotFoundError, match="there is no walk 7"):
        writer.walk(7)
    with pytest.raises(NotFoundError, match="there is no page 7"):
        writer.outcome(7)


def test_a_recipe_is_kept_from_the_first_walk_that_used_it(writer: Writer) -> None:
    visited = replace(source(), settings='{"url": "https://example.org/news"}')
    grow(writer, visited, rows("a"), 1)
    grow(writer, visited, rows("a"), 2)
    assert writer.settings("news", visited.recipe) == visited.settings
    assert writer.folded("news") == visited.recipe
    assert writer.folded("another") is None
    with pytest.raises(ArchiveError, match="recipe xyz of news is missing"):
        writer.settings("news", "xyz")


def test_what_a_person_accepts_is_remembered_once(writer: Writer) -> None:
    walk, _ = grow(writer, source(), [], 1, Coverage.DOUBTED)
    assert writer.accepted() == {}
    writer.accept(walk, source(), moment(2))
    writer.accept(walk, replace(source(), recipe="another"), moment(3))
    assert writer.accepted() == {walk: source().recipe}


def test_a_fold_that_cannot_be_written_leaves_the_old_one(writer: Writer) -> None:
    grow(writer, source(), rows("abc"), 1)
    before = everything(writer)
    with pytest.raises(ArchiveError, match="SQLite says: FOREIGN KEY"):
        writer.replace_fold("news", [(verdict(99), Fold().see(rows("xyz")), "r")])
    assert everything(writer) == before


def test_a_cursor_moves(writer: Writer) -> None:
    assert writer.cursor("atom") is None
    writer.move_cursor("atom", Cursor(3))
    writer.move_cursor("atom", Cursor(5, (2, 4)))
    assert (writer.cursor("atom"), writer.cursor("mail")) == (Cursor(5, (2, 4)), None)


def test_a_walk_that_means_nothing_leaves_a_verdict_and_nothing_else(writer: Writer) -> None:
    grow(writer, source(), rows("abc"), 1)
    before = writer.known("news")
    walk, delta = grow(writer, source(), [row("a", content("Please log in"))], 2, Coverage.DOUBTED)
    assert delta == Delta(walk)
    assert writer.known("news") == before
    assert [change.walk for change in writer.changes()] == [1, 1, 1]
