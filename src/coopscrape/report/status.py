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


class Signal(Protocol):
    """archive.read.Signal."""

    @property
    def place(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def first_seen(self) -> str: ...
    @property
    def last_seen(self) -> str: ...
    @property
    def now(self) -> bool: ...


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
    @property
    def whole(self) -> str | None: ...
    @property
    def overlooked(self) -> int: ...
    @property
    def signals(self) -> Sequence[Signal]: ...
    @property
    def robots_ignored(self) -> str | None: ...


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
    def unchanged_share(self) -> float | None: ...
    @property
    def smallest_gap(self) -> float | None: ...
    @property
    def retry_afters(self) -> int: ...
    @property
    def retry_afters_obeyed(self) -> int: ...
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

_HEAD = ("source", "walk", "finished (UTC)", "coverage", "entries", "missing", "gone", "last change", "next due")
_NUMBERS = ("walk", "entries", "missing", "gone")


def status_text(lines: Sequence[SourceLine], paint: Paint = plain, width: int | None = None) -> str:
    text = table(_HEAD, [_row(line) for line in lines], paint, width, numbers=_NUMBERS)
    remarks = [one for line in lines for one in (*_trouble(line, paint, width), *_signals(line, paint, width))]
    return text + "".join(f"{one}\n" for one in ["", *remarks] if remarks)


def _row(line: SourceLine) -> list[Span]:
    state = line.state
    if state is None:
        return [(said(line.source), "title"), ("-", "dim"), ("never", "dim"), *[("-", "dim")] * 5, _due(line)]
    return [
        (said(line.source), "title"),
        (str(state.last_walk or "-"), "dim"),
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
    if line.state is None:
        return []
    told = [f"{line.source}: {one}" for one in _disobedience(line.state)]
    told += _doubts(line, line.state, line.state.verdict) if line.state.verdict is not None else []
    told += [f"{line.source}: {one}" for one in _overlooked(line.state)]
    told += [stale_line(line.source, one) for one in line.stale]
    return [one for text in told for one in paragraph([(said(text), "warn")], paint, width, "  ", paint("! ", "warn"))]


def _disobedience(state: State) -> list[str]:
    return [words.disobeying(state.robots_ignored)] if state.robots_ignored is not None else []


def _overlooked(state: State) -> list[str]:
    return [f"{words.overlooked(state.overlooked)} ({words.moment(state.whole)} UTC)"] if state.overlooked else []


def _doubts(line: SourceLine, state: State, verdict: Verdict) -> list[str]:
    told = []
    if verdict.coverage is Coverage.DOUBTED:
        told = [f"{line.source} {one}" for one in verdict.doubts]
        told.append(
            f"{line.source}: walk {verdict.walk} is in doubt and was not believed; believed last: "
            f"{words.moment(state.believed) or 'never'}. Look: coopscrape try {line.source}. "
            f"If the page is right after all: coopscrape accept {verdict.walk}"
        )
    elif verdict.coverage is Coverage.UNSTABLE:
        told = [f"{line.source}: {words.moving(line.source, verdict.reason)}"]
    elif verdict.coverage in (Coverage.CUT, Coverage.REFUSED):
        told = [f"{line.source}: {verdict.coverage}: {verdict.reason.removeprefix(f'{line.source} ')}"]
    return told + [f"{line.source}: {one}" for one in verdict.warnings]


def _signals(line: SourceLine, paint: Paint, width: int | None) -> list[str]:
    """What its pages, or its robots.txt, say today about their use. Reported, not judged."""
    now = [one for one in line.state.signals if one.now] if line.state else []
    if not now:
        return []
    told = "; ".join(f"{said(one.name)}: {said(one.value)} ({one.place}, since {one.first_seen[:10]})" for one in now)
    return paragraph([(f"{said(line.source)} says of its use: {told}", "")], paint, width, "  ", "  ")


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
        "signals": [{name: getattr(one, name) for name in _SIGNAL} for one in state.signals] if state else [],
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
    "whole",
    "overlooked",
    "robots_ignored",
)
_SIGNAL = ("place", "name", "value", "first_seen", "last_seen", "now")


# -- hosts --------------------------------------------------------------------------------------------

_LEDGER = (
    "host",
    "requests",
    "conditional",
    "304",
    "misses",
    "bytes",
    "smallest gap",
    "Retry-After",
    "last request (UTC)",
)


def ledger_text(hosts: Sequence[Ledger], paint: Paint = plain, width: int | None = None) -> str:
    """How each host was treated: what was sent, what it cost, and how close together."""
    return table(_LEDGER, [_host(one) for one in hosts], paint, width, numbers=_LEDGER[1:8])


def _host(one: Ledger) -> list[Span]:
    return [
        (said(one.host), "title"),
        (str(one.requests), ""),
        (str(one.conditional), ""),
        (str(one.unchanged) + (f" ({one.unchanged_share:.0%})" if one.unchanged_share is not None else ""), ""),
        (str(one.misses), "warn" if one.misses else "dim"),
        (f"{one.wire_bytes:,}", ""),
        (f"{one.smallest_gap:.2f} s" if one.smallest_gap is not None else "-", ""),
        _obeyed(one),
        (words.moment(one.last_request), ""),
    ]


def _obeyed(one: Ledger) -> Span:
    if not one.retry_afters:
        return "-", "dim"
    return (
        f"{one.retry_afters_obeyed} of {one.retry_afters} kept",
        "" if one.retry_afters_obeyed == one.retry_afters else "warn",
    )


def ledger_json(hosts: Sequence[Ledger], paint: Paint = plain, width: int | None = None) -> str:  # noqa: ARG001
    return as_json([{name: _plain(getattr(one, name)) for name in _HOST} for one in hosts])


_HOST = (
    "host",
    "requests",
    "conditional",
    "unchanged",
    "unchanged_share",
    "misses",
    "wire_bytes",
    "smallest_gap",
    "retry_afters",
    "retry_afters_obeyed",
    "last_request",
)


def _plain(value: Any) -> object:
    return value if isinstance(value, str | int | float) else None
