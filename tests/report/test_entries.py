"""The listing as it stands, an entry in full, its history."""

from __future__ import annotations

import json
from dataclasses import replace

from builders import content, moment
from coopscrape.model import Change, Entry, Kind, Proof, Version
from coopscrape.report import ENTRIES, HISTORIES, LISTS, plain
from coopscrape.report.entries import entries_text, entry_text, history_text

NEWS = "https://example.org/news"
ENTRY = Entry(
    id="0123456789abcdef",
    source="news",
    key="WCMS_1",
    number=2,
    place=2,
    content=content(
        "A story",
        category="News",
        date="2018-06-20",
        date_text="20 June 2018",
        summary="What it says.",
        link="https://example.org/1",
        author="A. Nonymous",
    ),
    versions=2,
    first_seen=moment(0),
    last_seen=moment(2),
)


def test_the_listing_reads_like_the_one_it_was_read_from() -> None:
    assert entries_text([ENTRY], {"news": "All the news"}).splitlines() == [
        "news  All the news   1 entry",
        "",
        "   2. 2018-06-20  News  01234567",
        "      A story",
        "        What it says.",
        "      author: A. Nonymous",
    ]


def test_the_fields_of_its_own_stand_on_one_line_below_an_entry() -> None:
    own = content("A story", author="A. Nonymous", room=None, place="Ghent", pages="12")
    assert entries_text([replace(ENTRY, content=own)], {}).splitlines()[3:] == [
        "      A story",
        "      author: A. Nonymous  place: Ghent  pages: 12",
    ]
    long = content("A story", author="A. Nonymous " * 20, place="Ghent")
    lines = entries_text([replace(ENTRY, content=long)], {}, width=80).splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[-1].endswith("Ghent")


def test_what_is_not_simply_there_says_so() -> None:
    missing = replace(ENTRY, missing_since=moment(1), missed=1)
    gone = replace(missing, gone_since=moment(1))
    slid = replace(ENTRY, slid_since=moment(1))
    text = entries_text([missing, gone, slid], {})
    assert "not shown since 2018-06-20 08:33, not yet confirmed" in text
    assert "gone since 2018-06-20 08:33" in text
    assert "slid off the end of the list" in text


def test_an_entry_that_lacks_everything_can_be_printed() -> None:
    bare = replace(ENTRY, content=content(None))
    assert "(no title)" in entries_text([bare], {})
    assert "(no title)" in entry_text(bare, {})


def test_an_entry_in_full_has_its_own_fields_and_what_was_printed() -> None:
    text = entry_text(ENTRY, {})
    assert "2018-06-20  (printed: 20 June 2018)" in text
    assert "author      A. Nonymous" in text
    assert "0123456789abcdef" in text


def test_a_history_names_page_and_snapshot_of_each_version() -> None:
    old = replace(ENTRY.content, title="The story")
    versions = [
        (Version(ENTRY.id, 1, moment(0), 7, 1, old), Proof(7, 1, 1, NEWS, moment(0), "a" * 64)),
        (Version(ENTRY.id, 2, moment(2), 9, 2, ENTRY.content), Proof(9, 3, 2, NEWS, moment(2), "b" * 64)),
    ]
    first = replace(ENTRY, versions=1)
    changes = [
        Change(1, 1, Kind.NEW, first, moment(0)),
        Change(2, 1, Kind.GONE, first, moment(1)),
        Change(3, 1, Kind.BACK, ENTRY, moment(2)),
        Change(3, 2, Kind.CHANGED, ENTRY, moment(2), "title", "The story", "A story"),
    ]
    lines = history_text(ENTRY, versions, changes).splitlines()
    assert [line for line in lines if line.startswith("version")] == [
        "version 1  seen from 2018-06-20 07:33 UTC",
        "version 2  seen from 2018-06-20 09:33 UTC",
    ]
    assert f"  snapshot sha256:{'b' * 64}" in lines
    assert "  page 2 of walk 3: https://example.org/news" in lines
    assert "  fetched 2018-06-20T09:33:20.000Z, row 9 of pages" in lines
    assert lines.index("  gone  2018-06-20 08:33 UTC, walk 2") < lines.index("  back  2018-06-20 09:33 UTC, walk 3")
    assert "  title: [-The-]{+A+} story" in lines
    record = json.loads(HISTORIES["json"](ENTRY, versions, changes, plain, None))
    assert [one["n"] for one in record["versions"]] == [1, 2]
    assert [one["kind"] for one in record["changes"]] == ["new", "gone", "back", "changed"]


def test_programs_get_every_field() -> None:
    (listed,) = json.loads(LISTS["json"]([ENTRY], {}, plain, None))
    assert listed == json.loads(ENTRIES["json"](ENTRY, {}, plain, None, None))
    assert listed["extra"] == {"author": "A. Nonymous"}
    assert listed["date_text"] == "20 June 2018"
