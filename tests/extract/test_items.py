"""Items that span siblings: where each begins and ends."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.extract.items import Around, items_of
from coopscrape.extract.select import Element, Item, Siblings, parse, text_of
from coopscrape.model import Layout


def root_of(html: str) -> Element:
    root = parse(html)
    assert root is not None
    return root


def layout(item: str, until: str | None = None, rows: int = 1) -> Layout:
    return Layout("one", item, (), until=until, rows=rows)


def elements(item: Item) -> Sequence[Element]:
    return item.elements if isinstance(item, Siblings) else [item]


def texts(html: str, how: Layout) -> list[list[str]]:
    return [[text_of(each) for each in elements(item)] for item in items_of(root_of(html), how)]


@pytest.mark.parametrize(
    ("html", "how", "expected"),
    [
        ("<ul><li>a<li>b</ul>", layout("li"), [["a"], ["b"]]),
        ("<dl><dt>a<dd>1<dd>2<dt>b<dt>c<dd>3</dl>", layout("dt", "dt"), [["a", "1", "2"], ["b"], ["c", "3"]]),
        ("<p>x</p><h3>a</h3>text<p>1</p><!-- c --><p>2</p><hr><p>y</p>", layout("h3", "hr"), [["a", "1", "2"]]),
        ("<h3>a</h3><p>1</p><h3>b</h3><p>2</p><hr>", layout("h3", "hr"), [["a", "1"], ["b", "2"]]),
        ("<div><h3>a</h3></div><p>1</p>", layout("h3", "h3"), [["a"]]),
        ("<section><h3>a</h3><p>1<h3>b</h3></section><h3>c</h3>", layout("h3", "h3"), [["a", "1"], ["b"], ["c"]]),
        ("<table><tr><td>a<tr><td>1<tr><td>b<tr><td>2", layout("tr", rows=2), [["a", "1"], ["b", "2"]]),
        ("<table><tr><td>a<tr><td>1<tr><td>b", layout("tr", rows=2), [["a", "1"], ["b"]]),
        ("<table><tr class=x><td>a<tr><td>1<tr><td>-<tr class=x><td>b<tr><td>2", layout(".x", rows=2), [["a", "1"], ["b", "2"]]),
        ("<p>nothing", layout("h3", "h3"), []),
        ("<p>nothing", layout("tr", rows=3), []),
    ],
)  # fmt: skip
def test_an_item_begins_and_ends_where_it_says(html: str, how: Layout, expected: list[list[str]]) -> None:
    assert texts(html, how) == expected


def test_the_nearest_heading_before_an_item_of_siblings_is_its_own() -> None:
    root = root_of("<h3>lone</h3><h2>2018</h2><h3>a</h3><p>1</p><h3>b</h3><h2>2017</h2><h3>c</h3>")
    how = layout("h3", "h2, h3")
    items = items_of(root, how)
    around = Around(root, how, items)
    assert [[text_of(each) for each in around.heading(item, "h2")] for item in items] == [
        [],
        ["2018"],
        ["2018"],
        ["2017"],
    ]


# -- laws -----------------------------------------------------------------------------------------------

TAGS = ("h2", "h3", "p", "hr", "section")
SIBLINGS = st.recursive(
    st.sampled_from(TAGS[:4]).map(lambda tag: f"<{tag}>x" + ("" if tag == "hr" else f"</{tag}>")),
    lambda inner: (
        st.lists(inner, max_size=6).map(lambda each: f"<section>{''.join(each)}</section>")
        | st.lists(inner, max_size=6).map(" text <!-- c -->".join)
    ),
    max_leaves=30,
)
SPANS = st.builds(
    layout, st.sampled_from(("h3", "h2, h3", "section > h3", "p")), st.sampled_from(("h3", "h2", "hr", "h2, hr"))
) | (st.builds(lambda css, rows: layout(css, rows=rows), st.sampled_from(("h3", "p", "h2, p")), st.integers(2, 4)))


def in_document_order(root: Element) -> dict[int, int]:
    return {node.mem_id: n for n, node in enumerate(root.traverse(include_text=False))}


@given(SIBLINGS, SPANS)
def test_an_element_belongs_to_one_item_at_most_and_their_order_is_that_of_the_page(html: str, how: Layout) -> None:
    root = root_of(html)
    place = in_document_order(root)
    found = [elements(item) for item in items_of(root, how)]
    ids = [each.mem_id for item in found for each in item]
    assert len(ids) == len(set(ids))
    assert all(place[a[0].mem_id] < place[b[0].mem_id] for a, b in pairwise(found))
    for item in found:
        assert all(place[a.mem_id] < place[b.mem_id] for a, b in pairwise(item))
        assert len({each.parent.mem_id for each in item if each.parent}) == 1
        assert len(item) <= how.rows or how.until


@given(SIBLINGS, SPANS)
def test_an_item_begins_with_what_the_selector_finds_and_no_start_is_lost(html: str, how: Layout) -> None:
    root = root_of(html)
    found = [elements(item) for item in items_of(root, how)]
    starts = {each.mem_id for each in root.css(how.item)}
    assert {item[0].mem_id for item in found} <= starts
    assert starts <= {each.mem_id for item in found for each in item}
    if how.until:
        ends = starts | {each.mem_id for each in root.css(how.until)}
        assert all(each.mem_id not in ends for item in found for each in item[1:])
