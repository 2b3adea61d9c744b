"""What had been looked at by some moment, in words."""

from __future__ import annotations

import pytest

from coopscrape.model import Coverage, Covered
from coopscrape.report.asof import covered_lines

FIRST, LATER = "2018-06-12T09:00:00.000Z", "2018-06-20T09:00:00.000Z"
END = "2018-06-29T23:59:59.999Z"


@pytest.mark.parametrize(
    ("covered", "line"),
    [
        (Covered("coop", next_at=LATER), "coop: not visited before 2018-06-20 09:00 UTC"),
        (Covered("coop"), "coop: not visited with success"),
        (
            Covered("coop", next_at=LATER, in_vain=2),
            "coop: not visited before 2018-06-20 09:00 UTC; 2 visits by then saw nothing that was believed",
        ),
        (
            Covered("coop", 3, LATER, Coverage.COMPLETE, "no next link", 4, 3, LATER),
            "coop: last visited 2018-06-20 09:00 UTC, 9 days before (walk 3)",
        ),
        (
            Covered("coop", 3, LATER, Coverage.PREFIX, "coop: the limit of 3 pages", 3, 1, FIRST, 1),
            "coop: last visited 2018-06-20 09:00 UTC, 9 days before (walk 3); it saw only the first 3 pages "
            "(prefix: the limit of 3 pages); all of it was last seen 2018-06-12 09:00 UTC (walk 1); "
            "1 visit after that saw nothing that was believed",
        ),
        (
            Covered("coop", 3, LATER, Coverage.CUT, "coop page 2: status: answered 404", 1),
            "coop: last visited 2018-06-20 09:00 UTC, 9 days before (walk 3); it saw only the first page "
            "(cut: page 2: status: answered 404); all of it had never been seen by then",
        ),
    ],
)
def test_what_was_looked_at_is_said_in_one_line(covered: Covered, line: str) -> None:
    assert covered_lines([covered], END) == [line]


def test_after_a_run_there_is_no_time_before() -> None:
    covered = Covered("coop", 3, LATER, Coverage.COMPLETE, "no next link", 4, 3, LATER)
    assert covered_lines([covered]) == ["coop: last visited 2018-06-20 09:00 UTC (walk 3)"]
