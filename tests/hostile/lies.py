"""Pages that answer 200 and are not the listing, or not all of it. Nothing here is wrong with the transport."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from hostile.behaviour import DOUBT, ITEMS, LISTING, PER_PAGE, READ, SECOND, Behaviour, Right, Site, page
from listings import Item, listing, some_items
from server import Asked

Act = Callable[[Site], None]
FIRST: Final = ITEMS[:PER_PAGE]
REST: Final = ITEMS[PER_PAGE:]
OTHERS: Final = tuple(replace(item, slug=f"other-{item.slug}", title=f"Offer {item.slug}") for item in some_items(12))


# -- ways to lie -----------------------------------------------------------------------------------


def shows(html: str, path: str = LISTING) -> Act:
    """This page, whole and well-formed."""
    return lambda site: site.put(path, html)


def lists(first: Sequence[Item], second: Sequence[Item] | None = None, following: str | None = SECOND) -> Act:
    """The same make of pages, with other entries. `second` None: the second page is as it was."""

    def act(site: Site) -> None:
        site.put(LISTING, listing(first, following))
        if second is not None:
            site.put(SECOND, listing(second))

    return act


def each(change: Callable[[Item], Item]) -> Act:
    """Every entry otherwise."""
    changed = [change(item) for item in ITEMS]
    return lists(changed[:PER_PAGE], changed[PER_PAGE:])


def rewritten(pattern: str, by: str, path: str | None = None) -> Act:
    """The markup of both pages, or of one, otherwise."""

    def act(site: Site) -> None:
        for number, one in enumerate((LISTING, SECOND), 1):
            if path in (None, one):
                site.put(one, re.sub(pattern, by, page(number), flags=re.DOTALL))

    return act


def walled(words: str, more: str = "") -> str:
    return f"<!doctype html><html><head><title>{words}</title></head><body><h1>{words}</h1>{more}</body></html>"


def framed(inside: str) -> str:
    """The frame of the listing, must_contain included, and something else in it."""
    return re.sub(r'(<ol class="listing">).*?(</ol>).*?</main>', rf"\1{inside}\2</main>", page(), flags=re.DOTALL)


def endless(what: Callable[[int], Sequence[Item]]) -> Act:
    """Page after page, each with a next link that was never seen."""

    def act(site: Site) -> None:
        def answer(asked: Asked) -> str:
            n = int(asked.path.rpartition("=")[2] or 1) if "=" in asked.path else 1
            return listing(what(n), f"{LISTING}?token={n * 7919}&page={n + 1}")

        site.put(LISTING, answer)

    return act


def alternating(*pages: str) -> Act:
    """One answer after the other, in a circle."""

    def act(site: Site) -> None:
        asked_before: list[Asked] = []

        def answer(asked: Asked) -> str:
            asked_before.append(asked)
            return pages[(len(asked_before) - 1) % len(pages)]

        site.put(LISTING, answer)

    return act


def titled(title: Callable[[Item], str]) -> Act:
    return each(lambda item: replace(item, title=title(item)))


def adverts(items: Sequence[Item], step: int) -> list[Item]:
    """An advert behind every so many rows."""
    found: list[Item] = []
    for n, item in enumerate(items, 1):
        found += [item, replace(OTHERS[n], slug=f"advert-{item.slug}")] if n % step == 0 else [item]
    return found


def cards(items: Sequence[Item]) -> str:
    lines = (f'<div class="card"><a href="{item.href}">{item.title}</a></div>' for item in items)
    return walled("News", "".join(lines))


def rows(kind: str, acts: Mapping[str, tuple[str, Act]], right: Right = DOUBT) -> tuple[Behaviour, ...]:
    return tuple(Behaviour(f"{kind}: {name}", words, act, right) for name, (words, act) in acts.items())


# -- another page ----------------------------------------------------------------------------------

WALLS: Final[Mapping[str, str]] = {
    "captcha": walled("Are you human?", '<form><img src="/c.png" alt=""><input name="answer"></form>'),
    "login": walled("Please log in", '<form method="post"><input name="user"><input type="password"></form>'),
    "maintenance": walled("We will be back soon", "<p>The site is being maintained.</p>"),
    "soft 404": walled("Page not found", '<p>Try the <a href="/">start page</a>.</p>'),
    "consent": walled("We value your privacy", "<button>Accept all</button><button>Settings</button>"),
    "script shell": walled("News", '<div id="root"></div><noscript>Please enable scripts.</noscript>'),
    "meta refresh": '<html><head><meta http-equiv="refresh" content="0; url=/start"></head><body></body></html>',
    "frameset": '<html><frameset cols="*"><frame src="/list"></frameset></html>',
    "geography": walled("Not available in your region"),
    "paywall": walled("Subscribe to read on", "<ul><li>1 month</li><li>1 year</li></ul>"),
    "rate limit in words": walled("Too many requests", "<p>Slow down.</p>"),
    "database error": walled("News", "<pre>SQLSTATE[HY000] [2002] Connection refused</pre>"),
    "stack trace": walled("Exception", "<pre>at News.list(News.java:42)</pre>"),
    "nothing": "",
    "blanks": " \n\n ",
    "plain words": "Service temporarily unavailable",
    "JSON": '{"error": "not allowed", "items": []}',
    "a feed": '<?xml version="1.0"?><rss version="2.0"><channel><title>News</title></channel></rss>',
    "an empty list": framed(""),
    "no results": framed("<li>Your search found nothing.</li>"),
    "please wait": framed('<li class="loading">Loading ...</li>'),
    "rows in a comment": framed(f"<!-- {listing(FIRST)} -->"),
    "rows in a template": framed(f"<template>{listing(FIRST)}</template>"),
    "another make": cards(ITEMS),
    "for small screens": f'<html><body><div class="m-list">{cards(FIRST)}</div></body></html>',
    "the marker without its list": walled("News", '<ol class="listing"></ol><ul><li><h3><a href="/a">A</a></h3></ul>'),
}
ON_PAGE_2: Final = ("captcha", "login", "maintenance", "nothing", "an empty list", "no results", "another make", "JSON")

NOT_THE_LISTING: Final = (
    *rows("instead of the listing", {name: ("answers 200 with it", shows(html)) for name, html in WALLS.items()}),
    *rows(
        "instead of page 2",
        {name: ("answers 200 with it, behind the first page", shows(WALLS[name], SECOND)) for name in ON_PAGE_2},
    ),
)

# -- a part of it ----------------------------------------------------------------------------------

PARTS: Final = rows(
    "in part",
    {
        "the first page cut, and its pager there": ("sends three of six rows, and all closing tags", lists(FIRST[:3])),
        "the first page cut, and its pager lost": ("sends three rows and the end", lists(FIRST[:3], following=None)),
        "the second page cut": ("sends two of its six rows", lists(FIRST, REST[:2])),
        "no pager": ("has no next link", lists(FIRST, following=None)),
        "a dead pager": ("its next link leads nowhere", lists(FIRST, following="#")),
        "a script for a pager": ("its next link is a script", lists(FIRST, following="javascript:more()")),
        "every second row": ("sends every second row", lists(FIRST[::2], REST[::2])),
        "a third": ("sends four of twelve rows", lists(ITEMS[:4], following=None)),
        "the second half": ("sends what used to be page 2", lists(REST, following=None)),
        "the middle": ("drops three rows at each end", lists(ITEMS[3:9], following=None)),
        "without the newest five": ("sends a state of long ago", lists(ITEMS[5:11], ITEMS[11:])),
        "the first row everywhere": ("repeats one row", lists([ITEMS[0]] * 6, [ITEMS[0]] * 6)),
        "the first row of each page": ("repeats a row on each page", lists([FIRST[0]] * 6, [REST[0]] * 6)),
        "one row": ("sends one row", lists(ITEMS[:1], following=None)),
    },
)

# -- pages and their order -------------------------------------------------------------------------

WAYS: Final = (
    *rows(
        "paging",
        {
            "to itself": ("its next link is itself", lists(FIRST, following=LISTING)),
            "to itself with a fragment": ("its next link is itself", lists(FIRST, following=f"{LISTING}#more")),
            "the first page again": ("shows page 1 under each address", lists(FIRST, FIRST)),
            "the second page twice": ("shows page 2 under each address", lists(REST, REST)),
            "a filter as next": ("leads to a part of page 1", lists(FIRST, FIRST[::2])),
            "another list as next": ("leads to another list", lists(FIRST, OTHERS)),
            "invented pages without end": (
                "has always another page, with entries that nobody wrote",
                endless(lambda n: ITEMS if n == 1 else [replace(one, slug=f"{one.slug}-{n}") for one in OTHERS[:6]]),
            ),
            "a calendar without end": (
                "has a page for each week, with the same words under other links",
                endless(lambda n: [replace(one, slug=f"{one.slug}?week={n}") for one in ITEMS]),
            ),
        },
    ),
    *rows(
        "paging in a ring",
        {
            "with tokens": ("leads on for ever, over the same pages", endless(lambda n: FIRST if n % 2 else REST)),
            "the last page for ever": ("repeats its last page", endless(lambda n: FIRST if n == 1 else REST)),
            "all on each page": ("shows everything on each page", endless(lambda _: ITEMS)),
            "back to the start": (
                "its last page leads to the first",
                lambda site: site.put(SECOND, listing(REST, LISTING)),
            ),
            "with overlap": ("shows some rows on both pages", lists(ITEMS[:8], ITEMS[4:])),
            "the pages changed over": ("shows page 2 first", lists(REST, FIRST)),
            "the oldest first": ("is sorted the other way", lists(ITEMS[:5:-1], ITEMS[5::-1])),
            "shuffled": ("is in no order", lists(ITEMS[::2], ITEMS[1::2])),
            "all on one page": ("needs no second page", lists(ITEMS, following=None)),
            "twice on a page": (
                "has the list for large and for small screens",
                rewritten(r'(<ol class="listing">.*?</ol>)', r"\1\1"),
            ),
        },
        READ,
    ),
    Behaviour(
        "paging to another host",
        "its next link leads away",
        lists(FIRST, following="http://127.0.9.9:9/news"),
        frozenset({"cut"}),
    ),
)

# -- other words -----------------------------------------------------------------------------------

WORDS: Final = rows(
    "other words",
    {
        "one title": ("calls everything alike", titled(lambda _: "Read more")),
        "braces": ("did not fill its template in", titled(lambda _: "{{ item.title }}")),
        "braces everywhere": (
            "did not fill its template in at all",
            each(lambda one: replace(one, title="{{title}}", summary="{{summary}}", category="{{category}}")),
        ),
        "undefined": ("fills the template in with nothing", titled(lambda one: f"undefined ({one.slug[-1]})")),
        "[object Object]": ("prints objects", each(lambda one: replace(one, summary="[object Object]"))),
        "an error in each row": ("failed in each row", each(lambda one: replace(one, summary="Error 500"))),
        "lorem ipsum": ("shows a draft", titled(lambda one: f"Lorem ipsum {len(one.slug)}{one.slug}")),
        "another language": ("is translated", titled(lambda one: f"Histoire {one.slug}")),
        "capitals": ("is set in capitals", titled(lambda one: one.title.upper())),
        "cut short": ("cuts its titles", titled(lambda one: f"{one.title[:6]}...")),
        "machine translated in half": (
            "translated one half",
            lists([replace(one, title=f"Histoire {one.slug}") for one in FIRST]),
        ),
        "minutes ago": ("adds to its titles when they were read", titled(lambda one: f"{one.title} (3 min ago)")),
        "wrong letters": (
            "was decoded wrongly, and encoded again",
            titled(lambda one: one.title.replace("o", "Ã³")),
        ),
        "no titles": ("has blank titles", titled(lambda _: "")),
        "dates of today": ("dates all of today", each(lambda one: replace(one, date_text="1 July 2026"))),
        "dates of 1970": ("dates all to the beginning", each(lambda one: replace(one, date_text="1 January 1970"))),
        "no dates": ("has no dates", each(lambda one: replace(one, date_text=None))),
        "blank dates": ("has blank dates", each(lambda one: replace(one, date_text=""))),
        "dates in figures": ("writes dates otherwise", each(lambda one: replace(one, date_text="06/20/2018"))),
        "no dates on page 2": (
            "has no dates on its second page",
            lists(FIRST, [replace(one, date_text=None) for one in REST]),
        ),
        "one category": ("calls it all advertising", each(lambda one: replace(one, category="Advertising"))),
        "no summaries": ("has no summaries", each(lambda one: replace(one, summary=None))),
    },
)

# -- other links -----------------------------------------------------------------------------------

LINKS: Final = (
    *rows(
        "other links",
        {
            "another host": ("links to a mirror", rewritten(r'href="/items', 'href="https://mirror.example/items')),
            "another base": ("has a <base>", rewritten("<head>", '<head><base href="https://cdn.example/x/">')),
            "another base on page 2": (
                "has a <base> there",
                rewritten("<head>", '<head><base href="https://cdn.example/x/">', SECOND),
            ),
            "a session": ("adds a session to each link", rewritten(r"\.html", ".html?s=4711")),
            "another spelling": ("has no .html any more", rewritten(r"\.html", "/")),
            "the login for all": ("leads all to the login", rewritten(r'href="/items[^"]*"', 'href="/login"')),
            "no links": ("leads nowhere", rewritten(r' href="/items[^"]*"', "")),
            "scripts": ("opens all by script", rewritten(r'href="/items[^"]*"', 'href="javascript:open(1)"')),
            "an exit page": ("counts who leaves", rewritten(r'href="/items', 'href="/exit?to=/items')),
        },
    ),
    *rows(
        "the same links",
        {
            "fragments": ("adds a fragment to each link", rewritten(r"\.html", ".html#main")),
            "tracking": ("adds tracking to each link", rewritten(r"\.html", ".html?utm_source=news&amp;fbclid=1")),
            "a known session": ("adds a session to each link", rewritten(r"\.html", ".html;jsessionid=4711")),
            "escapes": ("escapes a letter", rewritten(r'href="/items', 'href="/%69tems')),
            "relative": ("links from where it is", rewritten(r'href="/items', 'href="/./items')),
        },
        READ,
    ),
)

# -- other entries ---------------------------------------------------------------------------------

ENTRIES: Final = (
    *rows(
        "other entries",
        {
            "another site": ("shows another site's listing", lists(OTHERS[:6], OTHERS[6:])),
            "page 2 of another site": ("shows it behind the first page", lists(FIRST, OTHERS[:6])),
            "page 1 of another site": ("shows it before the second page", lists(OTHERS[:6])),
            "an edition in another language": (
                "has other titles under other links",
                each(lambda one: replace(one, slug=f"fr/{one.slug}", title=f"Histoire {one.slug}")),
            ),
            "an advert for each row": (
                "has a row of advertising behind each",
                lists(adverts(FIRST, 1), adverts(REST, 1)),
            ),
            "an advert for every second row": (
                "has some rows of advertising",
                lists(adverts(FIRST, 2), adverts(REST, 2)),
            ),
            "read more, too": (
                "has each entry twice, the second time as a link to read more",
                lists(
                    [two for one in FIRST for two in (one, replace(one, title="Read more"))],
                    [two for one in REST for two in (one, replace(one, title="Read more"))],
                ),
            ),
            "most read": ("shows what is read most, not what is new", lists([*OTHERS[:4], *FIRST[:2]], [*OTHERS[4:8]])),
        },
    ),
    Behaviour(
        "a make that alternates",
        "tries another make on every second visitor",
        alternating(cards(ITEMS), page()),
        DOUBT | READ,
    ),
    Behaviour(
        "consent above the list",
        "asks for consent, and shows the list below",
        rewritten("<body>", '<body><div class="consent"><button>Accept all</button></div>'),
        READ,
    ),
)

# -- from the start --------------------------------------------------------------------------------

FROM_THE_START: Final = tuple(
    Behaviour(f"from the first visit: {name}", words, act, DOUBT, early=True)
    for name, words, act in (
        ("a captcha", "has never shown anything else", shows(WALLS["captcha"])),
        ("one title", "has always called everything alike", titled(lambda _: "Read more")),
        ("no dates", "has never had the dates that are declared", each(lambda one: replace(one, date_text=None))),
        (
            "a calendar without end",
            "has always said the same under other links",
            endless(lambda n: [replace(one, slug=f"{one.slug}?week={n}") for one in ITEMS]),
        ),
    )
)

ROWS: Final = (*NOT_THE_LISTING, *PARTS, *WAYS, *WORDS, *LINKS, *ENTRIES, *FROM_THE_START)
