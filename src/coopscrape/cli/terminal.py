"""What a terminal can do, and the two ways out: results to stdout, words about them to stderr."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from typing import Any, Final

import click

from coopscrape.report import Paint, harmless, plain

# What each style of report.paint looks like; colours of the terminal's own palette, readable on light and dark.
LOOKS: Final[Mapping[str, Mapping[str, Any]]] = {
    "heading": {"bold": True, "underline": True},
    "title": {"bold": True},
    "dim": {"dim": True},
    "added": {"fg": "green"},
    "removed": {"fg": "red", "strikethrough": True},
    "new": {"fg": "green", "bold": True},
    "changed": {"fg": "yellow"},
    "gone": {"fg": "red", "bold": True},
    "back": {"fg": "cyan", "bold": True},
    "good": {"fg": "green"},
    "warn": {"fg": "yellow", "bold": True},
}


def paint() -> Paint:
    """Colours for stdout, if it is a terminal and nobody said NO_COLOR (https://no-color.org)."""
    return _coloured if sys.stdout.isatty() and is_lively() else plain


def is_lively() -> bool:
    """Whether a terminal is to be sent more than text: it can heed it, and nobody said NO_COLOR."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _coloured(text: str, style: str) -> str:
    return click.style(text, **LOOKS[style]) if text and style in LOOKS else text


def width(otherwise: int | None = None) -> int | None:
    """Cells of a line of stdout; a pipe or a file has no end of line."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else otherwise


def emit(text: str) -> None:
    """A result, all of it, or an error."""
    sys.stdout.write(text)
    sys.stdout.flush()


def emit_bytes(body: bytes) -> None:
    """A result that is no text."""
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()


def tell(text: str) -> None:
    """A line about what happens, one whatever is in it; nobody has to hear it."""
    try:
        sys.stderr.write(harmless(text) + "\n")
        sys.stderr.flush()
    except OSError:
        return
