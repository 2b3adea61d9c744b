"""Bytes that are no HTML page -> what they are, in words. Looked at before the HTML parser sees them.

The parser would make something of anything: of a feed it makes a page without links
(it reads <link> as an empty element).
"""

from __future__ import annotations

import re
from typing import Final

# How a file of that kind begins (https://mimesniff.spec.whatwg.org, section 6).
BEGINNINGS: Final = (
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a ZIP file (or an office document)"),
    (b"\x1f\x8b", "gzip-compressed data"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
)
FEEDS: Final = {"rss": "an RSS feed", "rdf:rdf": "an RSS feed", "feed": "an Atom feed", "urlset": "a sitemap"}
READABLE: Final = frozenset({"an RSS feed", "an Atom feed", "a JSON Feed"})
READ_AS_FEED: Final = '; it can be read as it is: kind = "feed" in its source, without layouts'
# What a page of HTML may begin with behind an XML declaration: pieces of pages are served so, too.
HTML_ROOTS: Final = frozenset({"html", "head", "body", "div", "meta", "title", "link", "p", "table"})

_ROOT = re.compile(
    r"(?:\s+|<\?[^>]*>|<!--.*?-->|<!DOCTYPE(?!\s+html)[^>\[]*>)*+<([a-z][\w:.-]*)", re.DOTALL | re.IGNORECASE
)
JSON_SEARCHED: Final = 2_000  # characters
_PROLOG_SEARCHED: Final = 20_000  # characters; a prolog longer than that is nobody's


def other_make(body: bytes, text: str) -> str | None:
    """Such as `this is an RSS feed, not an HTML page`; None if it may be HTML. `text` is the decoded body."""
    make = _binary(body) or _empty(body, text) or _data(text) or _xml(text)
    remedy = READ_AS_FEED if make in READABLE else ""
    return f"this is {make}, not an HTML page{remedy}" if make else None


def _binary(body: bytes) -> str | None:
    return next((make for beginning, make in BEGINNINGS if body.startswith(beginning)), None)


def _empty(body: bytes, text: str) -> str | None:
    if text.strip("\x00 \t\n\r\f\v\xa0"):
        return None
    return "nothing (0 bytes)" if not body else f"nothing but blanks ({len(body)} bytes)"


def _data(text: str) -> str | None:
    """By its first and last character: to parse it would cost more than the page."""
    ends = text[:100].lstrip()[:1] + text[-100:].rstrip()[-1:]
    if ends not in ("{}", "[]"):
        return None
    return "a JSON Feed" if "jsonfeed.org/version/" in text[:JSON_SEARCHED].replace("\\/", "/") else "JSON"


def _xml(text: str) -> str | None:
    """By its root element; without an XML declaration only the feeds, since anything may stand in a sloppy page."""
    head = text[:_PROLOG_SEARCHED]
    root = _ROOT.match(head)
    name = root[1].lower() if root else "html"
    if name in FEEDS:
        return FEEDS[name]
    declared = head.lstrip().startswith("<?xml") and "<!doctype html" not in head[:1000].lower()
    return f"XML (<{name}>)" if declared and name.rpartition(":")[2] not in HTML_ROOTS else None
