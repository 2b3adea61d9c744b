"""A page after a redesign, and what is known of its entries -> layouts that say the same of them. Pure.

Where `suggest` has to guess what is a title, this knows: the known title, link, date and category are looked for, and a
selector is taken only if it says of every known entry what was known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import regex

from coopscrape import canon
from coopscrape.induce.columns import Column, columns
from coopscrape.induce.fields import Scene, date_spec, spec_of
from coopscrape.induce.index import Index
from coopscrape.induce.names import classes, identity, is_looks
from coopscrape.induce.paging import paging
from coopscrape.induce.printed import Reads, dated
from coopscrape.induce.proposal import Ground, container
from coopscrape.induce.records import frame, lifted, likenesses
from coopscrape.induce.selectors import item_selectors
from coopscrape.model import Content, Node

LEAST: Final = 2  # known entries that must be found


@dataclass(frozen=True, slots=True)
class Mended:
    """One layout that says of the known entries what was known, and selectors that tell the new make from others."""

    layout: Mapping[str, Any]
    found: int  # known entries in it
    lost: tuple[str, ...]  # fields that were known and are not found
    guards: tuple[str, ...]
    next: str | None  # the selector of the next page


def mend(
    root: Node, base: str, url: str, language: str, known: Sequence[Content], fields: Sequence[str], reads: Reads
) -> list[Mended]:
    """`fields`: those that the layouts so far have. The likeliest first."""
    index = Index(root)
    ground = Ground(index, base, url, reads, language)
    seen = _Known(known, index, ground.leads)
    groups = sorted(_groups(seen, index), key=lambda nodes: -len(seen.aligned(nodes)))
    made = (_mended(nodes, seen, fields, ground) for nodes in groups)
    return [one for each in made for one in each]


def on_page(root: Node, titles: Sequence[str | None]) -> set[str]:
    """Those of the titles (canonical) that an element says which is not in the frame of the page, such as a side column."""
    index = Index(root)
    wanted = {canon.text(one) for one in titles if one}
    found = {node: title for node in index.order if (title := canon.text(index.text(node))) in wanted and title}
    return {title for node, title in found.items() if frame(node, index) == 1.0} or set(found.values())


class _Known:
    """Where on the page known titles and links stand."""

    def __init__(self, known: Sequence[Content], index: Index, leads: Callable[[Node], str | None]) -> None:
        self.index, self.leads = index, leads
        self.by_title = {canon.text(one.title): one for one in known if one.title}
        self.by_link = {canon.link(one.link): one for one in known if one.link}
        self.titles: list[Node] = []
        self.links: dict[Node, Content] = {}
        self.named: dict[Node, Content] = {}
        for node in index.order:
            url = leads(node) if node.tag in ("a", "area") else None
            if url and (entry := self.by_link.get(canon.link(url))):
                self.links[node] = entry
            if node.tag not in ("html", "body", "title", "head") and (
                entry := self.by_title.get(canon.text(index.text(node)))
            ):
                self.named[node] = entry
        inner = {index.parent[node] for node in self.named if index.parent.get(node) in self.named}
        self.titles = [node for node in self.named if node not in inner]

    def aligned(self, nodes: Sequence[Node]) -> dict[int, Content]:
        """Place of a record -> the known entry that it is: whose link stands in it, or else its title."""
        found: dict[int, Content] = {}
        for place, node in enumerate(nodes):
            entry = self._in(node, self.links) or self._in(node, self.named)
            if entry is not None:
                found[place] = entry
        return found

    def _in(self, record: Node, where: Mapping[Node, Content]) -> Content | None:
        """The one known entry of a record; None, if there are several."""
        start, end = self.index.span(record)
        there = {id(entry): entry for node, entry in where.items() if start <= self.index.order[node] < end}
        return next(iter(there.values())) if len(there) == 1 else None


def _groups(seen: _Known, index: Index) -> Iterator[tuple[Node, ...]]:
    told: set[frozenset[Node]] = set()
    for anchors in (list(seen.links), seen.titles):
        for group in likenesses(anchors, index):
            for nodes in lifted(group, index):
                if len(nodes) >= LEAST and frozenset(nodes) not in told:
                    told.add(frozenset(nodes))
                    yield tuple(nodes)


# -- the layout ---------------------------------------------------------------------------------------------


def _mended(nodes: tuple[Node, ...], seen: _Known, fields: Sequence[str], ground: Ground) -> list[Mended]:
    entries = seen.aligned(nodes)
    if len(entries) < LEAST:
        return []
    records = [nodes[place] for place in entries]
    known = list(entries.values())
    made = columns(records, ground.index)
    specs = {
        name: spec for name in sorted(fields, key=_rank) if (spec := _spec(name, made, known, ground.scene)) is not None
    }
    if "title" not in specs:
        return []
    lost = tuple(name for name in fields if name not in specs and any(_value(one, name) for one in known))
    following = paging(ground.index, ground.url, ground.leads)
    leads_on = following.setting.get("next") if following else None
    return [
        Mended(
            {"item": css, **specs, "require": _required(specs, known)},
            len(entries),
            lost,
            tuple(_guards(css, records, specs, ground.index)),
            leads_on,
        )
        for css, matched in item_selectors(nodes, ground.index)
        if set(records) <= matched
    ]


ORDER: Final = ("title", "link", "category", "date", "summary")  # in which a layout is written


def _rank(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


def _required(specs: Mapping[str, Any], known: Sequence[Content]) -> list[str]:
    return ["title", *(["date"] if "date" in specs and all(one.date for one in known) else [])]


def _value(entry: Content, name: str) -> str | None:
    value: str | None = getattr(entry, name) if hasattr(entry, name) else dict(entry.extra).get(name)
    return value or None


def _spec(name: str, made: Sequence[Column], known: Sequence[Content], scene: Scene) -> Any:
    """How the field is written that says what was known; None if nothing says it."""
    wanted = [_value(one, name) for one in known]
    if not any(wanted):
        return None
    special = {"link": _link, "date": _date}.get(name, _text)
    ways = [(cost, spec) for cost, spec in special(made, wanted, scene)]
    best = min(ways, key=lambda way: way[0], default=None)
    if best is None:
        return None
    needed = name == "title" or (name in ("link", "date") and all(wanted))
    return best[1] if needed else _optional(best[1])


def _optional(spec: Any) -> dict[str, Any]:
    return {"css": spec, "optional": True} if isinstance(spec, str) else {**spec, "optional": True}


Ways = Iterator[tuple[float, Any]]


def _link(made: Sequence[Column], wanted: Sequence[str | None], scene: Scene) -> Ways:
    keys = [canon.link(one) for one in wanted]
    for column in made:
        urls = [scene.leads(node) if node is not None and node.tag in ("a", "area") else None for node in column.nodes]
        if column.text == "all" and _agree([canon.link(url) for url in urls], keys):
            yield column.cost, f"{column.css} @href".strip()


def _text(made: Sequence[Column], wanted: Sequence[str | None], _scene: Scene) -> Ways:
    """Of an element, of a part of it, of an attribute."""
    keys = [canon.text(one) for one in wanted]
    for column in made:
        if _agree([canon.text(text) for text in column.texts], keys):
            yield column.cost, spec_of(column)
            continue
        for pattern in PARTS:
            picked = [_picked(pattern, text) for text in column.texts]
            if _agree([canon.text(text) for text in picked], keys):
                yield column.cost + 2, spec_of(column, match=pattern)
        for attribute in ("title", "alt", "content", "aria-label", "data-title") if column.text == "all" else ():
            given = [None if node is None else node.attributes.get(attribute) for node in column.nodes]
            if _agree([canon.text(text) for text in given], keys):
                yield column.cost + 1, f"{column.css} @{attribute}".strip()


# What is beside something else in one line: "10.03.2022 - Press release", "News | 3 May", "Type: News".
PARTS: Final = (
    r"^(.+?)\s*[|·•–—/-]\s",
    r"[|·•–—/-]\s+(\P{N}+)$",
    r"^[^:]{1,30}:\s+(.+)$",
    r"^\P{L}+(.+)$",
    r"^(.+?)\s*\([^()]*\)$",
)


def _picked(pattern: str, text: str | None) -> str | None:
    found = regex.search(pattern, text) if text else None
    return found[1] if found else None


def _agree(said: Sequence[str | None], wanted: Sequence[str | None]) -> bool:
    """Of every known entry what was known of it, and nothing of those that had none; a title may have been edited since."""
    return all((one or None) == (two or None) for one, two in zip(said, wanted, strict=True))


def _date(made: Sequence[Column], wanted: Sequence[str | None], scene: Scene) -> Ways:
    for column in made:
        for attribute in (None, "datetime", "content", "data-date"):
            texts = (
                column.texts
                if attribute is None
                else [None if node is None else node.attributes.get(attribute) for node in column.nodes]
            )
            if (attribute and column.text != "all") or not any(texts):
                continue
            known = dated(texts, scene.language, scene.reads)
            if known and _agree(known.values, wanted):
                css = f"{column.css} @{attribute}".strip() if attribute else column.css
                cost = column.cost + 1.5 * bool(attribute) + bool(known.match) + 0.01 * column.length
                yield cost, date_spec(css, column.text, known)


# -- what tells the new make from others ---------------------------------------------------------------------


def _guards(item: str, records: Sequence[Node], specs: Mapping[str, Any], index: Index) -> Iterator[str]:
    """The surest first: a name around the items, the items, what stands in them."""
    if around := container(item, records, index):
        yield around
    for outer in index.above(records[0]):
        if outer.tag not in ("html", "body"):
            yield from ([f"#{identity(outer)}"] if identity(outer) else [])
            yield from (f"{outer.tag}.{name}" for name in classes(outer) if not is_looks(name))
    yield item
    for spec in specs.values():
        css = (spec if isinstance(spec, str) else str(spec.get("css", ""))).partition("@")[0].strip()
        if css:
            yield (
                f"{item}:has({css})"
                if not re.search(r" |>", css)
                else f"{item}:has({css.split(' > ')[-1].split(' ')[-1]})"
            )
            yield f"{item} {css}"
