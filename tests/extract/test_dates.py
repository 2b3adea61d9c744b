"""Printed dates: read by declared formats, or not at all."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.extract import format_fault, read_date
from coopscrape.extract.dates import KNOWN, LANGUAGES, Names

FETCHED = "2018-07-01T12:00:00.000Z"


def read(text: str, *formats: str, language: str = "en", fetched: str = FETCHED) -> str | None:
    return read_date(text, formats, language, fetched)


@pytest.mark.parametrize(
    ("text", "fmt", "language", "iso"),
    [
        ("20 June 2018", "%d %B %Y", "en", "2018-06-20"),
        ("01 May 2019", "%d %B %Y", "en", "2019-05-01"),
        ("1 may 2019", "%d %B %Y", "en", "2019-05-01"),
        ("1st May, 2019", "%d %B, %Y", "en", "2019-05-01"),
        ("30 Aug 2011", "%d %b %Y", "en", "2011-08-30"),
        ("30 Sept. 2011", "%d %B %Y", "en", "2011-09-30"),
        ("JUNE\u00a020,\n2018", "%B %d, %Y", "en", "2018-06-20"),
        ("20\u200b June 2018", "%d %B %Y", "en", "2018-06-20"),
        ("Wednesday, 20 June 2018", "%A, %d %B %Y", "en", "2018-06-20"),
        ("Wed 20 June 2018 09:30 p.m.", "%a %d %B %Y %I:%M %p", "en", "2018-06-20"),
        ("25 septembre 2023", "%d %B %Y", "fr", "2023-09-25"),
        ("1er août 2020", "%d %B %Y", "fr", "2020-08-01"),
        ("6 FEVR. 2020", "%d %b %Y", "fr", "2020-02-06"),
        ("12 de junio de 2008", "%d de %B de %Y", "es", "2008-06-12"),
        ("5. März 2020", "%d. %B %Y", "de", "2020-03-05"),
        ("5 Maerz 2020", "%d %B %Y", "de-AT", "2020-03-05"),
        ("lunedì 1° giugno 2020", "%A %d %B %Y", "it", "2020-06-01"),
        ("2 de março de 2021", "%d de %B de %Y", "pt_BR", "2021-03-02"),
        ("02 Desembre 2025", "%d %B %Y", "ca", "2025-12-02"),
        ("2 d’abril de 2025", "%d d'%B de %Y", "ca", "2025-04-02"),
        ("3 mrt 2020", "%d %b %Y", "nl", "2020-03-03"),
        ("10.03.2022", "%d.%m.%Y", "xx", "2022-03-10"),
        ("6/8/10", "%d/%m/%y", "en", "2010-08-06"),
        ("20062018", "%d%m%Y", "en", "2018-06-20"),
        ("2018-06-20T23:30:00.000+02:00", "%Y-%m-%dT%H:%M:%S.%f%z", "en", "2018-06-20"),
        ("June 2018", "%B %Y", "en", "2018-06"),
        ("06/2018", "%m/%Y", "en", "2018-06"),
        ("2018", "%Y", "en", "2018"),
        ("1529452800", "unix", "en", "2018-06-20"),
        ("-86400", "unix", "en", "1969-12-31"),
        ("100% 2018", "100%% %Y", "en", "2018"),
    ],
)
def test_a_date_is_read_as_declared(text: str, fmt: str, language: str, iso: str) -> None:
    assert read(text, fmt, language=language) == iso


@pytest.mark.parametrize(
    ("text", "fmt"),
    [
        ("31 June 2018", "%d %B %Y"),
        ("29 February 2019", "%d %B %Y"),
        ("0 June 2018", "%d %B %Y"),
        ("32 June 2018", "%d %B %Y"),
        ("20 June 2018 (updated)", "%d %B %Y"),
        ("Date: 20 June 2018", "%d %B %Y"),
        ("20 June 20181", "%d %B %Y"),
        ("20 Juni 2018", "%d %B %Y"),
        ("20 junes 2018", "%d %B %Y"),
        ("20 auguſt 2018", "%d %B %Y"),
        ("20 June 0000", "%d %B %Y"),
        ("٢٠ June 2018", "%d %B %Y"),
        ("Monday 20 June 2018", "%A %d %B %Y"),
        ("2062018", "%d%m%Y"),
        ("20/13/2018", "%d/%m/%Y"),
        ("20.06.2018 25:00", "%d.%m.%Y %H:%M"),
        ("0", "unix"),
        ("1529452800000", "unix"),
        ("ongoing", "unix"),
        ("n/a", "%d %B %Y"),
        ("", "%d %B %Y"),
        ("20", "%d"),
        ("20 2018", "%d %Q"),
    ],
)
def test_a_wrong_date_is_worse_than_none(text: str, fmt: str) -> None:
    assert read(text, fmt) is None


def test_the_first_format_that_fits_wins() -> None:
    assert read("06/08/2010", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y") == "2010-08-06"
    assert read("20 June 2018") is None


def test_two_digits_of_a_year_turn_in_69() -> None:
    assert read("1.1.68", "%d.%m.%y") == "2068-01-01"
    assert read("1.1.69", "%d.%m.%y") == "1969-01-01"
    assert read("1.1.00", "%d.%m.%y") == "2000-01-01"


@pytest.mark.parametrize(
    ("text", "fmt", "fetched", "iso"),
    [
        ("20 June", "%d %B", "2018-07-01", "2018-06-20"),
        ("20 June", "%d %B", "2018-06-20", "2018-06-20"),
        ("20 June", "%d %B", "2018-06-19T23:00:00.000Z", "2018-06-20"),
        ("20 June", "%d %B", "2018-06-18", "2017-06-20"),
        ("1 January", "%d %B", "2018-12-31", "2019-01-01"),
        ("29 February", "%d %B", "2018-07-01", "2016-02-29"),
        ("31 June", "%d %B", "2018-07-01", None),
        ("August", "%B", "2018-07-01", "2017-08"),
        ("Wed 20 June", "%a %d %B", "2018-07-01", "2018-06-20"),
        ("Thu 20 June", "%a %d %B", "2018-07-01", None),
        ("20 June", "%d %B", "nonsense", None),
        ("29 February", "%d %B", "0003-01-01", None),
    ],
)
def test_a_missing_year_is_that_of_the_nearest_past(text: str, fmt: str, fetched: str, iso: str | None) -> None:
    assert read(text, fmt, fetched=fetched) == iso


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_means_two_months_or_two_days(language: str) -> None:
    for table, count in ((LANGUAGES[language].months, 12), (LANGUAGES[language].days, 7)):
        groups = [group.split() for group in table.split(",")]
        spellings = [spelling for group in groups for spelling in group]
        assert len(groups) == count
        assert len(spellings) == len(set(spellings))
        assert all(spelling == spelling.lower() for spelling in spellings)


def spelled(names: str, number: int, spelling: int) -> str:
    group = names.split(",")[number].split()
    return group[spelling % len(group)]


DAYS = st.dates(min_value=date(1000, 1, 1), max_value=date(9999, 12, 30))
CASE = st.sampled_from([str.lower, str.upper, str.title])


@given(DAYS, st.sampled_from(sorted(LANGUAGES)), st.integers(0, 5), CASE, st.sampled_from(["", "."]))
def test_what_is_printed_in_a_language_is_read_in_it(day: date, language: str, spelling: int, case, dot: str) -> None:  # type: ignore[no-untyped-def]
    names: Names = LANGUAGES[language]
    month = case(spelled(names.months, day.month - 1, spelling)) + dot
    weekday = case(spelled(names.days, day.weekday(), spelling))
    text = f"{weekday}, {day.day} {month} {day.year}"
    assert read(text, "%A, %d %B %Y", language=language) == day.isoformat()
    assert read(f"{month} {day.year}", "%b %Y", language=language) == day.isoformat()[:7]


@given(DAYS, st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%m.%d.%Y", "%Y%m%d", "%d-%m-%Y %H:%M:%S"]))
def test_numbers_are_read_back(day: date, fmt: str) -> None:
    assert read(f"{day:{fmt}}".replace(f"{day:%Y}", f"{day.year:04}"), fmt) == day.isoformat()


DIRECTIVE = st.sampled_from([f"%{name}" for name in KNOWN] + [" ", "/", ".", "%-d", "%Q", "%", "de", "unix"])
FORMATS = st.lists(DIRECTIVE, max_size=6).map("".join) | st.just("unix") | st.text(max_size=6)
_PIECES = "20 6 06 2018 18 June juin Wed . / - : 1529452800 31 29 February Feb st am +02:00"
TEXTS = st.lists(st.sampled_from([" ", *_PIECES.split()]) | st.text(max_size=2)).map("".join)
ISO = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@given(
    TEXTS,
    st.lists(FORMATS, max_size=3),
    st.sampled_from([*LANGUAGES, "xx", ""]),
    st.text(max_size=12) | st.just(FETCHED),
)
def test_only_dates_that_exist_come_out(text: str, formats: list[str], language: str, fetched: str) -> None:
    found = read_date(text, formats, language, fetched)
    if found is not None:
        assert ISO.fullmatch(found)
        date.fromisoformat((found + "-01-01")[:10])


@given(FORMATS)
def test_a_format_without_a_fault_can_be_used(fmt: str) -> None:
    read("20 June 2018", fmt)
    if format_fault(fmt) is None and fmt != "unix":
        assert "%" in fmt


@pytest.mark.parametrize(
    ("fmt", "words"),
    [
        ("%d %Q %Y", "%Q in '%d %Q %Y' is not known; known are %d %B"),
        ("%d %B %", "is not known"),
        ("%d %m %B %Y", "says the month twice"),
        ("%d %Y", "has a day (%d) without a month"),
        ("%H:%M", "says neither year (%Y) nor month (%B)"),
        ("DD.MM.YYYY", "is written like %d %B %Y"),
        ("", "is written like %d %B %Y"),
    ],
)
def test_a_format_that_cannot_be_says_why(fmt: str, words: str) -> None:
    assert words in (format_fault(fmt) or "")


@pytest.mark.parametrize("fmt", ["unix", "%d %B %Y", "%e. %h %y", "%-d/%-m/%Y", "%B %Y", "%Y", "%d %b", "%B"])
def test_a_format_that_can_be_has_no_fault(fmt: str) -> None:
    assert format_fault(fmt) is None
