"""`coopscrape list`: the listings as they stand."""

from __future__ import annotations

import click

from coopscrape.cli.moments import day
from coopscrape.cli.options import Globals, format_option, read_by, sources_argument


@click.command("list")
@sources_argument
@click.option("--category", help="Only entries of this category.")
@click.option(
    "--after", metavar="DAY", callback=read_by(day), help="Only entries dated this day (month, year) or later."
)
@click.option(
    "--before", metavar="DAY", callback=read_by(day), help="Only entries dated before this day (month, year)."
)
@click.option("--all", "everything", is_flag=True, help="Also what is gone, or slid off the end of its list.")
@format_option("text", "json")
@click.pass_obj
def command(
    given: Globals,
    sources: tuple[str, ...],
    category: str | None,
    after: str | None,
    before: str | None,
    everything: bool,
    form: str,
) -> int:
    """The entries, in the order of their listing."""
    from coopscrape.archive.read import Reader
    from coopscrape.cli.known import named, titles
    from coopscrape.cli.terminal import emit, paint, tell, width
    from coopscrape.report import LISTS

    with Reader.open(given.archive) as reader:
        entries = reader.entries(
            named(reader, sources), category=category, after=after, before=before, everything=everything
        )
        emit(LISTS[form](entries, titles(given.config, reader), paint(), width()))
    if not entries:
        tell("coopscrape: there is no such entry")
    return 0
