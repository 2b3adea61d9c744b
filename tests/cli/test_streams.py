"""Where the words go: closed, full, deserted, or of another alphabet."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from shlex import join

import pytest

from cli.conftest import Visited
from cli.desk import Desk, Said, environment
from listings import Item, publish, selectors
from server import World

FULL = "coopscrape: the output cannot be written: No space left on device\n"
CLOSED = "coopscrape: the output cannot be written: Bad file descriptor\n"
C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
WORDS = ["--help", "--version", "crawl --help", "list", "diff --since 2018 --format json", "status", "demo"]


def shell(desk: Desk, words: str, redirected: str, env: Mapping[str, str] | None = None) -> Said:
    """A command as a shell runs it."""
    line = f"{join([sys.executable, '-W', 'error', '-m', 'coopscrape'])} {words} {redirected}"
    done = subprocess.run(
        ["bash", "-c", line], cwd=desk.place, env=environment(env), capture_output=True, text=True, timeout=60
    )
    return Said(done.returncode, done.stdout, done.stderr)


def test_a_disk_that_is_full_is_one_line(visited: Visited) -> None:
    for words in WORDS:
        said = shell(visited.desk, words, ">/dev/full")
        assert (said.code, said.err) == (1, FULL), words


def test_a_stdout_that_is_closed_is_one_line_if_there_is_something_to_write(visited: Visited) -> None:
    link = visited.desk.type("list", "--format", "json").json()[0]["link"]
    for words in (*WORDS, f"show --page {link}"):
        said = shell(visited.desk, words, ">&-")
        assert (said.code, said.err.splitlines(keepends=True)[-1]) == (1, CLOSED), words
    assert shell(visited.desk, "crwl", ">&-").code == 2


def test_whoever_has_gone_is_told_nothing(visited: Visited) -> None:
    for words in WORDS:
        said = shell(visited.desk, words, "| true; exit ${PIPESTATUS[0]}")
        assert (said.code, said.err) == (0, ""), words


def test_a_stderr_that_is_closed_or_full_changes_nothing(visited: Visited) -> None:
    for words, code in (("crawl", 0), ("demo", 0), ("crwl", 2)):
        for redirected in ("2>&-", "2>/dev/full", "0<&- 2>&-"):
            said = shell(visited.desk, words, redirected)
            assert (said.code, bool(said.out)) == (code, not code), (words, redirected)


def test_no_file_gets_the_number_of_a_stream_that_is_closed(visited: Visited) -> None:
    for redirected in (">&-", "2>&-", "0<&- >&- 2>&-"):
        shell(visited.desk, "--debug crawl", redirected)
        assert visited.desk.type("check").out == "archive.db: sound\n"
    assert len(visited.desk.type("list", "--format", "json").json()) == 12


def test_a_cursor_does_not_move_over_what_a_closed_stdout_did_not_tell(visited: Visited) -> None:
    assert shell(visited.desk, "diff --cursor me", ">&-").code == 1
    assert len(visited.desk.type("diff", "--cursor", "me", "--format", "json").json()) == 12


TITLES = ["合作社", "\U0001f91d together", 'caf\u00e9 \\ "quoted"', "\u202eturned"]


@pytest.mark.parametrize("env", [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}, C_LOCALE])
def test_json_is_json_in_every_alphabet(desk: Desk, world: World, env: Mapping[str, str]) -> None:
    items = [Item(f"item-{n}", title) for n, title in enumerate(TITLES)]
    desk.settings(selectors({"coop": publish(world, items)}, world.allow))
    assert desk.type("crawl").code == 0
    for words in (["list"], ["diff"], ["show", world.url("/items/item-1.html")], ["status"]):
        plain, other = (desk.bytes(*words, "--format", "json", env=one) for one in (None, env))
        encoding = "latin-1" if "latin-1" in env.values() else "ascii"
        assert json.loads(other.decode(encoding)) == json.loads(plain)
    assert "\\u5408\\u4f5c\\u793e" in desk.bytes("list", env=env).decode("latin-1")


def test_a_name_that_is_no_text_comes_out_as_it_is(desk: Desk) -> None:
    for name, env in ((b"caf\xc3\xa9", C_LOCALE), (b"caf\xe9", None), (b"caf\xe9", C_LOCALE)):
        done = subprocess.run(
            [*map(str.encode, (sys.executable, "-m", "coopscrape", "init", "--force")), name],
            cwd=desk.place,
            env=environment(env),
            capture_output=True,
            timeout=60,
        )
        assert done.stdout.startswith(b"Wrote " + name + b". Next:")
