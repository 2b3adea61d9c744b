"""A declared format -> patterns that find day, month and year in a folded text, or why it is no format. Pure.

A format is that of strptime. With it come the ranges that may be printed of it: `%d %B %Y` also reads `12-14 June 2018`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.util import find_spec
from typing import Final, NamedTuple

from coopscrape.extract.dates.names import Names, fold, names

UNIX: Final = "unix"  # seconds since 1970
UNIX_MS: Final = "unix-ms"  # milliseconds
ISO: Final = "iso"  # as a `datetime` attribute has it
ANY: Final = "any"  # whatever dateparser makes of it
ANY_ORDERS: Final[Mapping[str, str | None]] = {
    ANY: None,
    **{f"{ANY}-{order.lower()}": order for order in ("DMY", "MDY", "YMD")},
}
WORDS_ALONE: Final = (ISO, UNIX, UNIX_MS, *ANY_ORDERS)

# One digit will do where it is parted from the next number; where it is not, numbers have their full width.
NUMBERS: Final[Mapping[str, tuple[str, str]]] = {
    "d": (r"0[1-9]|[12][0-9]|3[01]", r"[1-9]"),
    "m": (r"0[1-9]|1[0-2]", r"[1-9]"),
    "Y": (r"[0-9]{4}", ""),
    "y": (r"[0-9]{2}", ""),
    "EY": (r"[0-9]{4}", ""),
    "H": (r"[01][0-9]|2[0-3]", r"[0-9]"),
    "I": (r"0[1-9]|1[0-2]", r"[1-9]"),
    "M": (r"[0-5][0-9]", ""),
    "S": (r"[0-5][0-9]|60", ""),
    "f": (r"[0-9]{1,9}", ""),
}
OTHERS: Final[Mapping[str, str]] = {
    "p": r"[ap]\.?m\.?",
    "z": r"z|(?:utc|gmt)?[+-][0-9]{2}(?::?[0-9]{2})?|utc|gmt",
    "Z": r"[a-z]{1,5}",
    "%": "%",
}
NAMED: Final = ("A", "a", "B", "b")
NEEDED: Final = ("d", "m", "Y", "y", "EY", "H", "I", "M", "p", "z")  # the others are only checked
KNOWN: Final = ("d", "B", "b", "m", "Y", "y", "EY", "A", "a", "H", "I", "M", "S", "f", "p", "z", "Z", "%")
PART_OF: Final[Mapping[str, str]] = {
    **dict.fromkeys(("d",), "day"),
    **dict.fromkeys(("B", "b", "m"), "month"),
    **dict.fromkeys(("Y", "y", "EY"), "year"),
    **dict.fromkeys(("A", "a"), "weekday"),
    **dict.fromkeys(("H", "I"), "hour"),
    **dict.fromkeys(("M",), "minute"),
    **dict.fromkeys(("S",), "second"),
    **dict.fromkeys(("z", "Z"), "zone"),
}
OF_A_DAY: Final = ("weekday", "day", "month", "year")
# As GNU strftime has them: without padding, which is never asked for here.
_ALIASES: Final = {"e": "d", "h": "b", "-d": "d", "-m": "m", "-H": "H", "-I": "I"}
_TOKEN = re.compile(r"%(-.|EY|.|$)|([^%]+)", re.DOTALL)

# `2018`, `2018-06`, `2018-06-20`, `2018-06-20T09:30`, `2018-06-20 09:30:00.000+02:00`: RFC 3339, and what is left of it.
_ISO = re.compile(
    r"(?P<Y>[0-9]{4})(?:-(?P<m>0[1-9]|1[0-2])(?:-(?P<d>0[1-9]|[12][0-9]|3[01])"
    r"(?:[t ](?P<H>[01][0-9]|2[0-3]):(?P<M>[0-5][0-9])(?::(?:[0-5][0-9]|60)(?:[.,][0-9]{1,9})?)?"
    r"(?: ?(?P<z>z|[+-][0-9]{2}(?::?[0-9]{2})?))?)?)?)?"
)


class Token(NamedTuple):
    """A directive, or what stands between two."""

    name: str | None
    literal: str = ""

    @property
    def part(self) -> str | None:
        return PART_OF.get(self.name or "")


Tokens = tuple[Token, ...]


def format_fault(fmt: str) -> str | None:
    """Why this is no date format, in words; None if it is one."""
    if fmt in WORDS_ALONE:
        lacking = fmt in ANY_ORDERS and find_spec("dateparser") is None
        return f"{fmt!r} needs the package dateparser: pip install 'coopscrape[dates]'" if lacking else None
    used = [token.name for token in _tokens(fmt) if token.name is not None]
    unknown = next((name for name in used if name not in KNOWN), None)
    if unknown is not None:
        known = " ".join(f"%{name}" for name in KNOWN)
        return f"%{unknown} in {fmt!r} is not known; known are {known}, and {', '.join(map(repr, WORDS_ALONE))}"
    twice = next((name for name in used if name not in PART_OF and used.count(name) > 1), None)
    if twice is not None:
        return f"{fmt!r} says %{twice} twice"
    return _parts_fault(fmt, [PART_OF[name] for name in used if name in PART_OF])


def _parts_fault(fmt: str, parts: list[str]) -> str | None:
    twice = next((part for part in parts if parts.count(part) > 1), None)
    if twice:
        return f"{fmt!r} says the {twice} twice; the last day of a range is read without being declared"
    if "day" in parts and "month" not in parts:
        return f"{fmt!r} has a day (%d) without a month (%B, %b or %m)"
    if "year" not in parts and "month" not in parts:
        return f"{fmt!r} says neither year (%Y) nor month (%B); a format is written like %d %B %Y, or is {UNIX!r}"
    return None


@lru_cache(maxsize=512)
def pattern(fmt: str, language: str) -> re.Pattern[str] | None:
    """What the format reads of a folded text. None: there is no such format, or the language has no names for it."""
    if fmt == ISO:
        return _ISO
    written = None if fmt in WORDS_ALONE or format_fault(fmt) else _written(_tokens(fmt), names(language), "")
    return re.compile(written) if written else None


@lru_cache(maxsize=512)
def ranges(fmt: str, language: str) -> tuple[re.Pattern[str], ...]:
    """Patterns of two such dates, of which what both have in common may be said once. Groups end in 1 and 2."""
    if pattern(fmt, language) is None or fmt == ISO:
        return ()
    tokens, known = _tokens(fmt), names(language)
    between = _between(tokens, known)
    since = f"(?:{_any_of(known.since, ' ')})?" if known.since else ""
    return tuple(
        re.compile(f"{since}{_written(start, known, '1')}{between}{_written(end, known, '2')}")
        for start, end in _halves(tokens)
    )


def _halves(tokens: Tokens) -> Iterator[tuple[Tokens, Tokens]]:
    """What may stand before and behind the dash. Both halves say the day (or the month, where there is none)."""
    places = {token.part: i for i, token in enumerate(tokens) if token.part}
    finest = places.get("day", places.get("month") if tokens[places.get("month", 0)].name in NAMED else None)
    if finest is None or places.keys() - {*OF_A_DAY} or any(_touches(tokens, i) for i in range(len(tokens))):
        return  # a year alone, `10/2018`, a time of day, `20180620`
    ends = sorted(places.values())
    starts = dict.fromkeys([tokens, *(tokens[: i + 1] for i in reversed(ends) if i >= finest)])
    rests = dict.fromkeys([tokens, *(tokens[i:] for i in ends if i <= finest)])
    yield from ((start, rest) for start in starts for rest in rests)


def _between(tokens: Tokens, known: Names) -> str:
    """A dash needs blanks around it where the format has dashes of its own."""
    dash = " - " if any("-" in token.literal for token in tokens) else " ?- ?"
    words = f"| (?:{_any_of(known.until, ' ')})" if known.until else ""
    return f"(?:{dash}| ?~ ?{words})"


def _any_of(words: tuple[str, ...], after: str) -> str:
    """One of the words and a blank; none is needed behind an apostrophe."""
    return "|".join(re.escape(word) + ("" if word.endswith("'") else after) for word in words)


# -- one format -----------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _tokens(fmt: str) -> Tokens:
    blanks = re.sub(r"\s+", " ", fmt.strip())
    return tuple(
        Token(None, fold(t[2])) if t[2] is not None else Token(_ALIASES.get(t[1], t[1]))
        for t in _TOKEN.finditer(blanks)
    )


def _written(tokens: Tokens, known: Names, suffix: str) -> str:
    """The pattern; "" if the language cannot say it."""
    forms = [
        re.escape(token.literal) if token.name is None else _form(tokens, i, known, suffix)
        for i, token in enumerate(tokens)
    ]
    return "".join(forms) if all(forms) else ""


def _form(tokens: Tokens, i: int, known: Names, suffix: str) -> str:
    """The pattern of one directive; "" if the language cannot say it."""
    name = tokens[i].name or ""
    if name in NAMED:
        return _name(name, known, suffix)
    if name in OTHERS:
        return f"({f'?P<{name}{suffix}>' if name in NEEDED else '?:'}{OTHERS[name]})"
    full, bare = NUMBERS[name]
    alone = not _touches(tokens, i)
    number = f"({f'?P<{name}{suffix}>' if name in NEEDED else '?:'}{full}{f'|{bare}' if bare and alone else ''})"
    return number + (_ordinal(tokens, i, known) if name == "d" and alone else "")


def _name(name: str, known: Names, suffix: str) -> str:
    spellings = known.days if PART_OF[name] == "weekday" else known.months
    longest_first = "|".join(map(re.escape, sorted(spellings, key=len, reverse=True)))
    return rf"(?P<{PART_OF[name]}{suffix}>{longest_first})\.?" if spellings else ""


def _ordinal(tokens: Tokens, i: int, known: Names) -> str:
    """`1st`, `1er`, `5.`; not a dot where the format has one itself."""
    follows = tokens[i + 1].literal if i + 1 < len(tokens) else ""
    endings = [re.escape(one) for one in known.ordinals if not follows.startswith(one)]
    return f"(?:{'|'.join(endings)})?" if endings else ""


def _touches(tokens: Tokens, i: int) -> bool:
    """Whether a number stands right before or after this number."""
    neighbours = (tokens[n].name for n in (i - 1, i + 1) if 0 <= n < len(tokens))
    return tokens[i].name in NUMBERS and any(name in NUMBERS for name in neighbours)
