"""Listings of varied make are read entry by entry as somebody who sees the page would note them down."""

from __future__ import annotations

import json
import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from coopscrape.config import recall
from coopscrape.errors import ArchiveError
from coopscrape.extract import extract
from coopscrape.model import Extraction, Page, Row, Source, Strategy
from coopscrape.run.settings import JUDGES, load_config
from fixtures.making import HOME, folders

NAMES = sorted(path.name for path in HOME.iterdir())
FETCHED = "2024-03-01T12:00:00.000Z"


def source_of(folder: Path) -> Source:
    (source,) = load_config(folder / "selectors.toml").sources.values()
    return source


def read(folder: Path, source: Source) -> Extraction:
    body = (folder / "page.html").read_bytes()
    return extract(Page(source.url, source.url, FETCHED, body, sha256(body).hexdigest()), source.reading)


def noted(extraction: Extraction) -> list[dict[str, Any]]:
    """As expected.json has it. What is pinned above the list and stands in it again is one entry."""
    once = {row.key: row for row in reversed(extraction.rows)}
    return [_noted(n, row) for n, row in enumerate((r for r in extraction.rows if once[r.key] is r), 1)]


def _noted(n: int, row: Row) -> dict[str, Any]:
    c = row.content
    said = {"category": c.category, "title": c.title, "date": c.date, "date_text": c.date_text}
    said |= {"summary": c.summary, "link": c.link}
    extra = {"extra": dict(c.extra)} if c.extra else {}
    return {"number": n if row.number is None else row.number, **said, **extra}


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_is_read_as_it_is_printed(name: str) -> None:
    source = source_of(HOME / name)
    extraction = read(HOME / name, source)

    assert extraction.trouble is None
    assert extraction.must_contain
    assert noted(extraction) == json.loads((HOME / name / "expected.json").read_text("utf-8"))
    if source.paging.strategy is Strategy.NEXT:
        assert (extraction.next_url or "").startswith(source.url.split("?")[0].rsplit("/", 1)[0])


def test_the_makes_are_what_is_in_the_folders() -> None:
    """`PYTHONPATH=tests python -m fixtures.making` writes them."""
    made = folders()
    assert {path.parent.name for path in made} == set(NAMES)
    assert [path for path, content in made.items() if path.read_bytes() != content] == []


# What a folder is read wrongly without. The name of a key, wherever it stands in that folder's layouts.
NEEDED = {
    "skip": "adverts-between",
    "require": "sharepoint-list",
    "guard": "two-layouts",
    "match": "drupal-view",
    "group": "texts-to-mend",
    "replace": "texts-to-mend",
    "text": "paragraphs-with-breaks",
    "from": "headings-with-categories",
    "join": "headings-with-years",
    "until": "headings-and-paragraphs",
    "start": "definition-list",
    "rows": "two-rows",
    "value": "korean-board",
    "template": "links-made-of-ids",
    "language": "months-of-another-language",
    "timezone": "late-in-the-evening",
    "extra": "calendar-sheets",
    "number": "sharepoint-list",
}


@pytest.mark.parametrize(("key", "name"), NEEDED.items())
def test_each_word_of_the_language_is_needed_by_a_listing(key: str, name: str, tmp_path: Path) -> None:
    settings = tomllib.loads((HOME / name / "selectors.toml").read_text("utf-8"))["sources"][name]
    poorer = {**settings, "layouts": _without(settings["layouts"], key)}
    assert poorer != settings
    try:
        source = recall(name, json.dumps(poorer), JUDGES)
    except ArchiveError:
        return  # it cannot even be said
    assert noted(read(HOME / name, source)) != json.loads((HOME / name / "expected.json").read_text("utf-8"))


def _without(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner, key) for name, inner in value.items() if name != key}
    return [_without(inner, key) for inner in value] if isinstance(value, list) else value
