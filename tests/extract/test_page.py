"""What a page says: bytes in, rows out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopscrape.extract import extract
from coopscrape.extract.apart import look_apart
from coopscrape.extract.patterns import UnusableError
from coopscrape.model import Content, Extraction, Field, KeyRule, Layout, Reading, Row, Skip, Text, Way
from extract.pages import CARDS_HTML, COOP, ILO, NO_HEADERS, field, page, reading, titles

ILO_URL = "https://www.ilo.org/global/topics/cooperatives/news/lang--en/index.htm"


def rows(html: str, *fields: Field, **more: object) -> tuple[Row, ...]:
    return extract(page(html), reading(*fields, **more)).rows


def value(html: str, name: str, *ways: Way | str, **more: object) -> str | None:
    """What one field of the only item is."""
    declared = (field("title", ".t"), field(name, *ways)) if name != "title" else (field(name, *ways),)
    (row,) = rows(f"<li><i class=t>T</i>{html}", *declared, **more)
    return dict(row.content.extra)[name] if name not in Content.__slots__ else getattr(row.content, name)


# -- the first source -------------------------------------------------------------------------------------


def test_the_old_ilo_list_is_read_as_it_is_printed() -> None:
    seen = extract(page(ILO, ILO_URL), COOP)
    first, second, third = seen.rows
    assert first == Row(
        key="WCMS_632401",
        content=Content(
            category="News",
            title="Advancing decent work in the rural economy",
            date="2018-06-20",
            date_text="20 June 2018",
            summary=None,
            link="https://www.ilo.org/news/WCMS_632401/lang--en/index.htm",
        ),
    )
    assert second.content == Content(
        category="",
        title="My.Coop training & Redesol",
        date="2018-05-29",
        date_text="29 May 2018",
        summary="First line.\nSecond line.",
        link="https://www.ilo.org/news/WCMS_632399/lang--en/index.htm",
    )
    assert third.content == Content(title="Forthcoming", summary="", link="https://www.ilo.org/event")
    assert third.key == "https://ilo.org/event"
    assert seen.layout == "old"
    assert seen.must_contain
    assert seen.items == 3
    base = ILO_URL.removesuffix("index.htm")
    assert seen.next_url == base + "nextRow--10/index.htm"


def test_the_cards_since_2024_are_read_by_the_second_layout() -> None:
    seen = extract(page(CARDS_HTML, "https://www.ilo.org/resource/news"), COOP)
    assert seen.layout == "cards"
    assert [row.key for row in seen.rows] == ["/resource/news/fair-rural-work", "/resource/news/second"]
    assert [row.content.date for row in seen.rows] == ["2025-09-20", "2025-09-19"]
    assert [row.content.date_text for row in seen.rows] == ["20 September 2025", "1758277800"]
    assert seen.dropped == ("row 3: no date",)
    assert seen.next_url is None, "the link is there and disabled"


# -- layouts, markers, makes --------------------------------------------------------------------------------


def test_a_page_that_no_layout_reads_says_so() -> None:
    seen = extract(page("<p>Please log in"), COOP)
    assert seen == Extraction(layout=None, must_contain=False)


def test_a_layout_without_a_guard_reads_every_page() -> None:
    assert extract(page("<p>x"), reading(field("title", "a"))) == Extraction(layout="one")


def test_the_first_layout_that_holds_reads_the_page_even_if_it_finds_nothing() -> None:
    layouts = (
        Layout("a", "td", (field("title", ""),), guard="li"),
        Layout("b", "li", (field("title", ""),)),
    )
    assert extract(page("<li>x"), Reading(layouts)) == Extraction(layout="a")


@pytest.mark.parametrize(
    ("body", "make"),
    [
        (b"", "nothing (0 bytes)"),
        (b" \n ", "nothing but blanks (3 bytes)"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "an RSS feed"),
        (b"\xef\xbb\xbf<!-- x --><feed xmlns='http://www.w3.org/2005/Atom'/>", "an Atom feed"),
        (b'<?xml version="1.0"?><a:b/>', "XML (<a:b>)"),
        (b'{"items": []}', "JSON"),
        (b'{"version": "https:\\/\\/jsonfeed.org\\/version\\/1.1", "items": []}', "a JSON Feed"),
        (b' [{"a": "<li>"}]\n', "JSON"),
        (b"%PDF-1.7", "a PDF file"),
        (b"\x1f\x8b\x08", "gzip-compressed data"),
        ('<rss version="2.0"/>'.encode("utf-16"), "an RSS feed"),
    ],
)
def test_what_is_no_html_is_named_before_it_is_parsed(body: bytes, make: str) -> None:
    seen = extract(page(body, content_type=None), COOP)
    assert seen.trouble is not None
    words, _, remedy = seen.trouble.partition("; ")
    assert seen == Extraction(must_contain=False, trouble=seen.trouble)
    assert words == f"this is {make}, not an HTML page"
    assert ('kind = "feed"' in remedy) == ("eed" in make)


@pytest.mark.parametrize(
    "html",
    [
        '<?xml version="1.0"?><!DOCTYPE html><html><li><a href=/x>T</a></html>',
        "<?xml version='1.0'?><html><li><a href=/x>T</a>",
    ],
)
def test_xhtml_is_html(html: str) -> None:
    assert titles(rows(html, field("title", "a"))) == ["T"]


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<p>" * 200_001, "it has 200,001 tags; at most 200,000 are read"),
        ("<div>" * 6_000, "its elements stand more than 500 deep in each other"),
        ("<div>" * 30_000, "its elements stand more than 500 deep in each other"),
        ("<div>" * 30_000 + "</div>" * 30_000, "its elements stand more than 500 deep in each other"),
        ("<p>" + "".join(f"<b a={i}>" for i in range(3000)) + "<p>x" * 3000, "would unfold to more than 500,000"),
        ("<p " + " ".join(f"a{i}" for i in range(30_000)) + ">", "an element has more than 10,000 attributes"),
        ("".join(f"<body a{i}>" for i in range(21_000)), "its <html> and <body> tags have more than 10,000 attributes"),
        ("<p>" + "x=" * 2_600_000, "quotes, =, / and &; at most 2,500,000 are read"),
        ("".join(f"<a{i}></a{i}>" for i in range(11_000)), "it has more than 10,000 different elements"),
        ("<p>" + "<b x=1>" * 20_000 + "<x" * 20_000 + "y" * 2_000_000 + " z", "its tags stand in each other"),
        ("".join(f"<div><b a={i}></div>" for i in range(3000)) + "<p>x" * 3000, "would unfold to more than 500,000"),
        ("<table>" + "".join(f"<b a={i}><td></td>" for i in range(3000)) + "<p>x" * 3000, "would unfold to more"),
    ],
)
def test_a_page_made_to_be_dear_is_refused(html: str, why: str) -> None:
    seen = extract(page(html), reading(field("title", "a")))
    assert seen.rows == ()
    assert why in (seen.trouble or "")


@pytest.mark.slow
def test_a_page_whose_price_is_hidden_is_stopped_by_its_memory() -> None:
    seen = extract(page(("<p " + " ".join(f"a{n}" for n in range(200)) + ">") * 4_900), reading(field("title", "a")))
    assert seen.rows == ()
    assert seen.trouble == "this page is not read: it takes more than 10 s or 150 MB to read it"


@pytest.mark.slow
def test_a_page_whose_price_is_hidden_is_stopped_by_its_time() -> None:
    html = "".join("<p " + " ".join(f"a{n}" for n in range(at, at + 200)) + ">" for at in range(0, 140_000, 200))
    with pytest.raises(UnusableError, match="it takes more than 1 s or 150 MB"):
        look_apart(page(html), reading(field("title", "a")), every_layout=False, seconds=1)


def test_a_page_that_only_looks_dear_is_read_apart_and_says_the_same() -> None:
    dear = "<li><a href=/x>T</a>" * 11_000
    usual = extract(page("<li><a href=/x>T</a>" * 9_000), reading(field("title", "a"))).rows
    assert extract(page(dear), reading(field("title", "a"))).rows[:9_000] == usual


def test_what_is_wrong_with_a_page_read_apart_is_said() -> None:
    seen = extract(page("<li><a href=/x>T</a>" * 11_000), replace(reading(field("title", "a")), must_contain="main"))
    assert not seen.must_contain


@pytest.mark.parametrize(
    "html",
    [
        "<p><font size=2>x<li><a>T</a>" * 2000,
        "<table>" + "<tr><td><font size=2>a<b class=x>b<li><a>T</a>" * 2000,
        "".join(f"<li><a><i class=x{n}></i> <b class=y{n}>T</b></a>" for n in range(2000)),
        "<li><a href=/x>T</a><p>x" * 9000,
        "<li><i class=x>a</i><a href=/x>T</a>" * 6000,
        "<li><b c=d>a<p>x</b><a>T</a>" * 1200,
    ],
)
def test_a_long_page_and_a_sloppy_one_are_read(html: str) -> None:
    seen = extract(page(html), reading(field("title", "a")))
    assert seen.trouble is None
    assert len(seen.rows) >= 1200


# -- items ------------------------------------------------------------------------------------------------


def test_an_element_that_two_selectors_find_is_one_item() -> None:
    assert titles(rows("<li class=a>1<li class=b>2<li class='a b'>3", field("title", ""), item="li.b, li.a, .a.b")) == [
        "1",
        "2",
        "3",
    ]


def test_header_rows_and_adverts_are_skipped_and_told() -> None:
    html = "<table><tr><th>Title</th></tr><tr><td>A</td></tr><tr class=ad><td>B</td></tr><tr><td>No results</td></tr></table>"
    skip = (NO_HEADERS, Skip(css=".ad"), Skip(match="^No results$"))
    seen = extract(page(html), reading(field("title", "td"), item="tr", skip=skip))
    assert titles(seen.rows) == ["A"]
    assert seen.items == 4
    assert seen.dropped == (
        "row 1: skipped, it holds 'th'",
        "row 3: skipped, it holds '.ad'",
        "row 4: skipped, it matches '^No results$'",
    )


def test_a_skip_with_both_signs_needs_both() -> None:
    skip = (Skip(css="b", match="advert"),)
    assert len(rows("<li><b>advert</b><li>advert<li><b>x</b>", field("title", ""), skip=skip)) == 2


def test_an_item_without_a_required_field_is_no_entry() -> None:
    seen = extract(page("<li><a>T</a><li><b>x</b><li><a> </a>"), reading(field("title", "a"), require=("title",)))
    assert titles(seen.rows) == ["T"]
    assert seen.dropped == ("row 2: no title", "row 3: no title")


def test_an_item_that_says_nothing_is_no_entry() -> None:
    seen = extract(page("<li><b>x</b>"), reading(field("title", "a"), field("link", Way("a", "href"))))
    assert seen.rows == ()
    assert seen.dropped == ("row 1: all its fields are empty",)


# -- fields -----------------------------------------------------------------------------------------------


def test_missing_and_blank_differ() -> None:
    assert value("<p>", "category", "p") == ""
    assert value("", "category", "p") is None


def test_the_first_way_that_yields_wins_and_a_blank_is_kept_if_none_does() -> None:
    assert value("<p> </p><b>x</b>", "category", "p", "b") == "x"
    assert value("<p> </p>", "category", "p", "b") == ""
    assert value("<p> </p>", "category", "b", "p") == ""


def test_the_first_element_that_yields_wins() -> None:
    assert value("<a href=1><img></a><a href=2>T2</a>", "category", "a") == "T2"


def test_a_selector_finds_inside_the_item_and_nothing_finds_the_item_itself() -> None:
    assert titles(rows("<div class=c><div>inner</div></div>", field("title", "div"), item="div.c")) == ["inner"]
    assert titles(rows("<div class=c>whole <b>item</b></div>", field("title", ""), item="div.c")) == ["whole item"]


def test_an_attribute_may_be_any() -> None:
    assert value("<a data-Kind='x  y'>", "category", Way("a", "data-kind")) == "x y"
    assert value("<a>", "category", Way("a", "data-kind")) is None
    assert value("<a data-kind>", "category", Way("a", "data-kind")) == ""


def test_a_match_takes_the_named_group_then_the_first_then_all() -> None:
    html = "<p>2018 News: x</p>"
    assert value(html, "category", Way("p", match=r"\d+ (\w+): (?<category>\w)")) == "x"
    assert value(html, "category", Way("p", match=r"\d+ (\w+)")) == "News"
    assert value(html, "category", Way("p", match=r"\d+ \w+")) == "2018 News"
    assert value(html, "category", Way("p", match=r"(\d+) (\w+)", group=2)) == "News"
    assert value(html, "category", Way("p", match=r"(\d+) (?<k>\w+)", group="k")) == "News"
    assert value(html, "category", Way("p", match=r"nothing")) is None
    assert value(html, "category", Way("p", match=r"2018(x)?")) is None


def test_text_is_mended_after_it_is_matched() -> None:
    way = Way("p", match=r": (.*)", replace=((r"\s*\(.*?\)", ""), (r"(\w+)-(\w+)", r"\2 \1")))
    assert value("<p>Kind: one-two (pdf)", "category", way) == "two one"


def test_a_constant_and_a_constant_for_those_that_have_a_sign() -> None:
    assert value("", "category", Way(value="News")) == "News"
    assert value("<b class=star>*</b>", "category", Way("b.star", value="Starred")) == "Starred"
    assert value("", "category", Way("b.star", value="Starred")) is None


def test_a_template_is_built_of_fields_read_before() -> None:
    fields = (
        field("number", "i"),
        field("title", "b"),
        field("link", Way("a", "onclick", match=r"'(\d+)'", template="/doc/{text}")),
    )
    (row,) = rows("<li><i>No. 7</i><b>T</b><a onclick=\"show('42')\">x</a>", *fields)
    assert row.content.link == "https://www.example.org/doc/42"
    assert row.number == 7
    assert value("", "name", Way(template="{title}: {link}")) is None
    assert value("", "name", Way(template="<{title}>")) == "<T>"


def test_other_names_are_the_sources_own_fields() -> None:
    (row,) = rows("<li><b>T</b><i>Geneva</i>", field("title", "b"), field("place", "i"), field("court", "u"))
    assert row.content.extra == (("place", "Geneva"), ("court", None))


@pytest.mark.parametrize(
    ("printed", "number"), [("1.", 1), ("No. 12 of", 12), ("1 of 20", None), ("", None), ("x", None)]
)
def test_a_number_is_the_only_one_printed(printed: str, number: int | None) -> None:
    (row,) = rows(f"<li><b>T</b><i>{printed}</i>", field("title", "b"), field("number", "i"))
    assert row.number == number
    assert row.content.extra == ()


def test_only_the_summary_keeps_its_lines() -> None:
    html = "<p>One<br>two</p>"
    assert value(html, "summary", "p") == "One\ntwo"
    assert value(html, "category", "p") == "One two"
    assert value(html, "title", "p") == "One two"


# -- dates ------------------------------------------------------------------------------------------------


def date(html: str, *ways: Way) -> tuple[str | None, str | None]:
    (row,) = rows(f"<li><b>T</b>{html}", field("title", "b"), field("date", *ways))
    return row.content.date, row.content.date_text


def test_a_date_that_no_format_reads_stays_as_printed() -> None:
    assert date("<i>ongoing</i>", Way("i", format=("%d %B %Y",))) == (None, "ongoing")
    assert date("<i></i>", Way("i", format=("%d %B %Y",))) == (None, "")
    assert date("", Way("i", format=("%d %B %Y",))) == (None, None)
    assert date("<i>20 June 2018</i>", Way("i")) == (None, "20 June 2018")


def test_a_text_that_is_no_date_gives_way_to_one_that_is() -> None:
    ways = (Way("i", format=("%d %B %Y",)), Way("u", format=("%d/%m/%Y",)))
    assert date("<i>ongoing</i><u>20/06/2018</u>", *ways) == ("2018-06-20", "20/06/2018")
    assert date("<i>ongoing</i><i>20 June 2018</i>", *ways) == ("2018-06-20", "20 June 2018")
    assert date("<i>ongoing</i><u>soon</u>", *ways) == (None, "ongoing")


def test_of_a_date_in_an_attribute_the_text_is_shown_if_there_is_one() -> None:
    way = Way("time", "datetime", format=("unix", "%Y-%m-%d"))
    assert date("<time datetime=1529452800>20 June</time>", way) == ("2018-06-20", "20 June")
    assert date("<time datetime=1529452800></time>", way) == ("2018-06-20", "1529452800")
    assert date("<time datetime=soon>20 June</time>", way) == (None, "20 June")


def test_of_a_date_in_an_attribute_no_more_is_shown_than_a_date_may_be() -> None:
    """What a whole entry says is no date as printed; the attribute is."""
    date = field("date", Way("", "data-day", format=("%d.%m.%Y",)))
    inner = field("date", Way("div", "data-day", format=("%d.%m.%Y",)))
    for html, how in [
        ("<li data-day=20.06.2018><b>A title</b> <i>News</i>", date),
        ("<li><div data-day=20.06.2018><p>A title</p><p>News</p></div>", inner),
        (f"<li><div data-day=20.06.2018>{'So long a title. ' * 7}</div>", inner),
    ]:
        (row,) = extract(page(html), reading(how, field("title", "b"))).rows
        assert (row.content.date, row.content.date_text) == ("2018-06-20", "20.06.2018")


SCRIPTED = [
    '<title>News</title><div id="root"></div><script src="/app.js"></script>',
    '<body><div id="__next"><div class="spinner"></div></div><script id="__NEXT_DATA__">{}</script>',
    "<body><app-root></app-root><footer>" + "<p>What stands below every page of this site.</p>" * 20 + "</footer>",
    '<html ng-app="news"><body><p>Loading</p></body></html>',
]
NOT_SCRIPTED = [
    "<title>News</title><p>We are back soon.</p><script>1</script>",
    '<div id="root"><p>There is no news.</p></div>',
    '<html ng-app="news"><body>' + "<p>A page that is sent whole, and in which nothing is what the item says.</p>" * 8,
    '<div id="root"></div><ul><li><b>A title</b></ul>',
]


@pytest.mark.parametrize(
    ("html", "said"), [*((one, True) for one in SCRIPTED), *((one, False) for one in NOT_SCRIPTED)]
)
def test_a_list_that_only_a_script_makes_is_told(html: str, said: bool) -> None:
    hint = extract(page(html), reading(field("title", "b"))).hint
    assert (hint is not None and hint.startswith("it is made by a script in the browser")) == said


def test_a_date_without_a_year_is_the_nearest_past_of_the_fetch() -> None:
    assert date("<i>20 June</i>", Way("i", format=("%d %B",)))[0] == "2018-06-20"
    assert date("<i>20 July</i>", Way("i", format=("%d %B",)))[0] == "2017-07-20"


def test_a_date_is_joined_of_its_parts_and_needs_all_of_them() -> None:
    parts = (Way("b"), Way("i", match="[A-Z]\\w+"), Way("u", attr="title"))
    how = reading(field("title", "a"), field("date", Way(join=parts, format=("%d %B %Y",))), key=KeyRule(("title",)))
    whole, lacking = extract(
        page("<li><a>A</a><b>20</b><i>in June</i><u title=2018></u><li><a>B</a><b>20</b><u title=2018></u>"), how
    ).rows
    assert (whole.content.date, whole.content.date_text) == ("2018-06-20", "20 June 2018")
    assert (lacking.content.date, lacking.content.date_text) == (None, None)


def test_the_day_of_a_moment_is_that_of_the_sources_timezone() -> None:
    way = Way("time", attr="datetime", format=("iso",))
    html = "<li><a>A</a><time datetime=2018-06-20T23:30:00Z>late</time>"
    fields = (field("title", "a"), field("date", way))
    for zone, day in ((None, "2018-06-20"), ("Europe/Brussels", "2018-06-21")):
        (row,) = extract(page(html), reading(*fields, key=KeyRule(("title",)), timezone=zone)).rows
        assert row.content.date == day


def test_names_of_months_are_those_of_the_sources_language() -> None:
    more = {"language": "fr"}
    (row,) = rows(
        "<li><b>T</b><i>1er août 2017</i>", field("title", "b"), field("date", Way("i", format=("%d %B %Y",))), **more
    )
    assert row.content.date == "2017-08-01"


# -- links ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("href", "link"),
    [
        ("/a/b.htm", "https://www.example.org/a/b.htm"),
        ("b.htm?x=1#y", "https://www.example.org/news/b.htm?x=1#y"),
        ("//other.org/x", "https://other.org/x"),
        ("http://other.org/x", "http://other.org/x"),
        (" /a\n/b c ", "https://www.example.org/a/b%20c"),
        ("/a/../b", "https://www.example.org/b"),
        ("?page=2", "https://www.example.org/news/index.htm?page=2"),
        ("javascript:void(0)", None),
        ("mailto:a@b.c", None),
        ("ftp://a.b/c", None),
        ("http://[bad", None),
        ("http://a:b/", None),
        ("#", None),
        ("", None),
    ],
)
def test_links_are_absolute_and_http(href: str, link: str | None) -> None:
    assert value(f'<a href="{href}">x</a>', "link", Way("a", "href")) == link


def test_a_link_without_an_attribute_is_where_it_leads() -> None:
    assert value("<a href=/x>here</a>", "link", "a") == "https://www.example.org/x"
    assert value("<u>/y</u>", "link", "u") == "https://www.example.org/y"


def test_base_is_minded() -> None:
    seen = extract(
        page("<head><base target=x><base href='/other/'></head><li><a href=x>T</a><p><a class=n href=2>"),
        reading(field("title", "a"), field("link", Way("a", "href")), next="a.n"),
    )
    assert seen.rows[0].content.link == "https://www.example.org/other/x"
    assert seen.next_url == "https://www.example.org/other/2"


@pytest.mark.parametrize(
    ("html", "selector", "url"),
    [
        ("<a class=n href='?p=2#top'>", "a.n", "https://www.example.org/news/index.htm?p=2"),
        (
            "<a class=n><a class=n href='#'><a class=n href=javascript:x><a class=n href=3>",
            "a.n",
            "https://www.example.org/news/3",
        ),
        ("<b data-next='/2'>", "b @data-next", "https://www.example.org/2"),
        ("<a class=n href=2>", "a.m", None),
        ("<a class='n disabled' href=2>", "a.n:not(.disabled)", None),
        ("<a class='n disabled' href=2>", "a.n", "https://www.example.org/news/2"),
        ("<link rel=next href=/2>", 'a[rel~="next"], link[rel~="next"]', "https://www.example.org/2"),
    ],
)
def test_the_next_page_is_what_the_selector_says(html: str, selector: str, url: str | None) -> None:
    assert extract(page(html), reading(next=selector)).next_url == url


# -- keys -------------------------------------------------------------------------------------------------


def key(html: str, rule: KeyRule) -> tuple[str, bool]:
    fields = (field("title", "b"), field("link", Way("a", "href")), field("date", "i"), field("number", "u"))
    (row,) = rows(f"<li>{html}", *fields, key=rule)
    return row.key, row.weak


def test_the_key_is_the_canonical_link() -> None:
    html = "<a href='HTTP://Example.org:80/x?utm_source=y#z'></a>"
    assert key(html, KeyRule()) == ("https://example.org/x", False)


def test_a_match_picks_the_sites_own_id() -> None:
    html = "<a href=/x/WCMS_12/lang--en></a>"
    assert key(html, KeyRule(("link",), r"WCMS_(\d+)")) == ("12", False)
    assert key(html, KeyRule(("link",), r"WCMS_\d+")) == ("WCMS_12", False)
    assert key(html, KeyRule(("link",), r"no=(\d+)|_(?<id>\d+)")) == ("12", False)


def test_where_the_match_fails_the_link_is_the_key() -> None:
    assert key("<a href=/x></a>", KeyRule(("link",), r"WCMS_(\d+)")) == ("https://example.org/x", False)


def test_parts_are_joined_so_that_no_two_lists_give_one_key() -> None:
    rule = KeyRule(("title", "date_text"))
    assert key("<b>A  b</b><i>c</i>", rule) == ("A b\nc", False)
    assert key("<b>A</b><i>b c</i>", rule) != key("<b>A b</b><i>c</i>", rule)
    assert key("<b>A</b><u>7</u>", KeyRule(("title", "number"))) == ("A\n7", False)


def test_without_a_link_title_and_date_make_a_weak_key() -> None:
    assert key("<b>A</b><i>soon</i>", KeyRule()) == ("A\nsoon", True)
    assert key("<b>A</b><a href='#'></a>", KeyRule()) == ("A\n", True)
    assert key("<b>A</b><a href='#top'></a>", KeyRule()) == ("A\n", True), (
        "a link to the listing itself is nobody's own"
    )
    assert key("<b>A</b>", KeyRule(("title", "date_text"))) == ("A\n", True)


# -- what cannot be read ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ((field("title", "a::text"),), "'a::text' is no selector"),
        ((field("title", Way("a", match="(")),), "is no regular expression"),
        ((field("title", Way("a", match="x", group="y")),), "has no group 'y'"),
        ((field("title", Way("a", replace=(("x", r"\9"),))),), "cannot be replaced by"),
        ((field("title", Way("a", match="(x|xx|y)+$")),), "took longer than 1 s"),
    ],
)
def test_a_reading_that_is_of_no_use_is_trouble_not_an_exception(fields: tuple[Field, ...], words: str) -> None:
    seen = extract(page("<li><a>" + "x" * 5000 + "z</a>"), reading(*fields))
    assert words in (seen.trouble or "")
    assert seen.rows == ()


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (
            "<li><a>" + "x" * 1_000_001 + "</a><li><a>y</a>",
            "a title has 1,000,001 characters; at most 1,000,000 are read",
        ),
        ("<ul><li>" * 30 + "<a>" + "x" * 900_000 + "</a>", "its entries come to more than 10,000,000 characters"),
    ],
)
def test_what_no_listing_can_say_is_trouble_and_is_not_cut(html: str, words: str) -> None:
    seen = extract(page(html), reading(field("title", "a")))
    assert words in (seen.trouble or "")
    assert seen.rows == ()


def test_a_value_at_the_bound_is_read_whole() -> None:
    assert titles(rows("<li><a>" + "x" * 1_000_000 + "</a>", field("title", "a"))) == ["x" * 1_000_000]


NAMES = st.sampled_from(["title", "link", "date", "date_text", "summary", "category", "number", "place", ""])
# A selector or a pattern of no use ends the reading of a page, so most are good.
GOOD_CSS = ["a", "p", "*", "li", "li, a", "b:has(a)", "p:nth-child(2)", "title", ":not(b)"]
CSS = st.sampled_from(GOOD_CSS * 9 + ["[", "\ud800"])
PATTERNS = st.none() | st.sampled_from([r"\p{L}+", r"(\d+)", "(?<title>.)", "(x)?", "$", "a|"] * 9 + ["("])
WAYS = st.builds(
    Way,
    css=st.none() | st.just("") | CSS,
    attr=st.none() | st.sampled_from(["href", "class", "HREF", "", "\ud800"]),
    text=st.sampled_from(Text),
    match=PATTERNS,
    group=st.none() | st.sampled_from([0] * 40 + [1, 2, -1, "title", "x"]),
    replace=st.lists(
        st.tuples(st.sampled_from(["a", r"\s", "", "(.)"]), st.sampled_from(["", "x", "y", r"\1"])), max_size=1
    ).map(tuple),
    value=st.none() | st.text(max_size=3),
    template=st.none() | st.sampled_from(["{text}", "{title}-{nope}", "{}", "{text", "{text}{text}"]),
    format=st.lists(st.sampled_from(["%d %B %Y", "unix", "%", "%Y", "%B", "%d %B", "%A", "", "%f%f"]), max_size=2).map(
        tuple
    ),
)
FIELDS = st.lists(st.builds(Field, NAMES, st.lists(WAYS, max_size=3).map(tuple)), max_size=4).map(tuple)
FIELDS |= FIELDS.map(lambda fields: (field("title", ""), *fields))
READINGS = st.builds(
    Reading,
    st.lists(
        st.builds(
            Layout,
            name=st.text(max_size=2),
            item=st.just("li") | CSS,
            fields=FIELDS,
            guard=st.none() | st.just("*") | CSS,
            skip=st.lists(st.builds(Skip, st.none() | CSS, PATTERNS), max_size=2).map(tuple),
            require=st.just(()) | st.tuples(NAMES),
        ),
        max_size=2,
    ).map(tuple),
    st.builds(KeyRule, st.lists(NAMES, max_size=2).map(tuple), PATTERNS),
    st.sampled_from(["en", "fr", "de-AT", "xx", ""]),
    st.none() | CSS,
    st.none() | st.sampled_from(["a", "a @href", "@href"] * 9 + ["@", "[", "", "a @"]),
)
_TAGS = """
    <li> </li> <a> </a> <a/href='/x'> <p> </p> <br> <table> <td> </table> <script> </script> <!-- --> <template> </template>
    <svg> <math> <base/href=//[> <base/href=http://h:x/> <select> <option> <plaintext> <textarea> <b/a=1> </b> <title> <frameset>
    &nbsp; &#0; &#xD800; &#x80; 20&#32;June&#32;2018 { [ <?xml <rss> <
"""
TAGS = st.sampled_from([*_TAGS.split(), "\x00", "\ud800"])
SOUP = st.lists(st.just("<li>") | TAGS | st.text(max_size=3), max_size=30).map("".join) | st.lists(
    TAGS, min_size=1
).map(lambda tags: "<ul><li>" + "x<li>".join(tags))


@pytest.mark.parametrize(
    ("head", "signals"),
    [
        ('<meta name="robots" content="noindex, nofollow">', (("meta:robots", "noindex, nofollow"),)),
        ('<META NAME=" Robots " CONTENT=" NOARCHIVE\n">', (("meta:robots", "NOARCHIVE"),)),
        ('<meta name="coopscrape" content="none">', (("meta:coopscrape", "none"),)),
        ('<meta content=1 name="tdm-reservation"/>', (("meta:tdm-reservation", "1"),)),
        ('<meta name="robots" content="none"><meta name="robots" content="none">', (("meta:robots", "none"),)),
        ('<meta name="googlebot" content="nofollow">', ()),
        ('<meta name="robots">', ()),
        ('<meta name="robots" content=" ">', ()),
        ('<meta property="robots" content="none">', ()),
        ('<!-- <meta name="robots" content="none"> -->', ()),
    ],
)
def test_opt_out_signals_in_the_page_are_read_as_they_stand(head: str, signals: tuple[tuple[str, str], ...]) -> None:
    assert extract(page(f"<!doctype html><head>{head}</head><ul><li>x</ul>"), COOP).signals == signals


@settings(max_examples=300)
@given(st.binary(max_size=300), READINGS, st.none() | st.text(max_size=30))
def test_no_bytes_make_it_raise(body: bytes, how: Reading, content_type: str | None) -> None:
    extract(page(body, content_type=content_type), how)


@settings(max_examples=500)
@given(
    SOUP, READINGS, st.sampled_from(["http://a/", "https://www.example.org/x/y?z#q", "", "file:///x", "http://[", "x"])
)
def test_no_soup_makes_it_raise(html: str, how: Reading, url: str) -> None:
    seen = extract(page(html, url), how)
    for row in seen.rows:
        assert row.content.link is None or row.content.link == "" or row.content.link.lower().startswith("http")
        assert row.key.strip()


@given(SOUP)
def test_the_same_bytes_say_the_same(html: str) -> None:
    assert extract(page(html), COOP) == extract(page(html), COOP)
