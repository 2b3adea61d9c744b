"""Help answers at once, and every error is a line."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cli.desk import Desk, Said
from coopscrape.cli import COMMANDS
from coopscrape.version import __version__

HEAVY = ("httpx", "selectolax", "sqlite_utils", "rich", "sqlite3", "coopscrape.run.crawl", "coopscrape.report")


def test_help_names_every_command_and_says_what_it_does(desk: Desk) -> None:
    said = desk.type("--help")
    listed = [line.split() for line in said.out.split("Commands:")[1].splitlines() if line.strip()]
    assert [words[0] for words in listed] == list(COMMANDS)
    assert all(len(words) > 2 and not words[-1].endswith("...") for words in listed)
    assert (said.code, said.err) == (0, "")


def test_no_words_at_all_are_answered_with_help(desk: Desk) -> None:
    assert desk.type() == desk.type("--help")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(desk: Desk, command: str) -> None:
    said = desk.type(command, "--help")
    assert said.code == 0
    assert said.out.startswith(f"Usage: coopscrape {command}")


def test_help_imports_nothing_heavy() -> None:
    program = f"""
import sys
sys.argv = ["coopscrape", "--help"]
from coopscrape.cli import main
try:
    main()
except SystemExit:
    pass
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "Commands:" in done.stdout
    assert done.stderr == "[]\n"


def test_the_version_is_told(desk: Desk) -> None:
    assert desk.type("--version").out == f"coopscrape {__version__}\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["crwl"], "coopscrape: there is no command 'crwl'; did you mean `crawl`?"),
        (["zzz"], "coopscrape: there is no command 'zzz'; there are demo, init, "),
        (["crawl", "--max-pages", "none"], "coopscrape: invalid value for '--max-pages': "),
        (["show"], "coopscrape: missing argument 'ENTRY'"),
        (["--nothing"], "coopscrape: no such option"),
    ],
)
def test_a_mistake_in_typing_is_two_lines_and_exit_code_2(desk: Desk, words: list[str], line: str) -> None:
    said = desk.type(*words)
    assert (said.code, said.out) == (2, "")
    first, second = said.err.splitlines()
    assert first.startswith(line)
    assert second.startswith("coopscrape: see `coopscrape")


def test_a_bug_is_one_line_that_asks_for_a_report(desk: Desk) -> None:
    program = """
import click
from coopscrape.cli.door import Door

class Faulty(Door):
    def get_command(self, ctx, cmd_name):
        return click.Command("list", callback=lambda: 1 / 0)

Faulty(modules={"list": ""}, params=[click.Option(["--debug"], is_flag=True, expose_value=False)]).main()
"""

    def said(*words: str) -> Said:
        done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, timeout=60)
        return Said(done.returncode, done.stdout, done.stderr)

    assert said("list").code == 70
    assert said("list").err.startswith("coopscrape: this is a bug: ZeroDivisionError: ")
    assert len(said("list").err.splitlines()) == 1
    assert "Traceback" in said("--debug", "list").err


def test_an_archive_that_is_none_is_one_line_and_exit_code_4(desk: Desk) -> None:
    said = desk.type("list")
    assert (said.code, said.out) == (4, "")
    assert said.err == "coopscrape: archive.db: there is no archive yet; `coopscrape crawl` makes one\n"
    desk.archive.write_text("This is a text, and a rather long one, so that it cannot be taken for anything else. " * 9)
    said = desk.type("list")
    assert said.code == 4
    assert said.err.startswith("coopscrape: archive.db: is no SQLite database")


def test_all_mistakes_of_the_settings_are_told_at_once(desk: Desk) -> None:
    desk.settings('[coopscrape]\ncontct = "me"\n[sources.a]\nurl = "ftp://example.org"\n')
    said = desk.type("crawl")
    assert said.code == 2
    assert len(said.err.splitlines()) >= 3
    assert all(line.startswith("coopscrape: selectors.toml: ") for line in said.err.splitlines())


def test_settings_and_archive_may_be_named_in_the_environment(desk: Desk) -> None:
    said = desk.type("list", env={"COOPSCRAPE_ARCHIVE": "elsewhere.db"})
    assert "elsewhere.db: there is no archive yet" in said.err
    said = desk.type("crawl", env={"COOPSCRAPE_CONFIG": "other.toml"})
    assert "other.toml: there is no such file" in said.err


def test_no_terminal_is_steered_by_what_is_typed(desk: Desk) -> None:
    said = desk.type("--archive", "a\x1b[2J.db", "list")
    assert "a<U+001B>[2J.db: there is no archive" in said.err
