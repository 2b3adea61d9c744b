"""`coopscrape try`: what the selectors catch on one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from coopscrape.cli.options import Globals, wait_option
from coopscrape.errors import NotFoundError

if TYPE_CHECKING:
    from coopscrape.run.trial import Trial

FINE, MISSED, NOT_BELIEVED = 0, 1, 3


@click.command("try")
@click.argument("what")
@click.option("--source", metavar="NAME", help="Whose selectors. Else: those of the host, or that find most in a file.")
@click.option("--url", help="Where a file comes from: links on it are relative to this.")
@wait_option
@click.pass_obj
def command(given: Globals, what: str, source: str | None, url: str | None, wait: bool) -> int:
    """Read one page, and show which selector caught what. No entry is stored.

    WHAT is a source, a file, or an http(s) address. A page that is asked for is asked for as politely as by a crawl.
    """
    from coopscrape.cli.terminal import emit, paint, tell, width
    from coopscrape.model import Page
    from coopscrape.report.said import disobeying
    from coopscrape.report.trial import trial_text

    trial = _trial(given, what, source, url, wait)
    emit(trial_text(trial.source, trial.outcome, trial.explanation, trial.doubts, paint(), width()))
    if trial.robots_ignored is not None:
        tell(f"coopscrape: {trial.source}: {disobeying(trial.robots_ignored)}")
    if not isinstance(trial.outcome, Page):
        return MISSED
    return NOT_BELIEVED if trial.doubts else FINE


def _trial(given: Globals, what: str, source: str | None, url: str | None, wait: bool) -> Trial:
    from coopscrape.cli.progress import listening
    from coopscrape.run.settings import load_config
    from coopscrape.run.trial import try_file, try_url

    config = load_config(given.config)
    if "://" not in what and what not in config.sources and Path(what).exists():
        return try_file(config, Path(what), source, url)
    if "://" not in what and what not in config.sources:
        known = ", ".join(config.sources) or "none"
        raise NotFoundError(f"{what}: is no file here, and no source in {config.path} (it has: {known})")
    if url is not None:
        raise click.UsageError("--url goes with a file: it says where the file comes from")
    config = load_config(given.config, contacting=True)
    with listening(given) as listen:
        return try_url(config, given.archive, what, source, wait=wait, listen=listen)
