"""Pages that cost far more than their length to parse, to search, or to keep: refused, or read within the bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hostile.behaviour import DOUBT, READ, Behaviour, Right, page, serves

MIB: Final = 2**20
ROOM: Final = 9 * MIB


def beside(markup: Callable[[], str]) -> Callable[[], str]:
    """The listing as it was, with this beside it."""
    return lambda: page(aside=markup())


def before(markup: Callable[[], str]) -> Callable[[], str]:
    """The same, but before anything else."""
    return lambda: markup() + page()


def inside(markup: Callable[[], str]) -> Callable[[], str]:
    """The same, but in the list."""
    return lambda: page().replace("</ol>", markup() + "</ol>")


def in_title(text: Callable[[], str]) -> Callable[[], str]:
    return lambda: page().replace("Cooperative story 1:", text() + " Cooperative story 1:")


def _row(name: str, words: str, make: Callable[[], str], right: Right = DOUBT) -> Behaviour:
    return Behaviour(name, words, serves(make), right, group="large" if right == DOUBT else "heavy")


# Either it is read as it was, or it is not believed. Never: something else is read.
SAFE: Final = READ | DOUBT


def many(piece: str, size: int = ROOM) -> Callable[[], str]:
    return lambda: piece * (size // len(piece.encode()))


def linked(piece: str) -> Callable[[], str]:
    """The first entry leads to an address of so many."""
    return lambda: page().replace('href="/items/', f'href="/{many(piece)()}', 1)


def titled(piece: str) -> Callable[[], str]:
    """The first entry is called so, many times over."""
    return lambda: page().replace("Cooperative story 1:", many(piece)(), 1)


def numbered(piece: str, count: int) -> Callable[[], str]:
    return lambda: "".join(piece.format(n) for n in range(count))


# Where an end tag is no end tag: what stands before it, and behind it.
SHELLS: Final = {
    "a textarea": ("<textarea>", "</textarea>"),
    "a title": ("<title>", "</title>"),
    "a comment that is none": ("<!x ", ">"),
    "an attribute": ("<p a='>", "'>"),
    "a select": ("<select>", "</select>"),
    "an object": ("<object>", "</object>"),
    "a template": ("<template>", "</template>"),
    "an iframe": ("<iframe>", "</iframe>"),
    "CDATA": ("<svg><![CDATA[", "]]></svg>"),
    "a style": ("<style>", "</style>"),
}


def fake(before: str, after: str) -> Callable[[], str]:
    """3,000 formatting elements, whose end tags are none, and then paragraphs that open them all again."""
    return lambda: "".join(f"<b a={n}>{before}</b>{after}" for n in range(3_000)) + "<p>x" * 3_000


ROWS: Final = (
    _row(
        "a link of 9 MiB to the next page",
        "first of all",
        before(lambda: f'<a class="next" href="/{"x" * ROOM}">'),
    ),
    _row("an entry whose link has 9 MiB", "é, which a url spells %C3%A9", linked("é")),
    _row("an entry whose link has 9 MiB of escapes", "%C3%A9, again and again", linked("%C3%A9")),
    _row("an entry whose title has 9 MiB of escape characters", "ESC, which no terminal may see", titled("\x1b")),
    _row("an entry whose title has a million words", "9 MiB", titled("wordword ")),
    # -- elements in elements
    _row("a million nested elements", "<div>, a million times", beside(lambda: "<div>" * 1_000_000)),
    _row("190,000 nested elements", "<div>, as often as tags are read", beside(lambda: "<div>" * 190_000)),
    _row("19,000 nested elements", "<div>, just below the look", beside(lambda: "<div>" * 19_000), SAFE),
    _row("400 nested elements", "deep, but not too deep", beside(lambda: "<div>" * 400 + "</div>" * 400), READ),
    _row("nested elements before the list", "<div>, 190,000 times, first", before(lambda: "<div>" * 190_000)),
    _row("nested tables", "a table in a cell in a table", beside(lambda: "<table><tr><td>" * 60_000)),
    _row("nested tables without cells", "<table> in <table>", beside(lambda: "<table>" * 190_000), SAFE),
    _row("nested svg", "<svg> in <g>", beside(lambda: "<svg>" + "<g>" * 190_000)),
    _row("nested math", "<math> in <mrow>", beside(lambda: "<math>" + "<mrow>" * 190_000)),
    _row("nested templates", "<template> in <template>", beside(lambda: "<template>" * 190_000)),
    _row("svg in html in svg", "<svg><foreignObject>", beside(lambda: "<svg><foreignObject><div>" * 60_000)),
    _row("nested lists", "<ul><li> in each other", beside(lambda: "<ul><li>" * 95_000)),
    _row("nested links", "<a> in <a>, which HTML forbids", beside(lambda: "<a>" * 190_000), SAFE),
    _row("nested buttons", "<button> in <button>", beside(lambda: "<button>" * 190_000), SAFE),
    _row("nested definitions", "<dl><dd> in each other", beside(lambda: "<dl><dd>" * 95_000)),
    _row("nested forms and spans", "<span>, inline all the way", beside(lambda: "<span>" * 190_000)),
    _row("nested unknown elements", "<x-y> in <x-y>", beside(lambda: "<x-y>" * 190_000)),
    _row("nested ruby", "<ruby><rt> in each other", beside(lambda: "<ruby><rt>" * 95_000)),
    _row("nested selects", "<select><option>", beside(lambda: "<select><option>" * 95_000), SAFE),
    # -- formatting
    _row(
        "formatting that multiplies",
        "<b> with other attributes, and paragraphs",
        beside(lambda: "".join(f"<b a={n}>" for n in range(1_000)) + "<p>" * 3_000),
    ),
    _row("formatting in formatting", "<b><i><u>, 60,000 times", beside(lambda: "<b><i><u>" * 60_000), SAFE),
    _row("formatting without attributes", "<font>, never closed, in cells", beside(lambda: "<font><p>" * 95_000), SAFE),
    _row("formatting, misnested", "<a><b></a>", beside(lambda: "<a><p><b></a>" * 45_000), SAFE),
    _row("formatting in tables", "<table><b> is moved before the table", beside(lambda: "<table><b>" * 95_000), SAFE),
    _row("nobr in nobr", "<nobr>, which closes itself", beside(lambda: "<nobr>" * 190_000), SAFE),
    # -- formatting that seems to be closed
    *(
        replace(
            _row(
                f"formatting closed in {name}",
                f"</b> in {shell[0]}, where it closes nothing",
                beside(fake(*shell)),
                SAFE,
            ),
            seldom=n % 5 > 0,
        )
        for n, (name, shell) in enumerate(SHELLS.items())
    ),
    # -- attributes
    _row(
        "300,000 attributes", "on one element", beside(lambda: "<p " + " ".join(f"a{n}" for n in range(300_000)) + ">")
    ),
    _row(
        "300,000 attributes on body",
        "added one by one",
        beside(lambda: "".join(f"<body a{n}=1>" for n in range(190_000))),
    ),
    _row(
        "300,000 attributes on html",
        "added one by one",
        beside(lambda: "".join(f"<html a{n}=1>" for n in range(100_000))),
    ),
    _row(
        "9,000 attributes on each of 60",
        "just below the bound",
        beside(lambda: ("<p " + " ".join(f"a{n}" for n in range(9_000)) + ">") * 60),
        SAFE,
    ),
    _row("the same attribute a million times", "a a a a", beside(lambda: "<p" + " a" * 1_000_000 + ">"), SAFE),
    _row(
        "200,000 different attributes",
        "on a thousand elements",
        beside(
            lambda: "".join(
                "<p " + " ".join(f"a{n}" for n in range(at, at + 200)) + ">" for at in range(0, 200_000, 200)
            )
        ),
    ),
    _row(
        "four million attributes",
        "200 on each element",
        beside(lambda: ("<p " + " ".join(f"a{n}" for n in range(200)) + ">") * 10_000),
    ),
    _row(
        "attributes on a thousand bodies",
        "9,000 on each",
        beside(lambda: ("<body " + "".join(f"a{n} " for n in range(1_000)) + ">") * 1_000),
    ),
    _row(
        "100,000 scripts that never end",
        "<script>, again and again",
        beside(lambda: "<script>" * 100_000 + "x" * (8 * MIB)),
        SAFE,
    ),
    _row("an attribute of 9 MiB", "data-x", beside(lambda: f'<p data-x="{"x" * ROOM}">'), SAFE),
    _row(
        "an attribute that never ends",
        "a quote that is not closed",
        beside(lambda: '<p a="' + "x>" * (ROOM // 2)),
        SAFE,
    ),
    _row("attributes of quotes", "a=\"\" b='' and so on", beside(lambda: "<p " + "a=''\"" * 1_500_000), SAFE),
    _row("equals signs", "<p =====", beside(lambda: "<p " + "=" * ROOM + ">"), SAFE),
    # -- much of one thing
    _row("two million <", "and nothing else", beside(many("<", 2_000_000))),
    _row("a million </", "end tags of nothing", beside(many("</", 2_000_000))),
    _row("a million <!--", "comments in a comment", beside(lambda: "<!--" * 1_000_000), SAFE),
    _row("190,000 comments", "one after the other", beside(lambda: "<!---->" * 190_000), READ),
    _row("190,000 empty paragraphs", "</p> alone makes one", beside(lambda: "</p>" * 190_000), READ),
    _row("190,000 line breaks", "</br> makes one, too", beside(lambda: "<br>" * 190_000), READ),
    _row("a million options", "in one select", beside(lambda: "<select>" + "<option>" * 1_000_000)),
    _row("190,000 options", "in one select", beside(lambda: "<select>" + "<option>a" * 190_000), SAFE),
    _row("a million selects", "one after the other", beside(lambda: "<select></select>" * 500_000)),
    _row("100,000 body tags", "<body>", beside(lambda: "<body>" * 100_000), SAFE),
    _row("100,000 html tags", "<html>", beside(lambda: "<html>" * 100_000), SAFE),
    _row("100,000 base tags", "<base href>", before(lambda: '<base href="/">' * 100_000), SAFE),
    _row("190,000 rows of a table", "without cells", beside(lambda: "<table>" + "<tr>" * 190_000), SAFE),
    _row(
        "text in a table", "is moved before it, letter by letter", beside(lambda: "<table>" + "<tr>x" * 190_000), SAFE
    ),
    _row("190,000 framesets", "<frameset>", beside(lambda: "<frameset>" * 190_000), SAFE),
    _row(
        "190,000 different elements",
        "<a1>, <a2>, ...",
        beside(lambda: "".join(f"<a{n}></a{n}>" for n in range(95_000))),
        SAFE,
    ),
    # -- text
    _row("a text of 9 MiB", "one text node", beside(many("x")), READ),
    _row("a text of 2 million smileys", "four bytes each in memory", beside(many("\U0001f600", 8_000_000)), READ),
    _row("one smiley in 9 MiB", "and all letters take four bytes", beside(lambda: "\U0001f600" + "x" * ROOM), READ),
    _row("two million entities", "&amp;", beside(many("&amp;")), READ),
    _row(
        "a million long entities",
        "&CounterClockwiseContourIntegral;",
        beside(many("&CounterClockwiseContourIntegral;")),
        READ,
    ),
    _row("entities that are none", "&aaaaaa", beside(many("&notit")), READ),
    _row("an entity of 9 MiB", "&#111111...", beside(lambda: "&#" + "1" * ROOM + ";"), READ),
    _row("a comment that never ends", "<!-- and 9 MiB", beside(lambda: "<!--" + "x" * ROOM), SAFE),
    _row("a comment of dashes", "<!-------", beside(lambda: "<!--" + "-" * ROOM), SAFE),
    _row("a comment of --!", "ends that are none", beside(lambda: "<!--" + "--!" * (ROOM // 3)), SAFE),
    _row(
        "a script that never ends", "<script> and 9 MiB", beside(lambda: "<script>" + "x<" * 90_000 + "x" * ROOM), SAFE
    ),
    _row("a script of escapes", "<script><!--<script>", beside(lambda: "<script>" + "<!--<script>" * 90_000), SAFE),
    _row("plain text for ever", "<plaintext>", beside(lambda: "<plaintext>" + "x" * ROOM), SAFE),
    _row("a textarea that never ends", "<textarea>", beside(lambda: "<textarea>" + "x" * ROOM), SAFE),
    _row("a title that never ends", "<title>, before all else", before(lambda: "<title>" + "x" * ROOM), READ),
    _row("CDATA that never ends", "<svg><![CDATA[", beside(lambda: "<svg><![CDATA[" + "]]" * (ROOM // 2)), SAFE),
    _row("a tag name of 9 MiB", "<xxxx", beside(lambda: "<" + "x" * ROOM + ">"), SAFE),
    _row("a doctype of 9 MiB", "<!doctype xxxx", before(lambda: "<!doctype " + "x" * ROOM + ">"), SAFE),
    _row("9 MiB of line feeds", "and nothing else", beside(many("\n")), READ),
    _row("9 MiB of spaces in a tag", "<p      ", beside(lambda: "<p" + " " * ROOM + ">"), SAFE),
    _row("9 MiB of zero bytes", "NUL", beside(many("\x00")), SAFE),
    # -- in the list itself
    _row("190,000 items", "that are all empty", inside(lambda: "<li>" * 190_000), SAFE),
    _row("60,000 items with titles", "that are all alike", inside(lambda: "<li><h3><a>x</a></h3>" * 60_000), SAFE),
    _row(
        "60,000 links to a next page",
        "the first counts",
        beside(lambda: '<a class="next" href="#x"></a>' * 60_000),
        SAFE,
    ),
    _row(
        "a base of 9 MiB", "<base href>", before(lambda: f'<base href="/{"x" * ROOM}/">'), SAFE | {"address", "changed"}
    ),
)
