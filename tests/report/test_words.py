"""How an edit is shown, word by word."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopscrape.report.layout import wrap
from coopscrape.report.paint import plain
from coopscrape.report.words import STEPS_AT_MOST, Fate, difference, word_diff

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


@contextmanager
def at_most(steps: int) -> Iterator[None]:
    """Fails as soon as difflib has taken more steps than that, in lines of its code."""
    left = steps

    def line(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            assert left > 0, f"more than {steps} steps"
        return line

    def call(frame: FrameType, event: str, _: Any) -> Any:
        return line if frame.f_code.co_filename == difflib.__file__ else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        yield
    finally:
        sys.settrace(before)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a b " * 50_000 + "a", "b a " * 50_000 + "b"),
        (" ".join(f"x{n} a" for n in range(490)), " ".join(f"y{n} a" for n in range(490))),
        ("日" * 1999, "日月" * 999),
        ("a " * 1900 + "b", "c " + "a " * 1900),
    ],
)
def test_no_text_keeps_us_busy_for_long(old: str, new: str) -> None:
    with at_most(5 * STEPS_AT_MOST):
        pieces = word_diff(old, new)
    assert {fate for fate, _ in pieces} == {Fate.REMOVED, Fate.ADDED}


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(["a", "b", "日", "x y", "\u3000"]), max_size=30), st.integers(1, 40))
def test_the_steps_are_few_whatever_is_repeated(words: list[str], times: int) -> None:
    with at_most(5 * STEPS_AT_MOST):
        word_diff(" ".join(words) * times, " ".join(reversed(words)) * times)


def test_a_long_text_with_many_edits_is_still_shown_word_by_word() -> None:
    words = [f"word{n % 700}" for n in range(3_000)]
    edited = [f"{word}s" if n % 100 == 50 else word for n, word in enumerate(words)]
    pieces = word_diff(" ".join(words), " ".join(edited))
    assert sum(fate is Fate.ADDED for fate, _ in pieces) == 30


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
