"""How a listing goes on: a page in, the url of the next one out, or None at the listing's end. For plan/walk.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from coopscrape.model import Extraction, Source, Strategy


def single(source: Source, number: int, extraction: Extraction) -> str | None:  # noqa: ARG001 (one shape for all strategies)
    """The listing is one page."""
    return None


def next_link(source: Source, number: int, extraction: Extraction) -> str | None:  # noqa: ARG001 (one shape for all strategies)
    """The page says itself where the next one is."""
    return extraction.next_url


def address(source: Source, number: int, extraction: Extraction) -> str | None:
    """The url of the next page is counted out. An empty page is the end."""
    return counted(source, number) if extraction.rows else None


def counted(source: Source, number: int) -> str:
    """The url of the page after page n: {page} = start + n, {offset} = n * step."""
    paging = source.paging
    if paging.url is None:
        raise ValueError(f"{source.name}: paging by url, but no url is given")
    # No str.format: a url may hold braces of its own.
    return paging.url.replace("{page}", str(paging.start + number)).replace("{offset}", str(number * paging.step))


STRATEGIES: Mapping[Strategy, Callable[[Source, int, Extraction], str | None]] = {
    Strategy.SINGLE: single,
    Strategy.NEXT: next_link,
    Strategy.URL: address,
}
