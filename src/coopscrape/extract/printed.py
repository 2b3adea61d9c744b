"""Raw text -> text as printed: blanks folded, what no text may hold mended. Pure; every value passes here."""

from __future__ import annotations

import re

# Control characters: C0 without tab and line feed, DEL, C1; and lone surrogates, for which UTF-8 has no bytes.
_UNPRINTED = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def one_line(text: str) -> str:
    """All white space, nbsp and line breaks included, folded to single blanks; and mended."""
    if text.isprintable() and "  " not in text:  # of all white space only the blank is printable (str.isprintable)
        return text.strip(" ")
    folded = " ".join(text.split())
    return folded if folded.isprintable() else " ".join(mended(folded).split())


def lines(text: str) -> str:
    """White space folded within each line, blank lines dropped; lines are parted by one line feed. Mended, too."""
    if "\n" not in text:
        return one_line(text)
    return "\n".join(filter(None, map(one_line, text.split("\n"))))


def mended(text: str) -> str:
    """NUL is dropped; other control characters and lone surrogates become U+FFFD: it shows that something stood there.

    Bidirectional controls stay: they are part of what was printed, and made harmless on the way out.
    """
    return _UNPRINTED.sub("\ufffd", text.replace("\x00", ""))


def short(text: str, most: int = 60) -> str:
    """Quoted, and cut, for a message."""
    return repr(text if len(text) <= most else text[: most - 3] + "...")
