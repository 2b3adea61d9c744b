"""Entries -> the listing as it stands, one entry in full, its history. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from coopscrape.model import Change, Content, Entry, Kind, Proof, Version
from coopscrape.report import said as words
from coopscrape.report.changes import field_lines
from coopscrape.report.data import as_json, change_record, entry_record, version_record
from coopscrape.report.escape import said
from coopscrape.report.layout import Span, cells, pad, paragraph
from coopscrape.report.paint import Paint, plain

Provenance = tuple[Version, Proof]  # a version, and the page that first said so


# -- list ---------------------------------------------------------------------------------------------


def entries_text(
    entries: Sequence[Entry], titles: Mapping[str, str], paint: Paint = plain, width: int | None = None
) -> str:
    """As the listing printed them: number, date, category, title, summary."""
    blocks = []
    for source, among in groupby(entries, key=lambda one: one.source):
        listed = list(among)
        title = titles.get(source, "")
        heading: list[Span] = [
            (said(source), "heading"),
            (f"  {said(title)}" if title else "", ""),
            (f"   {words.count(len(listed), 'entry', 'entries')}", "dim"),
        ]
        lines = paragraph(heading, paint, width)
        for entry in listed:
            lines += ["", *_listed(entry, paint, width)]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def found_text(
    entries: Sequence[Entry],
    titles: Mapping[str, str] = {},  # noqa: ARG001 - every format is called alike
    paint: Paint = plain,
    width: int | None = None,
) -> str:
    """What a search found, the best first: as in a list, each with its source."""
    lines: list[str] = []
    for entry in entries:
        lines += [*([""] if lines else []), *_listed(entry, paint, width, entry.source)]
    return "".join(f"{line}\n" for line in lines)


def entries_json(
    entries: Sequence[Entry],
    titles: Mapping[str, str] = {},  # noqa: ARG001 - every format is called alike
    paint: Paint = plain,  # noqa: ARG001
    width: int | None = None,  # noqa: ARG001
) -> str:
    return as_json([entry_record(entry) for entry in entries])


def _listed(entry: Entry, paint: Paint, width: int | None, source: str | None = None) -> list[str]:
    indent = " " * 6
    content = entry.content
    head: list[Span] = [
        (f"{words.day(content)}  {words.category(content)}", ""),
        (f"  {words.short(entry)}", "dim"),
    ]
    if source:
        head.append((f"  {said(source)}", "heading"))
    if absence := words.absence(entry):
        head += [("  ", ""), absence]
    lines = paragraph(head, paint, width, indent, f"{entry.number:>4}. ")
    lines += paragraph([(words.title(content), "title")], paint, width, indent)
    if said(content.summary):
        lines += paragraph([(said(content.summary), "dim")], paint, width, indent + "  ")
    own = [f"{said(name)}: {said(value)}" for name, value in content.extra if said(value)]
    return lines + (paragraph([("  ".join(own), "dim")], paint, width, indent) if own else [])


# -- show ---------------------------------------------------------------------------------------------


def entry_text(
    entry: Entry,
    titles: Mapping[str, str],
    paint: Paint = plain,
    width: int | None = None,
    state: Provenance | None = None,
    own: Provenance | None = None,
) -> str:
    """`state`: the version that `entry` has the content of, with its page. `own`: an earlier one, by the entry's own page."""
    title = titles.get(entry.source, "")
    facts = {
        "source": said(entry.source) + (f"  {said(title)}" if title else ""),
        "number": str(entry.number),
        **_facts(entry.content),
        "id": said(entry.id),
        "key": said(entry.key),
        "first seen": f"{words.moment(entry.first_seen)} UTC",
        "last seen": f"{words.moment(entry.last_seen)} UTC" if entry.last_seen else "",
        **({} if state else {"versions": str(entry.versions)}),
        **(_cited(entry, *state) if state else {}),
        **({"own page": f"{_proof(own[1])[0]}, of version {own[0].n}"} if own else {}),
    }
    lines = paragraph([(words.title(entry.content), "title")], paint, width)
    if absence := words.absence(entry):
        lines += paragraph([absence], paint, width)
    return "\n".join([*lines, "", *_fact_lines(facts, paint, width)]) + "\n"


def _cited(entry: Entry, version: Version, proof: Proof) -> dict[str, str]:
    page, fetched, snapshot = _proof(proof)
    return {
        "version": f"{version.n} of {entry.versions}, seen from {words.moment(version.seen_from)} UTC",
        "page": page,
        "": fetched,
        "snapshot": snapshot,
    }


def _proof(proof: Proof) -> tuple[str, str, str]:
    """Where it stands in the log, when it was fetched, the name of its bytes."""
    return (
        f"{proof.number} of walk {proof.walk or '-'}: {said(proof.url)}",
        f"fetched {said(proof.at)}, row {proof.page} of pages",
        f"sha256:{said(proof.digest) or '-'}",
    )


def cited(version: Version, proof: Proof) -> str:
    """The page of a version in one line, to be cited."""
    page, fetched, snapshot = _proof(proof)
    return f"version {version.n}: page {page}, {fetched}, {snapshot}"


def entry_json(
    entry: Entry,
    titles: Mapping[str, str] = {},  # noqa: ARG001 - every format is called alike
    paint: Paint = plain,  # noqa: ARG001
    width: int | None = None,  # noqa: ARG001
    state: Provenance | None = None,
    own: Provenance | None = None,
) -> str:
    told = {"version": version_record(*state)} if state else {}
    return as_json(entry_record(entry) | told | ({"own_page": version_record(*own)} if own else {}))


def _facts(content: Content) -> dict[str, str]:
    printed = said(content.date_text)
    date = f"{said(content.date)}  (printed: {printed})" if content.date and printed else said(content.date) or printed
    return {
        "category": said(content.category),
        "date": date,
        "summary": said(content.summary),
        "link": said(content.link),
        **{said(name): said(value) for name, value in content.extra},
    }


def _fact_lines(facts: Mapping[str, str], paint: Paint, width: int | None, indent: str = "") -> list[str]:
    room = max(map(cells, facts), default=0) + 2
    lines = []
    for name, value in facts.items():
        first = indent + paint(pad(name, room), "dim")
        if name == "link":  # never broken, so that it can be followed
            lines.append(first + (value or paint("-", "dim")))
        else:
            lines += paragraph([(value or "-", "" if value else "dim")], paint, width, indent + " " * room, first)
    return lines


# -- history ------------------------------------------------------------------------------------------


def history_text(
    entry: Entry,
    versions: Sequence[Provenance],
    changes: Sequence[Change],
    paint: Paint = plain,
    width: int | None = None,
) -> str:
    """Each version with the page that first said so, and what changed from the one before."""
    lines = paragraph([(words.title(entry.content), "title")], paint, width)
    lines.append(
        paint(f"{said(entry.id)}  {said(entry.source)}  {words.count(len(versions), 'version')}", "dim"),
    )
    before: Content | None = None
    for version, proof in versions:
        lines += ["", *_version(version, proof, paint)]
        if proof.own and before is not None:
            lines += _fact_lines(_learnt(before, version.content), paint, width, "  ")
        before = version.content
        if version.n == 1:
            facts = {"number": str(version.number), "title": words.title(version.content), **_facts(version.content)}
            lines += _fact_lines(facts, paint, width, "  ")
        for change in changes:
            if change.entry.versions == version.n:
                lines += _event(change, paint, width)
    return "\n".join(lines) + "\n"


def _learnt(before: Content, now: Content) -> dict[str, str]:
    """What an own page said of which nothing was known."""
    known = dict(before.extra)
    return {said(name): said(value) for name, value in now.extra if name not in known}


def _version(version: Version, proof: Proof, paint: Paint) -> list[str]:
    page, fetched, snapshot = _proof(proof)
    return [
        paint(f"version {version.n}", "heading") + f"  seen from {words.moment(version.seen_from)} UTC",
        paint(f"  page {page}", "dim"),
        paint(f"  {fetched}", "dim"),
        paint(f"  snapshot {snapshot}", "dim"),
    ]


def _event(change: Change, paint: Paint, width: int | None) -> list[str]:
    if change.kind is Kind.CHANGED:
        return field_lines(change, paint, width, "  ")
    if change.kind is Kind.NEW:
        return []
    return ["  " + paint(f"{change.kind}  {words.moment(change.at)} UTC, walk {change.walk}", str(change.kind))]


def history_json(
    entry: Entry,
    versions: Sequence[Provenance],
    changes: Sequence[Change],
    paint: Paint = plain,  # noqa: ARG001 - every format is called alike
    width: int | None = None,  # noqa: ARG001
) -> str:
    return as_json(
        {
            "entry": entry_record(entry),
            "versions": [version_record(*one) for one in versions],
            "changes": [change_record(change) for change in changes],
        }
    )
