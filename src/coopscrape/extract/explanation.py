"""(Page, Reading) -> what each layout, field and way did on the page, for people who write selectors. Pure.

It is counted from `page.look`, by which pages are read: what `try` shows is what a crawl does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
    inferred: int = 0  # dates without a year, whose year was inferred from the fetch date


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
    earlier = look(_earlier(page), reading, every_layout=True) if any(map(_lacks_year, _formats(reading))) else seen
    layouts = tuple(_layout(*both) for both in zip(seen.seen, earlier.seen, strict=False))
    charset, why = _charset(page, reading)
    return Explanation(extraction(seen), layouts, charset, why)


def _formats(reading: Reading) -> Iterator[str]:
    ways = (way for layout in reading.layouts for field in layout.fields for way in field.ways)
    return (form for way in ways for form in way.format)


def _lacks_year(form: str) -> bool:
    return "%" in form and not any(year in form for year in ("%Y", "%y", "%EY"))


def _earlier(page: Page) -> Page:
    """The same page, fetched four years ago: it has the same dates but for those whose year it does not say."""
    year, rest = page.fetched_at[:4], page.fetched_at[4:]
    return replace(page, fetched_at=f"{int(year) - 4:04}{rest}")


def _charset(page: Page, reading: Reading) -> tuple[str, str]:
    if reading.feed is None:
        return recognise(page.body, page.content_type, reading.language)
    return feeds.recognise(page.body, page.content_type)


def _layout(seen: Seen, earlier: Seen) -> LayoutSeen:
    return LayoutSeen(
        name=seen.layout.name,
        guard=seen.layout.guard,
        held=seen.held,
        items=len(seen.items),
        entries=sum(item.row is not None for item in seen.items),
        fields=tuple(_field(i, field, seen.items, earlier.items) for i, field in enumerate(seen.layout.fields)),
        dropped=tuple((n, item.dropped) for n, item in enumerate(seen.items, 1) if item.dropped),
    )


def _field(at: int, field: Field, items: tuple[Item, ...], earlier: tuple[Item, ...]) -> FieldSeen:
    """Counted in entries; items that were dropped are told apart."""
    caught = [(n, item.caught[at]) for n, item in enumerate(items, 1) if item.row]
    used = Counter(each.way for _, each in caught if each.value)
    return FieldSeen(
        name=field.name,
        optional=field.optional,
        filled=used.total(),
        ways=tuple(WayUsed(i, way, used[i]) for i, way in enumerate(field.ways)),
        failures=tuple(_failure(n, each) for n, each in caught if not each.value)[:EXAMPLES],
        inferred=sum(_differs(at, *both) for both in zip(items, earlier, strict=False)) if field.name == "date" else 0,
    )


def _differs(at: int, now: Item, then: Item) -> bool:
    return now.row is not None and bool(now.caught[at].value) and now.caught[at].value != then.caught[at].value


def _failure(item: int, caught: Caught) -> Failure:
    return Failure(item, caught.text, caught.reason or "it has no way of being read")
