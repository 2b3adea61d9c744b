"""Records -> columns: for every selector that finds something in them, what it finds in each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from coopscrape.induce.index import Index, below, own_text
from coopscrape.induce.selectors import within
from coopscrape.model import Node

MOST_RECORDS: Final = 40  # are looked at; the rest of a long page repeats them
LEAST_SHARE: Final = 0.12  # of the records in which a column has something
MOST_NODES: Final = 250  # of one record


@dataclass(frozen=True, slots=True)
class Column:
    """What one selector finds, a record each: the element, and its text."""

    css: str
    cost: float
    nodes: tuple[Node | None, ...]
    texts: tuple[str | None, ...]
    text: str = "all"  # as in selectors.toml

    @property
    def filled(self) -> int:
        return sum(1 for text in self.texts if text)

    @property
    def coverage(self) -> float:
        return self.filled / len(self.texts)

    @property
    def distinct(self) -> float:
        """Share of different texts."""
        filled = [text for text in self.texts if text]
        return len(set(filled)) / len(filled) if filled else 0.0

    @property
    def length(self) -> float:
        """Characters, on average."""
        return sum(len(text) for text in self.texts if text) / max(1, self.filled)

    @property
    def one(self) -> Node:
        """An element of it."""
        return next(node for node in self.nodes if node is not None)

    @property
    def agreement(self) -> float:
        """Share of its elements that are alike."""
        tags = [(node.tag, node.attributes.get("class")) for node in self.nodes if node is not None]
        return max(map(tags.count, tags)) / len(tags)


def sample(records: Sequence[Node]) -> list[Node]:
    """Some from everywhere, if there are many."""
    step = max(1, -(-len(records) // MOST_RECORDS))
    return list(records[::step])


def columns(records: Sequence[Node], index: Index) -> list[Column]:
    """Of those that find the same in every record, the cheapest; and the texts that stand beside elements."""
    found: dict[str, list[Node | None]] = {}
    costs: dict[str, float] = {}
    for i, record in enumerate(records):
        for node in _inner(record):
            for css, cost in within(record, node, index).items():
                nodes = found.setdefault(css, [None] * len(records))
                nodes[i] = nodes[i] or node
                costs[css] = max(cost, costs.get(css, 0.0))
    least = max(1, LEAST_SHARE * len(records))
    cheapest: dict[tuple[Node | None, ...], str] = {}
    for css in sorted(found, key=lambda css: (costs[css], len(css), css)):
        if sum(node is not None for node in found[css]) >= least:
            cheapest.setdefault(tuple(found[css]), css)
    columns = [_column("", 2.5, tuple(records), index), *(_column(c, costs[c], n, index) for n, c in cheapest.items())]
    return [*columns, *(beside for column in columns for beside in _beside(column, index))]


def _inner(record: Node) -> Iterator[Node]:
    for node, _ in zip(below(record), range(MOST_NODES), strict=False):
        if node.tag not in ("br", "script", "style", "template", "noscript"):
            yield node


def _column(css: str, cost: float, nodes: tuple[Node | None, ...], index: Index) -> Column:
    return Column(css, cost, nodes, tuple(None if node is None else index.text(node) for node in nodes))


def _beside(column: Column, index: Index) -> Iterator[Column]:
    """Its own text, where there are elements besides; the texts before and after it."""
    for mode, taken in (("own", _own), ("after", _after), ("before", _before)):
        if mode != "own" and not column.css:
            continue
        texts = tuple(None if node is None else taken(node, index) for node in column.nodes)
        if any(texts) and texts != column.texts:
            yield Column(column.css, column.cost + 1.0, column.nodes, texts, mode)


def _own(node: Node, _index: Index) -> str | None:
    return own_text(node) or None


def _after(node: Node, index: Index) -> str | None:
    return _nearest(node, index, 1)


def _before(node: Node, index: Index) -> str | None:
    return _nearest(node, index, -1)


def _nearest(node: Node, index: Index, step: int) -> str | None:
    """The text on one side, past <br> and blanks, not past another element."""
    brothers = index.parent[node].children
    at = next(i for i, one in enumerate(brothers) if one is node) + step
    caught: list[str] = []
    while 0 <= at < len(brothers):
        one = brothers[at]
        if isinstance(one, Node) and (one.tag != "br" or any(map(str.strip, caught))):
            break
        caught.append(one if isinstance(one, str) else "")
        at += step
    return " ".join("".join(caught if step > 0 else reversed(caught)).split()) or None
