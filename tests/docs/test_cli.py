"""docs/cli.md says what the commands say."""

from __future__ import annotations

import re
import subprocess
import sys

import click
import pytest

from coopscrape import errors
from coopscrape.cli import COMMANDS, door, main
from docs.papers import DOCS, README, ROOT, own_part, read, section, tables

CLI = DOCS / "cli.md"


def test_the_page_is_what_the_commands_say() -> None:
    done = subprocess.run([sys.executable, "docs/make_cli.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_option_is_in_the_section_of_its_command(name: str) -> None:
    context = click.Context(main)
    command = main.get_command(context, name) if name else main
    assert command is not None
    text = section(CLI, f"`coopscrape {name}`".replace(" `", "`"))
    for parameter in command.params:
        for word in (*parameter.opts, *parameter.secondary_opts) if isinstance(parameter, click.Option) else ():
            assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text), f"{name} {word}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_words_of_its_own_and_is_in_the_list(name: str) -> None:
    assert own_part(CLI, f"`coopscrape {name}`").partition("```")[0].strip()
    assert re.search(rf"^  {name} ", section(CLI, "`coopscrape`"), re.MULTILINE)


def _codes() -> set[int]:
    """Every exit code that the program can end with, apart from those of signals."""
    kinds = [errors.CoopscrapeError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return {0, 3, door.BUG, *(kind.exit_code for kind in kinds), errors.Interrupted("", 2).exit_code, 143}


def test_every_exit_code_is_explained_and_no_other() -> None:
    explained = {int(row[0]) for table in tables(section(CLI, "Exit codes")) for row in table}
    assert explained == _codes()
    assert {int(code) for code in re.findall(r"\b\d+\b", section(README, "Exit codes"))} == _codes()


def test_every_option_that_is_named_anywhere_exists() -> None:
    known = {"--help", "--check", "--write"}
    for name in ["", *COMMANDS]:
        command = main.get_command(click.Context(main), name) if name else main
        assert command is not None
        known |= {word for parameter in command.params for word in parameter.opts}
    for page in [README, *DOCS.glob("*.md")]:
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", read(page)):
            assert option in known, f"{page.name} names {option}"
