"""A command line -> an exit code. Results go to stdout, everything else to stderr.

Nothing heavy is imported before a command is at work, so that `--help` and completion answer at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from coopscrape.cli.door import Door
from coopscrape.cli.options import Globals
from coopscrape.version import __version__

COMMANDS: Final = {  # name -> module of this folder, in the order in which people meet them
    "demo": "demo",
    "init": "init",
    "suggest": "suggest",
    "try": "try_",
    "crawl": "crawl",
    "diff": "diff",
    "list": "list_",
    "search": "search",
    "show": "show",
    "history": "history",
    "status": "status",
    "rebuild": "rebuild",
    "repair": "repair",
    "accept": "accept",
    "check": "check",
}


@click.group(
    cls=Door,
    modules=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default="selectors.toml",
    envvar="COOPSCRAPE_CONFIG",
    show_default=True,
    show_envvar=True,
    help="Which listings are visited, and how they are read.",
)
@click.option(
    "--archive",
    type=click.Path(path_type=Path),
    metavar="FILE",
    default="archive.db",
    envvar="COOPSCRAPE_ARCHIVE",
    show_default=True,
    show_envvar=True,
    help="Where everything is kept: one SQLite file.",
)
@click.option("-v", "--verbose", is_flag=True, help="Tell more while at work.")
@click.option("--json-log", is_flag=True, help="Tell it as lines of JSON, on stderr.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(__version__, prog_name="coopscrape", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context, config: Path, archive: Path, verbose: bool, json_log: bool, debug: bool) -> None:
    """A truthful, complete, citable record of what listing pages said, when, and what changed.

    Exit codes: 0 fine; 1 some sources failed (the rest is kept), or there is no such thing; 2 usage or settings;
    3 a source is in doubt, nothing of it was believed; 4 the archive is at fault; 75 another crawl holds it;
    130, 143 interrupted, what came is kept.
    """
    context.obj = Globals(config, archive, verbose=verbose, json_log=json_log, debug=debug)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
