"""`coopscrape rebuild`: what the stored pages mean, with today's selectors."""

from __future__ import annotations

import click

from coopscrape.cli.options import Globals, sources_argument, wait_option


@click.command("rebuild")
@sources_argument
@click.option("--dry-run", is_flag=True, help="Only show what would differ.")
@wait_option
@click.pass_obj
def command(given: Globals, sources: tuple[str, ...], dry_run: bool, wait: bool) -> int:
    """Read every stored page again with today's selectors. Nothing is fetched.

    A crawl does so by itself for a source whose selectors were edited.
    """
    from coopscrape.cli.progress import listening
    from coopscrape.cli.terminal import emit, paint, width
    from coopscrape.report.crawl import rebuilt_text
    from coopscrape.run.rebuild import rebuild
    from coopscrape.run.settings import load_config

    config = load_config(given.config)
    with listening(given) as listen:
        done = rebuild(config, given.archive, names=sources, dry_run=dry_run, wait=wait, listen=listen)
    for one in done:
        emit(rebuilt_text(one, paint(), width(), dry_run=dry_run))
    return 0
