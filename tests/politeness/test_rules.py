"""docs/politeness.md, rule by rule, as the visited server measures it."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate

import pytest

from cli.desk import Desk
from coopscrape.model import Coverage
from listings import listing, publish, some_items
from politeness.visits import HAIR, Visitor, conditional, gaps, paths, pauses, robots
from server import Answer, Asked, World

DAY = 86_400.0


def at_first(*answers: Answer, then: str) -> Callable[[Asked], Answer | str]:
    """One answer after the other, and at last the page."""
    waiting = list(answers)
    return lambda _: waiting.pop(0) if waiting else then


PAGE = listing(some_items(3))

# -- a name -------------------------------------------------------------------------------------------


def test_every_request_says_who_asks_and_only_gets(visitor: Visitor, world: World) -> None:
    visitor.settings({"coop": publish(world, some_items(12))}, world)
    visitor.visit()
    assert paths(world.ledger) == ["/robots.txt", "/news", "/news/2"]
    for hit in world.ledger:
        assert hit.method == "GET"
        assert hit.headers["user-agent"].startswith("coopscrape/")
        assert "test@example.org" in hit.headers["user-agent"]
        assert hit.headers["from"] == "test@example.org"
        assert "cookie" not in hit.headers


# -- the interval -------------------------------------------------------------------------------------


def test_the_pause_is_kept_from_start_to_start_and_from_one_run_to_the_next(visitor: Visitor, world: World) -> None:
    visitor.settings({"coop": publish(world, some_items(12))}, world, delay="0.3s")
    visitor.visit()
    visitor.visit()
    assert paths(world.ledger) == ["/robots.txt", "/news", "/news/2", "/news", "/news/2"]
    assert min(gaps(world.ledger)) >= 0.3 - HAIR
    assert world.overlaps() == 0


def test_two_crawls_that_are_started_at_once_are_one_after_the_other_for_the_server(
    visitor: Visitor, world: World
) -> None:
    visitor.settings({"coop": publish(world, some_items(12))}, world, delay="0.3s")
    desk = Desk(visitor.place)
    with desk.started("crawl", "--wait", "coop") as one, desk.started("crawl", "--wait", "coop") as other:
        assert (one.wait(60), other.wait(60)) == (0, 0)
    assert len(world.ledger) == 5, "robots.txt is asked for by the first of them only"
    assert min(gaps(world.ledger)) >= 0.3 - HAIR
    assert world.overlaps() == 0


def test_sources_of_one_host_take_turns(visitor: Visitor, world: World) -> None:
    sources = {name: publish(world, some_items(2), path=f"/{name}") for name in ("a", "b", "c")}
    visitor.settings(sources, world, delay="0.25s")
    visitor.visit()
    assert len(world.ledger) == 4
    assert min(gaps(world.ledger)) >= 0.25 - HAIR


def test_a_slow_host_is_never_asked_twice_at_once(visitor: Visitor, world: World) -> None:
    sources = {name: publish(world, some_items(2), path=f"/{name}") for name in ("a", "b")}
    for name in sources:
        world.put(f"/{name}", Answer(body=PAGE, delay=0.3))
    visitor.settings(sources, world)
    visitor.visit()
    assert world.overlaps() == 0
    assert len(world.ledger) == 3


@pytest.mark.parametrize(
    "wish", ["Crawl-delay: 0.5", "Request-rate: 2/1", "Crawl-delay: 0.1\nRequest-rate: 1/0.5 0000-0001"]
)
def test_a_wish_of_robots_txt_is_kept_also_by_the_next_run(visitor: Visitor, world: World, wish: str) -> None:
    robots(world, wish)
    visitor.settings({"coop": publish(world, some_items(3))}, world)
    visitor.visit()
    visitor.visit()
    assert paths(world.ledger) == ["/robots.txt", "/news", "/news"]
    assert min(gaps(world.ledger)) >= 0.5 - HAIR


def test_a_wish_that_is_too_slow_for_us_leaves_the_host_alone_with_a_reason(visitor: Visitor, world: World) -> None:
    robots(world, "Crawl-delay: 100")
    visitor.settings({"coop": publish(world, some_items(3))}, world)
    for _ in range(2):
        (report,) = visitor.visit().reports
        assert report.verdict.coverage is Coverage.REFUSED
        assert (
            "127.0.0.1 wants 100 s between two requests; coop waits 60 s at most (max_delay)" in report.verdict.reason
        )
    assert paths(world.ledger) == ["/robots.txt"]


# -- the hours ----------------------------------------------------------------------------------------


def test_outside_the_hours_of_visits_only_an_unknown_robots_txt_is_asked_for(visitor: Visitor, world: World) -> None:
    begin, end = (time.strftime("%H%M", time.gmtime(time.time() + hours * 3600)) for hours in (2, 3))
    robots(world, f"Visit-time: {begin}-{end}")
    visitor.settings({"coop": publish(world, some_items(3))}, world)
    for later in (0.0, 0.0, 2 * DAY):
        (report,) = visitor.visit(later).reports
        assert report.verdict.coverage is Coverage.REFUSED
        assert f"{begin[:2]}:{begin[2:]} and {end[:2]}:{end[2:]} UTC only (Visit-time)" in report.verdict.reason
    assert paths(world.ledger) == ["/robots.txt"]
    visitor.visit(2 * DAY + 2.5 * 3600)
    assert paths(world.ledger) == ["/robots.txt", "/robots.txt", "/news"]


# -- Retry-After --------------------------------------------------------------------------------------


def in_seconds(seconds: int) -> str:
    return str(seconds)


def as_a_date(seconds: int) -> str:
    return formatdate(time.time() + seconds + 1, usegmt=True)  # a date has no fractions


@pytest.mark.parametrize(
    ("status", "form"), [(429, in_seconds), (503, in_seconds), (503, as_a_date), (302, in_seconds), (302, as_a_date)]
)
def test_a_short_retry_after_is_waited_for(
    visitor: Visitor, world: World, status: int, form: Callable[[int], str]
) -> None:
    def busy(_: Asked) -> Answer | str:
        location = (("Location", "/there"),) if status == 302 else ()
        return Answer(status, headers=(("Retry-After", form(1)), *location))

    answers = iter([busy])
    world.put("/news", lambda asked: next(answers, lambda _: PAGE)(asked))
    world.put("/there", PAGE)
    visitor.settings({"coop": world.url("/news")}, world)
    (report,) = visitor.visit().reports
    assert report.verdict.coverage is Coverage.COMPLETE
    assert paths(world.ledger) == ["/robots.txt", "/news", "/there" if status == 302 else "/news"]
    assert pauses(world.ledger)[-1] >= 1 - HAIR
    (host,) = visitor.ledger()
    assert (host.retry_afters, host.retry_afters_obeyed) == (1, 1)


def test_the_whole_host_is_left_alone_while_one_of_its_pages_wants_it(visitor: Visitor, world: World) -> None:
    busy = Answer(503, headers=(("Retry-After", "1"),))
    world.put("/a", at_first(busy, then=PAGE))
    world.put("/b", PAGE)
    visitor.settings({"a": world.url("/a"), "b": world.url("/b")}, world)
    visitor.visit()
    assert paths(world.ledger) == ["/robots.txt", "/a", "/a", "/b"]
    assert pauses(world.ledger)[1] >= 1 - HAIR


@pytest.mark.parametrize("junk", ["-5", "soon", "Wed, 20 Jun 2018 09:30:00 GMT", "1e3", ""])
def test_a_retry_after_that_is_no_wish_is_none(visitor: Visitor, world: World, junk: str) -> None:
    world.put("/news", at_first(Answer(302, headers=(("Location", "/there"), ("Retry-After", junk))), then=PAGE))
    world.put("/there", PAGE)
    visitor.settings({"coop": world.url("/news")}, world)
    (report,) = visitor.visit().reports
    assert report.verdict.coverage is Coverage.COMPLETE
    assert visitor.ledger()[0].retry_afters == 0


@pytest.mark.parametrize(("status", "form"), [(429, in_seconds), (503, as_a_date), (302, in_seconds)])
def test_a_long_retry_after_ends_the_host_for_this_run_and_is_remembered_by_the_next(
    visitor: Visitor, world: World, status: int, form: Callable[[int], str]
) -> None:
    headers = (("Retry-After", form(3600)), ("Location", "/there"))
    world.put("/a", Answer(status, headers=headers))
    world.put("/b", PAGE)
    visitor.settings({"a": world.url("/a"), "b": world.url("/b")}, world)
    result = visitor.visit()
    assert paths(world.ledger) == ["/robots.txt", "/a"]
    assert all("not-before" in report.verdict.reason for report in result.reports)
    result = visitor.visit()
    assert all("asked not to come back before" in report.verdict.reason for report in result.reports)
    assert len(world.ledger) == 2, "the second run asks nothing at all"
    world.put("/a", PAGE)
    assert visitor.visit(later=3700).exit_code == 0
    assert len(world.ledger) == 4


# -- trying again -------------------------------------------------------------------------------------


def test_a_passing_failure_is_tried_three_times_at_most_and_ever_more_slowly(visitor: Visitor, world: World) -> None:
    world.put("/news", Answer(500))
    visitor.settings({"coop": world.url("/news")}, world)
    (report,) = visitor.visit().reports
    assert "tried 3 times" in report.verdict.reason
    assert paths(world.ledger) == ["/robots.txt", "/news", "/news", "/news"]
    first, second = pauses(world.ledger)[1:]
    assert first >= 1 - HAIR
    assert second >= 2 - HAIR


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 501])
def test_a_failure_that_will_stay_is_not_tried_again(visitor: Visitor, world: World, status: int) -> None:
    world.put("/news", Answer(status))
    visitor.settings({"coop": world.url("/news")}, world)
    visitor.visit()
    assert paths(world.ledger) == ["/robots.txt", "/news"]


# -- validators ---------------------------------------------------------------------------------------


def test_what_is_known_is_asked_for_with_its_validators_but_for_every_tenth_time(
    visitor: Visitor, world: World
) -> None:
    visitor.settings({"coop": publish(world, some_items(3))}, world)
    for _ in range(12):
        visitor.visit()
    hits = world.hits("/news")
    assert [conditional(hit) for hit in hits] == [False, *[True] * 9, False, True]
    assert [hit.status for hit in hits] == [200, *[304] * 9, 200, 304]
    first = hits[0]
    assert first.headers["accept-encoding"] == "gzip, br, zstd"
    (host,) = visitor.ledger()
    assert (host.conditional, host.unchanged, host.unchanged_share) == (10, 10, 1.0)


def test_validators_are_sent_back_verbatim(visitor: Visitor, world: World) -> None:
    odd = (("ETag", 'W/"a b;\xe4"'), ("Last-Modified", "Wed, 20 Jun 2018 9:30 GMT"))
    world.put("/news", Answer(body=PAGE, headers=odd), validators=False)
    visitor.settings({"coop": world.url("/news")}, world)
    visitor.visit()
    visitor.visit()
    again = world.hits("/news")[1]
    assert (again.headers["if-none-match"], again.headers["if-modified-since"]) == (odd[0][1], odd[1][1])


# -- no more than needed ------------------------------------------------------------------------------


def test_a_quick_visit_that_finds_nothing_new_costs_two_requests(visitor: Visitor, world: World) -> None:
    visitor.settings({"coop": publish(world, some_items(30), per_page=3)}, world, order="newest-first")
    visitor.visit()
    world.clear_ledger()
    visitor.visit()
    assert paths(world.ledger) == ["/news", "/news/2"]
    assert [hit.status for hit in world.ledger] == [304, 304]


def test_a_long_walk_looks_back_once_and_only_if_something_was_new(visitor: Visitor, world: World) -> None:
    visitor.settings({"coop": publish(world, some_items(9), per_page=3)}, world)
    visitor.visit()
    assert paths(world.ledger) == ["/robots.txt", "/news", "/news/2", "/news/3", "/news"]
    assert (conditional(world.ledger[-1]), world.ledger[-1].status) == (True, 304)
    world.clear_ledger()
    visitor.visit()
    assert paths(world.ledger) == ["/news", "/news/2", "/news/3"]
    world.clear_ledger()
    publish(world, some_items(10, first=0), per_page=3)
    visitor.visit()
    assert paths(world.ledger) == ["/news", "/news/2", "/news/3", "/news/4", "/news"]


# -- robots.txt ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [Answer(body="User-agent: *\nAllow: /\n"), Answer(404), Answer(204), Answer(403)])
def test_robots_txt_is_asked_for_once_in_a_day(visitor: Visitor, world: World, answer: Answer) -> None:
    world.put("/robots.txt", answer)
    visitor.settings({"coop": publish(world, some_items(3))}, world)
    for later in (0.0, 0.0, DAY - 60):
        visitor.visit(later)
    assert len(world.hits("/robots.txt")) == 1
    visitor.visit(DAY + 60)
    assert len(world.hits("/robots.txt")) == 2
    assert paths(world.ledger)[-2:] == ["/robots.txt", "/news"]


def test_a_good_copy_stands_in_for_an_unreachable_robots_txt(visitor: Visitor, world: World) -> None:
    robots(world, "Disallow: /private")
    visitor.settings({"coop": publish(world, some_items(3)), "no": world.url("/private")}, world)
    visitor.visit()
    world.put("/robots.txt", Answer(503, headers=(("Retry-After", "0"),)))
    by_name = {report.source: report.verdict for report in visitor.visit(29 * DAY).reports}
    assert (by_name["coop"].coverage, by_name["no"].coverage) == (Coverage.COMPLETE, Coverage.REFUSED)
    world.clear_ledger()
    reports = visitor.visit(31 * DAY).reports
    assert all(report.verdict.coverage is Coverage.REFUSED for report in reports)
    assert set(paths(world.ledger)) == {"/robots.txt"}


def test_what_robots_txt_forbids_is_not_asked_for_on_any_way(visitor: Visitor, world: World) -> None:
    robots(world, "Disallow: /private", "Disallow: /*page=2")
    world.put("/next", listing(some_items(3), "/next?page=2"))
    world.put("/moved", Answer(302, headers=(("Location", "/private/news"),)))
    world.put("/astray", Answer(302, headers=(("Location", world.url("/public/../private/news")),)))
    world.put("/private/news", PAGE)
    sources = {name: world.url(f"/{name}") for name in ("next", "moved", "astray", "private")}
    visitor.settings(sources, world)
    result = visitor.visit()
    assert all(" robots: " in report.verdict.reason for report in result.reports), result.reports
    assert sorted(paths(world.ledger)) == ["/astray", "/moved", "/next", "/robots.txt"]


def test_each_host_of_a_redirect_is_asked_for_its_own_robots_txt(visitor: Visitor, world: World) -> None:
    here, there = world.hosts
    world.put("/news", Answer(301, headers=(("Location", world.url("/news", there)),)))
    world.put("/news", PAGE, there)
    robots(world, "Disallow: /", host=there)
    visitor.settings({"coop": world.url("/news")}, world, hosts=[there])
    visitor.visit()
    assert paths(world.hits(host=here)) == ["/robots.txt", "/news"]
    assert paths(world.hits(host=there)) == ["/robots.txt"]


@pytest.mark.parametrize(("hops", "allowed"), [(5, False), (6, True)])
def test_the_rules_behind_up_to_five_redirects_are_those_of_the_host_that_was_asked(
    visitor: Visitor, world: World, hops: int, allowed: bool
) -> None:
    for n in range(hops):
        path = "/robots.txt" if n == 0 else f"/r{n}"
        world.put(path, Answer(302, headers=(("Location", f"/r{n + 1}"),)))
    world.put(f"/r{hops}", "User-agent: *\nDisallow: /\n", content_type="text/plain")
    visitor.settings({"coop": publish(world, some_items(3))}, world)
    visitor.visit()
    assert ("/news" in paths(world.ledger)) is allowed
    assert len(world.ledger) == 6 + allowed


# -- not obeying --------------------------------------------------------------------------------------


def test_whoever_does_not_obey_says_why_wherever_it_is_told(visitor: Visitor, world: World) -> None:
    robots(world, "Disallow: /")
    reason = "it is our own site"
    visitor.settings({"coop": publish(world, some_items(3))}, world, robots="ignore", robots_reason=reason)
    desk = Desk(visitor.place)
    for words in (("crawl", "--dry-run"), ("crawl",), ("diff",), ("list",), ("status",)):
        assert f"robots.txt is not obeyed: {reason}" in desk.type(*words).out, words
    assert f"robots.txt is not obeyed: {reason}" in desk.type("try", "coop").err
    assert paths(world.ledger) == ["/news", "/news"]
    (state,) = desk.type("status", "--format", "json").json()
    assert state["robots_ignored"] == reason


# -- opt-out signals ----------------------------------------------------------------------------------


def test_what_a_site_says_of_its_use_is_told_by_status(visitor: Visitor, world: World) -> None:
    robots(world, "Content-Signal: ai-train=no", "Allow: /")
    body = PAGE.replace("</head>", '<meta name="robots" content="noarchive"></head>')
    world.put("/news", Answer(body=body, headers=(("TDM-Reservation", "1"),)))
    visitor.settings({"coop": world.url("/news")}, world)
    visitor.visit()
    visitor.visit()
    said = Desk(visitor.place).type("status").out
    for words in (
        "tdm-reservation: 1 (header, ",
        "robots: noarchive (meta, ",
        "content-signal: ai-train=no (robots.txt, ",
    ):
        assert words in said
    assert [hit.status for hit in world.hits("/news")] == [200, 304]


def test_own_pages_of_entries_are_asked_for_once_at_the_pace_of_the_listing(visitor: Visitor, world: World) -> None:
    items = some_items(4)
    publish(world, items)
    robots(world, f"Disallow: {items[3].href}")
    for item in items:
        world.put(item.href, f"<p class=author>{item.slug}")
    follow = {"every": "30 days", "limit": 2, "fields": {"author": "p.author"}}
    visitor.settings({"coop": world.url("/news")}, world, delay="0.3s", follow=follow)
    first, second, third = (item.href for item in items[:3])
    whole = ["/news", first, second]
    for later, asked, known in (
        (0.0, ["/robots.txt", *whole], [False] * 4),
        (60.0, ["/news", third], [True, False]),
        (120.0, ["/news"], [True]),
        (40 * DAY, ["/robots.txt", *whole], [True] * 4),
    ):
        world.clear_ledger()
        visitor.visit(later)
        assert paths(world.ledger) == asked
        assert list(map(conditional, world.ledger)) == known
        assert min(gaps(world.ledger), default=1.0) >= 0.3 - HAIR
        assert world.overlaps() == 0


def test_nofollow_in_the_page_stops_paging(visitor: Visitor, world: World) -> None:
    first = publish(world, some_items(25))
    items = some_items(25)
    body = listing(items[10:20], "/news/3").replace("</head>", '<meta name="robots" content="nofollow"></head>')
    world.put("/news/2", body)
    visitor.settings({"coop": first}, world)
    (report,) = visitor.visit().reports
    assert report.verdict.coverage is Coverage.PREFIX
    assert paths(world.ledger) == ["/robots.txt", "/news", "/news/2"]
