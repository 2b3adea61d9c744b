"""A Retry-After header in, seconds from now out (RFC 9110 section 10.2.3). Pure: the caller owns the clock."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

A_YEAR = 365 * 86_400.0  # more than this is no pause that anybody plans with

_DELTA_SECONDS = re.compile(r"[0-9]+")


def retry_after(value: str | None, now: float) -> float | None:
    """Seconds to wait, 0 to A_YEAR. None: no header, junk, a negative number, or a moment that has passed."""
    text = (value or "").strip()
    seconds = float(text) if _DELTA_SECONDS.fullmatch(text) else _until(text, now)
    return min(seconds, A_YEAR) if seconds is not None and seconds >= 0 else None


def _until(date: str, now: float) -> float | None:
    """All three forms of RFC 9110 section 5.6.7; the one without a zone (asctime) is UTC too."""
    try:
        moment = parsedate_to_datetime(date)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
