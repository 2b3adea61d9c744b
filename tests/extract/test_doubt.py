"""Is this still the listing we know?"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.extract import doubts, fills, shown
from coopscrape.model import Content, End, Ended, Extraction, Reading, Row, Sight, Source, Usual, Walk
from extract.pages import OLD, field

LISTING = Ended(End.LISTING, "page 2: no further page")
LAYOUT = replace(OLD, fields=(field("title", "a"), field("date", "i"), field("summary", "p", optional=True)))
SOURCE = Source("coop", "Coop", "https://www.example.org/", Reading((LAYOUT,), must_contain="div.list"))
FULL = Content(title="T", date="2018-06-20", date_text="20 June 2018", summary="S", link="https://example.org/x")


def row(n: int, **more: str | None) -> Row:
    return Row(str(n), replace(FULL, title=f"T{n}", **more))  # type: ignore[arg-type]


def walk(*pages: list[Row] | Extraction, ended: Ended = LISTING) -> Walk:
    read = [p if isinstance(p, Extraction) else Extraction(tuple(p), "old", items=len(p)) for p in pages]
    sights = tuple(Sight(n, n, "2018-07-01T00:00:00.000Z", each) for n, each in enumerate(read, 1))
    return Walk(1, "coop", "", "", sights, ended)


def rows(first: int, last: int, **more: str | None) -> list[Row]:
    return [row(n, **more) for n in range(first, last + 1)]


USUAL = Usual(20, 2, (("category", 0.0), ("date", 1.0), ("link", 1.0), ("summary", 0.9), ("title", 1.0)))


def test_the_listing_as_it_is_known_is_not_doubted() -> None:
    assert doubts(SOURCE, walk(rows(1, 10), rows(11, 20)), USUAL) == ()
    assert doubts(SOURCE, walk(rows(1, 10), rows(11, 20)), None) == ()


def test_a_short_last_page_and_an_empty_one_behind_it_are_not_doubted() -> None:
    assert doubts(SOURCE, walk(rows(1, 10), rows(11, 12, date=None), []), USUAL) == ()


def test_no_page_at_all_is_doubted() -> None:
    assert doubts(SOURCE, walk(ended=Ended(End.CUT, "killed")), None) == ("no page was read: killed",)


@pytest.mark.parametrize(
    ("strange", "words"),
    [
        (
            Extraction(trouble="this is JSON, not an HTML page", must_contain=False),
            "page 2: this is JSON, not an HTML page",
        ),
        (Extraction(layout=None), "page 2: no layout reads it, none of the guards 'div.items-list' was found"),
        (
            Extraction(tuple(rows(11, 20)), "old", must_contain=False),
            "page 2: must_contain 'div.list' was not found",
        ),
    ],
)
def test_a_page_that_is_not_the_listing_is_doubted(strange: Extraction, words: str) -> None:
    assert doubts(SOURCE, walk(rows(1, 10), strange, ended=Ended(End.DOUBT, "x")), None) == (words,)


def test_a_listing_without_entries_is_doubted() -> None:
    assert doubts(SOURCE, walk([]), None) == ("page 1: no entries",)
    dropped = Extraction((), "old", items=2, dropped=("row 1: no title", "row 2: no title"))
    assert doubts(SOURCE, walk(dropped), None) == ("page 1: no entries, 2 items were dropped (row 1: no title)",)


def test_the_doubt_says_what_an_empty_page_seems_to_be() -> None:
    empty = Extraction((), "old", hint="it is made by a script")
    assert doubts(SOURCE, walk(empty), None) == ("page 1: no entries; it is made by a script",)


def test_a_walk_that_stopped_in_doubt_stays_doubted() -> None:
    assert doubts(SOURCE, walk(rows(1, 10), ended=Ended(End.DOUBT, "page 2: odd")), None) == ("page 2: odd",)


def test_a_field_empty_throughout_a_page_is_doubted() -> None:
    seen = walk(rows(1, 10), rows(11, 20, date=None))
    assert doubts(SOURCE, seen, USUAL) == ("page 2: date filled in 0 of 10 entries, usually 10 of 10",)


def test_a_field_empty_throughout_a_walk_is_doubted_once() -> None:
    assert doubts(SOURCE, walk([row(1, date=None)]), None) == ("page 1: date filled in 0 of 1 entry",)
    seen = walk(rows(1, 10, date=""), rows(11, 12, date=None))
    assert doubts(SOURCE, seen, USUAL) == ("pages 1 to 2: date filled in 0 of 12 entries, usually 12 of 12",)


def test_an_optional_field_may_be_empty_if_it_is_not_usually_there() -> None:
    assert doubts(SOURCE, walk(rows(1, 10, summary=None)), None) == ()
    fallen = doubts(SOURCE, walk(rows(1, 10), rows(11, 20, summary=None)), USUAL)
    assert fallen == (), "half of them are there"
    assert doubts(SOURCE, walk(rows(1, 20, summary=None)), USUAL) == ("summary filled in 0 of 20 entries, usually 18",)


def test_a_field_that_hardly_any_entry_has_now_is_doubted() -> None:
    seen = walk(rows(1, 2), rows(3, 12, link=None))
    assert doubts(SOURCE, seen, replace(USUAL, entries=12)) == ("link filled in 2 of 12 entries, usually 12",)


def test_far_fewer_entries_than_usual_are_doubted_only_at_the_listings_end() -> None:
    assert doubts(SOURCE, walk(rows(1, 9)), USUAL) == ("9 entries on 1 page, usually 20 on 2",)
    assert doubts(SOURCE, walk(rows(1, 10)), USUAL) == ()
    assert doubts(SOURCE, walk(rows(1, 9), ended=Ended(End.LIMIT, "max_pages")), USUAL) == ()
    assert doubts(SOURCE, walk([row(1)]), replace(USUAL, entries=3)) == ()


def test_one_title_for_all_is_doubted() -> None:
    seen = walk(
        [
            replace(r, content=replace(FULL, title=t))
            for r, t in zip(rows(1, 3), ("Read more", "Read\xa0more", "Read  more"), strict=True)
        ]
    )
    assert doubts(SOURCE, seen, None) == ("all 3 entries have one title, 'Read more'",)
    same = [Row("k", FULL)] * 3
    assert doubts(SOURCE, walk(same), None) == (), "one entry, three times"


def test_fills_are_shares_of_the_rows() -> None:
    extra = replace(row(3), content=replace(FULL, summary=" ", extra=(("place", "Geneva"),)))
    assert fills(walk([row(1), row(2, date=None)], [extra])) == (
        ("category", 0.0),
        ("date", 0.6667),
        ("link", 1.0),
        ("place", 0.3333),
        ("summary", 0.6667),
        ("title", 1.0),
    )
    assert fills(walk([])) == ()


def test_an_entry_that_stands_twice_is_shown_once() -> None:
    assert shown(walk([row(1), row(2)], [row(2)])) == 2


CONTENTS = st.builds(
    Content,
    title=st.sampled_from([None, "", "T", "U"]),
    date=st.sampled_from([None, "2018"]),
    link=st.none(),
    extra=st.sampled_from([(), (("place", "x"),), (("place", None),)]),
)
ROWS = st.lists(st.builds(Row, st.sampled_from("abcdef"), CONTENTS), max_size=8)


@given(st.lists(ROWS, max_size=4), st.sampled_from(End), st.none() | st.just(USUAL))
def test_every_walk_can_be_judged(pages: list[list[Row]], end: End, usual: Usual | None) -> None:
    seen = walk(*pages, ended=Ended(end, "why"))
    assert all(isinstance(doubt, str) for doubt in doubts(SOURCE, seen, usual))
    assert all(0 <= share <= 1 for _, share in fills(seen))


def test_a_walk_is_never_doubted_for_being_as_it_was() -> None:
    seen = walk(rows(1, 10), rows(11, 20, summary=None))
    assert doubts(SOURCE, seen, Usual(shown(seen), 2, fills(seen))) == ()


def test_whoever_only_judges_loads_no_html_parser() -> None:
    code = "import sys; from coopscrape.extract import doubts; assert not {'selectolax', 'regex'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
