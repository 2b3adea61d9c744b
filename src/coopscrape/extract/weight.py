"""Text of a page -> whether it is too dear to parse. Pure, cheap: a usual page costs one count of "<".

lexbor cannot be stopped, and some makes of page cost it far more than their length (measured, selectolax 1.0.2):
elements in elements (20,000 deep: 0.5 s, 60,000: 8 s), attributes on one element (10,000: 0.1 s, 50,000: 8 s; those of
a second <body> are added to the first), formatting elements left open, which HTML opens again in each paragraph
(21 KB: 3 million elements, 1.5 GB), and characters that are mistakes where they stand, of which it keeps a list
(9 million zero bytes: 180 MB).
So each look begins only where the page could do harm; and each takes time in proportion to the page's length, whatever
is in it, since nobody can stop a regular expression either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MOST_TAGS: Final = 200_000  # 0.1 s to parse; the longest listing page known has 30,000
DEEPEST: Final = 500  # as browsers have it (Blink: 512); real pages stay under 60
MOST_ATTRIBUTES: Final = 10_000  # on one element, and on all <html> and <body> tags together
MOST_IN_ALL: Final = 1_000_000  # attributes: 200 MB
MOST_NAMES: Final = 150_000  # of attributes: a minute
MOST_KINDS: Final = 10_000  # of elements; HTML has some 140
MOST_PRICKS: Final = 2_500_000  # characters that may be mistakes: 17 bytes of memory each
MOST_UNFOLDED: Final = 500_000  # elements that open formatting elements may become: 0.2 s, 240 MB

HARMLESS_TAGS: Final = 1_000  # fewer unfold to no more than a quarter of a million
HARMLESS_NEST: Final = 2_000  # tags; whatever stands in whatever, to search such a page takes seconds at most
HARMLESS_DEPTH: Final = 20_000  # tags; to parse a nest of fewer takes half a second at most
HARMLESS_LENGTH: Final = 131_072  # characters; the attributes of a shorter page cost 3 s at the very most
HARMLESS_ATTRIBUTES: Final = 100_000  # in all, of HARMLESS_NAMES names, HARMLESS_CROWD on one element: a second each
HARMLESS_NAMES: Final = 20_000
HARMLESS_CROWD: Final = 1_000
HARMLESS_PRICKS: Final = 1_000_000
LOOKS: Final = 8  # times the length of a page are looked at to count its attributes

_NAME = r"[A-Za-z][^\s/>]*+"
_ATTRIBUTE = r"""(?>[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'>][^\s>]*+)?+)?+)"""
_START = re.compile(rf"<(?={_NAME}[\s/])")
_OPEN = re.compile(rf"<(?P<name>{_NAME})(?:(?P<many>{_ATTRIBUTE}{{{MOST_ATTRIBUTES + 1}}})|{_ATTRIBUTE}*+)")
_ATTRIBUTES = re.compile(_ATTRIBUTE)
# A formatting element that does not end at the next tag. Only with attributes: see EQUAL.
_FORMATTING = re.compile(
    r"<(?=[bBiIsSuUeEtTcCfF])((?i:b|big|code|em|font|i|s|small|strike|strong|tt|u))(?=[\s/])"
    r"[^<>]*+(?:(?!>)|>[^<]*+(?!</(?i:\1)[\s/>]))"
)
# What may be one: so few on most pages that it is no matter whether they are.
_MAYBE_FORMATTING = re.compile(r"<[bBiIsSuUeEtTcCfF][a-zA-Z]{0,5}[\s/]")
PRICKS: Final = "\0=\"'`/&"
_TAG = re.compile(
    r"<!--(?:-?>|.*?--!?>|.*\Z)"
    r"|<(?:script|style)\b.*?(?:</(?:script|style)\b|\Z)"
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


@dataclass(frozen=True, slots=True)
class Weight:
    """Why a page is not read at all, such as `it has 250,000 tags; at most 200,000 are read`; or whether it is doubtful."""

    refused: str | None = None
    doubtful: bool = False  # to be read where it can be stopped


def weigh(html: str, tags: int) -> Weight:
    """`tags`: how many "<" there are."""
    if tags > MOST_TAGS:
        return Weight(f"it has {tags:,} tags; at most {MOST_TAGS:,} are read")
    crowd = _crowd(html) if len(html) > HARMLESS_LENGTH else Weight()
    tangled = tags > HARMLESS_DEPTH or (tags > HARMLESS_TAGS and _may_unfold(html, tags))
    refused = crowd.refused or (_tangle(html) if tangled else None)
    # What the estimates overlook, somebody may have hidden: `</b>` in a <textarea>, say, closes nothing.
    return Weight(refused, crowd.doubtful or tangled)


def _crowd(html: str) -> Weight:
    """Too many attributes. Whatever may begin a tag is looked at, be it in a script or a comment: there may be fewer."""
    names: set[str] = set()
    count, bodies, most, looked = 0, 0, 0, 0
    for start in _START.finditer(html):
        tag = _OPEN.match(html, start.start())
        if tag is None:
            continue
        if tag["many"] is not None:
            return Weight(f"an element has more than {MOST_ATTRIBUTES:,} attributes")
        here = _ATTRIBUTES.findall(tag[0], tag.end("name") - tag.start())
        count, most, looked = count + len(here), max(most, len(here)), looked + len(tag[0])
        bodies += len(here) if tag["name"].lower() in ("html", "body") else 0
        names.update(here)
        if bodies > MOST_ATTRIBUTES:
            return Weight(f"its <html> and <body> tags have more than {MOST_ATTRIBUTES:,} attributes")
        if len(names) > MOST_NAMES:
            return Weight(f"it has attributes of more than {MOST_NAMES:,} names")
        if count > MOST_IN_ALL:
            return Weight(f"it has more than {MOST_IN_ALL:,} attributes")
        if looked > LOOKS * len(html):
            return Weight("its tags stand in each other, so that nobody can tell how many attributes they have")
    pricks = sum(map(html.count, PRICKS))
    if pricks > MOST_PRICKS:
        return Weight(f"it has {pricks:,} zero bytes, quotes, =, / and &; at most {MOST_PRICKS:,} are read")
    crowded = count > HARMLESS_ATTRIBUTES or len(names) > HARMLESS_NAMES or most > HARMLESS_CROWD
    return Weight(doubtful=crowded or pricks > HARMLESS_PRICKS)


def _may_unfold(html: str, tags: int) -> bool:
    return all(len(each.findall(html)) * tags > MOST_UNFOLDED for each in (_MAYBE_FORMATTING, _FORMATTING))


def _tangle(html: str) -> str | None:
    """How deep the elements would stand, and what open formatting would unfold to: an estimate, as HTML's rules go."""
    opened: list[str] = []  # elements that add to the depth
    live: list[tuple[str, str]] = []  # formatting that would be opened again, and where tables and cells begin
    kinds: set[str] = set()
    unfolded = 0
    for tag in _TAG.finditer(html):
        name = (tag["name"] or "").lower()
        if not name:  # a comment, a script
            continue
        if name in FORMATTING or name in ENDS_CELL:
            _format(live, name, tag[0])
        if name not in FORMATTING and name not in SHALLOW:
            _nest(opened, name, bool(tag["close"]))
        unfolded += len(live)
        kinds.add(name)
        if len(kinds) > MOST_KINDS:
            return f"it has more than {MOST_KINDS:,} different elements"
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
