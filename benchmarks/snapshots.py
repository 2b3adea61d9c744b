"""A number of pages and states in, a table of what their bodies take in an archive out, and of what storing them costs.

Each site is seen once, and then again whenever an item has come in at its top: so that each of its pages has changed, in
one item or two. Nothing is fetched; the pages go in by the archive's own door. See README.md for how to read the table.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from builders import moment, page, request, source
from coopscrape.archive.snapshots import pack
from coopscrape.archive.write import Writer
from coopscrape.model import End, Ended, Page, Request
from pages import counted, worded

BUNDLED: Final = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "ilo-coop"
GOALS: Final = (1_700, 600)  # bytes a page: seen for the first time, and changed; on the benchmark's site

State = Iterable[tuple[str, bytes]]  # the pages of one visit: url, body


@dataclass(slots=True)
class Tally:
    """Bodies of one kind: how many there were, and what they take."""

    count: int = 0
    stored: int = 0
    alone: int = 0  # what they would take if each were stored whole
    seconds: float = 0.0  # CPU

    def add(self, stored: int, alone: int, seconds: float) -> None:
        self.count += 1
        self.stored += stored
        self.alone += alone
        self.seconds += seconds

    @property
    def each(self) -> float:
        return self.stored / self.count


def main(argv: Sequence[str] | None = None) -> int:
    options = _options(argv)
    sites: Mapping[str, Iterator[State]] = {
        "the benchmark's site": _states(counted, options),
        "a site of words": _states(worded, options),
        "the bundled listing": _bundled(),
    }
    print(f"{options.pages} pages of {options.bytes:,} bytes in {options.states} states; bytes a page\n")
    print(_row("", "", "pages", "whole", "stored", "ratio", "CPU ms"))
    measured = {name: measure(states) for name, states in sites.items()}
    for name, (first, changed) in measured.items():
        for kind, tally in (("first seen", first), ("changed", changed)):
            print(_row(name, kind, *_cells(tally)))
            name = ""
    met = [tally.each <= goal for tally, goal in zip(measured["the benchmark's site"], GOALS, strict=True)]
    print(f"\nThe goal on the benchmark's site, {GOALS[0]:,} first seen and {GOALS[1]:,} changed: {_met(all(met))}")
    return 0 if all(met) else 1


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What page bodies take in an archive.")
    parser.add_argument("--pages", type=int, default=50, help="of each site (default 50)")
    parser.add_argument("--states", type=int, default=20, help="of each page (default 20)")
    parser.add_argument("--bytes", type=int, default=60_000, help="of each page (default 60000)")
    return parser.parse_args(argv)


def _states(pages: Callable[[str, int, int, int], Iterator[str]], options: argparse.Namespace) -> Iterator[State]:
    for came in range(options.states):
        bodies = pages("Listing", options.pages, options.bytes, came)
        yield [(f"https://example.org/news/{n}", body.encode()) for n, body in enumerate(bodies, 1)]


def _bundled() -> Iterator[State]:
    """The pages of an agency as tests/fixtures has them: a day, and a week later, with a second page."""
    for day in ("2018-06-20", "2018-06-27"):
        yield [(f"https://example.org/{one.name}", one.read_bytes()) for one in sorted((BUNDLED / day).glob("*.html"))]


def measure(states: Iterable[State]) -> tuple[Tally, Tally]:
    """Pages that were seen for the first time, and such as were seen before."""
    first, changed, seen = Tally(), Tally(), set()
    with tempfile.TemporaryDirectory(prefix="coopscrape-bench-") as folder, _archive(Path(folder)) as writer:
        for n, state in enumerate(states):
            walk = writer.open_walk(source(), moment(n), 1_000)
            for number, (url, body) in enumerate(state, 1):
                spent = _log(writer, request(url, walk, number), page(body, url, moment(n)))
                tally = changed if url in seen else first
                tally.add(_stored(writer, body), len(pack(body)), spent)
                seen.add(url)
            writer.end_walk(walk, Ended(End.LISTING, "no next link"), moment(n))
    return first, changed


def _archive(folder: Path) -> Writer:
    writer = Writer(folder / "archive.db", "benchmark", moment(0))
    writer.start_run("benchmark", moment(0))
    return writer


def _log(writer: Writer, asked: Request, answer: Page) -> float:
    """CPU seconds that it took, without the commit."""
    with writer.transaction():
        start = time.process_time()
        writer.log(asked, answer)
        return time.process_time() - start


def _stored(writer: Writer, body: bytes) -> int:
    digest = hashlib.sha256(body).hexdigest()
    (stored,) = writer.conn.execute("SELECT length(body) FROM snapshots WHERE digest = ?", (digest,)).fetchone()
    return int(stored)


def _cells(tally: Tally) -> tuple[str, ...]:
    return (
        str(tally.count),
        f"{tally.alone / tally.count:,.0f}",
        f"{tally.each:,.0f}",
        f"{tally.alone / tally.stored:.1f}",
        f"{tally.seconds / tally.count * 1000:.2f}",
    )


def _row(name: str, kind: str, *cells: str) -> str:
    return f"{name:22}{kind:12}" + "".join(f"{cell:>9}" for cell in cells)


def _met(met: bool) -> str:
    return "met" if met else "NOT met"


if __name__ == "__main__":
    sys.exit(main())
