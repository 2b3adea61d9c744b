"""How text fits a terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coopscrape.report.layout import cells, paragraph, table, wrap
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


NAMES = ("cooperative-news-de", "cooperative-news-en")
ROWS = [[(name, ""), ("complete", "good"), ("12", ""), ("2018-06-20 09:30", "")] for name in NAMES]
HEAD = ("source", "coverage", "pages", "next due (UTC)")


def test_a_table_that_is_too_wide_is_a_block_for_each_row() -> None:
    assert table(HEAD, ROWS[:1], plain, 54, numbers=("pages",)) == (
        "source               coverage  pages  next due (UTC)\ncooperative-news-de  complete     12  2018-06-20 09:30\n"
    )
    assert table(HEAD, ROWS, plain, 53) == (
        "cooperative-news-de\n  coverage complete  pages 12\n  next due (UTC) 2018-06-20 09:30\n"
        "\n"
        "cooperative-news-en\n  coverage complete  pages 12\n  next due (UTC) 2018-06-20 09:30\n"
    )


@given(st.lists(st.lists(TEXTS, min_size=4, max_size=4), max_size=4), st.integers(24, 100))
def test_no_table_is_wider_than_the_terminal_and_nothing_in_it_is_lost(rows: list[list[str]], width: int) -> None:
    text = table(HEAD, [[(" ".join(cell.split()), "") for cell in row] for row in rows], plain, width)
    assert all(cells(line) <= width for line in text.splitlines())
    assert all("".join(cell.split()) in "".join(text.split()) for row in rows for cell in row)
