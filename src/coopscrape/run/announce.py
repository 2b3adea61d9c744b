"""Archive -> notice -> webhook. Reads the archive, not the crawl, so that a message that failed loses no change."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from coopscrape.archive.read import Reader
from coopscrape.archive.write import Writer
from coopscrape.config import Config
from coopscrape.model import Coverage, stamp
from coopscrape.notify import Notice, notice
from coopscrape.notify.send import send
from coopscrape.report.escape import said
from coopscrape.run.clock import Clock
from coopscrape.run.settings import manners
from coopscrape.version import __version__

CURSOR: Final = "notify"


def announce(config: Config, archive: Path, run: int, *, wait: bool = False) -> str | None:
    """Tell the webhook what it has not been told yet. None if there is none, or it took it; else why not, in words.

    A webhook that was added later hears from its first run on, not the whole history.
    """
    if config.webhook is None:
        return None
    with Reader.open(archive) as reader:
        told, end = reader.cursor(CURSOR), reader.end()
        changes = reader.changes(after=told) if told is not None else reader.changes(run=run)
        doubts = {
            one.source: one.verdict.doubts
            for one in reader.status()
            if one.verdict and one.verdict.coverage is Coverage.DOUBTED and not one.accepted
        }
    message = _harmless(notice(changes, doubts))
    failure = send(message, config.webhook, manners(config, __version__).user_agent) if message else None
    if failure is None:
        with Writer(archive, "notify", stamp(Clock().now()), wait=wait) as writer:
            writer.move_cursor(CURSOR, end)
        return None
    return f"notify: {failure}; what happened is in the archive, and will be told with the next run"


def _harmless(message: Notice | None) -> Notice | None:
    """It is read by people, in whatever shows it."""
    if message is None:
        return None
    return Notice(said(message.subject), tuple(map(said, message.lines)))
