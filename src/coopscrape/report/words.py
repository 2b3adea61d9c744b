"""Two texts -> the words that went and the words that came, between those that stayed. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from difflib import Match, SequenceMatcher
from enum import StrEnum
from typing import Final

from coopscrape.report.escape import harmless
from coopscrape.report.layout import Span, is_wide
from coopscrape.report.paint import Paint, colours

# Who repeats words often enough could keep us busy for hours. An honest edit of a long text takes far fewer steps.
STEPS_AT_MOST: Final = 1_000_000

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
    try:
        steps = _Matcher(before, after).get_opcodes()
    except _TooManyStepsError:
        return _pieces([(Fate.REMOVED, old), (Fate.ADDED, new)])
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


class _TooManyStepsError(Exception):
    """It would take too long to find out."""


class _Matcher(SequenceMatcher[Hashable]):
    """Counts its steps, and gives up when they are too many."""

    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        old, new = _following(before), _following(after)
        super().__init__(None, old, new, autojunk=False)
        self._old, self._often = old, Counter(new)
        self._left = STEPS_AT_MOST

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        self._left -= sum(1 + self._often[one] for one in self._old[alo:ahi])
        if self._left < 0:
            raise _TooManyStepsError
        return super().find_longest_match(alo, ahi, blo, bhi)


def _following(words: Sequence[str]) -> list[Hashable]:
    """A blank goes with the word before it: there are so many that each would be compared with each."""
    return [(before, word) if word.isspace() else word for before, word in zip(["", *words], words, strict=False)]


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
    """Neighbouring changes in one: first all that went, then all that came, then the blank that both end with."""
    found: list[Piece] = []
    gone = come = ""
    for fate, text in (*pieces, (Fate.SAME, "")):
        if fate is Fate.SAME:
            gone, come, blank = _parted(gone, come)
            found += [(Fate.REMOVED, gone), (Fate.ADDED, come), (fate, blank + text)]
            gone = come = ""
        elif fate is Fate.REMOVED:
            gone += text
        else:
            come += text
    return [(fate, text) for fate, text in found if text]


def _parted(gone: str, come: str) -> tuple[str, str, str]:
    blank = come[len(come.rstrip()) :]
    if not blank or not gone.endswith(blank):
        return gone, come, ""
    return gone[: -len(blank)], come[: -len(blank)], blank


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
