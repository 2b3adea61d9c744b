"""Bytes that declare no charset and are not UTF-8, and the language of their source -> the charset that fits. For charset.py.

No statistics: each language has the few charsets that its pages were written in, the usual one first. Read by each in
turn, the text must be of the letters of that language, capitals at the beginning of words. The first that no later one
surpasses is taken, so that a page that hardly changes hardly comes near to being read by another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import webencodings

SAMPLE: Final = 500_000  # bytes that are looked at
PLAUSIBLE: Final = 0.6  # of what is not ASCII must be letters of the language

# Signs that stand in pages of any language, and speak for no charset: nbsp, quotation marks, dashes, currencies ...
_ANYWHERE = "\xa0-\xa9\xab-\xb1\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u2010-\u203a\u20ac\u2116\u2122\u2190-\u21ff\u25a0-\u27bf"
_WIDE = "\u3000-\u303f\uff01-\uff5e"  # the same of Chinese, Japanese and Korean

Home = Callable[[str], re.Pattern[str]]


class Legacy(NamedTuple):
    """What pages of a language were written in."""

    labels: tuple[str, ...]  # names of the Encoding standard, the usual one first
    home: Home  # label -> a letter of the language where it may stand


def fitting(body: bytes, language: str) -> str | None:
    """The label; None: no charset but that of western Europe is known for the language, or none of them fits."""
    known = _of(language)
    if known is None:
        return None
    best = max((_fit(body[:SAMPLE], label, known.home(label)) for label in known.labels), key=lambda fit: fit.share)
    return best.label if best.plausible else None


class Fit(NamedTuple):
    """How the bytes read by one charset."""

    label: str
    share: float  # of all characters beyond ASCII, those that are letters of the language
    plausible: bool


def _fit(body: bytes, label: str, home: re.Pattern[str]) -> Fit:
    encoding = webencodings.lookup(label) or webencodings.UTF8
    text = encoding.codec_info.decode(body, "replace")[0]
    letters, signs, beyond = (_count(each, text) for each in (home, _SIGN, _BEYOND))
    return Fit(label, letters / max(1, beyond), letters >= PLAUSIBLE * (beyond - signs))


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))


_BEYOND = re.compile("[^\x00-\x7f]")
_SIGN = re.compile(f"[{_ANYWHERE}{_WIDE}]")


# -- what letters are at home ---------------------------------------------------------------------------


def _always(pattern: str) -> Home:
    compiled = lru_cache(maxsize=1)(lambda: re.compile(pattern))
    return lambda _label: compiled()


_BEGINS = r"(?<![^\W\d_])"  # no letter before it


def _script(letters: str) -> Home:
    """Of a script of its own, without capitals: in no word together with ASCII."""
    return _always(f"(?<![A-Za-z])[{letters}](?![A-Za-z])")


def _cased(small: str) -> Home:
    """The same with capitals, where a word begins."""
    return _always(f"(?<![A-Za-z])(?:[{small}]|{_BEGINS}[{small.upper()}])(?![A-Za-z])")


def _latin(small: str) -> Home:
    """Of a Latin alphabet what is not ASCII."""
    capitals = "".join(letter.upper() for letter in small if len(letter.upper()) == 1)
    return _always(f"[{small}]|{_BEGINS}[{capitals}]")


def _kana(_label: str) -> re.Pattern[str]:
    """And the characters in common use, which stand in the same rows of either charset."""
    return _japanese()


@lru_cache(maxsize=1)
def _japanese() -> re.Pattern[str]:
    return re.compile(f"[\u3041-\u30ff{_rows('euc_jp', 0xB0, 0xCF)}]")


_COMMON: Final = {
    "gb18030": ("gb2312", 0xB0, 0xD7),
    "big5": ("big5", 0xA4, 0xC6),
}  # rows of the characters in common use


@lru_cache(maxsize=2)
def _han(label: str) -> re.Pattern[str]:
    """Any two bytes are a character of either charset; only the right one makes common characters of nearly all."""
    return re.compile(f"[{_rows(*_COMMON[label])}]")


def _rows(codec: str, first: int, last: int) -> str:
    """All characters of two bytes whose first is one of these."""
    pairs = (bytes((lead, trail)) for lead in range(first, last + 1) for trail in range(0x40, 0xFF))
    texts = (pair.decode(codec, "ignore") for pair in pairs)
    return "".join(text for text in texts if len(text) == 1 and text > "\x7f")


# The usual one first: HTML standard, section 13.2.3.2, step 9, "default encodings by locale"; then what else there was.
_RUSSIAN = ("windows-1251", "koi8-r", "iso-8859-5", "ibm866")
_ARABIC = Legacy(("windows-1256", "iso-8859-6"), _script("\u0600-\u06ff\u200c-\u200f"))
_CENTRAL = ("windows-1250", "iso-8859-2")
_BALTIC = ("windows-1257", "iso-8859-13", "iso-8859-4")
CHARSETS: Final[Mapping[str, Legacy]] = {
    "ru": Legacy(_RUSSIAN, _cased("а-яё")),
    "bg": Legacy(_RUSSIAN, _cased("а-я")),
    "be": Legacy(("windows-1251", "koi8-u", "iso-8859-5"), _cased("а-яёіў")),
    "uk": Legacy(("windows-1251", "koi8-u", "iso-8859-5"), _cased("а-щьюяґєії")),
    **dict.fromkeys(("mk", "sr", "kk", "ky", "tt", "tg", "ba"), Legacy(("windows-1251",), _cased("а-яђ-џ"))),
    "ar": _ARABIC,
    "fa": _ARABIC,
    "he": Legacy(("windows-1255", "iso-8859-8"), _script("\u05b0-\u05f4\u200e\u200f")),
    "el": Legacy(("iso-8859-7", "windows-1253"), _cased("α-ωάέήίόύώϊϋΐΰ")),
    "th": Legacy(("windows-874",), _script("\u0e01-\u0e5b")),
    "ja": Legacy(("shift_jis", "euc-jp"), _kana),
    "ko": Legacy(("euc-kr",), _script("\uac00-\ud7a3\u4e00-\u9fff")),
    "zh": Legacy(("gb18030", "big5"), _han),
    "zh-hant": Legacy(("big5", "gb18030"), _han),
    "cs": Legacy(_CENTRAL, _latin("áčďéěíňóřšťúůýž")),
    "sk": Legacy(_CENTRAL, _latin("áäčďéíĺľňóôŕšťúýž")),
    **dict.fromkeys(("hr", "bs"), Legacy(_CENTRAL, _latin("čćđšž"))),
    "hu": Legacy(tuple(reversed(_CENTRAL)), _latin("áéíóöőúüű")),
    "pl": Legacy(tuple(reversed(_CENTRAL)), _latin("ąćęłńóśźż")),
    "sl": Legacy(tuple(reversed(_CENTRAL)), _latin("čšž")),
    "ro": Legacy((*_CENTRAL, "iso-8859-16"), _latin("ăâîşţșț")),
    "tr": Legacy(("windows-1254",), _latin("âçğıîöşûü")),
    "lt": Legacy(_BALTIC, _latin("ąčęėįšųūž")),
    "lv": Legacy(_BALTIC, _latin("āčēģīķļņšūž")),
    "et": Legacy(_BALTIC, _latin("äõöüšž")),
    "vi": Legacy(("windows-1258",), _latin("àáâãèéêìíòóôõùúýăđĩũơư\u0300\u0301\u0303\u0309\u0323")),
}
_TRADITIONAL: Final = frozenset({"hant", "tw", "hk", "mo"})


def _of(language: str) -> Legacy | None:
    base, *rest = language.lower().replace("_", "-").split("-")
    return CHARSETS.get("zh-hant" if base == "zh" and _TRADITIONAL.intersection(rest) else base)
