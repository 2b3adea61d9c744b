"""`coopscrape list`: the listings as they stand."""

from __future__ import annotations

import click

from coopscrape.cli.moments import AsOf, day
from coopscrape.cli.options import Globals, as_of_option, format_option, read_by, sources_argument


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
@as_of_option
@format_option("text", "json")
@click.pass_obj
def command(
    given: Globals,
    sources: tuple[str, ...],
    category: str | None,
    after: str | None,
    before: str | None,
    everything: bool,
    as_of: AsOf | None,
    form: str,
) -> int:
    """The entries, in the order of their listing: as it stands, or as it stood."""
    from coopscrape.archive.read import Reader
    from coopscrape.cli.known import named, tell_covered, titles
    from coopscrape.cli.terminal import emit, paint, tell, width
    from coopscrape.report import LISTS

    with Reader.open(given.archive) as reader:
        names = named(reader, sources)
        entries = reader.entries(
            names,
            category=category,
            after=after,
            before=before,
            everything=everything,
            as_of=as_of.text if as_of else None,
        )
        emit(LISTS[form](entries, titles(given.config, reader), paint(), width()))
        tell_covered(reader, as_of, names)
    if not entries:
        tell("coopscrape: there is no such entry")
    return 0
