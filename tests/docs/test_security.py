"""The figures of docs/security.md are those of the program, and each promise says where it is tested."""

from __future__ import annotations

import importlib
import re

import pytest

from docs.papers import DOCS, ROOT, own_part, section, tables
from hostile.table import ROWS

PAGE = DOCS / "security.md"
UNITS = {"": 1, "s": 1, "MB": 10**6, "MiB": 2**20}
FIGURES = [row for table in tables(section(PAGE, "The figures")) for row in table]


@pytest.mark.parametrize("row", FIGURES, ids=lambda row: str(row[0]))
def test_every_figure_is_that_of_the_program(row: list[str]) -> None:
    number, unit = re.fullmatch(r"(\d+) ?(\S*)", row[1]).groups()  # type: ignore[union-attr]
    module, _, name = row[2].strip("`").rpartition(".")
    assert int(number) * UNITS[unit] == getattr(importlib.import_module(module), name)


def test_every_promise_says_where_it_is_tested() -> None:
    for promise, words, where in tables(own_part(PAGE, "What is promised"))[0]:
        assert words, promise
        folders = re.findall(r"`(tests/\w+)`", where)
        assert folders, promise
        for folder in folders:
            assert list((ROOT / folder).glob("test_*.py")), f"{promise}: there are no tests in {folder}"


def test_the_table_is_as_long_as_it_should_be() -> None:
    assert len(ROWS) >= 150
