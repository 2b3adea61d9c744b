"""A page -> the sets of nodes that may be its entries, the likeliest first. Pure.

What a listing repeats is looked for from within: links (or dates, or headings) that stand alike are the anchors of one
group; from each anchor one climbs as far as no other anchor of the group comes along. What is reached is a record.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from coopscrape.induce.index import HEADINGS, Index, below, own_text
from coopscrape.induce.names import classes, hints
from coopscrape.model import Node

MOST_GROUPS: Final = 8
LEAST: Final = 2  # records; one alone is no listing
TEXT_COUNTED: Final = 250  # characters of a record; more makes no better entry

_FRAME: Final = frozenset({"nav", "footer", "header", "aside", "form", "dialog"})
_FRAME_NAMES = re.compile(
    r"(?:^|[ _-])(?:nav|navbar|navigation|menu|footer|sidebar|aside|breadcrumbs?|related|share|social|pagination|pager|"
    r"paging|cookie|tags?-?cloud|widget|banner|languages?|lang|skip|teaser-?box|most-?read|popular|archives?-list|filters?|"
    r"facets?|toolbar|topbar|trending|events-box|upcoming)(?:$|[ _-])"
)


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes that may be the entries of a listing. In document order."""

    nodes: tuple[Node, ...]
    score: float
    dated: float  # share of them in which a date stands
    linked: float


def groups(index: Index, has_date: Callable[[Node], bool], leads: Callable[[Node], str | None]) -> list[Group]:
    """`leads`: where an element leads to, if it is a link to another page."""
    ground = _Ground(index, has_date, leads)
    found: dict[frozenset[Node], Group] = {}
    for anchors in _alike(index, ground):
        for nodes in lifted(anchors, index):
            if len(nodes) >= LEAST and frozenset(nodes) not in found:
                found[frozenset(nodes)] = ground.judged(nodes)
    ranked = sorted(filter(lambda one: not _is_menu(one, index), found.values()), key=lambda group: -group.score)
    return ranked[:MOST_GROUPS]


class _Ground:
    """Where on the page dates and links stand."""

    def __init__(self, index: Index, has_date: Callable[[Node], bool], leads: Callable[[Node], str | None]) -> None:
        self.index = index
        body = [node for node in index.order if node.tag not in ("head", "meta", "link", "title", "option", "select")]
        self.links = {node: url for node in body if (url := leads(node)) and _says_something(node, index)}
        self.dates = [node for node in body if has_date(node)]
        self.headings = [node for node in body if node.tag in HEADINGS]
        self._dates_at = sorted(index.order[node] for node in self.dates)
        self._links_at = sorted(index.order[node] for node in self.links)

    def judged(self, nodes: Sequence[Node]) -> Group:
        texts = [self.index.text(node) for node in nodes]
        mass: float = sum(min(len(text), TEXT_COUNTED) for text in dict.fromkeys(texts))
        dated = sum(self._within(self._dates_at, node) for node in nodes) / len(nodes)
        linked = sum(self._within(self._links_at, node) for node in nodes) / len(nodes)
        different = len(set(texts)) / len(texts)
        # Rows of a grid say more than its cells, but each of them several things.
        mass /= max(1.0, min(self._amount(self._dates_at, nodes), self._targets(nodes)))
        if len({_names(self.index.parent[node], self.index) for node in nodes if node in self.index.parent}) > 1:
            mass *= 0.6  # lists of several kinds, such as news and events
        score = mass * (1 + 1.5 * dated) * (0.4 + 0.6 * linked) * different * min(1.0, len(nodes) / 4)
        middle = sum(frame(node, self.index) for node in nodes) / len(nodes)
        return Group(tuple(nodes), score * middle, dated, linked)

    def _amount(self, places: Sequence[int], nodes: Sequence[Node]) -> float:
        """How many of the places stand in a node, on average."""
        ends = (self.index.span(node) for node in nodes)
        return sum(bisect_left(places, end) - bisect_left(places, start) for start, end in ends) / len(nodes)

    def _targets(self, nodes: Sequence[Node]) -> float:
        """To how many addresses the links of a node lead, on average."""
        return sum(len({self.links[one] for one in (node, *below(node)) if one in self.links}) for node in nodes) / len(
            nodes
        )

    def _within(self, places: Sequence[int], node: Node) -> bool:
        start, end = self.index.span(node)
        at = bisect_left(places, start)
        return at < len(places) and places[at] < end


def _says_something(node: Node, index: Index) -> bool:
    return len(index.text(node)) > 1


def frame(node: Node, index: Index) -> float:
    """Less for what stands in the frame of a page, not in its middle."""
    worst = 1.0
    for outer in (node, *index.above(node)):
        if outer.tag in ("body", "html"):
            break
        if outer.tag in ("nav", "footer"):
            worst = min(worst, 0.1)
        elif outer.tag in _FRAME:
            worst = min(worst, 0.25)
        elif _FRAME_NAMES.search(hints(outer)):
            worst = min(worst, 0.3)
    return worst


def _is_menu(group: Group, index: Index) -> bool:
    """Links without dates in a <nav> or a <footer> lead through the site, however long they are."""
    outer = (one.tag for one in (group.nodes[0], *index.above(group.nodes[0])))
    return group.dated < 0.5 and any(tag in ("nav", "footer") for tag in outer)


# -- anchors that stand alike -----------------------------------------------------------------------------


def _alike(index: Index, ground: _Ground) -> Iterator[list[Node]]:
    for anchors in (list(ground.links), ground.dates, ground.headings):
        yield from likenesses(anchors, index)


def likenesses(anchors: Sequence[Node], index: Index) -> Iterator[list[Node]]:
    """Those of the anchors that stand alike, by each way of being alike."""
    for likeness in LIKENESSES:
        grouped: defaultdict[Hashable, list[Node]] = defaultdict(list)
        for node in anchors:
            grouped[likeness(node, index)].append(node)
        yield from (group for group in grouped.values() if len(group) >= LEAST)


def _named(node: Node) -> str:
    return ".".join((node.tag, *sorted(classes(node)[:3])))


def _tags(node: Node, index: Index) -> Hashable:
    return tuple(outer.tag for outer in (node, *index.above(node)))


def _tags_and_name(node: Node, index: Index) -> Hashable:
    return _named(node), _tags(node, index)


def _names_near(node: Node, index: Index) -> Hashable:
    """Its name and those of the three around it, wherever on the page."""
    return tuple(_named(one) for one, _ in zip((node, *index.above(node)), range(4), strict=False))


def _names(node: Node, index: Index) -> Hashable:
    return tuple(map(_named, (node, *index.above(node))))


def _cell(node: Node, index: Index) -> Hashable:
    """In a table: the column counts."""
    cell = next((one for one in (node, *index.above(node)) if one.tag in ("td", "th", "dd")), node)
    return index.place(cell)[0], _tags(node, index)


def _place(node: Node, index: Index) -> Hashable:
    """The same tags, and the same place among its brothers."""
    return index.place(node)[1], _tags(node, index)


LIKENESSES: Final = (_tags, _tags_and_name, _names_near, _names, _cell, _place)


# -- from anchors to records --------------------------------------------------------------------------------


def lifted(anchors: Sequence[Node], index: Index) -> Iterator[list[Node]]:
    """As far as most anchors can be followed without meeting another; and one step less, for what is wrapped twice."""
    counts = Counter(outer for node in anchors for outer in (node, *index.above(node)))
    levels = Counter(_level(node, counts, index) for node in anchors)
    for level in dict.fromkeys((levels.most_common(1)[0][0], min(levels))):
        nodes = dict.fromkeys(_climbed(node, level, index) for node in anchors)
        tag = Counter(node.tag for node in nodes).most_common(1)[0][0]
        yield [node for node in nodes if node.tag == tag and node.tag not in ("body", "html")]


def _level(node: Node, counts: Counter[Node], index: Index) -> int:
    level = 0
    for outer in index.above(node):
        if counts[outer] > 1 or outer.tag in ("body", "html"):
            break
        level += 1
    return level


def _climbed(node: Node, level: int, index: Index) -> Node:
    for _ in range(level):
        node = index.parent.get(node, node)
    return node


def has_own_date(node: Node, dated: Callable[[str], bool]) -> bool:
    """In its own text, or in an attribute that is there for it."""
    given = node.attributes.get("datetime", "")
    text = own_text(node)
    return bool(given and dated(given)) or bool(text and len(text) < 2_000 and dated(text))
