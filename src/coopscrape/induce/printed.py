"""Texts that hold dates -> the format that reads them, the pattern that picks them, the language of their months. Pure.

What a date is, only extract/ knows: `Reads` brings its judgement along, and every format proposed here was tried by it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

import regex

LONGEST: Final = 400  # characters of a text in which a date is looked for
UNIX: Final = "unix"
_WORDISH = regex.compile(r"\d+|[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*|[^\d\p{L}\p{M}\s]|\s+")


class Span(NamedTuple):
    """One date in a text, and a format that reads it."""

    start: int
    end: int
    format: str


@dataclass(frozen=True, slots=True)
class Reads:
    """What only extract/ knows of dates."""

    date: Callable[[str, tuple[str, ...], str], str | None]  # text, formats, language -> ISO
    languages: tuple[str, ...]  # those whose months have names


# -- dates of numbers -----------------------------------------------------------------------------------

# The pattern of a date, and the formats that may have printed it: of day and month, whichever reads all of a column.
_NUMERIC: Final = tuple(
    (re.compile(rf"(?<![\d.,/-]){pattern}(?![\d/-]|[.,]\d)"), formats)
    for pattern, formats in (
        (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d+(?:Z|[+-]\d{2}:?\d{2})", ("%Y-%m-%dT%H:%M:%S.%f%z",)),
        (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:?\d{2})", ("%Y-%m-%dT%H:%M:%S%z",)),
        (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", ("%Y-%m-%dT%H:%M:%S",)),
        (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?:Z|[+-]\d{2}:?\d{2})", ("%Y-%m-%dT%H:%M%z",)),
        (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}", ("%Y-%m-%dT%H:%M",)),
        (r"\d{4}-\d{1,2}-\d{1,2}", ("%Y-%m-%d",)),
        (r"\d{4}/\d{1,2}/\d{1,2}", ("%Y/%m/%d",)),
        (r"\d{4}\.\d{1,2}\.\d{1,2}\.?", ("%Y.%m.%d", "%Y.%m.%d.")),
        (r"\d{4}\. \d{1,2}\. \d{1,2}\.?", ("%Y. %m. %d", "%Y. %m. %d.")),
        (r"\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?日", ("%Y年%m月%d日", "%Y 年 %m 月 %d 日")),
        (r"\d{4}년 ?\d{1,2}월 ?\d{1,2}일", ("%Y년 %m월 %d일", "%Y년%m월%d일")),
        (r"\d{1,2}\.\d{1,2}\.\d{4}", ("%d.%m.%Y",)),
        (r"\d{1,2}\. \d{1,2}\. \d{4}", ("%d. %m. %Y",)),
        (r"\d{1,2}/\d{1,2} \d{4}", ("%d/%m %Y",)),
        (r"\d{1,2}/\d{1,2}/\d{4}", ("%d/%m/%Y", "%m/%d/%Y")),
        (r"\d{1,2}-\d{1,2}-\d{4}", ("%d-%m-%Y", "%m-%d-%Y")),
        (r"\d{1,2}\.\d{1,2}\.\d{2}", ("%d.%m.%y",)),
        (r"\d{1,2}/\d{1,2}/\d{2}", ("%d/%m/%y", "%m/%d/%y")),
        (r"\d{1,2}-\d{1,2}-\d{2}", ("%d-%m-%y", "%m-%d-%y")),
        (r"\d{4}年\d{1,2}月", ("%Y年%m月",)),
        (r"\d{4}-\d{2} \d{1,2}", ("%Y-%m %d",)),
        (r"\d{1,2}/\d{4}", ("%m/%Y",)),
        (r"\d{4}-\d{2}", ("%Y-%m",)),
        (r"^(?:19|20)\d{2}$", ("%Y",)),
    )
)


def _numeric(text: str, language: str, reads: Reads) -> Iterator[Span]:
    taken: list[tuple[int, int]] = []
    for pattern, formats in _NUMERIC:
        for found in pattern.finditer(text):
            start, end = found.span()
            if any(a < end and start < b for a, b in taken):
                continue
            good = [Span(start, end, form) for form in formats if reads.date(found[0], (form,), language)]
            if good:
                taken.append((start, end))
                yield from good


# -- dates with words -------------------------------------------------------------------------------------


def _worded(text: str, language: str, reads: Reads) -> Iterator[Span]:
    """`Wed 20th of June, 2018`: around the name of a month the nearest day and year, with what stands between them."""
    tokens = [(found[0], found.start(), found.end()) for found in _WORDISH.finditer(text)]
    for i, (word, _, _) in enumerate(tokens):
        if is_month(word, language, reads):
            yield from _around(text, tokens, i, language, reads)


# What stands between the parts of one date; not what stands between two: "to", "und", a dash.
_ENDS: Final = (".", "г", "р", "日")
_BETWEEN: Final = frozenset(".,،'’")
_SMALL: Final = frozenset(
    [
        "de",
        "del",
        "di",
        "da",
        "do",
        "of",
        "the",
        "den",
        "dne",
        "der",
        "le",
        "el",
        "il",
        "m",
        "d",
        "г",
        "р",
        "року",
        "года",
    ]
)
_ORDINALS: Final = frozenset(
    ["st", "nd", "rd", "th", "er", "º", "ª", "°", "o", "a", "e", "de", "ste", "r", "i", "ier", "re"]
)
# Behind a day and a month: a date that is read without the year that it has would be one of this year.
_YEAR_NEXT = regex.compile(r"[^\d\p{L}\n]{0,4}(?:19|20)\d{2}(?!\d)")
_REACH: Final = 6  # tokens to each side: `20 de junio de 2018` has blanks and two small words between


def _around(text: str, tokens: list[tuple[str, int, int]], i: int, language: str, reads: Reads) -> Iterator[Span]:
    """The widest that is a date."""
    low, high = max(0, i - _REACH), min(len(tokens), i + _REACH + 1)
    windows = [(a, b) for a in range(low, i + 1) for b in range(i, high)]
    for a, b in sorted(windows, key=lambda window: window[0] - window[1]):
        if (a and tokens[a - 1][0].isdigit()) or not _may_be(tokens[a : b + 1], language, reads):
            continue
        start, end = tokens[a][1], tokens[b][2]
        form = _format(tokens[a : b + 1], language, reads)
        if form and reads.date(text[start:end], (form,), language):
            if "%Y" in form or not _YEAR_NEXT.match(text, end):
                yield Span(start, end, form)
            return


def _may_be(tokens: Sequence[tuple[str, int, int]], language: str, reads: Reads) -> bool:
    """It begins and ends with a number or a name of the calendar, has a year or a day, and no word that is too long."""
    words = [token for token, _, _ in tokens]
    ends = (words[0], words[-1])
    if any(not (one.isdigit() or _is_name(one, language, reads)) for one in ends) and words[-1] not in _ENDS:
        return False
    numbers = [one for one in words if one.isdigit()]
    years = [one for one in numbers if len(one) == 4]
    days = [one for one in numbers if len(one) <= 2]
    if len(years) > 1 or len(days) > 1 or len(years) + len(days) != len(numbers) or not numbers:
        return False
    others = [one for one in words if not (one.isdigit() or one.isspace() or _is_name(one, language, reads))]
    return len(others) <= 4 and all(one in _BETWEEN or one.lower() in _SMALL or _is_ordinal(one) for one in others)


def _is_name(word: str, language: str, reads: Reads) -> bool:
    return is_month(word, language, reads) or is_weekday(word, language, reads)


def _format(tokens: Sequence[tuple[str, int, int]], language: str, reads: Reads) -> str | None:
    parts: list[str] = []
    seen: set[str] = set()
    for place, (token, _, _) in enumerate(tokens):
        if parts and parts[-1] == "%d" and _follows(tokens, place) and _is_ordinal(token):
            continue  # 20th, 1er: known to whoever reads it
        part = _part(token, language, reads)
        if part in seen:
            return None
        seen |= {part} if part else set()
        parts.append(part or (" " if token.isspace() else token.replace("%", "%%")))
    # The dot behind an abbreviated name belongs to the name.
    joined = "".join(parts)
    return re.sub(r"(%[BA])\.", r"\1", joined) if joined else None


def _follows(tokens: Sequence[tuple[str, int, int]], place: int) -> bool:
    return tokens[place - 1][2] == tokens[place][1]


def _is_ordinal(token: str) -> bool:
    return token.lower() in _ORDINALS


def _part(token: str, language: str, reads: Reads) -> str | None:
    if token.isdigit():
        return "%Y" if len(token) == 4 else "%d"
    if is_month(token, language, reads):
        return "%B"
    return "%A" if is_weekday(token, language, reads) else None


def is_month(word: str, language: str, reads: Reads) -> bool:
    return word.isalpha() and len(word) > 1 and _reads_as(word, "%B %Y", ("2000",), language, reads)


# 1 to 7 January 2001 were Monday to Sunday.
_WEEK = tuple(f"{day}.1.2001" for day in range(1, 8))


def is_weekday(word: str, language: str, reads: Reads) -> bool:
    return word.isalpha() and len(word) > 1 and _reads_as(word, "%A %d.%m.%Y", _WEEK, language, reads)


def _reads_as(word: str, form: str, rests: tuple[str, ...], language: str, reads: Reads) -> bool:
    return _remembered(reads.date, word.lower(), form, rests, language)


@lru_cache(maxsize=50_000)
def _remembered(
    date: Callable[[str, tuple[str, ...], str], str | None], word: str, form: str, rests: tuple[str, ...], language: str
) -> bool:
    return any(date(f"{word} {rest}", (form,), language) for rest in rests)


# -- of one text --------------------------------------------------------------------------------------------


def spans(text: str, language: str, reads: Reads) -> tuple[Span, ...]:
    """Every date in it, in their order; a date of numbers once for each format that reads it."""
    text = unicodedata.normalize("NFC", text[:LONGEST])
    if not any(map(str.isdigit, text)):
        return ()
    worded = list(_worded(text, language, reads))
    numeric = [
        one
        for one in _numeric(text, language, reads)
        if not any(w.start < one.end and one.start < w.end for w in worded)
    ]
    return tuple(sorted((*worded, *numeric)))


def language_of(texts: Sequence[str], declared: str, reads: Reads) -> str:
    """The one that knows most months among the words beside numbers; the declared one, if none knows more."""
    words = Counter(word.lower() for text in texts for word in _beside_numbers(text))
    known = {
        language: sum(count for word, count in words.items() if is_month(word, language, reads))
        for language in reads.languages
    }
    most = max(known.values(), default=0)
    base = declared.lower().replace("_", "-").partition("-")[0]
    if not most or known.get(base, 0) >= 0.8 * most:
        return base or _by_script("".join(texts)[:20_000])
    return max(known, key=lambda language: (known[language], language == "en"))


_SCRIPTS: Final = {
    "ja": r"[\p{Hiragana}\p{Katakana}]",
    "ko": r"\p{Hangul}",
    "zh": r"\p{Han}",
    "ru": r"\p{Cyrillic}",
    "ar": r"\p{Arabic}",
    "he": r"\p{Hebrew}",
    "el": r"\p{Greek}",
    "th": r"\p{Thai}",
}
MARKED: Final = 0.05  # of the letters of a page


def _by_script(text: str) -> str:
    """What is most often written so; English where nothing tells."""
    letters = max(1, len(regex.findall(r"\p{L}", text)))
    return next((one for one, script in _SCRIPTS.items() if len(regex.findall(script, text)) > MARKED * letters), "en")


_BESIDE = regex.compile(r"\d[\w.,º°]{0,3}\s*(?:\p{L}{1,3}\.?\s+)?(\p{L}{2,})|(\p{L}{2,})[.,]?\s+\d")


def _beside_numbers(text: str) -> Iterator[str]:
    for found in _BESIDE.finditer(text[:LONGEST]):
        yield found[1] or found[2]


# -- of a column ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dated:
    """How the texts of a column are read as dates."""

    format: tuple[str, ...]
    match: str | None  # None: the whole text is the date
    values: tuple[str | None, ...]  # ISO, a text each
    sure: float = 1.0  # less, where day and month may be taken for each other


MOST_FORMATS: Final = 5


def dated(texts: Sequence[str | None], language: str, reads: Reads) -> Dated | None:
    """The formats that read most of a column, and the pattern that picks the date out of more text."""
    if unix := _unix(texts, reads):
        return unix
    found = [spans(text, language, reads) if text else () for text in texts]
    votes = Counter(span.format for each in found for span in {one.format: one for one in _first(each)}.values())
    if not votes:
        return None
    formats = _chosen(found, votes, texts, language, reads)
    whole = _read_whole(texts, formats, language, reads)
    picking = _read_matched(texts, formats, language, reads)
    sure = 0.7 if _confusable(formats, votes) else 1.0
    if sum(map(bool, whole)) >= sum(map(bool, picking[1])):
        return Dated(formats, None, tuple(whole), sure)
    return Dated(formats, picking[0], tuple(picking[1]), sure)


def _first(each: Sequence[Span]) -> list[Span]:
    """The first date of a text, in every format that reads it."""
    return [one for one in each if one.start == each[0].start]


def _chosen(
    found: Sequence[Sequence[Span]], votes: Counter[str], texts: Sequence[str | None], language: str, reads: Reads
) -> tuple[str, ...]:
    """Greedy: the format that reads most, then what reads most of the rest."""
    rest = [{one.format for one in _first(each)} for each in found if each]
    chosen: list[str] = []
    while rest and len(chosen) < MOST_FORMATS:
        counts = Counter(form for each in rest for form in each)
        best = max(
            counts,
            key=lambda form: (counts[form], votes[form], _descends(form, found, texts, language, reads), -_rank(form)),
        )
        if chosen and counts[best] < max(1, 0.02 * len(found)):
            break
        chosen.append(best)
        rest = [each for each in rest if best not in each]
    return tuple(chosen)


def _rank(form: str) -> int:
    """Of formats that read the same: the day before the month, as most of the world has it."""
    return int(form.startswith("%m") and "%d" in form)


def _descends(
    form: str, found: Sequence[Sequence[Span]], texts: Sequence[str | None], language: str, reads: Reads
) -> int:
    """How well a column is in order if it is read so: what tells day from month where both are below thirteen."""
    values = [
        iso
        for text, each in zip(texts, found, strict=True)
        for one in _first(each)
        if one.format == form
        and text
        and (iso := reads.date(unicodedata.normalize("NFC", text[:LONGEST])[one.start : one.end], (form,), language))
    ]
    pairs = list(pairwise(values))
    return max(sum(a >= b for a, b in pairs), sum(a <= b for a, b in pairs))


def _confusable(formats: Sequence[str], votes: Counter[str]) -> bool:
    """The other reading of day and month would do as well."""
    return any(_swapped(form) in votes and votes[_swapped(form)] >= votes[form] for form in formats)


def _swapped(form: str) -> str:
    return form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m") if "%m" in form else ""


def _read_whole(texts: Sequence[str | None], formats: tuple[str, ...], language: str, reads: Reads) -> list[str | None]:
    return [reads.date(text, formats, language) if text else None for text in texts]


def _read_matched(
    texts: Sequence[str | None], formats: tuple[str, ...], language: str, reads: Reads
) -> tuple[str, list[str | None]]:
    pattern = pattern_of(formats)
    compiled = regex.compile(pattern, regex.IGNORECASE)
    picked = (compiled.search(text) if text else None for text in texts)
    return pattern, [reads.date(one[0], formats, language) if one else None for one in picked]


_PATTERNS: Final = {
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%d": r"\d{1,2}",
    "%m": r"\d{1,2}",
    "%B": r"\p{L}+",
    "%A": r"\p{L}+",
    "%H": r"\d{2}",
    "%M": r"\d{2}",
    "%S": r"\d{2}",
    "%f": r"\d+",
    "%z": r"(?:Z|[+-]\d{2}:?\d{2})",
}


def pattern_of(formats: Sequence[str]) -> str:
    """A pattern that picks such dates out of more text."""
    each = [_pattern(form) for form in sorted(formats, key=len, reverse=True)]
    return each[0] if len(each) == 1 else f"(?:{'|'.join(each)})"


_TOKEN = re.compile(r"%[A-Za-z]|%%|\s+|[^%\s]")


def _pattern(form: str) -> str:
    tokens = _TOKEN.findall(form)
    parts = []
    for i, token in enumerate(tokens):
        follows = tokens[i + 1] if i + 1 < len(tokens) else ""
        part = _PATTERNS.get(token) or (r"\s+" if token.isspace() else re.escape(token))
        if token.endswith("d") and "%B" in form and (follows.isspace() or follows in (",", "،")):
            part += r"(?:\p{L}{1,3}|[º°ª])?"
        if token in ("%B", "%A") and follows != ".":
            part += r"\.?"
        parts.append(part)
    edge = r"(?<!\d)" if tokens[0] in ("%d", "%m", "%Y") else ""
    end = r"(?!\d)" if tokens[-1] in ("%Y", "%d", "%y") else ""
    return edge + "".join(parts) + end


def _unix(texts: Sequence[str | None], reads: Reads) -> Dated | None:
    values = [
        reads.date(text, (UNIX,), "en") if text and re.fullmatch(r"[1-9]\d{8,9}", text) else None for text in texts
    ]
    filled = sum(text is not None for text in texts)
    return Dated((UNIX,), None, tuple(values)) if filled and sum(map(bool, values)) == filled else None
