"""Events of a run -> lines on stderr: alive on a terminal, plain ones elsewhere, JSON if that is wanted."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from coopscrape.cli.options import Globals
from coopscrape.cli.terminal import is_lively, tell
from coopscrape.report import harmless
from coopscrape.report.said import count

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from coopscrape.run.events import Event, Listen

TOLD: Final = ("page", "note", "warning")  # without --verbose


@contextmanager
def listening(given: Globals) -> Iterator[Listen]:
    """Something that listens as long as the block lasts."""
    if given.json_log:
        yield _json_line
    elif sys.stderr.isatty() and is_lively():
        with _live() as progress:
            yield Lines(progress, verbose=given.verbose)
    else:
        yield _plain_line(given.verbose)


def say(lines: Iterable[str], *, as_json: bool) -> None:
    """What went wrong, and what to do about it."""
    for line in lines:
        if as_json:
            _tell_json({"kind": "error", "source": None, "text": line})
        else:
            tell(f"coopscrape: {line}")


def _json_line(event: Event) -> None:
    _tell_json({"kind": event.kind, "source": event.source, "text": event.text, **event.facts})


def _tell_json(record: Mapping[str, object]) -> None:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    tell(json.dumps({"at": at, **record}, default=str))  # ASCII only, so nothing in it is harmful


def _plain_line(verbose: bool) -> Callable[[Event], None]:
    def listen(event: Event) -> None:
        if verbose or event.kind in TOLD:
            tell(event.text)

    return listen


def _live() -> Progress:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task
    from rich.text import Text

    class Words(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(task.description, no_wrap=True, overflow="ellipsis")

    return Progress(SpinnerColumn(), Words(), console=Console(stderr=True), transient=True)


class Lines:
    """One line a source that is being walked, and one for the wait."""

    def __init__(self, progress: Progress, *, verbose: bool) -> None:
        self._progress = progress
        self._verbose = verbose
        self._lines: dict[str, TaskID] = {}
        self._entries: dict[str, int] = {}

    def __call__(self, event: Event) -> None:
        source = event.source or ""
        if event.kind == "page":
            self._drop("")
            self._page(source, event)
        elif event.kind == "waiting":
            self._show("", event.text)
        elif event.kind == "settled":
            self._drop(source)
        if event.kind in ("note", "warning") or (event.kind in ("settled", "missed") and self._verbose):
            self._progress.console.print(harmless(event.text), markup=False, highlight=False, soft_wrap=True)

    def _page(self, source: str, event: Event) -> None:
        number, entries = event.facts.get("number"), event.facts.get("entries")
        self._entries[source] = self._entries.get(source, 0) + (entries if isinstance(entries, int) else 0)
        self._show(source, f"{source}  page {number}, {count(self._entries[source], 'entry', 'entries')}")

    def _show(self, name: str, text: str) -> None:
        if name in self._lines:
            self._progress.update(self._lines[name], description=harmless(text))
        else:
            self._lines[name] = self._progress.add_task(harmless(text), total=None)

    def _drop(self, name: str) -> None:
        if name in self._lines:
            self._progress.remove_task(self._lines.pop(name))
