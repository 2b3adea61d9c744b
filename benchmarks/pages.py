"""How many pages and bytes in, the pages of a listing out: ten items each, and as much menu beside them as fills the bytes.

`came` items have come in at the top since the beginning: each page shows them shifted, the last have slid off the end.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final

from listings import Item, listing, some_items

PER_PAGE: Final = 10
MENU: Final = (
    '<li class="menu"><a class="menu-link" href="/section/{n}">{label}</a> <span>{words}</span></li>\n'  # a page's bulk
)
Words = Callable[[int], str]


def counted(title: str, pages: int, size: int, came: int = 0) -> Iterator[str]:
    """The benchmark's site: menus and items differ in their numbers only, so that they are compressed to next to nothing."""
    items = some_items(PER_PAGE * pages, first=1 - came)
    yield from _pages(title, items, pages, size, lambda n: f"Section {n}", lambda _: "of this site")


def worded(title: str, pages: int, size: int, came: int = 0) -> Iterator[str]:
    """A site that says something: menus and summaries of words, which are compressed to a fifth, as real pages are."""
    items = [replace(item, summary=words(item.slug, 20)) for item in some_items(PER_PAGE * pages, first=1 - came)]
    yield from _pages(title, items, pages, size, lambda n: words(f"label {n}", 2), lambda n: words(f"menu {n}", 5))


def _pages(title: str, items: list[Item], pages: int, size: int, label: Words, said: Words) -> Iterator[str]:
    for page in range(1, pages + 1):
        shown = items[(page - 1) * PER_PAGE : page * PER_PAGE]
        following = f"/news/{page + 1}" if page < pages else None
        missing = size - len(listing(shown, following, title).encode())
        yield listing(shown, following, title, f"<nav><ul>\n{_menu(missing, label, said)}</ul></nav>")


def _menu(size: int, label: Words, said: Words) -> str:
    lines: list[str] = []
    while (line := MENU.format(n=1000 + len(lines), label=label(len(lines)), words=said(len(lines)))) and size > 0:
        lines.append(line)
        size -= len(line)
    return "".join(lines[:-1])


@lru_cache(maxsize=100_000)
def words(seed: str, count: int) -> str:
    """The same for the same seed."""
    return " ".join(random.Random(seed).choices(_vocabulary(), k=count))


@lru_cache(maxsize=1)
def _vocabulary() -> list[str]:
    dice = random.Random("vocabulary")
    return ["".join(dice.choices("etaoinshrdlucmfwyp", k=dice.randint(2, 9))) for _ in range(2000)]
