"""Feeds that are none, that come in part, or that cost far more than their length."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hostile.behaviour import DOUBT, READ, Behaviour, Right, feed, serves

ROOM: Final = 9 * 2**20
SAFE: Final = READ | DOUBT
OFTEN: Final = ("two million ampersands", "600,000 attributes", "an item of 9 MiB")
# "Billion laughs", and its quadratic cousin.
LAUGHS: Final = "<!DOCTYPE rss [<!ENTITY a 'ha'>{}]>".format(
    "".join(f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefghi", "bcdefghij", strict=True))
)
LONG: Final = f"<!DOCTYPE rss [<!ENTITY a '{'x' * 100_000}'>]>"
FILE: Final = "<!DOCTYPE rss [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
REMOTE: Final = "<!DOCTYPE rss [<!ENTITY % a SYSTEM 'http://127.0.2.1/a.dtd'> %a;]>"


def _row(name: str, words: str, make: Callable[[], str], right: Right = DOUBT, group: str = "light") -> Behaviour:
    return Behaviour(f"feed: {name}", words, serves(make), right, group=group, feed=True)


def _large(name: str, words: str, make: Callable[[], str], right: Right = SAFE) -> Behaviour:
    return replace(_row(name, words, make, right, "heavy"), seldom=name not in OFTEN)


def many(piece: str, size: int = ROOM) -> str:
    return piece * (size // len(piece))


def attributes(count: int) -> str:
    return "<a " + " ".join(f"a{n}=''" for n in range(count)) + "/>"


def item(inside: str) -> str:
    return f"<item><title>x</title><guid>x</guid>{inside}</item>"


ROWS: Final = (
    # -- no feed, or half of one
    _row("an HTML page", "a notice of maintenance", lambda: "<!doctype html><title>Back soon</title><p>Maintenance"),
    _row("nothing", "an empty body", lambda: ""),
    _row("without items", "whole, and empty", lambda: feed().partition("<item>")[0] + "</channel></rss>"),
    _row("cut off", "half of it, and no sign of that in the transport", lambda: feed()[: len(feed()) // 2]),
    _row("cut off at an item", "the end tags lack", lambda: feed().removesuffix("</channel></rss>")),
    _row("an item that is not closed", "swallows what follows", lambda: feed().replace("</item>", "", 1)),
    _row("a comment that is not closed", "swallows what follows", lambda: feed("<!--")),
    _row("CDATA that is not closed", "swallows what follows", lambda: feed("<![CDATA[")),
    _row("JSON", "an error of an API", lambda: '{"error": "rate limited"}'),
    _row("two feeds", "one after the other", lambda: feed() + feed()),
    _row("a bare ampersand", "R&D, as many feeds have it", lambda: feed("<description>R&D &nbsp;</description>"), READ),
    _row("undeclared prefixes", "<media:x>", lambda: feed("<media:x/><o:p/>"), READ),
    _row("a next page that is itself", "rel=next", lambda: feed("<atom:link rel='next' href='/news'/>"), READ),
    # -- entities
    _row("a billion laughs", "entities of entities", lambda: feed("<description>&j;</description>", LAUGHS)),
    _row("a long entity, often", "quadratic", lambda: feed(f"<description>{'&a;' * 50_000}</description>", LONG)),
    _row("an entity that is a file", "of our machine", lambda: feed("<description>&a;</description>", FILE)),
    _row("an entity elsewhere", "a DTD on another host", lambda: feed(before=REMOTE), SAFE),
    # -- what costs
    _large("a million elements", "<a/>", lambda: feed(many("<a/>", 4_000_000)), DOUBT),
    _large("nested elements", "100,000 of them", lambda: feed("<a>" * 100_000 + "</a>" * 100_000), DOUBT),
    _large("two million ampersands", "each mended to five characters", lambda: feed(many("&")), DOUBT),
    _large("600,000 attributes", "on one element", lambda: feed(attributes(600_000))),
    _large("a text of 9 MiB", "one description", lambda: feed(f"<description>{many('x ')}</description>")),
    _large(
        "an item of 9 MiB", "one description", lambda: feed(item(f"<description>{many('x ')}</description>")), DOUBT
    ),
    _large("HTML of 9 MiB", "escaped", lambda: feed(item(f"<description>{many('&lt;b a=1>')}</description>")), DOUBT),
    _large("150,000 authors", "of the feed", lambda: feed("<author>a</author>" * 150_000)),
    _large("a date of 9 MiB", "of brackets", lambda: feed(item(f"<pubDate>{many('(')}</pubDate>")), DOUBT),
    _large("declarations before it", "comments, 9 MiB of them", lambda: feed(before=many("<!-- x -->"))),
    _large(
        "JSON of three million lists",
        "a JSON Feed",
        lambda: f'{{"version":"https://jsonfeed.org/version/1","items":[{many("[],")}[]]}}',
    ),
)
