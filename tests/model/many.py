"""A number of lives and a seed in; what they came to, or the shortest life in which the archive says what is not so.

python tests/model/many.py --examples 2000 [--seed N] [--steps 30]
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from model.machine import World
from model.tally import TALLY, table

AT_ONCE = 100  # lives that share a seed, so that something is seen of a long run


def live(lives: int, seed: int, steps: int = 30, *, shrink: bool = True) -> Counter[str]:
    """The same lives for the same seed. Raises Breach."""
    TALLY.clear()
    chosen = settings(
        max_examples=lives,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(_seeded(seed), settings=chosen)
    return Counter(TALLY)


def _seeded(number: int) -> type[World]:
    """A machine of its own, as hypothesis keeps the seed on it."""
    machine = type(f"World{number}", (World,), {})
    seeded: type[World] = seed(number)(machine)
    return seeded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=200, help="how many lives")
    parser.add_argument("--steps", type=int, default=30, help="of each")
    parser.add_argument("--seed", type=int, default=None, help="what they are drawn by; a new one otherwise")
    parser.add_argument(
        "--no-shrink", action="store_true", help="stop at the first breach, and do not look for a shorter life"
    )
    given = parser.parse_args()
    first = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    total: Counter[str] = Counter()
    start, done = time.monotonic(), 0
    while done < given.examples:
        number, several = first + done // AT_ONCE, min(AT_ONCE, given.examples - done)
        print(f"seed {number}, {several} lives of {given.steps} steps", flush=True)
        total += live(several, number, given.steps, shrink=not given.no_shrink)
        done += several
    print(table(total))
    print(f"{time.monotonic() - start:.0f} s; {done} lives without a difference")


if __name__ == "__main__":
    main()
