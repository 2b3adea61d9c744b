"""kill -9 at random moments; `kill_rounds.py` in this folder runs as many rounds as one likes."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from faults.kill_rounds import rounds

SHARES = 5  # so that the workers of a test run have some each
ROUNDS = 10


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_whenever_it_is_killed_nothing_is_lost_asked_twice_or_falsely_gone(share: int, tmp_path: Path) -> None:
    given = os.environ.get("COOPSCRAPE_KILL_SEED")
    seed = int(given) + share if given else random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")
    tally = rounds(ROUNDS, seed, tmp_path)
    print(tally)
    assert tally.kills - tally.too_late > ROUNDS // 4, f"most kills came too late: {tally}"
