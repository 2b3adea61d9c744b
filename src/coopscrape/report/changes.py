"""Changes -> what is new, for people and for programs. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

from coopscrape import canon
from coopscrape.model import Change, Kind
from coopscrape.report import said as words
from coopscrape.report.data import as_json, change_record
from coopscrape.report.escape import LONGEST_SAID, said
from coopscrape.report.layout import Span, paragraph
from coopscrape.report.paint import Paint, plain
from coopscrape.report.words import difference

INDENT = " " * 9


def changes_text(
    changes: Sequence[Change], titles: Mapping[str, str], paint: Paint = plain, width: int | None = None
) -> str:
    """Grouped by source, then by walk, then by entry. Nothing changed is the empty text."""
    sources = dict.fromkeys(change.entry.source for change in changes)
    blocks = [
        _source([one for one in changes if one.entry.source == source], titles.get(source, ""), paint, width)
        for source in sorted(sources)
    ]
    return "\n".join(blocks)


def changes_json(
    changes: Sequence[Change],
    titles: Mapping[str, str] = {},  # noqa: ARG001 - every format is called alike
    paint: Paint = plain,  # noqa: ARG001
    width: int | None = None,  # noqa: ARG001
) -> str:
    """A list of objects, one a change, in the order in which they happened."""
    return as_json([change_record(change) for change in changes])


def _source(changes: Sequence[Change], title: str, paint: Paint, width: int | None) -> str:
    source = changes[0].entry.source
    heading = [(said(source), "heading"), (f"  {said(title)}" if title else "", ""), (f"   {tally(changes)}", "dim")]
    lines = paragraph(heading, paint, width)
    for walk, among in groupby(changes, key=lambda one: one.walk):
        happened = list(among)
        lines += ["", paint(f"  seen {words.moment(_seen(happened))} UTC, walk {walk}", "dim")]
        for group in grouped(happened):
            lines += ["", *_entry(group, paint, width)]
    return "\n".join(lines) + "\n"


def _seen(changes: Sequence[Change]) -> str:
    """When a walk saw what it reports: what is gone is dated earlier, from the first walk that missed it."""
    return max(change.at for change in changes)


def grouped(changes: Sequence[Change]) -> list[list[Change]]:
    """What happened to one entry in one walk, together."""
    groups: dict[tuple[int, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.walk, change.entry.id), []).append(change)
    return list(groups.values())


def tally(changes: Sequence[Change]) -> str:
    """`1 new, 3 changed`: entries, not fields."""
    counts = Counter(group[0].kind for group in grouped(changes))
    return ", ".join(f"{counts[kind]} {kind}" for kind in Kind if counts[kind]) or "no changes"


def _entry(group: Sequence[Change], paint: Paint, width: int | None) -> list[str]:
    change = group[0]
    content = change.entry.content
    mark, style = words.MARKS[change.kind], str(change.kind)
    first = f"  {paint(mark, style)} {change.entry.number:>3}. "
    head: list[Span] = [
        (f"{words.day(content)}  {words.category(content)}", ""),
        (f"  {words.short(change.entry)}", "dim"),
    ]
    if change.kind is Kind.GONE:
        head.append((f"  not shown since {words.moment(change.at)}", style))
    lines = paragraph(head, paint, width, INDENT, first)
    lines += paragraph([(words.title(content), "title")], paint, width, INDENT)
    if content.link:
        lines.append(INDENT + paint(said(content.link), "dim"))
    if change.kind is Kind.NEW and said(content.summary):
        lines += paragraph([(said(content.summary), "")], paint, width, INDENT + "  ")
    for one in group:
        if one.field is not None:
            lines += field_lines(one, paint, width, INDENT)
    return lines


def field_lines(change: Change, paint: Paint, width: int | None, indent: str) -> list[str]:
    """`summary: was [-fairer-]{+fair+} ...`"""
    label: Span = (f"{said(change.field)}:", "changed")
    return paragraph([label, (" ", ""), *_edit(change, paint)], paint, width, indent + "  ", indent)


def _edit(change: Change, paint: Paint) -> list[Span]:
    old, new = canon.text(change.old), canon.text(change.new)
    if not old and not new:
        return [(f"was {_empty(old)}, is {_empty(new)}", "")]
    if max(len(old or ""), len(new or "")) > LONGEST_SAID:
        lengths = f"{len(old or ''):,} characters, is {len(new or ''):,} characters"
        return [(f"was {lengths}; too long to be compared here, see --format json", "")]
    return difference(old or "", new or "", paint)


def _empty(text: str | None) -> str:
    """The page has no such element, or it is blank."""
    return "absent" if text is None else "blank"
