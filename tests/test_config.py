"""selectors.toml: what it says, and all that is wrong with it, at once and in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.config import Config, duration, is_own, load, recall, split_attribute
from coopscrape.errors import ArchiveError, SettingsError
from coopscrape.model import Field, KeyRule, Paging, Source, Strategy, Text, Way
from coopscrape.run.settings import JUDGES

ROOT = Path(__file__).resolve().parent.parent

MINIMAL = """
[sources.news]
url = "https://example.org/news"
{more}
[[sources.news.layouts]]
item = "li"
title = "a"
link = "a @href"
{fields}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "selectors.toml"


@pytest.fixture
def read(path: Path) -> Callable[[str], Config]:
    def read(text: str) -> Config:
        path.write_text(text, "utf-8")
        return load(path, JUDGES)

    return read


@pytest.fixture
def mistakes(read: Callable[[str], Config]) -> Callable[[str], list[str]]:
    def mistakes(text: str) -> list[str]:
        with pytest.raises(SettingsError) as caught:
            read(text)
        assert caught.value.exit_code == 2
        return list(caught.value.lines)

    return mistakes


def minimal(more: str = "", fields: str = "") -> str:
    return MINIMAL.format(more=more, fields=fields)


# -- what it says -----------------------------------------------------------------------------------


def test_the_selectors_that_come_with_coopscrape_are_without_mistakes() -> None:
    config = load(ROOT / "selectors.toml", JUDGES)
    assert {"etuc", "ilo-coop", "ilo-news", "ilo-press-fr", "recma"} < config.sources.keys()
    assert config.contact is None
    assert config.sources["ilo-coop"].max_pages == 120
    assert config.sources["ilo-coop"].every == 86_400


def test_the_selectors_that_come_with_coopscrape_crawl_nobody_before_a_contact_is_named() -> None:
    with pytest.raises(SettingsError, match=r"selectors\.toml: \[coopscrape\] contact: is missing"):
        load(ROOT / "selectors.toml", JUDGES, contacting=True)


def test_what_is_not_said_has_its_usual_value(read: Callable[[str], Config]) -> None:
    config = read(minimal())
    source = config.sources["news"]
    assert (config.contact, config.allow, config.webhook) == (None, frozenset(), None)
    assert (source.title, source.delay, source.every, source.max_pages, source.confirm_gone) == (
        "news",
        5,
        43_200,
        50,
        2,
    )
    assert (source.paging, source.hosts, source.robots_ignored) == (Paging(), (), None)
    assert source.reading.key == KeyRule(("link",))
    assert source.reading.layouts[0].fields == (Field("title", (Way("a"),)), Field("link", (Way("a", attr="href"),)))


def test_what_a_source_says_counts_more_than_the_defaults(read: Callable[[str], Config]) -> None:
    config = read(minimal('delay = "7s"') + '[defaults]\ndelay = "9s"\nevery = "1 day"\nlanguage = "fr"\n')
    source = config.sources["news"]
    assert (source.delay, source.every, source.reading.language) == (7, 86_400, "fr")


def test_every_way_of_reading_a_field_can_be_said(read: Callable[[str], Config]) -> None:
    source = read(
        minimal(
            'pages = { url = "https://example.org/news?start={offset}", start = 0, step = 20 }\n'
            'key = { from = ["link", "who"], match = \'n=(\\d+)\' }\n'
            'must_contain = "ul"\nhosts = ["WWW.Example.org"]\nrobots = "ignore"\nrobots_reason = "they said so"',
            "category = [{ css = 'b', text = 'after', match = '(?P<x>.+)', group = 'x' }, { value = 'News' }]\n"
            "date = { css = 'i', format = ['%d %B %Y', 'unix'], replace = [['am ', '']] }\n"
            "summary = { css = 'p', optional = true }\n"
            "number = { css = 'em', match = '\\d+', group = 0 }\n"
            "skip = [{ css = '.ad' }, { match = 'No results' }]\n"
            "require = ['title']\nguard = 'ul'\nname = 'old'\n"
            "[sources.news.layouts.extra]\nwho = '.author'\n",
        )
    ).sources["news"]
    layout = source.reading.layouts[0]
    fields = {field.name: field for field in layout.fields}
    assert source.paging == Paging(Strategy.URL, url="https://example.org/news?start={offset}", start=0, step=20)
    assert source.reading.key == KeyRule(("link", "who"), "n=(\\d+)")
    assert (source.reading.must_contain, source.hosts, source.robots_ignored) == (
        "ul",
        ("www.example.org",),
        "they said so",
    )
    assert (layout.name, layout.guard, layout.require, len(layout.skip)) == ("old", "ul", ("title",), 2)
    assert fields["category"].ways == (Way("b", text=Text.AFTER, match="(?P<x>.+)", group="x"), Way(value="News"))
    assert fields["date"].ways == (Way("i", format=("%d %B %Y", "unix"), replace=(("am ", ""),)),)
    assert fields["summary"].optional
    assert not fields["title"].optional
    assert fields["number"].ways == (Way("em", match="\\d+", group=0),)
    assert fields["who"].ways == (Way(".author"),)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5s", 5),
        ("5 s", 5),
        ("90 min", 5400),
        ("12h", 43_200),
        ("7 days", 604_800),
        ("1 week", 604_800),
        ("0.5 H", 1800),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "5", "s", "-5s", "5 parsecs", "5ss", "5ms", "1e3s", "5s 3m", "999999999w", "9" * 400 + "s", "5_s"]
)
def test_what_is_no_duration_is_none(text: str) -> None:
    assert duration(text) is None


@given(st.text())
def test_any_text_is_a_duration_or_none(text: str) -> None:
    seconds = duration(text)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("said", "css", "attr"),
    [
        ("a", "a", None),
        ("h5 a @href", "h5 a", "href"),
        ("h5 a@href", "h5 a", "href"),
        ("@data-id", "", "data-id"),
        ("", "", None),
        ('a[title="x @ y"]', 'a[title="x @ y"]', None),
        (" time  @DateTime ", "time", "datetime"),
    ],
)
def test_an_attribute_stands_behind_its_selector(said: str, css: str, attr: str | None) -> None:
    assert split_attribute(said) == (css, attr)


# -- what is wrong with it --------------------------------------------------------------------------


def test_all_mistakes_are_told_at_once_each_on_a_line_with_its_table_and_key(
    mistakes: Callable[[str], list[str]],
) -> None:
    told = mistakes(
        """
        colour = "red"
        [coopscrape]
        contcat = "me@example.org"
        [defaults]
        delay = 5
        evry = "12h"
        [network]
        allow = ["localhost"]
        [notify]
        webhook = "example.org"
        [sources.news]
        url = "ftp://example.org"
        max_pages = 0
        pages = { nxt = "a" }
        [[sources.news.layouts]]
        item = "li:["
        titel = "a"
        date = "time"
        link = { css = "a @href", match = "(" }
        [sources.etuc]
        url = "https://example.org"
        """
    )
    assert [line.partition(": ")[2].rsplit(": ", 1)[0].split(": ")[0] for line in told] == [
        "colour",
        "[coopscrape] contcat",
        "[defaults] evry",
        "[defaults] delay",
        "[network] allow.(1)",
        "[notify] webhook",
        "[sources.news] url",
        "[sources.news] max_pages",
        "[sources.news] pages",
        "[[sources.news.layouts]] 1.titel",
        "[[sources.news.layouts]] 1.title",
        "[[sources.news.layouts]] 1.item",
        "[[sources.news.layouts]] 1.date.format",
        "[[sources.news.layouts]] 1.link.match",
        "[sources.etuc] layouts",
    ]
    assert all(line.startswith("selectors.toml: ") and "\n" not in line for line in told)


@pytest.mark.parametrize(
    ("more", "fields", "words"),
    [
        ('tilte = "x"', "", "[sources.news] tilte: there is no such key; did you mean `title`?"),
        ('zzz = "x"', "", "[sources.news] zzz: there is no such key (known here: confirm_gone, delay, doubt,"),
        ("doubt = { missing = 25 }", "", "doubt.missing: expected a share from 0 to 1, such as 0.25, not 25"),
        ("doubt = { mising = 1 }", "", "doubt.mising: there is no such key; did you mean `missing`?"),
        ("", 'sumary = "p"', "1.sumary: there is no such key; did you mean `summary`?"),
        ("delay = 5", "", 'delay: expected a duration such as "5s", "90 min", "12h" or "7 days", not 5'),
        ("max_pages = true", "", "max_pages: expected a whole number from 1 to 100,000, not true"),
        ('max_pages = "3"', "", 'not "3"'),
        ("confirm_gone = 1.5", "", "expected a whole number from 1 to 100, not 1.5"),
        ('title = "  "', "", 'title: expected text that is not empty, not "  "'),
        ("title = 2018-06-20", "", 'not "2018-06-20"'),
        ('hosts = "ilo.org"', "", 'hosts: expected a list in square brackets, not "ilo.org"'),
        ('hosts = ["https://ilo.org/"]', "", 'hosts.(1): expected a host name such as "www.ilo.org"'),
        ('robots = "ignore"', "", "robots_reason: is missing"),
        ('robots_reason = "x"', "", 'robots_reason: goes with robots = "ignore" only'),
        ('order = "newest"', "", 'order: expected "newest-first", not "newest"'),
        ("order = true", "", 'order: expected "newest-first", not true'),
        ('full_every = "30d"', "", 'full_every: goes with order = "newest-first" only'),
        ('order = "newest-first"\nfull_every = 30', "", "full_every: expected a duration"),
        ('robots = "disobey"', "", 'robots: expected "obey" or "ignore", not "disobey"'),
        ('must_contain = "div["', "", "must_contain: 'div[' is no selector that can be used"),
        ('key = "number"', "", "key.from: number cannot be part of a key"),
        ('key = ["summary", "number"]', "", "number and summary cannot be part of a key"),
        ('key = "lnik"', "", "layout '1' has no field `lnik`; did you mean `link`?"),
        ("key = []", "", "key.from: expected a field"),
        ("key = 3", "", 'key: expected a field such as "link", a list of fields, or'),
        ("key = { from = 'link', match = '(' }", "", "key.match: "),
        ('pages = "many"', "", 'pages: expected "single", { next = "css" } or { url = ".../{page}" }'),
        ("pages = { next = 'a', url = 'https://example.org/{page}' }", "", "pages: expected"),
        ("pages = { url = 'https://example.org/' }", "", "an address with {page} or {offset} in it, once"),
        (
            "pages = { url = 'https://example.org/{page}/{offset}' }",
            "",
            "an address with {page} or {offset} in it, once",
        ),
        ("pages = { url = 'https://example.org/{page}/{x}' }", "", "an address with {page} or {offset} in it, once"),
        ("pages = { next = 'a', step = 3 }", "", "pages.step: there is no such key"),
        ("layouts = 3", "", "TOML"),
        ("", "date = 'time'", "date.format: is missing: how are the dates printed?"),
        ("", "date = { css = 'time', format = '%Q' }", "date.format"),
        ("", "title2 = { css = 'a', format = '%d' }", "title2: there is no such key"),
        ("", "summary = { css = 'a', format = '%d' }", "summary.format: there is no such key"),
        ("", "summary = {}", "summary: needs `css`, `value` or `template`"),
        ("", "summary = []", "summary: expected a selector, a table, or a list of either"),
        ("", "summary = [{ css = 'p' }, 3]", "summary.(2): expected a selector in quotes, such as"),
        ("", "summary = { css = 'p', text = 'some' }", 'text: expected "all" or "own" or "before" or "after"'),
        ("", "summary = { css = 'p', optional = 'yes' }", "optional: expected true or false"),
        ("", "summary = { css = 'p', replace = [['a']] }", 'replace.(1): expected a pair such as ["pattern", '),
        ("", "summary = { css = 'p', replace = [['(', '']] }", "replace.(1)"),
        ("", "summary = { css = 'p', group = true }", "group: expected a group's name or number, not true"),
        ("", "summary = { css = 'p', group = false }", "group: expected a group's name or number, not false"),
        ("", "require = ['titel']", "layout '1' has no field `titel`"),
        ("", "skip = {}", "skip: expected { css = ... } or { match = ... }"),
        ("", "skip = 'x'", "skip: expected a table"),
        ("", "extra = { title = 'b' }", "a field's own name is letters, digits and '_', and none of number, category"),
        ("", "extra = { date_text = 'b' }", "extra.date_text: a field's own name is letters"),
        ("", "extra = { 'a b' = 'b' }", "extra.a b: a field's own name"),
        ("", "extra = 3", "extra: expected a table of fields, not 3"),
        (
            "",
            "summary = { css = 'p', match = '(a)', group = 2 }",
            "group: the pattern '(a)' has no group 2, it has 0, 1",
        ),
        ("", "summary = { css = 'p', match = '(a)', group = 'b' }", "group: the pattern '(a)' has no group 'b'"),
        ("", "summary = { css = 'p', group = 1 }", "group: goes with `match`"),
        ("", "summary = { css = 'p', replace = [['(a)', '\\9']] }", "replace.(1): '(a)' cannot be replaced by"),
        (
            "",
            "summary = { template = '{titel}' }",
            "template: {titel} is no field that is read before it; did you mean `title`",
        ),
        ("", "summary = { template = '{link}' }", "template: {link} is no field that is read before it"),
        ("", "summary = { template = 'No. {' }", 'template: "No. {": each { needs its }'),
        ("", "date = { css = 'b', format = [] }", "format: expected at least one format"),
        ("", "date = { join = ['b'], format = '%Y' }", "date.join: expected a list of two parts or more"),
        ("", "date = { join = ['b', 'i'], css = 'b', format = '%Y' }", "date.join: and `css` exclude each other"),
        ("", "date = { join = ['b', 'i['], format = '%Y' }", "date.join.(2)"),
        ("timezone = 'Brussels'", "", "timezone: expected a time zone by its name"),
        ("timezone = 1", "", "timezone: expected a time zone by its name"),
        ("pages = { next = '' }", "", "pages.next: expected the selector of a link"),
        ("pages = { next = '@href' }", "", "pages.next: expected the selector of a link"),
        ("max_pages = 1" + "0" * 5000, "", "a number"),
        (
            "max_pages = 0x1" + "0" * 5000,
            "",
            "max_pages: expected a whole number from 1 to 100,000, not a number that long",
        ),
    ],
)
def test_each_mistake_is_told_with_what_was_expected_and_what_stood_there(
    mistakes: Callable[[str], list[str]], more: str, fields: str, words: str
) -> None:
    told = mistakes(minimal(more, fields))
    assert any(words in line for line in told), told


@pytest.mark.parametrize(
    "url",
    [
        "www.example.org",
        "ftp://example.org/",
        "https://",
        "https://exa mple.org/",
        "https://example.org:99999/",
        "https://[::1/",
        "https://user:secret@example.org/",
        "https://example.org/#news",
        "https://example.org/\\n",
        "javascript:alert(1)",
    ],
)
def test_only_a_plain_web_address_can_be_visited(mistakes: Callable[[str], list[str]], url: str) -> None:
    (line,) = mistakes(minimal().replace("https://example.org/news", url))
    assert line.startswith("selectors.toml: [sources.news] url: expected an address")


@pytest.mark.parametrize("name", ["'a b'", "'../up'", "'-a'", "''", "'é'", f"'{'x' * 65}'"])
def test_a_name_that_cannot_be_typed_is_no_name(mistakes: Callable[[str], list[str]], name: str) -> None:
    assert "a source's name is made of letters" in mistakes(minimal().replace("sources.news", f"sources.{name}"))[0]


def test_mistakes_of_different_kinds_are_told_in_one_go(mistakes: Callable[[str], list[str]]) -> None:
    told = mistakes(minimal('delay = "0.1s"\ntitel = "x"', "require = ['titel']\nsummary = 5"))
    for words in (
        "delay: expected at least 1s",
        "titel: there is no such key",
        "no field `titel`",
        "summary: expected",
    ):
        assert any(words in line for line in told), (words, told)
    assert len(told) == 4


def test_a_field_with_a_mistake_is_not_told_to_be_missing_too(mistakes: Callable[[str], list[str]]) -> None:
    (line,) = mistakes(minimal().replace('"a @href"', '"a[ @href"'))
    assert "no selector that can be used" in line


def test_a_contact_with_a_mistake_is_told_once(path: Path) -> None:
    path.write_text(f"[coopscrape]\ncontact = 5\n{minimal()}")
    with pytest.raises(SettingsError) as told:
        load(path, JUDGES, contacting=True)
    assert len(told.value.mistakes) == 1


def test_a_mail_address_may_be_written_as_a_link(path: Path) -> None:
    path.write_text(f"[coopscrape]\ncontact = 'mailto:me@example.org'\n{minimal()}")
    assert load(path, JUDGES, contacting=True).contact == "me@example.org"


def test_two_layouts_of_one_name_are_a_mistake(mistakes: Callable[[str], list[str]]) -> None:
    layout = '[[sources.news.layouts]]\nname = "old"\nitem = "li"\ntitle = "a"\nlink = "a @href"\n'
    text = '[sources.news]\nurl = "https://example.org/"\n' + layout * 2
    assert mistakes(text) == [
        "selectors.toml: [sources.news] layouts: two layouts are named 'old'; give each its own `name`"
    ]


def test_a_mistake_in_a_default_is_told_once_where_it_stands(mistakes: Callable[[str], list[str]]) -> None:
    text = (
        minimal() + minimal().replace("sources.news", "sources.more") + '[defaults]\ndelay = 2018-06-20\nevery = "1h"\n'
    )
    (line,) = mistakes(text)
    assert line.startswith("selectors.toml: [defaults] delay: expected a duration")


@pytest.mark.parametrize("where", ["[sources.news]", "[defaults]"])
def test_nobody_but_oneself_is_asked_more_than_once_a_second(mistakes: Callable[[str], list[str]], where: str) -> None:
    text = minimal('delay = "0.5s"') if where == "[sources.news]" else minimal() + '[defaults]\ndelay = "0.5s"\n'
    (line,) = mistakes(text)
    assert "delay: expected at least 1s (less only for hosts of your own" in line


def test_ones_own_host_may_be_asked_as_often_as_one_likes(read: Callable[[str], Config]) -> None:
    for url in ("http://localhost:8000/", "http://127.0.0.1/", "http://[::1]:80/"):
        assert read(minimal('delay = "0s"').replace("https://example.org/news", url)).sources["news"].delay == 0
    assert read(minimal('delay = "0s"') + '[network]\nallow = ["example.org:443"]\n').sources["news"].delay == 0


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://example.org/", True),
        ("http://example.org/", False),
        ("http://any.example:1234/", True),
        ("http://127.9.9.9/", True),
        ("http://localhost.example.org/", False),
    ],
)
def test_a_host_is_ones_own_by_name_and_port(url: str, own: bool) -> None:
    assert is_own(url, frozenset({"example.org:443", "any.example:*"})) is own


# -- the contact ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "contact", ["https://example.org/about", "http://example.org", "me@example.org", " me@example.org "]
)
def test_a_web_or_mail_address_is_a_contact(path: Path, contact: str) -> None:
    path.write_text(minimal() + f'[coopscrape]\ncontact = "{contact}"\n')
    assert load(path, JUDGES, contacting=True).contact == contact.strip()


@pytest.mark.parametrize(
    "contact", ["me", "ftp://example.org", "me@", "@example.org", "a b@example.org", "me@example.org; x", "x)"]
)
def test_what_nobody_can_be_reached_by_is_no_contact(path: Path, contact: str) -> None:
    path.write_text(minimal() + f'[coopscrape]\ncontact = "{contact}"\n')
    load(path, JUDGES)
    with pytest.raises(
        SettingsError, match=r"\[coopscrape\] contact: expected a web or mail address of yours, in ASCII, not"
    ):
        load(path, JUDGES, contacting=True)


def test_without_a_contact_one_may_look_but_not_crawl(path: Path) -> None:
    path.write_text(minimal())
    load(path, JUDGES)
    with pytest.raises(SettingsError) as caught:
        load(path, JUDGES, contacting=True)
    (line,) = caught.value.lines
    assert line.startswith("selectors.toml: [coopscrape] contact: is missing")
    assert 'contact = "https://' in line


def test_ones_own_machine_needs_no_contact(path: Path) -> None:
    path.write_text(minimal().replace("https://example.org", "http://127.0.0.1:8000"))
    assert load(path, JUDGES, contacting=True).contact is None


# -- the file itself --------------------------------------------------------------------------------


def test_a_file_that_is_not_there_is_named_with_the_command_that_writes_one(path: Path) -> None:
    with pytest.raises(SettingsError, match=r"selectors\.toml: there is no such file. `coopscrape init` writes one"):
        load(path, JUDGES)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: "):
        load(tmp_path, JUDGES)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"title = 'caf\xe9'", "byte 12 is not UTF-8; save the file as UTF-8"),
        ("title = 'x'".encode("utf-16"), "is not UTF-8"),
        (b"title = ", "not TOML: "),
        (b"a = 1\na = 2", "not TOML: a stands in it twice, the second time in line 2"),
        (b"[a]\n[a]", "not TOML: [a] stands in it twice, the second time in line 2"),
        (b"[" * 5000, "not TOML: "),
        (b"a = " + b"[" * 5000, "not TOML: "),
        (b"\x00", "not TOML: "),
        (b"<html>", "not TOML: "),
        (b"a = 99:99:99", "not TOML: "),
        (b"a = 2018-02-31", "not TOML: "),
    ],
)
def test_what_is_no_toml_is_said_in_one_line(path: Path, body: bytes, words: str) -> None:
    path.write_bytes(body)
    with pytest.raises(SettingsError) as caught:
        load(path, JUDGES)
    (line,) = caught.value.lines
    assert line.startswith(f"{path}: ")
    assert words in line
    assert "\n" not in line


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + minimal().replace("\n", "\r\n").encode())
    assert list(load(path, JUDGES).sources) == ["news"]


def test_an_empty_file_has_no_sources(read: Callable[[str], Config]) -> None:
    assert read("").sources == {}


# -- whatever it says, no other error ---------------------------------------------------------------

VALID: dict[str, Any] = {
    "coopscrape": {"contact": "me@example.org"},
    "defaults": {"delay": "5s", "every": "12h", "max_pages": 3, "language": "en", "max_delay": "1m", "confirm_gone": 2},
    "network": {"allow": ["127.0.0.1:8000"]},
    "notify": {"webhook": "https://example.org/hook"},
    "sources": {
        "news": {
            "title": "News",
            "url": "https://example.org/news",
            "hosts": ["example.org"],
            "must_contain": "ul",
            "key": {"from": ["link"], "match": "x"},
            "pages": {"url": "https://example.org/{page}", "start": 0, "step": 5},
            "robots": "ignore",
            "robots_reason": "asked",
            "layouts": [
                {
                    "name": "old",
                    "guard": "ul",
                    "item": "li",
                    "skip": [{"css": "b", "match": "x"}],
                    "require": ["title"],
                    "title": "a",
                    "link": {"css": "a @href", "text": "all", "match": "x", "group": 0, "optional": True},
                    "date": [
                        {"css": "i", "format": ["%d %B"], "replace": [["a", "b"]]},
                        {"value": "x", "format": "unix"},
                    ],
                    "extra": {"who": {"template": "{title}"}},
                }
            ],
        }
    },
}
KEYS = [
    "",
    "css",
    "match",
    "format",
    "from",
    "next",
    "url",
    "news",
    "title",
    "item",
    "layouts",
    "sources",
    "name",
    "value",
]
TEXTS = st.sampled_from(
    [
        "",
        "(",
        "[",
        "a @href",
        "li:has(",
        "{page}",
        "https://[",
        "https://x:y/",
        "%",
        "unix",
        "5s",
        "::",
        "@",
        "\\",
        "(?P<a>",
        "é",
    ]
) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
SCALARS = (
    TEXTS | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.datetimes() | st.dates() | st.times()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | TEXTS, inner, max_size=3),
    max_leaves=6,
)


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str | bool | int | float):
        return json.dumps(value, ensure_ascii=False).replace("NaN", "nan").replace("Infinity", "inf")
    return str(value.isoformat())


def document(tables: dict[str, Any]) -> str:
    return "".join(f"{toml(key)} = {toml(value)}\n" for key, value in tables.items())


def doors(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything inside."""
    yield way
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from doors(inner, (*way, key))


def only_settings_errors(path: Path, body: bytes) -> None:
    path.write_bytes(body)
    mistakes, sources = settings_or_mistakes(path)
    assert mistakes or sources is not None
    assert all("selectors.toml: " in line and "\n" not in line for line in mistakes)
    for name, source in (sources or {}).items():
        assert recall(name, source.settings, JUDGES) == source


def settings_or_mistakes(path: Path) -> tuple[tuple[str, ...], Mapping[str, Source] | None]:
    try:
        return (), load(path, JUDGES, contacting=True).sources
    except SettingsError as error:
        return error.lines, None


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings") / "selectors.toml"


def test_the_example_that_is_broken_below_is_whole(scratch: Path) -> None:
    scratch.write_text(document(VALID), "utf-8")
    assert list(load(scratch, JUDGES, contacting=True).sources) == ["news"]


@given(st.data())
def test_whatever_stands_in_one_place_the_mistake_is_told_and_nothing_breaks(
    scratch: Path, data: st.DataObject
) -> None:
    tables = deepcopy(VALID)
    way = data.draw(st.sampled_from([way for way in doors(VALID) if way]))
    holder: Any = tables
    for key in way[:-1]:
        holder = holder[key]
    if data.draw(st.booleans()):
        holder[way[-1]] = data.draw(VALUES)
    elif isinstance(holder, dict):
        holder[data.draw(st.sampled_from(KEYS) | TEXTS)] = holder.pop(way[-1])
    else:
        del holder[way[-1]]
    only_settings_errors(scratch, document(tables).encode())


@given(st.dictionaries(st.sampled_from([*VALID, *KEYS]), VALUES, max_size=4))
def test_any_tables_at_all_are_settings_or_mistakes(scratch: Path, tables: dict[str, Any]) -> None:
    only_settings_errors(scratch, document(tables).encode())


@given(st.binary(max_size=100) | st.text("[]{}=\"'\n.#a1", max_size=60).map(str.encode))
def test_any_bytes_at_all_are_settings_or_mistakes(scratch: Path, body: bytes) -> None:
    only_settings_errors(scratch, body)


# -- recipes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ilo-coop", "ilo-news", "etuc"])
def test_a_source_recalled_from_the_log_is_the_source_that_was_configured(name: str) -> None:
    source = load(ROOT / "selectors.toml", JUDGES).sources[name]
    assert recall(name, source.settings, JUDGES) == source


def test_what_the_log_remembers_and_no_longer_understands_is_told_so() -> None:
    with pytest.raises(ArchiveError, match=r"the archive's recipe: \[sources\.news\] layouts: is missing"):
        recall("news", '{"url": "https://example.org"}', JUDGES)


WHOLE = minimal('key = "link"', "date = { css = 'time', format = '%d %B %Y' }")


@pytest.mark.parametrize(
    "edited",
    [
        "# a comment\n" + WHOLE,
        WHOLE.replace(" = ", "   =  "),
        WHOLE.replace('key = "link"', 'title = "Another title"'),
        WHOLE.replace('key = "link"', 'delay = "9s"\nevery = "1 day"\nmax_pages = 3\nmax_delay = "9m"'),
        WHOLE.replace('key = "link"', 'key = { from = ["link"] }'),
        WHOLE.replace('title = "a"', 'title = { css = "a" }'),
        WHOLE + '[defaults]\ndelay = "9s"\n[coopscrape]\ncontact = "me@example.org"\n',
    ],
)
def test_what_changes_nothing_of_what_is_read_leaves_the_recipe_alone(
    read: Callable[[str], Config], edited: str
) -> None:
    assert read(edited).sources["news"].recipe == read(WHOLE).sources["news"].recipe


@pytest.mark.parametrize(
    "edited",
    [
        WHOLE.replace('title = "a"', 'title = "b"'),
        WHOLE.replace("%d %B %Y", "%d.%m.%Y"),
        WHOLE.replace("a @href", "a @data-href"),
        WHOLE.replace('key = "link"', 'key = "title"'),
        WHOLE.replace('key = "link"', 'language = "fr"'),
        WHOLE.replace('key = "link"', "confirm_gone = 3"),
        WHOLE.replace('key = "link"', 'must_contain = "ul"'),
        WHOLE.replace('key = "link"', 'pages = { next = "a.next" }'),
        WHOLE.replace("https://example.org/news", "https://example.org/fr/news"),
        WHOLE + "require = ['date']\n",
    ],
)
def test_what_changes_what_is_read_changes_the_recipe(read: Callable[[str], Config], edited: str) -> None:
    assert read(edited).sources["news"].recipe != read(WHOLE).sources["news"].recipe


def test_a_recipe_does_not_depend_on_the_name_of_the_source(read: Callable[[str], Config]) -> None:
    both = read(WHOLE + WHOLE.replace("sources.news", "sources.again")).sources
    assert replace(both["again"], name="news", title="news") == both["news"]


def test_a_fetch_may_be_given_more_or_less_time(path: Path) -> None:
    for text, seconds in (("", None), ('[network]\ndeadline = "90s"\n', 90.0)):
        path.write_text(text)
        assert load(path, JUDGES).deadline == seconds


@pytest.mark.parametrize("deadline", ["0s", "0.5s", "601s", "2 days"])
def test_a_fetch_ends_some_day_and_not_before_it_began(path: Path, deadline: str) -> None:
    path.write_text(f'[network]\ndeadline = "{deadline}"\n')
    with pytest.raises(SettingsError) as caught:
        load(path, JUDGES)
    expected = 'expected a duration from "1s" to "600s"'
    assert caught.value.lines == (f"selectors.toml: [network] deadline: {expected}, not {json.dumps(deadline)}",)


def test_an_order_makes_another_recipe_and_its_timetable_does_not(read: Callable[[str], Config]) -> None:
    plain, ordered, often = (
        read(minimal(more)).sources["news"]
        for more in ("", 'order = "newest-first"', 'order = "newest-first"\nfull_every = "1 day"')
    )
    assert (plain.newest_first, ordered.newest_first) == (False, True)
    assert (ordered.full_every, often.full_every) == (30 * 86_400, 86_400)
    assert plain.recipe != ordered.recipe == often.recipe


def test_a_timetable_for_all_holds_for_those_with_an_order_and_the_log_reads_it_back(
    read: Callable[[str], Config],
) -> None:
    for more in ("", 'order = "newest-first"'):
        source = read('[defaults]\nfull_every = "14 days"\n' + minimal(more)).sources["news"]
        assert source.full_every == 14 * 86_400
        assert recall("news", source.settings, JUDGES).recipe == source.recipe
