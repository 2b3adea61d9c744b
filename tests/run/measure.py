"""Kinds of listings and lies in, how often the truth is doubted and a lie believed out.

PYTHONPATH=tests python -m run.measure [SEEDS [FIRST]]      the figures of docs/archive.md: 3 100
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import Final

from coopscrape.model import Kind
from run.churn import KINDS, Editor, Memory, serve, source
from run.lies import LIES

VISITS: Final = 200
# What so few entries do at once may be the truth as well; but none may be gone.
HARMLESS: Final = {Kind.CHANGED: 3, Kind.NEW: 4, Kind.GONE: 0}

Said = Counter[Kind]


def settled(kind: str, seed: int, visits: int) -> tuple[Editor, Memory]:
    """A listing that was visited a few times, with nothing but the truth."""
    editor = Editor(kind, seed)
    memory = Memory(source(editor.habit.strategy))
    for _ in range(visits):
        memory.see(serve(editor.pages(), editor.habit.strategy), accept=True)
        editor.week()
    return editor, memory


def false_doubts(kind: str, seed: int, visits: int = VISITS) -> list[str]:
    """Of so many ordinary visits: why they were doubted. Each is accepted, as a person would."""
    editor, memory = settled(kind, seed, 1)
    doubted: list[str] = []
    for _ in range(visits):
        doubted += memory.see(serve(editor.pages(), editor.habit.strategy), accept=True).verdict.doubts[:1]
        editor.week()
    return doubted


def believed(kind: str, name: str, seed: int, visits: int = 3) -> Said | None:
    """What a lie that is told several times makes the archive say. None: it cannot be told of this listing."""
    editor, before = _before_the_lie(kind, seed)
    memory = replace(before, known=dict(before.known), past=list(before.past))
    strategy, true = editor.habit.strategy, {row.key for row in editor.rows}
    said: Said = Counter()
    for n in range(visits):
        site = LIES[name](editor.pages(), strategy, Random(f"{seed} {n}"))
        if site is None:
            return None
        for change in memory.see(site).delta.changes:
            if change.kind is Kind.CHANGED or (change.kind is Kind.GONE) == (change.entry.key in true):
                said[change.kind] += 1
    return said


@lru_cache(maxsize=len(KINDS))
def _before_the_lie(kind: str, seed: int) -> tuple[Editor, Memory]:
    editor, memory = settled(kind, 1000 + seed, 1 + seed % 7)
    memory.see(serve(editor.pages(), editor.habit.strategy), accept=True)
    return editor, memory


def is_harmful(said: Said) -> bool:
    return any(count > HARMLESS[kind] for kind, count in said.items())


def main(seeds: int, first: int) -> None:
    print(f"{'listing':<35} false doubts   lies believed: gone, changed or new in bulk")
    total: Counter[str] = Counter()
    for kind in KINDS:
        doubted = [words for seed in range(first, first + seeds) for words in false_doubts(kind, seed)]
        told = {(name, seed): believed(kind, name, seed) for seed in range(first, first + seeds) for name in LIES}
        said = {one: what for one, what in told.items() if what is not None}
        gone = sorted({name for (name, _), what in said.items() if what[Kind.GONE]})
        bulk = {one for one, what in said.items() if is_harmful(what) and not what[Kind.GONE]}
        count = sum(what[Kind.GONE] > 0 for what in said.values())
        total += Counter(doubted=len(doubted), visits=seeds * VISITS, told=len(said), gone=count, bulk=len(bulk))
        print(f"{kind:<35} {len(doubted):4} of {seeds * VISITS:5}   {count:3}, {len(bulk):3} of {len(said):4}  {gone}")
    print(dict(total))


if __name__ == "__main__":
    main(*map(int, [*sys.argv[1:], *("3", "100")[len(sys.argv) - 1 :]]))
