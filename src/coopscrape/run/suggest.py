"""A page, from a file or asked for politely -> the source block that reads it, tried on that page. Stores no entry.

induce/ proposes, config.py checks and extract/ reads: what is shown was loaded and read as a crawl would.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from unicodedata import east_asian_width
from urllib.parse import urldefrag, urlsplit

from coopscrape.archive.write import Writer
from coopscrape.config import NEWEST_FIRST, Config, is_own, recall, url_fault
from coopscrape.errors import ArchiveError, SettingsError
from coopscrape.extract import extract, tree
from coopscrape.extract.dates import read_date, table
from coopscrape.induce import Offer, Proposal, Reads, suggest
from coopscrape.model import Extraction, Miss, Page, Reading, Request, Row, Source, host_of, stamp
from coopscrape.run.brain import Brain
from coopscrape.run.clock import Clock
from coopscrape.run.events import Listen, ignore
from coopscrape.run.hands import DEFAULT
from coopscrape.run.invocation import invocation
from coopscrape.run.settings import JUDGES, load_config, manners
from coopscrape.run.trial import page_of
from coopscrape.version import __version__

STANDARD: Final = ("title", "link", "category", "date", "summary")


@dataclass(frozen=True, slots=True)
class FieldRead:
    """One field of a suggested layout, as the page was read by it."""

    name: str
    filled: int
    sure: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A source block that was tried."""

    block: Mapping[str, Any]
    extraction: Extraction
    fields: tuple[FieldRead, ...]
    reasons: Mapping[str, str] = field(default_factory=dict)  # key of the block -> why it is so


@dataclass(frozen=True, slots=True)
class Suggested:
    """What came of looking for a listing."""

    name: str
    url: str
    outcome: Page | Miss
    suggestion: Suggestion | None = None
    offers: tuple[Offer, ...] = ()
    why_not: str | None = None  # in words, if no listing was found


# -- a page -> a suggestion ---------------------------------------------------------------------------------


def suggested(page: Page, name: str | None = None, taken: tuple[str, ...] = ()) -> Suggested:
    """`taken`: names that sources have already."""
    parsed = tree(page)
    if isinstance(parsed, str):
        return Suggested(name or "", page.url, page, why_not=parsed)
    found = suggest(parsed.root, parsed.base, page.url, reads(page.fetched_at))
    name = name or _name(page.url, found.title, taken)
    tried = (_tried(one, name, page, found.title) for one in found.proposals)
    best = next(filter(None, tried), None)
    why_not = None if best else found.otherwise
    return Suggested(name, page.url, page, best, found.offers, why_not)


def reads(at: str) -> Reads:
    """What extract/ knows of dates, for induce/."""
    return Reads(lambda text, formats, language: read_date(text, formats, language, at), tuple(table()))


def _tried(proposal: Proposal, name: str, page: Page, title: str) -> Suggestion | None:
    """None: it does not hold, or does not read a listing."""
    block = proposal.block(page.url, title)
    source = checked(name, block)
    if source is None:
        return None
    extraction = extract(page, source.reading)
    if not _is_listing(extraction.rows):
        return None
    reasons = {"key": proposal.key_why, "pages": proposal.pages.why if proposal.pages else "no link leads on"}
    if proposal.pages and "next" in proposal.pages.setting and extraction.next_url != proposal.pages.next_url:
        block, reasons = {**block, "pages": "single"}, {**reasons, "pages": "no link leads on"}
    if block["pages"] != "single" and _descends(extraction.rows):
        block = {
            **{key: value for key, value in block.items() if key != "layouts"},
            "order": NEWEST_FIRST,
            "layouts": block["layouts"],
        }
        reasons["order"] = "the dates descend: a visit may stop where nothing is new"
    return Suggestion(block, extraction, tuple(_fields(proposal, extraction.rows)), reasons)


def checked(name: str, block: Mapping[str, Any]) -> Source | None:
    """The source, if its block holds."""
    try:
        return recall(name, json.dumps(block), JUDGES)
    except ArchiveError:
        return None


DESCENDING: Final = 5  # dated entries, from which on their order is no chance


def _descends(rows: tuple[Row, ...]) -> bool:
    """Every entry has a whole date, none is newer than the one above it, and they are not all of one day."""
    dates = [row.content.date or "" for row in rows]
    whole = len(dates) >= DESCENDING and all(len(day) == 10 for day in dates)
    return whole and dates == sorted(dates, reverse=True) and dates[0] != dates[-1]


LONG_TITLE: Final = 16  # characters, on average: what leads through a site is called more shortly


def _is_listing(rows: tuple[Row, ...]) -> bool:
    """Not a menu: entries are dated, or have titles of some length; and they are not all called the same."""
    titles = [row.content.title or "" for row in rows]
    dated = sum(row.content.date is not None for row in rows)
    if len(rows) < 2 or len(set(titles)) < 0.6 * len(titles) or sum(map(bool, titles)) < 0.9 * len(titles):
        return False
    linked = sum(row.content.link is not None for row in rows)
    long = sum(map(_width, titles)) / len(titles) >= LONG_TITLE
    return dated >= 0.5 * len(rows) or (len(rows) >= 3 and long and linked >= 0.5 * len(rows))


def _width(title: str) -> int:
    """A letter of Chinese, Japanese or Korean says as much as two."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in title)


def _fields(proposal: Proposal, rows: tuple[Row, ...]) -> list[FieldRead]:
    """Surer where it is filled in all, its elements are alike, and (title, link) each entry has its own."""
    read = []
    for name in (one for one in STANDARD if one in proposal.layout):
        values = [value for row in rows if (value := getattr(row.content, name))]
        wanted = len(values) / len(rows) if name in ("title", "link", "date") else 1.0
        own = len(set(values)) / max(1, len(values)) if name in ("title", "link") else 1.0
        read.append(FieldRead(name, len(values), round(wanted * own * proposal.agreement.get(name, 1.0), 2)))
    return read


# -- what it is called ----------------------------------------------------------------------------------------

_NOTHING_SAID = "www www2 web com org net int edu gov co ac index html htm php aspx default en lang"
_SAYING_NOTHING: Final = frozenset(_NOTHING_SAID.split())


def _name(url: str, title: str, taken: tuple[str, ...]) -> str:
    """`https://www.ilo.org/resource/news` -> `ilo-news`; with a number, if there is one already."""
    host = [part for part in host_of(url).split(".") if part not in _SAYING_NOTHING]
    path = [
        part for part in re.split(r"[^A-Za-z0-9]+", urlsplit(url).path) if part and part.lower() not in _SAYING_NOTHING
    ]
    words = re.findall(r"[A-Za-z0-9]+", title.lower())[:2]
    site = host[0] if host and not host[0].isdigit() else "site"
    last = next((part for part in reversed(path) if not part.isdigit()), None) or "-".join(words)
    name = re.sub(r"[^a-z0-9-]+", "-", f"{site}-{last}".lower()).strip("-")[:40].strip("-") or "listing"
    numbers = (f"{name}-{n}" for n in range(2, 10_000))
    return name if name not in taken else next(one for one in numbers if one not in taken)


# -- where the page comes from ---------------------------------------------------------------------------------


def suggest_file(config: Config | None, path: Path, url: str | None = None, name: str | None = None) -> Suggested:
    """Raises NotFoundError if the file cannot be read, SettingsError for an address or a name that is none."""
    where = _address(url) if url else "https://www.example.org/"
    return suggested(page_of(path, where), _free(config, name), tuple(config.sources) if config else ())


def suggest_url(
    config: Config,
    archive: Path,
    url: str,
    name: str | None = None,
    *,
    wait: bool = False,
    listen: Listen = ignore,
    clock: Clock | None = None,
) -> Suggested:
    """Ask for the page as politely as a crawl would. Raises SettingsError, LockedError, ArchiveError, Interrupted."""
    clock = clock or Clock()
    url, name = _address(url), _free(config, name)
    came: list[Page | Miss] = []
    command = f"suggest {url}"
    by = Source("suggest", "suggest", url, Reading(layouts=()), delay=0.0 if is_own(url, config.allow) else 5.0)
    by = next(
        (
            replace(one, name=by.name, url=url, reading=by.reading)
            for one in config.sources.values()
            if host_of(one.url) == host_of(url)
        ),
        by,
    )
    with Writer(archive, command, stamp(clock.now()), wait=wait) as writer, invocation(writer, command, clock):
        brain = Brain(writer, {**config.sources, by.name: by}, manners(config, __version__), DEFAULT, listen, clock)
        brain.want(Request(url=url, asked=url, source=by.name, number=1))
        brain.work(lambda _request, outcome, _extraction, _page: came.append(outcome))
        writer.finish_run("ok" if isinstance(came[0], Page) else "failed", stamp(clock.now()))
    outcome = came[0]
    if isinstance(outcome, Miss):
        return Suggested(name or "", url, outcome)
    return suggested(outcome, name, tuple(config.sources))


def _address(url: str) -> str:
    url = urldefrag(url).url
    if fault := url_fault(url):
        raise SettingsError([f"{url}: expected {fault}"])
    return url


def _free(config: Config | None, name: str | None) -> str | None:
    if name is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", name):
        raise SettingsError([f"--name: a source's name is made of letters, digits, '-', '_' and '.', not {name!r}"])
    if config is not None and name in config.sources:
        raise SettingsError([f"{config.path}: there is a source {name!r} already; say another --name"])
    return name


# -- into the file ------------------------------------------------------------------------------------------------


def append(path: Path, text: str) -> None:
    """Behind what stands in the file, which stays as it is, byte for byte. Written beside, loaded, then renamed.

    Raises SettingsError: the file, or the file with this, does not hold; nothing was written.
    """
    load_config(path)
    before = path.read_bytes()
    gap = b"" if not before or before.endswith(b"\n\n") else b"\n" if before.endswith(b"\n") else b"\n\n"
    write_settings(path, before + gap + text.encode())


WRITABLE: Final = 0o222  # by whom ever


def write_settings(path: Path, content: bytes) -> None:
    """The old file or the new one, never half, and never one that does not hold."""
    try:
        target = path.resolve()
        if not target.stat().st_mode & WRITABLE:
            raise SettingsError(
                [f"{path}: is read-only, so nothing was written; make it writable, or add the text by hand"]
            )
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as beside:
            beside.write(content)
            beside.flush()
            os.fsync(beside.fileno())
        try:
            load_config(Path(beside.name))
            os.chmod(beside.name, target.stat().st_mode)
            os.replace(beside.name, target)
        except BaseException:
            os.unlink(beside.name)
            raise
    except OSError as error:
        raise SettingsError([f"{path}: cannot be written: {error.strerror}"]) from error
