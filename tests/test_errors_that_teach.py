"""A mistake in selectors.toml says where it is, what is wrong and how it is said right; all mistakes come at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from coopscrape.errors import SettingsError
from coopscrape.run.settings import load_config

HEAD = """[sources.a]
url = "https://www.a.example/"
key = "title"

[[sources.a.layouts]]
name = "old"
"""


def mistakes(layout: str, tmp_path: Path) -> tuple[str, ...]:
    file = tmp_path / "selectors.toml"
    file.write_text(HEAD + layout, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_config(file)
    return caught.value.lines


TEACHING = [
    ("title = \"h3:contains('x')\"", "old.title.css:", 'skip = { match = "..." }'),
    ('title = "h3::text"', "old.title.css:", "leave ::text away"),
    ('title = "h3 a::attr(title)"', "old.title.css:", "'h3 a @title'"),
    ('title = "//h3/a"', "old.title.css:", "XPath"),
    ("title = \"a[@class='x']\"", "old.title.css:", "CSS has no @"),
    ('title = "h3/a"', "old.title.css:", "ul > li"),
    ('titel = "h3"\ntitle = "h3"', "old.titel:", "did you mean `title`?"),
    ("title = { css = 'a', match = '(x' }", "old.title.match:", "position 2"),
    ('title = "a"\ndate = { css = "b", format = "%Q" }', "old.date.format", "%Q"),
    ('title = "a"\ndate = "b"', "old.date.format:", "is missing"),
    (
        'title = "a"\ndate = { css = "b", format = "unix", timezone = "Mars/Base" }',
        "old.date.timezone:",
        "such as",
    ),
    ('title = { value = "x", template = "{text}" }', "old.title:", "exclude each other"),
    ('title = { css = "a", join = ["b", "c"] }', "old.title.join:", "exclude each other"),
    ('title = { join = ["b"] }', "old.title.join:", "two parts or more"),
    ('title = { from = "url", css = "a" }', "old.title.css:", "exclude each other"),
    ('title = { from = "heading" }', "old.title.from:", 'css = "h2"'),
    ('title = { from = "page", join = ["a", "b"] }', "old.title.from:", "parts of `join`"),
    ('title = { from = "headings", css = "h2" }', "old.title.from:", '"heading"'),
]


@pytest.mark.parametrize(("layout", "place", "lesson"), TEACHING)
def test_a_mistake_names_its_place_and_the_way_out(layout: str, place: str, lesson: str, tmp_path: Path) -> None:
    (line,) = mistakes(f'item = "li"\n{layout}', tmp_path)
    assert line.startswith("selectors.toml: [[sources.a.layouts]] old")
    assert place in line
    assert lesson in line


@pytest.mark.parametrize(
    ("layout", "quoted"),
    [
        ("item = 'li:contains(x)'\ntitle = 'a'", "li:contains(x)"),
        ("item = 'li'\ntitle = 'h3::text'", "h3::text"),
        ("item = 'li'\ntitle = { css = 'a', match = '(x' }", "(x"),
        ("item = 'li'\nskip = { css = 'b[' }\ntitle = 'a'", "b["),
        ("item = 'li'\ntitle = 'a'\ndate = { css = 'b', format = '%Q %Y' }", "%Q %Y"),
    ],
)
def test_what_cannot_be_used_is_quoted_once(layout: str, quoted: str, tmp_path: Path) -> None:
    (line,) = mistakes(layout, tmp_path)
    assert line.count(quoted) == 1, line


ITEMS = [
    ('{ css = "tr", start = "h3" }', "exclude each other"),
    ('{ css = "tr" }', "is missing"),
    ('{ css = "tr", rows = 1 }', "2 to 20"),
    ("{}", "rows = 2"),
    ('{ start = "h3", untill = "h3" }', "did you mean `until`?"),
]


@pytest.mark.parametrize(("item", "lesson"), ITEMS)
def test_an_item_that_spans_nothing_is_told(item: str, lesson: str, tmp_path: Path) -> None:
    (line,) = mistakes(f'item = {item}\ntitle = "a"', tmp_path)
    assert " old.item" in line
    assert lesson in line


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    lines = mistakes('item = "//li"\ntitle = "a::text"\ndate = { css = "b", match = "[", format = "%Q" }', tmp_path)
    assert [line.split(": ")[1].split()[-1] for line in lines] == [
        "old.item", "old.title.css", "old.date.match", "old.date.format.(1)",
    ]  # fmt: skip
