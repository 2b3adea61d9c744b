"""Which walks count at a moment, whatever the clock did; and what is no moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.archive.asof import Settled, as_text, position

DAYS = st.integers(1, 27).map(lambda day: f"2018-06-{day:02}T09:00:00.000Z")


def settled(*finished: str) -> list[Settled]:
    return [Settled(n, at, n) for n, at in enumerate(finished, 1)]


@given(st.lists(DAYS, max_size=12).map(sorted), DAYS)
def test_while_the_clock_goes_on_what_ended_by_then_counts(finished: list[str], moment: str) -> None:
    assert position(moment, settled(*finished)) == sum(at <= moment for at in finished)


@given(st.lists(DAYS, min_size=3, max_size=12, unique=True).map(sorted), st.data())
def test_one_walk_with_a_wrong_clock_counts_between_its_neighbours(finished: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(finished) - 2))
    wrong = [*finished[:at], data.draw(st.sampled_from(["1970", "2098"])), *finished[at + 1 :]]
    for n, moment in enumerate(finished, 1):
        assert position(moment, settled(*wrong)) == (at + 1 if n == at else n)


@given(st.lists(DAYS, max_size=12), st.lists(DAYS, min_size=2, max_size=2).map(sorted))
def test_what_counted_once_counts_later_too(finished: list[str], moments: list[str]) -> None:
    earlier, later = (position(moment, settled(*finished)) for moment in moments)
    assert earlier <= later


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("2018", "2018"),
        (" 2018-06 ", "2018-06"),
        (date(2018, 6, 20), "2018-06-20"),
        ("2018-06-20 09:30", "2018-06-20T09:30"),
        ("2018-06-20T09:30:00.000Z", "2018-06-20T09:30:00.000Z"),
        (datetime(2018, 6, 20, 9, 30), "2018-06-20T09:30:00.000Z"),
        (datetime(2018, 6, 20, 9, 30, tzinfo=UTC), "2018-06-20T09:30:00.000Z"),
        (datetime(2018, 6, 20, 9, 30, tzinfo=timezone(timedelta(hours=2))), "2018-06-20T07:30:00.000Z"),
        ("run:12", "run:12"),
    ],
)
def test_a_moment_may_be_said_in_many_ways(said: str | date, text: str) -> None:
    assert as_text(said) == text


@pytest.mark.parametrize(
    "said", ["", "soon", "18", "2018-6", "2018-02-30", "2018-06-20T25", "2018-06-20T09:30+02:00", "run:"]
)
def test_what_is_no_moment_is_told_with_what_is_one(said: str) -> None:
    with pytest.raises(ValueError, match=r"is no moment. Understood are: 2018, .* run:12; all in UTC"):
        as_text(said)
