"""Names of months and weekdays: what the CLDR prints in a language is read in it, and in no other as another day."""

from __future__ import annotations

import sys
from collections import defaultdict
from datetime import date
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import pytest
from babel import Locale
from babel.dates import format_date, parse_pattern
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.extract import format_fault, read_date
from coopscrape.extract.dates.names import FILE, fold, names, table

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import make_date_names

LANGUAGES = sorted(table())
FETCHED = "2018-07-01T12:00:00.000Z"
DAYS = st.dates(min_value=date(1000, 1, 1), max_value=date(2118, 12, 31))
DIGITS = {"ar": "٠١٢٣٤٥٦٧٨٩", "fa": "۰۱۲۳۴۵۶۷۸۹", "hi": "०१२३४५६७८९", "mr": "०१२३४५६७८९", "bn": "০১২৩৪৫৬৭৮৯"}
DIRECTIVES = {"d": "%d", "M": "%m", "L": "%m", "y": "%Y", "E": "%A", "c": "%A", "G": ""}


def test_the_file_is_what_the_script_makes_of_the_cldr() -> None:
    assert FILE.read_text(encoding="utf-8") == make_date_names.text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_means_two_months_or_two_days(language: str) -> None:
    for kind, count in (("months", 12), ("days", 7)):
        spellings = [fold(one) for each in table()[language][kind] for one in each.split("|")]
        assert len(table()[language][kind]) == count
        assert len(spellings) == len(set(spellings))
        assert set(getattr(names(language), kind).values()) == set(range(1, count + 1))


@lru_cache
def declared(language: str, width: str) -> str:
    """The CLDR's own pattern of a date, `d. MMMM y`, as a format of selectors.toml."""
    pattern = str(Locale.parse(language).date_formats[width].pattern)
    tokens = str(parse_pattern(pattern).format)  # a text for "%": the directives by name, literals as they are
    fields = {"d", "dd", "M", "MM", "MMM", "MMMM", "L", "LL", "LLL", "LLLL", "y", "yy", "E", "EEEE", "ccc", "cccc", "G"}
    return tokens % {one: _directive(one) for one in fields}


def _directive(field: str) -> str:
    named = field[0] in "ML" and len(field) >= 3
    return "%B" if named else "%y" if field == "yy" else DIRECTIVES[field[0]]


@given(DAYS, st.sampled_from(LANGUAGES), st.sampled_from(["medium", "long", "full"]), st.booleans(), st.booleans())
def test_every_day_that_the_cldr_prints_is_read_back(
    day: date, language: str, width: str, loud: bool, own_digits: bool
) -> None:
    fmt = declared(language, width)
    if "%y" in fmt:
        day = day.replace(year=1969 + day.year % 100, day=min(day.day, 28))
    text = format_date(day, width, locale=language)
    if language == "th":
        text = text.replace("ค.ศ.", "")  # the era, which is the usual one
    text = text.upper() if loud else text
    if own_digits and language in DIGITS:
        text = text.translate(dict(zip(map(ord, "0123456789"), DIGITS[language], strict=True)))
    assert format_fault(fmt) is None
    assert read_date(text, [fmt], language, FETCHED) == day.isoformat(), (text, fmt)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_month_and_every_weekday_that_the_cldr_prints_is_read_back(language: str) -> None:
    for width in ("medium", "long", "full"):
        for day in (date(2018, month, 2 * month) for month in range(1, 13)):
            text = format_date(day, width, locale=language).replace("ค.ศ.", "")
            assert read_date(text, [declared(language, width)], language, FETCHED) == day.isoformat(), text


# Croatian has kept month names that Czech and Polish use for the month after or before. Each is right in its language.
FALSE_FRIENDS = {"lip": "hr pl", "lis": "cs hr pl", "listopad": "cs hr pl", "listopada": "hr pl", "srp": "cs hr"}


def test_no_month_of_one_language_is_another_month_in_a_second_but_for_those_that_are() -> None:
    meant: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for language in LANGUAGES:
        for spelling, number in names(language).months.items():
            meant[spelling][number].add(language)
    differ = {spelling: months for spelling, months in meant.items() if len(months) > 1}
    assert {one: " ".join(sorted(set().union(*months.values()))) for one, months in differ.items()} == FALSE_FRIENDS


NEIGHBOURS = [pair for pair in combinations(LANGUAGES, 2) if not {"hr"} & {*pair} or not {"cs", "pl"} & {*pair}]


@given(DAYS, st.sampled_from(NEIGHBOURS), st.sampled_from(["long", "medium"]), st.booleans())
def test_no_date_of_one_language_is_another_date_in_a_second(
    day: date, pair: tuple[str, str], width: str, swapped: bool
) -> None:
    mine, other = reversed(pair) if swapped else pair
    fmt = declared(mine, width)
    if "%y" not in fmt:
        text = format_date(day, width, locale=mine)
        assert read_date(text, [fmt], other, FETCHED) in (None, day.isoformat())


def test_every_range_of_two_days_is_read_as_its_first() -> None:
    for language in LANGUAGES:
        fmt = declared(language, "long")
        first, last = (format_date(day, "long", locale=language) for day in (date(2018, 6, 12), date(2018, 7, 3)))
        if language != "th":
            assert read_date(f"{first} ~ {last}", [fmt], language, FETCHED) == "2018-06-12", language
            assert read_date(f"{last} ~ {first}", [fmt], language, FETCHED) is None, language
