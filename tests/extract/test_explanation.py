"""What `try` shows is what a crawl does."""

from __future__ import annotations

from hypothesis import given

from coopscrape.extract import explain, extract
from coopscrape.extract.explanation import Failure
from coopscrape.model import Reading, Way
from extract.pages import CARDS, COOP, ILO, field, page, reading
from extract.test_page import READINGS, SOUP


def test_each_layout_says_whether_it_held_and_what_it_found() -> None:
    seen = explain(page(ILO), COOP)
    assert [(layout.name, layout.held, layout.items, layout.entries) for layout in seen.layouts] == [
        ("old", True, 3, 3),
        ("cards", False, 0, 0),
    ]
    assert seen.extraction == extract(page(ILO), COOP)
    assert (seen.charset, seen.charset_why) == ("utf-8", "Content-Type header")


def test_a_field_that_fails_says_where_and_why() -> None:
    old = explain(page(ILO), COOP).layouts[0]
    category, date = (next(f for f in old.fields if f.name == name) for name in ("category", "date"))
    assert (category.filled, category.optional) == (1, True)
    assert category.failures == (Failure(2, "", "it is blank"), Failure(3, None, "nothing in it is p.item-prehead"))
    assert date.filled == 2
    assert date.failures == (Failure(3, None, r"'ongoing' does not match ^\d{1,2} \p{L}+ \d{4}$"),)


def test_a_date_that_no_format_reads_says_so() -> None:
    how = reading(field("title", "b"), field("date", Way("i", format=("%d %B %Y", "%Y"))))
    (layout,) = explain(page("<li><b>T</b><i>ongoing</i>"), how).layouts
    assert layout.fields[1].failures == (Failure(1, "ongoing", "'ongoing' is no date in the formats %d %B %Y, %Y"),)


def test_the_ways_of_a_field_are_counted() -> None:
    how = reading(field("title", "b", Way("i", "title")))
    (layout,) = explain(page("<li><b>1</b><li><i title=2></i><li><b>3</b>"), how).layouts
    assert [(way.index, way.css, way.caught) for way in layout.fields[0].ways] == [(0, "b", 2), (1, "i @title", 1)]


def test_dates_whose_year_is_not_printed_are_counted() -> None:
    how = reading(field("title", "b"), field("date", Way("i", format=("%d %B %Y", "%d %B"))))
    items = (
        "<li><b>1</b><i>20 June</i><li><b>2</b><i>20 June 2018</i><li><b>3</b><i>29 February</i><li><b>4</b><i>-</i>"
    )
    seen = explain(page(items), how)
    (layout,) = seen.layouts
    assert [row.content.date for row in seen.extraction.rows] == ["2018-06-20", "2018-06-20", "2016-02-29", None]
    assert (layout.fields[1].filled, layout.fields[1].inferred) == (3, 2)
    always = reading(field("title", "b"), field("date", Way("i", format=("%d %B %Y", "%B"))))
    assert explain(page("<li><b>1</b><i>20 June 2018</i>"), always).layouts[0].fields[1].inferred == 0


def test_dropped_items_are_told_with_their_place() -> None:
    html = "<div class=ilo--card><p class=ilo--card--title>Advert</p></div>"
    (layout,) = explain(page(html), Reading((CARDS,))).layouts
    assert layout.dropped == ((1, "no date"),)
    assert layout.fields[0].filled == 0, "counted in entries"


def test_trouble_is_told() -> None:
    seen = explain(page(b"%PDF-1.4"), COOP)
    assert seen.extraction.trouble == "this is a PDF file, not an HTML page"
    assert seen.layouts == ()


@given(SOUP, READINGS)
def test_it_never_raises_and_counts_what_extract_takes(html: str, how: Reading) -> None:
    seen, taken = explain(page(html), how), extract(page(html), how)
    if seen.extraction.trouble is None:
        assert seen.extraction == taken
        held = next((layout for layout in seen.layouts if layout.held), None)
        assert (held.entries if held else 0) == len(taken.rows)
