"""docs/settings.md knows every key of selectors.toml, and no other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from coopscrape.config import duration
from coopscrape.errors import SettingsError
from coopscrape.extract import dates
from coopscrape.model import Paging, Source
from coopscrape.run.settings import load_config
from docs.papers import DOCS, Block, blocks, names, own_part, section, tables

PAGE = DOCS / "settings.md"
EXAMPLES = blocks(PAGE, "toml")

# A key that nobody knows, wherever one may stand: the message names those that are known.
UNKNOWN = """
xxxxx = 1
coopscrape = { xxxxx = 1 }
defaults = { xxxxx = 1 }
network = { xxxxx = 1 }
notify = { xxxxx = 1 }

[sources.a]
xxxxx = 1
url = "https://example.org/"
key = { xxxxx = 1, from = "title" }
pages = { xxxxx = 1, next = "a" }
doubt = { xxxxx = 1 }
follow = { xxxxx = 1 }

[[sources.a.layouts]]
xxxxx = 1
item = "li"
skip = { xxxxx = 1 }
title = { xxxxx = 1, css = "a" }
date = { xxxxx = 1, css = "a", format = "%Y" }

[sources.b]
url = "https://example.org/"
pages = { xxxxx = 1, url = "https://example.org/{page}" }
layouts = [{ item = { xxxxx = 1, start = "dt" }, title = { join = ["a", { xxxxx = 1, css = "b" }] } }]

[sources.d]
url = "https://example.org/"
layouts = [{ item = { xxxxx = 1, css = "tr", rows = 2 }, title = "a" }]

[sources.c]
kind = "feed"
xxxxx = 1
url = "https://example.org/feed"
"""
PLACES = {
    "xxxxx": "The file",
    "[coopscrape] xxxxx": "`[coopscrape]`",
    "[defaults] xxxxx": "`[defaults]`",
    "[network] xxxxx": "`[network]`",
    "[notify] xxxxx": "`[notify]`",
    "[sources.a] xxxxx": "A source",
    "[sources.a] key.xxxxx": "`key`",
    "[sources.a] pages.xxxxx": "`pages`",
    "[sources.a] doubt.xxxxx": "`doubt`",
    "[sources.a.follow] xxxxx": "`follow`",
    "[sources.b] pages.xxxxx": "`pages`",
    "[sources.c] xxxxx": "Feeds",
    "[[sources.a.layouts]] 1.xxxxx": "Layouts",
    "[[sources.b.layouts]] 1.item.xxxxx": "`item`",
    "[[sources.b.layouts]] 1.title.join.(2).xxxxx": "Fields",
    "[[sources.d.layouts]] 1.item.xxxxx": "`item`",
    "[[sources.a.layouts]] 1.skip.xxxxx": "`skip`",
    "[[sources.a.layouts]] 1.title.xxxxx": "Fields",
    "[[sources.a.layouts]] 1.date.xxxxx": "Fields",
}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Where a key may stand -> the keys that may stand there, as the program itself says."""
    file = tmp_path_factory.mktemp("settings") / "selectors.toml"
    file.write_text(UNKNOWN)
    with pytest.raises(SettingsError) as caught:
        load_config(file)
    said = (
        re.fullmatch(r"selectors\.toml: (.*): there is no such key \(known here: (.*)\)", line)
        for line in caught.value.lines
    )
    return {found[1]: set(found[2].split(", ")) for found in said if found}


def test_every_place_where_a_key_may_stand_is_tried(known: dict[str, set[str]]) -> None:
    assert known.keys() == PLACES.keys()


@pytest.mark.parametrize("heading", dict.fromkeys(PLACES.values()))
def test_every_key_is_explained_where_it_belongs_and_no_other(heading: str, known: dict[str, set[str]]) -> None:
    keys = {key for place, keys in known.items() if PLACES[place] == heading for key in keys}
    if heading == "A source":
        keys -= known["[defaults] xxxxx"]
    if heading == "Feeds":
        keys -= known["[sources.a] xxxxx"] - {"pages"}
    assert set(names(own_part(PAGE, heading))) == keys


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_every_example_is_a_selectors_toml(example: Block, tmp_path: Path) -> None:
    file = tmp_path / "selectors.toml"
    file.write_text(example.text, encoding="utf-8")
    load_config(file, contacting="contact" in example.text)


def test_every_key_stands_in_an_example(known: dict[str, set[str]]) -> None:
    used = {key for example in EXAMPLES for key in _keys(tomllib.loads(example.text))}
    seldom = {"max_delay", "max_pages", "confirm_gone", "step", "deadline"}
    assert set().union(*known.values()) - used == seldom


def _keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for inner in value.values() for key in _keys(inner)}
    return {key for inner in value for key in _keys(inner)} if isinstance(value, list) else set()


def test_every_default_is_what_the_program_takes() -> None:
    source = Source("a", "a", "https://example.org/", reading=load_nothing().reading)
    said = {
        row[0].strip("`"): row[2].strip("`")
        for heading in ("`[defaults]`", "`pages`")
        for table in tables(own_part(PAGE, heading))
        for row in table
    }
    for name, default in said.items():
        owner = Paging() if name in ("start", "step") else source
        if default and default != "none" and name not in ("next", "url"):
            value = tomllib.loads(f"it = {default}")["it"]
            expected = source.reading.language if name == "language" else getattr(owner, name)
            assert (duration(value) if isinstance(value, str) and name != "language" else value) == expected, name


def load_nothing() -> Source:
    """The least that a source can be."""
    from coopscrape.model import Reading

    return Source("a", "a", "https://example.org/", Reading(()))


def test_every_form_of_a_date_and_every_language_is_named() -> None:
    text = section(PAGE, "Dates")
    forms, languages = tables(text)
    said = {form for row in forms for form in re.findall(r"`([^`]+)`", row[0])}
    assert said == {f"%{one}" for one in dates.KNOWN} | {f'"{one}"' for one in dates.WORDS_ALONE}
    assert set(re.findall(r"`(\w+)`", languages[0][0])) == set(dates.table())


def test_the_first_example_reads_the_page_that_stands_above_it(tmp_path: Path) -> None:
    from coopscrape.run.trial import try_file

    (html,) = blocks(PAGE, "html")
    file = tmp_path / "selectors.toml"
    file.write_text(EXAMPLES[1].text, encoding="utf-8")
    saved = tmp_path / "page.html"
    saved.write_text(html.text, encoding="utf-8")
    trial = try_file(load_config(file), saved, url="https://www.example.org/news")
    assert trial.extraction is not None
    (row,) = trial.extraction.rows
    assert row.key == "4711"
    assert row.content.title == "A cooperative opens its third shop"
    assert (row.content.date, row.content.category) == ("2018-06-20", "News")
    assert row.content.summary == "Members voted for it in spring."
    assert row.content.link == "https://www.example.org/items/4711.html"
    assert trial.extraction.next_url == "https://www.example.org/news?page=2"
