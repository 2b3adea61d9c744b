"""How walks went, or would go -> the tables at the end of a crawl, a dry run, a rebuild. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from coopscrape.model import Coverage, Kind, Report
from coopscrape.report import said as words
from coopscrape.report.changes import grouped
from coopscrape.report.escape import said
from coopscrape.report.layout import Span, paragraph, table
from coopscrape.report.paint import Paint, plain
from coopscrape.report.status import coverage_style

_HEAD = ("source", "coverage", "pages (304)", "entries", *map(str, Kind), "doubts", "next due (UTC)")
_NUMBERS = ("pages (304)", "entries", *map(str, Kind), "doubts")


def crawl_table(
    reports: Sequence[Report],
    not_due: Sequence[tuple[str, str]] = (),
    paint: Paint = plain,
    width: int | None = None,
) -> str:
    """A line a source: those that were visited, then those that are not due yet (source, moment)."""
    rows = [_visited(report) for report in reports] + [_resting(source, when) for source, when in not_due]
    if not rows:
        return ""
    remarks = [line for report in reports for words in _remarks(report) for line in _remark(words, paint, width)]
    text = table(_HEAD, rows, paint, width, numbers=_NUMBERS)
    return text + "".join(f"{line}\n" for line in ["", *remarks] if remarks)


def _remarks(report: Report) -> list[str]:
    """What must be said of a walk beside its numbers."""
    verdict = report.verdict
    told = [words.disobeying(report.robots_ignored)] if report.robots_ignored is not None else []
    told += [words.moving(report.source, verdict.reason)] if verdict.coverage is Coverage.UNSTABLE else []
    told += [words.overlooked(verdict.overlooked)] if verdict.overlooked else []
    return [f"{report.source}: {one}" for one in (*told, *verdict.warnings, *report.remarks)]


def _remark(text: str, paint: Paint, width: int | None) -> list[str]:
    return paragraph([(said(text), "warn")], paint, width, "  ", paint("! ", "warn"))


def _visited(report: Report) -> list[Span]:
    verdict = report.verdict
    kinds = Counter(kind for kind, _ in {(group[0].kind, group[0].entry.id) for group in grouped(report.changes)})
    pages = f"{report.pages} ({report.unchanged_pages})" if report.unchanged_pages else str(report.pages)
    return [
        (said(report.source), "title"),
        (str(verdict.coverage), coverage_style(verdict.coverage)),
        (pages, ""),
        (str(verdict.entries), ""),
        *((str(kinds[kind]), str(kind) if kinds[kind] else "dim") for kind in Kind),
        (str(len(verdict.doubts)), "warn" if verdict.doubts else "dim"),
        (words.moment(report.next_due) or "-", ""),
    ]


def _resting(source: str, when: str) -> list[Span]:
    return [(said(source), "title"), ("not due", "dim"), *[("-", "dim")] * 7, (words.moment(when), "")]


# -- what a crawl would do ----------------------------------------------------------------------------


class Plan(Protocol):
    """run.crawl.Planned."""

    @property
    def source(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def due(self) -> bool: ...
    @property
    def when(self) -> str: ...
    @property
    def why(self) -> str: ...


def plan_table(plans: Sequence[Plan], paint: Paint = plain, width: int | None = None) -> str:
    """What would be asked first, of whom, and why; nothing is cut off."""
    rows = [
        [
            (said(one.source), "title"),
            ("now", "good") if one.due else (words.moment(one.when), "dim"),
            (said(one.url), ""),
            (said(one.why), "dim"),
        ]
        for one in plans
    ]
    return table(("source", "due (UTC)", "first page", "why"), rows, paint, width)


# -- what a rebuild came to ---------------------------------------------------------------------------


class Rebuilt(Protocol):
    """run.rebuild.Rebuilt."""

    @property
    def source(self) -> str: ...
    @property
    def walks(self) -> int: ...
    @property
    def entries(self) -> int: ...
    @property
    def differences(self) -> tuple[str, ...]: ...
    @property
    def doubts(self) -> tuple[str, ...]: ...


def rebuilt_text(done: Rebuilt, paint: Paint = plain, width: int | None = None, *, dry_run: bool = False) -> str:
    """One source: how much was read again, and each difference."""
    would = "would differ" if dry_run else "differ"
    difference = words.count(len(done.differences), "line") + f" {would}" if done.differences else "nothing differs"
    amount = f"{words.count(done.walks, 'walk')}, {words.count(done.entries, 'entry', 'entries')}: {difference}"
    lines = [f"{paint(said(done.source), 'heading')}  {amount}"]
    for one in done.differences:
        lines += paragraph([(said(one), "")], paint, width, "    ", "  ")
    for one in done.doubts:
        lines += paragraph([(f"in doubt: {said(one)}", "warn")], paint, width, "    ", "  ")
    return "\n".join(lines) + "\n"
