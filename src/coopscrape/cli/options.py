"""What commands share: the options before the command, `--format`, moments. Imports nothing heavy."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from coopscrape.cli import moments

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Globals:
    """The options that stand before the command."""

    config: Path
    archive: Path
    verbose: bool = False
    json_log: bool = False
    debug: bool = False


def read_by(parse: Callable[[str, float], object]) -> Callable[..., object]:
    """A callback that reads an option's text, given the time; the ValueError of `parse` is the message."""

    def read(_: click.Context, __: click.Parameter, value: str | None) -> object:
        try:
            return None if value is None else parse(value, time.time())
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return read


sources_argument = click.argument("sources", nargs=-1, metavar="[SOURCE]...")
wait_option = click.option("--wait", is_flag=True, help="Wait if another coopscrape is writing to the archive.")
strict_option = click.option(
    "--strict", is_flag=True, help="Exit with 1 if a source brings nothing for much longer than is its habit."
)
category_option = click.option("--category", help="Only entries of this category.")
after_option = click.option(
    "--after", metavar="DAY", callback=read_by(moments.day), help="Only entries dated this day (month, year) or later."
)
before_option = click.option(
    "--before", metavar="DAY", callback=read_by(moments.day), help="Only entries dated before this day (month, year)."
)
as_of_option = click.option(
    "--as-of",
    metavar="WHEN",
    callback=read_by(moments.as_of),
    help="As it stood then: 2018-06-20 (at its end), 2018-06, 2018-06-20T09:30, yesterday, run:12.",
)


def format_option(*names: str) -> Callable[[Command], Command]:
    """`--format`; the first name is the default."""
    return click.option(
        "--format", "form", type=click.Choice(names), default=names[0], show_default=True, help="How it is printed."
    )
