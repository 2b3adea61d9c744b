"""Text from a page -> text that means nothing to whatever reads it next. One function for each way out; the only place.

| way out | function | what is done to the text |
|---|---|---|
| a terminal, a log line | `harmless`, `said` | what steers is shown by its number: `<U+202E>` |
| JSON | `in_json` | the same characters as JSON escapes: the value stays |
| Markdown | `in_markdown` | on one line, shown as it is, without links, emphasis, HTML, tables |
| a cell of CSV | `in_csv` | no spreadsheet takes it for a formula |
| XML and HTML, text and attributes | `in_xml` | no markup, no character that XML forbids |

A new way out is a function here and its law in tests/report/test_escape.py. What no text may hold at all has been mended
long before, where it came in: extract/printed.py.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from typing import Final

LONGEST_SAID: Final = 10_000  # characters of one value, for people; programs get all of it


def harmless(text: str, *, newlines: bool = False) -> str:
    """Whatever steers instead of printing (control, bidi, zero-width, lone surrogate) as `<U+202E>`.

    What this Python does not know to be printable is shown the same way: a newer terminal may obey it.
    `newlines`: line feeds stay what they are.
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or is_blank(one) or (newlines and one == "\n") else _numbered(one) for one in text
    )


def _numbered(character: str) -> str:
    return f"<U+{ord(character):04X}>"


def is_blank(character: str) -> bool:
    """A blank that only takes room: no line break, no tab."""
    return unicodedata.category(character) == "Zs"


def said(text: str | None) -> str:
    """What a page says, on one line, for people: white space folded, harmless, of bearable length. Nothing is ""."""
    if not text:
        return ""
    more = len(text) - LONGEST_SAID
    return harmless(" ".join(text[:LONGEST_SAID].split())) + (f" ... and {more:,} characters more" if more > 0 else "")


def in_json(document: str) -> str:
    """A JSON document, as `json.dumps(..., ensure_ascii=False)` writes it: it still says the same, and steers nothing."""
    return "".join(map(_escaped, document)) if harmless(document, newlines=True) != document else document


def _escaped(character: str) -> str:
    return character if harmless(character, newlines=True) == character else json.dumps(character)[1:-1]


# CommonMark 0.31 section 2.4, and what GitHub adds to it; at the beginning of a line also lists and underlines.
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]<>&#|~!$^]|^[-+=])")
_NUMBERED_LIST: Final = re.compile(r"^([0-9]{1,9})([.)])")


def in_markdown(text: str | None) -> str:
    """What a page says, on one line of Markdown, as it would be said on a terminal."""
    return _NUMBERED_LIST.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", said(text).strip()))


# What spreadsheets take for the beginning of a formula, full-width forms too; and our own mark, so that it can be undone.
_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠'")


def in_csv(text: str | None) -> str:
    """One cell, to be quoted by the csv module. An apostrophe in front is ours: take it away, and it is the text again."""
    cell = harmless(text or "", newlines=True)
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


# Neither in XML 1.0 (section 2.2, Char) nor in HTML text: controls but tab and line feed, surrogates, noncharacters.
_NO_XML: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# They turn what stands around them; joiners and marks of direction are part of many a language, and stay.
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def in_xml(text: str | None) -> str:
    """Text of an element or a quoted attribute."""
    clean = _NO_XML.sub("\ufffd", text or "")
    return html.escape(_TURNING.sub(lambda found: _numbered(found[0]), clean), quote=True)
