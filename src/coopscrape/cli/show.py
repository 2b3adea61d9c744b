"""`coopscrape show`: one entry in full, or the page that says so."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from coopscrape.cli.options import Globals, format_option
from coopscrape.errors import NotFoundError

if TYPE_CHECKING:
    from coopscrape.archive.read import Reader


@click.command("show")
@click.argument("entry")
@format_option("text", "json")
@click.option("--page", is_flag=True, help="Write out the stored page that its last version stands on, byte by byte.")
@click.pass_obj
def command(given: Globals, entry: str, form: str, page: bool) -> int:
    """One entry in full. ENTRY is its id, a start of it (4 characters or more), or its link."""
    from coopscrape.archive.read import Reader
    from coopscrape.cli.known import titles
    from coopscrape.cli.terminal import emit, emit_bytes, paint, width
    from coopscrape.report import ENTRIES

    if page and sys.stdout.isatty():
        raise click.UsageError(
            f"a stored page may steer a terminal; send it to a file: coopscrape show {entry} --page > page.html"
        )
    with Reader.open(given.archive) as reader:
        found = reader.entry(entry)
        if page:
            emit_bytes(_body(reader, found.id))
        else:
            emit(ENTRIES[form](found, titles(given.config, reader), paint(), width()))
    return 0


def _body(reader: Reader, entry: str) -> bytes:
    from coopscrape.model import Page

    version, url, _ = reader.versions(entry)[-1]
    outcome = reader.outcome(version.page)
    if not isinstance(outcome, Page):
        raise NotFoundError(f"{reader.path}: page {version.page} ({url}) was not kept; run `coopscrape check`")
    return outcome.body
