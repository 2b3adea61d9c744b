"""What a hand does: fetch one page and read it. A top-level function of picklable values; no disk, no shared state."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from dataclasses import replace
from typing import Final

from coopscrape.extract import extract
from coopscrape.fetch.robots import read_rules
from coopscrape.model import Manners, Outcome, Page, Reading, Request, Signals, Visit

LARGE: Final = 2**20  # bytes; a parsed page takes ten times its length, so of large ones each hand waits for the other
_ONE_LARGE: Final = threading.Lock()
MOST_SIGNALS: Final = 50  # of one page
LONGEST_SIGNAL: Final = 500  # characters; the rest is no opt-out, and stays in the snapshot


def visit(request: Request, reading: Reading | None, manners: Manners) -> Visit:
    """`reading` is None for robots.txt."""
    from coopscrape.fetch.client import fetch  # here, since who only reads the archive needs no network

    return read(fetch(request, manners), reading)


def read(outcome: Outcome, reading: Reading | None) -> Visit:
    """What a page says goes with it: its entries, and its opt-out signals to those of the headers."""
    if not isinstance(outcome, Page):
        return Visit(outcome)
    if reading is None:
        return Visit(_saying(outcome, read_rules(outcome).signals))
    with _ONE_LARGE if len(outcome.body) > LARGE else nullcontext():
        extraction = extract(outcome, reading)
    return Visit(_saying(outcome, extraction.signals), extraction)


def _saying(page: Page, signals: Signals) -> Page:
    """Without doubles: a page that was not sent again (304) brings those along that were read the last time."""
    said = ((name, value[:LONGEST_SIGNAL]) for name, value in (*page.signals, *signals))
    return replace(page, signals=tuple(dict.fromkeys(said))[:MOST_SIGNALS])
