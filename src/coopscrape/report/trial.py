"""What came of trying one page -> the entries, and which selector caught what, for people who write selectors. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from coopscrape.model import Content, Extraction, Miss, Page, Row
from coopscrape.report import said as words
from coopscrape.report.escape import said
from coopscrape.report.layout import Span, paragraph, table
from coopscrape.report.paint import Paint, plain


class Failure(Protocol):
    @property
    def item(self) -> int: ...
    @property
    def text(self) -> str | None: ...
    @property
    def reason(self) -> str: ...


class WayUsed(Protocol):
    @property
    def index(self) -> int: ...
    @property
    def css(self) -> str: ...
    @property
    def caught(self) -> int: ...


class FieldSeen(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def optional(self) -> bool: ...
    @property
    def filled(self) -> int: ...
    @property
    def ways(self) -> Sequence[WayUsed]: ...
    @property
    def failures(self) -> Sequence[Failure]: ...
    @property
    def inferred(self) -> int: ...


class LayoutSeen(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def guard(self) -> str | None: ...
    @property
    def held(self) -> bool: ...
    @property
    def items(self) -> int: ...
    @property
    def entries(self) -> int: ...
    @property
    def fields(self) -> Sequence[FieldSeen]: ...
    @property
    def dropped(self) -> Sequence[tuple[int, str]]: ...


class Explanation(Protocol):
    """extract.Explanation."""

    @property
    def extraction(self) -> Extraction: ...
    @property
    def layouts(self) -> Sequence[LayoutSeen]: ...
    @property
    def charset(self) -> str: ...
    @property
    def charset_why(self) -> str: ...


def trial_text(
    source: str,
    outcome: Page | Miss,
    explanation: Explanation | None,
    doubts: Sequence[str] = (),
    paint: Paint = plain,
    width: int | None = None,
) -> str:
    """The entries first, then field by field why."""
    lines = [f"{paint(said(source), 'heading')}  {said(outcome.url)}"]
    if isinstance(outcome, Miss):
        return "\n".join([*lines, *_missed(outcome, paint, width)]) + "\n"
    if explanation is None:
        return "\n".join(lines) + "\n"
    extraction = explanation.extraction
    lines += _page(outcome, explanation, doubts, paint, width)
    for n, row in enumerate(extraction.rows, 1):
        lines += ["", *_row(n, row, paint, width)]
    lines += _side_by_side(explanation, paint, width)
    for layout in explanation.layouts:
        lines += ["", *_layout(layout, layout.name == extraction.layout, paint, width)]
    return "\n".join(lines) + "\n"


def _missed(miss: Miss, paint: Paint, width: int | None) -> list[str]:
    return paragraph([(f"missed: {miss.why}: {said(miss.detail)}", "warn")], paint, width)


def _page(page: Page, explanation: Explanation, doubts: Sequence[str], paint: Paint, width: int | None) -> list[str]:
    extraction = explanation.extraction
    facts = [
        f"{page.status}",
        f"{len(page.body):,} bytes",
        f"{said(explanation.charset)} ({said(explanation.charset_why)})",
        f"{words.count(len(extraction.rows), 'entry', 'entries')} of {words.count(extraction.items, 'item')}",
        f"layout {said(extraction.layout)!r}" if extraction.layout is not None else "no layout reads it",
    ]
    lines = paragraph([(", ".join(facts), "dim")], paint, width)
    for one in doubts:
        lines += paragraph([(f"in doubt: {said(one)}", "warn")], paint, width, "  ", paint("! ", "warn"))
    following = said(extraction.next_url) or "none"
    return [*lines, paint(f"next page: {following}", "dim")]


def _row(n: int, row: Row, paint: Paint, width: int | None) -> list[str]:
    content, indent = row.content, " " * 6
    number = row.number if row.number is not None else n
    head = f"{words.day(content)}  {words.category(content)}"
    lines = paragraph([(head, "")], paint, width, indent, f"{number:>4}. ")
    lines += paragraph([(words.title(content), "title")], paint, width, indent)
    if said(content.summary):
        lines += paragraph([(said(content.summary), "dim")], paint, width, indent + "  ")
    lines.append(indent + paint(said(content.link) or "(no link)", "dim"))
    lines += _extra(content, paint, width, indent)
    weak = ", made of title and date: give it a link or an id of its own" if row.weak else ""
    lines += paragraph([(f"key: {said(row.key)}{weak}", "warn" if weak else "dim")], paint, width, indent)
    return lines


def _extra(content: Content, paint: Paint, width: int | None, indent: str) -> list[str]:
    return [
        line
        for name, value in content.extra
        for line in paragraph([(f"{said(name)}: {said(value) or '-'}", "dim")], paint, width, indent)
    ]


def _side_by_side(explanation: Explanation, paint: Paint, width: int | None) -> list[str]:
    """Of several layouts what each would read: a line a field, a column a layout."""
    layouts = explanation.layouts
    if len(layouts) < 2:
        return []
    fields = dict.fromkeys(field.name for layout in layouts for field in layout.fields)
    rows = [
        _across("reads this page", ["yes" if one.name == explanation.extraction.layout else "no" for one in layouts]),
        _across("guard", [("found" if one.held else "not found") if one.guard else "none" for one in layouts]),
        _across("entries", [f"{one.entries} of {words.count(one.items, 'item')}" for one in layouts]),
        *(_across(said(name), [_filled(one, name) for one in layouts]) for name in fields),
    ]
    head = ("layouts", *(repr(said(one.name)) for one in layouts))
    return ["", *table(head, rows, paint, width).splitlines()]


def _across(name: str, cells: Sequence[str]) -> list[Span]:
    return [(name, ""), *((cell, "") for cell in cells)]


def _filled(layout: LayoutSeen, name: str) -> str:
    field = next((one for one in layout.fields if one.name == name), None)
    return "-" if field is None else f"{field.filled} of {layout.entries}"


def _layout(layout: LayoutSeen, reads: bool, paint: Paint, width: int | None) -> list[str]:
    state = "reads this page" if reads else "is not asked, another one reads it" if layout.held else "guard not found"
    guard = f" (guard: {said(layout.guard)})" if layout.guard else ""
    amount = f"{words.count(layout.items, 'item')}, {words.count(layout.entries, 'entry', 'entries')}"
    head: list[Span] = [(f"layout {said(layout.name)!r}", "heading"), (f"{guard} {state}: {amount}", "")]
    lines = paragraph(head, paint, width)
    if not layout.items:
        return lines
    rows = [_field(field, layout.entries) for field in layout.fields]
    lines += [f"  {line}" for line in table(("field", "filled", "caught by"), rows, paint, None).splitlines()]
    for field in layout.fields if reads else ():
        if field.failures:
            lines += paragraph([(_failures(field, layout.entries), "dim")], paint, width, "    ", "  ")
        if field.inferred:
            lines += paragraph([(_inferred(field, layout.entries), "dim")], paint, width, "    ", "  ")
    for place, why in layout.dropped:
        lines += paragraph([(f"row {place} is no entry: {said(why)}", "dim")], paint, width, "    ", "  ")
    return lines


def _field(field: FieldSeen, entries: int) -> list[Span]:
    caught = [f"{said(way.css) or f'way {way.index + 1}'} ({way.caught})" for way in field.ways]
    name = f"{said(field.name)}{' (optional)' if field.optional else ''}"
    short = field.filled < entries and not field.optional
    return [(name, ""), (f"{field.filled} of {entries}", "warn" if short else ""), (", ".join(caught), "dim")]


def _inferred(field: FieldSeen, entries: int) -> str:
    told = f"{said(field.name)}: {field.inferred} of {entries} without a year"
    return f"{told}; it is taken to be the nearest such day before the fetch"


def _failures(field: FieldSeen, entries: int) -> str:
    """`date: 9 of 10; row 4: 'ongoing' is no date in the format %d %B %Y`. The first few, and how many more."""
    told = [f"row {one.item}: {said(one.reason)}" for one in field.failures]
    more = entries - field.filled - len(field.failures)
    told += [f"and {more} more"] if more > 0 else []
    return "; ".join([f"{said(field.name)}: {field.filled} of {entries}", *told])
