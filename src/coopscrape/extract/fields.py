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
from coopscrape.extract.links import resolve
from coopscrape.extract.patterns import UnusableError, compiled, search, substitute
from coopscrape.extract.printed import lines, short
from coopscrape.extract.select import Element, Finds, attribute, text_of
from coopscrape.model import Field, Text, Way


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
    timezone: str | None = None


Known = Mapping[str, str | None]  # the fields read before, for templates
Found = dict[str, list[Element]]  # what selectors found in an item: title and link often share theirs


class Fields:
    """The fields of a layout, made ready for all items of a page."""

    def __init__(self, fields: tuple[Field, ...], scene: Scene, finds: Finds) -> None:
        self._fields = [(field, _plain(field)) for field in fields]
        self._scene = scene
        self._finds = finds

    def read(self, item: Element) -> tuple[Caught, ...]:
        """One Caught a field, in the order of the fields. Raises UnusableError: a selector or pattern of no use."""
        known: dict[str, str | None] = {}
        caught: list[Caught] = []
        found: Found = {}
        for field, plain in self._fields:
            each = _usual(item, field.name, plain, found, self._finds) if plain is not None else None
            each = each or _read(item, field, self._scene, known, found, self._finds)
            known[field.name] = each.value
            caught.append(each)
        return tuple(caught)


def _plain(field: Field) -> str | None:
    """The selector of what most fields are: the text of an element, as it is."""
    way = field.ways[0] if field.ways and field.name not in MEANINGS else Way()
    return way.css if way == Way(css=way.css) else None


def _usual(item: Element, name: str, css: str, found: Found, finds: Finds) -> Caught | None:
    """Such a field, by a short cut, if the first element has a text. None: `_read` has to tell."""
    elements = found[css] if css in found else found.setdefault(css, finds.find(item, css))
    text = text_of(elements[0]) if elements else ""
    if "\n" in text:
        text = text.replace("\n", " ")
    return Caught(name, text, text, 0) if text else None


def _read(item: Element, field: Field, scene: Scene, known: Known, found: Found, finds: Finds) -> Caught:
    """The first value that is not blank; else the best of what was there: a text over a blank over nothing."""
    best: Caught | None = None
    for index, way in enumerate(field.ways):
        elements = _elements(item, way.css, found, finds)
        parts = _joined(item, way, scene, known, found, finds) if way.join else None
        for element in elements:
            caught = _catch(element, field.name, index, way, scene, known, parts)
            if caught.value:
                return caught
            best = caught if best is None or _rank(caught) > _rank(best) else best
        if not elements and best is None:
            best = Caught(field.name, way=index, reason=f"nothing in it is {way.css}")
    return best or Caught(field.name)


def _elements(item: Element, css: str | None, found: Found, finds: Finds) -> Sequence[Element | None]:
    """What a way looks at; a way without a selector needs no element."""
    if css is None:
        return (None,)
    if css not in found:
        found[css] = finds.find(item, css)
    return found[css]


def _rank(caught: Caught) -> int:
    return 0 if caught.text is None else 2 if caught.text else 1


def _catch(
    element: Element | None, name: str, index: int, way: Way, scene: Scene, known: Known, parts: str | None = None
) -> Caught:
    """What one way catches of one element (None: it needs none), or of the parts that were joined."""
    text, shown = parts or "", ""
    try:
        if way.join and parts is None:
            raise _Nothing("one of its parts is not there")
        if element is not None:
            text, shown = _taken(element, name, way)
        if way.value is not None or way.template is not None:
            text = _filled(way, text, known)
        value, printed = MEANINGS.get(name, _text)(text, way, scene)
    except _Nothing as nothing:
        return Caught(name, None, shown or nothing.printed, index, str(nothing))
    return Caught(name, value, shown or printed, index, None if value else "it is blank")


def _joined(item: Element, way: Way, scene: Scene, known: Known, found: Found, finds: Finds) -> str | None:
    """The texts of the parts, with blanks between them; None if one is not there."""
    parts = [_read(item, Field("", (part,)), scene, known, found, finds).value for part in way.join]
    return " ".join(filter(None, parts)) if all(parts) else None


class _Nothing(Exception):
    """No value, and why. `printed`: the text that means nothing, where there is one."""

    def __init__(self, reason: str, printed: str | None = None) -> None:
        super().__init__(reason)
        self.printed = printed


# -- from the element to a text -------------------------------------------------------------------------


def _taken(element: Element, name: str, way: Way) -> tuple[str, str]:
    """Text or attribute, and of it what `match` picks, mended by `replace`; and what is shown in place of an attribute."""
    attr = way.attr or (_default_attribute(element, way) if name == "link" else None)
    text = text_of(element, way.text) if attr is None else _attribute(element, attr)
    if way.match is not None:
        text = lines(_picked(way.match, _group(way, name), text))
    for pattern, replacement in way.replace:
        text = lines(substitute(pattern, replacement, text))
    return text, text_of(element).replace("\n", " ") if name == "date" and attr else ""


def _default_attribute(element: Element, way: Way) -> str | None:
    """A link without an attribute means where it leads, not what it says."""
    return "href" if way.text is Text.ALL and attribute(element, "href") is not None else None


def _attribute(element: Element, name: str) -> str:
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
    iso = read(line, way.format, scene.language, scene.fetched_at, scene.timezone)
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
