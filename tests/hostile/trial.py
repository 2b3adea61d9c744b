"""Names of rows in, what came of each out: the stage, in a process and, if possible, a network namespace of its own.

PYTHONPATH=tests python -m hostile.trial [WORD...]      all rows, or those whose name has one of the words, as a table
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hostile.behaviour import Behaviour
from hostile.isolation import prefix
from hostile.stage import GROUPS, RUNS, Tried
from hostile.table import ROWS

TESTS: Final = Path(__file__).resolve().parents[1]

Batch = tuple[Behaviour, ...]


def possible(row: Behaviour) -> bool:
    """Whether a row may be tried on this machine."""
    return prefix() is not None or not (row.isolated or row.at or row.name_of_host)


def batches(rows: Sequence[Behaviour]) -> list[Batch]:
    """Rows that are tried together: of one group, and not too many. The longest first."""
    found: list[Batch] = []
    for name, group in reversed(GROUPS.items()):
        members = [row for row in rows if row.group == name]
        found += [tuple(members[at : at + group.size]) for at in range(0, len(members), group.size)]
    return found


def tried(batch: Batch) -> list[Tried]:
    """Raises RuntimeError if the stage itself fails."""
    how = prefix()
    flags = [] if how is None else ["--isolated"]
    line = [*(how or ()), sys.executable, "-W", "error", "-m", "hostile.stage", *flags, *(row.name for row in batch)]
    patience = RUNS * GROUPS[batch[0].group].patience + 120
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=patience)
    if done.returncode != 0:
        raise RuntimeError(f"the stage failed: {done.stderr[-3000:]}")
    return [Tried(**one) for one in json.loads(done.stdout)]


def as_line(one: Tried) -> str:
    seen = " | ".join(one.seen)
    return f"{'ok ' if not one.faults else 'NOT'} {one.name:<60} {one.seconds:5.1f} s {one.megabytes:4.0f} MB  {seen}"


def main(words: Sequence[str]) -> int:
    rows = [row for row in ROWS if possible(row) and (not words or any(word in row.name for word in words))]
    bad = 0
    for batch in batches(rows):
        for one in tried(batch):
            print(as_line(one), *one.faults, sep="\n      ", flush=True)
            bad += bool(one.faults)
    print(f"{len(rows)} tried, {bad} of them not survived; {len(ROWS) - len(rows)} left out")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
