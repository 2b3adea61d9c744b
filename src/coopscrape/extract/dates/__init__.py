"""Printed date -> ISO date, by declared formats only. Pure.

A wrong date is worse than none: a format must fit the whole text, the date must exist and be a likely one, a weekday must
be the right one. What is not printed is not made up: `June 2018` is 2018-06. Only a missing year is inferred, from the
fetch date. Formats are made into patterns by forms.py, names come from names.py, what needs guessing from guess.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from coopscrape.extract.dates.forms import ANY_ORDERS, KNOWN, UNIX, UNIX_MS, WORDS_ALONE, format_fault, pattern, ranges
from coopscrape.extract.dates.names import comparable, names, table

__all__ = ["KNOWN", "WORDS_ALONE", "format_fault", "read_date", "table"]

LONGEST: Final = 200  # characters; what is longer is prose
PIVOT: Final = 69  # POSIX strptime: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068
BUDDHIST: Final = 543  # years: 2561 is 2018
EARLIEST: Final = 1000  # a year; 0001-01-01 is what a machine says that knows no date
LATEST: Final = 100  # years after the fetch; 9999-12-31 is "never"
AHEAD: Final = timedelta(days=1)  # a page printed east of Greenwich may be dated tomorrow
LEAP: Final = 8  # years; 29 February returns at least so often (1896 to 1904)
LONGEST_OVER_NEW_YEAR: Final = timedelta(days=183)  # `30 December - 2 January 2019` began in 2018


def read_date(text: str, formats: Iterable[str], language: str, fetched_at: str, zone: str | None = None) -> str | None:
    """`20 June 2018` -> `2018-06-20`, by the first format that fits all of the text; may be partial: `2018-06`, `2018`.

    `fetched_at`: a moment or an ISO date; a date without a year is the nearest such day that is not after it.
    `zone`: where the day is meant (`Europe/Brussels`) of which the text gives the moment. None: the day as printed.
    """
    if not text or len(text) > LONGEST:
        return None
    found = (_read(text, fmt, language, fetched_at, zone) for fmt in formats)
    return next(filter(None, found), None)


def _read(text: str, fmt: str, language: str, fetched_at: str, zone: str | None) -> str | None:
    if fmt in ANY_ORDERS:
        from coopscrape.extract.dates.guess import guess

        return _likely(guess(text, ANY_ORDERS[fmt], language, fetched_at, zone), fetched_at)
    if fmt in (UNIX, UNIX_MS):
        return _likely(_unix(text.strip(), fmt, zone), fetched_at)
    printed = _printed(text, fmt, language)
    if printed is None:
        return None
    if printed.year is None:
        return _nearest_past(printed, fetched_at)
    return _likely(_moved(printed, zone) or _iso(printed), fetched_at)


def _likely(iso: str | None, fetched_at: str) -> str | None:
    """The date, unless its year is none that a listing prints."""
    if iso is None or int(iso[:4]) < EARLIEST:
        return None
    latest = _latest(fetched_at)
    return iso if latest is None or int(iso[:4]) <= latest.year + LATEST else None


# -- what is printed ------------------------------------------------------------------------------------


class Printed(NamedTuple):
    """What a text says of a day. None: it does not say."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None  # from 1, Monday
    clock: tuple[int, int, int] | None = None  # hour, minute, and minutes east of Greenwich


@lru_cache(maxsize=8192)  # a listing shows the same dates at every visit
def _printed(text: str, fmt: str, language: str) -> Printed | None:
    """What the format finds, of a range its first day; None if it does not fit, or such a range cannot be."""
    fits = pattern(fmt, language)
    if fits is None:
        return None
    folded = comparable(text)
    found = fits.fullmatch(folded)
    if found:
        return _said(found.groupdict(), language)
    pairs = (both for each in ranges(fmt, language) if (both := each.fullmatch(folded)))
    return next((first for both in pairs if (first := _first(both.groupdict(), language))), None)


Groups = Mapping[str, str | None]


def _said(groups: Groups, language: str, suffix: str = "") -> Printed:
    said = {name.removesuffix(suffix): value for name, value in groups.items() if name.endswith(suffix)}
    known = names(language)
    return Printed(
        year=_year(said),
        month=known.months[name] if (name := said.get("month")) else _int(said.get("m")),
        day=_int(said.get("d")),
        weekday=known.days[name] if (name := said.get("weekday")) else None,
        clock=_clock(said),
    )


def _int(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _year(said: Groups) -> int | None:
    if era := _int(said.get("EY")):
        return era - BUDDHIST
    short = _int(said.get("y"))
    return _int(said.get("Y")) if short is None else short + (1900 if short >= PIVOT else 2000)


def _clock(said: Groups) -> tuple[int, int, int] | None:
    """Only where the text says of which zone it is: `09:30 +0200`."""
    hour, zone = _int(said.get("H") or said.get("I")), said.get("z")
    if hour is None or zone is None:
        return None
    if said.get("I") and (half := said.get("p")):
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return hour, _int(said.get("M")) or 0, _offset(zone)


def _offset(zone: str) -> int:
    """`+02:00`, `gmt-0330`, `z` -> minutes east of Greenwich."""
    found = re.search(r"([+-])([0-9]{2}):?([0-9]{2})?", zone)
    minutes = int(found[2]) * 60 + int(found[3] or 0) if found else 0
    return -minutes if found and found[1] == "-" else minutes


# -- ranges ---------------------------------------------------------------------------------------------


def _first(groups: Groups, language: str) -> Printed | None:
    """The first day of a range, with what only its last day says. None: it ends before it begins, or has no such day."""
    start, end = _said(groups, language, "1"), _said(groups, language, "2")
    first, last = _filled(start, end), _filled(end, start)
    if (begins := _checked(first)) and (ends := _checked(last)) and begins < ends:
        return first
    if not (start.month and end.month) or (start.year and end.year):
        return None
    if start.year:
        last = last._replace(year=start.year + 1)
    elif end.year:
        first = first._replace(year=end.year - 1)
    else:
        last = last._replace(year=_UNSAID + 1)
    begins, ends = _checked(first), _checked(last)
    return first if begins and ends and ends - begins <= LONGEST_OVER_NEW_YEAR else None


_UNSAID: Final = 2000  # a year that has every day; stands in for one that is not printed


def _filled(one: Printed, other: Printed) -> Printed:
    return one._replace(year=one.year or other.year, month=one.month or other.month)


def _checked(one: Printed) -> date | None:
    day = _day(one.year or _UNSAID, one.month or 1, one.day or 1)
    return day if day and (one.year is None or one.weekday in (None, day.isoweekday())) else None


# -- from what is printed to a date -----------------------------------------------------------------------


def _iso(printed: Printed) -> str | None:
    year = printed.year or 0
    if printed.month is None:
        return f"{year:04}"
    if printed.day is None:
        return f"{year:04}-{printed.month:02}"
    exact = _day(year, printed.month, printed.day)
    return exact.isoformat() if exact and printed.weekday in (None, exact.isoweekday()) else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None  # 31 June


def _moved(printed: Printed, zone: str | None) -> str | None:
    """The day in that zone, of a moment that says its own. None: no zone is asked for or said, or there is no such day."""
    iso = _iso(printed) if zone and printed.clock and printed.day else None
    if zone is None or iso is None or printed.clock is None:
        return None
    hour, minute, offset = printed.clock
    try:
        there = timezone(timedelta(minutes=offset))
        return (
            datetime.fromisoformat(iso)
            .replace(hour=hour, minute=minute, tzinfo=there)
            .astimezone(_zone(zone))
            .date()
            .isoformat()
        )
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


_COUNT: Final = {UNIX: (re.compile(r"-?[1-9][0-9]{4,10}"), 1), UNIX_MS: (re.compile(r"-?[1-9][0-9]{10,13}"), 1000)}
DAY: Final = 86_400  # seconds


def _unix(printed: str, fmt: str, zone: str | None) -> str | None:
    """Seconds (or milliseconds) since 1970. Around 0 is what a machine says that knows no date."""
    form, a_second = _COUNT[fmt]
    if not form.fullmatch(printed) or abs(int(printed)) < DAY * a_second:
        return None
    try:
        moment = datetime.fromtimestamp(int(printed) // a_second, UTC)
        return (moment.astimezone(_zone(zone)) if zone else moment).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def _nearest_past(printed: Printed, fetched_at: str) -> str | None:
    """In the last year in which such a day was not after the fetch."""
    latest = _latest(fetched_at)
    years = range(latest.year, max(latest.year - LEAP, 1) - 1, -1) if latest else range(0)
    for year in years:
        exact = _day(year, printed.month or 1, printed.day or 1)
        if exact and latest and exact <= latest:
            return _iso(printed._replace(year=year))
    return None


@lru_cache(maxsize=1024)
def _latest(fetched_at: str) -> date | None:
    try:
        return date.fromisoformat(fetched_at[:10]) + AHEAD
    except (ValueError, OverflowError):
        return None
