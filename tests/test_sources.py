"""The project's own sources against fixtures of their make: every entry comes out exactly, and the paging leads on."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from coopscrape.extract import extract
from coopscrape.model import Extraction, Page
from coopscrape.run.settings import load_config
from fixtures import make_field

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "tests" / "fixtures"
CASES = [
    ("ilo-coop", "ilo-coop/2018-06-20"),
    ("ilo-coop", "ilo-coop/2018-06-27"),
    ("ilo-coop", "ilo-2024"),
    ("ilo-news", "ilo-2024"),
    ("ilo-news", "ilo-coop/2018-06-27"),
    ("etuc", "etuc"),
    *((name, name) for name in make_field.LISTINGS),
]


def read(source: str, folder: Path) -> list[Extraction]:
    reading = load_config(ROOT / "selectors.toml").sources[source].reading
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    origin = "/".join(expected[0]["link"].split("/")[:3])
    extractions = []
    for path in sorted(folder.glob("page*.html")):
        body = path.read_bytes()
        url = f"{origin}/"
        page = Page(url, url, "2026-01-01T00:00:00.000Z", body, hashlib.sha256(body).hexdigest())
        extractions.append(extract(page, reading))
    return extractions


@pytest.mark.parametrize(("source", "folder"), CASES)
def test_every_entry_of_a_fixture_comes_out_exactly(source: str, folder: str) -> None:
    expected = json.loads((FIXTURES / folder / "expected.json").read_text("utf-8"))
    shown = [row for extraction in read(source, FIXTURES / folder) for row in extraction.rows]
    rows = list({row.key: row for row in reversed(shown)}.values())[::-1]  # one that is shown twice is one
    came = [
        {
            "number": number,
            "category": row.content.category or None,
            "title": row.content.title,
            "date": row.content.date,
            "date_text": row.content.date_text,
            "summary": row.content.summary or None,
            "link": row.content.link,
        }
        for number, row in enumerate(rows, 1)
    ]
    assert came == expected
    assert not any(row.weak for row in rows)


@pytest.mark.parametrize(("source", "folder"), CASES)
def test_the_pager_leads_from_page_to_page_and_ends(source: str, folder: str) -> None:
    nexts = [extraction.next_url for extraction in read(source, FIXTURES / folder)]
    assert all(nexts[:-1])
    assert nexts[-1] is None


def test_every_source_is_tried_and_says_when_and_against_what() -> None:
    text = (ROOT / "selectors.toml").read_text("utf-8")
    sources = load_config(ROOT / "selectors.toml").sources
    assert {source for source, _ in CASES} == sources.keys()
    assert len(sources) >= 11
    for name in sources:
        above = text.split(f"[sources.{name}]\n")[0].split("\n\n\n")[-1]
        assert re.search(r"# Tried on 20\d\d-\d\d-\d\d", above), name
        told = " ".join(above.replace("#", " ").split()).lower()
        assert "never against the live site" in told, name
        assert all(f"tests/fixtures/{folder.split('/')[0]}" in told for source, folder in CASES if source == name), name


def test_the_traps_of_the_field_are_in_its_fixtures() -> None:
    shown = [row for extraction in read("ilo-press-fr", FIXTURES / "ilo-press-fr") for row in extraction.rows]
    dropped = [why for extraction in read("ilo-press-fr", FIXTURES / "ilo-press-fr") for why in extraction.dropped]
    keys = [row.key for row in shown]
    assert len(keys) == len(set(keys)) + 1  # the same row twice
    assert sum(row.content.date is None for row in shown) == 1  # an event without a date
    assert dropped == ["row 5: no title"]
    assert all(row.content.date is None for e in read("recma", FIXTURES / "recma") for row in e.rows)
