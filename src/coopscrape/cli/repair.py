"""`coopscrape repair`: a further layout for a source whose site was made over."""

from __future__ import annotations

import click

from coopscrape.cli.options import Globals

FINE, NOTHING = 0, 1


@click.command("repair")
@click.argument("source")
@click.option("--write", is_flag=True, help="Write it into selectors.toml. All that stands there stays.")
@click.pass_obj
def command(given: Globals, source: str, write: bool) -> int:
    """Propose a layout for a listing that looks different now.

    The entries that the archive knows are looked for on the pages of the last walk, which must be in doubt. From where
    they stand a layout is made, and shown as a difference to selectors.toml. It is proposed only if every known entry on
    the page is read as it was known, and older pages are read as they were. Nothing is fetched.
    """
    from coopscrape.cli.terminal import emit, paint, tell, width
    from coopscrape.report.repair import repair_text
    from coopscrape.run.repair import repair
    from coopscrape.run.settings import load_config
    from coopscrape.run.suggest import write_settings

    done = repair(load_config(given.config), given.archive, source)
    emit(repair_text(done, paint(), width()))
    if done.after is None:
        return NOTHING
    if write:
        write_settings(given.config, done.after.encode())
        tell(f"Written to {given.config}. Next: coopscrape rebuild {source}")
    else:
        tell(f"Nothing was written. With --write this goes into {given.config}.")
    return FINE
