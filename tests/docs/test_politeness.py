"""The figures of docs/politeness.md are those of the program."""

from __future__ import annotations

import dataclasses
import importlib
import re
from typing import Any

import pytest

from docs.papers import DOCS, ROOT, own_part, section, tables

PAGE = DOCS / "politeness.md"
UNITS = {"": 1.0, "s": 1, "h": 3600, "days": 86_400, "%": 0.01, "KiB": 2**10, "MiB": 2**20}
FIGURES = [row for table in tables(section(PAGE, "The figures")) for row in table]


@pytest.mark.parametrize("row", FIGURES, ids=lambda row: str(row[0]))
def test_every_figure_is_that_of_the_program(row: list[str]) -> None:
    number, unit = re.fullmatch(r"([\d.]+) ?(\S*)", row[1]).groups()  # type: ignore[union-attr]
    assert float(number) * UNITS[unit] == pytest.approx(_value(row[2].strip("`")))


def _value(name: str) -> Any:
    """Of a constant of a module, or the default of a dataclass's field."""
    owner, _, thing = name.rpartition(".")
    try:
        return getattr(importlib.import_module(owner), thing)
    except ModuleNotFoundError:
        module, _, kind = owner.rpartition(".")
        fields = dataclasses.fields(getattr(importlib.import_module(module), kind))
        return next(field.default for field in fields if field.name == thing)


def test_every_promise_says_where_it_is_tested() -> None:
    for promise, words, where in tables(own_part(PAGE, "What is promised"))[0]:
        assert words, promise
        folders = re.findall(r"`(tests/\w+)`", where)
        assert folders, promise
        for folder in folders:
            assert list((ROOT / folder).glob("test_*.py")), f"{promise}: there are no tests in {folder}"


def test_every_rule_that_is_measured_is_told_and_no_other() -> None:
    (rows,) = tables(own_part(PAGE, "How it is measured"))
    measured = {
        name
        for file in (ROOT / "tests" / "politeness").glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {test.strip("`") for _, test in rows} == measured


def test_what_is_measured_was_promised() -> None:
    promises = {promise.strip("*") for promise, _, _ in tables(own_part(PAGE, "What is promised"))[0]}
    (rows,) = tables(own_part(PAGE, "How it is measured"))
    assert {promise for promise, _ in rows} <= promises | {"Not obeying"}
