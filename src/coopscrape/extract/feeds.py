"""The bytes of a feed -> its items, as printed. The only importer of feedparser, which is given bytes and never an address.

RSS 0.9x, 1.0, 2.0 and Atom through feedparser, JSON Feed (https://www.jsonfeed.org/version/1.1/) through `json`.
feedparser makes something of anything. So the XML is looked at first: what is not well-formed to its end is no feed, for
half a feed would look like a loss. Only what can be mended in one way is mended: see `_mended`.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from html.entities import html5
from typing import Any, Final
from xml.parsers import expat

import webencodings

from coopscrape.extract.charset import MARKS
from coopscrape.extract.makes import other_make
from coopscrape.extract.patterns import UnusableError
from coopscrape.extract.weight import DEEPEST, MOST_TAGS

HARMLESS_LENGTH: Final = 1_000_000  # characters; a shorter feed is read where we are, in less than a second
HARMLESS_TAGS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Text:
    """What an item says, and whether it says it in HTML."""

    said: str
    html: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One item, as printed; addresses may be relative to `Items.base`."""

    id: str | None = None
    title: Text | None = None
    link: str | None = None
    published: str | None = None
    updated: str | None = None
    summary: Text | None = None
    terms: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)  # of model.FEED_EXTRA, what is not above


@dataclass(frozen=True, slots=True)
class Items:
    """A feed that was read."""

    make: str  # RSS 2.0, Atom 1.0 ...
    element: str  # item or entry
    items: tuple[Item, ...]
    next: str | None  # the next page (RFC 5005 section 3)


def is_dear(text: str) -> bool:
    """Whether it is to be read where it can be stopped."""
    return len(text) > HARMLESS_LENGTH or text.count("<") > HARMLESS_TAGS


def read_items(body: bytes, text: str, url: str) -> Items:
    """`text`: what `decode` makes of the body. Raises UnusableError: it is no feed, not all of one, or too dear."""
    if text.lstrip()[:1] == "{":
        return _of_json(text)
    root = _PROLOG.match(text)
    if root is None or root["name"].lower() not in ROOTS:
        make = other_make(body, text)
        raise UnusableError(make.partition(", not")[0] + ", not a feed" if make else "this is an HTML page, not a feed")
    return _of_xml(_well_formed(_mended(_without_prolog(text, root)), text.count("\n", 0, root.end())), url)


# -- bytes -> text ------------------------------------------------------------------------------------

_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_WIDE: Final = ((b"\x00<", "utf-16be"), (b"<\x00", "utf-16le"))


def decode(body: bytes, content_type: str | None) -> str:
    """Text without its byte order mark. Never raises: bytes that are no text become U+FFFD."""
    encoding = webencodings.lookup(recognise(body, content_type)[0]) or webencodings.UTF8
    return encoding.codec_info.decode(body, "replace")[0].removeprefix("\ufeff")


def recognise(body: bytes, content_type: str | None) -> tuple[str, str]:
    """The charset, and why: byte order mark, then the header, then the declaration (RFC 7303 section 3).

    JSON is UTF-8 (RFC 8259 section 8.1).
    """
    for mark, label in MARKS:
        if body.startswith(mark):
            return label, "byte order mark"
    for start, label in _WIDE:
        if body.startswith(start):
            return label, "it begins so"
    if body[:100].lstrip()[:1] == b"{":
        return "utf-8", "JSON is UTF-8"
    sent = _HEADER.search(content_type or "")
    if sent and (encoding := webencodings.lookup(sent[1])):
        return encoding.name, "Content-Type header"
    declared = _DECLARED.match(body[:1024])
    if declared and (encoding := webencodings.lookup(declared[1].decode("ascii"))):
        return encoding.name.replace("utf-16le", "utf-8").replace("utf-16be", "utf-8"), "its XML declaration"
    return "utf-8", "nothing is declared"


# -- text -> well-formed XML --------------------------------------------------------------------------

ROOTS: Final = frozenset({"rss", "rdf:rdf", "feed", "channel"})
_PROLOG = re.compile(
    r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[.{0,20000}?\]\s*)?>)*+<(?P<name>[A-Za-z_][\w:.-]*)", re.DOTALL
)
_OWN_ENTITY = re.compile(r"<!ENTITY\s+[^%\s]")


def _without_prolog(text: str, root: re.Match[str]) -> str:
    """From the root element on: nothing that is declared before it can be expanded, or fetched."""
    if _OWN_ENTITY.search(text, 0, root.end()):
        raise UnusableError("this feed is not read: it declares entities of its own")
    return text[root.start("name") - 1 :]


_MENDED = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
    r"|&(?!(?:amp|lt|gt|quot|apos);)(?:\#(?P<number>\d{1,7}|x[0-9a-fA-F]{1,6});|(?P<name>[A-Za-z][A-Za-z0-9]{0,31});)?",
    re.DOTALL,
)
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def _mended(xml: str) -> str:
    """What many feeds get wrong, and what can mean one thing only: `AT&T`, `&nbsp;` of HTML, a character that XML forbids."""
    return _MENDED.sub(_reference, _NO_XML.sub("\ufffd", xml))


def _reference(found: re.Match[str]) -> str:
    if found["number"]:
        number = found["number"].lower()
        point = int(number[1:], 16) if number[0] == "x" else int(number)
        is_xml = point < 0x110000 and not _NO_XML.match(chr(point))
        return found[0] if is_xml else "\ufffd"
    if found["name"]:
        meant = html5.get(f"{found['name']};")
        return "".join(f"&#{ord(one)};" for one in meant) if meant else f"&amp;{found['name']};"
    return "&amp;" if found[0] == "&" else found[0]


# Prefixes that feeds use without declaring them.
NAMESPACES: Final = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}
_PREFIX = re.compile(r"<([A-Za-z_][\w.-]{0,40}):[A-Za-z_]|\s([A-Za-z_][\w.-]{0,40}):[A-Za-z_][\w.-]{0,40}\s?=")
_UNBOUND: Final = "unbound prefix"


def _well_formed(xml: str, lines_before: int) -> str:
    """The same, or with its prefixes declared. Raises UnusableError with the place of the fault."""
    fault = _fault(xml, lines_before)
    if fault is not None and _UNBOUND in fault:
        xml = _with_prefixes(xml)
        fault = _fault(xml, lines_before)
    if fault is not None:
        raise UnusableError(f"this feed is not read: {fault}")
    return xml


def _with_prefixes(xml: str) -> str:
    used = {one for pair in _PREFIX.findall(xml) for one in pair if one} - {"xml", "xmlns"}
    head = xml[: xml.find(">")]
    lacking = sorted(prefix for prefix in used if f"xmlns:{prefix}=" not in head.replace(" =", "="))
    declared = "".join(f' xmlns:{one}="{NAMESPACES.get(one, f"urn:undeclared:{one}")}"' for one in lacking)
    name = re.match(r"<[\w:.-]+", xml)
    return f"{name[0]}{declared}{xml[name.end() :]}" if name else xml


def _fault(xml: str, lines_before: int) -> str | None:
    """Why this is not all of an XML document, in words."""
    parser = expat.ParserCreate("utf-8", " ")
    depth = deepest = count = 0

    def start(_name: str, _attributes: object) -> None:
        nonlocal depth, deepest, count
        depth, count = depth + 1, count + 1
        deepest = max(deepest, depth)
        if depth > DEEPEST or count > MOST_TAGS:
            raise _TooMuch

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(xml.encode(), True)
    except _TooMuch:
        deep = f"its elements stand more than {DEEPEST} deep in each other"
        return deep if depth > DEEPEST else f"it has more than {MOST_TAGS:,} elements"
    except expat.ExpatError as error:
        words = expat.ErrorString(error.code)
        cut = ", as if it had been cut off" if error.code in _ENDS_EARLY else ""
        return f"its XML is not well-formed (line {error.lineno + lines_before}: {words}){cut}"
    return None


class _TooMuch(Exception):
    pass


_ENDS_EARLY: Final = frozenset(
    expat.errors.codes[words]
    for words in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
)


# -- RSS and Atom -------------------------------------------------------------------------------------


def _of_xml(xml: str, url: str) -> Items:
    import feedparser

    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    # A file-like object: of text or bytes it would think that they name a file or an address.
    parsed = feedparser.parse(
        io.BytesIO(xml.encode()), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if parsed["bozo"] or not parsed["version"]:
        raise UnusableError(
            f"this feed is not read: {parsed.get('bozo_exception') or 'it is of no make that is known'}"
        )
    make = feedparser.api.SUPPORTED_VERSIONS.get(parsed["version"], parsed["version"])
    return Items(
        make=make,
        element="entry" if parsed["version"].startswith("atom") else "item",
        items=tuple(_item(one, parsed["feed"]) for one in parsed["entries"]),
        next=_linked(dict.get(parsed["feed"], "links"), "next"),
    )


def _item(entry: dict[str, Any], feed: dict[str, Any]) -> Item:
    said = partial(dict.get, entry)  # feedparser's own `get` finds `published` under `updated`
    extra = {
        "author": next(filter(None, map(_author, (entry, said("source") or {}, feed))), None),
        "enclosure": _linked(said("links"), "enclosure"),
        "comments": said("comments"),
        "rights": said("rights"),
    }
    return Item(
        id=said("id"),
        title=_text(said("title_detail")),
        link=said("link"),
        published=said("published"),
        updated=said("updated"),
        summary=_text(said("summary_detail")) or _text(next(iter(said("content") or ()), None)),
        terms=tuple(filter(None, (one.get("label") or one.get("term") for one in said("tags") or ()))),
        extra={name: value for name, value in extra.items() if value},
    )


def _linked(links: Iterable[Mapping[str, str]] | None, rel: str) -> str | None:
    return next((one["href"] for one in links or () if one.get("rel") == rel and one.get("href")), None)


def _text(detail: Mapping[str, str] | None) -> Text | None:
    if detail is None:
        return None
    return Text(detail.get("value") or "", html=(detail.get("type") or "").endswith(("html", "xml")))


def _author(said: dict[str, Any]) -> str | None:
    """Of the entry, else of the feed that it is from, else of this feed (RFC 4287 section 4.2.1)."""
    return _names(dict.get(said, "authors") or (), dict.get(said, "author"))


def _names(authors: Iterable[Mapping[str, str]], author: str | None) -> str | None:
    names = [one.get("name") or one.get("email") for one in authors]
    return ", ".join(dict.fromkeys(filter(None, names))) or author


# -- JSON Feed ----------------------------------------------------------------------------------------


def _of_json(text: str) -> Items:
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnusableError(f"this feed is not read: its JSON is not well-formed ({error})") from error
    version = feed.get("version")
    if (
        not isinstance(version, str)
        or "jsonfeed.org/version/" not in version
        or not isinstance(feed.get("items"), list)
    ):
        raise UnusableError("this is JSON, not a feed")
    return Items(
        make=f"JSON Feed {version.rpartition('/')[2]}",
        element="items",
        items=tuple(_json_item(one, _json_authors(feed)) for one in feed["items"] if isinstance(one, dict)),
        next=_string(feed.get("next_url")),
    )


def _json_authors(said: Mapping[str, Any]) -> str:
    authors = said.get("authors") or [said.get("author")]
    names = [_string(one.get("name")) for one in authors if isinstance(one, dict)] if isinstance(authors, list) else []
    return ", ".join(filter(None, names))


def _json_item(item: Mapping[str, Any], author: str) -> Item:
    """`author`: of the feed, which is that of an item that names none."""
    attachments = item.get("attachments")
    files = (
        [_string(one.get("url")) for one in attachments if isinstance(one, dict)]
        if isinstance(attachments, list)
        else []
    )
    tags = item.get("tags")
    extra = {"author": _json_authors(item) or author, "enclosure": next(filter(None, files), None)}
    plain = _string(item.get("summary")) or _string(item.get("content_text"))
    html = _string(item.get("content_html"))
    return Item(
        id=_string(item.get("id")),
        title=Text(title) if (title := _string(item.get("title"))) is not None else None,
        link=_string(item.get("url")) or _string(item.get("external_url")),
        published=_string(item.get("date_published")),
        updated=_string(item.get("date_modified")),
        summary=Text(plain) if plain else Text(html, html=True) if html is not None else None,
        terms=tuple(filter(None, map(_string, tags))) if isinstance(tags, list) else (),
        extra={name: value for name, value in extra.items() if value},
    )


def _string(value: object) -> str | None:
    """An id may be a number, against the specification."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value)
