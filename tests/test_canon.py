"""When two printed values are the same."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape import canon

# Letters that join, with what may stand between them.
JOINING = st.text("eo\u0301\u0302\u00e9\u1100\u1161\u11a8 \u00a0\u200b\u200d\u00ad\ufeff\u2003\n\x1c", max_size=8)
ANY_TEXT = st.text() | JOINING
URLS = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP", "Https"]),
    st.sampled_from(
        ["example.org", "www.Example.org", "example.org:443", "example.org:80", "example.org:8080", "[::1]"]
    ),
    st.text("/ab.%2e~é ;=&", max_size=12).map(lambda path: f"/{path}" if path else ""),
    st.sampled_from(["", "?", "?a=1", "?b=2&a=1", "?utm_source=x", "?utm_source=x&a=1", "?a=%2F&&b"]),
    st.sampled_from(["", "#", "#top"]),
)


@given(ANY_TEXT)
def test_the_canonical_form_of_a_canonical_text_is_itself(text: str) -> None:
    once = canon.text(text)
    assert canon.text(once) == once


@given(ANY_TEXT)
def test_a_canonical_text_has_no_blank_at_its_ends_none_twice_and_no_other_white_space(text: str) -> None:
    form = canon.text(text)
    assert form is not None
    assert form.split() == (form.split(" ") if form else [])


@given(ANY_TEXT)
def test_composed_and_decomposed_letters_are_the_same(text: str) -> None:
    assert canon.text(unicodedata.normalize("NFD", text)) == canon.text(unicodedata.normalize("NFC", text))


def test_an_invisible_character_does_not_keep_an_accent_from_its_letter() -> None:
    assert canon.text("Cafe\u200b\u0301") == canon.text("Cafe\u0301") == "Caf\u00e9"


@pytest.mark.parametrize(
    "printed",
    [
        "Decent work",
        " Decent\u00a0work ",
        "Decent\r\n\twork",
        "De\u00adcent wo\u200brk",
        "\ufeffDecent work\u200e",
        "Decent\u2003\u2009work",
        "Decent \u200b work",
        "\u200bDecent\u200d \u00a0work",
    ],
)
def test_blanks_and_invisible_characters_do_not_tell_two_texts_apart(printed: str) -> None:
    assert canon.text(printed) == "Decent work"


def test_words_case_accents_and_punctuation_do_tell_two_texts_apart() -> None:
    texts = ["Decent work", "decent work", "Décent work", "Decent work.", "Decentwork", "Decent-work"]
    assert len({canon.text(text) for text in texts}) == len(texts)


def test_no_element_and_a_blank_one_differ() -> None:
    assert canon.text(None) is None
    assert canon.text(" \n\u00a0") == ""
    assert canon.link(None) is None


@given(URLS)
def test_the_canonical_form_of_a_canonical_link_is_itself(url: str) -> None:
    once = canon.link(url)
    assert canon.link(once) == once


@given(ANY_TEXT)
def test_whatever_stands_in_a_link_it_has_a_form_and_keeps_it(url: str) -> None:
    once = canon.link(url)
    assert canon.link(once) == once


@given(URLS)
def test_a_canonical_link_goes_where_the_link_went(url: str) -> None:
    before, after = urlsplit(url), urlsplit(canon.link(url) or "")
    assert after.scheme == "https"
    assert (before.hostname or "").removeprefix("www.") == after.hostname
    assert after.fragment == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://www.example.org/a/b?x=1&y=2",
        "HTTPS://Example.ORG:443/a/b?x=1&y=2#part",
        "https://example.org./a/b?utm_source=rss&x=1&y=2&fbclid=abc",
        "https://example.org/a/b;jsessionid=0A1B?x=1&y=2",
        "https://example.org/%61/b?&x=1&&y=2",
        "  https://example.org:80/a/b?x=1&y=2\n",
    ],
)
def test_one_page_under_many_addresses_is_one_link(url: str) -> None:
    assert canon.link(url) == "https://example.org/a/b?x=1&y=2"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/a/"),
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org/?a=1&b=2", "https://example.org/?b=2&a=1"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
        ("https://example.org/a%3Fb", "https://example.org/a?b"),
        ("https://example.org:8080/", "https://example.org/"),
        ("https://news.example.org/", "https://example.org/"),
        ("https://example.org/?source=a", "https://example.org/?source=b"),
    ],
)
def test_what_may_be_two_pages_stays_two_links(one: str, other: str) -> None:
    assert canon.link(one) != canon.link(other)


@pytest.mark.parametrize(
    "url", ["mailto:a@example.org", "javascript:void(0)", "/relative", "https://[broken", "x:99999"]
)
def test_what_is_no_web_address_is_compared_as_text(url: str) -> None:
    assert canon.link(f" {url} ") == url


@given(st.text(), st.text())
def test_an_entry_has_the_same_short_name_for_ever(source: str, key: str) -> None:
    name = canon.entry_id(source, key)
    assert len(name) == 16
    assert set(name) <= set("0123456789abcdef")
    assert name == canon.entry_id(source, key)


def test_the_name_of_an_entry_is_written_down_here_because_people_cite_it() -> None:
    assert canon.entry_id("ilo-coop", "WCMS_632401") == "6564065062c30ee1"


def test_source_and_key_do_not_run_together() -> None:
    assert canon.entry_id("ab", "c") != canon.entry_id("a", "bc")
