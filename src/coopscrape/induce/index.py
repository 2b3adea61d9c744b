"""A tree of nodes -> the questions that are asked of it all the time, answered once: parents, order, text. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from coopscrape.model import Node

_BREAKING = """
    address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup option p pre search
    section select summary table tbody td tfoot th thead tr ul
"""
BREAKING: Final = frozenset(_BREAKING.split())
HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def below(node: Node) -> Iterator[Node]:
    """All elements within, in document order."""
    todo = [child for child in reversed(node.children) if isinstance(child, Node)]
    while todo:
        at = todo.pop()
        yield at
        todo += [child for child in reversed(at.children) if isinstance(child, Node)]


def own_text(node: Node) -> str:
    """Its own text nodes, on one line."""
    return " ".join(" ".join(child for child in node.children if isinstance(child, str)).split())


class Index:
    """What is known of the nodes of one page."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.order: dict[Node, int] = {root: 0}
        self.parent: dict[Node, Node] = {}
        self._last: dict[Node, int] = {}
        self._text: dict[Node, str] = {}
        self._place: dict[Node, tuple[int, int]] = {}
        for node in below(root):
            self.order[node] = len(self.order)
        for node in self.order:
            self.parent.update((child, node) for child in node.children if isinstance(child, Node))

        for node in reversed(self.order):
            self._last.setdefault(node, self.order[node])
            if node in self.parent:
                self._last.setdefault(self.parent[node], self._last[node])

    def span(self, node: Node) -> tuple[int, int]:
        """The places in `order` of the element and all within: from, and up to, but not with."""
        return self.order[node], self._last[node] + 1

    def above(self, node: Node) -> Iterator[Node]:
        """Its parent, the parent of that, up to the root."""
        while node in self.parent:
            node = self.parent[node]
            yield node

    def lines(self, node: Node) -> str:
        """As a reader sees it: blocks and <br> part lines, blanks are folded."""
        if node not in self._text:
            lines = ("".join(self._pieces(node))).split("\n")
            self._text[node] = "\n".join(filter(None, (" ".join(line.split()) for line in lines)))
        return self._text[node]

    def text(self, node: Node) -> str:
        """The same, on one line."""
        return self.lines(node).replace("\n", " ")

    def _pieces(self, node: Node) -> Iterator[str]:
        todo: list[Node | str | None] = list(reversed(node.children))  # None: the end of a line
        while todo:
            at = todo.pop()
            if at is None:
                yield "\n"
            elif isinstance(at, str):
                yield at.replace("\n", " ")
            else:
                ends = [None] if at.tag in BREAKING else []
                yield "\n" if ends else ""
                todo += [*ends, *reversed(at.children)]

    def place(self, node: Node) -> tuple[int, int]:
        """Its number among the children of its parent, and among those of its own tag, from 1."""
        if node not in self._place and node in self.parent:
            counts: dict[str, int] = {}
            elements = (child for child in self.parent[node].children if isinstance(child, Node))
            for number, child in enumerate(elements, 1):
                counts[child.tag] = counts.get(child.tag, 0) + 1
                self._place[child] = number, counts[child.tag]
        return self._place.get(node, (1, 1))
