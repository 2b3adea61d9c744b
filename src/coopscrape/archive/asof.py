"""A moment, and when walks ended -> how far history had come by then. Pure; `Reader` asks the archive for the rest.

History is counted in settled walks: 1, 2, 3 ... A moment is a place in that order: "after walk k, before the next".
So what is said of the past is what `list` would have said then, by what is known today of the pages of that time.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from coopscrape.model import Coverage, Covered, stamp


class Misunderstood(ValueError):
    """What was asked for is no moment, or holds no word."""


AsOf = str | date  # "2018-06-20", "2018-06", "2018-06-20T09:30", "run:12"; a date, a datetime (naive: UTC)

_MOMENT: Final = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d(\.\d{1,3})?)?)?Z?)?)?)?")
_WHOLE: Final = "0001-01-01T00:00:00.000"


@dataclass(frozen=True, slots=True)
class Settled:
    """A walk that has ended: its place in history, and what its clock said."""

    settled: int
    finished: str
    run: int


def as_text(moment: AsOf) -> str:
    """As it is compared with what the archive holds: a day is the text of that day. Raises ValueError."""
    if isinstance(moment, datetime):
        return stamp((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    if isinstance(moment, date):
        return moment.isoformat()
    text = moment.strip().replace(" ", "T")
    if re.fullmatch(r"run:\d{1,18}", text):
        return text
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError
        datetime.fromisoformat(_filled(text))
    except ValueError:
        words = "2018, 2018-06, 2018-06-20 (each to its end), 2018-06-20T09:30, run:12"
        raise Misunderstood(f"{moment!r} is no moment. Understood are: {words}; all in UTC") from None
    return text


def _filled(text: str) -> str:
    """The first moment that begins with `text`."""
    text = text.removesuffix("Z")
    return text + _WHOLE[len(text) :]


def position(moment: str, walks: Sequence[Settled]) -> int:
    """The last walk that counts at a moment, 0 for none. `walks`: in the order in which they were settled.

    A text stands for its whole span: 2018-06-20 counts what ended on that day. History is in the order of the walks:
    where the clock does not fit it, since it was wrong or was set, the walk counts where it stands between its neighbours.
    """
    if moment.startswith("run:"):
        return max((one.settled for one in walks if one.run <= int(moment[4:])), default=0)
    later = (one.settled for one in _in_step(walks) if one.finished[: len(moment)] > moment)
    after = next(later, None)
    if after is None:
        return walks[-1].settled if walks else 0
    return max((one.settled for one in walks if one.settled < after), default=0)


def _in_step(walks: Sequence[Settled]) -> list[Settled]:
    """As many walks as possible whose clocks agree with their order; of several choices the one of the shortest span.

    That is a longest subsequence that does not decrease, by patience sorting: a walk lies one layer above the longest
    sequence that it can end.
    """
    layers: list[list[int]] = []
    lowest: list[str] = []  # of each layer, the earliest end
    for i, one in enumerate(walks):
        depth = bisect_right(lowest, one.finished)
        if depth == len(layers):
            layers.append([])
            lowest.append(one.finished)
        layers[depth].append(i)
        lowest[depth] = one.finished
    chain: list[int] = []
    for layer in reversed(layers):
        before = [i for i in layer if not chain or (i < chain[-1] and walks[i].finished <= walks[chain[-1]].finished)]
        chain.append(before[0] if chain else before[-1])  # within a layer, ends grow earlier
    return [walks[i] for i in reversed(chain)]


# -- what was looked at by then -----------------------------------------------------------------------


def covered(source: str, walks: Iterable[dict[str, Any]], settled: int) -> Covered:
    """What had been looked at when history had come to `settled`. `walks`: all of the source, with their verdicts."""
    known = list(walks)
    believed = [one for one in known if one["coverage"] not in (None, Coverage.DOUBTED) and one["pages"]]
    by_then = [one for one in believed if one["settled"] <= settled]
    last = by_then[-1] if by_then else None
    whole = next((one for one in reversed(by_then) if one["coverage"] == Coverage.COMPLETE), None)
    after = next((one for one in believed if one["settled"] > settled), None)
    since = last["settled"] if last else 0
    return Covered(
        source=source,
        walk=last["walk"] if last else None,
        at=last["finished"] if last else None,
        coverage=Coverage(last["coverage"]) if last else None,
        reason=last["reason"] if last else "",
        pages=last["pages"] if last else 0,
        whole_walk=whole["walk"] if whole else None,
        whole_at=whole["finished"] if whole else None,
        in_vain=sum(1 for one in known if since < one["settled"] <= settled),
        next_at=after["finished"] if after else None,
    )


# -- SQL ----------------------------------------------------------------------------------------------

# An entry as it stood when history had come to :settled. When it was last seen is only known if nothing came after.
LISTING: Final = """
SELECT e."row", e.id, e.source, e.key, s.number, s.place, v.category, v.title, v.date, v.date_text, v.summary, v.link,
       v.extra, s.version AS versions, e.first_seen, s.missing_since, s.missed, s.slid_since, s.gone_since,
       CASE WHEN NOT EXISTS (SELECT 1 FROM walks AS w WHERE w.source = e.source AND w.settled > :settled)
              OR (s.missed OR s.slid_since IS NOT NULL)
                 AND NOT EXISTS (SELECT 1 FROM states AS n WHERE n."row" = e."row" AND n.settled > s.settled)
            THEN e.last_seen END AS last_seen
FROM entries AS e
JOIN states AS s ON s."row" = e."row"
     AND s.settled = (SELECT max(settled) FROM states WHERE "row" = e."row" AND settled <= :settled)
JOIN versions AS v ON v.entry = e.id AND v.n = s.version
"""
