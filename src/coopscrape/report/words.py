"""Two texts -> the words that went and the words that came, between those that stayed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from coopscrape.report.escape import harmless
from coopscrape.report.layout import Span, is_wide
from coopscrape.report.paint import Paint, colours

# More pairs of words than this are not compared one by one: it would take seconds.
PAIRS_AT_MOST: Final = 4_000_000

# With less than this share of its words in common, a text is another text, not an edited one.
IN_COMMON: Final = 0.25


class Fate(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


Piece = tuple[Fate, str]


def word_diff(old: str, new: str) -> list[Piece]:
    """Pieces in order: without what was added they are `old`, without what was removed they are `new`."""
    before, after = _words(old), _words(new)
    if len(before) * len(after) > PAIRS_AT_MOST:
        return _pieces([(Fate.REMOVED, old), (Fate.ADDED, new)])
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    common = sum(_letters(before[i:k]) for step, i, k, _, _ in steps if step == "equal")
    if common < IN_COMMON * max(_letters(before), _letters(after)):
        return _pieces([(Fate.REMOVED, old), (Fate.ADDED, new)])
    pieces: list[Piece] = []
    for n, (step, i, k, l, m) in enumerate(steps):  # noqa: E741 - difflib's own order: i, k of old, l, m of new
        gone, come = "".join(before[i:k]), "".join(after[l:m])
        if step == "equal" and (gone.strip() or n in (0, len(steps) - 1)):
            pieces.append((Fate.SAME, gone))
        else:  # a lone blank between two changes belongs to both
            pieces += [(Fate.REMOVED, gone), (Fate.ADDED, come)]
    return _pieces(pieces)


def _words(text: str) -> list[str]:
    """Words and blanks. A script without blanks is compared character by character."""
    found: list[str] = []
    for run in re.findall(r"\s+|\S+", text):
        start = 0
        for i, one in enumerate(run):
            if is_wide(one):
                found += [run[start:i], one]
                start = i + 1
        found.append(run[start:])
    return [word for word in found if word]


def _letters(words: Iterable[str]) -> int:
    return sum(len(word) for word in words if not word.isspace())


def _pieces(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbouring changes in one: first all that went, then all that came."""
    found: list[Piece] = []
    gone = come = ""
    for fate, text in (*pieces, (Fate.SAME, "")):
        if fate is Fate.SAME:
            found += [(Fate.REMOVED, gone), (Fate.ADDED, come), (fate, text)]
            gone = come = ""
        elif fate is Fate.REMOVED:
            gone += text
        else:
            come += text
    return [(fate, text) for fate, text in found if text]


def difference(old: str, new: str, paint: Paint) -> list[Span]:
    """How a text was edited, to be printed: coloured, or marked `[-gone-]{+come+}` as `git diff --word-diff` does."""
    marks = _COLOURED if colours(paint) else _MARKED
    spans: list[Span] = []
    pieces = word_diff(old, new)
    for (fate, text), follows in zip(pieces, [*pieces, (Fate.SAME, "")][1:], strict=True):
        spans += _span(fate, text, marks)
        if fate is Fate.REMOVED and follows[0] is Fate.ADDED and marks is _COLOURED and not text[-1].isspace():
            spans.append((" ", ""))
    return spans


_MARKED: Final = {Fate.SAME: ("", ""), Fate.REMOVED: ("[-", "-]"), Fate.ADDED: ("{+", "+}")}
_COLOURED: Final = dict.fromkeys(Fate, ("", ""))


def _span(fate: Fate, text: str, marks: Mapping[Fate, tuple[str, str]]) -> list[Span]:
    """Blanks at the edges are not marked, nobody would see them."""
    core = text.strip()
    if fate is Fate.SAME or not core:
        return [(harmless(text), "")]
    left, right = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    opening, closing = marks[fate]
    return [(harmless(left), ""), (f"{opening}{harmless(core)}{closing}", str(fate)), (harmless(right), "")]
