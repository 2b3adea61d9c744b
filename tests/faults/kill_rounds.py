"""A seed and a number of rounds in; real crawls and rebuilds, killed with -9 at random moments, and what must hold after.

    python tests/faults/kill_rounds.py --rounds 1000 [--seed N]

A round is one kill. A life is one archive: it is killed while it is made, while a killed crawl goes on, while a second
crawl finds changes, while it is rebuilt. After each kill the file is sound and holds what was committed; after the next
run that is left alone nothing is missing, nothing is falsely gone, and no page that was kept has been asked for again.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from cli.desk import Desk
from coopscrape.archive.check import check
from coopscrape.reconcile import differences
from listings import Item, publish, selectors, some_items
from server import World

PAGES: Final = 40
PER_PAGE: Final = 2
# Seconds after a sign, within which the kill falls: what takes that long, more or less.
STARTING: Final = 0.6
WRITING: Final = 0.1
A_PAGE: Final = 0.02
EDITS: Final = ('title = "h3 a"', 'title = { css = "h3 a", replace = [["story", "tale"]] }')


@dataclass
class Tally:
    """What the rounds were like: a test of kills that all came too late or too early would prove nothing."""

    kills: int = 0
    too_late: int = 0  # the command had ended
    unmade: int = 0  # there was no archive yet, or an empty one
    pages: int = 0  # pages that a killed crawl left for the next
    phases: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        phases = ", ".join(f"{count} in {name}" for name, count in sorted(self.phases.items()))
        return (
            f"{self.kills} kills ({phases}), {self.too_late} came too late, {self.unmade} before there was an archive; "
            f"{self.pages:,} pages were not asked for again"
        )


def rounds(count: int, seed: int, folder: Path) -> Tally:
    """Raises AssertionError, naming the seed, when something does not hold."""
    chance, tally = random.Random(seed), Tally()
    with World() as world:
        life = 0
        while tally.kills < count:
            life += 1
            place = folder / f"life-{life}"
            place.mkdir()
            try:
                _Life(Desk(place), world, chance, tally).live()
            except AssertionError as error:
                raise AssertionError(f"seed {seed}, life {life}, after {tally}: {error}") from error
    return tally


class _Life:
    """One archive, from nothing."""

    def __init__(self, desk: Desk, world: World, chance: random.Random, tally: Tally) -> None:
        self.desk = desk
        self.world = world
        self.chance = chance
        self.tally = tally
        self.items = some_items(PAGES * PER_PAGE)

    def live(self) -> None:
        self._publish()
        self._settings()
        self._crawl("the first crawl")
        self._all_new()
        self._edited()
        expected = self._churn()
        self._crawl("a later crawl")
        self._changed(expected)
        self._rebuild()

    # -- the commands

    def _crawl(self, phase: str) -> None:
        """Killed once or several times, then left alone."""
        self._killed(phase, "crawl")
        while self.chance.random() < 0.5:
            self._killed("a crawl that goes on", "crawl")
        kept = self._kept()
        self.world.clear_ledger()
        self._well("crawl")
        hits = self.world.ledger
        if hits and hits[-1].path == "/news" and hits[-1].status == 304:
            del hits[-1]  # the walk is done, and looks whether its first page moved meanwhile
        again = {self.world.url(hit.path) for hit in hits}
        assert not kept & again, f"asked again, though it was kept: {sorted(kept & again)}"
        pages = -(-len(self.items) // PER_PAGE)
        asked = len(again - {self.world.url("/robots.txt")})
        assert len(kept) + asked == pages, f"{len(kept)} pages were kept and {asked} asked for, there are {pages}"
        self.tally.pages += len(kept)

    def _rebuild(self) -> None:
        before = fold(self.desk.archive)
        self._killed("a rebuild", "rebuild")
        assert fold(self.desk.archive) == before, "a rebuild that was killed changed the fold"
        self._well("rebuild")
        assert fold(self.desk.archive) == before, "a rebuild changed the fold"

    def _edited(self) -> None:
        """Other selectors: the fold is the old one or the new one, never a mixture."""
        old = fold(self.desk.archive)
        self._settings(EDITS)
        self._killed("a rebuild with other selectors", "rebuild")
        between = fold(self.desk.archive)
        self._well("rebuild")
        new = fold(self.desk.archive)
        assert new != old
        assert between in (old, new), "a rebuild that was killed left half of a fold"
        self._settings()
        self._well("rebuild")
        assert fold(self.desk.archive) == old, "taking an edit back did not bring the old fold back"

    def _killed(self, phase: str, *words: str) -> None:
        with self.desk.started(*words) as process:
            self._wait(process, words[0])
            process.kill()
            out, err = process.communicate(timeout=30)
        self.tally.kills += 1
        self.tally.phases[phase] = self.tally.phases.get(phase, 0) + 1
        assert "Traceback" not in err, err
        assert process.returncode in (0, -9), (process.returncode, out, err)
        self.tally.too_late += process.returncode == 0
        self._sound(killed=True)

    def _wait(self, process: subprocess.Popen[str], command: str) -> None:
        """Until a random moment: of the whole run, soon after it begins to write, or soon after some page."""
        hits, more = len(self.world.ledger), self.chance.randrange(1, PAGES * 3 // 4)
        wal = self.desk.archive.with_name("archive.db-wal")
        signs: Sequence[tuple[Callable[[], bool], float]] = (
            (lambda: True, STARTING),
            (lambda: wal.exists() and wal.stat().st_size > 0, WRITING),
            (lambda: len(self.world.ledger) >= hits + more, A_PAGE),
        )
        sign, soon = self.chance.choices(signs, (2, 2, 5) if command == "crawl" else (1, 4, 0))[0]
        end = time.monotonic() + 20
        while not sign() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.001)
        time.sleep(self.chance.uniform(0, soon))

    def _well(self, *words: str) -> None:
        said = self.desk.type(*words)
        assert said.code == 0, (words, said)
        assert "Traceback" not in said.err
        self._sound(killed=False)

    def _sound(self, *, killed: bool) -> None:
        """All that `check` proves; after a kill, a run that is left `running` is as it should be."""
        if killed and not _made(self.desk.archive):
            self.tally.unmade += 1
            return
        breaches = [
            one for one in check(self.desk.archive, differences) if not (killed and one.startswith("runs: run "))
        ]
        assert not breaches, breaches

    # -- what they must come to

    def _kept(self) -> set[str]:
        """Pages of the walk that the next run goes on with; if the killed run had ended it, the next makes its own."""
        if not _made(self.desk.archive):
            return set()
        sql = "SELECT p.asked FROM pages AS p JOIN walks AS w ON w.id = p.walk WHERE w.settled IS NULL"
        return {asked for (asked,) in rows(self.desk.archive, sql)}

    def _all_new(self) -> None:
        coverage = rows(self.desk.archive, "SELECT DISTINCT coverage FROM verdicts")
        assert coverage == [("complete",)], coverage
        kinds = rows(self.desk.archive, "SELECT kind, count(*) FROM changes GROUP BY kind")
        assert kinds == [("new", len(self.items))], kinds

    def _changed(self, expected: list[tuple[str, str | None, str]]) -> None:
        told = rows(
            self.desk.archive,
            """SELECT c.kind, c.field, v.title FROM changes AS c
               JOIN versions AS v ON v.entry = c.entry AND v.n = c.version
               WHERE NOT (c.kind = 'new' AND c.walk = 1)""",
        )
        assert sorted(told, key=str) == sorted(expected, key=str), told
        absent = rows(
            self.desk.archive, "SELECT title FROM entries WHERE missing_since IS NOT NULL OR gone_since IS NOT NULL"
        )
        assert absent == [], f"falsely missing or gone: {absent}"

    def _churn(self) -> list[tuple[str, str | None, str]]:
        """The listing moves on: some titles are edited, some items are new at the top."""
        edited = self.chance.sample(range(len(self.items)), 5)
        for i in edited:
            self.items[i] = replace(self.items[i], title=f"{self.items[i].title}, corrected")
        new = [Item(f"new-{n}", f"A new story {n}") for n in range(self.chance.randrange(3))]
        expected: list[tuple[str, str | None, str]] = [("changed", "title", self.items[i].title) for i in edited]
        expected += [("new", None, item.title) for item in new]
        self.items = [*new, *self.items]
        self._publish()
        return expected

    def _publish(self) -> None:
        publish(self.world, self.items, PER_PAGE)

    def _settings(self, *edits: tuple[str, str]) -> None:
        text = selectors({"coop": self.world.url("/news")}, self.world.allow)
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        self.desk.settings(text)


def _made(archive: Path) -> bool:
    """Whether the schema is in it: it comes in one transaction, so all of it or nothing."""
    if not archive.exists():
        return False
    tables = rows(archive, "SELECT name FROM sqlite_master")
    assert not tables or ("walks",) in tables, f"half a schema: {tables}"
    return bool(tables)


def rows(archive: Path, sql: str) -> list[tuple[Any, ...]]:
    conn = sqlite3.connect(f"file:{archive}?mode=ro", uri=True, timeout=30)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.close()


def fold(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that was taken to mean something; `row` is no name of anything."""
    tables = {
        "entries": "id, source, key, number, place, title, summary, category, date, link, versions, last_seen, gone_since",
        "versions": "*",
        "changes": "*",
        "verdicts": "*",
        "folds": "*",
    }
    return {name: sorted(rows(archive, f"SELECT {columns} FROM {name}"), key=str) for name, columns in tables.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200, help="how many kills")
    parser.add_argument("--seed", type=int, default=None, help="what the moments are drawn by; a new one otherwise")
    given = parser.parse_args()
    seed = random.SystemRandom().randrange(10**9) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="coopscrape-kill-") as folder:
        print(rounds(given.rounds, seed, Path(folder)))
    print(f"{time.monotonic() - start:.0f} s; all held")


if __name__ == "__main__":
    main()
