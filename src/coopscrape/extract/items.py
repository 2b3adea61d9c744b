"""A parsed page and its layout -> the items, elements or runs of siblings, and what stands around. For page.py, fields.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from coopscrape.extract.select import Element, Item, Siblings, find
from coopscrape.model import Layout


def items_of(root: Element, layout: Layout) -> Sequence[Item]:
    """In document order. Raises UnusableError: a selector of no use."""
    starts = find(root, layout.item)
    if layout.until is not None:
        ends = {each.mem_id for each in (*starts, *find(root, layout.until))}
        return [_stretch(start, ends) for start in starts]
    return _rows(starts, layout.rows) if layout.rows > 1 else starts


def _stretch(start: Element, ends: set[int]) -> Siblings:
    elements, at = [start], _next(start)
    while at is not None and at.mem_id not in ends:
        elements.append(at)
        at = _next(at)
    return Siblings(elements)


def _rows(starts: Sequence[Element], count: int) -> list[Siblings]:
    """What is a part of one item begins no other."""
    taken: set[int] = set()
    found = []
    for start in starts:
        if start.mem_id not in taken:
            elements = [start]
            while len(elements) < count and (following := _next(elements[-1])) is not None:
                elements.append(following)
            taken |= {each.mem_id for each in elements}
            found.append(Siblings(elements))
    return found


def _next(element: Element) -> Element | None:
    """The next sibling that is an element; text and comments have a tag with a minus."""
    at = element.next
    while at is not None and (at.tag or "-").startswith(("-", "!", "#")):
        at = at.next
    return at


class Around:
    """What stands around the items of one layout. Each selector is looked for once a page."""

    def __init__(self, root: Element, layout: Layout, items: Sequence[Item]) -> None:
        self._root = root
        self._item = layout.item
        self._ids = {_id(item) for item in items}
        self._headings: dict[str, dict[int, Element]] = {}
        self._page: dict[str, list[Element]] = {}
        self._settled: dict[tuple[str, str, object], list[Element]] = {}

    def page(self, css: str) -> list[Element]:
        if css not in self._page:
            self._page[css] = find(self._root, css)
        return self._page[css]

    def settled(self, asked: tuple[str, str, object], yields: Callable[[Element], bool]) -> list[Element]:
        """Of the page the first that yields; none does: the first. Asked for one way of one field, it is answered once."""
        if asked not in self._settled:
            found = self.page(asked[0])
            self._settled[asked] = list(islice(filter(yields, found), 1)) or found[:1]
        return self._settled[asked]

    def heading(self, item: Item, css: str) -> list[Element]:
        """The nearest before the item, if there is one."""
        if css not in self._headings:
            self._headings[css] = self._nearest(css)
        nearest = self._headings[css].get(_id(item))
        return [] if nearest is None else [nearest]

    def _nearest(self, css: str) -> dict[int, Element]:
        """By item. One search for both, which comes in document order."""
        headings = {each.mem_id for each in find(self._root, css)}
        nearest: dict[int, Element] = {}
        last: Element | None = None
        for each in find(self._root, f":is({css}), :is({self._item})"):
            if each.mem_id in self._ids and last is not None:
                nearest[each.mem_id] = last
            if each.mem_id in headings:
                last = each
        return nearest


def _id(item: Item) -> int:
    return item.elements[0].mem_id if isinstance(item, Siblings) else item.mem_id
