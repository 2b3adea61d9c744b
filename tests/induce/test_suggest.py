"""`suggest`: a page of a make that nobody described is read, entry by entry; and where there is none, it says so."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

import pytest

from coopscrape.canon import link
from coopscrape.errors import SettingsError
from coopscrape.induce.names import is_stable
from coopscrape.induce.paging import counted
from coopscrape.model import Page
from coopscrape.report.suggest import block_text, suggested_text
from coopscrape.run.settings import load_config
from coopscrape.run.suggest import Suggested, append, suggested
from induce.measure import compared, folders, measured, table
from induce.redesigns import REDESIGNS, Redesign
from listings import listing, some_items

URL = "https://www.example.org/news"
FIXTURES = Path(__file__).parents[1] / "fixtures"


def page(html: str, url: str = URL) -> Page:
    body = html.encode()
    digest = hashlib.sha256(body).hexdigest()
    return Page(asked=url, url=url, fetched_at="2018-07-01T08:00:00.000Z", body=body, digest=digest)


def found(html: str, name: str | None = None) -> Suggested:
    return suggested(page(html), name)


def test_most_listings_of_varied_make_are_read_entry_by_entry() -> None:
    """The bar of the project: 80 of 100 pages with all entries, none made up, title and link right, dates in 95 of 100."""
    pages = [measured(folder) for folder in folders()]
    good = sum(one.good for one in pages)
    assert good >= 0.8 * len(pages), "\n" + table(pages)
    assert len(pages) >= 19


@pytest.mark.parametrize("make", REDESIGNS, ids=lambda make: make.__name__)
def test_pages_of_another_hand_are_read_too(make: Redesign) -> None:
    items = some_items(9)
    expected = [
        {"title": item.title, "link": link(f"https://www.example.org{item.href}"), "date": f"2018-06-{20 - n:02}"}
        for n, item in enumerate(items)
    ]
    suggestion = found(make(items).replace("@HOST@", "https://www.example.org")).suggestion
    assert suggestion is not None
    assert compared(make.__name__, expected, suggestion.extraction.rows).good


@pytest.mark.parametrize("name", ["ilo-2024", "etuc", "ilo-coop/2018-06-20", "ilo-coop/2018-06-27"])
def test_the_listings_of_the_project_are_found(name: str) -> None:
    html = (FIXTURES / name / "page1.html").read_text("utf-8")
    expected = json.loads((FIXTURES / name / "expected.json").read_text("utf-8"))
    suggestion = suggested(page(html, expected[0]["link"])).suggestion
    assert suggestion is not None
    rows = suggestion.extraction.rows
    result = compared(name, expected[: len(rows)], rows)
    assert (result.found, result.invented, result.titles) == (len(rows), 0, len(rows))
    assert result.dates >= 0.95 * len(rows)


# -- what is written ---------------------------------------------------------------------------------------


def test_all_that_is_printed_is_toml_that_holds(tmp_path: Path) -> None:
    said = suggested_text(found(listing(some_items(8), "/news?page=2")))
    (tmp_path / "selectors.toml").write_text('[coopscrape]\ncontact = "me@example.org"\n\n' + said)
    source = load_config(tmp_path / "selectors.toml", contacting=True).sources["example-news"]
    assert source.paging.next == "a.next"
    assert source.reading.must_contain == "ol.listing"
    assert [field.name for field in source.reading.layouts[0].fields] == [
        "category",
        "title",
        "date",
        "summary",
        "link",
    ]


def test_dates_that_descend_let_a_visit_stop_early_where_there_are_more_pages() -> None:
    blocks = [found(listing(items, "/news?page=2")).suggestion for items in (some_items(8), some_items(8)[::-1])]
    assert [one.block.get("order") for one in blocks if one] == ["newest-first", None]
    single = found(listing(some_items(8))).suggestion
    assert single is not None
    assert "order" not in single.block


def test_a_page_cannot_break_out_of_its_comments() -> None:
    evil = listing(some_items(6), title='News\n[sources.evil]\nurl = "x"').replace(
        "Cooperative story 1<", "A\x1b[2J\u202e\nb = 1<"
    )
    said = suggested_text(found(evil))
    assert list(tomllib.loads(said)["sources"]) == ["example-news"]
    assert "\x1b" not in said
    assert "\u202e" not in said.split("[sources.")[0]


def test_the_file_keeps_what_stands_in_it_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "selectors.toml"
    before = b'# mine \xe2\x80\x94 kept\r\n[coopscrape]\r\ncontact = "me@example.org"   # me'
    path.write_bytes(before)
    path.chmod(0o640)
    append(path, block_text(found(listing(some_items(5)))))
    assert path.read_bytes().startswith(before)
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(load_config(path).sources) == ["example-news"]
    assert [one.name for one in tmp_path.iterdir()] == ["selectors.toml"]


def test_nothing_is_written_if_the_file_would_not_hold(tmp_path: Path) -> None:
    path = tmp_path / "selectors.toml"
    append_twice = block_text(found(listing(some_items(5)), "coop"))
    path.write_text("")
    append(path, append_twice)
    before = path.read_bytes()
    with pytest.raises(SettingsError):
        append(path, append_twice)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["selectors.toml"]


def test_a_file_that_may_not_be_written_is_not(tmp_path: Path) -> None:
    path = tmp_path / "selectors.toml"
    path.write_text("")
    path.chmod(0o444)
    with pytest.raises(SettingsError, match="is read-only, so nothing was written"):
        append(path, block_text(found(listing(some_items(5)), "coop")))
    assert path.read_bytes() == b""


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert suggested(page(listing(some_items(5))), taken=("example-news",)).name == "example-news-2"


def rows_of(html: str) -> list[dict[str, str | None]]:
    """What the suggested layout reads, in the order of the page."""
    suggestion = found(html).suggestion
    assert suggestion is not None
    names = ("title", "link", "date", "category", "summary")
    return [{name: getattr(row.content, name) for name in names} for row in suggestion.extraction.rows]


def entries(inner: str, days: int = 8) -> str:
    """A page with as many entries; `inner` may name {n}, {kind} and {who}."""
    kinds, who = ("News", "Events", "Report", "Law", "Work", "Farms"), ("Ada L.", "Jonas", "Ada L.", "Jonas")
    each = (inner.format(n=n, kind=kinds[n % 6], at=kinds[n % 6].lower(), who=who[n % 4]) for n in range(1, days + 1))
    return f"<html lang='en'><main>{''.join(f'<article>{one}</article>' for one in each)}</main></html>"


TITLED = "<h2><a href='/{n}'>What happened on day {n} of the year</a></h2><time>{n} May 2016</time>"


def test_a_year_behind_an_arabic_comma_is_not_cut_off() -> None:
    months = ("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو")
    items = "".join(
        f"<div class='box'><div class='meta'><i></i> {n} {month}، 2014 <i></i> 17</div><h4><a href='/{n}'>خبر رقم {n} من"
        f" أخبار الاتحاد التعاوني</a></h4></div>"
        for n, month in enumerate(months, 1)
    )
    rows = rows_of(f"<html lang='ar' dir='rtl'><body>{items}</body></html>")
    assert [row["date"] for row in rows] == [f"2014-0{n}-0{n}" for n in range(1, 7)]


def test_a_date_is_never_read_without_the_year_that_is_printed_behind_it() -> None:
    rows = rows_of(
        entries("<h2><a href='/{n}'>What happened on day {n} of it</a></h2><p class='date'>{n} May ~ 2014</p>")
    )
    assert {row["date"] for row in rows} <= {None, *(f"2014-05-0{n}" for n in range(1, 9))}


def test_a_category_is_what_entries_share_not_who_wrote_them_nor_how_many_answered() -> None:
    answers = ("Leave a comment", "3 Comments", "1 Comment")
    kinds = ("Stories", "Events", "Talks", "Homes", "Past", "Study", "Sound", "Stories", "Money", "Events")
    items = "".join(
        f"<article class='post'><div class='entry-meta'><span class='cat-links'><span>Categories</span>"
        f" <a href='/kind/{kind}' rel='category tag'>{kind}</a></span><time>{n} May 2016</time><span class='byline'> by"
        f" <span class='author vcard'><a class='url fn n' href='/by/{n % 3}'>{('Marta', 'Jonas', 'We all')[n % 3]}</a>"
        f"</span></span></div><h2><a href='/{n}'>What happened on day {n} of the year</a></h2><footer>"
        f"<span class='comments-link'><a href='/{n}#respond'>{answers[n % 3]}</a></span></footer></article>"
        for n, kind in enumerate(kinds, 1)
    )
    assert tuple(row["category"] for row in rows_of(f"<html lang='en'><main>{items}</main></html>")) == kinds


def test_a_category_is_found_beside_a_date_in_one_line() -> None:
    rows = rows_of(
        entries(
            "<h2><a href='/{n}'>What happened on day {n} of it</a></h2>"
            "<div class='line'>On {n} May 2016 in <a href='/about/{at}'>{kind}</a> by someone</div>",
            days=12,
        )
    )
    assert [row["category"] for row in rows][:3] == ["Events", "Report", "Law"]
    assert [row["date"] for row in rows][:2] == ["2016-05-01", "2016-05-02"]


def test_the_link_is_that_of_the_title_where_the_title_is_one() -> None:
    html = entries(
        TITLED.replace("<a ", "<a class='to' ") + "<p>Much was said. <a class='more' href='/{n}'>more: {n}</a></p>"
    )
    suggestion = found(html).suggestion
    assert suggestion is not None
    assert "more" not in json.dumps(suggestion.block["layouts"][0]["link"])
    assert {row["summary"] for row in rows_of(html)} <= {None, "Much was said."}


# -- where there is no listing -------------------------------------------------------------------------------

LOGIN = '<title>Log in</title><form><input name="u"><input type="password" name="p"></form>'
SCRIPT = '<title>News</title><div id="root"></div><script src="/app.js"></script>'
FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>News</title></channel></rss>'
MENU = (
    "<title>Welcome</title><ul>"
    + "".join(f'<li><a href="/{n}">Part {n}</a></li>' for n in range(8))
    + "</ul><p>Hello.</p>"
)
LONG_MENU = (
    "<title>About us</title><nav><ul>"
    + "".join(f'<li><a href="/{n}">Regional development and network {n}</a></li>' for n in range(8))
    + "</ul></nav><p>Hello.</p>"
)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (LOGIN, "password"),
        (SCRIPT, "script"),
        (FEED, "an RSS feed"),
        (MENU, "nothing on it is repeated"),
        (LONG_MENU, "nothing on it is repeated"),
        ("", "nothing"),
    ],
    ids=["login", "script", "feed", "menu", "long menu", "empty"],
)
def test_where_there_is_no_listing_it_says_so(html: str, words: str) -> None:
    seen = found(html)
    assert seen.suggestion is None
    assert words in (seen.why_not or "")
    assert all(line.startswith("#") for line in suggested_text(seen).splitlines() if line)


def test_what_the_page_offers_besides_is_named() -> None:
    head = """<link rel="alternate" type="application/rss+xml" title="All news" href="/feed.xml">
    <link rel="sitemap" href="/sitemap.xml"><link rel="https://api.w.org/" href="/wp-json/">"""
    seen = found(listing(some_items(5)).replace("<title>", head + "<title>"))
    assert [(offer.what, offer.url) for offer in seen.offers] == [
        ("an RSS feed", "https://www.example.org/feed.xml"),
        ("a sitemap", "https://www.example.org/sitemap.xml"),
        ("the WordPress JSON API", "https://www.example.org/wp-json/"),
    ]


# -- names and pages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["title", "news-list", "newsItemTitle", "field--name-title", "ilo--card", "h2", "IconPDF"]
)
def test_names_that_people_give_are_used(name: str) -> None:
    assert is_stable(name)


@pytest.mark.parametrize(
    "name",
    ["css-1x2y3z", "jss12", "sc-bdVaJa", "_abc123", "hKzRtY", "Card_title__a1B2c", "active", "first", "odd", "post-4711",
     "views-row-3", "is-open", "md:flex", "views-row-last"],
)  # fmt: skip
def test_names_of_machines_and_of_the_moment_are_not(name: str) -> None:
    assert not is_stable(name)


@pytest.mark.parametrize(
    ("first", "second", "pages"),
    [
        ("https://a.org/news", "https://a.org/news?page=1", {"url": "https://a.org/news?page={page}", "start": 0}),
        ("https://a.org/news", "https://a.org/news?page=2", {"url": "https://a.org/news?page={page}"}),
        ("https://a.org/news/", "https://a.org/news/page/2/", {"url": "https://a.org/news/page/{page}/"}),
        (
            "https://a.org/l?c=5",
            "https://a.org/l?c=5&start=20",
            {"url": "https://a.org/l?c=5&start={offset}", "step": 20},
        ),
        ("https://a.org/news", "https://a.org/about", None),
        ("https://a.org/news", "https://a.org/news?id=4711", None),
    ],
)
def test_the_address_of_the_second_page_tells_how_pages_are_counted(
    first: str, second: str, pages: dict[str, object] | None
) -> None:
    assert counted(first, second) == pages
