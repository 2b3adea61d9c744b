"""Feeds of every make say the same five fields; what is no feed, or not all of one, is told and not believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.extract import explain, extract
from coopscrape.extract.feed_page import day_of
from coopscrape.model import FEED_EXTRA, Extraction, Feed, KeyRule, Page, Reading
from extract.pages import page

FEEDS = Path(__file__).parent.parent / "fixtures" / "feeds"
MAKES = sorted(
    path for path in FEEDS.iterdir() if path.name.endswith((".xml", ".json")) and "expected" not in path.name
)
URL = "https://www.example.org/feeds/news"
AS_IT_IS = Reading((), KeyRule(("id",)), feed=Feed(timezone="Europe/Paris", extra=FEED_EXTRA))
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{}</channel></rss>'
ITEM = "<item><title>Story {0}</title><link>/{0}</link><guid isPermaLink='false'>{0}</guid></item>"


def feed(text: str | bytes, content_type: str | None = "application/xml") -> Page:
    return page(text, URL, content_type)


def read(text: str | bytes, content_type: str | None = "application/xml") -> Extraction:
    return extract(feed(text, content_type), AS_IT_IS)


def told(found: Extraction) -> dict[str, Any]:
    """As the expected files have it."""
    return {
        "make": found.layout,
        "next": found.next_url,
        "items": [
            {
                "key": row.key,
                "title": row.content.title,
                "link": row.content.link,
                "date": row.content.date,
                "date_text": row.content.date_text,
                "category": row.content.category,
                "summary": row.content.summary,
                **{name: value for name, value in row.content.extra if value},
            }
            for row in found.rows
        ],
    }


@pytest.mark.parametrize("path", MAKES, ids=lambda path: path.name)
def test_a_feed_of_each_make_is_read(path: Path) -> None:
    found = extract(feed(path.read_bytes(), None), AS_IT_IS)
    assert found.trouble is None
    assert told(found) == json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", MAKES, ids=lambda path: path.name)
def test_half_a_feed_is_never_read(path: Path) -> None:
    """Wherever it was cut off, but for the white space at its end."""
    whole = path.read_bytes().rstrip(b"\n\x00 \r\t")
    for cut in range(0, len(whole) - 1, max(1, len(whole) // 40)):
        found = extract(feed(whole[:cut], None), AS_IT_IS)
        assert found.trouble
        assert not found.rows


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "this is nothing (0 bytes), not a feed"),
        (b"<!doctype html><html><body>Please log in</body></html>", "this is an HTML page, not a feed"),
        (b"Service unavailable", "this is an HTML page, not a feed"),
        (b"<?xml version='1.0'?><urlset xmlns='x'/>", "this is a sitemap, not a feed"),
        (b'{"error": "rate limited"}', "this is JSON, not a feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": {}}', "this is JSON, not a feed"),
        (b"[" * 100_000, "not a feed"),
        (b'{"a":' * 100_000, "its JSON is not well-formed"),
        (b"%PDF-1.7", "this is a PDF file, not a feed"),
        (b"<rss><channel><item></channel></rss>", "(line 1: mismatched tag)"),
        (b"<?xml version='1.0'?>\n\n<rss>\n<channel>", "(line 4: no element found), as if it had been cut off"),
        (b"<rss/><rss/>", "junk after document element"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, words: str) -> None:
    found = read(body, None)
    assert words in (found.trouble or "")
    assert found.rows == ()


def test_a_feed_without_items_is_read_and_has_none() -> None:
    found = read(RSS.format(""))
    assert (found.trouble, found.rows, found.layout) == (None, (), "RSS 2.0")


ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{}</feed>'
AUTHOR = "<author><name>{}</name></author>"


def test_an_entry_without_an_author_has_that_of_its_feed() -> None:
    """Atom: RFC 4287 section 4.2.1, of the feed that it is from, else of this one; JSON Feed 1.1 likewise; RSS has none."""
    source = f"<source><title>y</title>{AUTHOR.format('Elsewhere')}</source>"
    entries = [("", 1), (AUTHOR.format("Own"), 2), (source, 3)]
    found = read(
        ATOM.format(
            AUTHOR.format("A")
            + AUTHOR.format("B")
            + "".join(f"<entry><id>{n}</id>{more}</entry>" for more, n in entries)
        )
    )
    assert [dict(row.content.extra)["author"] for row in found.rows] == ["A, B", "Own", "Elsewhere"]
    items = [{"id": "1", "title": "x"}, {"id": "2", "title": "y", "authors": [{"name": "Own"}]}]
    version = "https://jsonfeed.org/version/1.1"
    found = read(json.dumps({"version": version, "authors": [{"name": "A"}], "items": items}), "application/feed+json")
    assert [dict(row.content.extra)["author"] for row in found.rows] == ["A", "Own"]


# -- what it costs ------------------------------------------------------------------------------------


def test_entities_of_its_own_are_not_expanded() -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">{lol}]>'
        + RSS.format("<item><title>&l9;</title></item>").partition("?>")[2]
    )
    assert read(bomb).trouble == "this feed is not read: it declares entities of its own"


def test_no_file_of_this_machine_gets_into_a_feed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    for declared in (
        f'<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">',
        f'<!ENTITY % x SYSTEM "{tmp_path}"> %x;',
    ):
        text = f"<!DOCTYPE rss [{declared}]>" + RSS.format("<item><title>&x;</title></item>").partition("?>")[2]
        assert "secret" not in repr(read(text))


def test_the_path_of_a_file_is_no_feed(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_text(RSS.format(ITEM.format(1)))
    assert read(str(file)).trouble == "this is an HTML page, not a feed"


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("<a>" * 1_000 + "</a>" * 1_000, "more than 500 deep"),
        ("<a/>" * 210_000, "more than 200,000 elements"),
        (f"<item><description>{'&lt;div&gt;' * 100_000}</description></item>", "500 deep"),
        (f"<item><title>{'x' * 1_000_001}</title></item>", "a title has 1,000,001 characters"),
    ],
)
def test_a_feed_that_costs_too_much_is_not_read(inside: str, words: str) -> None:
    assert words in (read(RSS.format(inside)).trouble or "")


def test_a_long_feed_is_read_apart_and_says_the_same() -> None:
    """More than is read where we are: of one process as of the other."""
    items = "".join(ITEM.format(n) for n in range(6_000))
    found = read(RSS.format(items))
    assert found.trouble is None
    assert [row.key for row in found.rows] == [str(n) for n in range(6_000)]


# -- single values ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "zone", "day"),
    [
        ("Wed, 20 Jun 2018 23:30:00 +0000", "Europe/Paris", "2018-06-21"),
        ("Wed, 20 Jun 2018 23:30:00 -0000", "Europe/Paris", "2018-06-21"),
        ("Wed, 20 Jun 2018 23:30:00 GMT", "America/Montreal", "2018-06-20"),
        ("Thu, 21 Jun 2018 01:30:00 +0200", "UTC", "2018-06-20"),
        ("Wed, 20 Jun 2018 22:30:00 EST", "UTC", "2018-06-21"),
        (
            "Wed, 20 Jun 2018 23:30:00 CEST",
            "Asia/Tokyo",
            "2018-06-20",
        ),  # a zone that nobody defines: the day as printed
        ("Wed, 20 Jun 2018 23:30:00", "Asia/Tokyo", "2018-06-20"),
        ("20 Jun 2018", "Asia/Tokyo", "2018-06-20"),
        ("Wed, 20 Jun 18 10:00 +0000", "UTC", "2018-06-20"),
        ("2018-06-20T23:30:00Z", "Asia/Tokyo", "2018-06-21"),
        ("2018-06-20T23:30:00.123456789+02:00", "UTC", "2018-06-20"),
        ("2018-06-20 23:30:00", "Asia/Tokyo", "2018-06-20"),
        ("2018-06-20", "Asia/Tokyo", "2018-06-20"),
        ("2018-06", "UTC", "2018-06"),
        ("2018", "UTC", "2018"),
        ("2018-13", "UTC", None),
        ("Wed, 31 Jun 2018 10:00:00 +0000", "UTC", None),
        ("0000-00-00", "UTC", None),
        ("0001-01-01T00:00:00Z", "America/Montreal", None),
        ("ongoing", "UTC", None),
        ("20 juin 2018", "UTC", None),
        ("", "UTC", None),
    ],
)
def test_a_moment_is_the_day_that_it_is_in_the_zone(printed: str, zone: str, day: str | None) -> None:
    from zoneinfo import ZoneInfo

    assert day_of(printed, ZoneInfo(zone)) == day


@given(st.text(max_size=60) | st.from_regex(r"\A[0-9 :,A-Za-z+-]{0,40}\Z"))
def test_whatever_is_printed_is_a_day_or_none(text: str) -> None:
    from datetime import UTC, date

    day = day_of(text, UTC)
    assert day is None or len(day) < 10 or date.fromisoformat(day).isoformat() == day


@pytest.mark.parametrize(
    ("rule", "keys"),
    [
        (KeyRule(("id",)), ["a-1", "https://example.org/2", "https://example.org/3"]),
        (KeyRule(("link",)), ["https://example.org/1", "https://example.org/2", "https://example.org/3"]),
        (KeyRule(("title", "date")), ["One\n2018-06-20", "https://example.org/2", "Three\n2018-06-18"]),
    ],
)
def test_an_item_is_known_by_its_id_else_by_its_link(rule: KeyRule, keys: list[str]) -> None:
    text = RSS.format(
        "<item><title>One</title><link>http://www.example.org/1</link><guid isPermaLink='false'>a-1</guid>"
        "<pubDate>20 Jun 2018</pubDate></item>"
        "<item><title>Two</title><guid>http://www.example.org/2?utm_source=feed</guid></item>"
        "<item><title>Three</title><link>http://www.example.org/3</link><pubDate>18 Jun 2018</pubDate></item>"
    )
    found = extract(feed(text), Reading((), rule, feed=Feed()))
    assert [row.key for row in found.rows] == keys


def test_the_header_says_the_charset_before_the_declaration_and_a_mark_before_both() -> None:
    text = '<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0"><channel><item><title>é</title></item></channel></rss>'
    for body, content_type in (
        (text.encode("latin-1"), "application/xml"),
        (text.encode("latin-1"), "text/xml"),
        (text.encode(), "text/xml; charset=utf-8"),
        (b"\xef\xbb\xbf" + text.encode(), "text/xml; charset=iso-8859-1"),
        (text.encode("utf-16"), None),
    ):
        assert [row.content.title for row in read(body, content_type).rows] == ["é"]


def test_what_try_shows_is_what_a_crawl_takes() -> None:
    path = FEEDS / "atom-1.0.xml"
    shown = explain(feed(path.read_bytes()), AS_IT_IS)
    assert shown.extraction == extract(feed(path.read_bytes()), AS_IT_IS)
    assert (shown.charset, shown.charset_why) == ("utf-8", "its XML declaration")
    assert [(one.name, one.held, one.items) for one in shown.layouts] == [("Atom 1.0", True, 2)]


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: RSS.format(text).encode("utf-8", "replace")))
def test_any_bytes_are_read_or_told(body: bytes) -> None:
    found = read(body, None)
    assert found.trouble or found.layout
