"""(Page, Reading) -> what each layout, field and way did on the page, for people who write selectors. Pure.

It is counted from `page.look`, by which pages are read: what `try` shows is what a crawl does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from coopscrape.extract import feeds
from coopscrape.extract.charset import recognise
from coopscrape.extract.fields import Caught
from coopscrape.extract.page import Item, Seen, extraction, look
from coopscrape.model import Extraction, Field, Page, Reading, Way

EXAMPLES: Final = 5  # of failures, a field


@dataclass(frozen=True, slots=True)
class Failure:
    """One item in which a field has no value."""

    item: int  # its place on the page, from 1
    text: str | None  # as printed; None: there is no such element
    reason: str


@dataclass(frozen=True, slots=True)
class WayUsed:
    """How often one way of a field caught the value."""

    index: int
    way: Way
    caught: int

    @property
    def css(self) -> str:
        """As selectors.toml has it: `h5 a @href`; of a date that is joined, its parts."""
        return " + ".join(map(_selector, self.way.join or (self.way,)))


def _selector(way: Way) -> str:
    return " ".join(filter(None, (way.css, f"@{way.attr}" if way.attr else None)))


@dataclass(frozen=True, slots=True)
class FieldSeen:
    """One field, over all entries of the page."""

    name: str
    optional: bool
    filled: int
    ways: tuple[WayUsed, ...]
    failures: tuple[Failure, ...]  # the first few


@dataclass(frozen=True, slots=True)
class LayoutSeen:
    """One layout, laid upon the page, also if it is not the one that reads it."""

    name: str
    guard: str | None
    held: bool
    items: int
    entries: int
    fields: tuple[FieldSeen, ...]
    dropped: tuple[tuple[int, str], ...]  # (place, why)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `coopscrape try` shows. `extraction` is what a crawl would take from this page."""

    extraction: Extraction
    layouts: tuple[LayoutSeen, ...]
    charset: str
    charset_why: str


def explain(page: Page, reading: Reading) -> Explanation:
    """Never raises, whatever the bytes are."""
    seen = look(page, reading, every_layout=True)
    charset, why = _charset(page, reading)
    return Explanation(extraction(seen), tuple(map(_layout, seen.seen)), charset, why)


def _charset(page: Page, reading: Reading) -> tuple[str, str]:
    if reading.feed is None:
        return recognise(page.body, page.content_type, reading.language)
    return feeds.recognise(page.body, page.content_type)


def _layout(seen: Seen) -> LayoutSeen:
    return LayoutSeen(
        name=seen.layout.name,
        guard=seen.layout.guard,
        held=seen.held,
        items=len(seen.items),
        entries=sum(item.row is not None for item in seen.items),
        fields=tuple(_field(i, field, seen.items) for i, field in enumerate(seen.layout.fields)),
        dropped=tuple((n, item.dropped) for n, item in enumerate(seen.items, 1) if item.dropped),
    )


def _field(at: int, field: Field, items: tuple[Item, ...]) -> FieldSeen:
    """Counted in entries; items that were dropped are told apart."""
    caught = [(n, item.caught[at]) for n, item in enumerate(items, 1) if item.row]
    used = Counter(each.way for _, each in caught if each.value)
    return FieldSeen(
        name=field.name,
        optional=field.optional,
        filled=used.total(),
        ways=tuple(WayUsed(i, way, used[i]) for i, way in enumerate(field.ways)),
        failures=tuple(_failure(n, each) for n, each in caught if not each.value)[:EXAMPLES],
    )


def _failure(item: int, caught: Caught) -> Failure:
    return Failure(item, caught.text, caught.reason or "it has no way of being read")
