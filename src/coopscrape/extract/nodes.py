"""A page -> the elements that it is made of, as plain values, for rooms that look at a page without the HTML parser. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from coopscrape.extract.charset import decode, language_said
from coopscrape.extract.makes import other_make
from coopscrape.extract.page import base_of, root_of
from coopscrape.extract.patterns import UnusableError
from coopscrape.extract.select import TEXT, Element, find
from coopscrape.extract.weight import weigh
from coopscrape.model import Node, Page

MOST_TAGS: Final = 60_000  # a longer page costs seconds to copy; a listing has some thousand
_MEANINGLESS: Final = frozenset(
    {"script", "style", "template", "noscript"}
)  # what stands in them is no part of the page


class Tree(NamedTuple):
    """The page, and what its links are relative to."""

    root: Node
    base: str


def tree(page: Page, language: str | None = None) -> Tree | str:
    """In words, why there is none: a feed, JSON, a page that is too dear to be parsed.

    `language`: of the source, if there is one; else it is that of the page.
    """
    try:
        html = _html(page, language)
        root = root_of(html, html.count("<"))
    except UnusableError as fault:
        return str(fault)
    return Tree(_copied(root), base_of(find(root, "base[href]"), page.url))


def _html(page: Page, language: str | None) -> str:
    html, _ = decode(page.body, page.content_type, language or language_said(page.body) or "en")
    if trouble := other_make(page.body, html):
        raise UnusableError(trouble)
    tags = html.count("<")
    weight = weigh(html, tags)
    if weight.refused or weight.doubtful or tags > MOST_TAGS:
        raise UnusableError(f"this page is not read: {weight.refused or 'it is too large, or too entangled'}")
    return html


def _copied(root: Element) -> Node:
    """From the innermost to the outermost, without recursion: pages are deep."""
    made: dict[int, Node] = {}
    todo = [(root, False)]
    while todo:
        element, ready = todo.pop()
        children = [] if element.tag in _MEANINGLESS else list(element.iter(include_text=True))
        if not ready:
            todo.append((element, True))
            todo += [(child, False) for child in children if _is_element(child)]
            continue
        given = {name: value or "" for name, value in element.attributes.items()}
        made[element.mem_id] = Node(element.tag or "", given, tuple(_values(children, made)))
    return made[root.mem_id]


def _values(children: list[Element], made: dict[int, Node]) -> list[Node | str]:
    values: list[Node | str] = []
    for child in children:
        if child.tag == TEXT:
            values.append(child.text_content or "")
        elif _is_element(child):
            values.append(made.pop(child.mem_id))
    return values


def _is_element(node: Element) -> bool:
    return not (node.tag or "-").startswith(("-", "!"))
