"""The tour of the README, walked through with the real program."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

import pytest

from docs.papers import README, ROOT, blocks, read

BIN = Path(sys.executable).parent


def _steps() -> Iterator[tuple[str, list[str]]]:
    """Each command of the tour with what the README shows of its output."""
    command, shown = "", list[str]()
    for block in blocks(README, "console"):
        for line in [*block.text.rstrip("\n").split("\n"), "$ "]:
            if line.startswith("$ "):
                if command:
                    yield command, shown
                command, shown = line.removeprefix("$ "), []
            else:
                shown.append(line)


def _timeless(line: str) -> str:
    """Ports, times and pauses differ from run to run."""
    line = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", line)
    line = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "TIME", line)
    return re.sub(r"\b\d+\.\d+ s\b", "PAUSE", line).rstrip()


def _shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COOPSCRAPE_")}
    environment["PATH"] = f"{BIN}{os.pathsep}{environment['PATH']}"
    return subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def test_the_tour_goes_as_it_is_told(tmp_path: Path) -> None:
    folder = tmp_path
    walked = 0
    for command, shown in _steps():
        walked += 1
        if command.startswith("cd "):
            folder /= command.removeprefix("cd ")
            assert folder.is_dir()
            continue
        done = _shell(command, folder)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        said = iter(map(_timeless, done.stdout.split("\n")))
        for line in shown:
            if line != "...":
                assert any(_timeless(line) == one for one in said), f"$ {command}: does not print {line!r} there"
    assert walked >= 8


def test_a_listing_of_ones_own_begins_as_it_is_told(tmp_path: Path) -> None:
    done = _shell("coopscrape init --contact archive@example.org && coopscrape crawl --dry-run", tmp_path)
    assert done.returncode == 2, "a fresh selectors.toml has no source yet"
    assert (tmp_path / "selectors.toml").exists()
    assert "no [sources.NAME]" in done.stderr


@pytest.mark.parametrize("target", re.findall(r"`?make (\w+)", read(README)))
def test_every_target_of_make_is_there(target: str) -> None:
    assert re.search(rf"^{target}:", read(ROOT / "Makefile"), re.MULTILINE)


def test_after_make_demo_the_shell_can_be_told_where_coopscrape_is(tmp_path: Path) -> None:
    """As somebody types it who has nothing on the PATH yet."""
    clean = {"HOME": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    venv = BIN.parent
    demo = f"make -s -C {quote(str(ROOT))} -o {quote(str(venv))}/.installed VENV={quote(str(venv))} DIR={tmp_path}/demo demo"
    done = subprocess.run(demo, shell=True, env=clean, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    first = re.search(r"so that your shell knows coopscrape: (.+)", done.stdout)
    assert first is not None
    assert first[1].replace(str(venv), ".venv") in read(README)
    typed = re.findall(
        r"^  ((?:cd|coopscrape) .+?)(?:  .*)?$", done.stdout.partition("What to type next:")[2], re.MULTILINE
    )
    script = "\n".join(["set -e", first[1], *typed])
    done = subprocess.run(["bash", "-c", script], env=clean, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("archive.db: sound\n")


def test_the_readme_begins_with_the_two_commands_and_stays_short() -> None:
    text = read(README)
    assert re.search(r"^    make demo\b", text[:300], re.MULTILINE)
    assert re.search(r"^    make test\b", text[:300], re.MULTILINE)
    assert text.count("\n") < 170


@pytest.mark.parametrize("extra", re.findall(r'"\.\[(\w+)\]"', read(README)))
def test_every_extra_is_there(extra: str) -> None:
    settings = read(ROOT / "pyproject.toml")
    assert re.search(rf"^{extra} = \[", settings.partition("[project.optional-dependencies]")[2], re.MULTILINE)
