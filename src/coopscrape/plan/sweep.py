"""What the last walks of a listing were -> must the next one go to the end, though it could stop early? Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from coopscrape.model import Coverage, Source, Walked, epoch

DAY: Final = 86_400.0


def full(source: Source, past: Iterable[Walked], now: float) -> str | None:
    """Why all of it must be read, in words; None: a quick walk will do. `past`: the last walk first.

    A quick walk may stop at what is known only if all above it has been read since: a walk that broke off among new
    entries has left others unread below them.
    """
    if not source.newest_first:
        return "its order is not declared"
    for one in past:
        if _is_sweep(source, one):
            return _too_old(source, one, now)
        if not _joins(one):
            return f"walk {one.walk} was {one.coverage}"
    return "it was never read to the end"


def _is_sweep(source: Source, one: Walked) -> bool:
    """To the listing's own end, or as far as the settings ever let a walk go."""
    if one.coverage is Coverage.COMPLETE:
        return True
    by_limit = one.limited is not None and one.limited >= source.max_pages
    return one.coverage is Coverage.PREFIX and by_limit and not one.quick


def _joins(one: Walked) -> bool:
    """Whether it left no gap between what it read and what was known: it read down to that, or read nothing."""
    return one.early or (one.pages == 0 and one.coverage in (Coverage.CUT, Coverage.REFUSED))


def _too_old(source: Source, one: Walked, now: float) -> str | None:
    """A sweep that seems to lie in the future: the clock was set back, and nobody knows how long ago it was."""
    age = now - epoch(one.finished)
    if 0 <= age < source.full_every:
        return None
    return f"the last whole walk was {one.finished[:10]}, full_every = {source.full_every / DAY:g} days"
