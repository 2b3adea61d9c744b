"""The tables at the end of a crawl, of `status`, and of `rebuild`."""

from __future__ import annotations

import json
from dataclasses import dataclass

from builders import moment
from coopscrape.model import Coverage, Report, Verdict
from coopscrape.report import LEDGERS, STATUSES, SourceLine, plain
from coopscrape.report.crawl import crawl_table, rebuilt_text
from coopscrape.report.status import status_json, status_text


@dataclass(frozen=True)
class Said:
    place: str
    name: str
    value: str
    first_seen: str = moment(0)
    last_seen: str = moment(1)
    now: bool = True


@dataclass(frozen=True)
class State:
    """As archive.read.SourceStatus has it."""

    verdict: Verdict | None
    walks: int = 1
    last_walk: int | None = 1
    last_started: str | None = moment(0)
    last_finished: str | None = moment(0)
    accepted: bool = False
    believed: str | None = None
    shown: int = 10
    missing: int = 0
    gone: int = 0
    slid: int = 0
    last_change: str | None = None
    whole: str | None = None
    overlooked: int = 0
    signals: tuple[Said, ...] = ()
    robots_ignored: str | None = None


@dataclass(frozen=True)
class Host:
    host: str = "example.org"
    requests: int = 3
    unchanged: int = 1
    conditional: int = 2
    misses: int = 0
    wire_bytes: int = 12345
    unchanged_share: float | None = 0.5
    smallest_gap: float | None = 5.02
    retry_afters: int = 3
    retry_afters_obeyed: int = 3
    last_request: str | None = moment(0)


@dataclass(frozen=True)
class Done:
    source: str = "news"
    walks: int = 2
    entries: int = 1
    differences: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def test_the_table_has_a_line_for_each_source_also_for_those_that_rest() -> None:
    verdict = Verdict(1, Coverage.COMPLETE, "the listing's own end", entries=25)
    text = crawl_table([Report("news", 1, verdict, 3, 2, next_due=moment(12))], [("later", moment(5))])
    head, visited, resting = text.splitlines()
    assert head.split("  ")[0] == "source"
    assert visited.split() == ["news", "complete", "3", "(2)", "25", "0", "0", "0", "0", "0", "2018-06-20", "19:33"]
    assert resting.split()[:3] == ["later", "not", "due"]


def test_a_source_that_does_not_obey_robots_txt_is_named_with_its_reason() -> None:
    verdict = Verdict(1, Coverage.COMPLETE, "the listing's own end", entries=25)
    text = crawl_table(
        [Report("news", 1, verdict, 3, 2, robots_ignored="it is \x1b[31mours"), Report("b", 2, verdict, 1, 0)]
    )
    assert text.splitlines()[3:] == ["", "! news: robots.txt is not obeyed: it is <U+001B>[31mours"]
    line = SourceLine("news", "News", State(None, robots_ignored="it is ours"))
    assert "! news: robots.txt is not obeyed: it is ours\n" in status_text([line])
    assert json.loads(status_json([line]))[0]["robots_ignored"] == "it is ours"


def test_status_says_what_a_source_says_of_its_use_today() -> None:
    old = Said("meta", "robots", "nofollow", now=False)
    line = SourceLine("news", "News", State(None, signals=(Said("header", "tdm-reservation", "1\x07"), old)))
    text = status_text([line])
    assert "  news says of its use: tdm-reservation: 1<U+0007> (header, since 2018-06-20)\n" in text
    assert "nofollow" not in text
    (record,) = json.loads(status_json([line]))
    assert [(one["name"], one["now"]) for one in record["signals"]] == [("tdm-reservation", True), ("robots", False)]


def test_nothing_visited_is_no_table() -> None:
    assert crawl_table([]) == ""


def test_a_doubt_is_told_with_what_to_do() -> None:
    doubted = Verdict(7, Coverage.DOUBTED, "in doubt", doubts=("page 1: 0 entries, usually 10",))
    text = STATUSES["text"]([SourceLine("news", "All the news", State(doubted), True, moment(0))], plain, None)
    assert "! news page 1: 0 entries, usually 10" in text
    assert "coopscrape accept 7" in text


def test_a_source_that_was_never_walked_and_one_that_is_configured_no_more_are_there_too() -> None:
    lines = [SourceLine("fresh", "Fresh", None, True, moment(0)), SourceLine("old", None, State(None))]
    text = STATUSES["text"](lines, plain, None)
    assert "never" in text
    assert "not in selectors.toml" in text
    records = json.loads(STATUSES["json"](lines, plain, None))
    assert [record["configured"] for record in records] == [True, False]


def test_the_ledger_says_how_close_together_a_host_was_asked() -> None:
    assert "5.02 s  3 of 3 kept" in LEDGERS["text"]([Host()], plain, None)
    assert json.loads(LEDGERS["json"]([Host()], plain, None))[0]["smallest_gap"] == 5.02


def test_a_rebuild_shows_each_difference() -> None:
    assert rebuilt_text(Done()) == "news  2 walks, 1 entry: nothing differs\n"
    text = rebuilt_text(Done(differences=("abc title: 'a' -> 'b'",), doubts=("news walk 2: 0 entries",)), dry_run=True)
    assert text.splitlines() == [
        "news  2 walks, 1 entry: 1 line would differ",
        "  abc title: 'a' -> 'b'",
        "  in doubt: news walk 2: 0 entries",
    ]
