"""Styled text -> lines that fit a terminal, by the cells that characters take there (wide ones take two). Pure.

A width of None is a pipe or a file: nothing is wrapped. Nothing is ever cut.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from coopscrape.report.paint import Paint

Span = tuple[str, str]  # text, style

NARROWEST: Final = 20  # cells for text, however narrow the terminal
GAP: Final = "  "  # between two columns


# -- cells ------------------------------------------------------------------------------------------


def cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def _cells_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if is_wide(character) else 1


def is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _first(text: str, width: int) -> str:
    taken = 0
    for i, one in enumerate(text):
        taken += _cells_of(one)
        if taken > width:
            return text[:i]
    return text


def pad(text: str, width: int, *, right: bool = False) -> str:
    blanks = " " * max(0, width - cells(text))
    return blanks + text if right else text + blanks


# -- paragraphs ---------------------------------------------------------------------------------------


def paragraph(spans: Iterable[Span], paint: Paint, width: int | None, indent: str = "", first: str = "") -> list[str]:
    """The lines of a paragraph: the first begins with `first` (or `indent`), the others with `indent`."""
    room = None if width is None else max(NARROWEST, width - cells(indent))
    lines = ["".join(paint(text, style) if style else text for text, style in line) for line in wrap(spans, room)]
    return [(first if i == 0 and first else indent) + line for i, line in enumerate(lines)]


def wrap(spans: Iterable[Span], width: int | None) -> list[list[Span]]:
    """Lines of at most `width` cells, broken at blanks, between wide characters, and inside what is longer than a line."""
    lines: list[list[Span]] = [[]]
    used = 0
    for gap, atom in _atoms(spans):
        wanted = sum(cells(text) for text, _ in atom)
        if width is not None and used and used + len(gap[0]) + wanted > width:
            lines.append([])
            used = 0
        elif lines[-1]:
            lines[-1].append(gap)
            used += len(gap[0])
        for piece in _cut(atom, width, used):
            if piece is None:
                lines.append([])
                used = 0
            else:
                lines[-1].append(piece)
                used += cells(piece[0])
    return [_joined(line) for line in lines if line]


def _atoms(spans: Iterable[Span]) -> Iterator[tuple[Span, list[Span]]]:
    """What must not be broken, each with the blank before it."""
    gap: Span = ("", "")
    atom: list[Span] = []
    for text, style in spans:
        for piece in re.findall(r"\s+|\S+", text):
            if piece.isspace():
                if atom:
                    yield gap, atom
                    gap, atom = ("", ""), []
                gap = (gap[0] + piece, style)
                continue
            for wide, letters in groupby(piece, is_wide):
                for part in letters if wide else ("".join(letters),):
                    if wide and atom:
                        yield gap, atom
                        gap, atom = ("", ""), []
                    atom.append((part, style))
    if atom:
        yield gap, atom


def _cut(atom: Sequence[Span], width: int | None, used: int) -> Iterator[Span | None]:
    """The pieces of an atom; None is a line break inside of it, where it alone is longer than a line."""
    for text, style in atom:
        rest = text
        while width is not None and used + cells(rest) > width:
            part = _first(rest, width - used)
            if part:
                yield part, style
                rest = rest[len(part) :]
            elif used == 0:  # a character wider than the line
                break
            yield None
            used = 0
        if rest:
            yield rest, style
            used += cells(rest)


def _joined(line: Sequence[Span]) -> list[Span]:
    return [("".join(text for text, _ in group), style) for style, group in groupby(line, key=lambda span: span[1])]


# -- tables -------------------------------------------------------------------------------------------


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[Span]],
    paint: Paint,
    width: int | None,
    *,
    numbers: Sequence[str] = (),
) -> str:
    """Rows under a head; `numbers` are the columns that stand to the right. Where it is too wide, a block a row."""
    widths = [max(cells(name), *(cells(row[i][0]) for row in rows), 0) for i, name in enumerate(head)]
    if width is not None and sum(widths) + len(GAP) * (len(head) - 1) > width:
        return "\n".join(_block(head, row, paint, width) for row in rows)
    heading = [(name, "heading") for name in head]
    return "".join(_row(line, head, widths, numbers, paint) for line in (heading, *rows))


def _row(line: Sequence[Span], head: Sequence[str], widths: Sequence[int], numbers: Sequence[str], paint: Paint) -> str:
    fields = []
    for (text, style), name, room in zip(line, head, widths, strict=True):
        painted = paint(text, style) if style and text else text
        blanks = " " * (room - cells(text))
        fields.append(blanks + painted if name in numbers else painted + blanks)
    return GAP.join(fields).rstrip() + "\n"


def _block(head: Sequence[str], row: Sequence[Span], paint: Paint, width: int) -> str:
    """What it is of, then `column value`, as many in a line as there is room for."""
    lines = paragraph(row[:1], paint, width)
    used = width
    for name, (text, style) in zip(head[1:], row[1:], strict=True):
        pair = paragraph([(name, "dim"), (" ", ""), (text, style)], paint, width, GAP * 2, GAP)
        room = cells(f"{GAP}{name} {text}")
        if used + room <= width:
            lines[-1] += pair[0]
            used += room
        else:
            lines += pair
            used = room if len(pair) == 1 else width
    return "".join(f"{line}\n" for line in lines)
