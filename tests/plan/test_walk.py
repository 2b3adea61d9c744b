"""The pages of one source, in order: sites are dicts, and the walk is driven by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.model import (
    Content,
    End,
    Ended,
    Extraction,
    Miss,
    Moved,
    Paging,
    Request,
    Row,
    Source,
    Strategy,
    Visit,
    Why,
)
from coopscrape.plan.walk import REFUSALS, walk
from plan.world import EPOCH, miss, moved, page, source

HOME = "https://a.example/news"


@dataclass(frozen=True)
class Sheet:
    """A page of a site in a dict."""

    shows: str = ""  # an entry a letter
    next: str | None = None
    answers_as: str | None = None  # the url after redirects
    signals: tuple[tuple[str, str], ...] = ()
    layout: str | None = "list"
    must_contain: bool = True
    trouble: str | None = None

    def visit(self, request: Request) -> Visit:
        outcome = replace(page(request, EPOCH), url=self.answers_as or request.url, signals=self.signals)
        rows = tuple(Row(letter, Content(title=letter.upper())) for letter in self.shows)
        return Visit(outcome, Extraction(rows, self.layout, self.must_contain, self.next, trouble=self.trouble))


Site = Mapping[str, Sheet | Visit]


def listing(strategy: Strategy = Strategy.NEXT, **settings: object) -> Source:
    paging = Paging(strategy, next="a", url="https://a.example/news?page={page}")
    return source("news", HOME, paging=paging, **settings)  # type: ignore[arg-type]  # by name


def go(of: Source, site: Site, max_pages: int | None = None) -> tuple[list[Request], Ended]:
    """All that the walk asks for, and how it ends. What the site does not have is a 404."""
    asked: list[Request] = []
    steps = walk(of, 7, max_pages)
    try:
        request = next(steps)
        while True:
            asked.append(request)
            sheet = site.get(request.url, Visit(miss(request, EPOCH, status=404)))
            request = steps.send(sheet.visit(request) if isinstance(sheet, Sheet) else sheet)
    except StopIteration as stop:
        return asked, stop.value


def chain(*shows: str) -> dict[str, Sheet]:
    """Pages that each name the next one."""
    urls = [HOME, *(f"{HOME}?page={n}" for n in range(2, len(shows) + 1)), None]
    return {url: Sheet(show, urls[n + 1]) for n, (url, show) in enumerate(zip(urls, shows, strict=False)) if url}


def test_a_walk_asks_for_one_page_after_the_other_to_the_listings_own_end() -> None:
    asked, ended = go(listing(), chain("ab", "cd", "e"))
    assert asked == [
        Request(url, url, source="news", walk=7, number=number)
        for number, url in enumerate((HOME, f"{HOME}?page=2", f"{HOME}?page=3"), 1)
    ]
    assert ended == Ended(End.LISTING, "news page 3: no further page")


def test_counted_pages_go_on_until_one_is_empty() -> None:
    asked, ended = go(listing(Strategy.URL), chain("ab", "cd", ""))
    assert len(asked) == 3
    assert ended == Ended(End.LISTING, "news page 3: no entries, so page 2 was the last")


@pytest.mark.parametrize("status", [404, 410])
def test_a_counted_page_that_does_not_exist_is_the_end_if_the_one_after_it_does_not_either(status: int) -> None:
    absent = {f"{HOME}?page={n}": Visit(miss(Request("", ""), EPOCH, status=status)) for n in (3, 4)}
    asked, ended = go(listing(Strategy.URL), {**chain("ab", "cd"), **absent})
    assert [request.number for request in asked] == [1, 2, 3, 4]
    assert ended == Ended(End.LISTING, f"news page 3: answered {status}, and so did page 4, so page 2 was the last")


@pytest.mark.parametrize(
    "beyond",
    [Sheet("ef"), Sheet(""), Visit(miss(Request("", ""), EPOCH, status=500)), Visit(miss(Request("", ""), EPOCH))],
)
def test_a_counted_page_that_does_not_exist_is_a_hole_if_the_one_after_it_is_there_or_fails(
    beyond: Sheet | Visit,
) -> None:
    asked, ended = go(listing(Strategy.URL), {**chain("ab", "cd"), f"{HOME}?page=4": beyond})
    assert len(asked) == 4
    assert ended.why is End.MISS
    assert "page 3: status: " in ended.reason
    assert ended.reason.endswith("but page 4 is no such page")


def test_an_absent_page_proves_no_end_where_a_link_led_to_it_nor_at_the_limit_nor_at_the_beginning() -> None:
    second = f"{HOME}?page=2"
    for asked, ended in (
        go(listing(), {HOME: Sheet("ab", second)}),
        go(listing(Strategy.URL), chain("ab"), max_pages=2),
        go(listing(Strategy.URL), {}),
    ):
        assert len(asked) <= 2
        assert ended.why is End.MISS


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.sampled_from((Strategy.NEXT, Strategy.URL)))
def test_a_walk_reads_every_page_up_to_the_first_empty_one_and_none_twice(sizes: list[int], strategy: Strategy) -> None:
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    site = chain(*("".join(next(letters) for _ in range(size)) for size in sizes), "")
    asked, ended = go(listing(strategy), site)
    empty = [n for n, size in enumerate([*sizes, 0], 1) if not size and (n > 1 or strategy is Strategy.URL)]
    assert len(asked) == min(empty)
    assert len({request.url for request in asked}) == len(asked)
    assert ended.why is End.LISTING


def test_a_next_link_on_an_empty_first_page_is_followed() -> None:
    assert len(go(listing(), chain("", "ab"))[0]) == 2


@pytest.mark.parametrize(
    "again", [HOME, f"{HOME}#top", f"{HOME}?page=2", f"{HOME}?page=2&utm_source=pager", "http://www.a.example/news"]
)
def test_a_next_page_that_was_seen_is_the_end_and_is_not_asked_for(again: str) -> None:
    asked, ended = go(listing(), {HOME: Sheet("ab", f"{HOME}?page=2"), f"{HOME}?page=2": Sheet("cd", again)})
    assert len(asked) == 2
    assert ended.why is End.LISTING
    assert "seen before" in ended.reason


def said(*titles: str, at: str, after: str | None = None) -> Visit:
    """A page with these titles, under links of its own."""
    rows = tuple(Row(f"{at}/{n}", Content(title=title, link=f"{at}/{n}")) for n, title in enumerate(titles))
    return Visit(page(Request(at, at), EPOCH), Extraction(rows, "list", next_url=after))


def test_a_page_that_says_what_an_earlier_one_said_under_other_links_is_no_page_of_the_listing() -> None:
    titles, second = ("one", "two", "three"), f"{HOME}?page=2"
    asked, ended = go(listing(), {HOME: said(*titles, at=HOME, after=second), second: said(*titles, at=second)})
    assert len(asked) == 2
    assert ended.why is End.DOUBT
    assert "page 2: it says what page 1 said, under other links" in ended.reason


@pytest.mark.parametrize("titles", [("agenda", "minutes"), ("agenda", "minutes", "video") * 3])
def test_titles_that_come_again_and_again_are_read_on(titles: tuple[str, ...]) -> None:
    second = f"{HOME}?page=2"
    _, ended = go(listing(), {HOME: said(*titles, at=HOME, after=second), second: said(*titles, at=second)})
    assert ended == Ended(End.LISTING, "news page 2: no further page")


def test_a_page_was_seen_under_the_url_that_answered_too() -> None:
    first = Sheet("ab", f"{HOME}?page=2", answers_as=f"{HOME}?page=1")
    asked, ended = go(listing(), {HOME: first, f"{HOME}?page=2": Sheet("cd", f"{HOME}?page=1")})
    assert len(asked) == 2
    assert ended.why is End.LISTING


def test_counted_urls_are_the_settings_word_and_may_be_http_although_the_site_answers_as_https() -> None:
    paging = Paging(Strategy.URL, url="http://a.example/news?page={page}")
    of = source("news", "http://a.example/news", paging=paging)
    asked, ended = go(
        of, {"http://a.example/news": Sheet("ab", answers_as=HOME), "http://a.example/news?page=2": Sheet()}
    )
    assert len(asked) == 2
    assert ended.why is End.LISTING


def test_a_page_beyond_the_end_that_redirects_to_the_first_is_the_end() -> None:
    site = {**chain("ab", "cd"), f"{HOME}?page=3": Sheet("ab", answers_as=f"{HOME}#list")}
    asked, ended = go(listing(Strategy.URL), site)
    assert len(asked) == 3
    assert ended == Ended(End.LISTING, f"news page 3: {HOME}#list was seen before")


@pytest.mark.parametrize("last", ["cd", "da", "b"])
def test_a_page_that_shows_only_what_was_shown_is_the_end(last: str) -> None:
    asked, ended = go(listing(Strategy.URL), chain("ab", "cd", last, "xyz"))
    assert len(asked) == 3
    assert ended == Ended(End.LISTING, f"news page 3: all its {len(last)} entries were shown by earlier pages")


def test_a_pinned_entry_on_every_page_does_not_end_the_walk() -> None:
    asked, ended = go(listing(), chain("pab", "pcd", "pe"))
    assert len(asked) == 3
    assert ended.why is End.LISTING


def test_a_page_limit_is_not_the_listings_end() -> None:
    asked, ended = go(listing(max_pages=2), chain("ab", "cd", "ef"))
    assert len(asked) == 2
    assert ended == Ended(End.LIMIT, "news page 2: max_pages = 2 reached, and there is a next page")
    assert go(listing(max_pages=2), chain("ab", "cd", "ef"), max_pages=3)[1].why is End.LISTING
    assert go(listing(max_pages=2), chain("ab", "cd"))[1].why is End.LISTING


def test_a_missed_page_ends_the_walk_and_says_which() -> None:
    assert go(listing(), {HOME: Sheet("ab", f"{HOME}?page=2")})[1] == Ended(End.MISS, "news page 2: status: status 404")


@pytest.mark.parametrize("why", Why)
def test_a_refusal_is_one_only_before_anything_was_read(why: Why) -> None:
    refused = Visit(Miss(HOME, HOME, why, "for a reason", "2018-06-20T09:30:00.000Z", sent=False))
    assert go(listing(), {HOME: refused})[1].why is (End.REFUSED if why in REFUSALS else End.MISS)
    assert go(listing(), {**chain("ab", "cd"), f"{HOME}?page=2": refused})[1].why is End.MISS


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        (Sheet("ab", trouble="an RSS feed, no HTML page"), "an RSS feed"),
        (Sheet(layout=None), "no layout of 1 reads it"),
        (Sheet("ab", must_contain=False), "must_contain 'div.list' was not found"),
    ],
)
def test_a_page_that_is_not_the_listing_is_doubted_and_proves_no_end(sheet: Sheet, words: str) -> None:
    of = listing()
    of = replace(of, reading=replace(of.reading, must_contain="div.list"))
    for site, number in (({HOME: sheet}, 1), ({HOME: Sheet("xy", f"{HOME}?page=2"), f"{HOME}?page=2": sheet}, 2)):
        ended = go(of, site)[1]
        assert ended.why is End.DOUBT
        assert ended.reason.startswith(f"news page {number}: ")
        assert words in ended.reason


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://elsewhere.example/news", "another site"),
        ("http://a.example/more", "https back to http"),
        ("ftp://a.example/more", "no http or https address"),
        ("https://[::1", "no http or https address"),
    ],
)
def test_a_next_page_elsewhere_is_never_asked_for(url: str, words: str) -> None:
    asked, ended = go(listing(), {HOME: Sheet("ab", url)})
    assert len(asked) == 1
    assert ended.why is End.MISS
    assert words in ended.reason


@pytest.mark.parametrize(
    "url", ["https://www.a.example/2", "https://A.example/2", "https://old.example/2", "https://a.example:8443/2"]
)
def test_a_next_page_on_the_same_site_or_a_listed_host_is_asked_for(url: str) -> None:
    asked, _ = go(listing(hosts=("www.old.example",)), {HOME: Sheet("ab", url)})
    assert [urlsplit(request.url).path for request in asked] == ["/news", "/2"]


def test_a_fragment_is_no_part_of_what_is_asked() -> None:
    asked, _ = go(listing(), {HOME: Sheet("ab", f"{HOME}?page=2#list")})
    assert asked[1].url == asked[1].asked == f"{HOME}?page=2"


@pytest.mark.parametrize(
    ("value", "stops"),
    [
        ("nofollow", True),
        ("noindex, NoFollow", True),
        ("none", True),
        ("coopscrape: nofollow", True),
        ("googlebot: noindex, nofollow", False),
        ("googlebot: noindex, coopscrape: nofollow", True),
        ("unavailable_after: 25 Jun 2030 15:00:00 PST, nofollow", True),
        ("noarchive", False),
    ],
)
def test_nofollow_stops_paging_when_it_is_said_to_us(value: str, stops: bool) -> None:
    site = chain("ab", "cd")
    site[HOME] = replace(site[HOME], signals=(("tdm-reservation", "1"), ("X-Robots-Tag", value)))
    asked, ended = go(listing(), site)
    assert len(asked) == (1 if stops else 2)
    assert ended.why is (End.LIMIT if stops else End.LISTING)
    assert not stops or "X-Robots-Tag" in ended.reason


@pytest.mark.parametrize(
    ("signal", "stops"),
    [
        (("meta:robots", "noindex, NoFollow"), True),
        (("meta:coopscrape", "none"), True),
        (("meta:robots", "index, follow"), False),
        (("meta:tdm-reservation", "1"), False),
        (("robots.txt:content-signal", "nofollow"), False),
    ],
)
def test_nofollow_stops_paging_when_it_stands_in_the_page(signal: tuple[str, str], stops: bool) -> None:
    site = chain("ab", "cd")
    site[HOME] = replace(site[HOME], signals=(signal,))
    asked, ended = go(listing(), site)
    assert len(asked) == (1 if stops else 2)
    assert not stops or f'<meta name="{signal[0][5:]}"> says ' in ended.reason


def test_nofollow_on_the_last_page_takes_nothing_from_the_end() -> None:
    assert go(listing(), {HOME: Sheet("ab", signals=(("x-robots-tag", "nofollow"),))})[1].why is End.LISTING


def test_a_walk_is_never_sent_a_redirect_or_an_unread_page() -> None:
    request = Request(HOME, HOME)
    for outcome in (moved(request, EPOCH, HOME), page(request, EPOCH)):
        assert isinstance(outcome, Moved) or outcome.body == b""
        with pytest.raises(TypeError, match="news page 1: a walk is sent a Miss, or a Page with its Extraction"):
            go(listing(), {HOME: Visit(outcome)})
