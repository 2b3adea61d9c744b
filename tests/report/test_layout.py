"""How text fits a terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coopscrape.report.layout import cells, clip, paragraph, table, wrap
from coopscrape.report.paint import plain

TEXTS = st.text(st.sampled_from("ab  é\u0301合👩-"), max_size=60)


def test_a_wide_character_takes_two_cells_and_an_accent_none() -> None:
    assert cells("abc") == 3
    assert cells("合作社") == 6
    assert cells("e\u0301") == 1


@given(TEXTS, st.integers(2, 30))
def test_no_line_is_wider_than_the_terminal(text: str, width: int) -> None:
    lines = wrap([(text, "")], width)
    assert all(sum(cells(part) for part, _ in line) <= width for line in lines)
    assert "".join(part for line in lines for part, _ in line).replace(" ", "") == text.replace(" ", "")


@given(TEXTS, st.integers(0, 30))
def test_a_clipped_text_fits(text: str, width: int) -> None:
    assert cells(clip(text, width)) <= width


def test_a_pipe_has_no_end_of_line() -> None:
    assert paragraph([("word " * 100, "")], plain, None, "  ") == ["  " + ("word " * 100).strip()]


def test_a_style_begins_anew_on_each_line() -> None:
    assert paragraph([("one two", "title")], lambda text, style: f"<{style}:{text}>", 22, " " * 19, "> ") == [
        "> <title:one two>",
    ]
    assert wrap([("one two", "title")], 3) == [[("one", "title")], [("two", "title")]]


def test_columns_line_up_whatever_the_script() -> None:
    text = table(("name", "n"), [[("合作", ""), ("1", "")], [("abcd", ""), ("12", "")]], plain, None, numbers=("n",))
    assert text == "name   n\n合作   1\nabcd  12\n"


def test_the_flexible_column_gives_way() -> None:
    rows = [[("a-very-long-name-of-a-source", ""), ("1", "")]]
    assert table(("source", "n"), rows, plain, 20, flexible="source") == "source             n\na-very-long-name…  1\n"
    assert "a-very-long-name-of-a-source" in table(("source", "n"), rows, plain, None, flexible="source")
