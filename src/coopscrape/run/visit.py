"""What a hand does: fetch one page and read it. A top-level function of picklable values; no disk, no shared state."""

from __future__ import annotations

from coopscrape.extract import extract
from coopscrape.fetch.client import fetch
from coopscrape.model import Manners, Page, Reading, Request, Visit


def visit(request: Request, reading: Reading | None, manners: Manners) -> Visit:
    """`reading` is None for robots.txt, which is read elsewhere."""
    outcome = fetch(request, manners)
    return Visit(outcome, extract(outcome, reading) if isinstance(outcome, Page) and reading is not None else None)
