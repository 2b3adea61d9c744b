"""The frozen values that travel, in the order in which they travel. No behaviour beyond that of a value; everybody may import it.

    Source -> Request -> Page | Moved | Miss -> Extraction => Walk -> Verdict -> Delta -> Change -> str

All are picklable, so that a request can be answered by a thread, a process or another machine.
Moments are text, `2018-06-20T09:30:00.000Z` (UTC, milliseconds): what is compared in Python is what stands in SQLite.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

# -- moments -------------------------------------------------------------------------------------


def stamp(epoch: float) -> str:
    """Seconds since 1970 -> `2018-06-20T09:30:00.000Z`."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch(moment: str) -> float:
    """`2018-06-20T09:30:00.000Z` -> seconds since 1970."""
    return datetime.fromisoformat(moment).timestamp()


# -- what is configured: Source -------------------------------------------------------------------


class Text(StrEnum):
    """Which text of an element is meant."""

    ALL = "all"
    OWN = "own"  # its own text nodes, not those of its children
    BEFORE = "before"  # the text nodes just before it, beside it
    AFTER = "after"  # the text nodes just after it, beside it


class Origin(StrEnum):
    """Where a text is looked for."""

    ITEM = "item"
    HEADING = "heading"  # the nearest such element before the item
    PAGE = "page"  # anywhere on the page
    URL = "url"  # the page's own address


@dataclass(frozen=True, slots=True)
class Way:
    """One way of reading a field from an item: select, take text or an attribute, match, mend, date.

    `css` "" is the item itself; `css` None needs a `value`, a `template`, a `join` or the page's url.
    """

    css: str | None = None
    attr: str | None = None
    text: Text = Text.ALL
    match: str | None = None
    group: str | int | None = None  # None: the group named after the field, else the first group, else the whole match
    replace: tuple[tuple[str, str], ...] = ()
    value: str | None = None
    template: str | None = None  # "{number}-{title}", of fields read before; "{text}" is what this way itself caught
    format: tuple[str, ...] = ()  # date only: strptime forms, or words as "iso" and "unix"
    origin: Origin = Origin.ITEM
    join: tuple[Way, ...] = ()  # parts of the text, with a blank between them, in place of `css`
    language: str | None = None  # date only: of the names of months, if another than the source's
    timezone: str | None = None  # date only: where the day is meant, of which a text gives the moment


@dataclass(frozen=True, slots=True)
class Field:
    """How one field is read: the first way that yields something wins."""

    name: str
    ways: tuple[Way, ...]
    optional: bool = False  # False: a page on which it is empty throughout is not believed


@dataclass(frozen=True, slots=True)
class Skip:
    """Items that are no entries: those that hold `css` (any, if None) and whose text matches `match` (any, if None)."""

    css: str | None = None
    match: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """One make of a page. It reads a page when `guard` is found on it (no guard: always).

    An item is the element that `item` finds; with `until` also its next siblings, up to one that `until` or `item` finds;
    with `rows` so many siblings, itself included.
    """

    name: str
    item: str
    fields: tuple[Field, ...]
    guard: str | None = None
    skip: tuple[Skip, ...] = ()
    require: tuple[str, ...] = ()  # an item without these fields is no entry
    until: str | None = None
    rows: int = 1


@dataclass(frozen=True, slots=True)
class KeyRule:
    """What makes an entry that entry. `parts` are names of fields, joined; `match` picks a site's own id out of them."""

    parts: tuple[str, ...] = ("link",)
    match: str | None = None


class Strategy(StrEnum):
    """How a listing goes on."""

    SINGLE = "single"
    NEXT = "next"
    URL = "url"


@dataclass(frozen=True, slots=True)
class Paging:
    """`next`: a selector of the link to the next page (none: a feed says it itself). `url`: an address with {page} or {offset}.

    The first page is always the source's own url; page n of `url` has {page} = start + n - 1, {offset} = (n - 1) * step.
    """

    strategy: Strategy = Strategy.SINGLE
    next: str | None = None
    url: str | None = None
    start: int = 1  # the number that the site gives its first page
    step: int = 10  # entries a page


@dataclass(frozen=True, slots=True)
class Feed:
    """How a feed (RSS, Atom, JSON Feed) is read: nothing in it has to be selected."""

    timezone: str = "UTC"  # of the day that a moment falls on
    extra: tuple[str, ...] = ("author",)  # what of an item is kept besides the five fields: names of FEED_EXTRA


# What an item of a feed may say besides category, title, date, summary and link.
FEED_EXTRA = ("author", "id", "updated", "enclosure", "comments", "rights")


@dataclass(frozen=True, slots=True)
class Reading:
    """All that decides what a page says: with the same Reading and the same bytes, the same Extraction."""

    layouts: tuple[Layout, ...]
    key: KeyRule = KeyRule()
    language: str = "en"
    timezone: str | None = None  # of the days that moments are of; None: as printed, Unix seconds in UTC
    must_contain: str | None = None
    next: str | None = None  # Paging.next, for the hand that reads the page
    feed: Feed | None = None  # it is a feed, and has no layouts


@dataclass(frozen=True, slots=True)
class Follow:
    """What is taken from the page of an entry's own, the one that its link leads to."""

    reading: Reading  # one layout, whose one item is the page
    names: tuple[str, ...]  # of the fields, in their order
    every: float = 2_592_000.0  # seconds between two visits to the same page
    limit: int = 50  # pages in one walk


@dataclass(frozen=True, slots=True)
class Limits:
    """Up to where a walk may differ from what is usual without being doubted. Shares are 0 to 1; 1: never doubted for it."""

    fewer: float = 0.5  # of the usual number of entries; a complete walk that shows fewer is doubted
    missing: float = 0.25  # of the known entries may be missing at once
    edited: float = 0.34  # of the known entries may differ in one field at once
    added: float = 0.2  # of the number of known entries may come in among or behind them
    end: int = 3  # entries at the end that are missing at once


@dataclass(frozen=True, slots=True)
class Source:
    """One listing, as its block in selectors.toml declares it."""

    name: str
    title: str
    url: str
    reading: Reading
    paging: Paging = Paging()
    max_pages: int = 50
    delay: float = 5.0  # seconds between the starts of two requests to the host, at least
    max_delay: float = 60.0  # a longer Crawl-delay is not waited for: the host is left alone
    every: float = 43_200.0  # seconds between two visits
    newest_first: bool = False  # so a walk may stop where nothing is new any more
    full_every: float = 2_592_000.0  # seconds; then a walk of such a listing goes to the end all the same
    confirm_gone: int = 2  # covering walks that must miss an entry before it is gone
    doubt: Limits = Limits()
    hosts: tuple[str, ...] = ()  # other hosts that its pages and redirects may lead to
    robots_ignored: str | None = None  # the reason, if robots.txt is not obeyed
    follow: Follow | None = None
    recipe: str = ""  # digest of what decides the fold: reading, paging, confirm_gone, doubt, newest_first, follow
    settings: str = "{}"  # the block itself, as JSON, for the log


# -- what is asked: Request -----------------------------------------------------------------------


Signals = tuple[tuple[str, str], ...]
"""Opt-out signals, where they stand and what they say: ("x-robots-tag", "noarchive"), ("meta:robots", "nofollow"),
("robots.txt:content-signal", "ai-train=no"). A name without a place is that of a header."""

Window = tuple[int, int]  # minutes of a UTC day, from and to; over midnight, if the second is not later


class Purpose(StrEnum):
    PAGE = "page"
    ROBOTS = "robots"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer that is provably whole. It does not know where it came from: the network, a 304, the archive, a file."""

    asked: str  # the url that the walk asked for
    url: str  # the url that answered, after redirects: links are relative to it
    fetched_at: str
    body: bytes
    digest: str  # sha256 of body, hexadecimal
    status: int = 200
    content_type: str | None = None  # as sent, parameters included
    etag: str | None = None
    last_modified: str | None = None
    fresh: bool = True  # False: a 304, the body is the remembered one
    wire_bytes: int = 0
    elapsed: float = 0.0  # seconds since the request was sent
    signals: Signals = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One GET that somebody wants. A retry and each hop of a redirect are requests of their own."""

    url: str
    asked: str  # the url that the walk asked for; differs from url after a redirect
    purpose: Purpose = Purpose.PAGE
    source: str | None = None  # None: robots.txt, which is asked for a host
    walk: int | None = None
    number: int = 0  # of the page in its walk, from 1
    again: int = 0  # the number of the page that this asks for once more, at the end of a walk
    detail: bool = False  # an entry's own page, which is no page of the listing
    tries: int = 1
    hops: int = 0
    remembered: Page | None = None  # the stored page of `url`, for validators and for a 304
    feed: bool = False  # its source is a feed


class Why(StrEnum):
    """Why a page was missed. The table TRANSIENT in plan/agenda.py says which are worth another try."""

    STATUS = "status"  # an answer that is no page (4xx, 5xx, odd)
    NETWORK = "network"  # no connection, a reset, a broken protocol
    TLS = "tls"
    NAME = "name"  # the host name does not resolve
    DEADLINE = "deadline"  # the fetch as a whole took too long
    TOO_LARGE = "too-large"
    TRUNCATED = "truncated"  # not provably whole
    CODING = "coding"  # an unknown or broken content coding
    ADDRESS = "address"  # not an address that may be reached
    REDIRECT = "redirect"  # too many hops, no location, another site, https to http
    ROBOTS = "robots"  # robots.txt forbids it
    ROBOTS_UNREACHABLE = "robots-unreachable"  # so nothing is asked (RFC 9309 section 2.3.1.4)
    TOO_SLOW_WANTED = "crawl-delay"  # robots.txt wants a longer pause than max_delay
    NOT_BEFORE = "not-before"  # the host asked for a pause longer than a run waits
    HOST_CLOSED = "host-closed"  # too many failures in a row on this host
    UNREADABLE = "unreadable"  # bytes that must not reach the parser
    LOST = "lost"  # the hand that should fetch it died
    UNASKED = "unasked"  # replay: this walk never asked for that page


@dataclass(frozen=True, slots=True)
class Miss:
    """Expected trouble, as a value. `detail` is for people: the number, the usual number, the place."""

    asked: str
    url: str
    why: Why
    detail: str
    fetched_at: str
    status: int | None = None
    retry_after: float | None = None  # seconds from now, as the server wished
    wire_bytes: int = 0
    elapsed: float = 0.0
    sent: bool = True  # False: no packet left, it is no request of the ledger


@dataclass(frozen=True, slots=True)
class Moved:
    """An answer that points elsewhere. The agenda decides whether to follow."""

    asked: str
    url: str
    location: str  # absolute
    status: int
    fetched_at: str
    retry_after: float | None = None
    wire_bytes: int = 0
    elapsed: float = 0.0


Outcome = Page | Moved | Miss


class Rules(Protocol):
    """What robots.txt says to us. Made by fetch/robots.py, asked by plan/agenda.py."""

    @property
    def closed(self) -> str | None:
        """Why nothing may be asked at all, or None."""

    @property
    def delay(self) -> float | None:
        """Seconds between two requests (Crawl-delay, Request-rate; the slower), or None."""

    @property
    def windows(self) -> tuple[Window, ...]:
        """When it may be asked (Visit-time): in any of them; at any time, if there are none."""

    def allows(self, url: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Manners:
    """How every request of a run presents itself and what it may cost. The same for all sources."""

    user_agent: str
    from_: str | None = None  # From: header
    allow: frozenset[str] = frozenset()  # host:port pairs that are not global unicast and may be reached all the same
    deadline: float = 60.0  # seconds for one fetch: connect, headers, body
    max_wire: int = 10 * 2**20  # bytes of body as sent
    max_body: int = 10 * 2**20  # bytes of body after content decoding
    max_headers: int = 100 * 2**10
    proxy: str | None = None


# -- what it is made of: Node ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One element of a parsed page, as a plain value; text stands among its children. No two nodes are equal."""

    tag: str
    attributes: Mapping[str, str]
    children: tuple[Node | str, ...] = ()


# -- what it says: Extraction ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Content:
    """What an entry says, as printed. None: the page has no such element; "": it is there and blank."""

    category: str | None = None
    title: str | None = None
    date: str | None = None  # ISO 8601, may be partial: 2018-06
    date_text: str | None = None
    summary: str | None = None
    link: str | None = None  # absolute, http(s)
    extra: tuple[tuple[str, str | None], ...] = ()  # the source's own fields, by name


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as one page shows it."""

    key: str
    content: Content
    number: int | None = None  # as printed; None: its place in the listing counts
    weak: bool = False  # the key had to be made of title and date


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one page says under one Reading."""

    rows: tuple[Row, ...] = ()
    layout: str | None = None  # the one that read it; None: no guard held
    must_contain: bool = True  # the source's marker was found (or none is declared)
    next_url: str | None = None  # absolute
    items: int = 0  # elements that `item` matched
    dropped: tuple[str, ...] = ()  # for each item that is no entry: why
    trouble: str | None = None  # the bytes are no HTML page at all (a feed, JSON, nothing): in words
    signals: Signals = ()  # those that stand in the page, which run/visit.py adds to those of the headers
    hint: str | None = None  # no entry was found: what the page seems to be instead, in words


@dataclass(frozen=True, slots=True)
class Visit:
    """What a hand brings back."""

    outcome: Outcome
    extraction: Extraction | None = None  # with a Page only


# -- what a walk saw: Walk ------------------------------------------------------------------------


class End(StrEnum):
    """Why a walk stopped."""

    LISTING = "listing"  # the listing's own end
    LIMIT = "limit"  # max_pages
    EARLY = "early"  # a quick walk, where nothing was new any more; the log says `limit`, and after which page
    MOVED = "moved"  # the listing moved while it was read; the log says how the walk itself ended
    MISS = "miss"
    REFUSED = "refused"  # robots.txt, or a host that may not be asked now
    DOUBT = "doubt"  # a page that is not the listing: judged by extract/doubt.py
    CUT = "cut"  # killed, and not resumed
    LEFTOVER = "leftover"  # replay: the walk has stored pages that today's paging does not come to


@dataclass(frozen=True, slots=True)
class Ended:
    why: End
    reason: str  # in words


@dataclass(frozen=True, slots=True)
class Sight:
    """One page of a walk, read: its place in the log and what it says."""

    number: int
    page: int  # id in the log
    at: str
    extraction: Extraction


@dataclass(frozen=True, slots=True)
class Walk:
    """One visit to one source, from the first page to its end."""

    id: int
    source: str
    started: str
    finished: str
    sights: tuple[Sight, ...]  # a page that was asked for again and had moved is several, with one number
    ended: Ended
    still: tuple[int, ...] = ()  # pages that were asked for again, and said the same


# -- what it means: Verdict, Delta, Change --------------------------------------------------------


class Coverage(StrEnum):
    """What a walk proved to have looked at."""

    COMPLETE = "complete"
    PREFIX = "prefix"
    UNSTABLE = "unstable"
    CUT = "cut"
    DOUBTED = "doubted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Usual:
    """What the last complete, believed walks of a source were like: the measure for doubt."""

    entries: int  # at least
    pages: int  # at least
    fills: tuple[tuple[str, float], ...]  # field -> share of entries in which it was filled at least, 0 to 1
    shows: tuple[tuple[int, ...], ...] = ()  # `Verdict.shows` of each

    @property
    def length(self) -> int | None:
        """How many entries the last of them showed."""
        return sum(self.shows[-1]) if self.shows else None


@dataclass(frozen=True, slots=True)
class Verdict:
    walk: int
    coverage: Coverage
    reason: str
    doubts: tuple[str, ...] = ()
    entries: int = 0
    pages: int = 0
    fills: tuple[tuple[str, float], ...] = ()
    warnings: tuple[str, ...] = ()
    shows: tuple[int, ...] = ()  # of page 1, 2, 3 ...: the entries that none before it showed
    overlooked: int = 0  # entries, new or changed, that stand below where a quick walk stops


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a listing, as last seen."""

    id: str
    source: str
    key: str
    number: int  # as last shown
    place: int  # where it stands in the listing now, as far as is known
    content: Content
    versions: int
    first_seen: str
    last_seen: str | None  # None: not known, of an entry as it stood at an earlier moment
    missing_since: str | None = None
    missed: int = 0  # covering walks in a row that did not show it
    slid_since: str | None = None  # off the end of a rolling list: no loss
    gone_since: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One state of one entry, and where it was first seen so."""

    entry: str
    n: int
    seen_from: str
    page: int  # id in the log
    number: int
    content: Content


@dataclass(frozen=True, slots=True)
class Visited:
    """What a walk that has ended brought, for the source's habit. Moments as seconds since 1970."""

    at: float
    believed: bool = True  # it read a page at least, and was neither doubted nor refused
    brought: bool = False  # an entry was new or changed
    renewed: bool = False  # a page had bytes that had never been seen before
    unchanged: bool = False  # each of its pages was a 304


@dataclass(frozen=True, slots=True)
class Walked:
    """How far a walk went that has ended, for the next one: may it stop early?"""

    walk: int
    finished: str
    coverage: Coverage
    pages: int
    quick: bool = False  # it was allowed to stop early
    early: bool = False  # it did
    limited: int | None = None  # the max_pages at which it stopped


class Staleness(StrEnum):
    """How a source may have come to a standstill."""

    SILENT = "silent"  # it is looked at, and brings nothing
    FROZEN = "frozen"  # it is looked at, and sends the same bytes
    UNVISITED = "unvisited"  # it is not looked at, or not with success


@dataclass(frozen=True, slots=True)
class Stale:
    """A standstill of a source that is longer than its habit."""

    kind: Staleness
    since: float  # seconds since 1970
    length: float  # seconds
    usual: float | None  # seconds, the usual pause; None: too little is known
    visits: int = 0  # since then
    unchanged: int = 0  # how many of them saw 304s only

    @property
    def fails(self) -> bool:
        """Whether `--strict` minds it: only what is known to be unusual."""
        return self.usual is not None


@dataclass(frozen=True, slots=True)
class Proof:
    """The page that first said so: where in the log it is, whence and when it came, and the name of its bytes."""

    page: int  # id in the log
    walk: int | None
    number: int  # of the page in its walk, from 1
    url: str
    at: str  # when its answer ended
    digest: str | None  # sha256 of its bytes
    own: bool = False  # the entry's own page, not one of the listing


@dataclass(frozen=True, slots=True)
class Covered:
    """What had been looked at of a source by some moment. Without it, absence cannot be told from silence."""

    source: str
    walk: int | None = None  # the last one that was believed by then; None: there was none
    at: str | None = None  # when it ended
    coverage: Coverage | None = None
    reason: str = ""  # why it ended, in words
    pages: int = 0
    whole_walk: int | None = None  # the last one by then that looked everywhere
    whole_at: str | None = None
    in_vain: int = 0  # walks after `walk`, by then, that saw nothing that could be believed
    next_at: str | None = None  # when the next one was that was believed


@dataclass(frozen=True, slots=True)
class Asked:
    """When an entry's own page was last asked for."""

    at: str
    walk: int
    answered: bool  # with a page, or with a plain no; else it may be there the next time


@dataclass(frozen=True, slots=True)
class Detail:
    """What an entry's own page says that is believed."""

    link: str  # as asked
    page: int  # id in the log
    at: str
    fields: tuple[tuple[str, str | None], ...]
    before: tuple[tuple[str, str | None], ...] = ()  # what it said the time before


class Kind(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened. `field`, `old` and `new` only with `changed`."""

    walk: int
    n: int  # 1, 2, 3 ... within the walk
    kind: Kind
    entry: Entry  # as it was after this walk
    at: str  # when it was first seen so; a `gone` is dated from the first walk that missed it
    field: str | None = None
    old: str | None = None
    new: str | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """What one walk changes in the fold."""

    walk: int
    entries: tuple[Entry, ...] = ()  # every entry whose row differs, as it is afterwards
    versions: tuple[Version, ...] = ()
    changes: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HostMemory:
    """What must be known of a host between two runs, so that it is never annoyed. Moments as seconds since 1970."""

    host: str
    last_request: float | None = None
    not_before: float | None = None
    streak: int = 0  # failures in a row
    interval: float = 0.0  # seconds, as last kept


@dataclass(frozen=True, slots=True)
class Report:
    """How a walk went, for the table at the end of a crawl."""

    source: str
    walk: int
    verdict: Verdict
    pages: int
    unchanged_pages: int  # 304s
    changes: tuple[Change, ...] = field(default=())
    next_due: str | None = None
    robots_ignored: str | None = None  # the reason
    own_pages: int = 0  # of its entries, that were asked for
    own_missed: int = 0  # of these, that nothing came of
    remarks: tuple[str, ...] = ()


def host_of(url: str) -> str:
    """The name that politeness counts by: the host, lower case, whatever the port and the scheme."""
    return _host(url) if len(url) <= REMEMBERED else _host.__wrapped__(url)


REMEMBERED = 300  # characters of an address at most, for the sake of memory


@lru_cache(maxsize=4096)  # a page on its way is looked at a dozen times
def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower().rstrip(".")


def authority_of(url: str) -> str:
    """`scheme://host:port`, what a robots.txt speaks for (RFC 9309 section 2.3)."""
    return _authority(url) if len(url) <= REMEMBERED else _authority.__wrapped__(url)


@lru_cache(maxsize=4096)
def _authority(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme.lower(), 0)
    return f"{parts.scheme.lower()}://{host_of(url)}:{port}"
