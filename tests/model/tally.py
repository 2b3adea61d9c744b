"""What the machine really came to: a world in which nothing is ever gone would prove nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

TALLY: Counter[str] = Counter()  # over all machines of this process

# In each share of a test run.
REACHED = (
    "told: new",
    "told: changed",
    "told: gone",
    "told: back",
    "told: gone, dated from an earlier walk",
    "A, B and A again",
    "slid off",
    "twins",
    "walk: complete",
    "walk: prefix",
    "walk: cut",
    "walk: doubted",
    "walk: refused",
    "walk: the listing moved",
    "walk: told a lie, doubted",
    "walk: went on after a kill",
    "killed",
    "accepted",
    "rebuilt",
    "settings edited",
    "clock set back",
    "ordinary",
)


def missing(tally: Counter[str], wanted: Iterable[str]) -> list[str]:
    return [one for one in wanted if not tally[one]]


def one_line(tally: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(tally.items()))


def table(tally: Counter[str]) -> str:
    """For people; at its end how often an ordinary visit was doubted."""
    lines = [f"{count:9,}  {name}" for name, count in sorted(tally.items())]
    of = tally["ordinary"]
    share = tally["ordinary, doubted"] / of if of else 0.0
    return "\n".join([*lines, f"{share:9.2%}  of ordinary visits doubted"])
