"""Entries that are several siblings in a row -> the same page with an element around each, so that it can be looked at. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from coopscrape.induce.index import Index, below
from coopscrape.induce.selectors import SPAN
from coopscrape.model import Node


class Cut(NamedTuple):
    """A page in which each entry is an element of its own."""

    root: Node
    records: list[Node]


def spanned(index: Index, starts: Sequence[Node], has_date: Callable[[Node], bool]) -> Cut | None:
    """None: they have not one parent, nothing stands between them, or what is dated stands before the first of them."""
    parents = {index.parent.get(node) for node in starts}
    parent = parents.pop()
    if parents or parent is None:
        return None
    begins, children = set(starts), parent.children
    places = [i for i, child in enumerate(children) if isinstance(child, Node) and child in begins]
    before = [child for child in children[: places[0]] if isinstance(child, Node)]
    if any(has_date(node) for child in before for node in (child, *below(child))):
        return None
    pieces = [children[a:b] for a, b in zip(places, [*places[1:], len(children)], strict=True)]
    if not all(any(isinstance(one, Node) for one in piece[1:]) for piece in pieces):
        return None
    records = [Node(SPAN, {}, tuple(piece)) for piece in pieces]
    return Cut(
        _replaced(index, parent, Node(parent.tag, parent.attributes, (*children[: places[0]], *records))), records
    )


def _replaced(index: Index, old: Node, new: Node) -> Node:
    """The root of a page in which one node is another."""
    while old in index.parent:
        outer = index.parent[old]
        children = tuple(new if child is old else child for child in outer.children)
        old, new = outer, Node(outer.tag, outer.attributes, children)
    return new


def earlier(index: Index, nodes: Sequence[Node]) -> list[Node]:
    """The elements right before them, where these are of one kind: the <dt> of each <dd>."""
    parent = index.parent.get(nodes[0])
    if parent is None or any(index.parent.get(node) is not parent for node in nodes):
        return []
    elements = [child for child in parent.children if isinstance(child, Node)]
    before = [elements[i - 1] for i, child in enumerate(elements) if i and child in set(nodes)]
    alike = len({node.tag for node in before}) == 1 and not set(before) & set(nodes)
    return before if alike and len(before) == len(nodes) else []
