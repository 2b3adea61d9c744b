"""What colours mean. A Paint makes coloured text of (text, style); who has a terminal brings one, all others take `plain`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

Paint = Callable[[str, str], str]

STYLES: Final = (
    "",  # nothing particular
    "heading",
    "title",
    "dim",
    "added",
    "removed",
    "new",
    "changed",
    "gone",
    "back",
    "good",
    "warn",
)


def plain(text: str, style: str) -> str:  # noqa: ARG001 - a Paint without colours
    return text


def colours(paint: Paint) -> bool:
    """Whether a difference is visible by colour alone; if not, it has to be marked."""
    return paint("x", "added") != "x"
