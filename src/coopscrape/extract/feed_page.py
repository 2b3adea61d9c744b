"""(Page, Reading of a feed) -> Look, as page.py has it of an HTML page. Pure; raises UnusableError, as for page.py alone.

An item of a feed says in so many words what it is. What is left to do here is to take the text out of its HTML, to find
the day in its dates, and to resolve its links.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final

from coopscrape import canon
from coopscrape.extract.apart import look_apart
from coopscrape.extract.feeds import Item as Said
from coopscrape.extract.feeds import Text, decode, is_dear, read_items
from coopscrape.extract.fields import Caught
from coopscrape.extract.identity import key_of
from coopscrape.extract.links import resolve, resolve_next
from coopscrape.extract.page import Item, Look, Seen, bounded, content_of, values_of
from coopscrape.extract.patterns import UnusableError
from coopscrape.extract.printed import lines, one_line, short
from coopscrape.extract.select import parse, text_of, too_deep
from coopscrape.extract.weight import weigh
from coopscrape.model import Feed, Field, Layout, Page, Reading, Row, Way


def look_feed(page: Page, reading: Reading, every_layout: bool) -> Look:
    """In a process of its own, if the feed is long, or its HTML may be dear. Raises UnusableError."""
    try:
        return _look(page, reading, Budget(apart=False))
    except _DearError:
        return look_apart(page, reading, every_layout)


def look_feed_here(page: Page, reading: Reading) -> Look:
    """For apart.py: in this process, however dear it may be. Raises UnusableError."""
    return _look(page, reading, Budget(apart=True))


class _DearError(Exception):
    """It is to be read where it can be stopped."""


@dataclass(frozen=True, slots=True)
class Budget:
    apart: bool  # we are where we can be stopped

    def spend(self, dear: bool) -> None:
        if dear and not self.apart:
            raise _DearError


def _look(page: Page, reading: Reading, budget: Budget) -> Look:
    text = decode(page.body, page.content_type)
    budget.spend(is_dear(text))
    feed = read_items(page.body, text, page.url)
    rules = reading.feed or Feed()
    layout = _layout(feed.make, feed.element, rules)
    scene = Scene(page.url, canon.link(page.url), _zone(rules.timezone), rules.extra, budget)
    items = tuple(bounded(_item(one, reading, scene) for one in feed.items))
    following = resolve_next(page.url, feed.next) if feed.next else None
    return Look(must_contain=True, seen=(Seen(layout, True, items),), next_url=following)


# What is shown as the place where a field is from.
PLACES: Final[Mapping[str, str]] = {
    "title": "title",
    "link": "link",
    "date": "published, else updated",
    "category": "categories",
    "summary": "summary, else content",
}


def _layout(make: str, element: str, rules: Feed) -> Layout:
    names = [*PLACES, *rules.extra]
    return Layout(
        name=make,
        item=element,
        fields=tuple(Field(name, (Way(css=PLACES.get(name, name)),), optional=True) for name in names),
    )


@dataclass(frozen=True, slots=True)
class Scene:
    """What an item's values depend on besides the item."""

    base: str
    here: str | None
    zone: tzinfo
    extra: tuple[str, ...]
    budget: Budget


def _item(said: Said, reading: Reading, scene: Scene) -> Item:
    caught = (*(READERS[name](said, scene) for name in PLACES), *(_extra(name, said, scene) for name in scene.extra))
    values = values_of(caught)
    key = key_of({**values, "id": canon.link(one_line(said.id)) if said.id else None}, reading.key, scene.here)
    if key is None:
        return Item(caught, dropped="all its fields are empty")
    return Item(caught, Row(key[0], content_of(values, scene.extra), weak=key[1]))


# -- the fields ---------------------------------------------------------------------------------------


def _caught(name: str, value: str | None, text: str | None = None, reason: str | None = None) -> Caught:
    missing = "it is blank" if value == "" else None if value else "it says none"
    return Caught(name, value, value if text is None else text, 0, reason or missing)


def _title(said: Said, scene: Scene) -> Caught:
    text = _plain(said.title, scene)
    return _caught("title", None if text is None else text.replace("\n", " "))


def _link(said: Said, scene: Scene) -> Caught:
    return _address("link", said.link, scene)


def _address(name: str, href: str | None, scene: Scene) -> Caught:
    text = one_line(href) if href is not None else None
    url = resolve(scene.base, text) if text else None
    return _caught(name, url, text, f"{short(text)} is no http(s) address" if text and not url else None)


def _date(said: Said, scene: Scene) -> Caught:
    """The first that can be read; else what is printed stays, and is no date."""
    printed = [one_line(one) for one in (said.published, said.updated) if one is not None]
    for text in printed:
        if day := day_of(text, scene.zone):
            return _caught("date", day, text)
    first = next(filter(None, printed), None)
    return _caught("date", None, first, f"{short(first)} is no date" if first else None)


def _category(said: Said, _: Scene) -> Caught:
    terms = dict.fromkeys(filter(None, map(one_line, said.terms)))
    return _caught("category", ", ".join(terms) if terms else None)


def _summary(said: Said, scene: Scene) -> Caught:
    return _caught("summary", _plain(said.summary, scene))


READERS: Final[Mapping[str, Callable[[Said, Scene], Caught]]] = {
    "title": _title,
    "link": _link,
    "date": _date,
    "category": _category,
    "summary": _summary,
}


def _extra(name: str, said: Said, scene: Scene) -> Caught:
    if name in ("enclosure", "comments"):
        return _address(name, said.extra.get(name), scene)
    given = {"id": said.id, "updated": said.updated}.get(name) or said.extra.get(name)
    return _caught(name, None if given is None else one_line(given))


# -- HTML -> text -------------------------------------------------------------------------------------


def _plain(text: Text | None, scene: Scene) -> str | None:
    """Its text as printed, a line feed between lines."""
    if text is None or not text.html:
        return None if text is None else lines(text.said)
    weight = weigh(text.said, text.said.count("<"))
    if weight.refused:
        raise UnusableError(f"this feed is not read: in the HTML of an item, {weight.refused}")
    scene.budget.spend(weight.doubtful)
    root = parse(text.said) if text.said.strip() else None
    if root is not None and too_deep(root):
        raise UnusableError("this feed is not read: the HTML of an item is nested too deeply")
    return "" if root is None else text_of(root)


# -- dates --------------------------------------------------------------------------------------------

_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d))?")
_UNKNOWN_PLACE = re.compile(r"-00:?00$")  # RFC 5322 section 3.3: universal time, whoever printed it
EARLIEST: Final = 1000  # a year before that is a slip of a program


def day_of(text: str, zone: tzinfo) -> str | None:
    """`Wed, 20 Jun 2018 23:30:00 -0500` -> the day that this is in `zone`; without a zone, the day that is printed.

    RFC 822 (RSS) and RFC 3339, ISO 8601 (Atom, JSON Feed, Dublin Core); may be partial: `2018-06`.
    """
    if partial := _PARTIAL.fullmatch(text):
        return text if int(partial[1]) >= EARLIEST and 1 <= int(partial[2] or 1) <= 12 else None
    try:
        moment = _moment(text)
        day = moment.astimezone(zone).date() if moment.tzinfo else moment.date()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return day.isoformat() if day.year >= EARLIEST else None


def _moment(text: str) -> datetime:
    """Raises ValueError and what else the standard library raises for what is no moment."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    if ":" not in text:  # RFC 822 without a time
        return datetime.combine(parsedate_to_datetime(f"{text} 00:00:00").date(), datetime.min.time())
    return parsedate_to_datetime(_UNKNOWN_PLACE.sub("+0000", text))


@lru_cache(maxsize=16)
def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)
