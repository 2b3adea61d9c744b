"""Words of a command line in, a command called, an exit code out; an error comes out as one line that says what to do."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any, Final, NoReturn

import click

from coopscrape.cli import streams
from coopscrape.cli.streams import Unheard
from coopscrape.errors import CoopscrapeError
from coopscrape.run.signals import heeded, interrupt

BUG: Final = 70  # sysexits.h: EX_SOFTWARE
CTRL_C: Final = 130


class Door(click.Group):
    """A group whose commands are imported when they are needed. A command returns its exit code, None is 0."""

    def __init__(self, *args: Any, modules: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in self._modules:
            return None
        command = import_module(f"coopscrape.cli.{self._modules[cmd_name]}").command
        assert isinstance(command, click.Command)  # noqa: S101 - each module of the table has one
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self._modules and not args[0].startswith("-"):
            near = get_close_matches(args[0], self._modules, n=1)
            raise click.UsageError(
                f"there is no command {args[0]!r}; "
                + (f"did you mean `{near[0]}`?" if near else f"there are {', '.join(self._modules)}"),
                ctx,
            )
        return super().resolve_command(ctx, args)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **kwargs: Any) -> NoReturn:
        """The one place where errors become words. Never returns."""
        streams.prepare()
        given = list(sys.argv[1:] if args is None else args)
        try:
            with heeded(interrupt):
                code = super().main(given, *rest, **{**kwargs, "standalone_mode": False})
                sys.stdout.flush()
        except Exception as error:  # noqa: BLE001, RUF100 - all of them end here, each in its own way
            code = _told(error, debug="--debug" in given, as_json="--json-log" in given)
        _leave(code if isinstance(code, int) else 0)


def _told(error: Exception, *, debug: bool, as_json: bool) -> int:
    """Say what happened on stderr; returns the exit code."""
    if debug and not isinstance(error, (click.ClickException, click.Abort, Unheard)):
        traceback.print_exception(error)
    if isinstance(error, Unheard):
        return 0
    lines, code = _words(error)
    from coopscrape.cli.progress import say

    say(lines, as_json=as_json)
    if isinstance(error, CoopscrapeError):
        _leave_at_once(code)
    return code


def _words(error: Exception) -> tuple[Sequence[str], int]:
    """What to say, and the exit code."""
    if isinstance(error, CoopscrapeError):
        return error.lines, error.exit_code
    if isinstance(error, click.Abort):
        return ["interrupted"], CTRL_C
    if isinstance(error, click.ClickException):
        return _usage(error), error.exit_code
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return [f"this is a bug: {what}; run with --debug for the traceback and report it"], BUG


def _usage(error: click.ClickException) -> list[str]:
    words = error.format_message()
    lines = [(words[:1].lower() + words[1:] if words[1:2].islower() else words).rstrip(".")]
    if isinstance(error, click.UsageError) and error.ctx is not None:
        lines.append(f"see `{error.ctx.command_path} --help`")
    return lines


def _leave(code: int) -> NoReturn:
    """Also when whoever read our output goes in this very moment."""
    streams.flush()
    sys.exit(code)


def _leave_at_once(code: int) -> NoReturn:
    """Without waiting for threads: a hand may hang on a socket for as long as its deadline. All is committed."""
    streams.flush()
    os._exit(code)
