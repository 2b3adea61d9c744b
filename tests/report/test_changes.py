"""What is new, as people and programs read it."""

from __future__ import annotations

import json

from builders import content, moment
from coopscrape.model import Change, Content, Entry, Kind
from coopscrape.report import FORMATS, plain
from coopscrape.report.changes import changes_text, tally


def entry(number: int, said: Content, source: str = "news") -> Entry:
    return Entry(
        id=f"{number:016x}",
        source=source,
        key=f"key-{number}",
        number=number,
        place=number,
        content=said,
        versions=1,
        first_seen=moment(0),
        last_seen=moment(0),
    )


def change(n: int, kind: Kind, of: Entry, *edit: str | None, walk: int = 1) -> Change:
    field, old, new = edit or (None, None, None)
    return Change(walk, n, kind, of, moment(walk), field, old, new)


STORY = entry(
    3,
    content("A story", category="News", date="2018-06-20", summary="What it says.", link="https://example.org/items/3"),
)


def test_nothing_is_the_empty_text_and_the_empty_list() -> None:
    assert FORMATS["text"]([], {}, plain, None) == ""
    assert FORMATS["json"]([], {}, plain, None) == "[]\n"


def test_a_change_shows_mark_number_date_category_title_and_link() -> None:
    text = changes_text([change(1, Kind.NEW, STORY)], {"news": "All the news"})
    assert text.splitlines() == [
        "news  All the news   1 new",
        "",
        "  seen 2018-06-20 08:33 UTC, walk 1",
        "",
        "  +   3. 2018-06-20  News  00000000",
        "         A story",
        "         https://example.org/items/3",
        "           What it says.",
    ]


def test_the_fields_of_an_entry_that_changed_in_one_walk_stand_together() -> None:
    changes = [
        change(1, Kind.BACK, STORY),
        change(2, Kind.CHANGED, STORY, "title", "The story", "A story"),
        change(3, Kind.CHANGED, STORY, "category", None, "News"),
    ]
    lines = changes_text(changes, {}).splitlines()
    assert lines[0] == "news   1 back"
    assert lines[-2:] == ["         title: [-The-]{+A+} story", "         category: {+News+}"]
    assert sum("3. 2018-06-20" in line for line in lines) == 1


def test_entries_are_counted_not_fields() -> None:
    other = entry(4, content("Another"))
    changes = [
        change(1, Kind.CHANGED, STORY, "title", "a", "b"),
        change(2, Kind.CHANGED, STORY, "summary", "a", "b"),
        change(3, Kind.GONE, other),
    ]
    assert tally(changes) == "1 changed, 1 gone"


def test_an_element_that_went_and_one_that_is_blank_are_told_apart() -> None:
    text = changes_text([change(1, Kind.CHANGED, STORY, "summary", "", None)], {})
    assert "summary: was blank, is absent" in text


def test_sources_and_walks_are_kept_apart() -> None:
    other = entry(1, content("Elsewhere"), source="a-source")
    changes = [change(1, Kind.NEW, STORY), change(1, Kind.NEW, other, walk=2), change(1, Kind.GONE, STORY, walk=3)]
    lines = changes_text(changes, {}).splitlines()
    assert [line for line in lines if line and not line.startswith(" ")] == ["a-source   1 new", "news   1 new, 1 gone"]
    assert sum("walk" in line for line in lines) == 3


def test_what_a_page_says_cannot_break_out_of_its_line() -> None:
    evil = entry(1, content("\x1b[31mred\nfake: line", summary="\u202eevil", link="https://e.org/\x9b2J"))
    changes = [change(1, Kind.NEW, evil), change(2, Kind.CHANGED, evil, "title", "a\x1b[0m b", "b\u2066 c")]
    text = changes_text(changes, {"news": "title\x07"})
    assert not {one for one in text if not one.isprintable()} - {"\n"}
    assert "<U+001B>[31mred fake: line" in text


def test_json_has_stable_keys() -> None:
    records = json.loads(FORMATS["json"]([change(1, Kind.CHANGED, STORY, "title", "x", "y")], {}, plain, None))
    assert [list(record) for record in records] == [
        [
            "source",
            "entry",
            "key",
            "kind",
            "at",
            "walk",
            "number",
            "title",
            "category",
            "date",
            "date_text",
            "link",
            "field",
            "old",
            "new",
            "summary",
        ]
    ]
    assert records[0]["kind"] == "changed"
    assert records[0]["old"] == "x"


def test_every_line_fits_the_terminal_but_for_links() -> None:
    long = entry(1, content("word " * 40, summary="more " * 40, category="c" * 30, link="https://e.org/" + "x" * 90))
    lines = changes_text([change(1, Kind.NEW, long)], {"news": "A long title of a listing"}, width=50).splitlines()
    assert all(len(line) <= 50 for line in lines if "https://" not in line)
    assert any(line.strip() == long.content.link for line in lines)
