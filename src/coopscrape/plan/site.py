"""Which url may be followed from where: two urls in, None or an objection in words out. For walks and the agenda."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from coopscrape.model import Source, host_of


def objection(source: Source, here: str, there: str) -> str | None:
    """Why a page of `source` at `here` may not lead to `there`; None if it may."""
    return unfit(here, there) or _elsewhere(source, there)


def unfit(here: str, there: str) -> str | None:
    """The part of it that holds on any site: http or https, and never from https back to http."""
    parts = _parts(there)
    if parts is None or parts.scheme not in ("http", "https"):
        return f"{there} is no http or https address"
    if parts.scheme == "http" and here.lower().startswith("https:"):
        return f"{there} leads from https back to http"
    return None


def _parts(url: str) -> SplitResult | None:
    """None for what is no url with a host: `http://[::1`, `http://host:99999/`, `mailto:`."""
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def _elsewhere(source: Source, there: str) -> str | None:
    hosts = [host_of(source.url), *source.hosts]
    if _bare(host_of(there)) in map(_bare, hosts):
        return None
    return (
        f"{there} is another site; {source.name} may lead to {', '.join(hosts)} (add it to hosts = [...] if it belongs)"
    )


def _bare(host: str) -> str:
    return host.lower().rstrip(".").removeprefix("www.")
