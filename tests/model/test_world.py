"""Two hundred lives of a listing, thirty steps each, without a difference; `many.py` lives more of them."""

from __future__ import annotations

import pytest

from model.many import live
from model.tally import REACHED, missing, one_line

# Several, so that the workers of a test run have some each.
SHARES = range(8)
LIVES = 25
MORE = 3  # times as many again, at most


@pytest.mark.slow
@pytest.mark.parametrize("share", SHARES)
def test_whatever_happens_to_a_listing_all_is_told_and_nothing_else(share: int) -> None:
    tally = live(LIVES, seed=share, shrink=False)
    for more in range(1, MORE + 1):  # lives, if some kind of event has not come yet
        if missing(tally, REACHED):
            tally += live(LIVES, seed=share + 100 * more, shrink=False)
    print(one_line(tally))
    assert missing(tally, REACHED) == [], "the machine no longer comes to what it is there for"
