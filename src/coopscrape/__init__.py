"""coopscrape: a truthful, complete, citable record of what listing pages on the web said, when, and what changed.

    import coopscrape

    with coopscrape.open("archive.db") as archive:
        for change in archive.changes(since="2018-06-01"):
            print(change.kind, change.entry.content.title, change.field, change.old, change.new)
        listed = archive.entries(as_of="2018-06-20")  # the listing as it stood at the end of that day

The command line does nothing that cannot be done from here; both call the same functions.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coopscrape.version import __version__

if TYPE_CHECKING:
    from coopscrape.archive.read import Reader
    from coopscrape.config import Config
    from coopscrape.run.crawl import CrawlResult

__all__ = ["__version__", "crawl", "load_config", "open"]

# The imports stand in the functions: `import coopscrape`, and so `coopscrape --help`, must stay fast.


def open(archive: str | PathLike[str] = "archive.db") -> Reader:
    """An archive, read-only: `.entries(as_of=...)`, `.changes(since=...)`, `.versions(id)`, `.status()`; a context manager.

    Raises errors.ArchiveError if there is no archive there.
    """
    from coopscrape.archive.read import Reader

    return Reader.open(Path(archive))


def load_config(path: str | PathLike[str] = "selectors.toml", *, contacting: bool = False) -> Config:
    """The settings in a selectors.toml. `contacting`: somebody must be named whom the sites can ask.

    Raises errors.SettingsError, which holds all mistakes of the file.
    """
    from coopscrape.run import settings

    return settings.load_config(Path(path), contacting=contacting)


def crawl(
    config: Config | str | PathLike[str] = "selectors.toml",
    archive: str | PathLike[str] = "archive.db",
    **options: Any,
) -> CrawlResult:
    """Visit the sources that are due, politely, and write down what they say; `options` as in run.crawl.crawl.

    Raises errors.SettingsError, NotFoundError, LockedError, ArchiveError; errors.Interrupted after SIGINT or SIGTERM.
    """
    from coopscrape.config import Config
    from coopscrape.run import crawl as room

    settings = config if isinstance(config, Config) else load_config(config, contacting=True)
    return room.crawl(settings, Path(archive), **options)
