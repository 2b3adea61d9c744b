"""A node -> the selectors that find it, each with what it costs; from these the shortest that is stable is chosen. Pure.

All selectors here are of one small language (tag, class, id, place, child, descendant), and every one of it that finds a
node is made from that node. So what a selector finds is known by collecting, and nothing has to be matched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final

from coopscrape.induce.index import Index
from coopscrape.induce.names import classes, identity, is_looks
from coopscrape.model import Node

Cost = float
Costs = dict[str, Cost]

SPAN: Final = "-span"  # a row of siblings that is looked at as one element; no selector can name it
GENERIC: Final = frozenset({"div", "span", "p", "a", "td", "tr", "li", "ul", "section"})
MEANT: Final = ("itemprop", "property", "role", "data-testid")  # attributes by whose value an element is named
PLACED: Final = frozenset({"td", "th", "dd", "dt", "p", "div", "span", "a", "li", "tr", "b", "strong", "em", "table"})


def compounds(node: Node, index: Index, *, places: bool = True) -> Costs:
    """`h3`, `h3.title`, `#news`, `td:nth-child(2)`."""
    tag = node.tag
    found: Costs = {tag: 1.6 if tag in GENERIC else 1.1}
    names = classes(node)[:6]
    for name in names:
        found[f"{tag}.{name}"] = 2.2 if is_looks(name) else 1.0
    for a, b in combinations(names[:4], 2):
        found[f"{tag}.{a}.{b}"] = 1.7 + is_looks(a) + is_looks(b)
    if given := identity(node):
        found[f"#{given}"] = 0.8
    for attribute in MEANT:
        value = node.attributes.get(attribute, "")
        if value and value.isascii() and value.replace("-", "").replace(":", "").isalnum():
            found[f'{tag}[{attribute}="{value}"]'] = 1.2
    if tag in {"time", "abbr"} and node.attributes.get("datetime"):
        found[f"{tag}[datetime]"] = 1.5
    if places and tag in PLACED and node in index.parent and index.parent[node].tag != SPAN:
        place, of_its_tag = index.place(node)
        found[
            f"{tag}:nth-{'child' if tag in ('td', 'th') else 'of-type'}({place if tag in ('td', 'th') else of_its_tag})"
        ] = 2.2 if tag in ("td", "th", "dd") else 3.5 + 0.2 * of_its_tag
    return found


def within(item: Node, node: Node, index: Index) -> Costs:
    """Selectors that find `node` when asked of `item`. Ancestors outside count for a selector, too, so they are minded."""
    own = compounds(node, index)
    found = dict(own)
    parent = index.parent[node]
    for left, cost in compounds(parent, index).items() if parent.tag != SPAN else ():
        for right, more in own.items():
            found.setdefault(f"{left} > {right}", cost + more + 0.6)
    between = _between(item, node, index)
    outside = {name for outer in (item, *index.above(item)) for name in classes(outer)}
    for outer in between:
        named = [name for name in classes(outer)[:3] if name not in outside]
        for name in named:
            for right, more in own.items():
                found.setdefault(f"{outer.tag}.{name} {right}", 1.0 + more + 0.4 + is_looks(name))
        if outer.tag in ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "td", "th") and not _tag_outside(
            outer, item, index
        ):
            tail = compounds(outer, index)
            for left, cost in tail.items():
                if left.startswith(f"{outer.tag}:") or left == outer.tag:
                    for right, more in own.items():
                        found.setdefault(f"{left} {right}", cost + more + 0.4)
    return found


def _tag_outside(node: Node, item: Node, index: Index) -> bool:
    return any(outer.tag == node.tag for outer in (item, *index.above(item)))


def _between(item: Node, node: Node, index: Index) -> list[Node]:
    between = []
    for outer in index.above(node):
        if outer is item:
            break
        between.append(outer)
    return between


def across(node: Node, index: Index) -> Costs:
    """Selectors that find `node` on the page, and others of its kind with it."""
    own = compounds(node, index, places=False)
    if node.tag == "tr":
        own |= {"tr:has(td)": 1.9}
    found = {css: cost + 1.0 * (css == node.tag) for css, cost in own.items()}
    for depth, outer in enumerate(index.above(node)):
        named = {css: cost for css, cost in compounds(outer, index, places=False).items() if css != outer.tag}
        if depth == 0:
            named[outer.tag] = 1.4
        if outer.tag in ("main", "article", "table", "tbody"):
            named.setdefault(outer.tag, 1.4)
        far = 0.1 * min(depth, 6)
        for left, cost in named.items():
            for right, more in own.items():
                if depth == 0:
                    found.setdefault(f"{left} > {right}", cost + more + 0.2)
                found.setdefault(f"{left} {right}", cost + more + 0.3 + far)
        if depth == 0:
            _from_grandparent(outer, own, found, index)
    return found


def _from_grandparent(parent: Node, own: Costs, found: Costs, index: Index) -> None:
    """`div.list > ul > li`: through a parent that has no name."""
    if parent not in index.parent:
        return
    for left, cost in compounds(index.parent[parent], index, places=False).items():
        for right, more in own.items():
            found.setdefault(f"{left} > {parent.tag} > {right}", cost + more + 1.0)


def placed(node: Node, index: Index) -> Iterator[tuple[str, Cost]]:
    """As a last resort: by the place of what it stands in, `table:nth-of-type(2) tr`."""
    for depth, outer in enumerate(index.above(node)):
        _, place = index.place(outer)
        if outer.tag not in ("body", "html"):
            for css, cost in compounds(node, index, places=False).items():
                yield (
                    f"{outer.tag}:nth-of-type({place}) > {css}"
                    if depth == 0
                    else f"{outer.tag}:nth-of-type({place}) {css}",
                    cost + 4 + depth,
                )


def item_selectors(nodes: Sequence[Node], index: Index, most: int = 3) -> list[tuple[str, frozenset[Node]]]:
    """The best selectors of these items, which have one tag: those that miss none, find few others, are short."""
    wanted = frozenset(nodes)
    costs: Costs = {}
    for node in _few(nodes):
        more = across(node, index)
        costs = more if not costs else {css: cost for css, cost in costs.items() if css in more}
    costs.update((css, cost) for css, cost in placed(nodes[0], index) if css not in costs)
    found: dict[str, set[Node]] = {css: set() for css in costs}
    for node in index.order:
        if node.tag == nodes[0].tag:
            for css in across(node, index).keys() | {css for css, _ in placed(node, index)}:
                if css in found:
                    found[css].add(node)
    ranked = sorted(costs, key=lambda css: (len(wanted - found[css]) * 3 + len(found[css] - wanted), costs[css]))
    return [(css, frozenset(found[css])) for css in ranked[:most]]


def _few(nodes: Sequence[Node]) -> Iterable[Node]:
    """Enough to see what they have in common."""
    step = max(1, len(nodes) // 6)
    return nodes[::step]
