"""A page, from a file or asked for politely -> what each selector catches on it. Stores no entry and no walk.

A page that is asked for is a request like any other: it is in the ledger, keeps the host's interval, obeys robots.txt.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urldefrag

from coopscrape.archive.write import Writer
from coopscrape.config import Config, url_fault
from coopscrape.errors import NotFoundError, SettingsError
from coopscrape.extract import Explanation, explain, extract
from coopscrape.model import Entry, Extraction, Miss, Page, Request, Source, Usual, host_of, stamp
from coopscrape.run.brain import Brain
from coopscrape.run.clock import Clock
from coopscrape.run.events import Listen, ignore
from coopscrape.run.fold import Stepper, judge
from coopscrape.run.hands import DEFAULT
from coopscrape.run.invocation import invocation
from coopscrape.run.settings import chosen, manners
from coopscrape.version import __version__


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying one page."""

    source: str
    url: str
    outcome: Page | Miss
    extraction: Extraction | None = None  # with a Page only
    explanation: Explanation | None = None
    doubts: tuple[str, ...] = ()  # for which a crawl would not believe it, were it the only page
    robots_ignored: str | None = None  # the reason, if it was asked for without regard to robots.txt


def try_file(config: Config, path: Path, source: str | None = None, url: str | None = None) -> Trial:
    """Read a saved page. Without `source`, by the one that finds most entries; `url`: where the page came from.

    Raises NotFoundError if the file cannot be read, for an unknown source, or if none was named and none finds an entry.
    """
    saved = page_of(path, url or "")
    candidates = chosen(config, [source] if source else [])
    trials = [_read(one, replace(saved, asked=url or one.url, url=url or one.url)) for one in candidates]
    best = max(trials, key=lambda trial: len(trial.extraction.rows) if trial.extraction else 0)
    unread = best.extraction is not None and best.extraction.trouble is None and not best.extraction.rows
    if source is None and url is None and unread:
        names = ", ".join(one.name for one in candidates)
        hint = f"; {best.extraction.hint}" if best.extraction and best.extraction.hint else ""
        raise NotFoundError(
            f"{path}: no source in {config.path} finds an entry in it{hint}. To see why, say whose selectors: "
            f"--source NAME (it has: {names}); to have some proposed: coopscrape suggest {path}"
        )
    return best


def page_of(path: Path, url: str) -> Page:
    """A saved page, as if `url` had answered with it. Raises NotFoundError if the file cannot be read."""
    try:
        body = path.read_bytes()
        at = stamp(path.stat().st_mtime)
    except OSError as error:
        raise NotFoundError(f"{path}: cannot be read: {error.strerror}") from error
    kind = mimetypes.guess_type(path.name)[0]
    digest = hashlib.sha256(body).hexdigest()
    return Page(asked=url, url=url, fetched_at=at, body=body, digest=digest, content_type=kind)


def _read(source: Source, page: Page, known: Mapping[str, Entry] = {}, usual: Usual | None = None) -> Trial:
    extraction = extract(page, source.reading)
    doubts = _doubts(source, page, extraction, known, usual)
    return Trial(source.name, page.url, page, extraction, explain(page, source.reading), doubts)


def _doubts(
    source: Source, page: Page, extraction: Extraction, known: Mapping[str, Entry], usual: Usual | None
) -> tuple[str, ...]:
    """As a crawl of one page judges it."""
    stepper = Stepper(source, 0, page.fetched_at, max_pages=1)
    stepper.step(page, extraction, 0)
    return judge(source, stepper.finished(page.fetched_at), known, usual, accepted=False).verdict.doubts


def try_url(
    config: Config,
    archive: Path,
    what: str,
    source: str | None = None,
    *,
    hands: str | Executor = DEFAULT,
    wait: bool = False,
    listen: Listen = ignore,
    clock: Clock | None = None,
) -> Trial:
    """Ask for one page: the first of a source, or a url with the selectors of the source that it belongs to.

    Raises SettingsError, NotFoundError, LockedError (a crawl is asking), ArchiveError, Interrupted.
    """
    clock = clock or Clock()
    by, url = _meant(config, what, source)
    came: list[Page | Miss] = []
    command = f"try {what}"
    with Writer(archive, command, stamp(clock.now()), wait=wait) as writer, invocation(writer, command, clock):
        brain = Brain(writer, config.sources, manners(config, __version__), hands, listen, clock)
        brain.want(Request(url=url, asked=url, source=by.name, number=1))
        brain.work(lambda _request, outcome, _extraction, _page: came.append(outcome))
        writer.finish_run("ok" if isinstance(came[0], Page) else "failed", stamp(clock.now()))
        # What another page showed, or other settings read, is no measure.
        comparable = url == by.url and writer.folded(by.name) == by.recipe
        remembered = (writer.known(by.name), writer.usual(by.name)) if comparable else ()
    outcome = came[0]
    trial = _read(by, outcome, *remembered) if isinstance(outcome, Page) else Trial(by.name, url, outcome)
    return replace(trial, robots_ignored=by.robots_ignored)


def _meant(config: Config, what: str, source: str | None) -> tuple[Source, str]:
    """Whose selectors, and which url."""
    if "://" not in what:
        one = chosen(config, [what])[0]
        return one, one.url
    what = urldefrag(what).url if "#" in what else what
    if fault := url_fault(what):
        raise SettingsError([f"{what}: expected {fault}"])
    if source:
        return chosen(config, [source])[0], what
    found = _on_host(chosen(config, []), what)
    if not found:
        names = ", ".join(config.sources)
        raise NotFoundError(
            f"{what}: no source in {config.path} is on {host_of(what)}; say whose selectors: --source ({names}); "
            f"to have some proposed: coopscrape suggest {what}"
        )
    return found[0], what


def _on_host(sources: Sequence[Source], url: str) -> list[Source]:
    """The sources on the host of a url, the one with the longest common start first."""
    same = [one for one in sources if host_of(one.url) == host_of(url)]
    return sorted(same, key=lambda one: -_common(one.url, url))


def _common(a: str, b: str) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
