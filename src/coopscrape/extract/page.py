"""(Page, Reading) -> what the page says. Pure, and the same for the same bytes; never raises, whatever the bytes are.

`look` is the one path from bytes to rows: `extract` keeps of it what travels, explanation.py what a person
wants to know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from coopscrape import canon, scripted
from coopscrape.extract.apart import look_apart
from coopscrape.extract.charset import decode
from coopscrape.extract.fields import Caught, Fields, Scene
from coopscrape.extract.identity import key_of
from coopscrape.extract.items import Around, items_of
from coopscrape.extract.links import resolve, resolve_next
from coopscrape.extract.makes import other_make
from coopscrape.extract.patterns import UnusableError, search
from coopscrape.extract.printed import one_line, short
from coopscrape.extract.select import (
    Element,
    Finds,
    Siblings,
    attribute,
    find,
    find_one_by_one,
    holds,
    parse,
    text_of,
    too_deep,
)
from coopscrape.extract.select import Item as Place
from coopscrape.extract.weight import DEEPEST, HARMLESS_NEST, Weight, weigh
from coopscrape.model import Content, Extraction, KeyRule, Layout, Page, Reading, Row, Signals, Skip

STANDARD: Final = frozenset({"category", "title", "date", "summary", "link"})  # fields of model.Content
NUMBER: Final = "number"
TOLD: Final = STANDARD | {NUMBER}  # what has a place of its own in a Row; all else is `extra`
SIGNALS: Final = frozenset({"robots", "coopscrape", "tdm-reservation"})  # names of <meta> that are said to us
# A longer value is not cut (a cut one would say what the page does not), the page is doubted.
LONGEST: Final = 1_000_000  # characters of one value
MOST_TEXT: Final = 10_000_000  # characters of all values of a page, whose items may stand in each other


def extract(page: Page, reading: Reading) -> Extraction:
    """What the page says under this reading. What cannot be read at all says why in `trouble`.

    The first layout whose guard is found reads the page, also if it finds nothing. Rows are in document order; an item
    that is no entry is told in `dropped`. `next_url` is the selector's own affair: `:not(.disabled)` belongs there.
    """
    return extraction(look(page, reading))


# -- the path -------------------------------------------------------------------------------------------


class Item(NamedTuple):
    """One element that `item` found: what its fields caught, and the row, or why it is none."""

    caught: tuple[Caught, ...]
    row: Row | None = None
    dropped: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One layout, laid upon the page."""

    layout: Layout
    held: bool
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """All that was seen."""

    must_contain: bool
    seen: tuple[Seen, ...] = ()
    next_url: str | None = None
    trouble: str | None = None
    signals: Signals = ()
    hint: str | None = None


def look(page: Page, reading: Reading, every_layout: bool = False) -> Look:
    """`every_layout`: also those that do not read this page are laid upon it."""
    try:
        if reading.feed is not None:
            from coopscrape.extract.feed_page import look_feed  # it builds on what is here

            return look_feed(page, reading, every_layout)
        html, tags, weight = _weighed(page, reading)
        if weight.doubtful:
            return look_apart(page, reading, every_layout)
        return _look(page, html, tags, reading, every_layout)
    except UnusableError as fault:
        return Look(must_contain=reading.must_contain is None, trouble=str(fault))


def extraction(seen: Look) -> Extraction:
    chosen = next((layout for layout in seen.seen if layout.held), None)
    items = chosen.items if chosen else ()
    return Extraction(
        rows=tuple(item.row for item in items if item.row),
        layout=chosen.layout.name if chosen else None,
        must_contain=seen.must_contain,
        next_url=seen.next_url,
        items=len(items),
        dropped=tuple(f"row {n}: {item.dropped}" for n, item in enumerate(items, 1) if item.dropped),
        trouble=seen.trouble,
        signals=seen.signals,
        hint=None if any(item.row for item in items) else seen.hint,
    )


def look_here(page: Page, reading: Reading, every_layout: bool) -> Look:
    """For apart.py: in this process, however dear it may be. Raises UnusableError."""
    if reading.feed is not None:
        from coopscrape.extract.feed_page import look_feed_here

        return look_feed_here(page, reading)
    html, tags, _ = _weighed(page, reading)
    return _look(page, html, tags, reading, every_layout)


def _weighed(page: Page, reading: Reading) -> tuple[str, int, Weight]:
    """The page's text, and how many tags it may have. Raises UnusableError: it is no HTML, or too dear."""
    html, _ = decode(page.body, page.content_type, reading.language)
    if trouble := other_make(page.body, html):
        raise UnusableError(trouble)
    tags = html.count("<")
    weight = weigh(html, tags)
    if weight.refused:
        raise UnusableError(f"this page is not read: {weight.refused}")
    return html, tags, weight


def _look(page: Page, html: str, tags: int, reading: Reading, every_layout: bool) -> Look:
    root = root_of(html, tags)
    marked = find(root, "base[href], meta[name][content]")
    scene = Scene(base_of(marked, page.url), reading.language, page.fetched_at, page.url, reading.timezone)
    here = canon.link(page.url)
    seen = tuple(
        Seen(layout, held, tuple(_items(root, layout, reading, scene, here)))
        for layout, held in _laid(root, reading.layouts, every_layout)
    )
    return Look(
        must_contain=reading.must_contain is None or holds(root, reading.must_contain),
        seen=seen,
        next_url=_next_url(root, reading.next, scene.base) if reading.next else None,
        signals=tuple(dict.fromkeys(_signals(marked))),
        hint=None if next((one.items for one in seen if one.held), ()) else _hint(root),
    )


_ROOTS: Final = ", ".join((*(f"#{one}" for one in scripted.ROOTS), *scripted.TAGS))
_MARKS: Final = ", ".join((*(f"#{one}" for one in scripted.STATES), *(f"[{one}]" for one in scripted.MARKS)))


def _hint(root: Element) -> str | None:
    """Of a page on which no item was found."""
    empty_root = any(one.first_child is None or not text_of(one) for one in find(root, _ROOTS))
    marked = empty_root or holds(root, _MARKS)
    text = len(text_of(root)) if marked else 0
    return scripted.WORDS if scripted.is_scripted(empty_root=empty_root, marked=marked, text=text) else None


def root_of(html: str, tags: int) -> Element:
    """The page, parsed. Raises UnusableError."""
    root = parse(html)
    if root is None:
        raise UnusableError("this page is not read: the HTML parser makes nothing of it")
    if tags > HARMLESS_NEST and too_deep(root):
        raise UnusableError(f"this page is not read: its elements stand more than {DEEPEST} deep in each other")
    return root


def base_of(marked: Iterable[Element], url: str) -> str:
    """HTML standard, section 4.2.3: the first <base> with an href, itself relative to the page."""
    hrefs = (attribute(element, "href") for element in marked if element.tag == "base")
    given = next(filter(None, hrefs), None)
    return (resolve(url, given) if given else None) or url


def _signals(marked: Iterable[Element]) -> Iterable[tuple[str, str]]:
    """`<meta name="robots" content="noarchive">` and its like, wherever it stands."""
    for element in marked:
        name = one_line(attribute(element, "name") or "").lower()
        said = one_line(attribute(element, "content") or "") if name in SIGNALS else ""
        if said and element.tag == "meta":
            yield f"meta:{name}", said


def _laid(root: Element, layouts: tuple[Layout, ...], every_layout: bool) -> Iterable[tuple[Layout, bool]]:
    for layout in layouts:
        held = layout.guard is None or holds(root, layout.guard)
        if held or every_layout:
            yield layout, held
        if held and not every_layout:
            return


_WITH_ATTRIBUTE = re.compile(r"(?P<css>.*?)\s*@(?P<attr>[\w:.-]+)\s*", re.DOTALL)


def _next_url(root: Element, selector: str, base: str) -> str | None:
    """The first element that the selector finds and that leads to another page. `css @attr` names another attribute."""
    named = _WITH_ATTRIBUTE.fullmatch(selector)
    css, name = (named["css"], named["attr"]) if named else (selector, "href")
    hrefs = (attribute(element, name) for element in find_one_by_one(root, css or "*"))
    return next((url for href in hrefs if href and (url := resolve_next(base, href))), None)


# -- the items ------------------------------------------------------------------------------------------


def _items(root: Element, layout: Layout, reading: Reading, scene: Scene, here: str | None) -> Iterator[Item]:
    elements = items_of(root, layout)
    alone = [each for each in elements if not isinstance(each, Siblings)]
    fields = Fields(layout.fields, scene, Finds(alone), Around(root, layout, elements))
    extra = tuple(field.name for field in layout.fields if field.name not in TOLD)
    return bounded(_item(element, layout, reading.key, here, fields, extra) for element in elements)


def bounded(items: Iterable[Item]) -> Iterator[Item]:
    """Raises UnusableError when what the items say comes to more than a listing can say."""
    room = MOST_TEXT
    for item in items:
        room -= _length(item.caught)
        if room < 0:
            raise UnusableError(f"this page is not read: its entries come to more than {MOST_TEXT:,} characters")
        yield item


def _length(caught: tuple[Caught, ...]) -> int:
    """Of all that one item says. Raises UnusableError: one of it is too long."""
    total = 0
    for name, value, text, _, _ in caught:
        length = len(text or "") if value is text else max(len(value or ""), len(text or ""))
        if length > LONGEST:
            words = f"a {name} has {length:,} characters; at most {LONGEST:,} are read"
            raise UnusableError(f"this page is not read: {words}")
        total += length
    return total


def _item(
    element: Place, layout: Layout, key_rule: KeyRule, here: str | None, fields: Fields, extra: tuple[str, ...]
) -> Item:
    if layout.skip and (reason := _skipped(element, layout.skip)):
        return Item((), dropped=reason)
    caught = fields.read(element)
    values = values_of(caught)
    if layout.require and (lacking := [name for name in layout.require if not values.get(name)]):
        return Item(caught, dropped=f"no {' and no '.join(lacking)}")
    key = key_of(values, key_rule, here)
    if key is None:
        return Item(caught, dropped="all its fields are empty")
    return Item(caught, Row(key[0], content_of(values, extra), _number(values), key[1]))


def _skipped(element: Place, skips: tuple[Skip, ...]) -> str | None:
    """Why an item is none: it holds (or is) `css`, and its text matches `match`."""
    for skip in skips:
        marked = skip.css is None or holds(element, skip.css)
        if marked and (skip.match is None or search(skip.match, text_of(element))):
            signs = [f"holds {short(skip.css)}"] if skip.css else []
            signs += [f"matches {short(skip.match)}"] if skip.match else []
            return f"skipped, it {' and '.join(signs)}" if signs else None
    return None


def values_of(caught: tuple[Caught, ...]) -> dict[str, str | None]:
    values: dict[str, str | None] = {}
    date_text: str | None = None
    for name, value, text, _, _ in caught:
        values[name] = value
        if name == "date":
            date_text = text
    return values if "date" not in values else values | {"date_text": date_text}


def content_of(values: dict[str, str | None], extra: tuple[str, ...]) -> Content:
    get, own = values.get, tuple([(name, values[name]) for name in extra]) if extra else ()
    return Content(
        get("category"), get("title"), get("date") or None, get("date_text"), get("summary"), get("link"), own
    )


def _number(values: dict[str, str | None]) -> int | None:
    digits = values.get(NUMBER)
    return int(digits) if digits else None
