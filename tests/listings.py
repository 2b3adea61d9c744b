"""Items in, listing pages of a plain make and the selectors.toml that reads them out; with `server.World`, a source."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from server import World

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
<header><a href="/">Home</a></header>
<nav><ul><li><a href="/about">About us</a></li><li><a href="/contact">Contact</a></li></ul></nav>
<main>
<h1>{title}</h1>
<ol class="listing">
{items}
</ol>
{next}
</main>
{aside}
<footer><p>A site that exists for a test only.</p></footer>
</body>
</html>
"""

SOURCE = """
[sources.{name}]
title = {title}
url = {url}
pages = {{ next = "a.next" }}
must_contain = "ol.listing"
{more}
[[sources.{name}.layouts]]
item = "ol.listing > li"
title = "h3 a"
link = "h3 a @href"
category = {{ css = "p.category", optional = true }}
date = {{ css = "time", format = "%d %B %Y" }}
summary = {{ css = "p.summary", optional = true }}
"""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a listing, as it is to be printed. None: the page has no such element."""

    slug: str
    title: str
    category: str | None = "News"
    date_text: str | None = "20 June 2018"
    summary: str | None = None

    @property
    def href(self) -> str:
        return f"/items/{self.slug}.html"


def some_items(count: int, first: int = 1) -> list[Item]:
    """`count` different items, the newest first, a day between two: item-1 is of 20 June 2018."""
    return [_item(n) for n in range(first, first + count)]


def _item(n: int) -> Item:
    day = date(2018, 6, 20) - timedelta(days=n - 1)
    return Item(f"item-{n}", f"Cooperative story {n}", "News", f"{day.day} {day:%B %Y}", f"What story {n} is about.")


def listing(items: Sequence[Item], next_href: str | None = None, title: str = "News", aside: str = "") -> str:
    """One page of a listing. `aside` is markup, put beside it as it is."""
    return PAGE.format(
        title=escape(title),
        items="\n".join(_li(item) for item in items),
        next="" if next_href is None else f'<a class="next" href="{escape(next_href)}">Next page</a>',
        aside=aside,
    )


def _li(item: Item) -> str:
    lines = [
        _element("p", "category", item.category),
        f'<h3><a href="{escape(item.href)}">{escape(item.title)}</a></h3>',
        _element("time", None, item.date_text),
        _element("p", "summary", item.summary),
    ]
    return "<li>" + "".join(lines) + "</li>"


def _element(tag: str, name: str | None, text: str | None) -> str:
    if text is None:
        return ""
    return f"<{tag}{f' class={json.dumps(name)}' if name else ''}>{escape(text)}</{tag}>"


def publish(
    world: World, items: Sequence[Item], per_page: int = 10, path: str = "/news", host: str | None = None
) -> str:
    """Puts a listing of as many pages as it takes at `path`, `path`/2, `path`/3 ...; returns the url of the first."""
    cuts = range(0, max(len(items), 1), per_page)
    for n, cut in enumerate(cuts, start=1):
        here = path if n == 1 else f"{path}/{n}"
        following = f"{path}/{n + 1}" if n < len(cuts) else None
        world.put(here, listing(items[cut : cut + per_page], following), host)
    return world.url(path, host)


def selectors(
    sources: Mapping[str, str], allow: Sequence[str] = (), delay: str = "0s", every: str = "0s", **more: object
) -> str:
    """Names and first urls in, a selectors.toml that reads such listings out. `more` are keys of each source."""
    head = [
        "[coopscrape]",
        'contact = "test@example.org"',
        "\n[defaults]",
        f"delay = {toml(delay)}",
        f"every = {toml(every)}",
        "\n[network]",
        f"allow = {toml(list(allow))}",
    ]
    extra = "".join(f"{key} = {toml(value)}\n" for key, value in more.items())
    blocks = [
        SOURCE.format(name=name, title=toml(f"Listing {name}"), url=toml(url), more=extra)
        for name, url in sources.items()
    ]
    return "\n".join(head) + "\n" + "".join(blocks)


def toml(value: object) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(inner) for inner in value) + "]"
    return json.dumps(value)  # strings, numbers and truth are written alike in JSON and TOML
