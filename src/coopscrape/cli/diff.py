"""`coopscrape diff`: what is new."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from coopscrape.cli import moments
from coopscrape.cli.moments import Since
from coopscrape.cli.options import Globals, format_option, read_by, sources_argument

if TYPE_CHECKING:
    from coopscrape.archive.read import Reader
    from coopscrape.model import Change

KINDS = ("new", "changed", "gone", "back")


def _kinds(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """`--kind new,gone` and `--kind new --kind gone` are the same."""
    kinds = tuple(kind.strip() for value in values for kind in value.split(","))
    for kind in kinds:
        if kind not in KINDS:
            raise click.BadParameter(f"{kind!r} is none of {', '.join(KINDS)}")
    return kinds


@click.command("diff")
@sources_argument
@click.option(
    "--since",
    metavar="WHEN",
    callback=read_by(moments.since),
    help='From then on: "3 days ago", yesterday, 2018-06-01, run:12.',
)
@click.option("--until", metavar="WHEN", callback=read_by(moments.moment), help="Only what was seen before then.")
@click.option("--kind", "kinds", multiple=True, callback=_kinds, metavar="KIND,...", help=f"Only {', '.join(KINDS)}.")
@click.option("--cursor", metavar="NAME", help="Since NAME last asked; the next time it goes on from here.")
@format_option("text", "json")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there is something, as git has it.")
@click.pass_obj
def command(
    given: Globals,
    sources: tuple[str, ...],
    since: Since | None,
    until: str | None,
    kinds: tuple[str, ...],
    cursor: str | None,
    form: str,
    exit_code: bool,
) -> int:
    """What is new, changed, gone or back.

    In the latest run, unless --since, --until or --cursor say otherwise. All times are UTC.
    """
    from coopscrape.archive.read import Reader
    from coopscrape.cli.known import named

    if cursor is not None:
        if since or until:
            raise click.UsageError("--cursor has a beginning of its own: leave out --since and --until")
        return int(_go_on(given, cursor, sources, kinds, form) and exit_code)
    with Reader.open(given.archive) as reader:
        names = named(reader, sources)
        if since or until:
            run, moment = (since.run, since.moment) if since else (None, None)
            changes = reader.changes(names, kinds=kinds, since=moment, since_run=run, until=until)
            told = f"since {since.text}" if since else f"before {until}"
        else:
            latest = reader.latest_run() or 0
            changes = reader.changes(names, kinds=kinds, run=latest)
            told = f"in the latest run ({latest})" if latest else "yet: nothing was ever visited"
        _print(given, reader, changes, form, told)
    return int(bool(changes) and exit_code)


def _go_on(given: Globals, cursor: str, sources: tuple[str, ...], kinds: tuple[str, ...], form: str) -> bool:
    """The cursor moves when all is printed, not before: what was not read is told again."""
    from coopscrape.archive.read import must_exist
    from coopscrape.archive.write import Writer
    from coopscrape.cli.known import named
    from coopscrape.model import stamp

    must_exist(given.archive)
    with Writer(given.archive, f"diff --cursor {cursor}", stamp(time.time())) as writer:
        names = named(writer, sources)
        place = _place(cursor, names, kinds)
        changes = writer.changes(names, kinds=kinds, after=writer.cursor(place))
        _print(given, writer, changes, form, f"since `{cursor}` last asked")
        writer.move_cursor(place, writer.end())
    return bool(changes)


def _place(cursor: str, names: Sequence[str], kinds: Sequence[str]) -> str:
    """Who asks for less is another reader: what was left out is still to be told to the one who asks for all."""
    narrowed = sorted(set(names)), sorted(set(kinds))
    return json.dumps([cursor, *narrowed], ensure_ascii=False) if any(narrowed) else cursor


def _print(given: Globals, reader: Reader, changes: list[Change], form: str, told: str) -> None:
    from coopscrape.cli.known import titles
    from coopscrape.cli.terminal import emit, paint, tell, width
    from coopscrape.report import FORMATS

    emit(FORMATS[form](changes, titles(given.config, reader), paint(), width()))
    if not changes:
        tell(f"coopscrape: nothing new {told}")
