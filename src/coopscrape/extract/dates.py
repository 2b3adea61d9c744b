"""Printed date -> ISO date, by declared formats only. Pure; the only place that knows the names of months.

A wrong date is worse than none: a format must fit the whole text, the date must exist, a weekday must be the right one.
What is not printed is not made up: `June 2018` is 2018-06. Only a missing year is inferred, from the fetch date.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from coopscrape import canon

UNIX: Final = "unix"
PIVOT: Final = 69  # POSIX strptime: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068
AHEAD: Final = timedelta(days=1)  # a page printed east of Greenwich may be dated tomorrow
LEAP: Final = 8  # years; 29 February returns at least so often (1896 to 1904)


def read_date(text: str, formats: Iterable[str], language: str, fetched_at: str, zone: str | None = None) -> str | None:
    """`20 June 2018` -> `2018-06-20`, by the first format that fits all of the text; may be partial: `2018-06`, `2018`.

    `fetched_at`: a moment or an ISO date; a date without a year is the nearest such day that is not after it.
    """
    printed = _comparable(text)
    found = (_read(printed, fmt, language, fetched_at, zone) for fmt in formats)
    return next(filter(None, found), None)


def format_fault(fmt: str) -> str | None:
    """Why this is no date format, in words; None if it is one."""
    if fmt == UNIX:
        return None
    names = [_ALIASES.get(name, name) for name in _directives(fmt)]
    unknown = next((name for name in names if name not in KNOWN), None)
    if unknown is not None:
        return f"%{unknown} in {fmt!r} is not known; known are {' '.join('%' + k for k in KNOWN)}, and {UNIX!r}"
    parts = [PART_OF.get(name) for name in names]
    twice = next((part for part in parts if part and parts.count(part) > 1), None)
    if twice:
        return f"{fmt!r} says the {twice} twice"
    if "day" in parts and "month" not in parts:
        return f"{fmt!r} has a day (%d) without a month (%B, %b or %m)"
    if "year" not in parts and "month" not in parts:
        return f"{fmt!r} says neither year (%Y) nor month (%B); a format is written like %d %B %Y, or is {UNIX!r}"
    return None


# -- the languages ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Names:
    """Months from January, weekdays from Monday, each with abbreviations; what may follow the number of a day."""

    months: str
    days: str
    ordinals: str = ""


# A language is an entry: names separated by commas, their spellings by blanks. Case, accents and a dot at the end
# do not matter. An underscore is a blank within a name.
LANGUAGES: Final[Mapping[str, Names]] = {
    "en": Names(
        "january jan, february feb, march mar, april apr, may, june jun, july jul, august aug, september sept sep,"
        "october oct, november nov, december dec",
        "monday mon, tuesday tues tue, wednesday wed, thursday thurs thur thu, friday fri, saturday sat, sunday sun",
        "st nd rd th",
    ),
    "fr": Names(
        "janvier janv jan, février févr fév, mars mar, avril avr, mai, juin, juillet juil, août, septembre sept sep,"
        "octobre oct, novembre nov, décembre déc",
        "lundi lun, mardi mar, mercredi mer, jeudi jeu, vendredi ven, samedi sam, dimanche dim",
        "er",
    ),
    "es": Names(
        "enero ene, febrero feb, marzo mar, abril abr, mayo may, junio jun, julio jul, agosto ago,"
        "septiembre setiembre sept sep set, octubre oct, noviembre nov, diciembre dic",
        "lunes lun, martes mar, miércoles mié, jueves jue, viernes vie, sábado sáb, domingo dom",
        "º ° o",
    ),
    "de": Names(
        "januar jänner jan, februar feber feb, märz maerz mär mrz, april apr, mai, juni jun, juli jul, august aug,"
        "september sept sep, oktober okt, november nov, dezember dez",
        "montag mo, dienstag di, mittwoch mi, donnerstag do, freitag fr, samstag sonnabend sa, sonntag so",
    ),
    "it": Names(
        "gennaio gen, febbraio feb febbr, marzo mar, aprile apr, maggio mag, giugno giu, luglio lug, agosto ago,"
        "settembre sett set, ottobre ott, novembre nov, dicembre dic",
        "lunedì lun, martedì mar, mercoledì mer, giovedì gio, venerdì ven, sabato sab, domenica dom",
        "º °",
    ),
    "pt": Names(
        "janeiro jan, fevereiro fev, março mar, abril abr, maio mai, junho jun, julho jul, agosto ago, setembro set,"
        "outubro out, novembro nov, dezembro dez",
        "segunda-feira segunda seg, terça-feira terça ter, quarta-feira quarta qua, quinta-feira quinta qui,"
        "sexta-feira sexta sex, sábado sáb, domingo dom",
        "º ° o",
    ),
    "ca": Names(
        "gener gen, febrer febr feb, març mar, abril abr, maig, juny, juliol jul, agost ag, setembre set,"
        "octubre oct, novembre nov, desembre des",
        "dilluns dl, dimarts dt, dimecres dc, dijous dj, divendres dv, dissabte ds, diumenge dg",
        "r",
    ),
    "nl": Names(
        "januari jan, februari feb, maart mrt, april apr, mei, juni jun, juli jul, augustus aug, september sept sep,"
        "oktober okt, november nov, december dec",
        "maandag ma, dinsdag di, woensdag wo, donderdag do, vrijdag vr, zaterdag za, zondag zo",
        "e ste de",
    ),
}


def _names(language: str) -> Names:
    """`en-GB` is `en`. A language that is not in the table has no names, so only its numbers are read."""
    return LANGUAGES.get(language.lower().replace("_", "-").partition("-")[0], Names("", ""))


@lru_cache(maxsize=64)
def _numbers(names: str) -> dict[str, int]:
    """Each spelling -> its number, from 1. With and without accents."""
    spelled = {
        spelling.replace("_", " "): number
        for number, spellings in enumerate(names.split(","), 1)
        for spelling in spellings.split()
    }
    return {_unaccented(spelling): number for spelling, number in spelled.items()} | spelled


def _unaccented(text: str) -> str:
    bare = (c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", "".join(bare))


# -- the formats --------------------------------------------------------------------------------------

# One digit will do where it is parted from the next number; where it is not, numbers have their full width.
NUMBERS: Final[Mapping[str, tuple[str, str]]] = {
    "d": (r"0[1-9]|[12][0-9]|3[01]", r"[1-9]"),
    "m": (r"0[1-9]|1[0-2]", r"[1-9]"),
    "Y": (r"[0-9]{4}", ""),
    "y": (r"[0-9]{2}", ""),
    "H": (r"[01][0-9]|2[0-3]", r"[0-9]"),
    "I": (r"0[1-9]|1[0-2]", r"[1-9]"),
    "M": (r"[0-5][0-9]", ""),
    "S": (r"[0-5][0-9]|60", ""),
    "f": (r"[0-9]{1,9}", ""),
}
NEEDED: Final = "dmYy"  # the time of day is only checked
WORDS: Final[Mapping[str, str]] = {
    "p": r"[ap]\.?m\.?",
    "z": r"z|[+-][0-9]{2}:?[0-9]{2}",
    "Z": r"[a-z]{1,5}",
    "%": "%",
}
KNOWN: Final = ("d", "B", "b", "m", "Y", "y", "A", "a", "H", "I", "M", "S", "f", "p", "z", "Z", "%")
PART_OF: Final[Mapping[str, str]] = {
    **dict.fromkeys("d", "day"),
    **dict.fromkeys("Bbm", "month"),
    **dict.fromkeys("Yy", "year"),
    **dict.fromkeys("Aa", "weekday"),
    **dict.fromkeys("HI", "hour"),
    **dict.fromkeys("M", "minute"),
    **dict.fromkeys("S", "second"),
}
# As GNU strftime has them: without padding, which is never asked for here.
_ALIASES: Final = {"e": "d", "h": "b", "-d": "d", "-m": "m", "-H": "H", "-I": "I"}

_TOKEN = re.compile(r"%(-?.|$)|([^%]+)", re.DOTALL)


def _directives(fmt: str) -> list[str]:
    return [token[1] for token in _TOKEN.finditer(_comparable(fmt)) if token[2] is None]


@lru_cache(maxsize=512)
def _compiled(fmt: str, language: str) -> re.Pattern[str] | None:
    """None: there is no such format, or the language has no names for it."""
    names = _names(language)
    if format_fault(fmt):
        return None
    tokens = [(_ALIASES.get(t[1], t[1]), t[2]) for t in _TOKEN.finditer(_comparable(fmt))]
    forms = [
        re.escape(literal) if literal else _form(name, names, _touches(tokens, i))
        for i, (name, literal) in enumerate(tokens)
    ]
    return re.compile("".join(forms), re.IGNORECASE) if all(forms) else None


def _touches(tokens: list[tuple[str, str | None]], i: int) -> bool:
    """Whether a number stands right before or after this one."""
    return any(tokens[n][0] in NUMBERS for n in (i - 1, i + 1) if 0 <= n < len(tokens))


def _form(name: str, names: Names, touching: bool) -> str:
    """The pattern of one directive; "" if the language cannot say it."""
    if name in ("A", "a", "B", "b"):
        spellings = _numbers(names.days if name in "Aa" else names.months)
        longest_first = "|".join(map(re.escape, sorted(spellings, key=len, reverse=True)))
        return rf"(?P<{PART_OF[name]}_name>{longest_first})\.?" if spellings else ""
    if name in WORDS:
        return f"(?:{WORDS[name]})"
    full, bare = NUMBERS[name]
    number = rf"({f'?P<{name}>' if name in NEEDED else '?:'}{full}{'|' + bare if bare and not touching else ''})"
    ordinals = "|".join(map(re.escape, names.ordinals.split()))
    return rf"{number}(?:{ordinals})?" if name == "d" and ordinals and not touching else number


def _comparable(text: str) -> str:
    if text.isascii():
        return " ".join(text.split())
    return (canon.text(text) or "").replace("’", "'")


# -- the reading --------------------------------------------------------------------------------------


def _read(printed: str, fmt: str, language: str, fetched_at: str, zone: str | None) -> str | None:
    if fmt == UNIX:
        return _unix(printed, zone)
    parts = _parts(printed, fmt, language)
    if parts is None or 0 in parts:
        return None
    year, month, day, weekday = parts
    return _iso(year, month, day, weekday) if year else _nearest_past(month or 1, day, weekday, fetched_at)


Parts = tuple[
    int | None, int | None, int | None, int | None
]  # year, month, day, weekday. None: not printed. 0: no such


@lru_cache(maxsize=8192)  # a listing shows the same dates at every visit
def _parts(printed: str, fmt: str, language: str) -> Parts | None:
    """What the format finds; None if it does not fit."""
    pattern = _compiled(fmt, language)
    found = pattern.fullmatch(printed) if pattern else None
    if found is None:
        return None
    names, said = _names(language), found.groupdict()
    month = _named(said, "month", names.months) if said.get("month_name") else _int(said.get("m"))
    return _year(said), month, _int(said.get("d")), _named(said, "weekday", names.days)


def _int(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _year(said: Mapping[str, str | None]) -> int | None:
    short = _int(said.get("y"))
    return _int(said.get("Y")) if short is None else short + (1900 if short >= PIVOT else 2000)


def _named(said: Mapping[str, str | None], part: str, names: str) -> int | None:
    """0: a name that is not in the table, with a letter that only looks alike."""
    name = said.get(f"{part}_name")
    return _numbers(names).get(name.lower(), 0) if name else None


def _unix(printed: str, zone: str | None) -> str | None:
    """Seconds since 1970, UTC. 0 is what a machine says that knows no date."""
    if not re.fullmatch(r"-?[1-9][0-9]{0,10}", printed):
        return None
    try:
        return datetime.fromtimestamp(int(printed), ZoneInfo(zone) if zone else UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def _iso(year: int, month: int | None, day: int | None, weekday: int | None) -> str | None:
    if month is None:
        return f"{year:04}"
    if day is None:
        return f"{year:04}-{month:02}"
    exact = _day(year, month, day)
    return exact.isoformat() if exact and weekday in (None, exact.isoweekday()) else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None  # 31 June


def _nearest_past(month: int, day: int | None, weekday: int | None, fetched_at: str) -> str | None:
    """The last year in which such a day was not after the fetch."""
    latest = _latest(fetched_at)
    years = range(latest.year, max(latest.year - LEAP, 1) - 1, -1) if latest else range(0)
    for year in years:
        exact = _day(year, month, day or 1)
        if exact and latest and exact <= latest:
            return _iso(year, month, day, weekday)
    return None


def _latest(fetched_at: str) -> date | None:
    try:
        return date.fromisoformat(fetched_at[:10]) + AHEAD
    except (ValueError, OverflowError):
        return None
