"""Asking whether a page has changed."""

from __future__ import annotations

import pytest

from coopscrape.fetch.revalidate import revived, validators
from fetch.raw import asking, page

URL = "http://127.0.0.1/list"


def test_what_the_server_said_is_said_back_verbatim() -> None:
    known = page(URL, etag='W/"a  b,\xe9"', last_modified="Wed, 20 Jun 2018 09:30:00 +0200 (odd)")
    assert validators(known) == {
        "If-None-Match": 'W/"a  b,\xe9"',
        "If-Modified-Since": "Wed, 20 Jun 2018 09:30:00 +0200 (odd)",
    }


def test_nothing_remembered_is_nothing_said() -> None:
    assert validators(None) == validators(page(URL)) == validators(page(URL, etag="", last_modified="")) == {}


@pytest.mark.parametrize("etag", ['"a"\r\nCookie: 1', '"a\x00"', '"☃"', ' "a"', '"a\x7f"'])
def test_what_no_header_can_hold_is_not_said(etag: str) -> None:
    assert validators(page(URL, etag=etag, last_modified="x")) == {"If-Modified-Since": "x"}


def test_a_page_seen_again_is_the_same_page_later() -> None:
    known = page(URL, etag='"a"', last_modified="x")
    again = revived(known, asking(URL + "?b"), fetched_at="2019-01-01T00:00:00.000Z", elapsed=0.5)
    assert (again.body, again.digest, again.content_type, again.etag, again.last_modified, again.signals) == (
        known.body,
        known.digest,
        known.content_type,
        known.etag,
        known.last_modified,
        known.signals,
    )
    assert (again.url, again.asked, again.fetched_at, again.elapsed) == (
        URL + "?b",
        URL + "?b",
        "2019-01-01T00:00:00.000Z",
        0.5,
    )
    assert not again.fresh


def test_what_a_304_says_anew_wins() -> None:
    known = page(URL, etag='"a"', last_modified="x")
    news = (("x-robots-tag", "none"),)
    again = revived(known, asking(URL), fetched_at=known.fetched_at, elapsed=0, etag='"b"', signals=news)
    assert (again.etag, again.last_modified, again.signals) == ('"b"', "x", news)
