"""`coopscrape status`: how each source is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from coopscrape.cli.options import Globals, format_option, strict_option

if TYPE_CHECKING:
    from coopscrape.archive.read import SourceStatus
    from coopscrape.config import Config
    from coopscrape.model import Stale
    from coopscrape.report import SourceLine


@click.command("status")
@click.option("--ledger", is_flag=True, help="How each host was treated: requests, bytes, the shortest pause.")
@strict_option
@format_option("text", "json")
@click.pass_obj
def command(given: Globals, ledger: bool, strict: bool, form: str) -> int:
    """Each source: its last visit, what is in doubt, when it is due."""
    return _ledger(given, form) if ledger else _status(given, form, strict)


def _ledger(given: Globals, form: str) -> int:
    from coopscrape.archive.read import Reader
    from coopscrape.cli.terminal import emit, paint, width
    from coopscrape.report import LEDGERS

    with Reader.open(given.archive) as reader:
        emit(LEDGERS[form](reader.ledger(), paint(), width()))
    return 0


def _status(given: Globals, form: str, strict: bool) -> int:
    from coopscrape.archive.read import Reader
    from coopscrape.cli.known import config_if_any
    from coopscrape.cli.terminal import emit, paint, tell, width
    from coopscrape.report import STATUSES, sizes_text, stale_line
    from coopscrape.run.habits import stale_sources

    config, mistakes = config_if_any(given.config)
    for line in mistakes:
        tell(f"coopscrape: {line}")
    if given.archive.exists() or config is None:
        with Reader.open(given.archive) as reader:
            states, sizes = reader.status(), reader.sizes()
            stale = stale_sources(config, reader, time.time())
    else:
        tell(f"coopscrape: {given.archive}: there is no archive yet; `coopscrape crawl` makes one")
        states, sizes, stale = [], None, {}
    emit(STATUSES[form](_lines(given, config, states, stale), paint(), width()))
    if form == "text" and sizes is not None:
        emit(sizes_text(given.archive.name, sizes, paint(), width()))
    failing = [stale_line(name, one) for name, found in stale.items() for one in found if one.fails] if strict else []
    for line in failing:
        tell(f"coopscrape: {line}")
    return int(bool(failing))


def _lines(
    given: Globals,
    config: Config | None,
    states: list[SourceStatus],
    stale: Mapping[str, tuple[Stale, ...]],
) -> list[SourceLine]:
    """What is configured, then what is only remembered."""
    from coopscrape.report import SourceLine
    from coopscrape.run.crawl import plan

    by_name = {state.source: state for state in states}
    lines = []
    if config is not None and config.sources:
        for one in plan(config, given.archive):
            title = config.sources[one.source].title
            state, found = by_name.pop(one.source, None), stale.get(one.source, ())
            lines.append(SourceLine(one.source, title, state, one.due, one.when, found))
    known = config is not None
    return lines + [
        SourceLine(name, None if known else "", state, stale=stale.get(name, ())) for name, state in by_name.items()
    ]
