"""A number of hosts, pages and states in, a table of what a rebuild of their archive costs out, beside a bare parse.

The archive is made by crawls of the site on loopback, one for each state, and each state brings other bytes for every
page. Then it is read again, offline, by one process with one thread. See README.md for how to read the table.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from coopscrape.plan.movement import LONG

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from coopscrape.archive.read import Reader
from coopscrape.extract.select import parse
from crawl import COOPSCRAPE, Cost, measure, running, size_of
from listings import selectors

GOAL: Final = 1_500  # pages of 60 KB per second of one core
SAMPLE: Final = 1_000  # pages that are parsed bare


def main(argv: Sequence[str] | None = None) -> int:
    options = _options(argv)
    pages = options.hosts * options.pages * options.states
    with tempfile.TemporaryDirectory(prefix="coopscrape-bench-") as folder:
        config, archive = Path(folder, "selectors.toml"), Path(folder, "archive.db")
        _grow(options, config, archive)
        command = [*COOPSCRAPE, "--config", str(config), "--archive", str(archive), "rebuild"]
        rounds = [_round(archive, command) for _ in range(options.rounds)]
        size = size_of(archive)
    unpacked, parsed = (median(costs) for costs in zip(*(bare for bare, _ in rounds), strict=True))
    dry, real = (_middle(costs) for costs in zip(*(rebuilds for _, rebuilds in rounds), strict=True))
    print(_title(options, size))
    print(f"{'':24}{'pages/s':>9}{'CPU ms/page':>13}{'x parse':>9}{'peak MB':>9}")
    print(_line("unpack (zstd)", unpacked, parsed))
    print(_line("bare parse (lexbor)", parsed, parsed))
    for name, cost in (("rebuild --dry-run", dry), ("rebuild", real)):
        print(_line(name, cost.cpu / pages, parsed, f"{cost.peak / 1e6:.0f}"))
    reached = pages / real.cpu
    print(f"\nThe goal, {GOAL:,} pages of 60 KB per second of one core: {'met' if reached >= GOAL else 'NOT met'}.")
    print(f"A bare parse of these pages alone comes to {1 / parsed:,.0f}.")
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What a rebuild costs, beside a bare parse of the same pages.")
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--pages", type=int, default=50, help="of each host (default 50)")
    parser.add_argument("--states", type=int, default=3, help="of each page (default 3)")
    parser.add_argument("--bytes", type=int, default=60_000, help="of each page (default 60000)")
    parser.add_argument("--rounds", type=int, default=3, help="the middle one counts (default 3)")
    return parser.parse_args(argv)


def _grow(options: argparse.Namespace, config: Path, archive: Path) -> None:
    """An archive of as many states of every page."""
    wanted = options.hosts * options.pages
    crawl = [*COOPSCRAPE, "--config", str(config), "--archive", str(archive), "crawl", "--all"]
    with running(options.hosts, options.pages, options.bytes) as site:
        sources = {f"host-{n}": url for n, url in enumerate(site.urls, start=1)}
        config.write_text(selectors(sources, site.allow, max_pages=options.pages + 1))
        for state in range(options.states):
            site.tell(state)
            # Pages that changed while a long listing is read: its first is asked for again.
            site.watch(f"crawl of state {state}", crawl, wanted + options.hosts * (options.pages >= LONG), archive)


def _round(archive: Path, rebuild: Sequence[str]) -> tuple[tuple[float, float], tuple[Cost, Cost]]:
    """CPU seconds to unpack and to parse one page; and what two rebuilds cost, their start included."""
    return _bare(archive), (measure([*rebuild, "--dry-run"]), measure(rebuild))


def _bare(archive: Path) -> tuple[float, float]:
    parse("")  # coopscrape's own door has been passed: memory is kept as in a rebuild
    with Reader.open(archive) as reader:
        digests = [digest for (digest,) in reader.conn.execute("SELECT digest FROM snapshots LIMIT ?", (SAMPLE,))]
        bodies: list[bytes] = []
        unpacked = _cpu(lambda: bodies.extend(map(reader.snapshots.body, digests)))
    parsed = _cpu(lambda: [LexborHTMLParser(body) is None for body in bodies])  # each is dropped again
    return unpacked / len(digests), parsed / len(digests)


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _middle(costs: Sequence[Cost]) -> Cost:
    middle = median(cost.cpu for cost in costs)
    return min(costs, key=lambda cost: abs(cost.cpu - middle))


def _title(options: argparse.Namespace, size: int) -> str:
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    return (
        f"{options.hosts} hosts x {options.pages} pages x {options.states} states of {options.bytes:,} bytes, "
        f"an archive of {size / 1e6:.1f} MB, the middle of {options.rounds}; {machine}\n"
    )


def _line(name: str, seconds: float, parsed: float, peak: str = "-") -> str:
    return f"{name:24}{1 / seconds:>9,.0f}{seconds * 1000:>13.3f}{seconds / parsed:>9.2f}{peak:>9}"


if __name__ == "__main__":
    sys.exit(main())
