"""The pages of one source, in order: requests out, visits in, the end at last. No I/O: any source of pages will do."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urldefrag

from coopscrape import canon
from coopscrape.model import End, Ended, Extraction, Miss, Page, Reading, Request, Row, Source, Strategy, Visit, Why
from coopscrape.plan.pagination import STRATEGIES, counted
from coopscrape.plan.site import objection

# Nobody failed: the host, its robots.txt or our own manners say that it may not be asked (now).
REFUSALS = frozenset({Why.ROBOTS, Why.ROBOTS_UNREACHABLE, Why.TOO_SLOW_WANTED, Why.NOT_BEFORE, Why.HOST_CLOSED})

# Two pages that say the same in so many entries or more, all different, are one page. Listings repeat a title or two.
TELLING = 3

# What forbids to follow links, and where it may stand; whom it is said to, and which directives have a colon of their own.
SPOKEN = {
    "x-robots-tag": "X-Robots-Tag",
    "meta:robots": '<meta name="robots">',
    "meta:coopscrape": '<meta name="coopscrape">',
}
NOFOLLOW = frozenset({"nofollow", "none"})
MEANT = frozenset({"", "*", "robots", "coopscrape"})
VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})

Said = tuple[tuple[object, ...], ...]


Enough = Callable[[Sequence[Extraction]], bool]  # pages in, whether the next one is worth a request out


def walk(
    source: Source, walk_id: int | None = None, max_pages: int | None = None, enough: Enough | None = None
) -> Generator[Request, Visit, Ended]:
    """Send each Request's Visit back in: a Page with its Extraction, or a Miss; redirects were followed before.

    `enough`: the walk may stop before the end of the listing, where this says so.
    """
    limit = source.max_pages if max_pages is None else max_pages
    seen, number, url = _Seen(), 1, source.url
    pages: list[Extraction] = []
    while True:
        visit = yield Request(url=url, asked=url, source=source.name, walk=walk_id, number=number)
        if 1 < number < limit and (absent := _absent(source, visit)):
            url = counted(source, number)
            beyond = yield Request(url=url, asked=url, source=source.name, walk=walk_id, number=number + 1)
            return _beyond(source, number, absent, beyond)
        after = _after(source, number, limit, visit, seen)
        pages += [visit.extraction] if visit.extraction and enough else []
        if enough and _goes_on(after) and enough(pages):
            return Ended(End.EARLY, f"{source.name} page {number}: nothing is new on the last pages, so it stops early")
        if isinstance(after, Ended):
            return after
        number, url = number + 1, after


def _goes_on(after: str | Ended) -> bool:
    """There is more of the listing, whether or not the walk may see it."""
    return isinstance(after, str) or after.why is End.LIMIT


def _absent(source: Source, visit: Visit) -> Miss | None:
    """A counted page that is said not to exist, as many sites say of the one past their last."""
    miss = visit.outcome
    counts = source.paging.strategy is Strategy.URL
    return miss if counts and isinstance(miss, Miss) and miss.status in (404, 410) else None


def _beyond(source: Source, number: int, absent: Miss, beyond: Visit) -> Ended:
    """The page after an absent one tells the listing's end from a hole in it."""
    if _absent(source, beyond):
        words = f"answered {absent.status}, and so did page {number + 1}, so page {number - 1} was the last"
        return Ended(End.LISTING, f"{source.name} page {number}: {words}")
    missed = _missed(source, number, absent)
    return Ended(missed.why, f"{missed.reason}; but page {number + 1} is no such page")


@dataclass(slots=True)
class _Seen:
    """What the pages of this walk have shown so far. Bounded by max_pages."""

    urls: set[str | None] = field(default_factory=set)
    rows: set[tuple[str, str | None]] = field(default_factory=set)
    pages: dict[Said, int] = field(default_factory=dict)  # what each said, links apart -> its number

    def add(self, number: int, page: Page, extraction: Extraction) -> None:
        self.urls |= {canon.link(page.asked), canon.link(page.url)}
        self.rows |= _shown(extraction.rows)
        self.pages.setdefault(_said(extraction.rows), number)

    def shows(self, extraction: Extraction) -> bool:
        return _shown(extraction.rows) <= self.rows


def _shown(rows: tuple[Row, ...]) -> set[tuple[str, str | None]]:
    """Key and title: some sites key all their rows alike, and some repeat titles."""
    return {(row.key, row.content.title) for row in rows}


def _said(rows: tuple[Row, ...]) -> Said:
    """What a page says, links apart."""
    return tuple((c.title, c.date_text, c.category, c.summary, c.extra) for c in (row.content for row in rows))


def _after(source: Source, number: int, limit: int, visit: Visit, seen: _Seen) -> str | Ended:
    """The url of the next page, or why there is none."""
    if isinstance(visit.outcome, Miss):
        return _missed(source, number, visit.outcome)
    if not isinstance(visit.outcome, Page) or visit.extraction is None:
        raise TypeError(
            f"{source.name} page {number}: a walk is sent a Miss, or a Page with its Extraction, not {visit!r}"
        )
    page, extraction = visit.outcome, visit.extraction
    words = unlike(extraction, source.reading)
    doubtful = Ended(End.DOUBT, f"{source.name} page {number}: {words}") if words else None
    if ended := doubtful or _over(source, number, page, extraction, seen):
        return ended
    seen.add(number, page, extraction)
    return _onward(source, number, limit, page, extraction, seen)


def _missed(source: Source, number: int, miss: Miss) -> Ended:
    """A refusal after the first page is a miss all the same: what came before has been read."""
    why = End.REFUSED if number == 1 and miss.why in REFUSALS else End.MISS
    return Ended(why, f"{source.name} page {number}: {miss.why}: {miss.detail}")


def unlike(extraction: Extraction, reading: Reading) -> str | None:
    """Why a page is not the listing, in words. Such a page proves nothing, not even the listing's end."""
    if extraction.trouble:
        return extraction.trouble
    if not extraction.must_contain:
        return f"must_contain {reading.must_contain!r} was not found"
    return f"no layout of {len(reading.layouts)} reads it" if extraction.layout is None else None


def _over(source: Source, number: int, page: Page, extraction: Extraction, seen: _Seen) -> Ended | None:
    """The listing's own end, when it shows only on the page beyond it."""
    if number == 1:
        return None
    if not extraction.rows:
        return Ended(End.LISTING, f"{source.name} page {number}: no entries, so page {number - 1} was the last")
    if {canon.link(page.asked), canon.link(page.url)} & seen.urls:
        return Ended(End.LISTING, f"{source.name} page {number}: {page.url} was seen before")
    if seen.shows(extraction):
        count = len(extraction.rows)
        return Ended(End.LISTING, f"{source.name} page {number}: all its {count} entries were shown by earlier pages")
    said = _said(extraction.rows)
    if said in seen.pages and len(set(said)) == len(said) >= TELLING:
        words = f"it says what page {seen.pages[said]} said, under other links: is a token part of each link?"
        return Ended(End.DOUBT, f"{source.name} page {number}: {words}")
    return None


def _onward(source: Source, number: int, limit: int, page: Page, extraction: Extraction, seen: _Seen) -> str | Ended:
    url = STRATEGIES[source.paging.strategy](source, number, extraction)
    if url is None:
        return Ended(End.LISTING, f"{source.name} page {number}: no further page")
    if canon.link(url) in seen.urls:
        return Ended(End.LISTING, f"{source.name} page {number}: its next page {url} was seen before")
    if words := objection(source, _said_by(source, page), url):
        return Ended(End.MISS, f"{source.name} page {number}: its next page is not followed: {words}")
    if signal := next(nofollow(page), None):
        return Ended(End.LIMIT, f"{source.name} page {number}: {signal}, so paging stops")
    if number >= limit:
        return Ended(End.LIMIT, f"{source.name} page {number}: max_pages = {limit} reached, and there is a next page")
    return urldefrag(url).url


def _said_by(source: Source, page: Page) -> str:
    """A link is the page's word, a counted url is the settings': each must not lead from its own https to http."""
    return page.url if source.paging.strategy is Strategy.NEXT else source.url


def nofollow(page: Page) -> Iterator[str]:
    """Where a page says to us that its links must not be followed, in words."""
    for name, value in page.signals:
        if where := SPOKEN.get(name.lower()):
            yield from (f"{where} says {directive}" for directive in _directives(value) if directive in NOFOLLOW)


def _directives(value: str) -> Iterator[str]:
    """`noindex, googlebot: nofollow, noarchive`: what is said to us. A name with a colon is meant from there on."""
    agent = ""
    for part in value.lower().split(","):
        name, colon, rest = part.partition(":")
        if colon and name.strip() not in VALUED:
            agent, name = name.strip(), rest
        if agent in MEANT:
            yield name.strip()
