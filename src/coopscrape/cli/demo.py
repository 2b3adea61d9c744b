"""`coopscrape demo`: a bundled listing, served on this machine, crawled twice."""

from __future__ import annotations

import shlex
import threading
import time
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from coopscrape.cli.door import CTRL_C
from coopscrape.cli.options import Globals
from coopscrape.errors import CoopscrapeError, Interrupted

if TYPE_CHECKING:
    from coopscrape.config import Config

MARKER: Final = "# coopscrape demo: "
OURS: Final = ("selectors.toml", "archive.db", "archive.db-wal", "archive.db-shm")  # a lock is never taken away
SOURCE: Final = "ilo-coop"
READABLE: Final = 100  # cells a line, where nobody looks through a terminal
TYPED: Final = 43  # cells for what is to be typed next


@click.command("demo")
@click.argument("directory", metavar="[DIR]", default="coopscrape-demo", type=click.Path(path_type=Path))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Serve on this port; any that is free otherwise."
)
@click.option("--serve", is_flag=True, help="Go on serving the listing until Ctrl-C, so that DIR can be crawled again.")
@click.pass_obj
def command(given: Globals, directory: Path, port: int, serve: bool) -> int:
    """Crawl a bundled listing, twice, and show what changed.

    It is served on this machine only, over real HTTP. DIR (default: coopscrape-demo) gets a selectors.toml and an archive.db; an
    earlier demo in it is replaced.
    """
    from coopscrape.cli.demo_server import STATES, serving
    from coopscrape.report import harmless
    from coopscrape.run.settings import load_config

    _make_room(directory)
    with serving(port) as listing:
        _write_settings(directory, listing.server_port)
        config = load_config(directory / "selectors.toml", contacting=True)
        _heading(f"A listing, served at {config.sources[SOURCE].url}. A first crawl, into {harmless(str(directory))}:")
        _crawl(given, config, directory)
        _heading("coopscrape list")
        _list(directory)
        listing.state = STATES[1]
        _heading("A week later the listing has been edited, and has a second page. A second crawl:")
        _crawl(given, config, directory)
        _heading("coopscrape diff")
        _diff(directory)
        _heading("What to type next:")
        _next_steps(directory, serve)
        if serve:
            _until_interrupted()
    return 0


def _make_room(directory: Path) -> None:
    """An empty place, or an earlier demo, of which only our own files are replaced."""
    settings = directory / "selectors.toml"
    try:
        if directory.exists() and any(directory.iterdir()):
            if not settings.is_file() or not settings.read_text("utf-8", "replace").startswith(MARKER):
                raise CoopscrapeError(
                    f"{directory}: exists and holds something that is no earlier demo. Nothing was touched. "
                    "Name another place: coopscrape demo DIR"
                )
            _take_away(directory)
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CoopscrapeError(f"{directory}: cannot be used: {error.strerror}; name another place") from error


def _take_away(directory: Path) -> None:
    """What an earlier demo made, unless a crawl is at work in it. Raises LockedError."""
    from coopscrape.archive.lock import Lock
    from coopscrape.model import stamp

    lock = Lock(directory / "archive.db", "demo", stamp(time.time()))
    try:
        for name in OURS:
            (directory / name).unlink(missing_ok=True)
    finally:
        lock.release()


def _write_settings(directory: Path, port: int) -> None:
    template = (files("coopscrape.cli") / "demo_selectors.toml").read_text("utf-8")
    (directory / "selectors.toml").write_text(template.replace("@PORT@", str(port)), "utf-8")


def _heading(text: str) -> None:
    from coopscrape.cli.terminal import emit, paint, width
    from coopscrape.report.layout import paragraph

    lines = paragraph([(f"== {text}", "title")], paint(), width())
    emit("\n" + "\n".join(lines) + "\n\n")


def _crawl(given: Globals, config: Config, directory: Path) -> None:
    from coopscrape.cli.progress import listening
    from coopscrape.cli.terminal import emit, paint, width
    from coopscrape.report.crawl import crawl_table
    from coopscrape.run.crawl import crawl

    with listening(given) as listen:
        result = crawl(config, directory / "archive.db", everything=True, command="demo", listen=listen)
    if result.exit_code:
        raise CoopscrapeError(f"the demo did not come through: {'; '.join(result.trouble)}")
    emit(crawl_table(result.reports, (), paint(), width()))


def _list(directory: Path) -> None:
    from coopscrape.archive.read import Reader
    from coopscrape.cli.known import titles
    from coopscrape.cli.terminal import emit, paint, width
    from coopscrape.report import LISTS

    with Reader.open(directory / "archive.db") as reader:
        emit(LISTS["text"](reader.entries(), titles(directory / "selectors.toml", reader), paint(), width(READABLE)))


def _diff(directory: Path) -> None:
    from coopscrape.archive.read import Reader
    from coopscrape.cli.known import titles
    from coopscrape.cli.terminal import emit, paint, width
    from coopscrape.report import FORMATS

    with Reader.open(directory / "archive.db") as reader:
        changes = reader.changes(run=reader.latest_run())
        emit(FORMATS["text"](changes, titles(directory / "selectors.toml", reader), paint(), width(READABLE)))


def _next_steps(directory: Path, serve: bool) -> None:
    from coopscrape.archive.read import Reader
    from coopscrape.cli.terminal import emit
    from coopscrape.report.said import short

    with Reader.open(directory / "archive.db") as reader:
        edited = short(reader.changes(kinds=["changed"])[-1].entry)
    steps = {
        _cd(directory): "its selectors.toml has comments",
        f"coopscrape history {edited}": "every version of an edited entry",
        f"coopscrape show {edited} --page > page.html": "the page that it stands on",
        'coopscrape diff --since "1 hour ago"': "what is new, since any moment",
        "coopscrape list --category Article": "some entries; --format json too",
        "coopscrape status --ledger": "what was asked of whom",
        "coopscrape check": "proof that the archive is sound",
    }
    if serve:
        steps["coopscrape crawl"] = "while this demo serves: to Ctrl-C"
    emit("".join(_step(words, why) for words, why in steps.items()))
    if not serve:
        emit(
            "\nThe server of the demo is gone now, so `coopscrape crawl` there would report a\n"
            "network failure; `coopscrape demo --serve` keeps serving.\n"
            "A listing of your own: coopscrape init\n"
        )


def _cd(directory: Path) -> str:
    """As a shell takes it, whatever the name is."""
    name = str(directory)
    return f"cd {'-- ' if name.startswith('-') else ''}{shlex.quote(name)}"


def _step(words: str, why: str) -> str:
    from coopscrape.report.layout import cells, pad

    return f"  {pad(words, TYPED)}  {why}\n" if cells(words) <= TYPED else f"  {words}\n"


def _until_interrupted() -> None:
    try:
        threading.Event().wait()
    except Interrupted as end:
        if end.exit_code != CTRL_C:
            raise
