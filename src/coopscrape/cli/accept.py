"""`coopscrape accept`: a person knows better."""

from __future__ import annotations

import click

from coopscrape.cli.options import Globals, wait_option


@click.command("accept")
@click.argument("walk", type=click.IntRange(1))
@wait_option
@click.pass_obj
def command(given: Globals, walk: int, wait: bool) -> int:
    """Believe a walk that was in doubt after all. `status` has the number of the WALK."""
    from coopscrape.cli.terminal import emit, paint, width
    from coopscrape.report.crawl import rebuilt_text
    from coopscrape.run.rebuild import accept
    from coopscrape.run.settings import load_config

    done = accept(load_config(given.config), given.archive, walk, command=f"accept {walk}", wait=wait)
    emit(rebuilt_text(done, paint(), width()))
    return 0
