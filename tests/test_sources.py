"""The project's own sources against fixtures of their make: every entry comes out exactly, and the paging leads on."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from coopscrape.extract import extract
from coopscrape.model import Extraction, Page
from coopscrape.run.settings import load_config

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "tests" / "fixtures"
CASES = [
    ("ilo-coop", "ilo-coop/2018-06-20"),
    ("ilo-coop", "ilo-coop/2018-06-27"),
    ("ilo-coop", "ilo-2024"),
    ("ilo-news", "ilo-2024"),
    ("ilo-news", "ilo-coop/2018-06-27"),
    ("etuc", "etuc"),
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
    rows = [row for extraction in read(source, FIXTURES / folder) for row in extraction.rows]
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
    assert len({row.key for row in rows}) == len(rows)
    assert not any(row.weak for row in rows)


@pytest.mark.parametrize(("source", "folder"), CASES)
def test_the_pager_leads_from_page_to_page_and_ends(source: str, folder: str) -> None:
    nexts = [extraction.next_url for extraction in read(source, FIXTURES / folder)]
    assert all(nexts[:-1])
    assert nexts[-1] is None
