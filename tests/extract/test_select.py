"""The text of an element, and selectors that cannot be used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.extract import selector_fault
from coopscrape.extract.printed import lines, mended, one_line
from coopscrape.extract.select import Finds, find, parse, text_of
from coopscrape.model import Text


def text(html: str, css: str = "div", which: Text = Text.ALL) -> str:
    root = parse(html)
    assert root is not None
    return text_of(find(root, css)[0], which)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<div>a<b>b</b>c", "abc"),
        ("<div>a <b> b</b>\n\tc", "a b c"),
        ("<div>a<br>b<br/><br>c", "a\nb\nc"),
        ("<div>a<p>b</p>c", "a\nb\nc"),
        ("<div><p>a</p><p>b</p></div>", "a\nb"),
        ("<div><span><p>a</p></span>b", "a\nb"),
        ("<div><ul><li>a<li>b</ul>c", "a\nb\nc"),
        ("<div><table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>d", "a\nb\nc\nd"),
        ("<div>a&nbsp;&nbsp;<span></span>", "a"),
        ("<div>a<script>x</script>b<style>y</style>c<template>z</template>d<!-- e -->", "abcd"),
        ("<div><script>x</script>a", "a"),
        ("<div><noscript>a</noscript>", "a"),
        ("<div><p>a</p>\n  <p> </p>\n<p>b</p>", "a\nb"),
        ("<div></div>after", ""),
        ("<div><p>a</p></div>after", "a"),
        ("<div><p><i>a<p>b</i>c</div>", "a\nbc"),
        ("<div>20\n  June\r\n2018", "20 June 2018"),
        ("<div>a<hr>b<wbr>c&shy;d", "a\nbc\u00add"),
    ],
)
def test_blocks_part_lines_and_inline_elements_do_not_part_words(html: str, expected: str) -> None:
    assert text(html) == expected


def test_what_follows_an_element_is_not_in_it() -> None:
    assert text("<div><p>a<b>b</b></p></div><p>c</p>") == "ab"
    assert text("<ul><li><p>a</p><li>b", "li") == "a"


def test_what_an_option_says_is_read_once() -> None:
    html = "<div><select><button><selectedcontent></selectedcontent></button><option selected>a<option>b</select>"
    assert text(html) == "a\nb"


def test_a_script_has_no_text() -> None:
    assert text("<script>x</script>", "script") == ""


@pytest.mark.parametrize(
    ("html", "which", "expected"),
    [
        ("<div>20 June <b>News</b> 2018<p>x</p>y", Text.OWN, "20 June 2018\ny"),
        ("<div><b>x</b></div>", Text.OWN, ""),
        ("a<div>x</div> 20 June 2018 <br> Geneva", Text.AFTER, "20 June 2018"),
        ("<div>x</div> <br> 20 June<!-- c --> 2018<br>Geneva", Text.AFTER, "20 June 2018"),
        ("<div>x</div><b>y</b>20 June", Text.AFTER, ""),
        ("<div>x</div>", Text.AFTER, ""),
        ("Geneva<br>20 June<!-- c --> 2018 <br> <div>x</div>", Text.BEFORE, "20 June 2018"),
        ("20 June<b>y</b><div>x</div>", Text.BEFORE, ""),
    ],
)
def test_own_text_and_text_beside(html: str, which: Text, expected: str) -> None:
    assert text(html, "div", which) == expected


@given(st.text())
def test_folding_twice_is_folding_once(printed: str) -> None:
    assert one_line(one_line(printed)) == one_line(printed)
    assert lines(lines(printed)) == lines(printed)
    assert lines(one_line(printed)) == one_line(printed)


@given(st.text())
def test_no_value_holds_what_cannot_be_stored(printed: str) -> None:
    for kept in (one_line(printed), lines(printed), mended(printed)):
        kept.encode("utf-8")
        assert not set(kept) & {chr(c) for c in range(32)} - {"\n", "\t"}
        assert not set(kept) & {chr(c) for c in range(0x7F, 0xA0)}


def test_mending_shows_that_something_stood_there_and_leaves_bidi_alone() -> None:
    assert mended("a\x00b\x01c\x9bd\ud800e\u202ef") == "ab\ufffdc\ufffdd\ufffde\u202ef"


# -- selectors --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "css", ["a", "div.x > li:nth-child(2)", "li:has(> a):not(.x)", 'a[href*="@x"]', "p:is(.a, .b)", "h2 + p", "*"]
)
def test_a_selector_that_can_be_used_has_no_fault(css: str) -> None:
    assert selector_fault(css) is None


@pytest.mark.parametrize(
    ("css", "taught"),
    [
        ("", "the whole item"),
        (" ", "the whole item"),
        ("p:contains('x')", "skip"),
        ("a::text", "the text is taken anyway"),
        ("a::attr(href)", "after the selector: 'a @href'"),
        ("a @href", "written last"),
        ("//div/a", "XPath"),
        ("> p", "name the item"),
        (":scope > p", "inside the item already"),
        ("li:eq(1)", ":nth-child(1)"),
        ("li:first", "the first that yields"),
        ("p::before", "only elements"),
        ("p[", "no selector that can be used"),
        ("p\ud800", "no selector that can be used"),
    ],
)
def test_a_selector_that_cannot_says_why_and_what_to_do(css: str, taught: str) -> None:
    assert taught in (selector_fault(css) or "")


@given(st.text(max_size=20))
def test_no_selector_makes_the_judge_raise(css: str) -> None:
    selector_fault(css)


PARTS = st.sampled_from(
    ["<li>", "</li>", "<p class=a>", "</p>", "<h3>", "</h3>", "<a b>", "</a>", "<div>", "</div>", "x"]
)
ASKED = (
    "p",
    ".a",
    "h3 a",
    "h3 > a",
    "li",
    "li a",
    "a[b]",
    "[b]",
    "p.a",
    "div h3 > a",
    ".a a",
    "p, a",
    "li + li",
    "h3 a:first-child",
    "*",
    "",
)


@given(st.lists(PARTS, max_size=60), st.sampled_from(["ul > li", "li", "p", "ul > *", "h3", "div li"]))
def test_in_each_of_several_items_the_same_is_found_as_in_it_alone(parts: list[str], items: str) -> None:
    root = parse(f"<div class=a><h3><ul>{''.join(parts)}<li><h3><a b>1</a></h3><li><p class=a>2<li>3</ul></h3></div>")
    assert root is not None
    elements = find(root, items)
    finds = Finds(elements)
    for css in ASKED:
        together = [[each.mem_id for each in finds.find(item, css)] for item in elements]
        assert together == [[each.mem_id for each in find(item, css)] for item in elements], css
