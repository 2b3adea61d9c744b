"""`"3 days ago"`, `yesterday`, `2018-06-01`, `run:12` + now -> a moment, or which run. Pure; all times are UTC."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

UNDERSTOOD: Final = '"3 days ago", yesterday, 2018-06-01, 2018-06-01T12:30'


@dataclass(frozen=True, slots=True)
class Since:
    """From a moment on, or from a run on."""

    text: str  # as it was typed
    moment: str | None = None
    run: int | None = None


def since(text: str, now: float) -> Since:
    """Raises ValueError, naming what is understood."""
    run = re.fullmatch(r"run:\s*(\d{1,18})", text.strip())
    if run:
        return Since(text, run=int(run[1]))
    try:
        return Since(text, moment=moment(text, now))
    except ValueError:
        raise ValueError(f"{text!r} is no moment. Understood are: {UNDERSTOOD}, run:12") from None


def moment(text: str, now: float) -> str:
    """-> `2018-06-20T09:30:00.000Z`. Raises ValueError, naming what is understood."""
    said = " ".join(text.lower().split())
    try:
        found = _named(said, now) or _ago(said, now) or _iso(text.strip())
        return _stamp(found.timestamp())
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no moment. Understood are: {UNDERSTOOD}") from None


@dataclass(frozen=True, slots=True)
class AsOf:
    """The listing as it stood: `text` as the archive reads it, `until` the moment that it means (None: after a run)."""

    text: str
    until: str | None = None


def as_of(text: str, now: float) -> AsOf:
    """A moment, or a day, month or year, which means its end; or `run:12`: after that run. Raises ValueError."""
    said = " ".join(text.lower().split())
    run = re.fullmatch(r"run:\s*(\d{1,18})", said)
    if run:
        return AsOf(f"run:{run[1]}")
    said = {"today": _stamp(now)[:10], "yesterday": _stamp(now - 86_400)[:10]}.get(said, said)
    is_span = re.fullmatch(r"\d{4}(-\d{2}){0,2}", said)
    try:
        exact, until = (said, _end(said)) if is_span else (moment(text, now),) * 2
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no moment. Understood are: {UNDERSTOOD}, run:12") from None
    if exact > _stamp(now):
        raise ValueError(f"{text!r} lies in the future; nobody knows what a listing will show")
    return AsOf(exact, min(until, _stamp(now)))


def _end(text: str) -> str:
    """The last moment of a year, a month, a day."""
    first = _iso(text)
    days = {4: 366 if isleap(first.year) else 365, 7: monthrange(first.year, first.month)[1], 10: 1}[len(text)]
    return _stamp((first + timedelta(days=days)).timestamp() - 0.001)


def day(text: str, now: float) -> str:
    """A date of the calendar, which may be a year or a month only: `2018`, `2018-06`, `2018-06-01`."""
    said = text.strip()
    if re.fullmatch(r"\d{4}(-\d{2}){0,2}", said):
        try:
            _iso(said)
        except ValueError:
            raise ValueError(f"{text!r} is no date of the calendar") from None
        return said
    try:
        return moment(said, now)[:10]
    except ValueError:
        raise ValueError(f'{text!r} is no date. Understood are: 2018, 2018-06, 2018-06-01, "3 days ago"') from None


def _named(said: str, now: float) -> datetime | None:
    here = datetime.fromtimestamp(now, UTC)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    names = {"now": here, "today": midnight, "yesterday": midnight - timedelta(days=1)}
    return names.get(said)


_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_SHORT: Final = {"s": "second", "sec": "second", "m": "minute", "min": "minute", "h": "hour", "d": "day", "w": "week"}
_MONTHS: Final = {"month": 1, "year": 12}


def _ago(said: str, now: float) -> datetime | None:
    """`3 days ago`, `an hour ago`, `2w`; months and years by the calendar."""
    match = re.fullmatch(r"(\d{1,9}|an?|one) ?([a-z]+?)(s?)( ago)?", said)
    if not match:
        return None
    count = int(match[1]) if match[1].isdigit() else 1
    unit = match[2]
    unit = _SHORT.get(unit + match[3], _SHORT.get(unit, unit))
    here = datetime.fromtimestamp(now, UTC)
    if unit in _SECONDS:
        return here - timedelta(seconds=count * _SECONDS[unit])
    return _months_back(here, count * _MONTHS[unit]) if unit in _MONTHS else None


def _months_back(here: datetime, months: int) -> datetime:
    """The same day of an earlier month, or its last one."""
    year, month = divmod(here.year * 12 + here.month - 1 - months, 12)
    if year < 1:
        raise ValueError("before the first year")
    return here.replace(year=year, month=month + 1, day=min(here.day, monthrange(year, month + 1)[1]))


def _iso(text: str) -> datetime:
    """A year, a month, a day, or a moment with or without its offset."""
    if re.fullmatch(r"\d{4}", text):
        text += "-01-01"
    elif re.fullmatch(r"\d{4}-\d{2}", text):
        text += "-01"
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _stamp(moment: float) -> str:
    from coopscrape.model import stamp  # here, since `--help` reads this file and has no use for all the values

    return stamp(moment)
