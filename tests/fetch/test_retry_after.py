"""How long a server asks to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.fetch.retry_after import A_YEAR, retry_after

NOW = 784_111_777.0  # 1994-11-06T08:49:37Z, the moment of RFC 9110 section 5.6.7


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60.0),
        ("Sunday, 06-Nov-94 08:50:37 GMT", 60.0),
        ("Sun Nov  6 08:50:37 1994", 60.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
    ],
)
def test_seconds_and_all_three_forms_of_a_date_are_read(value: str, seconds: float) -> None:
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "-5",
        "+5",
        "1.5",
        "5 s",
        "٥",
        "soon",
        "Sun, 06 Nov 1994 08:49:36 GMT",
        "Sun, 99 Nov 1994 08:49:36 GMT",
        "Sun, 06 Nov 99999999999 08:49:36 GMT",
    ],
)
def test_junk_negative_and_past_are_no_wish(value: str | None) -> None:
    assert retry_after(value, NOW) is None


@pytest.mark.parametrize("value", ["9" * 400, "9" * 10_000, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_nobody_is_asked_to_wait_longer_than_a_year(value: str) -> None:
    assert retry_after(value, NOW) == A_YEAR


@given(st.one_of(st.none(), st.text(), st.from_regex(r"[+-]?[0-9]+(\.[0-9]+)?")), st.floats(0, 4e9))
def test_no_value_crashes_or_asks_for_less_than_nothing(value: str | None, now: float) -> None:
    seconds = retry_after(value, now)
    assert seconds is None or 0 <= seconds <= A_YEAR


@given(st.integers(0, 4_000_000_000), st.integers(0, int(A_YEAR)))
def test_a_date_says_the_same_as_the_seconds_until_then(now: int, seconds: int) -> None:
    date = format_datetime(datetime.fromtimestamp(now + seconds, UTC), usegmt=True)
    assert retry_after(date, now) == retry_after(str(seconds), now) == seconds
