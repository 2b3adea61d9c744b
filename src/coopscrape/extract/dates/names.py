"""A language -> its names of months and weekdays, and what else a printed date is made of. Pure; reads names.json once.

names.json is made by tools/make_date_names.py from the Unicode CLDR. Everything is compared in folded form: case, accents
and the kind of digits, blanks and dashes do not matter.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("names.json")
BETWEEN: Final = "|"  # two spellings in names.json


@dataclass(frozen=True, slots=True)
class Names:
    """Folded spellings. A number from 1 (January, Monday) for each name."""

    months: Mapping[str, int]
    days: Mapping[str, int]
    ordinals: tuple[str, ...] = ()  # what may follow the number of a day
    since: tuple[str, ...] = ()  # "from" 12 June
    until: tuple[str, ...] = ()  # 12 June "to" 14 June


NONE: Final = Names({}, {})


@cache
def table() -> Mapping[str, Any]:
    """Language -> months, days, ordinals ... as names.json has them."""
    languages: Mapping[str, Any] = json.loads(FILE.read_bytes())["languages"]
    return languages


@lru_cache(maxsize=64)
def names(language: str) -> Names:
    """`en-GB` is `en`. A language that is not in the table has no names, so only its numbers are read."""
    known = table().get(language.lower().replace("_", "-").partition("-")[0])
    if known is None:
        return NONE
    words = {key: tuple(map(fold, known.get(key, ()))) for key in ("ordinals", "since", "until")}
    return Names(_numbered(known["months"]), _numbered(known["days"]), **words)


def _numbered(spellings: list[str]) -> dict[str, int]:
    return {fold(one): number for number, each in enumerate(spellings, 1) for one in each.split(BETWEEN)}


# What looks alike to a reader and comes with one editor or another. U+0970 is the dot of Indian abbreviations.
_ALIKE: Final = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u301c\u223c"), "~"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u05f3"), "'"),
    ord("\u0131"): "i",  # Turkish: HAZIRAN and haziran, KASIM and kasım
    ord("\u0970"): ".",
}


def comparable(text: str) -> str:
    """Folded, without blanks at the ends, and with single ones within."""
    return fold(" ".join(text.split()))


def fold(text: str) -> str:
    """Lower case, no accents, no invisible characters, European digits, one form of each letter (NFKC)."""
    return text.lower() if text.isascii() else _folded(text)


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    # A raised 2 is a footnote and no digit: such a text keeps its forms.
    form: Any = "NFD" if any(unicodedata.category(c) == "No" for c in text) else "NFKD"
    # Twice, for folding the case of one letter may make several: the İ of Turkish is an i and a dot.
    apart = unicodedata.normalize(form, unicodedata.normalize(form, text).casefold()).translate(_ALIKE)
    return unicodedata.normalize("NFC", "".join(map(_digit, filter(_counts, apart))))


def _counts(c: str) -> bool:
    return not unicodedata.combining(c) and unicodedata.category(c) != "Cf"


def _digit(c: str) -> str:
    return c if c.isascii() or not c.isdecimal() else str(unicodedata.decimal(c))
