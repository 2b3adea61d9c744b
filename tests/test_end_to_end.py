"""The main job as a person runs it: the real program in processes of its own, against a real server on loopback."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from listings import listing, publish, selectors, some_items
from server import Answer, World

FIXTURES = Path(__file__).parent / "fixtures"
ROOT = FIXTURES.parent.parent
INDEX = "/global/topics/cooperatives/news/lang--en/index.htm"
PAGE_2 = "/global/topics/cooperatives/news/lang--en/nextRow--10/index.htm"


class Desk:
    """A folder with a selectors.toml and an archive, and somebody who types commands in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive = folder / "archive.db"

    def settings(self, text: str) -> None:
        (self.folder / "selectors.toml").write_text(text, encoding="utf-8")

    def type(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), cwd=self.folder, capture_output=True, text=True, timeout=60, env=_env(), check=False
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*words),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=_env(),
        )

    @staticmethod
    def command(*words: str) -> list[str]:
        return [sys.executable, "-W", "error", "-m", "coopscrape", *words]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        conn = sqlite3.connect(f"file:{self.archive}?mode=ro", uri=True)
        try:
            return conn.execute(sql).fetchall()
        finally:
            conn.close()


def _env() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("COOPSCRAPE")}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def world() -> Iterator[World]:
    with World(hosts=3) as world:
        yield world


def ilo(world: World, desk: Desk, state: str) -> None:
    """The fixture of the real listing, served, and the project's own selectors for it."""
    folder = FIXTURES / "ilo-coop" / state
    world.put(INDEX, (folder / "page1.html").read_bytes())
    if (folder / "page2.html").exists():
        world.put(PAGE_2, (folder / "page2.html").read_bytes())
    text = (ROOT / "selectors.toml").read_text(encoding="utf-8")
    text = text.replace(f'"https://www.ilo.org{INDEX}"', f'"{world.url(INDEX)}"\ndelay = "0s"')
    text = text.replace("allow = []", f"allow = {json.dumps(world.allow)}")
    text = text.replace('contact = ""', 'contact = "test@example.org"')
    desk.settings(text)


def expected(state: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((FIXTURES / "ilo-coop" / state / "expected.json").read_text("utf-8"))
    return entries


def listed(desk: Desk, world: World) -> list[dict[str, Any]]:
    """What `list` says, with links as the real site has them."""
    done = desk.type("list", "ilo-coop", "--format", "json")
    assert done.returncode == 0, done.stderr
    entries = json.loads(done.stdout)
    fields = ("number", "category", "title", "date", "date_text", "summary", "link")
    origin = world.url("/").removesuffix("/")
    return [
        {name: entry[name].replace(origin, "https://www.ilo.org") if name == "link" else entry[name] for name in fields}
        for entry in entries
    ]


def test_the_real_listing_comes_out_exactly_and_so_do_its_changes(desk: Desk, world: World) -> None:
    ilo(world, desk, "2018-06-20")
    assert desk.type("crawl", "ilo-coop").returncode == 0
    assert listed(desk, world) == expected("2018-06-20")
    ilo(world, desk, "2018-06-27")
    assert desk.type("crawl", "ilo-coop").returncode == 0
    assert listed(desk, world) == expected("2018-06-27")
    done = desk.type("diff", "--format", "json", "--exit-code")
    assert done.returncode == 1
    told = [(one["kind"], one["title"], one["field"], one["old"], one["new"]) for one in json.loads(done.stdout)]
    changes = json.loads((FIXTURES / "ilo-coop" / "2018-06-27" / "changes.json").read_text("utf-8"))
    wanted = [(one["kind"], one["title"], one.get("field"), one.get("old"), one.get("new")) for one in changes]
    assert sorted(told, key=str) == sorted(wanted, key=str)


def test_the_second_run_is_all_304_and_changes_nothing(desk: Desk, world: World) -> None:
    desk.settings(selectors({"coop": publish(world, some_items(30))}, world.allow))
    assert desk.type("crawl").returncode == 0
    world.clear_ledger()
    done = desk.type("crawl")
    assert done.returncode == 0, done.stderr
    assert [(hit.path, hit.status) for hit in world.ledger] == [("/news", 304), ("/news/2", 304), ("/news/3", 304)]
    assert desk.rows("SELECT count(*), count(DISTINCT kind) FROM changes") == [(30, 1)]
    assert json.loads(desk.type("diff", "--format", "json").stdout) == []
    done = desk.type("check")
    assert done.returncode == 0, done.stdout + done.stderr


def _until(what: str, true: Any, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} took more than {seconds} s"
        time.sleep(0.01)


@pytest.mark.parametrize("page", [2, 17, 49])
def test_a_kill_in_the_middle_of_fifty_pages_costs_at_most_the_page_in_flight(
    desk: Desk, world: World, page: int
) -> None:
    desk.settings(selectors({"coop": publish(world, some_items(100), per_page=2)}, world.allow, delay="0.02s"))
    process = desk.start("crawl")
    _until(f"page {page}", lambda: bool(world.hits(f"/news/{page}")))
    process.kill()
    process.communicate()
    kept = {row[0] for row in desk.rows("SELECT asked FROM pages WHERE purpose = 'page'")}
    world.clear_ledger()
    done = desk.type("crawl")
    assert done.returncode == 0, done.stderr
    again = {world.url(hit.path) for hit in world.ledger}
    assert kept
    assert kept & again == {world.url("/news")}  # has it moved meanwhile? asked for at the end of every long walk
    assert len(kept | again - {world.url("/robots.txt")}) == 50
    assert desk.rows("SELECT count(*) FROM pages WHERE purpose = 'page'") == [(51,)]
    assert desk.rows("SELECT coverage, entries FROM verdicts") == [("complete", 100)]
    assert desk.rows("SELECT kind, count(*) FROM changes GROUP BY kind") == [("new", 100)]
    assert desk.type("check").returncode == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_stops_the_run_soon_and_keeps_what_came(desk: Desk, world: World, number: int, code: int) -> None:
    first = publish(world, some_items(20), per_page=2)
    world.put("/news/4", Answer(body=listing(some_items(2, first=7), "/news/5"), delay=30.0))
    desk.settings(selectors({"coop": first}, world.allow))
    process = desk.start("crawl")
    # The hit is in the ledger only when it is answered, so wait until page 3 has been, and page 4 must be waiting.
    _until("page 3", lambda: bool(world.hits("/news/3")))
    time.sleep(0.3)
    asked = time.monotonic()
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == code
    assert time.monotonic() - asked < 5
    assert "Traceback" not in errors
    assert desk.rows("SELECT outcome FROM runs") == [("interrupted",)]
    assert desk.rows("SELECT count(*) FROM pages WHERE snapshot IS NOT NULL") == [(3,)]
    assert desk.type("check").returncode == 0


def test_a_second_crawl_is_turned_away_and_told_by_whom(desk: Desk, world: World) -> None:
    first = publish(world, some_items(20), per_page=2)
    desk.settings(selectors({"coop": first}, world.allow, delay="0.3s"))
    process = desk.start("crawl")
    _until("the lock", lambda: bool(world.hits("/news")))
    done = desk.type("crawl")
    assert done.returncode == 75
    assert str(process.pid) in done.stderr
    assert len(done.stderr.splitlines()) == 1
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors


def _edited(text: str, *edits: tuple[str, str]) -> str:
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


def test_editing_a_selector_and_taking_it_back_is_no_change(desk: Desk, world: World) -> None:
    text = selectors({"coop": publish(world, some_items(25))}, world.allow)
    desk.settings(text)
    desk.type("crawl")
    for edit in (
        ('title = "h3 a"', 'title = "li"'),
        ('title = "h3 a"', 'title = { css = "h3 a", replace = [["story", "tale"]] }'),
        ('summary = { css = "p.summary", optional = true }', ""),
        ('title = "h3 a"', 'title = "h3 a"'),
    ):
        desk.settings(_edited(text, edit))
        assert desk.type("crawl").returncode in (0, 3)
        assert json.loads(desk.type("diff", "--format", "json").stdout or "[]") == []
        since = json.loads(desk.type("diff", "--since", "1 day ago", "--format", "json").stdout)
        assert {one["kind"] for one in since} == {"new"}, edit
        assert desk.type("check").returncode == 0
    titles = {one["title"] for one in json.loads(desk.type("list", "--format", "json").stdout)}
    assert titles == {item.title for item in some_items(25)}


def test_every_mistake_in_the_settings_is_told_at_once_a_line_each(desk: Desk) -> None:
    text = selectors({"coop": "https://example.org/news"}, delay="5 parsecs", titel="x")
    desk.settings(_edited(text, ('contact = "test@example.org"', ""), ('item = "ol.listing > li"', 'item = "li["')))
    done = desk.type("crawl")
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 4
    for words in ("titel", "li[", "parsecs", "contact"):
        assert sum(words in line for line in lines) == 1, (words, lines)
    assert not desk.archive.exists()


def test_three_hosts_are_each_asked_one_at_a_time_and_in_their_own_interval(desk: Desk, world: World) -> None:
    hosts = world.hosts
    sources = {f"coop-{n}": publish(world, some_items(12), 2, host=host) for n, host in enumerate(hosts)}
    sources["coop-twin"] = publish(world, some_items(12), 2, "/other", host=hosts[0])
    desk.settings(selectors(sources, world.allow, delay="0.2s"))
    for _ in range(2):
        assert desk.type("crawl").returncode == 0
    for host in hosts:
        assert world.overlaps(host) == 0
        assert (world.smallest_gap(host) or 0) >= 0.15
    assert len([hit for hit in world.ledger if hit.path == "/robots.txt"]) == len(hosts)


def test_what_robots_forbids_is_never_asked(desk: Desk, world: World) -> None:
    first = publish(world, some_items(20), per_page=5)
    world.put(
        "/robots.txt", Answer(body="User-agent: *\nDisallow: /news/3\n", headers=(("Content-Type", "text/plain"),))
    )
    desk.settings(selectors({"coop": first}, world.allow))
    done = desk.type("crawl")
    assert done.returncode == 1
    assert "robots" in done.stderr + done.stdout
    assert {hit.path for hit in world.ledger} == {"/robots.txt", "/news", "/news/2"}
    assert desk.rows("SELECT coverage FROM verdicts") == [("cut",)]


def test_one_bad_source_does_not_stop_the_others(desk: Desk, world: World) -> None:
    good = publish(world, some_items(4))
    world.put("/robots.txt", Answer(status=500), host=world.hosts[1])
    world.put("/news", "<p>Please log in</p>", host=world.hosts[2])
    sources = {
        "good": good,
        "shut": publish(world, some_items(3), path="/x", host=world.hosts[1]),
        "odd": world.url("/news", world.hosts[2]),
        "away": "http://127.0.0.1:1/",
    }
    desk.settings(selectors(sources, [*world.allow, "127.0.0.1:1"]))
    done = desk.type("crawl")
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    coverage = dict(desk.rows("SELECT source, coverage FROM coverage"))
    assert coverage["good"] == "complete"
    assert coverage["odd"] == "doubted"
    assert coverage["shut"] == "refused"
    assert desk.type("check").returncode == 0


def test_accepting_a_doubted_walk_believes_it_at_its_own_time(desk: Desk, world: World) -> None:
    desk.settings(selectors({"coop": publish(world, some_items(20))}, world.allow))
    desk.type("crawl")
    world.put("/news", listing([replace(item, title=f"{item.title}!") for item in some_items(4)]))
    done = desk.type("crawl")
    assert done.returncode == 3
    assert "accept 2" in done.stderr + done.stdout
    assert desk.type("accept", "2").returncode == 0
    changed = desk.rows("SELECT count(*) FROM changes WHERE kind = 'changed' AND walk = 2")
    assert changed == [(4,)]
    assert desk.type("check").returncode == 0


def _hands() -> Sequence[str]:
    return ("threads:1", "threads:16", "processes:2")


@pytest.mark.parametrize("hands", _hands())
def test_any_hands_bring_the_same_archive(desk: Desk, world: World, hands: str) -> None:
    sources = {f"coop-{n}": publish(world, some_items(9), 3, host=host) for n, host in enumerate(world.hosts)}
    desk.settings(selectors(sources, world.allow))
    done = desk.type("crawl", "--hands", hands)
    assert done.returncode == 0, done.stderr
    assert desk.rows("SELECT count(*) FROM entries") == [(27,)]
