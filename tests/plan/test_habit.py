"""When a source has come to a standstill, by its own past: a table, and what holds of all pasts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.model import Stale, Staleness, Visited
from coopscrape.plan.habit import PAUSES_KNOWN, SAME_FOR, TOO_LONG, staleness, usual

DAY = 86_400.0
SILENT, FROZEN, UNVISITED = Staleness.SILENT, Staleness.FROZEN, Staleness.UNVISITED


def visits(said: str) -> list[Visited]:
    """A visit a day: `n` news, `e` only other bytes, `s` the same bytes again, `3` a 304, `x` not believed, `_` none."""
    return [
        Visited(
            at=day * DAY,
            believed=one != "x",
            brought=one == "n",
            renewed=one in "ne",
            unchanged=one == "3",
        )
        for day, one in enumerate(said)
        if one != "_"
    ]


def told(said: str, every: float | None = DAY, now: float | None = None) -> list[tuple[Staleness, float, float | None]]:
    found = staleness(visits(said), every, (len(said) - 1) * DAY if now is None else now)
    return [(one.kind, one.length / DAY, None if one.usual is None else one.usual / DAY) for one in found]


DAILY = "nnnnnn"  # five pauses of a day
WEEKLY = "neeeeee" * 6


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", []),
        ("n", []),
        (DAILY, []),
        (DAILY + "eee", []),
        (DAILY + "eeee", [(SILENT, 4, 1)]),
        ("nnnnn" + "eeeeeeee", []),  # four pauses are no habit
        (WEEKLY + "e" * 14, []),
        (WEEKLY + "e" * 16, [(SILENT, 22, 7)]),
        (WEEKLY + "e" * 16 + "n", []),
        (DAILY + "n_________n" + "eee", []),  # the longest pause is not the habit, with nine shorter ones it is none
        ("n______" * 60 + "n" * 52 + "eeee", [(SILENT, 4, 1)]),  # habits change: it has long been daily
        (DAILY + "sss", []),
        (DAILY + "ssss", [(FROZEN, 4, 1)]),
        (DAILY + "3333", [(FROZEN, 4, 1)]),
        (WEEKLY + "3333", [(FROZEN, 4, 1)]),  # other bytes each day, news each week: it freezes before it is silent
        (DAILY + "eee" + "ss", [(SILENT, 5, 1)]),
        ("n" + "3" * (SAME_FOR - 1), []),
        ("n" + "3" * SAME_FOR, [(FROZEN, SAME_FOR, None)]),
        (DAILY + "___", []),
        (DAILY + "xxx", []),
        (DAILY + "xxxx", [(UNVISITED, 4, 1)]),
        (DAILY + "____", [(UNVISITED, 4, 1)]),
        ("xxxx", []),
        ("xxxxx", [(UNVISITED, 4, 1)]),
        ("n______n______n______n______n______n" + "_" * 21, []),  # whoever comes once a week is not missed after a day
        ("n______n______n______n______n______n" + "_" * 22, [(UNVISITED, 22, 7)]),
    ],
)
def test_a_standstill_is_what_is_much_longer_than_usual(
    said: str, expected: list[tuple[Staleness, float, float | None]]
) -> None:
    assert told(said) == expected


def test_what_is_not_configured_is_not_expected_to_be_visited() -> None:
    assert told(DAILY, every=None, now=1000 * DAY) == []


def test_a_source_that_is_to_be_visited_rarely_is_not_missed_soon() -> None:
    assert told(DAILY, every=30 * DAY, now=95 * DAY) == []
    assert told(DAILY, every=30 * DAY, now=96 * DAY) == [(UNVISITED, 91, 30)]


def test_whoever_sets_no_pause_is_measured_by_what_was_done() -> None:
    assert told("n", every=0, now=1000 * DAY) == []
    assert told(DAILY, every=0, now=9 * DAY) == [(UNVISITED, 4, 1)]


def test_a_clock_that_was_set_back_makes_nobody_stale() -> None:
    assert told(DAILY, now=-5 * DAY) == []


def test_a_standstill_counts_its_visits_and_fails_only_with_a_habit() -> None:
    assert staleness(visits(DAILY + "33s3"), DAY, 9 * DAY) == (Stale(FROZEN, 5 * DAY, 4 * DAY, DAY, 4, 3),)
    (unknown,) = staleness(visits("n" + "3" * SAME_FOR), DAY, SAME_FOR * DAY)
    assert not unknown.fails
    assert staleness(visits(DAILY + "3333"), DAY, 9 * DAY)[0].fails


@given(st.lists(st.sampled_from("nes3x"), max_size=80), st.integers(2, 1000))
def test_the_habit_is_relative_the_same_past_at_another_pace_is_judged_alike(said: Sequence[str], pace: int) -> None:
    past = visits("".join(said))
    slow = [Visited(one.at * pace, one.believed, one.brought, one.renewed, one.unchanged) for one in past]
    now = len(past) * DAY
    expected = [(one.kind, one.visits) for one in staleness(past, DAY, now)]
    assert [(one.kind, one.visits) for one in staleness(slow, DAY * pace, now * pace)] == expected


@given(st.lists(st.sampled_from("nes3"), max_size=80))
def test_what_has_just_brought_something_is_not_at_a_standstill(said: Sequence[str]) -> None:
    assert told("".join(said) + "n") == []


@given(st.lists(st.floats(0, 1e9), min_size=PAUSES_KNOWN + 1, max_size=60).map(sorted))
def test_the_usual_pause_is_one_of_the_pauses_and_most_are_not_longer(moments: list[float]) -> None:
    pauses = [b - a for a, b in pairwise(moments)][-50:]
    found = usual(moments)
    assert found in pauses
    assert sum(one <= found for one in pauses) >= 0.9 * len(pauses)
    assert TOO_LONG > 1
