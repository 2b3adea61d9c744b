"""Values -> text, for people and for programs. Pure: what has a terminal brings its colours (`Paint`) and its width along.

A new format is a function and a line in a table. Whatever a page said passes `escape.harmless` on its way in here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from coopscrape.model import Change, Entry
from coopscrape.report.asof import covered_lines
from coopscrape.report.changes import changes_json, changes_text
from coopscrape.report.entries import (
    Provenance,
    cited,
    entries_json,
    entries_text,
    entry_json,
    entry_text,
    found_text,
    history_json,
    history_text,
)
from coopscrape.report.escape import harmless
from coopscrape.report.paint import Paint, plain
from coopscrape.report.sizes import sizes_text
from coopscrape.report.stale import stale_line
from coopscrape.report.status import Ledger, SourceLine, ledger_json, ledger_text, status_json, status_text

Titles = Mapping[str, str]  # of the sources, by name

FORMATS: Final[Mapping[str, Callable[[Sequence[Change], Titles, Paint, int | None], str]]] = {
    "text": changes_text,
    "json": changes_json,
}
LISTS: Final[Mapping[str, Callable[[Sequence[Entry], Titles, Paint, int | None], str]]] = {
    "text": entries_text,
    "json": entries_json,
}
FOUND: Final = {**LISTS, "text": found_text}


class Shows(Protocol):
    """One entry in full, its version with its page, and an earlier version by its own page."""

    def __call__(
        self,
        entry: Entry,
        titles: Titles,
        paint: Paint,
        width: int | None,
        state: Provenance | None,
        own: Provenance | None = None,
        /,
    ) -> str: ...


ENTRIES: Final[Mapping[str, Shows]] = {
    "text": entry_text,
    "json": entry_json,
}
HISTORIES: Final[Mapping[str, Callable[[Entry, Sequence[Provenance], Sequence[Change], Paint, int | None], str]]] = {
    "text": history_text,
    "json": history_json,
}
STATUSES: Final[Mapping[str, Callable[[Sequence[SourceLine], Paint, int | None], str]]] = {
    "text": status_text,
    "json": status_json,
}
LEDGERS: Final[Mapping[str, Callable[[Sequence[Ledger], Paint, int | None], str]]] = {
    "text": ledger_text,
    "json": ledger_json,
}

__all__ = [
    "ENTRIES",
    "FORMATS",
    "FOUND",
    "HISTORIES",
    "LEDGERS",
    "LISTS",
    "STATUSES",
    "Paint",
    "SourceLine",
    "Titles",
    "cited",
    "covered_lines",
    "harmless",
    "plain",
    "sizes_text",
    "stale_line",
]
