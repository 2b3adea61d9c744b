"""Whatever a server sends: pages, robots.txt, dates, Retry-After. Nothing raises, and what comes out is what it may be."""

from __future__ import annotations

import hashlib
import math
import pickle
import re
import unicodedata
from datetime import date
from pathlib import Path
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from coopscrape.extract import Explanation, explain, extract, format_fault
from coopscrape.extract.charset import decode
from coopscrape.extract.dates import read_date, table
from coopscrape.fetch.retry_after import A_YEAR, retry_after
from coopscrape.fetch.robots import read_rules
from coopscrape.model import Field, KeyRule, Layout, Miss, Page, Reading, Skip, Text, Way, Why
from coopscrape.report.trial import trial_text
from coopscrape.run.settings import load_config
from fuzz.effort import effort

ROOT: Final = Path(__file__).parent.parent.parent
PAGES: Final = [file.read_bytes() for file in sorted((ROOT / "tests" / "fixtures").rglob("page*.html"))]
AT: Final = "2018-06-20T09:00:00.000Z"
ANY_TEXT: Final = st.text(st.characters(codec=None, categories=None), max_size=200)

# -- pages


def all_at_once() -> Reading:
    """Every feature of a layout, on elements that any page may have."""
    everything = (
        Field("number", (Way(css="li, td"),)),
        Field("title", (Way(css="h3 a"), Way(css="a", text=Text.OWN), Way(css=""))),
        Field("link", (Way(css="a", attr="href"), Way(css="a", template="{title}"))),
        Field("category", (Way(css="p", text=Text.BEFORE), Way(css="b", text=Text.AFTER)), optional=True),
        Field("date", (Way(css="time, p", match=r"\d.*", format=("%d %B %Y", "%Y-%m-%d", "unix", "%d %B")),)),
        Field("summary", (Way(css="p:last-of-type", replace=(("a+", r"\g<0>!"),)),), optional=True),
        Field("place", (Way(value="here"), Way(css="*", attr="class")), optional=True),
    )
    layouts = (
        Layout("guarded", "li, tr", everything, guard="ol, table", skip=(Skip(css="b", match="x"), Skip(match="^$"))),
        Layout("any", "*", everything, require=("title",)),
    )
    return Reading(layouts, key=KeyRule(parts=("link", "title"), match=r"(\d+)|.+"), must_contain="a", next="a @href")


READINGS: Final = [
    all_at_once(),
    *(source.reading for source in load_config(ROOT / "selectors.toml").sources.values()),
]
CONTENT_TYPES: Final = st.none() | st.sampled_from(
    [
        "text/html",
        "text/html; charset=utf-16",
        "text/html; charset=iso-2022-jp",
        "text/html; charset=x-user-defined",
        "text/html; charset=gb18030",
        "text/html;charset=\x00",
        "text/plain",
        "application/json",
        "text/html; charset=utf-7",
    ]
)
BITS: Final = st.sampled_from(
    [
        b"<li>",
        b"<tr><td>",
        b"<a href='",
        b"'>",
        b"<time>",
        b"20 June 2018",
        b"<!--",
        b"-->",
        b"<script>",
        b"<template>",
        b"</li>",
        b"&#0;",
        b"&#xD800;",
        b"&#x202e;",
        b"&nbsp;",
        b"\x00",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xfe\xff",
        b"<base href='//x'>",
        b"<select><option>",
        b"<svg><title>",
        b"<math><mi>",
        b"<plaintext>",
        b"<meta charset=utf-16>",
        b"javascript:alert(1)",
        b"<frameset>",
        b"<table>",
        b"<p>",
        b"<b>",
        b"<i>",
        b"http://[",
        b"http://x:99999999/",
        b"\x1b[2J",
        b"=1+1",
        b"<h3><a>",
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A page of the fixtures, cut, doubled, and with bits put into it."""
    body = draw(st.sampled_from(PAGES))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(body)))
        length = draw(st.integers(0, 2000))
        what = draw(st.sampled_from(("out", "in", "twice", "noise")))
        if what == "out":
            body = body[:at] + body[at + length :]
        elif what == "in":
            body = body[:at] + draw(BITS) + body[at:]
        elif what == "twice":
            body = body[:at] + body[at : at + length] * 2 + body[at + length :]
        else:
            body = body[:at] + draw(st.binary(max_size=50)) + body[at:]
    return body


BODIES: Final = st.binary(max_size=500) | st.lists(BITS, max_size=60).map(b"".join) | mutated()


def page_of(body: bytes, content_type: str | None, url: str = "https://example.org/news/") -> Page:
    digest = hashlib.sha256(body).hexdigest()
    return Page(asked=url, url=url, fetched_at=AT, body=body, digest=digest, content_type=content_type)


@effort(250)
@given(BODIES, CONTENT_TYPES, st.sampled_from(READINGS))
def test_any_page_is_read_or_told_to_be_unreadable(body: bytes, content_type: str | None, reading: Reading) -> None:
    decode(body, content_type)[0].encode()
    page = page_of(body, content_type)
    extraction = extract(page, reading)
    assert pickle.loads(pickle.dumps(extraction)) == extraction
    for row in extraction.rows:
        assert row.key
        content = row.content
        for value in (row.key, content.title, content.category, content.summary, content.date_text, content.link):
            assert value is None or sayable(value)
        assert all(value is None or sayable(value) for _, value in content.extra)
        assert content.link is None or content.link.lower().startswith(("http://", "https://"))
        assert content.date is None or is_a_date(content.date)
        assert row.number is None or 0 <= row.number < 10**15
    assert extraction.next_url is None or extraction.next_url.lower().startswith(("http://", "https://"))
    assert len(extraction.rows) <= extraction.items <= body.count(b"<") * 8 + 20


@effort(40)
@given(BODIES, CONTENT_TYPES, st.sampled_from(READINGS))
def test_any_page_can_be_explained(body: bytes, content_type: str | None, reading: Reading) -> None:
    page = page_of(body, content_type)
    explanation = explain(page, reading)
    assert isinstance(explanation, Explanation)
    assert explanation.extraction == extract(page, reading)
    harmless(trial_text("source", page, explanation, width=80))


def sayable(text: str) -> bool:
    """As extract/printed.py promises: no control characters but the line feed, nothing that UTF-8 cannot write."""
    return not any(unicodedata.category(one) in ("Cc", "Cs") and one != "\n" for one in text)


def harmless(text: str) -> None:
    assert not {unicodedata.category(one) for one in text.replace("\n", "")} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


# -- dates


def is_a_date(text: str) -> bool:
    if not re.fullmatch(r"\d{4}(-\d\d){0,2}", text, re.ASCII):
        return False
    date.fromisoformat(text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text)
    return True


DIRECTIVES: Final = st.sampled_from(
    [f"%{one}" for one in "dBbmYyAaHIMSfpzZ%ehjQ"] + ["%-d", "%-m", "%", " ", "/", ", ", "(", "."]
)
FORMATS: Final = st.lists(DIRECTIVES | ANY_TEXT, max_size=6).map("".join) | st.just("unix")
DATES: Final = (
    st.lists(
        st.sampled_from(
            [
                "20",
                "31",
                "0",
                "June",
                "juin",
                "mayo",
                "Sept.",
                "2018",
                "0000",
                "9999",
                "18",
                ",",
                " ",
                "/",
                "-",
                "Monday",
                "st",
                "º",
                "٢٠",
            ]
        ),
        max_size=6,
    ).map("".join)
    | ANY_TEXT
    | st.integers(-(10**12), 10**12).map(str)
)
FETCHED: Final = st.sampled_from([AT, "0001-01-01", "9999-12-31T23:59:59.000Z", "2020-02-29", ""]) | ANY_TEXT


@effort(600)
@given(DATES, st.lists(FORMATS, max_size=3), st.sampled_from([*table(), "xx", ""]) | ANY_TEXT, FETCHED)
def test_any_text_is_a_date_of_the_calendar_or_none(text: str, formats: list[str], language: str, fetched: str) -> None:
    for fmt in formats:
        fault = format_fault(fmt)
        assert fault is None or fault
    read = read_date(text, formats, language, fetched)
    assert read is None or is_a_date(read)


PRINTED: Final = ("%d %B %Y", "%d %b %Y", "%Y-%m-%d", "%d/%m/%Y", "%A, %d %B %Y", "%B %d, %Y", "%d.%m.%Y", "%d%m%Y")


@effort(300)
@given(st.dates(date(1000, 1, 1), date(2100, 12, 31)), st.sampled_from(PRINTED), st.sampled_from(sorted(table())))
def test_what_is_printed_by_a_format_is_read_by_it(day: date, fmt: str, language: str) -> None:
    names = table()[language]
    months = [spellings.split("|")[0] for spellings in names["months"]]
    days = [spellings.split("|")[0] for spellings in names["days"]]
    words = {"%B": months[day.month - 1], "%b": months[day.month - 1], "%A": days[day.weekday()]}
    numbers = {"%d": f"{day.day:02}", "%m": f"{day.month:02}", "%Y": f"{day.year:04}"}
    printed = fmt
    for directive, word in (words | numbers).items():
        printed = printed.replace(directive, word)
    assert read_date(printed, [fmt], language, AT) == day.isoformat()


# -- robots.txt

LINES: Final = st.lists(
    st.sampled_from(
        [
            "User-agent: *",
            "User-agent: coopscrape",
            "User-agent:",
            "Disallow: /",
            "Allow: /news",
            "Disallow: /*?*$",
            "Disallow: *" * 9,
            "Crawl-delay: 1e999",
            "Crawl-delay: nan",
            "Crawl-delay: -5",
            "Crawl-delay: ٣",
            "Request-rate: 1/0",
            "Request-rate: 0/5",
            "Request-rate: 999999999/1d",
            "Visit-time: 0000-2500",
            "Sitemap: :",
            "\ufeff",
            "Disallow: /%",
            "Disallow: /%zz",
            "Allow: /\u2028x",
            "Disallow: http://[",
            "Disallow: /" + "*" * 50 + "$",
            "Crawl-delay: 9" + "9" * 400,
            "\x00",
            "#",
            ":",
        ]
    )
    | ANY_TEXT,
    max_size=12,
)
ROBOTS: Final = LINES.map(lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass")) | st.binary(max_size=300)
URLS: Final = (
    st.sampled_from(
        [
            "https://example.org/",
            "https://example.org/news?page=2",
            "http://[",
            "https://example.org/%zz",
            "",
            "/robots.txt",
        ]
    )
    | ANY_TEXT
    | ANY_TEXT.map("https://example.org/{}".format)
)


@effort(500)
@given(ROBOTS, CONTENT_TYPES, st.lists(URLS, min_size=1, max_size=3))
def test_any_robots_txt_says_yes_or_no_and_a_delay_that_ends(
    body: bytes, content_type: str | None, urls: list[str]
) -> None:
    rules = read_rules(page_of(body, content_type, "https://example.org/robots.txt"))
    again = pickle.loads(pickle.dumps(rules))
    for url in urls:
        assert rules.allows(url) in (True, False)
        assert again.allows(url) == rules.allows(url)
    assert rules.delay is None or (math.isfinite(rules.delay) and 0 <= rules.delay <= A_YEAR)


@effort(50)
@given(st.sampled_from(Why), st.none() | st.integers(100, 599), ANY_TEXT)
def test_any_failure_to_get_it_is_no_rules_or_a_closed_host(why: Why, status: int | None, detail: str) -> None:
    url = "https://example.org/robots.txt"
    rules = read_rules(Miss(url, url, why, detail, AT, status=status))
    assert rules.allows("https://example.org/news") == (rules.closed is None)


# -- Retry-After

MOMENTS: Final = st.sampled_from(
    [
        "Wed, 20 Jun 2018 09:00:00 GMT",
        "Wed Jun 20 09:00:00 2018",
        "Wed, 20 Jun 99999 09:00:00 GMT",
        "1 Jan 0001 00:00 +9999",
        "20 Jun 18",
        "9" * 5000,
        "-1",
        "1e9",
        "٣",
        "²",
        "Wed, 31 Feb 2018 09:00:00 GMT",
        "0",
        " 120 ",
        "1 Jan 2018 00:00:00 -99999999999",
    ]
)


@effort(500)
@given(st.none() | MOMENTS | ANY_TEXT | st.integers().map(str), st.floats(0, 1e11))
def test_any_retry_after_is_a_pause_that_ends_or_none(value: str | None, now: float) -> None:
    seconds = retry_after(value, now)
    assert seconds is None or 0 <= seconds <= A_YEAR
