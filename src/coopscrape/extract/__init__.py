"""The room that reads: (Page, Reading) -> Extraction, and Walk -> doubts. Pure: nothing is fetched, stored or printed.

    bytes -> charset -> makes (a feed? JSON?) -> weight (too dear to parse?) -> select -> fields -> identity -> Row

What is said here is all that others may call. Names are brought in when first asked for, so that whoever only judges a
walk (`doubts`) loads no HTML parser.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from coopscrape.extract.charset import decode as decode
    from coopscrape.extract.dates import format_fault as format_fault
    from coopscrape.extract.dates import read_date as read_date
    from coopscrape.extract.doubt import doubts as doubts
    from coopscrape.extract.doubt import fills as fills
    from coopscrape.extract.doubt import shown as shown
    from coopscrape.extract.explanation import Explanation as Explanation
    from coopscrape.extract.explanation import explain as explain
    from coopscrape.extract.nodes import Tree as Tree
    from coopscrape.extract.nodes import tree as tree
    from coopscrape.extract.page import extract as extract
    from coopscrape.extract.patterns import compile_pattern as compile_pattern
    from coopscrape.extract.patterns import group_fault as group_fault
    from coopscrape.extract.patterns import pattern_fault as pattern_fault
    from coopscrape.extract.patterns import replacement_fault as replacement_fault
    from coopscrape.extract.select import selector_fault as selector_fault

_HOME: Final = {
    "extract": "page",
    "explain": "explanation",
    "Explanation": "explanation",
    "doubts": "doubt",
    "fills": "doubt",
    "shown": "doubt",
    "selector_fault": "select",
    "pattern_fault": "patterns",
    "group_fault": "patterns",
    "replacement_fault": "patterns",
    "compile_pattern": "patterns",
    "format_fault": "dates",
    "read_date": "dates",
    "decode": "charset",
    "tree": "nodes",
    "Tree": "nodes",
}
__all__ = sorted(_HOME)  # noqa: PLE0605, RUF100  (the table is the list)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"coopscrape.extract has no {name!r}")
    return getattr(import_module(f"coopscrape.extract.{_HOME[name]}"), name)
