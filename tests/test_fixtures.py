"""The fixtures are what their README says: pages hold the expected entries, and the scripts still make the pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import pytest

from fixtures import make_etuc, make_field, make_ilo_2024, make_ilo_coop

FIXTURES = Path(__file__).parent / "fixtures"
LISTINGS = {  # fixture -> entries on each of its pages
    "ilo-coop/2018-06-20": (10,),
    "ilo-coop/2018-06-27": (10, 1),
    "ilo-2024": (12, 5),
    "etuc": (8, 4),
}
KEYS = ["number", "category", "title", "date", "date_text", "summary", "link"]

every_listing = pytest.mark.parametrize("name", LISTINGS)


def load(name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((FIXTURES / name).read_text(encoding="utf-8"))
    return entries


@every_listing
def test_expected_entries_are_complete_and_numbered_across_pages(name: str) -> None:
    expected = load(f"{name}/expected.json")

    assert [list(entry) for entry in expected] == [KEYS] * sum(LISTINGS[name])
    assert [entry["number"] for entry in expected] == list(range(1, len(expected) + 1))
    assert len({entry["link"] for entry in expected}) == len(expected)
    for entry in expected:
        day = date.fromisoformat(entry["date"])
        assert entry["title"]
        assert entry["summary"] != ""
        assert entry["link"].startswith("https://www.")
        assert str(day.year) in entry["date_text"]


@every_listing
def test_each_page_prints_its_entries_in_their_order(name: str) -> None:
    expected = load(f"{name}/expected.json")
    for number, count in enumerate(LISTINGS[name], start=1):
        html = (FIXTURES / name / f"page{number}.html").read_text(encoding="utf-8")
        shown, expected = expected[:count], expected[count:]
        at = 0
        for entry in shown:
            for text in (entry["title"], entry["date_text"], entry["category"], entry["summary"]):
                assert text is None or escape(text, quote=False) in html
            at = html.index(f'href="/{entry["link"].split("/", 3)[3]}"', at)
        assert not any(later["title"] in html for later in expected)
    assert not (FIXTURES / name / f"page{len(LISTINGS[name]) + 1}.html").exists()


def test_the_pages_of_the_demo_and_of_the_tests_are_one_copy() -> None:
    links = sorted((FIXTURES / "ilo-coop").glob("*/*.html"))

    assert len(links) == 3
    for link in links:
        assert link.is_symlink()
        assert not link.readlink().is_absolute()
        assert link.resolve() == (make_ilo_coop.SITE / link.parent.name / link.name).resolve()
    assert {link.resolve() for link in links} == {path.resolve() for path in make_ilo_coop.SITE.glob("*/*.html")}


@pytest.mark.parametrize("pages", [make_ilo_coop.pages, make_ilo_2024.pages, make_etuc.pages, make_field.pages])
def test_the_scripts_make_exactly_the_pages_that_are_there(pages: Callable[[], Mapping[Path, str]]) -> None:
    made = pages()

    assert made
    for path, html in made.items():
        assert path.read_bytes() == html.encode(), f"{path.name} differs: run its script in tests/fixtures again"


def test_the_changes_are_the_difference_of_the_two_states() -> None:
    before = {entry["link"]: entry for entry in load("ilo-coop/2018-06-20/expected.json")}
    after = load("ilo-coop/2018-06-27/expected.json")
    seen = []
    for entry in after:
        known = before.pop(entry["link"], None)
        what = {name: entry[name] for name in ("number", "link", "title")}
        if known is None:
            seen.append({"kind": "new", **what, "field": None, "old": None, "new": None})
            continue
        seen += [
            {"kind": "changed", **what, "field": name, "old": known[name], "new": entry[name]}
            for name in KEYS
            if name != "number" and known[name] != entry[name]
        ]

    assert before == {}
    assert seen == load("ilo-coop/2018-06-27/changes.json")
    assert [(change["kind"], change["field"]) for change in seen] == [
        ("new", None),
        ("changed", "summary"),
        ("changed", "category"),
        ("changed", "title"),
    ]
