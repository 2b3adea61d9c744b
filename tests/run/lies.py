"""Ways in which a server lies with 200: pages of a listing in, what it shows instead out. For the walks of run/churn.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random

from coopscrape.model import Content, Extraction, Row, Strategy
from run.churn import HOME, Site, number_of, page_url, serve, sheet

Pages = Sequence[Sequence[Row]]
Lie = Callable[[Pages, Strategy, Random], Site | None]  # None: this listing is too small for it


def _edit(row: Row, **values: str | None) -> Row:
    return replace(row, content=replace(row.content, **values))  # type: ignore[arg-type]  # by name


def _rekeyed(row: Row, link: str) -> Row:
    return replace(_edit(row, link=link), key=link)


def made_up(n: int, where: str = "spam") -> Row:
    link = f"https://{where}.example/{n}"
    words = {"title": f"Offer {n}", "date": "2018-06-20", "date_text": "2018-06-20", "summary": None, "category": None}
    return _edit(Row(link, Content(link=link)), **words)


def _mapped(change: Callable[[int, Row], Row]) -> Lie:
    """The same listing, each row otherwise."""

    def lie(pages: Pages, strategy: Strategy, _: Random) -> Site:
        rows = [row for page in pages for row in page]
        changed = iter([change(i, row) for i, row in enumerate(rows)])
        return serve([[next(changed) for _ in page] for page in pages], strategy)

    return lie


def _paged(change: Callable[[list[list[Row]], Random], Pages | None]) -> Lie:
    """Other pages, linked as ever."""

    def lie(pages: Pages, strategy: Strategy, random: Random) -> Site | None:
        other = change([list(page) for page in pages], random)
        return None if other is None else serve(other, strategy)

    return lie


def _long(pages: Pages, least: int = 3) -> bool:
    return len(pages) >= least


def _no_rows(only: int | None = None) -> Lie:
    """A captcha, a login, a notice: no rows on all pages, or from one on, whatever links there are."""

    def lie(pages: Pages, strategy: Strategy, random: Random) -> Site | None:
        if only is not None and len(pages) < only:
            return None
        true = serve(pages, strategy)
        return lambda url: sheet(()) if only is None or number_of(url) >= only else true(url)

    return lie


def _empty_middle(pages: Pages, strategy: Strategy, _: Random) -> Site | None:
    true = serve(pages, strategy)
    return (lambda url: replace(true(url), rows=()) if number_of(url) == 2 else true(url)) if _long(pages) else None


def _always(n: int) -> Lie:
    """The same page under each address."""

    def lie(pages: Pages, strategy: Strategy, _: Random) -> Site | None:
        true = serve(pages, strategy)

        def site(url: str) -> Extraction:
            here = number_of(url)
            return replace(true(url), rows=true(page_url(min(n, here))).rows)

        return site if len(pages) > n else None

    return lie


def _next_to_itself(pages: Pages, strategy: Strategy, _: Random) -> Site | None:
    true = serve(pages, strategy)
    return (lambda url: replace(true(url), next_url=url)) if strategy is Strategy.NEXT and len(pages) > 1 else None


def _no_next(pages: Pages, strategy: Strategy, _: Random) -> Site | None:
    true = serve(pages, strategy)
    return (lambda url: replace(true(url), next_url=None)) if strategy is Strategy.NEXT and len(pages) > 1 else None


def _tokens(round_about: bool) -> Lie:
    """Next links without end; the pages come again, or the last one does."""

    def lie(pages: Pages, strategy: Strategy, random: Random) -> Site | None:
        def site(url: str) -> Extraction:
            n = number_of(url)
            shown = (n - 1) % len(pages) if round_about else min(n, len(pages)) - 1
            return sheet(pages[shown], f"{page_url(n + 1)}&token={random.randrange(10**9)}")

        return site if strategy is Strategy.NEXT else None

    return lie


def _token_in_links(pages: Pages, strategy: Strategy, random: Random) -> Site | None:
    def site(url: str) -> Extraction:
        n = number_of(url)
        rows = [_rekeyed(row, f"{row.content.link}?t={random.randrange(10**9)}") for row in pages[(n - 1) % len(pages)]]
        return sheet(rows, f"{page_url(n + 1)}&token={n}")

    return site if strategy is Strategy.NEXT else None


def _invented(pages: Pages, strategy: Strategy, _: Random) -> Site | None:
    """A calendar: behind the last page comes another, and another."""
    true = serve(pages, strategy)

    def site(url: str) -> Extraction:
        n = number_of(url)
        rows = true(url).rows if n <= len(pages) else tuple(made_up(100 * n + i) for i in range(8))
        return sheet(rows, page_url(n + 1))

    return site


def _facet(pages: Pages, strategy: Strategy, _: Random) -> Site | None:
    """The selector of the next page finds a filter: some entries that are known, in a list of their own."""
    rows = [row for page in pages for row in page][::3]

    def site(url: str) -> Extraction:
        return sheet(rows) if "facet" in url else sheet(pages[0], f"{HOME}?facet=1")

    return site if strategy is Strategy.NEXT and len(pages) > 1 else None


def _facet_of_others(pages: Pages, strategy: Strategy, _: Random) -> Site | None:
    others = [made_up(i, "b") for i in range(20)]
    return serve([*pages, others[:10], others[10:]], strategy)


def _cut(share: float, page: int = -1) -> Lie:
    """One page came in part, and ends as it should: the rest of its rows is not there."""

    def change(pages: list[list[Row]], _: Random) -> Pages | None:
        if page >= len(pages) or len(pages[page]) < 4 or (page != -1 and page == len(pages) - 1):
            return None
        del pages[page][max(1, int(share * len(pages[page]))) :]
        return pages

    return _paged(change)


def _cut_and_over(pages: list[list[Row]], _: Random) -> Pages | None:
    """A page came in part, and its pager did not."""
    return [pages[0], pages[1][: len(pages[1]) // 2]] if _long(pages) else None


def _every(n: int) -> Lie:
    def change(pages: list[list[Row]], _: Random) -> Pages | None:
        return [page[::n] for page in pages] if sum(map(len, pages)) >= 8 else None

    return _paged(change)


def _fewer_pages(pages: list[list[Row]], _: Random) -> Pages | None:
    return pages[: (len(pages) + 1) // 2] if _long(pages, 2) else None


def _without_last(pages: list[list[Row]], _: Random) -> Pages | None:
    return pages[:-1] if _long(pages, 2) else None


def _without_middle(pages: list[list[Row]], _: Random) -> Pages | None:
    return [pages[0], *pages[2:]] if _long(pages) else None


def _first_row_only(pages: list[list[Row]], _: Random) -> Pages:
    return [[pages[0][0]] * len(page) for page in pages]


def _first_row_of_each(pages: list[list[Row]], _: Random) -> Pages | None:
    return [[page[0]] * len(page) for page in pages] if len(pages[0]) > 2 else None


def _shifting(pages: list[list[Row]], _: Random) -> Pages | None:
    """Between two pages the listing moves on by one: an entry slips through at each break."""
    rows = [row for page in pages for row in page]
    size = len(pages[0])
    cuts = [rows[i * size + i : (i + 1) * size + i] for i in range(len(pages))]
    return [cut for cut in cuts if cut] if _long(pages) else None


def _another_order(pages: list[list[Row]], random: Random) -> Pages:
    random.shuffle(pages)
    return pages


def _reversed(pages: list[list[Row]], _: Random) -> Pages:
    rows = [row for page in pages for row in page][::-1]
    size = len(pages[0])
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def _adverts(each: int) -> Lie:
    def change(pages: list[list[Row]], _: Random) -> Pages:
        return [
            [one for i, row in enumerate(page) for one in ([row, made_up(100 * n + i)] if i % each == 0 else [row])]
            for n, page in enumerate(pages)
        ]

    return _paged(change)


def _another_site(pages: list[list[Row]], _: Random) -> Pages:
    return [[made_up(100 * n + i, "other") for i in range(len(page))] for n, page in enumerate(pages)]


def _another_second_page(pages: list[list[Row]], _: Random) -> Pages | None:
    return [pages[0], [made_up(i, "other") for i in range(10)], *pages[2:]] if _long(pages) else None


def _on_page(n: int, **values: str | None) -> Lie:
    def change(pages: list[list[Row]], _: Random) -> Pages | None:
        if len(pages) <= n or len(pages[n]) < 3:
            return None
        pages[n] = [_edit(row, **values) for row in pages[n]]
        return pages

    return _paged(change)


LIES: Mapping[str, Lie] = {
    "no entries on any page": _no_rows(),
    "no entries from page 2 on": _no_rows(2),
    "no entries from page 3 on": _no_rows(3),
    "page 2 is empty in the middle": _empty_middle,
    "the first page under each address": _always(1),
    "the second page under each further address": _always(2),
    "a next link to itself": _next_to_itself,
    "no next link": _no_next,
    "the last page repeated without end": _tokens(round_about=False),
    "the pages in a ring, with tokens": _tokens(round_about=True),
    "tokens in all links, without end": _token_in_links,
    "invented pages without end": _invented,
    "a filter as the next page": _facet,
    "another list as the next page": _facet_of_others,
    "the first page in part": _cut(0.5, 0),
    "the second page in part": _cut(0.4, 1),
    "the last page in part": _cut(0.4),
    "cut short, and no further page": _paged(_cut_and_over),
    "every second entry": _every(2),
    "every third entry": _every(3),
    "half of the pages": _paged(_fewer_pages),
    "without the last page": _paged(_without_last),
    "without the second page": _paged(_without_middle),
    "the first row everywhere": _paged(_first_row_only),
    "the first row of each page": _paged(_first_row_of_each),
    "moves while it is read": _paged(_shifting),
    "pages in another order": _paged(_another_order),
    "sorted the other way": _paged(_reversed),
    "an advert for each row": _adverts(1),
    "an advert for every third row": _adverts(3),
    "another site": _paged(_another_site),
    "page 2 of another site": _paged(_another_second_page),
    "one title for all": _mapped(lambda _, row: _edit(row, title="Read more")),
    "a template not filled in": _mapped(lambda _, row: _edit(row, title="{{ title }}", summary="{{ summary }}")),
    "undefined in each title": _mapped(lambda i, row: _edit(row, title=f"undefined {i}")),
    "placeholders": _mapped(lambda i, row: _edit(row, title="Lorem ipsum dolor"[: 3 + i % 14], summary="Lorem")),
    "one title on page 2": _on_page(1, title="undefined"),
    "no dates": _mapped(lambda _, row: _edit(row, date=None, date_text=None)),
    "no dates on page 2": _on_page(1, date=None, date_text=None),
    "no titles": _mapped(lambda _, row: _edit(row, title=None)),
    "dates of today": _mapped(lambda _, row: _edit(row, date="2030-01-01", date_text="2030-01-01")),
    "dates of today on page 2": _on_page(1, date="2030-01-01", date_text="2030-01-01"),
    "another language, the same links": _mapped(lambda _, row: _edit(row, title=f"{row.content.title} (fr)")),
    "another language, other links": _mapped(
        lambda _, row: _rekeyed(_edit(row, title=f"{row.content.title} (fr)"), f"{row.content.link}/fr")
    ),
    "links to another host": _mapped(
        lambda _, row: _rekeyed(row, (row.content.link or "").replace("a.example", "mirror.example"))
    ),
    "a session in each link": _mapped(lambda _, row: _rekeyed(row, f"{row.content.link}?s=4711")),
    "one link for all": _mapped(lambda _, row: _rekeyed(row, "https://a.example/login")),
    "half of the titles otherwise": _mapped(lambda i, row: _edit(row, title=f"x {i}") if i % 2 else row),
}
