"""(entries, what was asked of them before, now) -> whose own pages are asked for now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urldefrag

from coopscrape import canon
from coopscrape.model import Asked, Entry, Follow, Source, epoch
from coopscrape.plan.site import objection

DAY = 86_400.0  # a page that did not come is asked for again after this time, or `every`, whichever is shorter


@dataclass(frozen=True, slots=True)
class Due:
    """Own pages of entries: those to be asked for, in this order; how many more are due; and who may not be asked."""

    urls: tuple[str, ...] = ()
    more: int = 0
    elsewhere: tuple[str, ...] = ()  # why not, in words


def due(
    source: Source, entries: Iterable[Entry], asked: Mapping[str, Asked], now: float, walk: int | None = None
) -> Due:
    """First what was never asked for, the oldest entries first; then what was asked for longest ago.

    `asked`: by address as asked. `walk`: the one that goes on; what it has asked for counts against its limit.
    """
    if source.follow is None:
        return Due()
    before = {canon.link(url): one for url, one in asked.items()}
    waiting: dict[str | None, tuple[tuple[object, ...], str]] = {}
    elsewhere: dict[str | None, str] = {}
    for entry in entries:
        url = urldefrag(entry.content.link or "").url
        page = canon.link(url)
        if not url or page in waiting or page == canon.link(source.url) or entry.gone_since is not None:
            continue
        last = before.get(page)
        if last is not None and not _again(source.follow, entry, last, now, walk):
            continue
        if words := objection(source, source.url, url):
            elsewhere[page] = words
        else:
            waiting[page] = ((last.at if last else "", entry.first_seen, entry.place, entry.key), url)
    urls = [url for _, url in sorted(waiting.values())]
    room = max(source.follow.limit - sum(1 for one in asked.values() if one.walk == walk), 0)
    return Due(tuple(urls[:room]), len(urls[room:]), tuple(elsewhere.values()))


def _again(follow: Follow, entry: Entry, last: Asked, now: float, walk: int | None) -> bool:
    """A visit that seems to lie in the future: the clock was set back, and nobody knows how long ago it was."""
    if last.walk == walk or entry.slid_since is not None:
        return False
    pause = follow.every if last.answered else min(follow.every, DAY)
    return not 0 <= now - epoch(last.at) < pause
