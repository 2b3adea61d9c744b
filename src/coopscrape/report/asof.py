"""What had been looked at by some moment -> sentences, so that silence is not taken for absence. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from coopscrape.model import Coverage, Covered, epoch
from coopscrape.report import said as words
from coopscrape.report.escape import said


def covered_lines(covered: Sequence[Covered], until: str | None = None) -> list[str]:
    """A line a source: its last believed visit by then, how much that saw, and what was tried in vain afterwards.

    `until`: the moment that was asked for; None leaves away how long before it that was.
    """
    return [f"{said(one.source)}: {'; '.join(_facts(one, until))}" for one in covered]


def _facts(one: Covered, until: str | None) -> list[str]:
    in_vain = [f"{words.count(one.in_vain, 'visit')} after that saw nothing that was believed"] if one.in_vain else []
    if one.at is None:
        first = f"before {words.moment(one.next_at)} UTC" if one.next_at else "with success"
        return [f"not visited {first}", *(line.replace("after that", "by then") for line in in_vain)]
    return [
        f"last visited {words.moment(one.at)} UTC{_before(one.at, until)} (walk {one.walk})",
        *_extent(one),
        *in_vain,
    ]


def _before(at: str, until: str | None) -> str:
    if until is None:
        return ""
    length = epoch(until) - epoch(at)
    return f", {words.length(length)} before" if length >= 3600 else ""


def _extent(one: Covered) -> list[str]:
    """How much the last visit saw, if it was not all."""
    if one.coverage is Coverage.COMPLETE:
        return []
    whole = f"all of it was last seen {words.moment(one.whole_at)} UTC (walk {one.whole_walk})" if one.whole_at else ""
    seen = "the first page" if one.pages == 1 else f"the first {one.pages} pages"
    reason = one.reason.removeprefix(f"{one.source} ").removeprefix(f"{one.source}: ")
    return [f"it saw only {seen} ({one.coverage}: {said(reason)})", whole or "all of it had never been seen by then"]
