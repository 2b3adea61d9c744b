"""`coopscrape show`: one entry in full, or the page that says so."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from coopscrape.cli.options import Globals, format_option


@click.command("show")
@click.argument("entry")
@format_option("text", "json")
@click.option(
    "--version", "n", type=click.IntRange(1), metavar="N", help="As it was in version N; else in the last one."
)
@click.option("--page", is_flag=True, help="Write out the stored page that the version stands on, byte by byte.")
@click.pass_obj
def command(given: Globals, entry: str, form: str, n: int | None, page: bool) -> int:
    """One entry in full. ENTRY is its id, a start of it (4 characters or more), or its link."""
    from coopscrape.archive.read import Reader
    from coopscrape.cli.known import titles
    from coopscrape.cli.terminal import emit, emit_bytes, paint, tell, width
    from coopscrape.report import ENTRIES, cited

    if page and sys.stdout.isatty():
        raise click.UsageError(
            f"a stored page may steer a terminal; send it to a file: coopscrape show {entry} --page > page.html"
        )
    with Reader.open(given.archive) as reader:
        found = reader.entry(entry)
        version, proof = reader.version(found.id, n)
        if page:
            emit_bytes(reader.body(proof.page))
            tell(f"coopscrape: {cited(version, proof)}")
        else:
            then = replace(found, content=version.content, number=version.number if n else found.number)
            states = reader.versions(found.id)[: version.n]
            own = next((state for state in reversed(states) if state[1].own and state[0].n != version.n), None)
            emit(ENTRIES[form](then, titles(given.config, reader), paint(), width(), (version, proof), own))
    return 0
