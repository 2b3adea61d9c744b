"""A printed date in any form, and relative ones ("3 days ago") -> ISO date. The only importer of dateparser, an extra.

What dateparser makes of a text is believed only where it does not depend on what the text leaves open: neither on the
day on which it is read (so `May`, `10:30` and `5` are no dates), nor on the order of day and month, unless one is declared.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from coopscrape.extract.dates.names import comparable

WIDTHS: Final = {"year": 4, "month": 7}  # of an ISO date that says no more
ELSEWHEN: Final = timedelta(days=500)  # back, to another year, month, day and weekday
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?![0-9]).*")


def guess(text: str, order: str | None, language: str, fetched_at: str, zone: str | None = None) -> str | None:
    """`order`: DMY, MDY or YMD, for dates of numbers; None: those that can be read in two ways are not read."""
    now = _moment(fetched_at, zone)
    if now is None:
        return None
    try:
        return _relative(text, language, now) or _absolute(text, order, language, now)
    except (ValueError, OverflowError):
        return None  # dateparser does not know the language, or the day is before the year 1


def _moment(fetched_at: str, zone: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(fetched_at)
    except ValueError:
        return None
    return (moment.astimezone(ZoneInfo(zone)) if zone and moment.tzinfo else moment).replace(tzinfo=None)


def _relative(text: str, language: str, now: datetime) -> str | None:
    """`2 days ago`; not `2 days`, which may lie before or after."""
    past, future = (_parsed(text, language, "DMY", now, "relative-time", way) for way in ("past", "future"))
    return past if past == future else None


def _absolute(text: str, order: str | None, language: str, now: datetime) -> str | None:
    orders = (order,) if order else ("DMY", "MDY")
    bases = (now, now - ELSEWHEN)
    read = {_parsed(text, language, one, base, "absolute-time") for one in orders for base in bases}
    found = read.pop()
    return found if not read and found and _keeps_order(text, found) else None


def _keeps_order(text: str, found: str) -> bool:
    """`2020-13-01` is not 13 January, whatever the order."""
    first = _YEAR_FIRST.fullmatch(comparable(text))
    return first is None or found == f"{first[1]}-{first[3]:0>2}-{first[4]:0>2}"


def _parsed(text: str, language: str, order: str, base: datetime, parser: str, way: str = "past") -> str | None:
    said = _parser()(
        languages=[language.lower().replace("_", "-").partition("-")[0]],
        settings={
            "DATE_ORDER": order,
            "RELATIVE_BASE": base,
            "PARSERS": [parser],
            "PREFER_DATES_FROM": way,
            "PREFER_DAY_OF_MONTH": "first",
        },
    ).get_date_data(text)
    return said.date_obj.date().isoformat()[: WIDTHS.get(said.period)] if said.date_obj else None


@cache
def _parser() -> Any:
    """Imported late: it takes a third of a second, and few sources ask for it."""
    from dateparser.date import DateDataParser

    return DateDataParser
