"""Nothing in; what reading one listing page of 60 KB costs, beside the bare parse and selects of the same page, out.

.venv/bin/python benchmarks/extract.py

Three pages: twenty short entries beside a menu (many tags), the same beside prose (few tags), and twenty entries whose
summaries fill the page. All is measured in turn in one process, many times over.
"""

from __future__ import annotations

import gc
import hashlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Final

from selectolax.lexbor import LexborHTMLParser

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from coopscrape.config import load
from coopscrape.extract import extract
from coopscrape.model import Page, Reading
from coopscrape.run.settings import JUDGES
from listings import Item, listing, selectors, some_items
from pages import MENU, words

ENTRIES: Final = 20
SIZE: Final = 60_000  # bytes
ROUNDS: Final = 60
EACH: Final = 5  # readings a round
ALLOWED: Final = 1.4  # times the bare parse plus selects
ITEM: Final = "ol.listing > li"
FIELDS: Final = ("h3 a", "h3 a", "p.category", "time", "p.summary")
ONCE: Final = ("ol.listing", "a.next")


def main() -> int:
    reading = _reading()
    print(f"{ENTRIES} entries of {len(FIELDS)} fields on {SIZE:,} bytes; microseconds of CPU a page\n")
    print(f"{'':22}{'tags':>7}{'parse':>9}{'+ selects':>11}{'extract':>9}{'ratio':>8}")
    ratios = [_line(name, html, reading) for name, html in _pages()]
    verdict = "met" if max(ratios) <= ALLOWED else "NOT met"
    print(f"\nThe goal, at most {ALLOWED} times the bare parse plus selects: {verdict}.")
    return 0


def _line(name: str, html: str, reading: Reading) -> float:
    body = html.encode()
    page = Page(
        "http://a.example/", "http://a.example/", "2026-01-01T00:00:00.000Z", body, hashlib.sha256(body).hexdigest()
    )
    read = extract(page, reading)
    assert len(read.rows) == ENTRIES, read.trouble
    parse, selects, ours = _in_turn(lambda: _parse(body), lambda: _bare(body), lambda: extract(page, reading))
    print(f"{name:22}{html.count('<'):>7,}{parse:>9.0f}{selects:>11.0f}{ours:>9.0f}{ours / selects:>8.2f}")
    return ours / selects


def _in_turn(*works: Callable[[], object]) -> list[float]:
    """The middle of many rounds, in each of which all have their turn: microseconds."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        gc.collect()
        for costs, work in zip(taken, works, strict=True):
            start = time.process_time()
            for _ in range(EACH):
                work()
            costs.append((time.process_time() - start) / EACH * 1e6)
    return [median(costs) for costs in taken]


def _parse(body: bytes) -> bool:
    return LexborHTMLParser(body).root is None


def _bare(body: bytes) -> int:
    """What nobody can do without: to parse, to find the items, and in each of them its fields."""
    tree = LexborHTMLParser(body)
    found = sum(tree.css_first(css) is not None for css in ONCE)
    for item in tree.css(ITEM):
        found += sum(item.css_first(css) is not None for css in FIELDS)
    return found


def _reading() -> Reading:
    with tempfile.TemporaryDirectory(prefix="coopscrape-bench-") as folder:
        path = Path(folder, "selectors.toml")
        path.write_text(selectors({"bench": "http://127.0.0.1/"}))
        return load(path, JUDGES).sources["bench"].reading


def _pages() -> Iterator[tuple[str, str]]:
    items = some_items(ENTRIES)
    menu = lambda n: MENU.format(n=n, label=words(f"label {n}", 2), words=words(f"menu {n}", 5))  # noqa: E731
    yield "beside a menu", _filled(items, menu)
    yield "beside prose", _filled(items, lambda n: f"<p>{words(f'prose {n}', 80)}</p>\n")
    yield "of long summaries", _filled([replace(item, summary=words(item.slug, 440)) for item in items], menu)


def _filled(items: Sequence[Item], line: Callable[[int], str]) -> str:
    """The page with as many lines beside its entries as there is room for."""
    lines: list[str] = []
    size = SIZE - len(listing(items, "/next", "Bench").encode())
    while (size := size - len(one := line(len(lines)))) > 0:
        lines.append(one)
    return listing(items, "/next", "Bench", f"<nav>{''.join(lines)}</nav>")


if __name__ == "__main__":
    sys.exit(main())
