"""What a robots.txt, or its absence, says to us."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.fetch.robots import A_YEAR, MAX_PARSED, RobotsRules, read_rules
from coopscrape.model import Miss, Rules, Why
from fetch.raw import page

URL = "https://example.org"


def says(text: str | bytes, content_type: str | None = "text/plain") -> RobotsRules:
    body = text.encode() if isinstance(text, str) else text
    return read_rules(replace(page(f"{URL}/robots.txt", body), content_type=content_type))


def miss(why: Why = Why.STATUS, status: int | None = None) -> Miss:
    url = f"{URL}/robots.txt"
    return Miss(asked=url, url=url, why=why, detail="oh dear", fetched_at="2018-06-20T09:30:00.000Z", status=status)


def allows(text: str | bytes, path: str = "/list") -> bool:
    return says(text).allows(URL + path)


# -- what the answer itself means -----------------------------------------------------------------


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410, 451, 499])
def test_no_robots_txt_is_no_rules(status: int) -> None:
    rules = read_rules(miss(status=status))
    assert (rules.closed, rules.delay, rules.allows(URL)) == (None, None, True)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 599, 304, 300, 206, 600, None])
def test_a_server_in_trouble_is_left_alone(status: int | None) -> None:
    rules = read_rules(miss(status=status))
    assert rules.closed is not None
    assert (status is None) or str(status) in rules.closed
    assert not rules.allows(URL)
    assert rules.allows(f"{URL}/robots.txt")


@pytest.mark.parametrize("why", [why for why in Why if why is not Why.STATUS])
def test_a_robots_txt_that_cannot_be_read_closes_the_host(why: Why) -> None:
    for status in (None, 200, 404):
        rules = read_rules(miss(why, status))
        assert rules.closed == f"robots.txt could not be read ({why.value}): oh dear"
        assert not rules.allows(URL)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<!DOCTYPE html><pre>User-agent: *\nDisallow: /\n", "text/html"),
        ("\ufeff\n  <html>\nUser-agent: *\nDisallow: /\n", "text/plain"),
        ("<?xml version='1.0'?>\nUser-agent: *\nDisallow: /\n", None),
        ("<!-- nginx -->\nUser-agent: *\nDisallow: /\n", None),
        ("Oops <HTML lang=en>\nUser-agent: *\nDisallow: /\n", "Text/HTML; charset=utf-8"),
    ],
)
def test_a_page_in_place_of_the_rules_is_no_rules(body: str, content_type: str | None) -> None:
    assert says(body, content_type).allows(f"{URL}/list")


@pytest.mark.parametrize("content_type", [None, "text/html", "application/octet-stream"])
def test_rules_are_obeyed_whatever_they_are_called(content_type: str | None) -> None:
    assert not says("User-agent: *\nDisallow: /list", content_type).allows(f"{URL}/list")


# -- whose group is ours --------------------------------------------------------------------------

FORBID = "\nDisallow: /\n"


@pytest.mark.parametrize("name", ["coopscrape", "CoopScrape", "COOPSCRAPE/1.0", "coopscrape (x)", "coopscrape*", "*"])
def test_a_group_of_our_name_applies(name: str) -> None:
    assert not allows(f"User-agent: {name}{FORBID}")


@pytest.mark.parametrize(
    "name", ["coop", "scrape", "coopscrape-news", "coopscrape_2", "coopscrape2", "coopscraper", "mycoopscrape", "c", ""]
)
def test_a_group_of_another_name_does_not_apply(name: str) -> None:
    assert allows(f"User-agent: {name}{FORBID}")
    assert not allows(f"User-agent: {name}\nAllow: /\nUser-agent: *{FORBID}")
    assert allows(f"User-agent: {name}{FORBID}User-agent: coopscrape\nAllow: /")


def test_another_token_may_be_asked_for() -> None:
    body = page(f"{URL}/robots.txt", b"User-agent: Other\nDisallow: /\n")
    assert not read_rules(body, "OTHER").allows(URL)
    assert read_rules(body, "coopscrape").allows(URL)


def test_our_own_group_beats_that_for_everybody() -> None:
    assert allows(f"User-agent: *{FORBID}User-agent: coopscrape\nDisallow: /private\n")
    assert allows(f"User-agent: coopscrape\n\nUser-agent: x\nDisallow:\nUser-agent: *{FORBID}", "/robots.txt")
    assert allows(f"User-agent: *{FORBID}User-agent: coopscrape\n")


def test_groups_of_the_same_name_are_one() -> None:
    text = (
        "User-agent: coopscrape\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: coopscrape\nDisallow: /b\n"
    )
    assert [allows(text, path) for path in ("/a", "/b", "/c")] == [False, False, True]


def test_a_group_may_have_several_names() -> None:
    for names in ("x\nUser-agent: coopscrape", "coopscrape\n\n# hm\nUser-agent: x", "x\nSitemap: /s\nUser-agent: *"):
        assert not allows(f"User-agent: {names}{FORBID}")


def test_a_delay_ends_the_names_of_a_group() -> None:
    text = "User-agent: *\nCrawl-delay: 10\n\nUser-agent: greedy\nDisallow: /\n"
    assert (says(text).delay, allows(text)) == (10.0, True)


def test_rules_of_nobody_are_nobodys() -> None:
    assert allows("Disallow: /\nCrawl-delay: 5\n")
    assert says("Crawl-delay: 5\n").delay is None


@pytest.mark.parametrize(
    "text",
    ["user agent *\ndisallow /list", "USERAGENT:*\rDissallow : /list # why", "\r\nUser-agent :*\r\nDISALLOW:/l\r\n"],
)
def test_careless_spelling_is_understood(text: str) -> None:
    assert not allows(text)


def test_a_byte_order_mark_is_no_letter() -> None:
    assert not allows(b"\xef\xbb\xbfUser-agent: *\nDisallow: /")


# -- paths ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("Disallow:", "/list", True),
        ("Disallow: /", "/", False),
        ("Disallow: /", "", False),
        ("Disallow: /l\nAllow: /list", "/list", True),
        ("Allow: /list\nDisallow: /list", "/list", True),
        ("Disallow: /*.php$", "/a.php", False),
        ("Disallow: /*.php$", "/a.php?x", True),
        ("Disallow: /*?page=", "/list?page=2", False),
        ("Disallow: /a%3cd", "/a<d", False),
        ("Disallow: /ä", "/%C3%A4", False),
        ("Disallow: /a # /list", "/list", True),
        ("Disallow: /a\u2028Disallow: /list", "/list", True),
        ("Disallow: /list", "/robots.txt", True),
        ("Disallow: /robots.txt", "/robots.txt", True),
        ("Disallow: /LIST", "/list", True),
        ("Noindex: /list", "/list", True),
    ],
)
def test_a_path_is_judged_by_the_longest_rule(rules: str, path: str, allowed: bool) -> None:
    assert allows(f"User-agent: *\n{rules}\n", path) is allowed


def test_what_is_no_url_is_not_allowed() -> None:
    assert not says("User-agent: *\nDisallow: /x").allows("http://[bad/list")


# -- how much is read -----------------------------------------------------------------------------


def test_five_hundred_kibibytes_are_read_and_half_a_line_is_not() -> None:
    start = b"User-agent: *\nDisallow: /first\n"
    filling = b"#" * (MAX_PARSED - len(start) - len(b"\nDisallow: /ab")) + b"\nDisallow: /ab"
    assert len(start + filling) == MAX_PARSED
    assert [allows(start + filling, path) for path in ("/first", "/ab")] == [False, False]
    assert [allows(start + filling + b"c\nDisallow: /z\n", path) for path in ("/first", "/ab", "/abc", "/z")] == [
        False,
        True,
        True,
        True,
    ]


# -- the delay ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "delay"),
    [
        ("Crawl-delay: 10", 10.0),
        ("Crawl-delay: 0.5", 0.5),
        ("crawl delay 3", 3.0),
        ("Crawl-delay: 0", 0.0),
        ("Crawl-delay: -1", None),
        ("Crawl-delay: nan", None),
        ("Crawl-delay: soon", None),
        ("Crawl-delay:", None),
        ("Crawl-delay: inf", A_YEAR),
        ("Crawl-delay: 1e999", A_YEAR),
        ("Crawl-delay: 90000", 90_000.0),
        ("Crawl-delay: 99999999999999999999", A_YEAR),
        ("Request-rate: 1/10", 10.0),
        ("Request-rate: 2/1m 1300-1659", 30.0),
        ("Request-rate: 1/2h", 7200.0),
        ("Request-rate: 4/1", 0.25),
        ("Request-rate: 0/5", None),
        ("Request-rate: 1", None),
        ("Request-rate: 1/9999999999999999d", A_YEAR),
        ("Request-rate: 1/10\nCrawl-delay: 3", 10.0),
        ("Request-rate: 1/2\nCrawl-delay: 3", 3.0),
        ("Crawl-delay: 9\nCrawl-delay: 3", 9.0),
        ("Disallow: /x", None),
    ],
)
def test_the_slower_wish_is_the_delay(rules: str, delay: float | None) -> None:
    assert says(f"User-agent: *\n{rules}\n").delay == delay


def test_the_delay_of_others_is_theirs() -> None:
    assert says("User-agent: x\nCrawl-delay: 9\n\nUser-agent: *\nCrawl-delay: 2\n").delay == 2.0
    assert says("User-agent: *\nCrawl-delay: 9\n\nUser-agent: coopscrape\nDisallow: /x\n").delay is None


# -- laws -----------------------------------------------------------------------------------------

LINES = st.lists(
    st.tuples(
        st.sampled_from(
            ["User-agent", "Disallow", "Allow", "Crawl-delay", "Request-rate", "Visit-time", "Sitemap", "X"]
        ),
        st.one_of(st.text(max_size=20), st.sampled_from(["*", "coopscrape", "/", "/*$", "/a*b$", "1/5m", "nan", "-1"])),
    ).map(lambda record: f"{record[0]}: {record[1]}\n"),
    max_size=20,
).map(lambda lines: "".join(lines).encode("utf-8", "surrogatepass"))


@given(st.one_of(st.binary(), LINES), st.one_of(st.text(), st.text().map(lambda path: f"{URL}/{path}")))
def test_no_bytes_crash_and_no_delay_is_absurd(body: bytes, url: str) -> None:
    rules: Rules = says(body)
    rules.allows(url)
    assert rules.closed is None
    assert rules.delay is None or 0 <= rules.delay <= A_YEAR
    assert rules.allows(f"{URL}/robots.txt")


@given(LINES, st.sampled_from(["/", "/a", "/ab", "/a/b?c"]))
def test_rules_say_the_same_after_a_journey(body: bytes, path: str) -> None:
    rules = says(body)
    before = rules.allows(URL + path)
    travelled = pickle.loads(pickle.dumps(rules))
    assert travelled == rules
    assert travelled.allows(URL + path) == before
