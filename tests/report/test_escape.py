"""What a page said must not steer a terminal."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from coopscrape.report.data import as_json
from coopscrape.report.escape import harmless, said

ANY_TEXT = st.text(st.characters(codec=None, categories=None))
STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_control_and_bidi_characters_are_shown_by_their_number() -> None:
    assert harmless("a\x1b[2Jb") == "a<U+001B>[2Jb"
    assert harmless("user\u202etxt.exe") == "user<U+202E>txt.exe"
    assert harmless("zero\u200bwidth") == "zero<U+200B>width"
    assert harmless("\x9b31m\x7f\r\b") == "<U+009B>31m<U+007F><U+000D><U+0008>"
    assert harmless("half a pair: \ud83d") == "half a pair: <U+D83D>"
    assert harmless("tag \U000e0041") == "tag <U+E0041>"


def test_what_is_only_text_stays_what_it_is() -> None:
    text = "Coopératives, 合作社, תעאונייה, no-break\u00a0space, 👩 e\u0301"
    assert harmless(text) == text


def test_line_feeds_stay_only_where_they_are_asked_for() -> None:
    assert harmless("a\nb") == "a<U+000A>b"
    assert harmless("a\nb", newlines=True) == "a\nb"


@given(ANY_TEXT)
def test_nothing_that_steers_comes_through(text: str) -> None:
    assert not {unicodedata.category(one) for one in harmless(text)} & STEERING
    assert {one for one in harmless(text, newlines=True) if unicodedata.category(one) in STEERING} <= {"\n"}


@given(ANY_TEXT)
def test_what_a_page_says_can_be_written_in_utf_8_on_one_line(text: str) -> None:
    assert len(said(text).encode().splitlines()) <= 1


@given(ANY_TEXT)
def test_json_keeps_the_value_and_steers_nothing(text: str) -> None:
    printed = as_json({"title": text})
    assert json.loads(printed) == {"title": _paired(text)}
    assert {one for one in printed if unicodedata.category(one) in STEERING} <= {"\n"}


def _paired(text: str) -> str:
    """Two halves of a pair that happen to stand side by side are a character, once they have been through JSON."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
