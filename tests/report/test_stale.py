"""A standstill in words."""

from __future__ import annotations

from coopscrape.model import Stale, Staleness
from coopscrape.report.stale import stale_line, stale_record

DAY = 86_400.0
SINCE = 1_529_485_200.0  # 2018-06-20T09:00:00Z


def test_a_standstill_is_named_with_its_length_and_the_usual() -> None:
    assert stale_line("coop", Stale(Staleness.SILENT, SINCE, 20 * DAY, 2 * DAY, 19)) == (
        "coop: nothing new or changed for 20 days, since 2018-06-20 09:00 UTC, in 19 visits; 9 of 10 pauses before were "
        "2 days at most. Compare the listing in a browser with: coopscrape try coop"
    )
    frozen = stale_line("coop", Stale(Staleness.FROZEN, SINCE, 213 * DAY, 3 * DAY, 426, 380))
    assert frozen.startswith(
        "coop: no answer with new bytes for 6 months, since 2018-06-20 09:00 UTC, in 426 visits (380 of"
    )
    assert "it never brought enough" in stale_line("coop", Stale(Staleness.FROZEN, SINCE, DAY, None, 60, 60))
    assert stale_line("coop", Stale(Staleness.UNVISITED, SINCE, 9 * DAY, DAY / 2, 1)) == (
        "coop: not visited with success for 9 days, since 2018-06-20 09:00 UTC, in 1 try; usually every 12 hours. Does the "
        "timer run? See: coopscrape crawl coop"
    )


def test_a_program_gets_seconds() -> None:
    assert stale_record(Stale(Staleness.SILENT, SINCE, 20 * DAY, 2 * DAY, 19)) == {
        "kind": "silent",
        "since": "2018-06-20T09:00:00.000Z",
        "seconds": 1_728_000,
        "usual_seconds": 172_800,
        "visits": 19,
    }
