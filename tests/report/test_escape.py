"""What a page said must not steer a terminal, nor mean anything in any other format."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from coopscrape.report.data import as_json
from coopscrape.report.escape import LONGEST_SAID, harmless, in_csv, in_markdown, in_xml, said

# All that there is, and what means something somewhere more often than by chance.
BITING = st.text("\\`*_{}[]()<>#+-.!|~$^&;:'\"=@%/1 \t\n\r\x00\x1b\u202e\u200b\u2028\ud800a＝", max_size=30)
ANY_TEXT = st.text(st.characters(codec=None, categories=None)) | BITING
STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def steering(text: str) -> set[str]:
    return {one for one in text if unicodedata.category(one) in STEERING}


def test_control_and_bidi_characters_are_shown_by_their_number() -> None:
    assert harmless("a\x1b[2Jb") == "a<U+001B>[2Jb"
    assert harmless("user\u202etxt.exe") == "user<U+202E>txt.exe"
    assert harmless("zero\u200bwidth") == "zero<U+200B>width"
    assert harmless("\x9b31m\x7f\r\b") == "<U+009B>31m<U+007F><U+000D><U+0008>"
    assert harmless("half a pair: \ud83d") == "half a pair: <U+D83D>"
    assert harmless("tag \U000e0041") == "tag <U+E0041>"


def test_what_is_only_text_stays_what_it_is() -> None:
    text = "Coopératives, 合作社, תעאונייה, no-break\u00a0space, 👩 e\u0301"
    assert harmless(text) == text


def test_line_feeds_stay_only_where_they_are_asked_for() -> None:
    assert harmless("a\nb") == "a<U+000A>b"
    assert harmless("a\nb", newlines=True) == "a\nb"


@given(ANY_TEXT)
def test_nothing_that_steers_comes_through(text: str) -> None:
    assert not steering(harmless(text))
    assert steering(harmless(text, newlines=True)) <= {"\n"}


@given(ANY_TEXT)
def test_what_a_page_says_can_be_written_in_utf_8_on_one_line(text: str) -> None:
    assert len(said(text).encode().splitlines()) <= 1


def test_a_text_without_end_is_cut_for_people_and_says_so() -> None:
    assert said("a" * LONGEST_SAID) == "a" * LONGEST_SAID
    assert said("a" * 2_000_000).endswith("aaa ... and 1,990,000 characters more")
    assert len(said("a" * 2_000_000)) < LONGEST_SAID + 100


@given(ANY_TEXT)
def test_json_keeps_the_value_and_steers_nothing(text: str) -> None:
    printed = as_json({"title": text})
    assert json.loads(printed) == {"title": _paired(text)}
    assert steering(printed) <= {"\n"}


def _paired(text: str) -> str:
    """Two halves of a pair that happen to stand side by side are a character, once they have been through JSON."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


# -- Markdown

MARKDOWN = {name: MarkdownIt(name).disable("linkify", True) for name in ("commonmark", "gfm-like")}


@given(ANY_TEXT)
def test_markdown_shows_the_text_and_nothing_else(text: str) -> None:
    shown = said(text).strip()
    expected = f"<p>{_by_markdown(shown)}</p>\n" if shown else ""
    for flavour, renderer in MARKDOWN.items():
        renderer.options["linkify"] = False
        assert renderer.render(in_markdown(text)) == expected, flavour
    assert not steering(in_markdown(text))


def _by_markdown(text: str) -> str:
    """As its renderer writes text."""
    return html.escape(text, quote=False).replace('"', "&quot;")


@pytest.mark.parametrize(
    "text",
    [
        "# heading",
        "1. one",
        "12) two",
        "- item",
        "+ item",
        "* item",
        "> quoted",
        "---",
        "===",
        "[a](javascript:alert(1))",
        "![x](https://example.org/x)",
        "<script>alert(1)</script>",
        "<https://example.org>",
        "`code`",
        "~~struck~~",
        "a | b",
        "&amp; &#x202e;",
        "\\*",
        "[x]: https://example.org",
    ],
)
def test_what_means_something_in_markdown_means_nothing(text: str) -> None:
    assert MARKDOWN["gfm-like"].render(in_markdown(text)) == f"<p>{_by_markdown(text)}</p>\n"


# -- CSV


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_a_cell_is_no_formula_and_comes_back_as_it_was(texts: list[str]) -> None:
    table = io.StringIO(newline="")
    csv.writer(table).writerow(map(in_csv, texts))
    (row,) = csv.reader(io.StringIO(table.getvalue(), newline=""), strict=True)
    assert [cell.removeprefix("'") for cell in row] == [harmless(text, newlines=True) for text in texts]
    for cell in row:
        assert not re.match(r"[=+\-@\t\r\n＝＋－＠]", cell)
        assert steering(cell) <= {"\n"}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "'=1", '=HYPERLINK("https://example.org")'])
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert in_csv(text) == f"'{text}"


# -- XML and HTML

PUT_RIGHT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def _shown(text: str) -> str:
    return re.sub("[\u202a-\u202e\u2066-\u2069]", lambda m: f"<U+{ord(m[0]):04X}>", PUT_RIGHT.sub("\ufffd", text))


@given(ANY_TEXT)
def test_xml_says_the_text_in_elements_and_attributes(text: str) -> None:
    document = f'<a b="{in_xml(text)}">{in_xml(text)}</a>'
    element = ElementTree.fromstring(document.encode())
    assert (element.text or "") == _shown(text)
    assert element.get("b") == re.sub(r"[\t\n]", " ", _shown(text))
    assert list(element) == []


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(ANY_TEXT)
def test_html_says_the_text_in_elements_and_attributes(text: str) -> None:
    for quote in ('"', "'"):
        seen = Seen()
        seen.feed(f"<p title={quote}{in_xml(text)}{quote}>{in_xml(text)}</p>")
        seen.close()
        assert seen.tags == [("p", [("title", _shown(text))])]
        assert seen.text == _shown(text)


def test_joiners_stay_where_markup_can_bear_them_and_what_turns_the_text_does_not() -> None:
    assert in_xml("می\u200cخواهم") == "می\u200cخواهم"
    assert in_xml("user\u202etxt.exe") == "user&lt;U+202E&gt;txt.exe"
