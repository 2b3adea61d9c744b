"""`coopscrape crawl`: visit what is due, and say how it went."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coopscrape.cli.options import Globals, sources_argument, strict_option, wait_option

if TYPE_CHECKING:
    from coopscrape.config import Config


@click.command("crawl")
@sources_argument
@click.option("--all", "everything", is_flag=True, help="Visit every source, due or not.")
@click.option("--full", is_flag=True, help="Read each listing to its end, also where a visit might stop early.")
@click.option(
    "--max-pages",
    type=click.IntRange(1),
    metavar="N",
    help="At most so many pages a source; the rest is not looked at.",
)
@click.option(
    "--hands",
    default="threads:16",
    show_default=True,
    metavar="SPEC",
    help="Who fetches and reads: threads:N, processes:N, dask://HOST:PORT.",
)
@wait_option
@strict_option
@click.option("--dry-run", is_flag=True, help="Only say what would be visited; nobody is asked, nothing is written.")
@click.pass_obj
def command(
    given: Globals,
    sources: tuple[str, ...],
    everything: bool,
    full: bool,
    max_pages: int | None,
    hands: str,
    wait: bool,
    strict: bool,
    dry_run: bool,
) -> int:
    """Visit the sources that are due, or those that are named.

    Each page is kept as it comes. A visit that is cut off goes on where it stopped, the next time.
    """
    if dry_run:
        return plan(given, sources, everything, full)
    return crawl(given, sources, everything, full, max_pages, hands, wait, strict)


def plan(given: Globals, sources: tuple[str, ...], everything: bool, full: bool) -> int:
    from coopscrape.cli.terminal import emit, paint, width
    from coopscrape.report.crawl import plan_table
    from coopscrape.run.crawl import plan
    from coopscrape.run.settings import load_config

    config = load_config(given.config, contacting=True)
    emit(plan_table(plan(config, given.archive, names=sources, everything=everything, full=full), paint(), width()))
    return 0


def crawl(
    given: Globals,
    sources: tuple[str, ...],
    everything: bool,
    full: bool,
    max_pages: int | None,
    hands: str,
    wait: bool,
    strict: bool,
) -> int:
    from coopscrape.cli.progress import listening, say
    from coopscrape.cli.terminal import emit, paint, width
    from coopscrape.report.crawl import crawl_table
    from coopscrape.run.crawl import crawl
    from coopscrape.run.settings import load_config

    config = load_config(given.config, contacting=True)
    with listening(given) as listen:
        result = crawl(
            config,
            given.archive,
            names=sources,
            everything=everything,
            full=full,
            max_pages=max_pages,
            hands=hands,
            wait=wait,
            command=" ".join(["crawl", *sources[:5]]),
            listen=listen,
        )
    emit(crawl_table(result.reports, result.not_due, paint(), width()))
    standstills = _standstills(config, given.archive)
    say([*result.trouble, *standstills, *_announced(config, given.archive, result.run, wait)], as_json=given.json_log)
    if any(report.changes for report in result.reports):
        emit("\nWhat is new: coopscrape diff\n")
    return result.exit_code or int(strict and bool(standstills))


def _standstills(config: Config, archive: Path) -> list[str]:
    """Which sources have come to a standstill that is out of the ordinary, visited now or not."""
    from coopscrape.archive.read import Reader
    from coopscrape.report import stale_line
    from coopscrape.run.habits import stale_sources

    with Reader.open(archive) as reader:
        found = stale_sources(config, reader, time.time())
    return [stale_line(source, one) for source, stale in found.items() for one in stale if one.fails]


def _announced(config: Config, archive: Path, run: int | None, wait: bool) -> list[str]:
    """Tell the webhook, if there is one; a message that fails loses nothing, it is told with the next run."""
    if run is None or config.webhook is None:
        return []
    from coopscrape.run.announce import announce

    failure = announce(config, archive, run, wait=wait)
    return [failure] if failure else []
