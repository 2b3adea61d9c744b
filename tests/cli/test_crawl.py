"""A visit, from selectors.toml to the table at its end."""

from __future__ import annotations

import json
import signal
import time
from dataclasses import replace

import pytest

from cli.conftest import Visited
from cli.desk import Desk
from coopscrape.archive.write import Writer
from listings import listing, publish, selectors, some_items
from server import Answer, World


def table(out: str) -> dict[str, list[str]]:
    """The rows of the table, by source, without the (304s)."""
    rows = [line.split() for line in out.partition("\n\n")[0].splitlines()[1:]]
    return {row[0]: [word for word in row[1:] if not word.startswith("(")] for row in rows}


def test_a_crawl_ends_with_a_table_and_says_how_to_go_on(desk: Desk, world: World) -> None:
    desk.settings(selectors({"coop": publish(world, some_items(12))}, world.allow))
    said = desk.type("crawl")
    assert said.code == 0
    assert table(said.out)["coop"][:8] == ["complete", "2", "12", "12", "0", "0", "0", "0"]
    assert said.out.endswith("\nWhat is new: coopscrape diff\n")
    assert said.err.splitlines() == ["coop page 1: 10 entries", "coop page 2: 2 entries"]
    desk.settings(selectors({"coop": publish(world, some_items(1))}, world.allow))
    assert desk.type("crawl", "--max-pages", "1").err.startswith("coop page 1: 1 entry\n")


def test_a_second_crawl_of_the_same_pages_says_that_nothing_is_new(visited: Visited) -> None:
    said = visited.desk.type("crawl")
    assert table(said.out)["coop"][:4] == ["complete", "2", "12", "0"]
    assert "2 (2)" in said.out
    assert "coopscrape diff" not in said.out
    said = visited.desk.type("diff")
    assert (said.code, said.out) == (0, "")
    assert said.err == "coopscrape: nothing new in the latest run (2)\n"


def test_a_dry_run_asks_nobody_and_writes_nothing(desk: Desk, world: World) -> None:
    desk.settings(selectors({"coop": publish(world, some_items(3))}, world.allow))
    said = desk.type("crawl", "--dry-run")
    assert said.code == 0
    assert "coop" in said.out
    assert world.ledger == []
    assert not desk.archive.exists()


def test_a_source_that_fails_is_told_and_the_rest_is_kept(desk: Desk, world: World) -> None:
    desk.settings(selectors({"coop": publish(world, some_items(3)), "lost": world.url("/nowhere")}, world.allow))
    said = desk.type("crawl")
    assert said.code == 1
    assert table(said.out)["coop"][0] == "complete"
    assert table(said.out)["lost"][0] != "complete"
    assert any(line.startswith("coopscrape: lost: ") and "404" in line for line in said.err.splitlines())
    assert len(desk.type("list", "--format", "json").json()) == 3


def test_a_failure_is_told_once(desk: Desk, world: World) -> None:
    desk.settings(selectors({"lost": world.url("/nowhere")}, world.allow))
    for words in (["crawl"], ["crawl", "--all"]):
        said = desk.type(*words)
        (line,) = said.err.splitlines()
        assert line.startswith("coopscrape: lost: cut: page 1: status: ")
        assert line.count("404") == 1
    assert "lost page 1: status: " in desk.type("--verbose", "crawl").err
    records = [json.loads(line) for line in desk.type("--json-log", "crawl").err.splitlines()]
    assert [one["kind"] for one in records] == ["missed", "settled", "error"]


def test_a_page_in_doubt_is_told_in_full_and_changes_nothing(visited: Visited) -> None:
    visited.world.put("/news", listing([], title="Please prove that you are no robot"))
    said = visited.desk.type("crawl")
    assert said.code == 3
    assert table(said.out)["coop"][0] == "doubted"
    assert "coopscrape: coop page 1: " in said.err
    assert "coopscrape try coop" in said.err
    walk = said.err.split("coopscrape accept ")[1].split()[0]
    assert len(visited.desk.type("list", "--format", "json").json()) == 12
    status = visited.desk.type("status")
    assert "doubted" in status.out
    assert f"coopscrape accept {walk}" in status.out


def test_whoever_knows_better_can_accept_a_walk_that_was_in_doubt(visited: Visited) -> None:
    visited.publish(*visited.items[:2])
    said = visited.desk.type("crawl")
    assert said.code == 3
    walk = said.err.split("coopscrape accept ")[1].split()[0]
    assert visited.desk.type("accept", walk).code == 0
    (state,) = visited.desk.type("status", "--format", "json").json()
    assert (state["accepted"], state["missing"]) == (True, 10)
    again = visited.desk.type("accept", walk)
    assert again.code == 1
    assert "is not in doubt" in again.err


def test_at_most_so_many_pages_are_asked_for(desk: Desk, world: World) -> None:
    desk.settings(selectors({"coop": publish(world, some_items(30))}, world.allow))
    said = desk.type("crawl", "--max-pages", "2")
    assert said.code == 0
    assert table(said.out)["coop"][:3] == ["prefix", "2", "20"]


def test_what_is_not_due_is_not_visited_unless_it_is_named(desk: Desk, world: World) -> None:
    desk.settings(selectors({"coop": publish(world, some_items(3))}, world.allow, every="12h"))
    assert desk.type("crawl").code == 0
    asked = len(world.ledger)
    said = desk.type("crawl")
    assert table(said.out)["coop"][:2] == ["not", "due"]
    assert len(world.ledger) == asked
    assert desk.type("crawl", "coop").code == 0
    assert len(world.ledger) > asked


def test_a_name_that_is_none_is_asked_about_before_anybody_is_visited(visited: Visited) -> None:
    visited.world.clear_ledger()
    said = visited.desk.type("crawl", "cop")
    assert said.code == 1
    assert "did you mean 'coop'?" in said.err
    assert visited.world.ledger == []


def test_without_a_contact_nobody_is_asked(desk: Desk) -> None:
    desk.settings(selectors({"coop": "https://www.example.org/news"}, delay="5s").replace("test@example.org", ""))
    said = desk.type("crawl")
    assert said.code == 2
    assert "contact" in said.err


def test_a_second_crawl_does_not_wait_for_the_first(visited: Visited) -> None:
    with Writer(visited.desk.archive, "crawl", "2018-06-20T00:00:00.000Z"):
        said = visited.desk.type("crawl")
    assert said.code == 75
    assert "`crawl` (process " in said.err
    assert "--wait" in said.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_crawl_that_is_interrupted_keeps_what_came_and_leaves_at_once(
    desk: Desk, world: World, number: int, code: int
) -> None:
    desk.settings(selectors({"coop": publish(world, some_items(12))}, world.allow))
    world.put("/news/2", Answer(body="late", delay=60))
    with desk.started("crawl") as crawl:
        _until(lambda: world.hits("/robots.txt"))
        assert crawl.stderr is not None
        assert crawl.stderr.readline() == "coop page 1: 10 entries\n"
        time.sleep(0.3)  # it hangs on page 2 now
        start = time.monotonic()
        crawl.send_signal(number)
        assert crawl.wait(20) == code
        assert time.monotonic() - start < 5
        rest = crawl.stderr.read()
    assert rest.startswith("coopscrape: stopped by SIG")
    assert len(rest.splitlines()) == 1
    publish(world, some_items(12))
    said = desk.type("crawl")
    assert said.code == 0
    assert "goes on after page 1" in said.err
    assert len(desk.type("list", "--format", "json").json()) == 12
    assert desk.type("check").code == 0


def _until(happened: object, seconds: float = 20) -> None:
    assert callable(happened)
    end = time.monotonic() + seconds
    while not happened() and time.monotonic() < end:
        time.sleep(0.02)


def test_a_terminal_is_told_while_it_lasts_and_a_pipe_gets_plain_lines(desk: Desk, world: World) -> None:
    desk.settings(selectors({"coop": publish(world, some_items(3))}, world.allow))
    seen = desk.on_a_terminal("crawl", columns=120)
    assert seen.code == 0
    assert "\x1b[?25l" in seen.out  # the cursor is hidden while lines move
    assert seen.out.count("\x1b[?25h") >= 1
    said = desk.type("crawl")
    assert "\x1b" not in said.out + said.err
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        seen = desk.on_a_terminal("crawl", columns=120, env=env)
        assert "coop page 1: 3 entries" in seen.out
        assert "\x1b" not in seen.out


def test_nobody_gets_colours_who_does_not_want_them(visited: Visited) -> None:
    assert "\x1b[" in visited.desk.on_a_terminal("list").out
    assert "\x1b[" not in visited.desk.on_a_terminal("list", env={"NO_COLOR": "1"}).out


def test_a_log_for_programs_is_json_line_by_line(desk: Desk, world: World) -> None:
    desk.settings(selectors({"coop": publish(world, some_items(3)), "lost": world.url("/nowhere")}, world.allow))
    said = desk.type("--json-log", "crawl")
    records = [json.loads(line) for line in said.err.splitlines()]
    assert {record["kind"] for record in records} >= {"page", "settled", "error"}
    assert all({"at", "kind", "source", "text"} <= record.keys() for record in records)
    assert json.loads(desk.type("--json-log", "crawl", "zzz").err)["kind"] == "error"


def test_other_processes_can_be_the_hands(desk: Desk, world: World) -> None:
    desk.settings(selectors({"coop": publish(world, some_items(12))}, world.allow))
    said = desk.type("crawl", "--hands", "processes:1")
    assert said.code == 0
    assert table(said.out)["coop"][:3] == ["complete", "2", "12"]


def test_hands_that_there_are_none_of_are_a_mistake(visited: Visited) -> None:
    said = visited.desk.type("crawl", "--hands", "feet:2")
    assert said.code == 2
    assert "threads:16" in said.err


def test_edited_selectors_never_look_like_a_change_of_the_site(visited: Visited) -> None:
    file = visited.desk.place / "selectors.toml"
    file.write_text(file.read_text().replace('summary = { css = "p.summary", optional = true }\n', ""))
    dry = visited.desk.type("rebuild", "--dry-run")
    assert "12 lines would differ" in dry.out
    said = visited.desk.type("crawl")
    assert table(said.out)["coop"][2:7] == ["12", "0", "0", "0", "0"]
    assert "settings were edited" in said.err
    done = visited.desk.type("rebuild")
    assert done.code == 0
    assert "nothing differs" in done.out


def test_what_goes_is_gone_when_a_second_visit_confirms_it_and_may_come_back(visited: Visited) -> None:
    others = [item for item in visited.items if item.slug != "item-5"]
    visited.publish(*others)
    assert table(visited.desk.type("crawl").out)["coop"][3:7] == ["0", "0", "0", "0"]
    visited.publish(replace(others[0], title="Another title"), *others[1:])
    assert table(visited.desk.type("crawl").out)["coop"][3:7] == ["0", "1", "1", "0"]
    assert [one["kind"] for one in visited.desk.type("diff", "--format", "json").json()] == ["changed", "gone"]
    assert len(visited.desk.type("list", "--format", "json").json()) == 11
    assert "gone since" in visited.desk.type("list", "--all").out
    visited.publish(*visited.items)
    said = visited.desk.type("crawl")
    assert table(said.out)["coop"][3:7] == ["0", "1", "0", "1"]
    assert "  < " in visited.desk.type("diff").out
