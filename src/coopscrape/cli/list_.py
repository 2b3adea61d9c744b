"""`coopscrape list`: the listings as they stand."""

from __future__ import annotations

import click

from coopscrape.cli.moments import AsOf
from coopscrape.cli.options import (
    Globals,
    after_option,
    as_of_option,
    before_option,
    category_option,
    format_option,
    sources_argument,
)


@click.command("list")
@sources_argument
@category_option
@after_option
@before_option
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
    """The entries, in the order of their listing."""
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
