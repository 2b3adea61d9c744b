"""How people say when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.cli.moments import AsOf, Since, as_of, day, moment, since
from coopscrape.model import epoch, stamp

NOW = epoch("2018-07-31T12:34:56.789Z")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", "2018-07-31T12:34:56.789Z"),
        ("today", "2018-07-31T00:00:00.000Z"),
        ("Yesterday", "2018-07-30T00:00:00.000Z"),
        ("3 days ago", "2018-07-28T12:34:56.789Z"),
        ("1 day", "2018-07-30T12:34:56.789Z"),
        ("an hour ago", "2018-07-31T11:34:56.789Z"),
        ("90 min ago", "2018-07-31T11:04:56.789Z"),
        ("2w", "2018-07-17T12:34:56.789Z"),
        ("10 s", "2018-07-31T12:34:46.789Z"),
        ("a month ago", "2018-06-30T12:34:56.789Z"),
        ("2 years ago", "2016-07-31T12:34:56.789Z"),
        ("2018", "2018-01-01T00:00:00.000Z"),
        ("2018-06", "2018-06-01T00:00:00.000Z"),
        ("2018-06-01", "2018-06-01T00:00:00.000Z"),
        ("2018-06-01T12:30", "2018-06-01T12:30:00.000Z"),
        ("2018-06-01 12:30:15", "2018-06-01T12:30:15.000Z"),
        ("2018-06-01T12:30:00+02:00", "2018-06-01T10:30:00.000Z"),
        ("2018-06-20T09:30:00.000Z", "2018-06-20T09:30:00.000Z"),
    ],
)
def test_moments_are_understood_as_they_are_meant(text: str, meant: str) -> None:
    assert moment(text, NOW) == meant


def test_a_run_is_no_moment_but_a_beginning() -> None:
    assert since("run:12", NOW) == Since("run:12", run=12)
    assert since("2018", NOW) == Since("2018", moment="2018-01-01T00:00:00.000Z")
    with pytest.raises(ValueError, match="is no moment"):
        moment("run:12", NOW)


@pytest.mark.parametrize(
    "text", ["", "soon", "3 fortnights ago", "2018-13-01", "-3 days ago", "run:", "99999 years ago"]
)
def test_what_is_not_understood_is_told_what_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"Understood are: .3 days ago., yesterday, 2018-06-01, .*run:12"):
        since(text, NOW)


@given(st.text(max_size=30) | st.from_regex(r"\A\d{1,9} ?(days|years|months|h)( ago)?\Z"))
def test_any_text_is_a_moment_or_an_error_in_words(text: str) -> None:
    try:
        found = moment(text, NOW)
    except ValueError as error:
        words = str(error)
    else:
        words = "is no moment" if stamp(epoch(found)) == found else f"{found} is odd"
    assert "is no moment" in words


def test_a_day_may_be_a_year_or_a_month_only() -> None:
    assert [day(text, NOW) for text in ("2018", "2018-06", "2018-06-01", "yesterday", "1 year ago")] == [
        "2018",
        "2018-06",
        "2018-06-01",
        "2018-07-30",
        "2017-07-31",
    ]
    with pytest.raises(ValueError, match="no date of the calendar"):
        day("2018-02-30", NOW)
    with pytest.raises(ValueError, match="is no date"):
        day("sometime", NOW)


@pytest.mark.parametrize(
    ("said", "text", "until"),
    [
        ("2018-06-20", "2018-06-20", "2018-06-20T09:00:00.000Z"),
        ("today", "2018-06-20", "2018-06-20T09:00:00.000Z"),
        ("yesterday", "2018-06-19", "2018-06-19T23:59:59.999Z"),
        ("2018-05", "2018-05", "2018-05-31T23:59:59.999Z"),
        ("2016-02", "2016-02", "2016-02-29T23:59:59.999Z"),
        ("2016", "2016", "2016-12-31T23:59:59.999Z"),
        ("2018-06-01T12:30", "2018-06-01T12:30:00.000Z", "2018-06-01T12:30:00.000Z"),
        ("3 days ago", "2018-06-17T09:00:00.000Z", "2018-06-17T09:00:00.000Z"),
        ("run: 12", "run:12", None),
    ],
)
def test_a_listing_is_as_of_the_end_of_what_is_named(said: str, text: str, until: str | None) -> None:
    assert as_of(said, 1_529_485_200.0) == AsOf(text, until)  # 2018-06-20T09:00:00Z


@pytest.mark.parametrize("said", ["2018-06-21", "2019", "2018-06-20T09:01", "soon", "2018-02-30", "", "run:", "9999"])
def test_a_listing_is_not_as_of_the_future_or_of_no_moment(said: str) -> None:
    with pytest.raises(ValueError, match=r"lies in the future|is no moment"):
        as_of(said, 1_529_485_200.0)
