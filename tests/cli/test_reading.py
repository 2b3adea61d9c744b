"""What an archive can be asked."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from cli.conftest import Visited, visit
from cli.desk import Desk
from listings import Item, listing, publish, selectors, some_items
from run.simulated import Town
from server import World


@pytest.fixture
def edited(visited: Visited) -> Visited:
    """A second visit found a new entry and an edited title."""
    new = Item("item-0", "The newest story", "Article", "21 June 2018", None)
    visited.publish(new, replace(visited.items[0], title="Cooperative story one"), *visited.items[1:])
    visit(visited.desk)
    return visited


# -- list


def test_a_list_is_numbered_like_the_listing(visited: Visited) -> None:
    lines = visited.desk.type("list").out.splitlines()
    assert lines[0] == "coop  Listing coop   12 entries"
    assert lines[2].startswith("   1. 2018-06-20  News  ")
    assert lines[3:5] == ["      Cooperative story 1", "        What story 1 is about."]


def test_a_list_can_be_narrowed(edited: Visited) -> None:
    def titles(*words: str) -> list[str]:
        return [one["title"] for one in edited.desk.type("list", *words, "--format", "json").json()]

    assert titles("--category", "article") == ["The newest story"]
    assert titles("--after", "2018-06-20") == ["The newest story", "Cooperative story one"]
    assert titles("--before", "2018-06-10") == ["Cooperative story 12"]
    assert len(titles("coop")) == 13
    nothing = edited.desk.type("list", "--category", "None such")
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "coopscrape: there is no such entry\n")


def test_a_source_that_is_none_is_told(visited: Visited) -> None:
    said = visited.desk.type("list", "cop")
    assert said.code == 1
    assert said.err == "coopscrape: archive.db: there is no source 'cop'; did you mean 'coop'?\n"


def test_a_list_is_wrapped_for_a_terminal_and_for_nobody_else(visited: Visited) -> None:
    wrapped = visited.desk.on_a_terminal("list", columns=40, env={"NO_COLOR": "1"}).out
    assert max(map(len, wrapped.splitlines())) <= 40


def test_whoever_stops_reading_is_not_bothered(visited: Visited) -> None:
    line = [sys.executable, "-m", "coopscrape", "list", "--format", "json"]
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(line, cwd=visited.desk.place, stdout=theirs, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_disk_that_is_full_is_no_bug(visited: Visited) -> None:
    line = [sys.executable, "-m", "coopscrape", "list"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            line, cwd=visited.desk.place, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert done.returncode == 1
    assert done.stderr == b"coopscrape: the output cannot be written: No space left on device\n"


def test_a_terminal_that_lacks_a_character_gets_its_number(desk: Desk, world: World) -> None:
    desk.settings(selectors({"coop": publish(world, [Item("a", "合作社")])}, world.allow))
    visit(desk)
    assert "\\u5408" in desk.type("list", env={"PYTHONIOENCODING": "ascii"}).out


def test_what_a_page_says_does_not_steer_the_terminal(desk: Desk, world: World) -> None:
    desk.settings(
        selectors({"coop": publish(world, [Item("a", "\u202eevil\u009b2J", summary="\u200bhidden")])}, world.allow)
    )
    visit(desk)
    for words in (["list"], ["diff"], ["list", "--format", "json"], ["diff", "--format", "json"]):
        out = desk.type(*words).out
        assert "evil" in out
        assert not {"\u202e", "\u009b", "\u200b"} & set(out)
    assert "<U+202E>evil" in desk.type("list").out


# -- diff


def test_the_latest_run_is_what_is_new(edited: Visited) -> None:
    out = edited.desk.type("diff").out
    assert out.startswith("coop  Listing coop   1 new, 1 changed\n")
    assert "  +   1. 2018-06-21  Article  " in out
    assert "title: Cooperative story [-1-]{+one+}" in out


def test_the_beginning_may_be_a_run_or_a_moment(edited: Visited) -> None:
    def kinds(*words: str) -> list[str]:
        return [one["kind"] for one in edited.desk.type("diff", *words, "--format", "json").json()]

    assert len(kinds("--since", "run:1")) == 14
    assert kinds("--since", "run:2") == ["new", "changed"]
    assert len(kinds("--since", "1 hour ago")) == 14
    assert len(kinds("--until", "now")) == 14
    assert kinds("--until", "yesterday") == []
    assert kinds("--since", "run:1", "--kind", "changed") == ["changed"]
    assert kinds("--kind", "gone,back") == []


def test_an_unknown_kind_and_an_unknown_moment_are_mistakes(edited: Visited) -> None:
    assert "'old' is none of new, changed, gone, back" in edited.desk.type("diff", "--kind", "new,old").err
    said = edited.desk.type("diff", "--since", "soon")
    assert said.code == 2
    assert '"3 days ago", yesterday, 2018-06-01' in said.err


def test_a_cursor_tells_each_thing_once(edited: Visited) -> None:
    first = edited.desk.type("diff", "--cursor", "me", "--exit-code", "--format", "json")
    assert (first.code, len(first.json())) == (1, 14)
    second = edited.desk.type("diff", "--cursor", "me", "--exit-code")
    assert (second.code, second.out, second.err) == (0, "", "coopscrape: nothing new since `me` last asked\n")
    edited.publish(*edited.items[1:])
    assert edited.desk.type("crawl").code == 0
    assert edited.desk.type("crawl").code == 0
    third = edited.desk.type("diff", "--cursor", "me", "--format", "json").json()
    assert {one["kind"] for one in third} == {"gone"}
    assert len(edited.desk.type("diff", "--cursor", "somebody-else", "--format", "json").json()) > len(third)


def test_a_cursor_does_not_move_over_what_could_not_be_told(edited: Visited) -> None:
    line = [sys.executable, "-m", "coopscrape", "diff", "--cursor", "me"]
    with open("/dev/full", "w") as full:
        subprocess.run(line, cwd=edited.desk.place, stdout=full, stderr=subprocess.DEVNULL, timeout=60, check=False)
    assert len(edited.desk.type("diff", "--cursor", "me", "--format", "json").json()) == 14


def test_what_is_believed_after_all_is_told_to_those_who_had_passed_it(visited: Visited) -> None:
    desk = visited.desk

    def told(*words: str) -> list[str]:
        changes = desk.type("diff", "--cursor", "me", *words, "--format", "json").json()
        return [f"{one['kind']} {one['title']}" for one in changes]

    assert len(told()) == 12
    visited.publish(*(replace(item, title=f"{item.title}!", summary="") for item in visited.items))
    assert desk.type("crawl").code == 3
    assert told() == []
    assert desk.type("accept", "2").code == 0
    assert desk.type("diff", "--format", "json").json()
    assert len(told()) == 24, "each has another title and another summary"
    assert told() == []


def test_who_asks_for_less_passes_over_nothing(desk: Desk, world: World) -> None:
    urls = {name: publish(world, [Item(name, name)], path=f"/{name}") for name in ("x", "y")}
    desk.settings(selectors(urls, world.allow))
    visit(desk)

    def told(*words: str) -> list[str]:
        return [one["title"] for one in desk.type("diff", *words, "--cursor", "m", "--format", "json").json()]

    assert told("--kind", "changed") == []
    assert told("x") == ["x"]
    assert told("x") == []
    assert told("y") == ["y"]
    assert told("--kind", "new,gone") == ["x", "y"]
    assert told("--kind", "gone", "--kind", "new") == []
    assert told("x", "y") == ["x", "y"]
    assert told("y", "x") == []
    assert told() == ["x", "y"]
    assert told() == []


def test_a_cursor_is_a_beginning_of_its_own(edited: Visited) -> None:
    assert edited.desk.type("diff", "--cursor", "me", "--since", "2018").code == 2


def test_a_script_can_ask_whether_there_is_something(edited: Visited) -> None:
    assert edited.desk.type("diff").code == 0
    assert edited.desk.type("diff", "--exit-code").code == 1
    assert edited.desk.type("diff", "--exit-code", "--kind", "gone").code == 0


# -- show, history


def test_an_entry_is_found_by_id_by_its_start_and_by_link(edited: Visited) -> None:
    entry = edited.desk.type("list", "--format", "json").json()[1]
    for name in (entry["entry"], entry["entry"][:6], entry["link"]):
        assert entry.items() <= edited.desk.type("show", name, "--format", "json").json().items()
    said = edited.desk.type("show", entry["entry"])
    assert said.out.startswith("Cooperative story one\n")
    assert entry["link"] in said.out


def test_an_entry_that_is_none_is_told(visited: Visited) -> None:
    said = visited.desk.type("show", "zzzzzz")
    assert said.code == 1
    assert "there is no entry `zzzzzz`" in said.err


def test_the_page_of_an_entry_comes_out_as_it_came_in(edited: Visited) -> None:
    entry = edited.desk.type("list", "--format", "json").json()[1]["entry"]
    body = edited.desk.bytes("show", entry, "--page")
    history = edited.desk.type("history", entry, "--format", "json").json()
    assert hashlib.sha256(body).hexdigest() == history["versions"][-1]["snapshot"]
    assert b"Cooperative story one" in body


def test_from_any_value_the_way_leads_to_the_bytes_of_the_page_that_said_it(edited: Visited) -> None:
    entry = edited.desk.type("list", "--format", "json").json()[1]["entry"]
    titles = {1: "Cooperative story 1", 2: "Cooperative story one"}
    for version in edited.desk.type("history", entry, "--format", "json").json()["versions"]:
        n = str(version["n"])
        shown = edited.desk.type("show", entry, "--version", n, "--format", "json").json()
        assert shown["title"] == titles[version["n"]]
        assert shown["version"] == version
        body = edited.desk.bytes("show", entry, "--version", n, "--page")
        assert hashlib.sha256(body).hexdigest() == version["snapshot"]
        assert f">{titles[version['n']]}<".encode() in body
        cited = f"page {version['page_number']} of walk {version['walk']}: {version['page_url']}"
        text = edited.desk.type("show", entry, "--version", n).out
        assert f"version     {n} of 2, seen from " in text
        assert cited.removeprefix("page ") in text
        assert version["snapshot"] in text
        assert version["fetched_at"] in text
        said = edited.desk.type("show", entry, "--version", n, "--page").err
        assert cited in said
        assert version["snapshot"] in said
    assert edited.desk.type("show", entry, "--version", "3").err.endswith(" has versions 1 to 2, and no 3\n")


def test_a_page_is_not_thrown_at_a_terminal(visited: Visited) -> None:
    entry = visited.desk.type("list", "--format", "json").json()[0]["entry"]
    said = visited.desk.on_a_terminal("show", entry, "--page")
    assert said.code == 2
    assert f"coopscrape show {entry} --page > page.html" in said.out


def test_a_history_has_every_version_with_its_page(edited: Visited) -> None:
    entry = edited.desk.type("list", "--format", "json").json()[1]["entry"]
    out = edited.desk.type("history", entry).out
    assert out.count("\nversion ") == 2
    assert out.count(edited.world.url("/news")) == 2
    assert "title: Cooperative story [-1-]{+one+}" in out


# -- status, check


def test_the_status_of_each_source(edited: Visited) -> None:
    (state,) = edited.desk.type("status", "--format", "json").json()
    assert (state["source"], state["coverage"], state["shown"], state["due"]) == ("coop", "complete", 13, True)
    assert edited.desk.type("status").out.splitlines()[1].split()[0] == "coop"


def test_the_status_needs_no_settings_and_bears_bad_ones(visited: Visited) -> None:
    file = visited.desk.place / "selectors.toml"
    file.write_text("no TOML at all")
    said = visited.desk.type("status")
    assert said.code == 0
    assert "complete" in said.out
    assert "not TOML" in said.err
    file.unlink()
    said = visited.desk.type("status")
    assert (said.code, said.err) == (0, "")
    assert "not in selectors.toml" not in said.out


def test_the_status_before_the_first_visit(desk: Desk, world: World) -> None:
    assert desk.type("status").code == 4
    desk.settings(selectors({"coop": publish(world, [])}, world.allow))
    said = desk.type("status")
    assert said.code == 0
    assert "never" in said.out


def test_a_source_that_is_configured_no_more_is_still_known(visited: Visited) -> None:
    visited.desk.settings(selectors({"other": visited.world.url("/other")}, visited.world.allow))
    out = visited.desk.type("status").out
    assert "not in selectors.toml" in out
    assert [line.split()[0] for line in out.splitlines()[1:3]] == ["other", "coop"]


def test_the_status_ends_with_what_the_archive_takes(edited: Visited) -> None:
    *_, blank, line = edited.desk.type("status").out.splitlines()
    assert blank == ""
    sizes = re.fullmatch(
        r"archive\.db: [\d.]+ kB; (\d+) pages, (\d+) different ones of [\d.]+ kB stored in \d+ bytes \([\d.]+ to 1\)",
        line,
    )
    assert sizes is not None, line
    assert (int(sizes[1]), int(sizes[2])) == (4, 4)


def test_the_ledger_counts_what_the_server_counts(edited: Visited) -> None:
    (host,) = edited.desk.type("status", "--ledger", "--format", "json").json()
    assert host["requests"] == len(edited.world.ledger)
    assert edited.desk.type("status", "--ledger").out.splitlines()[1].split()[1] == str(host["requests"])


def test_an_archive_that_grew_is_sound(edited: Visited) -> None:
    said = edited.desk.type("check")
    assert (said.code, said.out) == (0, "archive.db: sound\n")


def test_an_archive_that_was_tampered_with_is_not(edited: Visited) -> None:
    import sqlite3

    with sqlite3.connect(edited.desk.archive) as conn:
        conn.execute("UPDATE entries SET title = 'forged' WHERE place = 2")
    conn.close()
    said = edited.desk.type("check")
    assert said.code == 4
    assert said.out


# -- try


def test_try_shows_which_selector_caught_what_and_stores_no_entry(desk: Desk, world: World) -> None:
    desk.settings(selectors({"coop": publish(world, [Item("a", "First", None), Item("b", "Second")])}, world.allow))
    said = desk.type("try", "coop")
    assert said.code == 0
    assert "First" in said.out
    assert "title                2 of 2  h3 a (2)" in said.out
    assert "category (optional)  1 of 2  p.category (1)" in said.out
    assert "category: 1 of 2; row 1: nothing in it is p.category" in said.out
    assert desk.type("list", "--format", "json").json() == []


def test_try_crawl_and_suggest_say_that_a_script_makes_the_list(desk: Desk, world: World) -> None:
    url = publish(world, [])
    world.put("/news", '<div id="root"></div><script src="/app.js"></script>')
    desk.settings(selectors({"coop": url}, world.allow))
    told = "made by a script in the browser"
    (desk.place / "page.html").write_text('<div id="root"></div><script src="/app.js"></script>')
    tried = desk.type("try", "page.html", "--source", "coop")
    assert (tried.code, told in " ".join(tried.out.split())) == (3, True)
    assert told in desk.type("try", "page.html").err
    assert told in desk.type("suggest", "page.html").out


def test_try_tells_which_dates_say_no_year(desk: Desk, world: World) -> None:
    settings = selectors({"coop": publish(world, [Item("a", "First")])}, world.allow)
    assert "%d %B %Y" in settings
    desk.settings(settings.replace('"%d %B %Y"', '["%d %B %Y", "%d %B"]'))
    (desk.place / "page.html").write_text(listing([Item("a", "One", date_text="3 May"), Item("b", "Two")]))
    said = desk.type("try", "page.html", "--source", "coop")
    assert "date: 1 of 2 without a year; it is taken to be the nearest such day before the fetch" in said.out


def test_try_reads_a_saved_page_without_asking_anybody(desk: Desk, world: World) -> None:
    desk.settings(selectors({"coop": publish(world, [Item("a", "First")])}, world.allow))
    saved = world.hits()  # nobody has asked yet
    (desk.place / "page.html").write_text(listing([Item("b", "Saved")]))
    said = desk.type("try", "page.html", "--url", "https://example.org/news")
    assert said.code == 0
    assert "https://example.org/items/b.html" in said.out
    assert world.hits() == saved == []
    assert not desk.archive.exists()


def test_try_says_when_nothing_would_be_believed(desk: Desk, world: World) -> None:
    world.put("/news", "<p>Maintenance")
    desk.settings(selectors({"coop": world.url("/news"), "lost": world.url("/lost")}, world.allow))
    said = desk.type("try", "coop")
    assert said.code == 3
    assert "must_contain" in said.out
    lost = desk.type("try", "lost")
    assert lost.code == 1
    assert "404" in lost.out


@pytest.mark.parametrize("command", ["crawl", "crawl --dry-run", "rebuild", "rebuild --dry-run", "try", "diff", "list"])
def test_a_name_that_is_none_is_exit_code_1_everywhere(visited: Visited, command: str) -> None:
    visited.world.clear_ledger()
    said = visited.desk.type(*command.split(), "nope")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("coopscrape: ")
    assert "no source" in said.err
    assert len(said.err.splitlines()) == 1
    assert visited.world.ledger == []


def test_what_is_neither_a_source_nor_a_file_is_told_as_such(visited: Visited) -> None:
    said = visited.desk.type("try", "missing.html")
    assert said.code == 1
    assert said.err == "coopscrape: missing.html: is no file here, and no source in selectors.toml (it has: coop)\n"
    said = visited.desk.type("try", "ftp://example.org/news")
    assert said.code == 2
    assert "expected an address that begins with https:// or http://" in said.err


def test_the_status_has_the_number_that_accept_wants(visited: Visited) -> None:
    assert "status" in visited.desk.type("accept", "99").err
    head, row = visited.desk.type("status").out.splitlines()[:2]
    assert head.split()[:2] == ["source", "walk"]
    assert row.split()[:2] == ["coop", "1"]
    visited.desk.type("crawl")
    assert visited.desk.type("status").out.splitlines()[1].split()[:2] == ["coop", "2"]


def test_try_doubts_what_a_crawl_doubts(visited: Visited) -> None:
    desk = visited.desk
    assert desk.type("try", "coop").code == 0
    visited.publish(*(replace(item, date_text=None) for item in visited.items))
    tried = desk.type("try", "coop")
    assert tried.code == 3
    assert "! in doubt: page 1: date filled in 0 of 10 entries, usually 10 of 10" in tried.out
    (desk.place / "page.html").write_text(listing([replace(visited.items[0], date_text=None)]))
    saved = desk.type("try", "page.html")
    assert saved.code == 3
    assert "! in doubt: page 1: date filled in 0 of 1 entry" in saved.out
    assert desk.type("crawl").code == 3
    file = desk.place / "selectors.toml"
    file.write_text(file.read_text().replace('title = "h3 a"', 'title = "p.summary"'))
    visited.publish(*visited.items)
    assert desk.type("try", "coop").code == 0, "edited selectors are no change of the site"


def test_the_json_of_a_list_is_what_a_program_needs(visited: Visited) -> None:
    first = json.loads(visited.desk.type("list", "--format", "json").out)[0]
    assert list(first)[:3] == ["source", "entry", "key"]
    assert first["link"].startswith("http://127.0.0.1:")


# -- as of


def test_a_list_of_an_earlier_moment_is_the_one_that_was_printed_then(edited: Visited) -> None:
    then = edited.desk.type("list", "--as-of", "run:1")
    assert then.out.startswith("coop  Listing coop   12 entries\n")
    assert "Cooperative story 1\n" in then.out
    assert then.err.startswith("coopscrape: coop: last visited ")
    assert then.err.endswith(" UTC (walk 1)\n")
    today = edited.desk.type("list", "--as-of", "today")
    assert today.out == edited.desk.type("list").out
    (finished,) = edited.desk.type("status", "--format", "json").json()
    exact = edited.desk.type("list", "--as-of", finished["last_finished"], "--format", "json")
    assert exact.json() == edited.desk.type("list", "--format", "json").json()


def test_before_the_first_visit_nothing_is_known_and_that_is_said(visited: Visited) -> None:
    said = visited.desk.type("list", "--as-of", "2018")
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith("coopscrape: coop: not visited before 20")


@pytest.mark.parametrize(
    ("when", "words"),
    [("soon", "'soon' is no moment. Understood are: "), ("2099", "lies in the future"), ("2018-02-30", "is no moment")],
)
def test_a_moment_that_is_none_is_a_mistake(visited: Visited, when: str, words: str) -> None:
    said = visited.desk.type("list", "--as-of", when)
    assert said.code == 2
    assert words in said.err


def test_a_run_that_never_was_is_told(visited: Visited) -> None:
    said = visited.desk.type("list", "--as-of", "run:7")
    assert (said.code, said.err) == (1, "coopscrape: archive.db: there is no run 7; the last one is 1\n")


# -- search


def test_a_search_finds_words_phrases_and_beginnings(edited: Visited) -> None:
    def titles(*words: str) -> list[str]:
        return [one["title"] for one in edited.desk.type("search", *words, "--format", "json").json()]

    assert titles("one") == ["Cooperative story one"]
    assert titles("the newest story") == titles("newest", "the") == ["The newest story"]
    assert titles("story the") == []
    assert len(titles("coop*")) == 12
    assert titles("stor*", "--category", "article", "--source", "coop") == ["The newest story"]
    assert titles("stor*", "--after", "2018-06-21") == ["The newest story"]
    said = edited.desk.type("search", "newest")
    assert said.out.splitlines()[0].startswith("   1. 2018-06-21  Article  ")
    assert said.out.splitlines()[0].endswith("  coop")
    assert said.err == ""


def test_a_search_of_the_past_finds_what_was_edited_away(edited: Visited) -> None:
    was = edited.desk.type("search", '"story 1"', "--as-of", "run:1", "--format", "json")
    assert [one["title"] for one in was.json()] == ["Cooperative story 1"]
    assert was.err.startswith("coopscrape: coop: last visited ")
    now = edited.desk.type("search", "newest", "--as-of", "run:1")
    assert now.out == ""
    assert now.err.endswith("coopscrape: no entry has newest\n")


@pytest.mark.parametrize("words", [["&"], ['"open'], [""]])
def test_words_that_are_none_are_a_mistake(visited: Visited, words: list[str]) -> None:
    said = visited.desk.type("search", *words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("coopscrape: ")
    assert "Traceback" not in said.err


# -- standstill


@pytest.fixture
def forgotten(desk: Desk, world: World) -> Desk:
    """One source was last visited in 2018, the other is new."""
    town = Town(desk.place)
    town.settings(("sources.coop", "sources.old"))
    town.site.publish(some_items(3))
    town.crawl()
    desk.settings(
        selectors({"coop": publish(world, some_items(3)), "old": world.url("/old")}, world.allow, every="12h")
    )
    return desk


def test_a_source_at_a_standstill_is_named_and_can_fail_a_run(forgotten: Desk) -> None:
    crawled = forgotten.type("crawl", "coop", "--strict")
    assert crawled.code == 1
    assert "coopscrape: old: not visited with success for " in crawled.err
    assert "usually every 12 hours" in crawled.err
    lenient = forgotten.type("crawl", "coop")
    assert (lenient.code, "old: not visited" in lenient.err) == (0, True)
    status = forgotten.type("status", "--strict")
    assert status.code == 1
    assert "! old: not visited with success for " in status.out
    assert "coopscrape: old: not visited with success for " in status.err
    assert forgotten.type("status").code == 0
    by_name = {one["source"]: one for one in forgotten.type("status", "--format", "json").json()}
    assert [one["kind"] for one in by_name["old"]["stale"]] == ["unvisited"]
    assert by_name["coop"]["stale"] == []


def test_strict_minds_nothing_where_nothing_stands_still(edited: Visited) -> None:
    assert edited.desk.type("status", "--strict").code == 0
    assert edited.desk.type("crawl", "--strict").code == 0


@pytest.mark.parametrize("command", ["list", "diff", "status"])
def test_a_recipe_that_is_damaged_is_told_on_one_line_and_check_finds_it(visited: Visited, command: str) -> None:
    with closing(sqlite3.connect(visited.desk.archive)) as archive, archive:
        for (trigger,) in archive.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            archive.execute(f"DROP TRIGGER {trigger}")
        archive.execute("PRAGMA ignore_check_constraints = ON")
        archive.execute("UPDATE recipes SET settings = '{'")
    said = visited.desk.type(command)
    assert said.code == 4
    assert "is damaged (a row cannot be read" in said.err
    assert "recipes: the settings of coop, " in visited.desk.type("check").out
