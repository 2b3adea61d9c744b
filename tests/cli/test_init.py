"""A selectors.toml to begin with."""

from __future__ import annotations

import re
import tomllib

from cli.desk import Desk
from coopscrape.run.settings import load_config


def test_init_writes_settings_that_hold(desk: Desk) -> None:
    said = desk.type("init", "--contact", "me@example.org")
    assert said.code == 0
    assert "coopscrape try NAME" in said.out
    config = load_config(desk.place / "selectors.toml", contacting=True)
    assert (config.contact, dict(config.sources)) == ("me@example.org", {})


def test_the_example_in_the_comments_holds_too(desk: Desk) -> None:
    assert desk.type("init", "--contact", "me@example.org").code == 0
    text = (desk.place / "selectors.toml").read_text()
    head, example = text.split("# [sources.example]")
    bare = re.sub(r"^# ?", "", "# [sources.example]" + example, flags=re.MULTILINE)
    (desk.place / "selectors.toml").write_text(head + bare)
    source = load_config(desk.place / "selectors.toml", contacting=True).sources["example"]
    assert [field.name for field in source.reading.layouts[0].fields] == [
        "category",
        "title",
        "date",
        "summary",
        "link",
    ]


def test_init_does_not_overwrite_what_is_there(desk: Desk) -> None:
    desk.settings("# mine")
    said = desk.type("init")
    assert said.code == 2
    assert "--force" in said.err
    assert (desk.place / "selectors.toml").read_text() == "# mine"
    assert desk.type("init", "--force").code == 0
    assert "contact" in tomllib.loads((desk.place / "selectors.toml").read_text())["coopscrape"]


def test_init_asks_a_person_for_the_contact_and_nobody_else(desk: Desk) -> None:
    said = desk.type("init", "quiet.toml")
    assert said.code == 0
    assert "fill in `contact`" in said.out
    said = desk.on_a_terminal("init", "asked.toml", keys="me@example.org\n")
    assert said.code == 0
    assert tomllib.loads((desk.place / "asked.toml").read_text())["coopscrape"]["contact"] == "me@example.org"


def test_init_takes_no_contact_that_is_none(desk: Desk) -> None:
    said = desk.type("init", "--contact", "somebody")
    assert said.code == 2
    assert not (desk.place / "selectors.toml").exists()
