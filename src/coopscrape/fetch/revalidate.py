"""A remembered Page in, out the validators to ask with, and what a 304 makes of it (RFC 9110 section 13). Pure."""

from __future__ import annotations

from dataclasses import replace

from coopscrape.model import Page, Request


def validators(remembered: Page | None) -> dict[str, str]:
    """The request headers that let a server answer 304, with its own words, verbatim. {}: it has to send the body."""
    if remembered is None:
        return {}
    headers = {"If-None-Match": remembered.etag, "If-Modified-Since": remembered.last_modified}
    return {name: value for name, value in headers.items() if value and _can_be_sent(value)}


def revived(
    remembered: Page,
    request: Request,
    *,
    fetched_at: str,
    elapsed: float,
    wire_bytes: int = 0,
    etag: str | None = None,
    last_modified: str | None = None,
    signals: tuple[tuple[str, str], ...] = (),
) -> Page:
    """The remembered Page, seen again. What the 304 says of validators and signals wins, the rest stays as it was."""
    return replace(
        remembered,
        asked=request.asked,
        url=request.url,
        fetched_at=fetched_at,
        elapsed=elapsed,
        wire_bytes=wire_bytes,
        fresh=False,
        etag=etag or remembered.etag,
        last_modified=last_modified or remembered.last_modified,
        signals=signals or remembered.signals,
    )


def _can_be_sent(value: str) -> bool:
    """An archive may hold what no header can (a line break, say, from a WARC record)."""
    return all(" " <= char <= "\xff" and char != "\x7f" for char in value) and value == value.strip()
