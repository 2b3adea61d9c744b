"""Patterns of selectors.toml."""

from __future__ import annotations

import pytest

from coopscrape.extract import compile_pattern, pattern_fault


def test_letters_of_every_script_are_letters() -> None:
    assert compile_pattern(r"\d{1,2} \p{L}+ \d{4}").fullmatch("1 février 2020")
    assert compile_pattern(r"[\p{Lu}']+").fullmatch("L'ÉTÉ")


@pytest.mark.parametrize("pattern", ["(", "[a", "*", r"\p{Nonsense}", "(?P<a>x", "a{1,99999999999}", "\\"])
def test_what_is_no_pattern_says_why(pattern: str) -> None:
    assert "is no regular expression: " in (pattern_fault(pattern) or "")


@pytest.mark.parametrize("pattern", ["", "a", r"(?<year>\d{4})", r"WCMS_(\d+)"])
def test_a_pattern_has_no_fault(pattern: str) -> None:
    assert pattern_fault(pattern) is None
