"""Text from a page -> text that does nothing to a terminal. The only place that decides what is harmful."""

from __future__ import annotations

import unicodedata


def harmless(text: str, *, newlines: bool = False) -> str:
    """Whatever steers instead of printing (control, bidi, zero-width, lone surrogate) as `<U+202E>`.

    What this Python does not know to be printable is shown the same way: a newer terminal may obey it.
    `newlines`: line feeds stay what they are.
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or is_blank(one) or (newlines and one == "\n") else f"<U+{ord(one):04X}>"
        for one in text
    )


def is_blank(character: str) -> bool:
    """A blank that only takes room: no line break, no tab."""
    return unicodedata.category(character) == "Zs"


def said(text: str | None) -> str:
    """What a page says, on one line: white space folded, harmless. Nothing is ""."""
    return harmless(" ".join(text.split())) if text else ""
