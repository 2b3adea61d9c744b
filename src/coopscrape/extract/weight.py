"""Text of a page -> why it is too dear to parse, or None. Pure, cheap: a usual page costs one count of "<".

lexbor cannot be stopped, and some makes of page cost it far more than their length (measured, selectolax 1.0.2):
elements in elements (20,000 deep: 0.5 s, 60,000: 8 s), attributes on one element (10,000: 0.1 s, 50,000: 8 s; those of
a second <body> are added to the first), and formatting elements left open, which HTML opens again in each paragraph
(21 KB: 3 million elements, 1.5 GB).
So each look begins only where the page could do harm.
"""

from __future__ import annotations

import re
from typing import Final

MOST_TAGS: Final = 200_000  # 0.1 s to parse; the longest listing page known has 30,000
DEEPEST: Final = 500  # as browsers have it (Blink: 512); real pages stay under 60
MOST_ATTRIBUTES: Final = 10_000  # on one element
MOST_UNFOLDED: Final = 500_000  # elements that open formatting elements may become: 0.2 s, 240 MB

HARMLESS_TAGS: Final = 1_000  # fewer unfold to no more than a quarter of a million
HARMLESS_NEST: Final = 2_000  # tags; whatever stands in whatever, to search such a page takes seconds at most
HARMLESS_DEPTH: Final = 20_000  # tags; to parse a nest of fewer takes half a second at most
HARMLESS_LENGTH: Final = 131_072  # characters; the attributes of a shorter page cost 3 s at the very most

_NAME = r"[A-Za-z][^\s/>]*+"
_ATTRIBUTE = r"""(?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'>][^\s>]*+)?)?)"""
_CROWDED = re.compile(rf"<{_NAME}{_ATTRIBUTE}{{{MOST_ATTRIBUTES},}}+")
# A formatting element that does not end at the next tag. Only with attributes: see EQUAL.
_FORMATTING = re.compile(
    r"<(?=[bBiIsSuUeEtTcCfF])((?i:b|big|code|em|font|i|s|small|strike|strong|tt|u))(?=[\s/])"
    rf"{_ATTRIBUTE}*+[\s/]*+>[^<]*+(?!</(?i:\1)[\s/>])"
)
# What may be one: so few on most pages that it is no matter whether they are.
_MAYBE_FORMATTING = re.compile(r"<[bBiIsSuUeEtTcCfF][a-zA-Z]{0,5}[\s/]")
_TAG = re.compile(
    r"<!--(?:-?>|.*?--!?>|.*\Z)"
    r"|<(?:script|style)\b.*?</(?:script|style)\b"
    rf"|<(?P<close>/?)(?P<name>{_NAME}){_ATTRIBUTE}*+",
    re.DOTALL | re.IGNORECASE,
)

FORMATTING: Final = frozenset({"b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"})
# Elements that stand in themselves only with another one between, so they add to no depth of their own.
_SHALLOW = (
    "a area base body br button caption col colgroup dd dt embed head hr html img input li link meta nobr optgroup "
    "option p param rp rt source tbody td tfoot th thead title tr track wbr"
)
SHALLOW: Final = frozenset(_SHALLOW.split())
CELLS: Final = frozenset({"td", "th", "caption"})  # formatting that was opened in a cell ends with it
ENDS_CELL: Final = frozenset({"td", "th", "caption", "tr", "tbody", "thead", "tfoot", "table"})
EQUAL: Final = 3  # of formatting elements that are equal, HTML opens no more again ("Noah's Ark clause")


def burden(html: str, tags: int) -> str | None:
    """Such as `it has 250,000 tags; at most 200,000 are read`. `tags`: how many "<" there are."""
    if tags > MOST_TAGS:
        return f"it has {tags:,} tags; at most {MOST_TAGS:,} are read"
    if len(html) > HARMLESS_LENGTH and _CROWDED.search(html):
        return f"an element has more than {MOST_ATTRIBUTES:,} attributes"
    if tags > HARMLESS_DEPTH or (tags > HARMLESS_TAGS and _may_unfold(html, tags)):
        return _tangle(html)
    return None


def _may_unfold(html: str, tags: int) -> bool:
    return all(len(each.findall(html)) * tags > MOST_UNFOLDED for each in (_MAYBE_FORMATTING, _FORMATTING))


def _tangle(html: str) -> str | None:
    """How deep the elements would stand, and what open formatting would unfold to: an estimate, as HTML's rules go."""
    opened: list[str] = []  # elements that add to the depth
    live: list[tuple[str, str]] = []  # formatting that would be opened again, and where tables and cells begin
    unfolded = bodies = 0
    for tag in _TAG.finditer(html):
        name = (tag["name"] or "").lower()
        if name in FORMATTING or name in ENDS_CELL:
            _format(live, name, tag[0])
        if name not in FORMATTING and name not in SHALLOW:
            _nest(opened, name, bool(tag["close"]))
        unfolded += len(live)
        bodies += name in ("html", "body")
        if bodies > MOST_ATTRIBUTES:
            return f"it has more than {MOST_ATTRIBUTES:,} <body> tags"
        if len(opened) > DEEPEST:
            return f"its elements stand more than {DEEPEST} deep in each other"
        if unfolded > MOST_UNFOLDED:
            return f"its open formatting elements would unfold to more than {MOST_UNFOLDED:,}"
    return None


def _nest(opened: list[str], name: str, close: bool) -> None:
    if not close:
        opened.append(name)
        return
    if name not in opened:
        return
    at = len(opened) - 1 - opened[::-1].index(name)
    if name == "table" or "table" not in opened[at:]:  # the end tag of something outside a table closes nothing inside
        del opened[at:]


def _format(live: list[tuple[str, str]], name: str, tag: str) -> None:
    """HTML standard, section 13.2.4.3, "the list of active formatting elements"."""
    close = tag.startswith("</")
    if name in ENDS_CELL and not (name == "table" and not close):
        _forget(live, CELLS, since=True)
    if close:
        _forget(live, frozenset({name}), since=False)
    elif name in CELLS or name == "table" or (name in FORMATTING and live.count((name, tag)) < EQUAL):
        live.append((name, tag))


def _forget(live: list[tuple[str, str]], names: frozenset[str], since: bool) -> None:
    """Take out the last of these in the innermost table; `since`: with all that came after it."""
    for at in range(len(live) - 1, -1, -1):
        if live[at][0] in names:
            del live[at : None if since else at + 1]
            return
        if live[at][0] == "table":
            return
