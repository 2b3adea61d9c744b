"""What pages and robots.txt say of their use: kept as it was said, obeyed where it can be, the same after a rebuild."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from builders import page, request
from coopscrape.fetch.revalidate import revived
from coopscrape.model import Miss, Page, Purpose, Request, Signals
from coopscrape.run.rebuild import rebuild
from coopscrape.run.visit import LONGEST_SIGNAL, MOST_SIGNALS, read
from listings import some_items
from run.simulated import Site, Town

META = '<meta name="robots" content="nofollow"></head>'


class Speaking(Site):
    """Says `headers` with each page, and `robots` in its robots.txt."""

    headers: Signals = ()
    robots: bytes | None = None

    def _answer(self, request: Request, path: str) -> Page | Miss:
        if request.purpose is Purpose.ROBOTS and self.robots is not None:
            return page(self.robots, request.url, at="2018-06-20T09:30:00.000Z")
        outcome = super()._answer(request, path)
        return replace(outcome, signals=self.headers) if isinstance(outcome, Page) else outcome


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    town.site = Speaking(town.clock)
    town.site.publish(some_items(12))
    return town


def coverage(town: Town) -> list[str]:
    return [word for (word,) in town.rows("SELECT coverage FROM verdicts ORDER BY walk")]


def test_a_page_that_says_nofollow_in_its_head_is_the_last_that_is_asked_for(town: Town) -> None:
    town.site.pages["/news"] = town.site.pages["/news"].replace("</head>", META)
    town.crawl()
    town.crawl()
    assert [path for path, _ in town.site.ledger] == ["/robots.txt", "/news", "/news"]
    assert coverage(town) == ["prefix", "prefix"], "also when it had not changed"
    said = town.rows("SELECT source, place, name, value, first_seen < last_seen, now FROM signals")
    assert said == [("coop", "meta", "robots", "nofollow", 1, 1)]


def test_a_signal_that_comes_and_goes_with_the_same_page_comes_and_goes_in_a_rebuild_too(town: Town) -> None:
    assert isinstance(town.site, Speaking)
    for town.site.headers in ((), (("x-robots-tag", "nofollow"),), ()):
        town.crawl()
    assert coverage(town) == ["complete", "prefix", "complete"]
    grown = town.fold()
    rebuild(town.config, town.archive)
    assert town.fold() == grown


def test_what_robots_txt_says_of_use_is_kept_with_it(town: Town) -> None:
    assert isinstance(town.site, Speaking)
    town.site.robots = b"User-agent: *\nContent-Signal: ai-train=no\nContent-Usage: / train-ai=n\nAllow: /\n"
    town.crawl()
    assert town.rows("SELECT source, origin, place, name, value FROM signals ORDER BY name") == [
        (None, "http://127.0.0.1:8000", "robots.txt", "content-signal", "ai-train=no"),
        (None, "http://127.0.0.1:8000", "robots.txt", "content-usage", "/ train-ai=n"),
    ]


def test_a_304_keeps_what_the_page_said_and_doubles_nothing(town: Town) -> None:
    reading = town.config.sources["coop"].reading
    body = town.site.pages["/news"].replace("</head>", META).encode()
    first = read(replace(page(body), signals=(("tdm-reservation", "1"),)), reading).outcome
    assert isinstance(first, Page)
    assert first.signals == (("tdm-reservation", "1"), ("meta:robots", "nofollow"))
    silent = revived(first, request(), fetched_at=first.fetched_at, elapsed=0.1)
    assert read(silent, reading).outcome == silent
    spoken = revived(first, request(), fetched_at=first.fetched_at, elapsed=0.1, signals=(("tdm-reservation", "0"),))
    again = read(spoken, reading).outcome
    assert isinstance(again, Page)
    assert again.signals == (("tdm-reservation", "0"), ("meta:robots", "nofollow"))


def test_no_page_can_say_more_than_fits(town: Town) -> None:
    metas = "".join(f'<meta name="robots" content="x{n}{"y" * 5_000}">' for n in range(500))
    body = town.site.pages["/news"].replace("</head>", f"{metas}</head>").encode()
    outcome = read(page(body), town.config.sources["coop"].reading).outcome
    assert isinstance(outcome, Page)
    assert len(outcome.signals) == MOST_SIGNALS
    assert max(len(value) for _, value in outcome.signals) == LONGEST_SIGNAL


def test_why_robots_txt_is_not_obeyed_stands_in_the_log_of_the_walks_that_it_holds_for(town: Town) -> None:
    town.crawl()
    before = town.fold()
    plain = 'must_contain = "ol.listing"'
    for reason in ("it is ours", "we were asked to"):
        town.settings((plain, f'{plain}\nrobots = "ignore"\nrobots_reason = "{reason}"'))
        town.crawl()
    town.settings()
    town.crawl()
    assert town.rows(
        """SELECT json_extract(r.settings, '$.robots_reason') FROM walks AS w
           JOIN recipes AS r ON r.source = w.source AND r.digest = w.recipe ORDER BY w.id"""
    ) == [(None,), ("it is ours",), ("we were asked to",), (None,)]
    assert town.fold()["versions"] == before["versions"], "nothing is read otherwise because of it"
