"""(known entries, what their own pages say) -> Delta, as a second step after that of the listing. Pure.

The listing is held against what listings said, the own pages against what own pages said: neither can take away, or seem
to change, what only the other says.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from coopscrape import canon
from coopscrape.model import Change, Content, Delta, Detail, Entry, Extraction, Kind, Version, Walk
from coopscrape.reconcile.delta import differences

# So many own pages that come to say the same in one field at once, or so many that come to say anything else, if they are
# more than a share of those that were read again: a notice in the place of many, a new make. They say it a second time,
# before that is believed.
ALIKE: Final = 3
EDITED: Final = 5

Fields = tuple[tuple[str, str | None], ...]


def listed(known: Mapping[str, Entry], names: Sequence[str]) -> Mapping[str, Entry]:
    """The entries as their listing says them, without the fields of their own pages."""
    if not names:
        return known
    return {key: replace(one, content=_without(one.content, names)) for key, one in known.items()}


def _without(content: Content, names: Sequence[str]) -> Content:
    return replace(content, extra=tuple(one for one in content.extra if one[0] not in names))


def kept(delta: Delta, known: Mapping[str, Entry], names: Sequence[str]) -> Delta:
    """What a listing changes, of entries that keep the fields of their own pages."""
    own = {one.id: fields for one in delta.entries if (fields := _own(known.get(one.key), names))} if names else {}
    if not own:
        return delta

    def dressed(id: str, content: Content) -> Content:
        return replace(content, extra=(*content.extra, *own.get(id, ())))

    return replace(
        delta,
        entries=tuple(replace(one, content=dressed(one.id, one.content)) for one in delta.entries),
        versions=tuple(replace(one, content=dressed(one.entry, one.content)) for one in delta.versions),
        changes=tuple(
            replace(one, entry=replace(one.entry, content=dressed(one.entry.id, one.entry.content)))
            for one in delta.changes
        ),
    )


def unread(walk: Walk, names: Sequence[str]) -> Walk:
    """A walk that was read by older settings, without what is read from the own pages today."""
    fields = {one[0] for sight in walk.sights for row in sight.extraction.rows[:1] for one in row.content.extra}
    if not fields & set(names):
        return walk
    return replace(walk, sights=tuple(replace(one, extraction=_unread(one.extraction, names)) for one in walk.sights))


def _unread(extraction: Extraction, names: Sequence[str]) -> Extraction:
    return replace(
        extraction, rows=tuple(replace(row, content=_without(row.content, names)) for row in extraction.rows)
    )


def _own(entry: Entry | None, names: Sequence[str]) -> Fields:
    return tuple(one for one in entry.content.extra if one[0] in names) if entry is not None else ()


# -- what the own pages say ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    """An entry, what its own page says of it, and in what that differs from what was known."""

    entry: Entry
    detail: Detail
    after: Content
    learnt: bool  # a field that was not known before
    changed: tuple[tuple[str, str | None, str | None], ...]


def learn(
    delta: Delta, known: Mapping[str, Entry], details: Sequence[Detail], edited: float
) -> tuple[Delta, list[str]]:
    """The delta of a walk, and of the own pages that were read in it; and which of these are not believed, in words.

    `known`: the entries before the walk; `edited`: of the own pages that are read again, so many may differ at once. A field
    that was not known is learnt: a version, but no change of the page.
    """
    now = {**known, **{one.key: one for one in delta.entries}}
    said = list(_said(now, details))
    mass = _mass(said, edited)
    doubted = [one for one in said if any({(name, new), (name,)} & mass for name, _, new in _unconfirmed(one))]
    for one in (one for one in said if one not in doubted and (one.learnt or one.changed)):
        delta = _with(delta, one)
    return delta, [f"{one.detail.link}: too many own pages came to say something else at once" for one in doubted]


def _said(known: Mapping[str, Entry], details: Sequence[Detail]) -> list[_Said]:
    by_link: dict[str | None, list[Entry]] = defaultdict(list)
    for entry in sorted(known.values(), key=lambda one: (one.place, one.key)):
        if entry.gone_since is None and entry.content.link is not None:
            by_link[canon.link(entry.content.link)].append(entry)
    return [_compared(entry, one) for one in details for entry in by_link[canon.link(one.link)]]


def _compared(entry: Entry, detail: Detail) -> _Said:
    before, said = dict(entry.content.extra), dict(detail.fields)
    after = replace(entry.content, extra=tuple({**before, **said}.items()))
    different = differences(entry.content, after)
    return _Said(
        entry=entry,
        detail=detail,
        after=after,
        learnt=any(name not in before for name, _, _ in different),
        changed=tuple(one for one in different if one[0] in before),
    )


def _unconfirmed(one: _Said) -> list[tuple[str, str | None, str | None]]:
    """The changes that the same page did not tell the time before already."""
    before = dict(one.detail.before)
    return [change for change in one.changed if change[0] not in before or before[change[0]] != change[2]]


def _mass(said: Sequence[_Said], edited: float) -> frozenset[tuple[str | None, ...]]:
    """(field, value) that too many come to have at once, and (field,) that came to differ in too many."""
    again = sum(1 for one in said if dict(one.entry.content.extra).keys() & dict(one.detail.fields).keys())
    unconfirmed = [change for one in said for change in _unconfirmed(one)]
    alike = Counter((name, new) for name, _, new in unconfirmed)
    differ = Counter((name,) for name, _, _ in unconfirmed)
    enough = (
        (what, n) for counts, least in ((alike, ALIKE), (differ, EDITED)) for what, n in counts.items() if n >= least
    )
    return frozenset(what for what, n in enough if n > edited * again)


def _with(delta: Delta, one: _Said) -> Delta:
    """A version by the own page, behind that of the listing if that made one in the same walk."""
    after = replace(one.entry, content=one.after, versions=one.entry.versions + 1)
    entries = {entry.key: entry for entry in delta.entries} | {after.key: after}
    version = Version(after.id, after.versions, one.detail.at, one.detail.page, after.number, after.content)
    changes = (
        Change(delta.walk, len(delta.changes) + n, Kind.CHANGED, after, one.detail.at, name, old, new)
        for n, (name, old, new) in enumerate(one.changed, 1)
    )
    return replace(
        delta,
        entries=tuple(entries.values()),
        versions=(*delta.versions, version),
        changes=(*delta.changes, *changes),
    )
