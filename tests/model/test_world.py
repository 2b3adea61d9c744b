"""Two hundred lives of a listing, thirty steps each, without a difference; `many.py` lives more of them."""

from __future__ import annotations

import pytest

from model.many import live
from model.tally import REACHED, missing, one_line

# Breaches that the machine has found, and that are not mended yet; a seed that comes to none any more must lose its mark.
TWINS = pytest.mark.xfail(
    reason="of two new entries with one key on both sides of a page break, one is told as an edit"
)
DRAGGED = pytest.mark.xfail(reason="an entry that was moved up drags along, out of its place, what slid off behind it")
OPEN = {0: TWINS, 2: DRAGGED, 3: TWINS, 7: TWINS}
# Several, so that the workers of a test run have some each.
SHARES = [pytest.param(seed, marks=OPEN[seed]) if seed in OPEN else seed for seed in range(8)]
LIVES = 25


@pytest.mark.slow
@pytest.mark.parametrize("share", SHARES)
def test_whatever_happens_to_a_listing_all_is_told_and_nothing_else(share: int) -> None:
    tally = live(LIVES, seed=share, shrink=False)
    print(one_line(tally))
    assert missing(tally, REACHED) == [], "the machine no longer comes to what it is there for"
