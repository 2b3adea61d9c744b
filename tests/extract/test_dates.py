"""Printed dates: read by declared formats, or not at all."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.extract import format_fault, read_date
from coopscrape.extract.dates import KNOWN, WORDS_ALONE, table

FETCHED = "2018-07-01T12:00:00.000Z"


def read(text: str, *formats: str, language: str = "en", fetched: str = FETCHED) -> str | None:
    return read_date(text, formats, language, fetched)


VECTORS = [
    tuple(line.split("\t"))
    for line in Path(__file__).with_name("dates.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("language", "formats", "text", "fetched", "iso"), VECTORS)
def test_a_date_is_read_as_declared_and_a_wrong_one_is_worse_than_none(
    language: str, formats: str, text: str, fetched: str, iso: str
) -> None:
    found = read(text, *formats.split("|"), language=language, fetched=f"{fetched}T12:00:00.000Z")
    assert (found or "-") == iso


def test_the_table_of_dates_is_long_and_holds_what_is_none() -> None:
    assert len(VECTORS) >= 300
    assert sum(row[-1] == "-" for row in VECTORS) >= 60
    assert len({row[0] for row in VECTORS}) >= 50


@pytest.mark.parametrize("text", ["JUNE\u00a020,\n2018", "June\u202f20,\u2009 2018", "Ju\u00adne 20\u200b, 2018"])
def test_blanks_and_invisible_characters_say_nothing(text: str) -> None:
    assert read(text, "%B %d, %Y") == "2018-06-20"


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_the_form_of_unicode_says_nothing(form: Literal["NFC", "NFD", "NFKC", "NFKD"]) -> None:
    for language, formats, text, fetched, iso in VECTORS:
        if iso != "-" and "any" not in formats:
            changed = unicodedata.normalize(form, text)
            assert read(changed, *formats.split("|"), language=language, fetched=fetched) == iso, text


def test_prose_is_no_date_however_long() -> None:
    assert read("20 June 2018 " * 100_000, "%d %B %Y") is None


@pytest.mark.parametrize(
    ("text", "fmt", "zone", "iso"),
    [
        ("2018-06-20T23:30:00Z", "iso", None, "2018-06-20"),
        ("2018-06-20T23:30:00Z", "iso", "Europe/Brussels", "2018-06-21"),
        ("2018-06-20T23:30:00+02:00", "iso", "Europe/Brussels", "2018-06-20"),
        ("2018-06-20T00:30:00+02:00", "iso", "UTC", "2018-06-19"),
        ("2018-06-20T00:30:00-0300", "iso", "Asia/Tokyo", "2018-06-20"),
        ("2018-06-20T23:30:00", "iso", "Asia/Tokyo", "2018-06-20"),
        ("2018-06-20", "iso", "Asia/Tokyo", "2018-06-20"),
        ("2018-06", "iso", "Asia/Tokyo", "2018-06"),
        ("Wed, 20 Jun 2018 11:30 PM GMT", "%a, %d %b %Y %I:%M %p %z", "Europe/Brussels", "2018-06-21"),
        ("Wed, 20 Jun 2018 23:30 CET", "%a, %d %b %Y %H:%M %Z", "Asia/Tokyo", "2018-06-20"),
        ("1529533800", "unix", None, "2018-06-20"),
        ("1529533800", "unix", "Europe/Brussels", "2018-06-21"),
        ("1529533800000", "unix-ms", "Europe/Brussels", "2018-06-21"),
        ("1529533800", "unix", "America/New_York", "2018-06-20"),
        ("9999-12-31T23:30:00-11:00", "iso", "Europe/Brussels", None),
        ("today", "any", "Asia/Tokyo", "2018-07-01"),
    ],
)
def test_the_zone_of_a_source_says_which_day_a_moment_is_of(text: str, fmt: str, zone: str | None, iso: str) -> None:
    assert read_date(text, [fmt], "en", FETCHED, zone) == iso


def test_today_is_that_of_the_source_s_zone() -> None:
    late = "2018-07-01T22:00:00.000Z"
    assert read_date("today", ["any"], "en", late) == "2018-07-01"
    assert read_date("today", ["any"], "en", late, "Asia/Tokyo") == "2018-07-02"


def test_without_dateparser_a_format_that_needs_it_says_so_and_the_others_work() -> None:
    script = (
        "import sys; sys.modules['dateparser'] = None\n"
        "from coopscrape.extract import format_fault, read_date\n"
        "print(format_fault('any')); print(read_date('20 June 2018', ['%d %B %Y'], 'en', '2018-07-01'))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "'any' needs the package dateparser: pip install 'coopscrape[dates]'\n2018-06-20\n"


def test_dateparser_is_not_imported_where_no_format_asks_for_it() -> None:
    script = (
        "import sys\nfrom coopscrape.extract import read_date\n"
        "read_date('20 June 2018', ['%d %B %Y', 'iso', 'unix'], 'en', '2018-07-01'); print('dateparser' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


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


DAYS = st.dates(min_value=date(1000, 1, 1), max_value=date(2118, 12, 31))


@given(DAYS, st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%m.%d.%Y", "%Y%m%d", "%d-%m-%Y %H:%M:%S"]))
def test_numbers_are_read_back(day: date, fmt: str) -> None:
    assert read(f"{day:{fmt}}".replace(f"{day:%Y}", f"{day.year:04}"), fmt) == day.isoformat()


DIRECTIVE = st.sampled_from([f"%{name}" for name in KNOWN] + [" ", "/", ".", "%-d", "%EY", "%Q", "%", "de", "unix"])
FORMATS = st.lists(DIRECTIVE, max_size=6).map("".join) | st.just("unix") | st.text(max_size=6)
_PIECES = "20 6 06 2018 18 June juin Wed . / - : 1529452800 31 29 February Feb st am +02:00"
TEXTS = st.lists(st.sampled_from([" ", *_PIECES.split()]) | st.text(max_size=2)).map("".join)
ISO = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@given(
    TEXTS,
    st.lists(FORMATS, max_size=3),
    st.sampled_from([*table(), "xx", ""]),
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
    if format_fault(fmt) is None and fmt not in WORDS_ALONE:
        assert "%" in fmt


@pytest.mark.parametrize(
    ("fmt", "words"),
    [
        ("%d %Q %Y", "%Q in '%d %Q %Y' is not known; known are %d %B"),
        ("%d %B %", "is not known"),
        ("%d %m %B %Y", "says the month twice"),
        ("%d %B %Y %p%p", "says %p twice"),
        ("%d %Y", "has a day (%d) without a month"),
        ("%H:%M", "says neither year (%Y) nor month (%B)"),
        ("DD.MM.YYYY", "is written like %d %B %Y"),
        ("", "is written like %d %B %Y"),
    ],
)
def test_a_format_that_cannot_be_says_why(fmt: str, words: str) -> None:
    assert words in (format_fault(fmt) or "")


GOOD = [*WORDS_ALONE, "%d %B %EY", "%d %B %Y", "%e. %h %y", "%-d/%-m/%Y", "%B %Y", "%Y", "%d %b", "%B"]


@pytest.mark.parametrize("fmt", GOOD)
def test_a_format_that_can_be_has_no_fault(fmt: str) -> None:
    assert format_fault(fmt) is None
