"""Nothing in; how long the program takes to say --help and to show its demo, beside Python and click alone, out.

.venv/bin/python benchmarks/start.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from statistics import median

ROUNDS = 9
ALLOWED = (1.5, 0.060)  # what `--help` may cost: so many times `import click`, and so many seconds more


def main() -> int:
    click = _seconds("-c", "import click")
    help_ = _seconds("-m", "coopscrape", "--help")
    most = ALLOWED[0] * click + ALLOWED[1]
    print(f"import click       {click:6.3f} s")
    print(f"coopscrape --help  {help_:6.3f} s   {help_ / click:.2f} x; the aim is at most {most:.3f} s")
    with tempfile.TemporaryDirectory(prefix="coopscrape-bench-") as folder:
        demo = _seconds("-m", "coopscrape", "demo", folder, rounds=3)
    print(f"coopscrape demo    {demo:6.3f} s   the aim is at most 20 s")
    return 0


def _seconds(*words: str, rounds: int = ROUNDS) -> float:
    """The middle of several runs, wall time."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run([sys.executable, *words], capture_output=True, timeout=120, check=True)
        taken.append(time.perf_counter() - start)
    return median(taken)


if __name__ == "__main__":
    sys.exit(main())
