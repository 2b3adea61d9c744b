"""RFC 9309 as a table: the RFC's own examples, and the well-known cases where parsers of robots.txt part ways."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from coopscrape.fetch.robots import A_YEAR, MAX_PARSED, RobotsRules, read_rules
from coopscrape.fetch.robots_paths import allowed, patterns
from coopscrape.model import Miss, Why
from fetch.raw import page

URL = "https://example.org"
OURS = "coopscrape"


def says(text: str | bytes, token: str = OURS) -> RobotsRules:
    return read_rules(page(f"{URL}/robots.txt", text.encode() if isinstance(text, str) else text), token)


# -- paths (section 2.2.2, 2.2.3): what stands in the group of everybody, a path, whether it may be asked for ----------

PLAINLY, ENCODED = "/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar"
GIF = "/example/page/disallowed.gif"
PATHS = {
    # the RFC's own: section 2.2.2, percent-encoding
    "a query as it is": ("Disallow: /foo/bar?baz=quz", "/foo/bar?baz=quz", False),
    "reserved octets in a query, written out": (f"Disallow: {PLAINLY}", PLAINLY, False),
    "reserved octets, encoded in the url": (f"Disallow: {PLAINLY}", ENCODED, False),
    "reserved octets, encoded in the rule": (f"Disallow: {ENCODED}", PLAINLY, False),
    "beyond ASCII, encoded in the url": ("Disallow: /foo/bar/ツ", "/foo/bar/%E3%83%84", False),
    "beyond ASCII, encoded in the rule": ("Disallow: /foo/bar/%E3%83%84", "/foo/bar/ツ", False),
    "beyond ASCII on both sides": ("Disallow: /foo/bar/ツ", "/foo/bar/ツ", False),
    "another letter beyond ASCII": ("Disallow: /foo/bar/ツ", "/foo/bar/シ", True),
    "unreserved octets, encoded in the rule": ("Disallow: /foo/bar/%62%61%7A", "/foo/bar/baz", False),
    "unreserved octets, encoded in the url": ("Disallow: /foo/bar/baz", "/foo/bar/%62%61%7A", False),
    # section 2.2.3, special characters
    "a star for anything": ("Disallow: /this/*/exactly", "/this/path/exactly", False),
    "a star for nothing": ("Disallow: /this/*/exactly", "/this//exactly", False),
    "a star that does not fit": ("Disallow: /this/*/exactly", "/this/path/not", True),
    "an end": ("Allow: /this/path/exactly$\nDisallow: /", "/this/path/exactly", True),
    "beyond the end": ("Allow: /this/path/exactly$\nDisallow: /", "/this/path/exactly/not", False),
    "a literal star": ("Disallow: /path/file-with-a-%2A.html", "/path/file-with-a-*.html", False),
    "a literal star is no other letter": ("Disallow: /path/file-with-a-%2A.html", "/path/file-with-a-x.html", True),
    "a literal dollar": ("Disallow: /path/foo-%24", "/path/foo-$", False),
    "a literal dollar is no end": ("Disallow: /path/foo-%24", "/path/foo-", True),
    # section 5.1, simple example
    "the groups of 5.1, foobot's gif": ("Disallow: *.gif$\nDisallow: /example/\nAllow: /publications/", "/logo.gif", False),
    "the groups of 5.1, not at the end": ("Disallow: *.gif$\nDisallow: /example/\nAllow: /publications/", "/logo.gif?x", True),
    "the groups of 5.1, a folder": ("Disallow: *.gif$\nDisallow: /example/\nAllow: /publications/", "/example/a", False),
    "the groups of 5.1, allowed": ("Disallow: *.gif$\nDisallow: /example/\nAllow: /publications/", "/publications/", True),
    # section 5.2, longest match
    "longest match, allow": (f"Allow: /example/page/\nDisallow: {GIF}", "/example/page/a", True),
    "longest match, disallow": (f"Allow: /example/page/\nDisallow: {GIF}", GIF, False),
    # longest match, whatever the order
    "disallow first, allow longer": ("Disallow: /p\nAllow: /page", "/page", True),
    "allow first, disallow longer": ("Allow: /p\nDisallow: /page", "/page", False),
    "a tie is allowed": ("Disallow: /folder\nAllow: /folder", "/folder/page", True),
    "a tie with a star": ("Allow: /page\nDisallow: /*.ph", "/page.php", True),
    "a star counts as an octet": ("Allow: /page\nDisallow: /*.htm", "/page.htm", False),
    "a star alone is longer than the root": ("Allow: /p\nDisallow: /", "/page", True),
    "the end counts": ("Allow: /$\nDisallow: /", "/", True),
    "the end of the root": ("Allow: /$\nDisallow: /", "/page.htm", False),
    "an escape is as long as what it stands for": ("Disallow: /%61%61\nAllow: /aaa", "/aaa", True),
    "a letter beyond ASCII is as long as its octets": ("Disallow: /*?q\nAllow: /ツ", "/ツ?q=1", True),
    # beginnings
    "a beginning": ("Disallow: /fish", "/fish.html", False),
    "a beginning, in a longer folder": ("Disallow: /fish", "/fishheads/yummy.html", False),
    "another beginning": ("Disallow: /fish", "/catfish", True),
    "case counts in paths": ("Disallow: /fish", "/Fish.asp", True),
    "a folder is no file": ("Disallow: /fish/", "/fish", True),
    "a folder": ("Disallow: /fish/", "/fish/salmon.htm", False),
    "a query after the beginning": ("Disallow: /fish", "/fish?id=anything", False),
    "the root is everything": ("Disallow: /", "/anything?at=all", False),
    "nothing at all": ("Disallow:", "/anything", True),
    "nothing at all does not lift the rest": ("Disallow:\nDisallow: /x", "/x", False),
    "an empty allow allows nothing": ("Allow:\nDisallow: /x", "/x", False),
    "a url without a path": ("Disallow: /", "", False),
    "a url without a path, but a query": ("Disallow: /?q", "?q=1", False),
    "a rule without a slash matches no path": ("Disallow: fish", "/fish", True),
    # stars and ends
    "a star at the end is no more than a beginning": ("Disallow: /fish*", "/fish", False),
    "a star first": ("Disallow: *.php", "/a/b.php5", False),
    "a star and an end": ("Disallow: /*.php$", "/filename.php", False),
    "a star and an end, with parameters": ("Disallow: /*.php$", "/filename.php?parameters", True),
    "a star and an end, with a slash": ("Disallow: /*.php$", "/filename.php/", True),
    "two stars": ("Disallow: /a*b*c", "/aXbYc", False),
    "two stars in order": ("Disallow: /a*b*c", "/aXcYb", True),
    "stars in a row": ("Disallow: /a***c", "/abc", False),
    "parts must not overlap": ("Disallow: /ab*ba$", "/aba", True),
    "a dollar in the middle is a dollar": ("Disallow: /a$b", "/a$b", False),
    "a dollar in the middle is no end": ("Disallow: /a$b", "/a", True),
    "queries by star": ("Disallow: /*?page=", "/list?page=2", False),
    "an end behind a query": ("Disallow: /list?$", "/list?", False),
    "a question mark is there or not": ("Disallow: /list?", "/list", True),
    "a mark of the query in the path is a letter": ("Disallow: /a%3Fb", "/a?b", True),
    # escapes
    "an escaped slash parts nothing": ("Disallow: /a%2Fb", "/a/b", True),
    "an escaped slash is itself": ("Disallow: /a%2fb", "/a%2Fb", False),
    "a slash is not an escaped one": ("Disallow: /a/b", "/a%2Fb", True),
    "the case of escapes": ("Disallow: /a%3cd", "/a%3Cd", False),
    "a tilde": ("Disallow: /~joe/", "/%7Ejoe/index.html", False),
    "a blank": ("Disallow: /a b", "/a%20b", False),
    "a percent sign that escapes nothing": ("Disallow: /100%", "/100%25", False),
    "an octet that is no UTF-8": ("Disallow: /%E4", "/%E4rger", False),
    "an octet that is no UTF-8 is no other one": ("Disallow: /\nAllow: /%E4", "/%E5", False),
    "a plus is no blank": ("Disallow: /a+b", "/a%20b", True),
    # what Protego takes for more than is said
    "an index is not its folder": ("Disallow: /\nAllow: /index.html", "/", False),
    # the url as it is sent
    "a way up is gone": ("Disallow: /private/", "/public/../private/list", False),
    "a way up, escaped": ("Disallow: /private/", "/public/%2e%2E/private/list", False),
    "a way up to the end": ("Disallow: /a/$", "/a/b/..", False),
    "here is here": ("Disallow: /a/b", "/a/./b", False),
    "above the root is the root": ("Disallow: /a", "/../../a", False),
    "a fragment is not sent": ("Disallow: /*b", "/a#b", True),
    "two slashes are two": ("Disallow: /a", "//a", True),
    # /robots.txt itself
    "robots.txt is always allowed": ("Disallow: /", "/robots.txt", True),
    "nothing below it is": ("Disallow: /", "/robots.txt/x", False),
}  # fmt: skip


@pytest.mark.parametrize(("rules", "path", "expected"), PATHS.values(), ids=PATHS.keys())
def test_a_path_is_judged_as_the_rfc_has_it(rules: str, path: str, expected: bool) -> None:
    assert says(f"User-agent: *\n{rules}\n").allows(URL + path) is expected


# -- groups (section 2.2.1): a whole file, whether /list may be asked for ----------------------------------------------

RFC_5_1 = """\
User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot
"""
RFC_2_2_1 = """\
user-agent: ExampleBot
disallow: /foo
disallow: /bar

user-agent: ExampleBot
disallow: /baz
"""
NO, YES = "Disallow: /\n", "Allow: /\n"

GROUPS = {
    "no group": ("", True),
    "our own": (f"User-agent: {OURS}\n{NO}", False),
    "our own in another case": (f"USER-AGENT: CoopScrape\n{NO}", False),
    "everybody's": (f"User-agent: *\n{NO}", False),
    "another's": (f"User-agent: googlebot\n{NO}", True),
    "a name that ours begins with": (f"User-agent: coop\n{NO}", True),
    "a name that begins with ours": (f"User-agent: {OURS}r\n{NO}", True),
    "a name that ends with ours": (f"User-agent: my-{OURS}\n{NO}", True),
    "our name with a version": (f"User-agent: {OURS}/1.2\n{NO}", False),
    "our name and a remark": (f"User-agent: {OURS} (all versions)\n{NO}", False),
    "our name and a comment": (f"User-agent: {OURS}# hello\n{NO}", False),
    "a sentence with our name": (f"User-agent: Mozilla/5.0 (compatible; {OURS}/1.0)\n{NO}", True),
    "ours beats everybody's, after": (f"User-agent: *\n{NO}\nUser-agent: {OURS}\n{YES}", True),
    "ours beats everybody's, before": (f"User-agent: {OURS}\n{YES}\nUser-agent: *\n{NO}", True),
    "ours without a rule": (f"User-agent: *\n{NO}\nUser-agent: {OURS}\n", True),
    "ours twice are one": (f"User-agent: {OURS}\nDisallow: /a\n\nUser-agent: {OURS}\n{NO}", False),
    "everybody's twice are one": (f"User-agent: *\nDisallow: /a\n\nUser-agent: *\n{NO}", False),
    "several names of one group, first": (f"User-agent: {OURS}\nUser-agent: x\n{NO}", False),
    "several names of one group, last": (f"User-agent: x\nUser-agent: {OURS}\n{NO}", False),
    "the rules end the names": (f"User-agent: {OURS}\nDisallow: /a\nUser-agent: x\n{NO}", True),
    "a blank line ends no group": (f"User-agent: {OURS}\n\n{NO}", False),
    "a comment ends no group": (f"User-agent: {OURS}\n# all of it\n{NO}", False),
    "a sitemap ends no names": (f"User-agent: x\nSitemap: {URL}/s.xml\nUser-agent: {OURS}\n{NO}", False),
    "a sitemap ends no rules": (f"User-agent: {OURS}\nDisallow: /a\nSitemap: {URL}/s.xml\n{NO}", False),
    "an unknown line ends no names": (f"User-agent: x\nNoindex: /a\nUser-agent: {OURS}\n{NO}", False),
    "an unknown line in a group": (f"User-agent: {OURS}\nClean-param: ref /a\n{NO}", False),
    "a host line": (f"User-agent: {OURS}\nHost: example.org\n{NO}", False),
    "a signal is a rule of its group": (f"User-agent: *\nContent-Signal: ai-train=no\n\nUser-agent: GPTBot\n{NO}", True),
    "a delay is a rule of its group": (f"User-agent: *\nCrawl-delay: 5\n\nUser-agent: GPTBot\n{NO}", True),
    "rules before any group": (NO, True),
    "a name that is none": (f"User-agent:\n{NO}", True),
    "blanks around everything": (f"  User-agent \t:\t {OURS} \n \t Disallow  :   /list \t\n", False),
    "no blank": (f"User-agent:{OURS}\nDisallow:/list\n", False),
    "no colon": (f"User-agent {OURS}\nDisallow /list\n", False),
    "a slip of the pen": (f"Useragent: {OURS}\nDissallow: /list\n", False),
    "a comment behind a rule": (f"User-agent: {OURS}\nDisallow: /list # not for you\n", False),
    "a rule behind a comment sign": (f"User-agent: {OURS}\n#Disallow: /list\n", True),
    "line ends of DOS": (f"User-agent: {OURS}\r\nDisallow: /list\r\n", False),
    "line ends of the old Macintosh": (f"User-agent: {OURS}\rDisallow: /list\r", False),
    "mixed line ends": (f"User-agent: x\r\nDisallow: /x\r\rUser-agent: {OURS}\n\rDisallow: /list", False),
    "no line end at the end": (f"User-agent: {OURS}\nDisallow: /list", False),
    "a form feed is no line end": (f"User-agent: {OURS}\nDisallow: /a\x0cDisallow: /list", True),
    "a byte order mark": (f"\ufeffUser-agent: {OURS}\n{NO}", False),
    "NUL bytes": (f"\x00\x00\nUser-agent: {OURS}\n{NO}", False),
    "another protocol's file": ("contact: mailto:security@example.org\nexpires: never\n", True),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), GROUPS.values(), ids=GROUPS.keys())
def test_the_groups_that_name_us_apply_and_no_others(text: str, expected: bool) -> None:
    assert says(text).allows(f"{URL}/list") is expected


@pytest.mark.parametrize(
    ("token", "path", "expected"),
    [
        ("foobot", "/example/page.html", True),
        ("foobot", "/example/allowed.gif", True),
        ("foobot", "/other", False),
        ("barbot", "/example/page.html", False),
        ("bazbot", "/example/page.html", False),
        ("bazbot", "/logo.gif", True),
        ("quxbot", "/example/page.html", True),
        ("anybot", "/logo.gif", False),
        ("anybot", "/publications/list", True),
    ],
)
def test_the_example_of_section_5_1_reads_as_the_rfc_says(token: str, path: str, expected: bool) -> None:
    assert says(RFC_5_1, token).allows(URL + path) is expected


def test_the_example_of_section_2_2_1_is_one_group() -> None:
    rules = says(RFC_2_2_1, "ExampleBot")
    assert [rules.allows(URL + path) for path in ("/foo", "/bar", "/baz", "/qux")] == [False, False, False, True]


# -- wishes about time ------------------------------------------------------------------------------------------------

DELAYS = {
    "Crawl-delay: 10": 10.0,
    "Crawl-delay: 0.5": 0.5,
    "Crawl-delay: 5s": 5.0,
    "Crawl-delay: 5 sec": 5.0,
    "Crawl-delay: 1,5": 1.5,
    "Crawl-delay: 2 minutes": 120.0,
    "Crawl-delay: 1h": 3600.0,
    "Crawl-delay: 500ms": 0.5,
    "Crawl-delay: 10 # seconds": 10.0,
    "Crawl-delay: 1e9": A_YEAR,
    "Crawl-delay: inf": A_YEAR,
    "Crawl-delay: -1": None,
    "Crawl-delay: -5s": None,
    "Crawl-delay: nan": None,
    "Crawl-delay: ten": None,
    "Crawl-delay:": None,
    "Request-rate: 1/5": 5.0,
    "Request-rate: 1/5s": 5.0,
    "Request-rate: 1 / 5": 5.0,
    "Request-rate: 1/10m": 600.0,
    "Request-rate: 1/10m 1300-1659": 600.0,
    "Request-rate: 1/2h": 7200.0,
    "Request-rate: 2/1d": 43_200.0,
    "Request-rate: 10/5": 0.5,
    "Request-rate: 1/2.5": 2.5,
    "Request-rate: 0/5": None,
    "Request-rate: 5": None,
    "Request-rate: often": None,
    "Request-rate: 1/2 0000-0559\nRequest-rate: 1/20 0600-2359": 20.0,
    "Crawl-delay: 3\nRequest-rate: 1/7": 7.0,
}


@pytest.mark.parametrize(("rules", "delay"), DELAYS.items(), ids=DELAYS.keys())
def test_the_slowest_wish_is_the_delay_and_nonsense_is_none(rules: str, delay: float | None) -> None:
    assert says(f"User-agent: *\n{rules}\n").delay == delay


HOURS: dict[str, tuple[tuple[int, int], ...]] = {
    "Visit-time: 0600-0845": ((360, 525),),
    "Visit-time: 0100 - 0800 #only between 01:00 and 08:00 UTC": ((60, 480),),
    "Visit-time: 06:00-08:45": ((360, 525),),
    "Visit-time: 600-845": ((360, 525),),
    "Visit-time: 0600 0845": ((360, 525),),
    "visit time 2200-0500": ((1320, 300),),
    "Visit-time: 0000-2400": ((0, 1440),),
    "Visit-time: 0600-0700\nVisit-time: 2000-2100": ((360, 420), (1200, 1260)),
    "Visit-time: 2500-2600": (),
    "Visit-time: 0660-0700": (),
    "Visit-time: 0600-2401": (),
    "Visit-time: at night": (),
    "Visit-time:": (),
}


@pytest.mark.parametrize(("rules", "windows"), HOURS.items(), ids=HOURS.keys())
def test_the_hours_of_visits_are_minutes_of_a_utc_day(rules: str, windows: tuple[tuple[int, int], ...]) -> None:
    assert says(f"User-agent: *\n{rules}\n").windows == windows


def test_the_hours_and_signals_of_others_are_theirs() -> None:
    rules = says("User-agent: x\nVisit-time: 0600-0845\nContent-Signal: ai-train=no\n\nUser-agent: *\nDisallow: /x\n")
    assert (rules.windows, rules.signals) == ((), ())


def test_what_robots_txt_says_of_use_is_read_as_it_stands() -> None:
    rules = says(
        "User-agent: *\nContent-Signal: search=yes, ai-train=no\nContent-usage: /ai-ok/ train-ai=y\nAllow: /\n"
    )
    assert rules.signals == (
        ("robots.txt:content-signal", "search=yes, ai-train=no"),
        ("robots.txt:content-usage", "/ai-ok/ train-ai=y"),
    )


# -- what came in place of rules (section 2.3.1): status, why -> may anything be asked? ---------------------------------

STATUSES = {
    204: True,
    205: True,
    400: True,
    401: True,
    403: True,
    404: True,
    410: True,
    418: True,
    451: True,
    429: False,
    500: False,
    502: False,
    503: False,
    504: False,
    520: False,
    206: False,
    300: False,
    304: False,
    None: False,
}


@pytest.mark.parametrize(("status", "expected"), STATUSES.items())
def test_a_status_opens_or_closes_the_host(status: int | None, expected: bool) -> None:
    came = Miss(URL, URL, Why.STATUS, f"answered {status}", "2018-06-20T09:30:00.000Z", status=status)
    assert read_rules(came).allows(f"{URL}/list") is expected


@pytest.mark.parametrize(
    "why",
    [Why.NETWORK, Why.TLS, Why.NAME, Why.DEADLINE, Why.TRUNCATED, Why.CODING, Why.ADDRESS, Why.REDIRECT, Why.LOST],
)
def test_what_cannot_be_reached_is_left_alone(why: Why) -> None:
    came = Miss(URL, URL, why, "oh dear", "2018-06-20T09:30:00.000Z")
    rules = read_rules(came)
    assert not rules.allows(f"{URL}/list")
    assert "oh dear" in (rules.closed or "")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_long_file_is_cut_where_a_line_ends(end: bytes) -> None:
    head = b"User-agent: *" + end + b"Disallow: /first" + end
    line = b"Disallow: /a/" + b"x" * 100 + end
    body = head + line * (MAX_PARSED // len(line) + 2) + b"Disallow: /list" + end
    rules = says(body)
    assert len(body) > MAX_PARSED
    assert not rules.allows(f"{URL}/first")
    assert rules.allows(f"{URL}/list")
    assert {path for _, path in rules.rules} == {"/first", "/a/" + "x" * 100}


# -- laws -------------------------------------------------------------------------------------------------------------

PLAIN = st.text(alphabet="ab/.", max_size=6).map(lambda text: f"/{text}")
RULES = st.lists(
    st.tuples(
        st.sampled_from(["allow", "disallow"]),
        st.tuples(st.text(alphabet="ab/.*", max_size=6), st.sampled_from(["", "$"])).map(
            lambda two: f"/{two[0]}{two[1]}"
        ),
    ),
    max_size=6,
)


@given(RULES, PLAIN)
def test_plain_rules_mean_what_protego_takes_them_for(rules: list[tuple[str, str]], path: str) -> None:
    """Where Protego does no more than the RFC says: no escapes, no way up."""
    if re.search(r"(^|/)\.{1,2}(/|$)", path) or path.startswith("//"):
        return
    theirs = Protego.parse("User-agent: *\n" + "".join(f"{field}: {value}\n" for field, value in rules))
    assert allowed(patterns(rules), URL + path) is theirs.can_fetch(URL + path, "*")


@given(RULES, PLAIN)
def test_how_a_path_is_spelled_changes_nothing(rules: list[tuple[str, str]], path: str) -> None:
    spelled = "".join(f"%{ord(letter):02x}" if letter in string.ascii_letters else letter for letter in path)
    assert allowed(patterns(rules), URL + spelled) is allowed(patterns(rules), URL + path)


def test_no_rule_is_dear() -> None:
    """A rule that would keep a backtracking matcher busy for years."""
    ordered = patterns([("disallow", "/" + "*a" * 2_000 + "$")])
    assert allowed(ordered, URL + "/" + "a" * 1_999 + "b")
    assert not allowed(ordered, URL + "/" + "a" * 4_000)
