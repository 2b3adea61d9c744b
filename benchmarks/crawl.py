"""A number of hosts and pages in, a table of what a crawl of them costs out, beside a bare fetch and parse of the same.

Every line of the table is a process of its own, measured from outside (os.wait4): its start is part of the price.
See README.md for how to read it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from coopscrape.plan.movement import LONG
from listings import selectors

HERE = Path(__file__).resolve().parent
COOPSCRAPE = (sys.executable, "-c", "from coopscrape.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Cost:
    """One process, from its start to its end."""

    wall: float  # seconds
    cpu: float  # seconds, user and system
    peak: int  # bytes of resident memory


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: a run, what it cost and what the site saw of it."""

    name: str
    cost: Cost
    pages: int
    unchanged: int = 0
    archive: int | None = None  # bytes on disk

    @property
    def cpu_a_page(self) -> float:
        return self.cost.cpu / self.pages


def main(argv: Sequence[str] | None = None) -> int:
    options = _options(argv)
    with tempfile.TemporaryDirectory(prefix="coopscrape-bench-") as folder:
        rounds = [
            _round(options.hosts, options.pages, options.bytes, Path(folder) / str(n)) for n in range(options.rounds)
        ]
    lines = [_middle(lines) for lines in zip(*rounds, strict=True)]
    print(_title(options.hosts, options.pages, options.bytes, options.rounds))
    print(_table(lines))
    bare, cold, unchanged = lines
    print(f"\nA crawl costs {cold.cpu_a_page / bare.cpu_a_page:.1f} times the CPU of a bare fetch and parse;")
    print(f"one of unchanged pages {unchanged.cpu_a_page / bare.cpu_a_page:.1f} times.")
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What a crawl costs, beside a bare fetch and parse of the same pages.")
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--pages", type=int, default=50, help="of each host (default 50)")
    parser.add_argument("--bytes", type=int, default=60_000, help="of each page (default 60000)")
    parser.add_argument("--rounds", type=int, default=3, help="the middle one counts (default 3)")
    return parser.parse_args(argv)


# -- running ---------------------------------------------------------------------------------------


def _round(hosts: int, pages: int, size: int, folder: Path) -> tuple[Line, Line, Line]:
    """The bare loop, a crawl of pages that nobody has seen, and the same crawl again."""
    folder.mkdir()
    with running(hosts, pages, size) as site:
        config, archive = folder / "selectors.toml", folder / "archive.db"
        sources = {f"host-{n}": url for n, url in enumerate(site.urls, start=1)}
        config.write_text(selectors(sources, site.allow, max_pages=pages + 1))
        crawl = [*COOPSCRAPE, "--config", str(config), "--archive", str(archive), "crawl", "--all"]
        wanted = hosts * pages
        bare = site.watch("bare fetch and parse", [sys.executable, str(HERE / "bare.py"), *site.urls], wanted)
        # The first page of a long walk whose pages are new is asked for once more, to see whether the listing moved.
        cold = site.watch("crawl, all new", crawl, wanted + hosts * (pages >= LONG), archive)
        again = site.watch("crawl, unchanged", crawl, wanted, archive)
    return bare, cold, again


@dataclass(frozen=True, slots=True)
class Site:
    """The site's process, spoken to in lines."""

    urls: list[str]
    allow: list[str]
    ask: IO[str]
    answers: IO[str]

    def watch(self, name: str, command: Sequence[str], wanted: int, archive: Path | None = None) -> Line:
        cost = measure(command)
        seen = self.tell("?")
        if seen["pages"] != wanted or seen["overlaps"]:
            raise SystemExit(f"{name}: the site saw {seen}, wanted are {wanted} pages and no overlaps. No figures.")
        return Line(name, cost, seen["pages"], seen["unchanged"], size_of(archive) if archive else None)

    def tell(self, line: object) -> dict[str, int]:
        """Says a line to the site (see site.py), and returns what it was asked since the last."""
        print(line, file=self.ask, flush=True)
        seen: dict[str, int] = json.loads(self.answers.readline())
        return seen


@contextmanager
def running(hosts: int, pages: int, size: int) -> Iterator[Site]:
    command = [sys.executable, str(HERE / "site.py"), str(hosts), str(pages), str(size)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        hello = json.loads(process.stdout.readline())
        try:
            yield Site(hello["urls"], hello["allow"], process.stdin, process.stdout)
        finally:
            process.stdin.close()


def measure(command: Sequence[str]) -> Cost:
    """Runs a command to its end, compiled as it is where it is installed; what it says is shown only if it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}\n{said.read().decode()}")
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, see getrusage(2)
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def size_of(archive: Path) -> int:
    """Bytes of the archive, with what its write-ahead log still holds."""
    return sum(file.stat().st_size for file in archive.parent.glob(archive.name + "*"))


# -- saying ----------------------------------------------------------------------------------------


def _middle(lines: Sequence[Line]) -> Line:
    """The line of the round in the middle, by CPU a page."""
    middle = median(line.cpu_a_page for line in lines)
    return min(lines, key=lambda line: abs(line.cpu_a_page - middle))


def _title(hosts: int, pages: int, size: int, rounds: int) -> str:
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    return f"{hosts} hosts x {pages} pages of {size:,} bytes on loopback, delay 0, the middle of {rounds}; {machine}\n"


def _table(lines: Sequence[Line]) -> str:
    head = ("", "pages", "304", "pages/s", "wall s", "CPU ms/page", "x bare", "peak MB", "archive MB")
    bare = lines[0]
    rows = [head, *(_cells(line, bare) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )


def _cells(line: Line, bare: Line) -> tuple[str, ...]:
    return (
        line.name,
        str(line.pages),
        str(line.unchanged),
        f"{line.pages / line.cost.wall:.0f}",
        f"{line.cost.wall:.2f}",
        f"{line.cpu_a_page * 1000:.2f}",
        f"{line.cpu_a_page / bare.cpu_a_page:.2f}",
        f"{line.cost.peak / 1e6:.0f}",
        "-" if line.archive is None else f"{line.archive / 1e6:.1f}",
    )


if __name__ == "__main__":
    sys.exit(main())
