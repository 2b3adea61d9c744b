"""`coopscrape history`: every version of one entry."""

from __future__ import annotations

import click

from coopscrape.cli.options import Globals, format_option


@click.command("history")
@click.argument("entry")
@format_option("text", "json")
@click.pass_obj
def command(given: Globals, entry: str, form: str) -> int:
    """Every version of an entry, with its time and its page. ENTRY is an id, a start of it, or a link."""
    from coopscrape.archive.read import Reader
    from coopscrape.cli.terminal import emit, paint, width
    from coopscrape.report import HISTORIES

    with Reader.open(given.archive) as reader:
        found = reader.entry(entry)
        versions, changes = reader.versions(found.id), reader.changes(entry=found.id)
        emit(HISTORIES[form](found, versions, changes, paint(), width()))
    return 0
