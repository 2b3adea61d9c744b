"""How a listing goes on, strategy by strategy."""

from __future__ import annotations

import pytest

from coopscrape.model import Content as Said
from coopscrape.model import Extraction, Paging, Row, Strategy
from coopscrape.plan.pagination import STRATEGIES
from plan.world import source

FULL = Extraction(rows=(Row("k", Said(title="t")),), layout="list", next_url="https://a.example/?next")
EMPTY = Extraction(layout="list", next_url="https://a.example/?next")


def after(paging: Paging, number: int, extraction: Extraction = FULL) -> str | None:
    of = source("s", "https://a.example/", paging=paging)
    return STRATEGIES[paging.strategy](of, number, extraction)


def test_every_strategy_has_a_line_in_the_table() -> None:
    assert set(STRATEGIES) == set(Strategy)


def test_a_single_page_is_never_followed_by_another() -> None:
    assert after(Paging(), 1) is None


def test_a_next_link_is_what_the_page_says() -> None:
    assert after(Paging(Strategy.NEXT, next="a"), 1) == "https://a.example/?next"
    assert after(Paging(Strategy.NEXT, next="a"), 1, Extraction()) is None


@pytest.mark.parametrize(
    ("start", "urls"),
    [
        (1, ["https://a.example/?page=2", "https://a.example/?page=3"]),
        (0, ["https://a.example/?page=1", "https://a.example/?page=2"]),
    ],
)
def test_pages_are_counted_from_the_number_that_the_site_gives_its_first(start: int, urls: list[str]) -> None:
    paging = Paging(Strategy.URL, url="https://a.example/?page={page}", start=start)
    assert [after(paging, number) for number in (1, 2)] == urls


def test_offsets_are_counted_in_steps() -> None:
    paging = Paging(Strategy.URL, url="https://a.example/nextRow--{offset}/{x}", step=25)
    assert [after(paging, number) for number in (1, 2)] == [
        "https://a.example/nextRow--25/{x}",
        "https://a.example/nextRow--50/{x}",
    ]


def test_an_empty_page_is_the_end_of_counted_pages() -> None:
    assert after(Paging(Strategy.URL, url="https://a.example/?page={page}"), 7, EMPTY) is None


def test_paging_by_url_without_a_url_is_a_bug() -> None:
    with pytest.raises(ValueError, match="no url is given"):
        after(Paging(Strategy.URL), 1)
