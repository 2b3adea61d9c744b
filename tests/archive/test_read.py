"""What can be asked of an archive: by a crawl, and by people."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from builders import COMMAND, content, grow, moment, page, request, row, rows, source
from coopscrape import canon
from coopscrape.archive.read import UNCHANGED_BELIEVED, Cursor, Reader, Signal
from coopscrape.archive.write import Writer
from coopscrape.errors import ArchiveError, NotFoundError
from coopscrape.model import Change, Coverage, End, Ended, Kind, Miss, Moved, Page, Purpose, Request, Why

NEWS = "https://example.org/news"
ROBOTS = "https://example.org/robots.txt"


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with Writer(tmp_path / "archive.db", COMMAND, moment(0)) as writer:
        writer.start_run(COMMAND, moment(0))
        yield writer


def missed(
    url: str = NEWS, why: Why = Why.STATUS, status: int | None = 503, n: float = 0, *, sent: bool = True
) -> Miss:
    return Miss(url, url, why, "as the test wants it", moment(n), status=status, sent=sent)


# -- what is remembered of a page -------------------------------------------------------------------


def test_the_last_page_of_a_url_is_remembered_with_its_body(writer: Writer) -> None:
    writer.log(request(), page(b"old"))
    writer.log(request(), page(b"new", at=moment(1)))
    writer.log(request(), missed(n=2))
    assert writer.remembered(NEWS) == page(b"new", at=moment(1))
    assert writer.remembered(NEWS + "?page=2") is None


def test_nothing_is_believed_unchanged_after_too_many_304s_in_a_row(writer: Writer) -> None:
    writer.log(request(), page())
    for n in range(UNCHANGED_BELIEVED):
        assert writer.remembered(NEWS) is not None
        writer.log(request(), page(at=moment(n), fresh=False))
    assert writer.remembered(NEWS) is None
    writer.log(request(), page(at=moment(99)))
    assert writer.remembered(NEWS) == page(at=moment(99))


def test_a_page_that_came_without_validators_is_asked_for_as_if_unknown(writer: Writer) -> None:
    writer.log(request(), replace(page(), etag=None))
    assert writer.remembered(NEWS) is None
    writer.log(request(), replace(page(), etag=None, last_modified="Wed, 20 Jun 2018 09:30:00 GMT"))
    assert writer.remembered(NEWS) is not None


def test_the_last_answer_to_a_page_of_a_walk_counts_and_a_redirect_is_none(writer: Writer) -> None:
    walk = writer.open_walk(source(), moment(0), 50)
    second = NEWS + "?page=2"
    writer.log(request(walk=walk), missed())
    writer.log(request(walk=walk), Moved(NEWS, NEWS, NEWS + "/", 301, moment(0)))
    writer.log(request(walk=walk), page())
    writer.log(request(second, walk, 2), page(b"2", second))
    writer.log(request(second, walk, 2), missed(second))
    assert [(one.number, one.url, one.digest is None) for one in writer.answers(walk)] == [
        (1, NEWS, False),
        (2, second, True),
    ]


# -- robots.txt -------------------------------------------------------------------------------------


def asked_robots(writer: Writer, outcome: object) -> None:
    assert isinstance(outcome, type(page()) | Miss | Moved)
    writer.log(Request(ROBOTS, ROBOTS, Purpose.ROBOTS), outcome)


def test_no_robots_txt_is_recalled_that_was_never_asked_for(writer: Writer) -> None:
    writer.log(request(ROBOTS), page(b"a listing", ROBOTS))
    assert writer.recall_robots(ROBOTS) is None


@pytest.mark.parametrize(
    "answer",
    [page(b"User-agent: *", ROBOTS), *(missed(ROBOTS, status=status) for status in (404, 403, 204))],
)
@pytest.mark.parametrize(
    "later",
    [
        missed(ROBOTS, status=503),
        missed(ROBOTS, status=429),
        missed(ROBOTS, Why.NETWORK, None),
        missed(ROBOTS, Why.NOT_BEFORE, None, sent=False),
        Moved(ROBOTS, ROBOTS, "https://www.example.org/robots.txt", 301, moment(0)),
    ],
)
def test_the_last_robots_txt_that_answered_is_recalled_whatever_failed_since(
    writer: Writer, answer: object, later: object
) -> None:
    asked_robots(writer, missed(ROBOTS, status=410) if answer != missed(ROBOTS, status=404) else page(b"", ROBOTS))
    asked_robots(writer, answer)
    asked_robots(writer, later)
    assert writer.recall_robots(ROBOTS) == answer


# -- changes ----------------------------------------------------------------------------------------


@pytest.fixture
def told(writer: Writer) -> Writer:
    """Runs 2 to 6, in the hours 1 to 5; the walks 1 to 5."""
    etuc = source("etuc", "https://etuc.example/news")
    link = "https://example.org/a"
    grow(writer, source(), [row("b", content("b", date="2018-06")), row("a", content("First", link=link))], 1)
    grow(writer, etuc, rows("xy"), 2)
    grow(
        writer, source(), [row("a", content("First, corrected", link=link)), row("c", content("c", category="News"))], 3
    )
    grow(
        writer, source(), [row("a", content("First, corrected", link=link)), row("c", content("c", category="News"))], 4
    )
    grow(writer, etuc, rows("xy"), 5, Coverage.CUT)
    return writer


def short(changes: list[Change]) -> str:
    return " ".join(f"{'+' if one.kind is Kind.NEW else one.kind}{one.entry.key}" for one in changes)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({}, "+b +a +x +y changeda +c goneb"),
        ({"sources": ["etuc"]}, "+x +y"),
        ({"sources": ["etuc", "news"], "kinds": ["new"]}, "+b +a +x +y +c"),
        ({"sources": ["another"]}, ""),
        ({"kinds": ["gone", "changed"]}, "changeda goneb"),
        ({"since": moment(3)}, "changeda +c goneb"),
        ({"until": moment(3)}, "+b +a +x +y"),
        ({"since": moment(2), "until": moment(4)}, "+x +y changeda +c"),
        ({"since": "2018-06-20"}, "+b +a +x +y changeda +c goneb"),
        ({"since": "2018-06-21"}, ""),
        ({"until": "2018-06-20"}, ""),
        ({"run": 4}, "changeda +c"),
        ({"run": 6}, ""),
        ({"since_run": 4}, "changeda +c goneb"),
        ({"after": Cursor(0)}, "+b +a +x +y changeda +c goneb"),
        ({"after": Cursor(2)}, "changeda +c goneb"),
        ({"after": Cursor(5)}, ""),
        ({"after": Cursor(5, (1, 9))}, "+b +a"),
        ({"entry": canon.entry_id("news", "b")}, "+b goneb"),
        ({"entry": canon.entry_id("news", "b"), "kinds": ["new"]}, "+b"),
    ],
)
def test_changes_are_asked_for_by_source_kind_time_run_cursor_and_entry(
    told: Writer, asked: dict[str, object], answer: str
) -> None:
    assert short(told.changes(**asked)) == answer  # type: ignore[arg-type]  # the table names them all


def test_a_change_shows_the_entry_as_it_was_then(told: Writer) -> None:
    titles = [one.entry.content.title for one in told.changes(entry=canon.entry_id("news", "a"))]
    assert titles == ["First", "First, corrected"]


def test_a_cursor_at_the_last_settled_walk_has_read_everything(told: Writer) -> None:
    assert told.changes(after=told.end()) == []
    assert told.last_settled() == 5


# -- entries ----------------------------------------------------------------------------------------


def test_a_listing_is_what_it_shows_and_on_demand_what_it_showed(told: Writer) -> None:
    assert [one.key for one in told.entries(["news"])] == ["a", "c"]
    assert sorted(one.key for one in told.entries(["news"], everything=True)) == ["a", "b", "c"]
    assert [one.key for one in told.entries()] == ["x", "y", "a", "c"]


def test_entries_are_asked_for_by_category_and_by_date(told: Writer) -> None:
    assert [one.key for one in told.entries(category="news")] == ["c"]
    assert [one.key for one in told.entries(everything=True, after="2018", before="2018-07")] == ["b"]
    assert told.entries(everything=True, after="2018-07") == []


def test_an_entry_is_found_by_its_id_by_a_start_of_it_and_by_its_link(told: Writer) -> None:
    name = canon.entry_id("news", "a")
    for asked in (name, name[:4], name[:15], name.upper(), "https://example.org/a"):
        assert told.entry(asked).key == "a"


@pytest.mark.parametrize(
    "name", ["", "abc", "zzzz", "https://example.org/", "%", "'", canon.entry_id("news", "a") + "0"]
)
def test_an_entry_that_is_not_there_is_not_found(told: Writer, name: str) -> None:
    with pytest.raises(NotFoundError, match="there is no entry"):
        told.entry(name)


def test_a_name_that_means_two_entries_is_told_with_both(told: Writer) -> None:
    again = replace(source("again", "https://again.example/"))
    grow(told, again, [row("a", content("First", link="https://example.org/a"))], 9)
    with pytest.raises(NotFoundError, match=r"means more than one entry: .*\(news\).*write more of the id") as caught:
        told.entry("https://example.org/a")
    assert canon.entry_id("again", "a") in str(caught.value)


def test_a_link_in_capitals_and_entries_without_a_link_are_kept(told: Writer) -> None:
    grow(told, source(), [row("q", content("Q", link="HTTP://EXAMPLE.ORG/Q")), row("r")], 9)
    assert told.entry("HTTP://EXAMPLE.ORG/Q").key == "q"


def test_every_state_of_an_entry_names_its_page_and_its_bytes(told: Writer) -> None:
    states = told.versions(canon.entry_id("news", "a"))
    assert [(version.n, version.content.title, proof.url) for version, proof in states] == [
        (1, "First", NEWS),
        (2, "First, corrected", NEWS),
    ]
    for version, proof in states:
        assert (proof.page, proof.at, proof.number) == (version.page, version.seen_from, 1)
        assert hashlib.sha256(told.body(proof.page)).hexdigest() == proof.digest
    assert told.version(states[0][0].entry) == states[-1]
    assert told.version(states[0][0].entry, 1) == states[0]
    with pytest.raises(NotFoundError, match="has versions 1 to 2, and no 3"):
        told.version(states[0][0].entry, 3)


def test_the_search_index_follows_the_entries(told: Writer) -> None:
    def found(words: str) -> list[str]:
        rows = told.conn.execute(
            "SELECT key FROM entries_fts AS f JOIN entries AS e ON e.row = f.rowid WHERE entries_fts MATCH ?", (words,)
        )
        return [key for (key,) in rows]

    assert found("corrected") == ["a"]
    grow(told, source(), [row("a", content("Überarbeitet")), row("c", content("c", category="News"))], 9)
    assert found("corrected") == []
    assert found("uberarbeitet") == ["a"]


# -- status and ledger ------------------------------------------------------------------------------


def test_the_state_of_each_source_is_told_by_name(told: Writer) -> None:
    etuc, news = told.status()
    assert (etuc.source, news.source) == ("etuc", "news")
    assert (news.walks, news.last_walk, news.shown, news.missing, news.gone, news.slid) == (3, 4, 2, 0, 1, 0)
    assert (etuc.walks, etuc.shown, etuc.missing) == (2, 2, 0)
    assert news.verdict is not None
    assert news.verdict.coverage is Coverage.COMPLETE
    assert etuc.verdict is not None
    assert etuc.verdict.coverage is Coverage.CUT
    assert etuc.believed == moment(5)
    assert told.last_started() == {"etuc": moment(5), "news": moment(4)}


def test_a_doubted_walk_is_not_when_a_source_was_last_believed(told: Writer) -> None:
    grow(told, source(), [], 9, Coverage.DOUBTED)
    _, news = told.status()
    assert (news.last_finished, news.believed, news.accepted) == (moment(9), moment(4), False)


def test_an_archive_without_walks_has_nothing_to_tell(writer: Writer) -> None:
    assert writer.status() == []
    assert writer.ledger() == []
    assert (writer.latest_run(), writer.last_settled(), writer.changes(), writer.entries()) == (None, 0, [], [])


def test_the_ledger_counts_what_was_sent_to_each_host_and_the_smallest_pause(writer: Writer) -> None:
    def at(url: str, seconds: float, elapsed: float = 0.0, **more: object) -> None:
        answer = replace(page(url=url, at=moment(seconds / 3600)), elapsed=elapsed, wire_bytes=100)
        writer.log(replace(request(url), **more), replace(answer, fresh="remembered" not in more))  # type: ignore[arg-type]

    at("https://example.org/news", 0)
    at("https://EXAMPLE.org:8443/news?u=https://other.example/", 12.5, elapsed=2.5)
    at("https://example.org", 20, remembered=page())
    at("https://other.example?x=/", 1)
    writer.log(request("https://example.org/late"), missed("https://example.org/late", n=1))
    writer.log(request("https://example.org/x"), missed("https://example.org/x", Why.ROBOTS, None, sent=False))
    first, second = writer.ledger()
    assert (first.host, second.host) == ("example.org", "other.example")
    assert (first.requests, first.unchanged, first.conditional, first.misses, first.wire_bytes) == (4, 1, 1, 1, 300)
    assert first.smallest_gap == pytest.approx(10, abs=0.01)
    assert first.last_request == moment(1)
    assert second.smallest_gap is None


def test_the_ledger_says_whether_retry_after_was_obeyed(writer: Writer) -> None:
    def at(seconds: float, retry_after: float | None = None, status: int = 503, elapsed: float = 0.0) -> None:
        answer = replace(missed(status=status, n=seconds / 3600), retry_after=retry_after, elapsed=elapsed)
        writer.log(request(), answer)

    at(0, retry_after=10)
    at(10.5, retry_after=5, elapsed=0.5)  # began at 10: obeyed
    at(12)  # too soon
    at(20, retry_after=60, status=404)  # no status whose wish counts
    at(30, retry_after=0)
    moved = Moved(NEWS, NEWS, "https://example.org/there", 302, moment(40 / 3600), retry_after=1.0)
    writer.log(request(), moved)
    at(50, retry_after=999)  # the last: obeyed until now
    (host,) = writer.ledger()
    assert (host.retry_afters, host.retry_afters_obeyed) == (4, 3)


# -- opt-out signals ----------------------------------------------------------------------------------


def saying(*signals: tuple[str, str], url: str = NEWS, n: float = 0) -> Page:
    return replace(page(url=url, at=moment(n)), signals=signals)


def visited_saying(writer: Writer, n: int, *signals: tuple[str, str]) -> None:
    walk = writer.open_walk(source(), moment(n), 50)
    writer.log(request(walk=walk), saying(*signals, n=n))
    writer.end_walk(walk, Ended(End.LISTING, "as the test wants it"), moment(n))


def test_signals_are_told_with_their_place_and_from_when_to_when(writer: Writer) -> None:
    first, second = ("x-robots-tag", "noarchive"), ("meta:tdm-reservation", "1")
    visited_saying(writer, 1, first)
    visited_saying(writer, 2, first, second)
    visited_saying(writer, 3, second)
    (status,) = writer.status()
    assert status.signals == (
        Signal("header", "x-robots-tag", "noarchive", moment(1), moment(2), now=False),
        Signal("meta", "tdm-reservation", "1", moment(2), moment(3), now=True),
    )


def test_the_signals_of_a_robots_txt_are_told_with_the_sources_of_its_origin(writer: Writer) -> None:
    visited_saying(writer, 1)
    train = ("robots.txt:content-signal", "ai-train=no")
    for robots in (ROBOTS, "https://example.org:8443/robots.txt", "http://example.org/robots.txt"):
        writer.log(Request(robots, robots, Purpose.ROBOTS), saying(train, url=robots, n=1))
    rows = writer.conn.execute("SELECT source, origin, place, name, value, now FROM signals ORDER BY origin").fetchall()
    assert [row[1] for row in rows] == ["http://example.org", "https://example.org", "https://example.org:8443"]
    assert set(rows[0][2:]) == {"robots.txt", "content-signal", "ai-train=no", 1}
    assert [one.signals for one in writer.status()] == [
        (Signal("robots.txt", "content-signal", "ai-train=no", moment(1), moment(1), now=True),)
    ]
    asked_robots(writer, missed(ROBOTS, status=404))
    assert [one.now for one in writer.status()[0].signals] == [False], "it is gone, and with it what it said"


def test_a_visit_that_reads_no_page_takes_no_signal_back(writer: Writer) -> None:
    visited_saying(writer, 1, ("tdm-reservation", "1"))
    walk = writer.open_walk(source(), moment(2), 50)
    writer.log(request(walk=walk), missed(n=2))
    writer.end_walk(walk, Ended(End.MISS, "as the test wants it"), moment(2))
    assert [one.now for one in writer.status()[0].signals] == [True]


# -- damage -----------------------------------------------------------------------------------------


def test_a_damaged_snapshot_is_named_with_its_page(writer: Writer) -> None:
    number = writer.log(request(), page())
    writer.conn.execute("DROP TRIGGER snapshots_fixed")
    writer.conn.execute("UPDATE snapshots SET body = x'00'")
    with pytest.raises(ArchiveError, match=rf"page {number} \({NEWS}\): the stored snapshot is damaged.*check"):
        writer.outcome(number)


def test_a_file_that_is_damaged_while_it_is_read_is_one_line(told: Writer) -> None:
    told.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = told.path.with_name("torn.db")
    body = bytearray(told.path.read_bytes())
    body[8192:] = b"\xff" * (len(body) - 8192)
    path.write_bytes(body)
    with pytest.raises(ArchiveError, match=r"torn\.db: .*(damaged|malformed)") as caught, Reader.open(path) as reader:
        reader.changes()
    assert len(caught.value.lines) == 1
