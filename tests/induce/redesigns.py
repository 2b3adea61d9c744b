"""Items in, the listing page after a redesign out: one function a redesign, all of the same items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from html import escape
from typing import Final

from listings import Item, listing

Redesign = Callable[[Sequence[Item]], str]

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>News</title></head>
<body><div class="site-top"><a href="/">Home</a><ul class="menu"><li><a href="/about">About us</a></li>
<li><a href="/contact">Contact</a></li></ul></div>
{body}
<div class="site-bottom"><p>A site that exists for a test only.</p></div></body></html>
"""


def _page(body: str) -> str:
    return PAGE.format(body=body)


def _parts(item: Item) -> dict[str, str]:
    return {
        "href": escape(item.href),
        "title": escape(item.title),
        "category": escape(item.category or ""),
        "date": item.date_text or "",
        "iso": _day(item).date().isoformat(),
        "dotted": f"{_day(item):%d.%m.%Y}",
        "american": f"{_day(item):%B} {_day(item).day}, {_day(item).year}",
        "summary": escape(item.summary or ""),
    }


def _day(item: Item) -> datetime:
    return datetime.strptime(item.date_text or "", "%d %B %Y")


def _all(items: Sequence[Item], form: str) -> str:
    return "\n".join(form.format(**_parts(item)) for item in items)


def classes_renamed(items: Sequence[Item]) -> str:
    return _page(
        '<div class="content"><ol class="news-feed">'
        + _all(
            items,
            '<li class="entry"><p class="kicker">{category}</p><h3 class="headline"><a href="{href}">{title}</a></h3>'
            '<span class="stamp">{date}</span><div class="teaser">{summary}</div></li>',
        )
        + "</ol></div>"
    )


def list_to_table(items: Sequence[Item]) -> str:
    return _page(
        '<table class="overview"><tr><th>Date</th><th>Kind</th><th>What</th></tr>'
        + _all(
            items,
            '<tr><td>{date}</td><td>{category}</td><td><a href="{href}">{title}</a><p>{summary}</p></td></tr>',
        )
        + "</table>"
    )


def nesting_changed(items: Sequence[Item]) -> str:
    return _page(
        '<main><section class="stories">'
        + _all(
            items,
            '<article><header><div class="meta"><time>{date}</time> <p class="category">{category}</p></div>'
            '<h3><a href="{href}">{title}</a></h3></header><div class="body"><p class="summary">{summary}</p></div></article>',
        )
        + "</section></main>"
    )


def date_format_changed(items: Sequence[Item]) -> str:
    page = listing(items)
    for item in items:
        page = page.replace(f"<time>{item.date_text}</time>", f"<time>{_parts(item)['dotted']}</time>")
    return page


def wrappers_added(items: Sequence[Item]) -> str:
    return _page(
        '<div class="page"><div class="inner"><div class="listing-wrap">'
        + _all(
            items,
            '<div class="cell"><div class="cell-in"><p class="category">{category}</p><div class="head"><h3><a href="{href}">'
            '{title}</a></h3></div><div class="when"><time>{date}</time></div><p class="summary">{summary}</p></div></div>',
        )
        + "</div></div></div>"
    )


def heading_level_changed(items: Sequence[Item]) -> str:
    return listing(items).replace("<h3>", "<h2>").replace("</h3>", "</h2>")


def links_made_absolute(items: Sequence[Item]) -> str:
    """The host is filled in by whoever serves it."""
    return _page(
        '<ul class="link-list">'
        + _all(
            items,
            '<li><a href="@HOST@{href}">{title}</a> <em>{american}</em> <b>{category}</b><blockquote>{summary}</blockquote></li>',
        )
        + "</ul>"
    )


def title_split_from_link(items: Sequence[Item]) -> str:
    return _page(
        '<div class="cards">'
        + _all(
            items,
            '<div class="card"><span class="label">{category}</span><h4>{title}</h4><p class="card-text">{summary}</p>'
            '<div class="card-foot"><time datetime="{iso}">{date}</time><a class="button" href="{href}">Read more</a></div>'
            "</div>",
        )
        + "</div>"
    )


def list_to_definition_list(items: Sequence[Item]) -> str:
    return _page(
        '<div class="archive">'
        + _all(
            items,
            '<dl><dt>{date}</dt><dd class="t"><a href="{href}">{title}</a></dd><dd class="c">{category}</dd>'
            "<dd>{summary}</dd></dl>",
        )
        + "</div>"
    )


def hashed_classes(items: Sequence[Item]) -> str:
    return _page(
        '<main class="css-1a2b3c"><div class="sc-bdVaJa hKzRtY">'
        + _all(
            items,
            '<article class="css-9x8y7z"><span class="css-q1w2e3">{category}</span><h3 class="css-k4l5m6">'
            '<a class="css-z9y8x7" href="{href}">{title}</a></h3><time class="css-t1m2e3" datetime="{iso}T08:00:00Z">{american}'
            '</time><p class="css-p0o9i8">{summary}</p></article>',
        )
        + "</div></main>"
    )


def date_and_category_in_one_line(items: Sequence[Item]) -> str:
    return _page(
        '<div class="view-news">'
        + _all(
            items,
            '<div class="views-row"><div class="field-title"><a href="{href}">{title}</a></div>'
            '<div class="field-created">{dotted} - {category}</div><div class="field-body"><p>{summary}</p></div></div>',
        )
        + "</div>"
    )


def whole_card_is_a_link(items: Sequence[Item]) -> str:
    return _page(
        '<div class="tiles">'
        + _all(
            items,
            '<a class="tile" href="{href}"><div class="tile-kind">{category}</div><div class="tile-title">{title}</div>'
            '<div class="tile-date">{iso}</div><div class="tile-text">{summary}</div></a>',
        )
        + "</div>"
    )


REDESIGNS: Final[tuple[Redesign, ...]] = (
    classes_renamed,
    list_to_table,
    nesting_changed,
    date_format_changed,
    wrappers_added,
    heading_level_changed,
    links_made_absolute,
    title_split_from_link,
    list_to_definition_list,
    hashed_classes,
    date_and_category_in_one_line,
    whole_card_is_a_link,
)
