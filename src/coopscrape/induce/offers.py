"""A page -> what it offers besides its listing: feeds, a sitemap, an API. And what it may be, if it has no listing. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from coopscrape.induce.index import Index
from coopscrape.model import Node
from coopscrape.scripted import FEW_WORDS, MARKS, ROOTS, STATES, TAGS, WORDS, is_scripted

_FEEDS = {
    "application/rss+xml": "an RSS feed",
    "application/atom+xml": "an Atom feed",
    "application/feed+json": "a JSON feed",
    "application/json": "a JSON API",
    "text/calendar": "a calendar (iCalendar)",
}
_FEED_PATHS = re.compile(
    r"(?:^|/)(?:feed|rss|atom)(?:/|\.xml|\.rss|\.php|\.json)?(?:\?.*)?$|\.rss$|[?&](?:format|type)=(?:rss|feed|atom)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that may be easier to read than the page."""

    what: str
    url: str
    title: str = ""


def offers(index: Index, base: str) -> tuple[Offer, ...]:
    return tuple({offer.url: offer for offer in reversed(list(_offers(index, base)))}.values())[::-1]


def _offers(index: Index, base: str) -> Iterator[Offer]:
    for node in index.order:
        href = node.attributes.get("href", "").strip()
        rel = node.attributes.get("rel", "").lower().split()
        kind = node.attributes.get("type", "").lower().partition(";")[0].strip()
        if not href:
            continue
        if node.tag == "link" and "alternate" in rel and kind in _FEEDS:
            yield Offer(_FEEDS[kind], urljoin(base, href), node.attributes.get("title", ""))
        elif node.tag == "link" and "sitemap" in rel:
            yield Offer("a sitemap", urljoin(base, href))
        elif node.tag == "link" and "https://api.w.org/" in rel:
            yield Offer("the WordPress JSON API", urljoin(base, href))
        elif node.tag == "a" and _FEED_PATHS.search(href):
            yield Offer("perhaps a feed", urljoin(base, href), index.text(node))
        elif node.tag == "a" and re.search(r"sitemap[\w-]*\.xml$", href, re.I):
            yield Offer("a sitemap", urljoin(base, href))


# -- why there is no listing -----------------------------------------------------------------------------------


def no_listing(index: Index) -> str:
    """In words, what the page seems to be."""
    nodes = list(index.order)
    text = len(index.text(next((one for one in nodes if one.tag == "body"), index.root)))
    if any(one.tag == "input" and one.attributes.get("type", "").lower() == "password" for one in nodes):
        return "it asks for a password: a listing behind a login is out of reach"
    scripts = any(one.tag == "script" for one in nodes)
    empty_root, marked = any(map(_is_empty_root, nodes)), scripts or any(map(_is_marked, nodes))
    if is_scripted(empty_root=empty_root, marked=marked, text=text):
        return WORDS
    if any(one.tag in ("iframe", "frame") and one.attributes.get("src") for one in nodes) and text < 4 * FEW_WORDS:
        frames = [
            one.attributes["src"] for one in nodes if one.tag in ("iframe", "frame") and one.attributes.get("src")
        ]
        return f"what it shows stands in a frame: try {frames[0]}"
    return "nothing on it is repeated that has titles"


def _is_empty_root(node: Node) -> bool:
    rooted = node.tag in TAGS or node.attributes.get("id", "") in ROOTS
    return rooted and not any(isinstance(child, Node) or child.strip() for child in node.children)


def _is_marked(node: Node) -> bool:
    return node.attributes.get("id", "") in STATES or not node.attributes.keys().isdisjoint(MARKS)
