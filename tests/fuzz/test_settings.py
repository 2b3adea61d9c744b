"""Whatever stands in selectors.toml: a Config, or a SettingsError with a line for each mistake. Never anything else."""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from coopscrape.cli.known import config_if_any
from coopscrape.config import Config, load, recall
from coopscrape.errors import SettingsError
from coopscrape.extract import extract
from coopscrape.model import Page
from coopscrape.run.settings import JUDGES, load_config, manners
from fuzz.effort import effort

# Every key that there is, with a value that it takes.
WHOLE: Final[dict[str, Any]] = {
    "coopscrape": {"contact": "test@example.org"},
    "defaults": {
        "delay": "5s",
        "max_delay": "1 min",
        "every": "12h",
        "max_pages": 50,
        "confirm_gone": 2,
        "language": "en",
    },
    "network": {"allow": ["127.0.0.1:8000"]},
    "notify": {"webhook": "https://example.org/hook"},
    "sources": {
        "coop": {
            "title": "News",
            "url": "https://example.org/news",
            "hosts": ["www.example.org"],
            "must_contain": "ol",
            "language": "es",
            "key": {"from": ["link", "title"], "match": r"(\d+)"},
            "pages": {"next": "a.next @href"},
            "robots": "ignore",
            "robots_reason": "it is ours",
            "delay": "5s",
            "every": "1 day",
            "max_pages": 3,
            "max_delay": "60s",
            "confirm_gone": 3,
            "layouts": [
                {
                    "name": "first",
                    "guard": "div",
                    "item": "li",
                    "skip": [{"css": "b", "match": "x"}],
                    "require": ["title"],
                    "number": "i",
                    "title": ["h3", {"css": "h4", "optional": True}],
                    "link": "a @href",
                    "category": {"css": "p", "text": "own", "replace": [["a", "b"]]},
                    "date": {"css": "time", "match": r"(\d+)", "group": 1, "format": ["%d %B %Y", "unix"]},
                    "summary": {"template": "{title}", "optional": True},
                    "extra": {"place": {"value": "here"}},
                },
                {"item": "tr", "title": "td", "link": "a"},
            ],
        },
        "paged": {
            "url": "https://example.org/list",
            "pages": {"url": "https://example.org/list?page={page}", "start": 0, "step": 1},
            "layouts": [{"item": "li", "title": "b", "link": "a"}],
        },
    },
}

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NEAR = st.sampled_from(
    [
        "5s",
        "0s",
        "9" * 400 + "d",
        "%d %B %Y",
        "%",
        "%Q",
        "unix",
        "(",
        "(?P<a>.)",
        "[",
        "a @",
        "@href",
        "*",
        "li > ",
        ":has(",
        "{page}",
        "https://example.org",
        "http://[",
        "https://example.org:99999/",
        "https://user:pw@example.org/",
        "127.0.0.1:*",
        "single",
        "https://example.org/{page}",
        "https://example.org/{offset}{offset}",
        "a\x00b",
        "\x1b[2J",
        "\u202e",
        "link",
        "title",
        "own",
        "https://münchen.example/",
        "https://example.org/\x7f",
        "mé@example.org",
        "all",
        "obey",
        "{title}{nothing}",
        "{",
        "١٢s",
        "²",
    ]
)
SCALARS = (
    TEXT
    | NEAR
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.dates(min_value=date(1, 1, 1))
    | st.times()
    | st.datetimes()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXT | st.sampled_from(["css", "match", "from", "next", "url", "format"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, one in inner for deeper in paths(one, (*path, key)))]


ITEMS = "<ol><li><h3><a href=/a>A</a></h3><p>1 <b>x</b> y</p><time>20 June 2018</time></li><li></li></ol><div>"
PAGE: Final = Page(
    asked="https://example.org/news",
    url="https://example.org/news",
    fetched_at="2018-06-20T09:00:00.000Z",
    body=ITEMS.encode(),
    digest=hashlib.sha256(ITEMS.encode()).hexdigest(),
)
PATHS: Final = [path for path in paths(WHOLE) if path]


@st.composite
def spoiled(draw: st.DrawFn) -> dict[str, Any]:
    """All keys, some with another value, some gone, some that there are not."""
    document = deepcopy(WHOLE)
    for path in draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=3)):
        place: Any = document
        try:
            for step in path[:-1]:
                place = place[step]
            kind = draw(st.sampled_from(("other", "other", "other", "gone", "unknown")))
            if kind == "gone":
                del place[path[-1]]
            elif kind == "unknown" and isinstance(place, dict):
                place[draw(TEXT)] = draw(VALUES)
            else:
                place[path[-1]] = draw(VALUES)
        except (KeyError, IndexError, TypeError):  # an earlier one has taken it away
            continue
    return document


def toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(key)} = {toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, float):
        return "nan" if math.isnan(value) else repr(value)
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def loaded(content: bytes) -> Config | None:
    """What every door to the settings makes of a file; None: mistakes, each on a line of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "selectors.toml")
        path.write_bytes(content)
        config, mistakes = config_if_any(path)
        assert (config is None) == bool(mistakes)
        assert all(line.startswith((str(path), path.name)) for line in mistakes)
        assert not any("\n" in line for line in mistakes), mistakes
        with suppress(SettingsError):
            return load_config(path, contacting=True)
        return None


@effort(300)
@given(spoiled())
def test_any_value_under_any_key_is_a_setting_or_a_mistake(document: dict[str, Any]) -> None:
    config = loaded("\n".join(f"{quoted(key)} = {toml(value)}" for key, value in document.items()).encode())
    if config is not None:
        bears_what_follows(config)


def bears_what_follows(config: Config) -> None:
    """What is no mistake can be remembered, recalled, said to a server, and read a page with."""
    for name, source in config.sources.items():
        assert recall(name, source.settings, JUDGES).reading == source.reading
        source.settings.encode()
        extract(PAGE, source.reading)
        assert math.isfinite(source.delay + source.every + source.max_delay)
    said = manners(config, "1.0")
    for header in (said.user_agent, said.from_ or ""):
        assert header.isascii()
        assert header.isprintable()


@effort(150)
@given(st.dictionaries(TEXT | st.sampled_from(list(WHOLE)), VALUES, max_size=4))
def test_any_document_is_settings_or_mistakes(document: dict[str, Any]) -> None:
    loaded("\n".join(f"{quoted(key)} = {toml(value)}" for key, value in document.items()).encode())


@effort(200)
@given(st.binary(max_size=300) | TEXT.map(str.encode))
def test_any_bytes_are_settings_or_mistakes(content: bytes) -> None:
    loaded(content)


def test_the_whole_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "selectors.toml"
    file.write_text("\n".join(f"{key} = {toml(value)}" for key, value in WHOLE.items()), encoding="utf-8")
    assert set(load(file, JUDGES, contacting=True).sources) == {"coop", "paged"}


def test_a_file_nested_beyond_all_bounds_is_a_mistake() -> None:
    for opening in ("a = " + "[" * 100_000, "a = " + "{a = " * 50_000, "[" + ".".join("a" * 20_000) + "]"):
        loaded(opening.encode())
