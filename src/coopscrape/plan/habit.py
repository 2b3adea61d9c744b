"""What visits to a source brought, and the time -> whether it has been silent, frozen or unvisited for too long. Pure.

"Too long" is measured by the source's own past: a source that brings something each day is silent after a week, one that
brings something each month is not. Where there is too little past, nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil
from typing import Final

from coopscrape.model import Stale, Staleness, Visited

PAUSES_KNOWN: Final = 5  # fewer say nothing about a habit
PAUSES_COUNTED: Final = 50  # of the last ones: habits change
USUALLY: Final = 0.9  # the usual pause: so many of them were not longer
TOO_LONG: Final = 3.0  # times the usual pause
SAME_FOR: Final = 60  # visits that all brought known bytes, where the habit is not known


def staleness(visits: Sequence[Visited], every: float | None, now: float) -> tuple[Stale, ...]:
    """`visits`: all that ended, in their order. `every`: seconds between two visits, as wanted; None: not configured."""
    believed = [one for one in visits if one.believed]
    found = [_unvisited(visits, believed, every, now), _frozen(believed) or _silent(believed)]
    return tuple(one for one in found if one is not None)


def _silent(visits: Sequence[Visited]) -> Stale | None:
    """Nothing new and nothing changed, though it was looked at."""
    return _overdue(Staleness.SILENT, visits, [one.at for one in visits if one.brought])


def _frozen(visits: Sequence[Visited]) -> Stale | None:
    """Not one page that had not been seen before, byte by byte: a cache on the way may have stopped asking."""
    renewed = [one.at for one in visits if one.renewed]
    if len(renewed) > PAUSES_KNOWN:
        return _overdue(Staleness.FROZEN, visits, renewed)
    last = max((i for i, one in enumerate(visits) if one.renewed), default=0)
    if len(visits) - 1 - last < SAME_FOR:
        return None
    return _stale(Staleness.FROZEN, visits, visits[last].at, None)


def _overdue(kind: Staleness, visits: Sequence[Visited], arrivals: Sequence[float]) -> Stale | None:
    """Until the last visit, not until now: what was not looked at is not the source's silence."""
    pause = usual(arrivals)
    if pause is None or visits[-1].at - arrivals[-1] <= TOO_LONG * pause:
        return None
    return _stale(kind, visits, arrivals[-1], pause)


def _stale(kind: Staleness, visits: Sequence[Visited], since: float, pause: float | None) -> Stale:
    later = [one for one in visits if one.at > since]
    return Stale(kind, since, visits[-1].at - since, pause, len(later), sum(one.unchanged for one in later))


def _unvisited(visits: Sequence[Visited], believed: Sequence[Visited], every: float | None, now: float) -> Stale | None:
    """Neither a run nor an answer that could be believed, for much longer than is wanted and than it usually takes."""
    if every is None or not visits:
        return None
    wanted = max(every, usual([one.at for one in believed]) or 0.0)
    since = believed[-1].at if believed else visits[0].at
    if wanted <= 0 or now - since <= TOO_LONG * wanted:
        return None
    return Stale(Staleness.UNVISITED, since, now - since, wanted, sum(one.at > since for one in visits))


def usual(moments: Sequence[float]) -> float | None:
    """The pause that most pauses between some moments do not exceed; None: there are too few of them to tell."""
    pauses = [max(0.0, after - before) for before, after in pairwise(moments)][-PAUSES_COUNTED:]
    return sorted(pauses)[ceil(USUALLY * len(pauses)) - 1] if len(pauses) >= PAUSES_KNOWN else None
