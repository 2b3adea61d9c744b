"""`coopscrape suggest`: how a listing may be read that nobody has described yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from coopscrape.cli.options import Globals, wait_option
from coopscrape.errors import NotFoundError, SettingsError

if TYPE_CHECKING:
    from coopscrape.config import Config
    from coopscrape.run.suggest import Suggested

FINE, NOTHING = 0, 1


@click.command("suggest")
@click.argument("what", metavar="URL|FILE")
@click.option("--url", help="Where a file comes from: links on it are relative to this.")
@click.option("--name", help="What the source is to be called. Else a name is made of its address.")
@click.option("--write", is_flag=True, help="Append the block to selectors.toml; what stands there is not touched.")
@wait_option
@click.pass_obj
def command(given: Globals, what: str, url: str | None, name: str | None, write: bool, wait: bool) -> int:
    """Find the listing on a page, and print what reads it.

    The block for selectors.toml has been tried on the page: its comments say what each line found there, and how sure it
    is. Feeds and the like are named, if the page offers any. A page that is asked for is asked for as politely as by a
    crawl.
    """
    from coopscrape.cli.terminal import emit, tell, width
    from coopscrape.report.suggest import block_text, suggested_text
    from coopscrape.run.suggest import append

    found = _found(given, what, url, name, wait, write)
    emit(suggested_text(found, width()))
    if found.suggestion is None:
        return NOTHING
    if write:
        append(given.config, block_text(found))
        tell(f"Appended to {given.config}. Next: coopscrape try {found.name}")
    elif not given.config.exists():
        tell(f"There is no {given.config} yet: coopscrape init writes one, and --write appends this to it.")
    else:
        tell(f"Nothing was written. With --write this is appended to {given.config}.")
    return FINE


def _found(given: Globals, what: str, url: str | None, name: str | None, wait: bool, write: bool) -> Suggested:
    from coopscrape.cli.progress import listening
    from coopscrape.run.settings import load_config
    from coopscrape.run.suggest import suggest_file, suggest_url

    if "://" not in what:
        if not Path(what).exists():
            raise NotFoundError(f"{what}: is no file here, and no address that begins with https:// or http://")
        if write and url is None:
            raise SettingsError([f"{what}: where does it come from? --write needs --url for a file"])
        return suggest_file(_settings(given, needed=write), Path(what), url, name)
    if url is not None:
        raise click.UsageError("--url goes with a file: it says where the file comes from")
    config = load_config(given.config, contacting=True)
    with listening(given) as listen:
        return suggest_url(config, given.archive, what, name, wait=wait, listen=listen)


def _settings(given: Globals, *, needed: bool) -> Config | None:
    """A file asks nobody, so it needs no settings."""
    from coopscrape.run.settings import load_config

    return load_config(given.config) if needed or given.config.exists() else None
