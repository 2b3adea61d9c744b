"""What is worth saying to a person who does not look: changes and doubts in, a Notice or None out. Pure; send.py sends it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from coopscrape.model import Change

MOST: Final = 50  # changes told one by one; the rest as a number


@dataclass(frozen=True, slots=True)
class Notice:
    """One message: a line that says it all, and the lines behind it."""

    subject: str
    lines: tuple[str, ...]


def notice(changes: Sequence[Change], doubts: Mapping[str, Sequence[str]] | None = None) -> Notice | None:
    """None when nothing happened. A doubt is worth saying even where nothing changed."""
    told = _told(changes)
    worries = [f"{source} {words}" for source, all_words in (doubts or {}).items() for words in all_words]
    if not told and not worries:
        return None
    counts = Counter(change.kind for change in changes)
    parts = [f"{count} {kind}" for kind, count in counts.items()] + ([f"{len(worries)} in doubt"] if worries else [])
    more = [f"... and {len(told) - MOST} more"] if len(told) > MOST else []
    return Notice(f"coopscrape: {', '.join(parts)}", (*worries, *told[:MOST], *more))


def _told(changes: Sequence[Change]) -> list[str]:
    return [_line(change) for change in changes]


def _line(change: Change) -> str:
    content = change.entry.content
    what = f"{change.kind} {change.field}" if change.field else str(change.kind)
    edit = f": {change.old!r} -> {change.new!r}" if change.field else ""
    return f"{change.entry.source}: {what}: {content.title or content.link or change.entry.key}{edit} ({content.link})"
