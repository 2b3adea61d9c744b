"""What an archive knows of its sources and of the hosts that it asked -> a table, or JSON. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from coopscrape.model import Coverage, Stale, Verdict
from coopscrape.report import said as words
from coopscrape.report.data import Record, as_json
from coopscrape.report.escape import said
from coopscrape.report.layout import Span, paragraph, table
from coopscrape.report.paint import Paint, plain
from coopscrape.report.stale import stale_line, stale_record


class State(Protocol):
    """archive.read.SourceStatus, as far as it is told here."""

    @property
    def walks(self) -> int: ...
    @property
    def last_walk(self) -> int | None: ...
    @property
    def last_started(self) -> str | None: ...
    @property
    def last_finished(self) -> str | None: ...
    @property
    def verdict(self) -> Verdict | None: ...
    @property
    def accepted(self) -> bool: ...
    @property
    def believed(self) -> str | None: ...
    @property
    def shown(self) -> int: ...
    @property
    def missing(self) -> int: ...
    @property
    def gone(self) -> int: ...
    @property
    def slid(self) -> int: ...
    @property
    def last_change(self) -> str | None: ...


class Ledger(Protocol):
    """archive.read.HostLedger."""

    @property
    def host(self) -> str: ...
    @property
    def requests(self) -> int: ...
    @property
    def unchanged(self) -> int: ...
    @property
    def conditional(self) -> int: ...
    @property
    def misses(self) -> int: ...
    @property
    def wire_bytes(self) -> int: ...
    @property
    def smallest_gap(self) -> float | None: ...
    @property
    def last_request(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source that is configured, or walked, or both."""

    source: str
    title: str | None  # None: it is not in selectors.toml (any more); "": there is none to tell
    state: State | None = None  # None: never walked
    due: bool = False
    when: str | None = None  # the moment from which it is due
    stale: tuple[Stale, ...] = ()  # at a standstill for longer than is its habit


# -- sources ------------------------------------------------------------------------------------------

_HEAD = ("source", "last walk (UTC)", "coverage", "entries", "missing", "gone", "last change", "next due")
_NUMBERS = ("entries", "missing", "gone")


def status_text(lines: Sequence[SourceLine], paint: Paint = plain, width: int | None = None) -> str:
    text = table(_HEAD, [_row(line) for line in lines], paint, width, numbers=_NUMBERS, flexible="source")
    troubles = [one for line in lines for one in _trouble(line, paint, width)]
    return text + "".join(f"{one}\n" for one in ["", *troubles] if troubles)


def _row(line: SourceLine) -> list[Span]:
    state = line.state
    if state is None:
        return [(said(line.source), "title"), ("never", "dim"), *[("-", "dim")] * 5, _due(line)]
    return [
        (said(line.source), "title"),
        (words.moment(state.last_finished) or "still open", ""),
        _coverage(state),
        (str(state.shown), ""),
        (str(state.missing), "warn" if state.missing else "dim"),
        (str(state.gone), "gone" if state.gone else "dim"),
        (words.moment(state.last_change)[:10] or "-", ""),
        _due(line),
    ]


def _coverage(state: State) -> Span:
    if state.verdict is None:
        return "-", "dim"
    return state.verdict.coverage + (" (accepted)" if state.accepted else ""), coverage_style(state.verdict.coverage)


def coverage_style(coverage: Coverage) -> str:
    return {Coverage.COMPLETE: "good", Coverage.PREFIX: ""}.get(coverage, "warn")


def _due(line: SourceLine) -> Span:
    if line.title is None:
        return "not in selectors.toml", "dim"
    if line.when is None:
        return "-", "dim"
    return ("now", "warn") if line.due else (words.moment(line.when), "")


def _trouble(line: SourceLine, paint: Paint, width: int | None) -> list[str]:
    """What is said in words about the last walk, if it was not simply complete, and what to do."""
    if line.state is None or line.state.verdict is None:
        return []
    verdict, told = line.state.verdict, []
    if verdict.coverage is Coverage.DOUBTED:
        told = [f"{line.source} {one}" for one in verdict.doubts]
        told.append(
            f"{line.source}: walk {verdict.walk} is in doubt and was not believed; believed last: "
            f"{words.moment(line.state.believed) or 'never'}. Look: coopscrape try {line.source}. "
            f"If the page is right after all: coopscrape accept {verdict.walk}"
        )
    elif verdict.coverage in (Coverage.CUT, Coverage.REFUSED):
        told = [f"{line.source}: {verdict.coverage}: {verdict.reason.removeprefix(f'{line.source} ')}"]
    told += [f"{line.source}: {one}" for one in verdict.warnings]
    told += [stale_line(line.source, one) for one in line.stale]
    return [one for text in told for one in paragraph([(said(text), "warn")], paint, width, "  ", paint("! ", "warn"))]


def status_json(lines: Sequence[SourceLine], paint: Paint = plain, width: int | None = None) -> str:  # noqa: ARG001
    return as_json([_record(line) for line in lines])


def _record(line: SourceLine) -> Record:
    state, verdict = line.state, line.state.verdict if line.state else None
    return {
        "source": line.source,
        "title": line.title,
        "configured": bool(line.title),
        "due": line.due,
        "next_due": line.when,
        "walks": state.walks if state else 0,
        **{name: getattr(state, name, None) for name in _STATE},
        "coverage": verdict.coverage.value if verdict else None,
        "reason": verdict.reason if verdict else None,
        "doubts": list(verdict.doubts) if verdict else [],
        "warnings": list(verdict.warnings) if verdict else [],
        "stale": [stale_record(one) for one in line.stale],
    }


_STATE = (
    "last_walk",
    "last_started",
    "last_finished",
    "believed",
    "accepted",
    "shown",
    "missing",
    "gone",
    "slid",
    "last_change",
)


# -- hosts --------------------------------------------------------------------------------------------

_LEDGER = ("host", "requests", "conditional", "304", "misses", "bytes", "smallest gap", "last request (UTC)")


def ledger_text(hosts: Sequence[Ledger], paint: Paint = plain, width: int | None = None) -> str:
    """How each host was treated: what was sent, what it cost, and how close together."""
    return table(_LEDGER, [_host(one) for one in hosts], paint, width, numbers=_LEDGER[1:7], flexible="host")


def _host(one: Ledger) -> list[Span]:
    return [
        (said(one.host), "title"),
        (str(one.requests), ""),
        (str(one.conditional), ""),
        (str(one.unchanged), ""),
        (str(one.misses), "warn" if one.misses else "dim"),
        (f"{one.wire_bytes:,}", ""),
        (f"{one.smallest_gap:.1f} s" if one.smallest_gap is not None else "-", ""),
        (words.moment(one.last_request), ""),
    ]


def ledger_json(hosts: Sequence[Ledger], paint: Paint = plain, width: int | None = None) -> str:  # noqa: ARG001
    return as_json([{name: _plain(getattr(one, name)) for name in _HOST} for one in hosts])


_HOST = ("host", "requests", "conditional", "unchanged", "misses", "wire_bytes", "smallest_gap", "last_request")


def _plain(value: Any) -> object:
    return value if isinstance(value, str | int | float) else None
