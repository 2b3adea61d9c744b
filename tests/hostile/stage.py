"""Names of rows in, what came of each out, as JSON: four real crawls of misbehaving sites and of well-behaved neighbours.

    python -m hostile.stage [--isolated] NAME...        (with tests/ on the path)

Runs in a process of its own; `--isolated` says that this process has a network namespace of its own (isolation.py).
"""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final
from zlib import crc32

from hostile.behaviour import ITEMS, LISTING, READ, Behaviour, Names, Site
from hostile.isolation import Canary, isolate, resolver
from hostile.table import TABLE
from listings import SOURCE, toml
from server import World

MEMORY: Final = 200_000_000  # bytes, at the peak of a crawl
NEIGHBOURS: Final = ("neighbour-1", "neighbour-2")
RUNS: Final = 4


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that are tried together."""

    size: int = 60  # at most so many
    deadline: int = 10  # seconds for one fetch
    patience: int = 90  # seconds for one crawl
    hands: int = 16  # requests at once; 1: the memory is that of one row


GROUPS: Final = {
    "light": Group(),
    "slow": Group(size=24, deadline=2),
    "large": Group(size=8, deadline=20, hands=1),
    "heavy": Group(size=3, deadline=20, hands=1),
}


@dataclass(slots=True)
class Tried:
    """What came of a row. `faults` is empty if all is right."""

    name: str
    seen: list[str] = field(default_factory=list)  # outcome of each run
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0  # of the longest crawl that it took part in
    megabytes: float = 0.0  # of the largest


@dataclass(frozen=True, slots=True)
class Crawled:
    """One process, from its start to its end. `code` None: it had to be killed."""

    code: int | None
    out: str
    err: str
    seconds: float
    memory: int  # bytes at the peak


# -- the play --------------------------------------------------------------------------------------


def play(rows: Sequence[Behaviour], isolated: bool) -> list[Tried]:
    """All rows at once, each with its own source and host."""
    group = GROUPS[rows[0].group]
    names, results = Names(), {row.name: Tried(row.name) for row in rows}
    addresses = [row.at or f"127.0.1.{n}" for n, row in enumerate(rows, start=1)]
    neighbours = [f"127.0.2.{n}" for n, _ in enumerate(NEIGHBOURS, start=1)]
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hostile-")))
        world = stack.enter_context(World([*addresses, *neighbours]))
        canary = stack.enter_context(Canary()) if isolated else None
        if canary is not None:
            canary.prove()
        if isolated:
            stack.enter_context(resolver(names))
        sites = [
            Site(world, host, row.name_of_host or host, names, row.feed)
            for host, row in zip(addresses, rows, strict=True)
        ]
        beside = [Site(world, host, host, names) for host in neighbours]
        (place / "selectors.toml").write_text(_settings(rows, sites, beside, group.deadline))
        for site in (*sites, *beside):
            site.behave()
        for run in range(1, RUNS + 1):
            _change(run, rows, sites)
            crawled = _crawl(place, ["crawl", "--hands", f"threads:{group.hands}"], group.patience)
            _judge(run, rows, crawled, place / "archive.db", results)
        _judge_the_end(rows, place, results)
        for heard in canary.heard if canary else ():
            _blame(results, f"a connection came to {heard}")
    return list(results.values())


def _change(run: int, rows: Sequence[Behaviour], sites: Sequence[Site]) -> None:
    for row, site in zip(rows, sites, strict=True):
        first = 1 if row.early else 2
        if run == first:
            row.act(site)
        elif run == first + 2:
            site.behave()


def source_of(row: Behaviour) -> str:
    """The name of its source: its own, as far as a source may be called so, and a number that no other row has."""
    return f"{re.sub(r'[^a-z0-9]+', '-', row.name.lower()).strip('-')[:50]}-{crc32(row.name.encode()):08x}"


def _settings(rows: Sequence[Behaviour], sites: Sequence[Site], beside: Sequence[Site], deadline: int) -> str:
    mine = {f"{site.name}:{site.world.port}" for site in (*sites, *beside) if site.host.startswith("127.")}
    head = [
        '[coopscrape]\ncontact = "test@example.org"',
        '[defaults]\ndelay = "0s"\nevery = "0s"',
        f'[network]\nallow = {toml(sorted(mine))}\ndeadline = "{deadline}s"\n',
    ]
    blocks = [_block(source_of(row), site, row.settings) for row, site in zip(rows, sites, strict=True)]
    blocks += [_block(name, site, {}) for name, site in zip(NEIGHBOURS, beside, strict=True)]
    return "\n".join([*head, *blocks])


def _block(name: str, site: Site, settings: Mapping[str, object]) -> str:
    more = "".join(f"{key} = {toml(value)}\n" for key, value in settings.items())
    if site.feed:
        return f'[sources.{name}]\nkind = "feed"\nurl = {toml(site.url(LISTING))}\n{more}'
    return SOURCE.format(name=name, title=toml(name), url=toml(site.url(LISTING)), more=more)


# -- a process -------------------------------------------------------------------------------------

# A process inherits the peak memory of the one that starts it. This one, which starts the crawl, is small.
_LAUNCH: Final = """
import os, sys
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(pid, 0)
open(sys.argv[1], "w").write(f"{os.waitstatus_to_exitcode(status)} {usage.ru_maxrss * 1024}")
"""


def _crawl(place: Path, words: Sequence[str], patience: float) -> Crawled:
    """One command of coopscrape, to its end; killed if it takes too long."""
    figures = place / "figures"
    line: list[str | Path] = [
        sys.executable,
        "-S",
        "-c",
        _LAUNCH,
        figures,
        sys.executable,
        "-W",
        "error",
        "-m",
        "coopscrape",
        *words,
    ]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    began = time.monotonic()
    with subprocess.Popen(
        line,
        cwd=place,
        env={**kept, "LANG": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            return Crawled(None, out.decode(), err.decode(), time.monotonic() - began, 0)
    code, memory = map(int, figures.read_text().split())
    return Crawled(code, out.decode(), err.decode(), time.monotonic() - began, memory)


# -- the judgement ---------------------------------------------------------------------------------


def _judge(run: int, rows: Sequence[Behaviour], crawled: Crawled, archive: Path, results: dict[str, Tried]) -> None:
    if crawled.code == 2:
        raise RuntimeError(f"the settings of this table are no settings: {crawled.err}")
    outcomes = _outcomes(archive)
    for fault in _faults(crawled, outcomes):
        _blame(results, f"run {run}: {fault}")
    for name in NEIGHBOURS:
        if outcomes.get(name) != {"read"}:
            _blame(results, f"run {run}: {name} was not read to its end: {outcomes.get(name)}")
    for row in rows:
        tried = results[row.name]
        seen = outcomes.get(source_of(row), {"nothing"})
        tried.seen.append(" ".join(sorted(seen)))
        tried.seconds = max(tried.seconds, crawled.seconds)
        tried.megabytes = max(tried.megabytes, crawled.memory / 1e6)
        if not seen & _right(run, row):
            tried.faults.append(f"run {run}: {tried.seen[-1]}, but right is {' or '.join(sorted(_right(run, row)))}")


def _right(run: int, row: Behaviour) -> frozenset[str]:
    first = 1 if row.early else 2
    if run == first:
        return row.right
    if run == first + 1:
        return row.right | {"host-closed"}  # its failures are counted over runs
    return row.last if run > first else READ


def _faults(crawled: Crawled, outcomes: Mapping[str, set[str]]) -> Iterator[str]:
    """What is wrong with a crawl as a whole."""
    if crawled.code is None:
        yield f"not done after {crawled.seconds:.0f} s"
        return
    all_of_them = set().union(*outcomes.values())
    code = 3 if "doubt" in all_of_them else 1 if all_of_them - {"read", "changed"} else 0
    if crawled.code != code:
        yield f"exit code {crawled.code}, but right is {code}: {crawled.err[-500:]}"
    if "Traceback" in crawled.err:
        yield crawled.err[crawled.err.index("Traceback") :][:2000]
    if raw := sorted({f"U+{ord(char):04X}" for char in crawled.out + crawled.err if _bites(char)}):
        yield f"raw control characters in what it printed: {' '.join(raw)}"
    if crawled.memory > MEMORY:
        yield f"{crawled.memory / 1e6:.0f} MB of memory at the peak"


def _bites(char: str) -> bool:
    return char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _judge_the_end(rows: Sequence[Behaviour], place: Path, results: dict[str, Tried]) -> None:
    checked = _crawl(place, ["check"], 60)
    if checked.code != 0:
        _blame(results, f"check: {checked.code}: {checked.out[-500:]}{checked.err[-500:]}")
    told = _told(place / "archive.db")
    for name in NEIGHBOURS:
        if told.get(name) != {"new": len(ITEMS)}:
            _blame(results, f"{name}: {told.get(name)}, but right are {len(ITEMS)} new")
    for row in rows:
        right = {"new": len(ITEMS)} if not row.early or "read" in row.last else {}
        if (changes := told.get(source_of(row), {})) != right:
            results[row.name].faults.append(f"in the end: {changes}, but right is {right}")


def _blame(results: dict[str, Tried], fault: str) -> None:
    """A fault of a crawl as a whole is that of every row that took part."""
    for tried in results.values():
        tried.faults.append(fault)


# -- what the archive says -------------------------------------------------------------------------

_VERDICTS: Final = """
SELECT walks.source,  -- a feed is read to its end, and is a prefix of what there was
       CASE WHEN coverage = 'prefix' AND ended = 'listing' THEN 'complete' ELSE coverage END
FROM walks JOIN verdicts ON verdicts.walk = walks.id
WHERE walks.run = (SELECT max(id) FROM runs)
"""
_WHYS: Final = """
SELECT walks.source, pages.why FROM walks JOIN pages ON pages.walk = walks.id
WHERE walks.run = (SELECT max(id) FROM runs) AND pages.why IS NOT NULL
"""
_CHANGED: Final = """
SELECT DISTINCT walks.source FROM changes JOIN walks ON walks.id = changes.walk
WHERE walks.run = (SELECT max(id) FROM runs) AND changes.kind <> 'new'
"""
_TOLD: Final = """
SELECT walks.source, changes.kind, count(*) FROM changes JOIN walks ON walks.id = changes.walk GROUP BY 1, 2
"""


def _outcomes(archive: Path) -> dict[str, set[str]]:
    """Of the last run: each source -> "read", "doubt", or why what was missed was missed."""
    with closing(sqlite3.connect(archive)) as db:
        verdicts = dict(db.execute(_VERDICTS))
        whys: dict[str, set[str]] = {}
        for source, why in db.execute(_WHYS):
            whys.setdefault(source, set()).add(why)
        changed = {source for (source,) in db.execute(_CHANGED)}
    words = {"complete": "read", "doubted": "doubt"}
    outcomes = {
        source: {words[coverage]} if coverage in words else whys.get(source, {coverage})
        for source, coverage in verdicts.items()
    }
    return {source: seen | ({"changed"} if source in changed else set()) for source, seen in outcomes.items()}


def _told(archive: Path) -> dict[str, dict[str, int]]:
    told: dict[str, dict[str, int]] = {}
    with closing(sqlite3.connect(archive)) as db:
        for source, kind, count in db.execute(_TOLD):
            told.setdefault(source, {})[kind] = count
    return told


if __name__ == "__main__":
    wanted = [word for word in sys.argv[1:] if word != "--isolated"]
    apart = "--isolated" in sys.argv
    if apart:
        isolate()
    print(json.dumps([asdict(tried) for tried in play([TABLE[name] for name in wanted], apart)]))
