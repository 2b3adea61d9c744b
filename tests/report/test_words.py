"""How an edit is shown, word by word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coopscrape.report.layout import wrap
from coopscrape.report.paint import plain
from coopscrape.report.words import Fate, difference, word_diff

TEXTS = st.text(st.sampled_from("ab  \t.é合作社\u3000"), max_size=40) | st.text(max_size=30)


def shown(old: str, new: str) -> str:
    return "".join(text for text, _ in difference(old, new, plain))


def test_only_the_words_that_differ_are_marked() -> None:
    assert shown("fairer and ethical trade", "fair and ethical trade") == "[-fairer-]{+fair+} and ethical trade"
    assert shown("training organized", "training of trainers organized") == "training {+of trainers+} organized"
    assert shown("one two three", "one three") == "one [-two-] three"


def test_neighbouring_words_that_differ_are_one_difference() -> None:
    assert shown("the quick red fox sleeps here", "the slow blue fox sleeps here") == (
        "the [-quick red-]{+slow blue+} fox sleeps here"
    )


def test_a_script_without_blanks_is_compared_character_by_character() -> None:
    assert shown("国际合作社日", "国际合作社周") == "国际合作社[-日-]{+周+}"


def test_a_text_with_nothing_in_common_is_another_text() -> None:
    assert shown("News", "Article") == "[-News-]{+Article+}"
    assert shown("a b c d e f g", "a t u v w x y z alpha beta") == "[-a b c d e f g-]{+a t u v w x y z alpha beta+}"


def test_with_colours_there_are_no_marks_but_a_blank_keeps_the_words_apart() -> None:
    spans = difference("fairer trade", "fair trade", lambda text, style: f"<{style}>{text}")
    assert [span for span in spans if span[0]] == [
        ("fairer", "removed"),
        (" ", ""),
        ("fair", "added"),
        (" trade", ""),
    ]


def test_a_very_long_text_is_not_compared_for_minutes() -> None:
    pieces = word_diff("a b " * 50_000, "b a " * 50_000)
    assert {fate for fate, _ in pieces} == {Fate.REMOVED, Fate.ADDED}


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_out_of_their_difference(old: str, new: str) -> None:
    pieces = word_diff(old, new)
    assert "".join(text for fate, text in pieces if fate is not Fate.ADDED) == old
    assert "".join(text for fate, text in pieces if fate is not Fate.REMOVED) == new


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert {fate for fate, _ in word_diff(text, text)} <= {Fate.SAME}


@given(TEXTS, TEXTS)
def test_no_word_of_a_difference_is_lost_on_the_way_to_the_page(old: str, new: str) -> None:
    lines = wrap(difference(old, new, plain), 10)
    assert "".join("".join(shown(old, new).split())) == "".join(
        "".join(text.split()) for line in lines for text, _ in line
    )
