"""A tree of nodes -> the source blocks that may read it, the likeliest first. Pure; whoever calls tries them on the page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from coopscrape.induce import fields as reading
from coopscrape.induce.columns import columns, sample
from coopscrape.induce.fields import Found, Scene
from coopscrape.induce.index import Index
from coopscrape.induce.key import Key, key_of
from coopscrape.induce.names import classes, identity, is_looks
from coopscrape.induce.offers import Offer, no_listing, offers
from coopscrape.induce.paging import Pages, paging
from coopscrape.induce.printed import Reads, language_of, spans
from coopscrape.induce.records import Group, groups, has_own_date
from coopscrape.induce.selectors import item_selectors
from coopscrape.induce.spans import earlier, spanned
from coopscrape.model import Node


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to read the page, in the words of selectors.toml."""

    layout: Mapping[str, Any]
    language: str
    key: Key
    key_why: str
    pages: Pages | None
    must_contain: str | None
    agreement: Mapping[str, float] = field(
        default_factory=dict
    )  # field -> how alike its elements are, how sure its format is

    def block(self, url: str, title: str = "") -> dict[str, Any]:
        """A [sources.NAME] as it stands in selectors.toml."""
        block: dict[str, Any] = {"title": title} if title else {}
        block |= {"url": url, "language": self.language, "key": self.key}
        block |= {"pages": self.pages.setting if self.pages else "single"}
        block |= {"must_contain": self.must_contain} if self.must_contain else {}
        return block | {"layouts": [dict(self.layout)]}


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What a page was found to hold."""

    proposals: tuple[Proposal, ...]
    offers: tuple[Offer, ...]
    title: str
    otherwise: str  # what the page is, should none of the proposals read it


def suggest(root: Node, base: str, url: str, reads: Reads) -> Suggestions:
    """`base`: what links are relative to; `url`: where the page came from."""
    index = Index(root)
    ground = Ground(index, base, url, reads)
    found = groups(index, ground.has_date, ground.leads)
    proposals = [one for group in found for one in _proposals(group, ground)]
    return Suggestions(tuple(proposals), offers(index, base), _title(index), no_listing(index))


class Ground:
    """What is known of the page as a whole. `language`: None where it has to be found out."""

    def __init__(self, index: Index, base: str, url: str, reads: Reads, language: str | None = None) -> None:
        self.index, self.base, self.url = index, base, urldefrag(url).url
        texts = [child for node in index.order for child in node.children if isinstance(child, str) and child.strip()]
        self.language = language or language_of(texts, index.root.attributes.get("lang", ""), reads)
        self.scene = Scene(index, reads, self.language, self.leads)

    def has_date(self, node: Node) -> bool:
        return has_own_date(node, lambda text: bool(spans(text, self.language, self.scene.reads)))

    def leads(self, node: Node) -> str | None:
        """Where a link leads to, if to another page."""
        href = node.attributes.get("href", "").strip() if node.tag in ("a", "area", "link") else ""
        if not href or href.startswith("#"):
            return None
        try:
            url = urljoin(self.base, href)
            good = urlsplit(url).scheme in ("http", "https") and urldefrag(url).url != self.url
        except ValueError:
            return None
        return url if good else None


def _proposals(group: Group, page: Ground) -> list[Proposal]:
    """One for each good selector of the items."""
    pages = paging(page.index, page.url, page.leads)
    selectors = item_selectors(group.nodes, page.index, most=2)
    proposals = []
    for starts in (group.nodes, earlier(page.index, group.nodes)):
        spanning = _with_siblings(starts, group, page)
        if spanning:
            for css, matched in item_selectors(starts, page.index, most=1):
                whole = Group(tuple(starts), group.score, group.dated, group.linked)
                proposals.append(_proposal({"start": css}, matched, whole, spanning, pages, page))
    found = fields_of(sample(group.nodes), page.scene)
    if "title" in found:
        proposals += [_proposal(css, matched, group, found, pages, page) for css, matched in selectors]
    return proposals


def _with_siblings(starts: Sequence[Node], group: Group, page: Ground) -> dict[str, Found] | None:
    """The fields of entries that are no element but several in a row; None, if that tells nothing more of them."""
    if not starts or (group.dated > 0.5 and group.linked > 0.5):
        return None
    cut = spanned(page.index, starts, page.has_date)
    if cut is None:
        return None
    index = Index(cut.root)
    found = fields_of(sample(cut.records), Scene(index, page.scene.reads, page.language, page.leads))
    more = ("date" in found and group.dated <= 0.5) or ("link" in found and group.linked <= 0.5)
    return found if more and "title" in found else None


def fields_of(records: Sequence[Node], scene: Scene) -> dict[str, Found]:
    """By name, in the order in which they are shown."""
    made = columns(records, scene.index)
    titled = reading.title(made, scene)
    if titled is None:
        return {}
    found = {"title": titled}
    if linked := reading.link(made, titled, scene):
        found["link"] = linked
    if dated := reading.date(made, titled, scene):
        found["date"] = dated
    taken = list(found.values())
    if kind := reading.category(made, taken, scene):
        found["category"] = kind
    if said := reading.summary(made, [*found.values()], scene):
        found["summary"] = said
    return found


def _proposal(
    item: str | dict[str, str],
    matched: frozenset[Node],
    group: Group,
    found: dict[str, Found],
    pages: Pages | None,
    page: Ground,
) -> Proposal:
    css = item if isinstance(item, str) else item["start"]
    layout: dict[str, Any] = {"item": item} | {name: one.spec for name, one in found.items()}
    layout["require"] = _required(matched, group, found)
    for name in ("link", "date"):
        if name in found and not all(found[name].values):
            layout[name] = _optional(layout[name])
    values = {name: list(one.values) for name, one in found.items()}
    nothing: list[str | None] = [None] * len(values["title"])
    key, why = key_of(values["title"], values.get("link", []), values.get("date", nothing))
    agreement = {name: one.column.agreement * one.sure for name, one in found.items()}
    return Proposal(layout, page.language, key, why, pages, container(css, group.nodes, page.index), agreement)


def _required(matched: frozenset[Node], group: Group, found: dict[str, Found]) -> list[str]:
    """What keeps out the elements that the selector finds besides: they lack what all entries have."""
    always: list[str] = [name for name in ("title", "date", "link") if name in found and all(found[name].values)]
    return always[:2] if matched - set(group.nodes) else ["title"]


def _optional(spec: Any) -> dict[str, Any]:
    return {"css": spec, "optional": True} if isinstance(spec, str) else {**spec, "optional": True}


# -- what every page of the listing has ---------------------------------------------------------------------------


def container(item: str, nodes: Sequence[Node], index: Index) -> str | None:
    """The nearest element around all items that has a name to itself; else the items, if they have a name."""
    common = set(index.above(nodes[0])).intersection(*(index.above(node) for node in nodes[1:40]))
    named = [css for outer in index.above(nodes[0]) if outer in common and outer.tag != "html" for css in _names(outer)]
    once = [css for css in named if not css.startswith("body") and _count(css, index) == 1]
    own = item if re.search(r"[.#\[]", item) else None
    return next(iter(once), None) or own or next(iter(named), None)


def _names(node: Node) -> list[str]:
    given = identity(node)
    return [*([f"#{given}"] if given else []), *(f"{node.tag}.{one}" for one in classes(node) if not is_looks(one))]


def _count(css: str, index: Index) -> int:
    return sum(css in _names(node) for node in index.order)


def _title(index: Index) -> str:
    for tag in ("title", "h1"):
        for node in index.order:
            if node.tag == tag and index.text(node):
                return index.text(node)
    return ""
