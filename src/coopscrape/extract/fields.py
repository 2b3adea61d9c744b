"""One item and its layout's fields -> what each field caught, or why it caught nothing. Pure.

A field's ways are tried in order, and for each the elements that its selector finds, in document order: the first text
that means something wins. So `{ css = "p", match = ... }` finds the paragraph that is a date among all paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from coopscrape.extract.dates import read_date
from coopscrape.extract.items import Around
from coopscrape.extract.links import resolve
from coopscrape.extract.patterns import UnusableError, compiled, search, substitute
from coopscrape.extract.printed import lines, short
from coopscrape.extract.select import Element, Finds, Item, attribute, text_of
from coopscrape.model import Field, Origin, Text, Way


class Caught(NamedTuple):
    """What one way caught for one field."""

    name: str
    value: str | None = None  # what it means: an ISO date, an absolute link, digits; otherwise the text
    text: str | None = None  # as printed, matched and mended. None: the page has no such element
    way: int | None = None  # index of the way
    reason: str | None = None  # why there is no value


@dataclass(frozen=True, slots=True)
class Scene:
    """What an item's values depend on besides the item."""

    base: str  # what links are relative to
    language: str
    fetched_at: str
    url: str = ""  # of the page
    timezone: str | None = None


Known = Mapping[str, str | None]  # the fields read before, for templates
Found = dict[str, list[Element]]  # what selectors found in an item: title and link often share theirs


class Fields:
    """The fields of a layout, made ready for all items of a page."""

    def __init__(self, fields: tuple[Field, ...], scene: Scene, finds: Finds, around: Around) -> None:
        self._fields = [(field, _plain(field)) for field in fields]
        self._scene = scene
        self._finds = finds
        self._around = around

    def read(self, item: Item) -> tuple[Caught, ...]:
        """One Caught a field, in the order of the fields. Raises UnusableError: a selector or pattern of no use."""
        known: dict[str, str | None] = {}
        caught: list[Caught] = []
        at = _Place(item, {}, self._finds, self._around, self._scene.url)
        for field, plain in self._fields:
            each = _usual(at, field.name, plain) if plain is not None else None
            each = each or _read(at, field, self._scene, known)
            known[field.name] = each.value
            caught.append(each)
        return tuple(caught)


def _plain(field: Field) -> str | None:
    """The selector of what most fields are: the text of an element, as it is."""
    way = field.ways[0] if field.ways and field.name not in MEANINGS else Way()
    return way.css if way.css and way == Way(css=way.css) else None


class _Place(NamedTuple):
    """One item, and where else its fields may look."""

    item: Item
    found: Found
    finds: Finds
    around: Around
    url: str


def _usual(at: _Place, name: str, css: str) -> Caught | None:
    """Such a field, by a short cut, if the first element has a text. None: `_read` has to tell."""
    found = at.found
    elements = found[css] if css in found else found.setdefault(css, at.finds.find(at.item, css))
    text = text_of(elements[0]) if elements else ""
    if "\n" in text:
        text = text.replace("\n", " ")
    return Caught(name, text, text, 0) if text else None


def _read(at: _Place, field: Field, scene: Scene, known: Known) -> Caught:
    """The first value that is not blank; else the best of what was there: a text over a blank over nothing."""
    best: Caught | None = None
    for index, way in enumerate(field.ways):
        elements = _elements(at, way, field.name)
        for element in elements:
            caught = _catch(at, element, field.name, index, way, scene, known)
            if caught.value:
                return caught
            best = caught if best is None or _rank(caught) > _rank(best) else best
        if not elements and best is None:
            best = Caught(field.name, way=index, reason=_MISSING[way.origin].format(way.css))
    return best or Caught(field.name)


_MISSING: Final = {
    Origin.ITEM: "nothing in it is {}",
    Origin.HEADING: "no {} stands before it",
    Origin.PAGE: "nothing on the page is {}",
    Origin.URL: "",
}


def _elements(at: _Place, way: Way, name: str) -> Sequence[Item | None]:
    """What a way looks at; a way without a selector needs no element."""
    css = way.css
    if css is None:
        return (None,)
    if way.origin is not Origin.ITEM:
        return at.around.heading(at.item, css) if way.origin is Origin.HEADING else _on_page(at, way, css, name)
    if not css:
        return (at.item,)
    if css not in at.found:
        at.found[css] = at.finds.find(at.item, css)
    return at.found[css]


def _on_page(at: _Place, way: Way, css: str, name: str) -> Sequence[Item]:
    """The first that yields something. It is the same for all items, so it is looked for once."""
    return at.around.settled((css, name, way), lambda each: bool(_yields(at, each, name, way)))


def _yields(at: _Place, element: Element, name: str, way: Way) -> str:
    try:
        return _taken(at, element, name, way)[0]
    except _Nothing:
        return ""


def _rank(caught: Caught) -> int:
    return 0 if caught.text is None else 2 if caught.text else 1


def _catch(at: _Place, element: Item | None, name: str, index: int, way: Way, scene: Scene, known: Known) -> Caught:
    """What one way catches of one element (None: it needs none)."""
    text = shown = ""
    try:
        if element is not None or way.join or way.origin is Origin.URL:
            text, shown = _taken(at, element, name, way)
        if way.value is not None or way.template is not None:
            text = _filled(way, text, known)
        value, printed = MEANINGS.get(name, _text)(text, way, scene)
    except _Nothing as nothing:
        return Caught(name, None, shown or nothing.printed, index, str(nothing))
    return Caught(name, value, shown or printed, index, None if value else "it is blank")


class _Nothing(Exception):
    """No value, and why. `printed`: the text that means nothing, where there is one."""

    def __init__(self, reason: str, printed: str | None = None) -> None:
        super().__init__(reason)
        self.printed = printed


# -- from the element to a text -------------------------------------------------------------------------


def _taken(at: _Place, element: Item | None, name: str, way: Way) -> tuple[str, str]:
    """Text or attribute, and of it what `match` picks, mended by `replace`; and what is shown in place of an attribute."""
    if element is None:
        return _mended(lines(at.url) if way.origin is Origin.URL else _joined(at, name, way.join), name, way), ""
    attr = way.attr or (_default_attribute(element, way) if name == "link" else None)
    text = text_of(element, way.text) if attr is None else _attribute(element, attr)
    shown = _shown(at, element) if attr and name == "date" else ""
    return _mended(text, name, way), shown


def _shown(at: _Place, element: Item) -> str:
    """What a reader sees of a date in an attribute: the element's text, unless there stands more in it than a date."""
    text = "" if element is at.item else text_of(element)
    return text if len(text) <= REMEMBERED and "\n" not in text else ""


def _joined(at: _Place, name: str, parts: tuple[Way, ...]) -> str:
    """The parts with blanks between them; all must be there."""
    return " ".join(_part(at, name, n, part) for n, part in enumerate(parts, 1))


def _part(at: _Place, name: str, n: int, part: Way) -> str:
    if part.value is not None:
        return lines(part.value)
    reason = _MISSING[part.origin].format(part.css)
    for element in _elements(at, part, name):
        try:
            if text := _taken(at, element, name, part)[0]:
                return text.replace("\n", " ")
            reason = "it is blank"
        except _Nothing as nothing:
            reason = str(nothing)
    raise _Nothing(f"part {n}: {reason}")


def _mended(text: str, name: str, way: Way) -> str:
    """Of the text what `match` picks, mended by `replace`."""
    if way.match is not None:
        text = lines(_picked(way.match, _group(way, name), text))
    for pattern, replacement in way.replace:
        text = lines(substitute(pattern, replacement, text))
    return text


def _default_attribute(element: Item, way: Way) -> str | None:
    """A link without an attribute means where it leads, not what it says."""
    return "href" if way.text is Text.ALL and attribute(element, "href") is not None else None


def _attribute(element: Item, name: str) -> str:
    given = attribute(element, name)
    if given is None:
        raise _Nothing(f"it has no attribute {name!r}")
    return lines(given)


def _group(way: Way, name: str) -> str | int:
    """The group asked for; else the one named after the field, else the first, else the whole match."""
    if way.group is not None or way.match is None:
        return way.group or 0
    pattern = compiled(way.match)
    return name if name in pattern.groupindex else min(pattern.groups, 1)


def _picked(pattern: str, group: str | int, text: str) -> str:
    found = search(pattern, text)
    if found is None:
        raise _Nothing(f"{short(text)} does not match {pattern}")
    try:
        picked: str | None = found[group]
    except IndexError:
        raise UnusableError(f"the pattern {short(pattern)} has no group {group!r}") from None
    if picked is None:
        raise _Nothing(f"{short(text)} matches {pattern}, but its group {group!r} took no part")
    return picked


_NAME_IN_TEMPLATE = re.compile(r"\{([^{}]*)\}")


def _filled(way: Way, text: str, known: Known) -> str:
    """The constant or the template. A template with a hole is nothing."""
    if way.value is not None or way.template is None:
        return lines(way.value or "")
    parts = {**known, "text": text}
    holes = [name for name in _NAME_IN_TEMPLATE.findall(way.template) if not parts.get(name)]
    if holes:
        raise _Nothing(f"the template needs {', '.join(holes)}, which it does not have")
    return lines(_NAME_IN_TEMPLATE.sub(lambda hole: parts[hole[1]] or "", way.template))


# -- from a text to what it means: (value, text as printed) ----------------------------------------------


def _text(text: str, _way: Way, _scene: Scene) -> tuple[str, str]:
    line = text.replace("\n", " ")
    return line, line


def _summary(text: str, _way: Way, _scene: Scene) -> tuple[str, str]:
    """The only field that keeps its line breaks: it may be of several paragraphs."""
    return text, text


def _link(text: str, _way: Way, scene: Scene) -> tuple[str | None, str]:
    url = resolve(scene.base, text) if text and text != "#" else None
    if text and url is None:
        raise _Nothing(f"{short(text)} is no http(s) address", text)
    return url, text


def _date(text: str, way: Way, scene: Scene) -> tuple[str | None, str]:
    line = text.replace("\n", " ")
    read = _read_date if len(line) <= REMEMBERED else read_date
    zone = way.timezone or scene.timezone
    iso = read(line, way.format, way.language or scene.language, scene.fetched_at, zone)
    if line and iso is None:
        raise _Nothing(_no_date(line, way.format), line)
    return iso, line


REMEMBERED: Final = 100  # characters of a date at most, for the sake of memory
_read_date = lru_cache(maxsize=4096)(read_date)  # a listing shows the same dates again and again


def _no_date(line: str, formats: tuple[str, ...]) -> str:
    if not formats:
        return f"{short(line)}: no format is given"
    listed = ", ".join(formats)
    return f"{short(line)} is no date in the format{'s' if len(formats) > 1 else ''} {listed}"


# One number, of at most 15 digits (SQLite and JSON both hold it exactly), whatever stands around it: "1.", "No. 12".
_ONE_NUMBER = re.compile(r"[^0-9]*([0-9]{1,15})[^0-9]*")


def _number(text: str, _way: Way, _scene: Scene) -> tuple[str | None, str]:
    found = _ONE_NUMBER.fullmatch(text)
    if text and not found:
        raise _Nothing(f"{short(text)} is no number", text)
    return found[1] if found else None, text


MEANINGS: Final[Mapping[str, Callable[[str, Way, Scene], tuple[str | None, str]]]] = {
    "date": _date,
    "link": _link,
    "number": _number,
    "summary": _summary,
}
