"""Entries and moments -> the short words that several reports use for them. Pure; all of it harmless."""

from __future__ import annotations

from typing import Final

from coopscrape.model import Content, Entry, Kind
from coopscrape.report.escape import said
from coopscrape.report.layout import Span

SHORT_ID: Final = 8  # characters; `show` and `history` take any start of an id that is the only one

MARKS: Final = {Kind.NEW: "+", Kind.CHANGED: "~", Kind.GONE: "-", Kind.BACK: "<"}


def moment(text: str | None) -> str:
    """`2018-06-20T09:30:00.000Z` -> `2018-06-20 09:30`. Times are UTC throughout."""
    return said(text[:16].replace("T", " ")) if text else ""


def day(content: Content) -> str:
    return said(content.date) or said(content.date_text) or "no date"


def title(content: Content) -> str:
    return said(content.title) or "(no title)"


def category(content: Content) -> str:
    return said(content.category) or "-"


def short(entry: Entry) -> str:
    return said(entry.id[:SHORT_ID])


def absence(entry: Entry) -> Span | None:
    """Why an entry is not simply there, if it is not."""
    if entry.gone_since:
        return f"gone since {moment(entry.gone_since)}", "gone"
    if entry.slid_since:
        return f"slid off the end of the list, {moment(entry.slid_since)}", "dim"
    if entry.missing_since:
        return f"not shown since {moment(entry.missing_since)}, not yet confirmed", "warn"
    return None


def disobeying(reason: str) -> str:
    """What every report says of a source with `robots = "ignore"`."""
    return f"robots.txt is not obeyed: {said(reason)}"


def moving(source: str, reason: str) -> str:
    """What is said of a walk during which the listing moved."""
    reason = reason.removeprefix(f"{source} ").removeprefix(f"{source}: ")
    return f"unstable: {said(reason)}. What it showed counts; what is not shown may have slipped past"


def overlooked(number: int) -> str:
    """What a whole walk found that quick ones do not come to."""
    return f"the whole walk found {count(number, 'entry', 'entries')}, new or edited, below where quick walks stop"


def length(seconds: float) -> str:
    """`3 hours`, `9 days`, `7 months`: the largest unit of which there are two or more; rounded down."""
    for name, unit in _UNITS:
        if seconds >= 2 * unit or unit == 1:
            return count(int(seconds // unit), name)
    raise AssertionError(seconds)


_UNITS: Final = (
    ("year", 31_557_600),
    ("month", 2_629_800),
    ("day", 86_400),
    ("hour", 3600),
    ("minute", 60),
    ("second", 1),
)


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 entry`, `2 entries`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
