"""What an archive may say of a site, and what it must: judged from what the site served and how it truly stood.

It shares no line with `reconcile`. It reads what the archive claims to have proven (`verdicts.coverage`), and which
pages it kept, and holds that against the truth:

- *new*, *changed*, *back*: exactly what the pages of the believed walks showed, compared with what they showed last;
- *gone*: only what was not on the site all the time while a confirming walk went on; and always, at the latest, when so
  many walks as confirm a loss have proven to have looked (must). What lies between the two, may be;
- a walk that was told a lie, and says that it saw the whole listing, is a breach by itself.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from model.site import PRINTED, Served, Site, Story

COVERING: Final = frozenset({"complete", "prefix"})
SILENT: Final = frozenset({"doubted", "refused"})
# A prefix has proven an absence beyond dispute if so many entries behind it were shown, and few are absent at all.
WITNESSES: Final = 3
FEW_ABSENT: Final = 2
MISLEADING: Final = frozenset({"an empty listing"})  # a listing without entries may be one
FOLDED: Final = ("category", "title", "date", "summary", "link", "author")


class Breach(AssertionError):
    """The archive says what is not so, or does not say what is."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of a source, and what they make of a story."""

    edits: tuple[tuple[str, str], ...] = ()
    tale: bool = False  # titles are mended
    summary: bool = True
    confirm_gone: int = 2

    def reads(self, one: Story) -> dict[str, str | None]:
        return {
            "category": one.category,
            "title": re.sub("[Ss]tory", "tale", one.title) if self.tale else one.title,
            "date": one.date,
            "summary": one.summary if self.summary else None,
            "link": f"/{one.section}/item-{one.number}.html",
            "author": one.author,
        }


@dataclass(frozen=True, slots=True)
class Told:
    """One row of `changes`."""

    kind: str
    story: str
    at: str
    field: str | None = None
    old: str | None = None
    new: str | None = None

    @property
    def what(self) -> tuple[str, str, str | None, str | None, str | None]:
        return self.kind, self.story, self.field, self.old, self.new


@dataclass(slots=True)
class Known:
    """What the archive has been shown of one story, and how its absence stands."""

    story: Story  # as it was last shown
    content: dict[str, str | None]  # as it was read
    last_seen: frozenset[str]  # moments: a page may be read twice in one walk
    behind: frozenset[str]  # what stood behind it when it was last shown
    reorders: int  # of the site, then
    gone: bool = False
    away: bool = False  # a walk that was covering has not shown it since
    must: int | None = 0  # walks that have proven beyond dispute that it is away; None: it may have slid off
    blurred: bool = False  # a walk that was misled, or that cannot know that the listing moved, may have missed it
    may: list[str] = field(default_factory=list)  # when walks ended that can have proven it


@dataclass(frozen=True, slots=True)
class Walked:
    """One walk: what the archive claims, what it was served, and how the site stood meanwhile."""

    id: int
    coverage: str
    doubts: tuple[str, ...]
    recipe: Recipe  # that read it
    served: tuple[Served, ...]  # of the pages that the archive keeps, in their order
    asked: tuple[Served, ...]  # all that it was answered
    told: tuple[Told, ...] = ()

    def __str__(self) -> str:
        """For people who look for the reason of a breach."""
        shown = [[one.page, one.lie or [story.name for story in one.shown]] for one in self.served]
        told = [one.what for one in self.told]
        return f"walk {self.id} {self.coverage}{' moved' * self.moved} {shown} {told} {self.doubts or ''}"

    @property
    def ended(self) -> str:
        return self.served[-1].at if self.served else ""

    @property
    def stood(self) -> frozenset[str]:
        """What was on the listing all the time."""
        return frozenset.intersection(*(names(one.view) for one in self.asked)) if self.asked else frozenset()

    @property
    def ever(self) -> frozenset[str]:
        """What was on the listing for a while."""
        return frozenset().union(*(names(one.view) for one in self.asked))

    @property
    def alive(self) -> frozenset[str]:
        """What was on the site for a while, be it behind the window of a rolling list."""
        return frozenset().union(*(one.alive for one in self.asked))

    @property
    def shown(self) -> dict[str, tuple[Story, Served]]:
        """Each story as it was shown first; pinned ones come again."""
        found: dict[str, tuple[Story, Served]] = {}
        for one in self.served:
            for story in one.shown:
                found.setdefault(story.name, (story, one))
        return found

    @property
    def torn(self) -> bool:
        """It shows a story twice, and edited in between: as two entries of one key, for all that a walk can know."""
        said = {(story.name, str(self.recipe.reads(story))) for one in self.served for story in one.shown}
        return len(said) > len({name for name, _ in said}) or (self.moved and self._pairs)

    @property
    def _pairs(self) -> bool:
        """Two stories of one key: while a listing moves, one of them may as well be the other, moved and edited."""
        shown = [story.number for story, _ in self.shown.values()]
        return len(shown) > len(set(shown))

    @property
    def lies(self) -> frozenset[str]:
        return frozenset(one.lie for one in self.served if one.lie)

    @property
    def moved(self) -> bool:
        return len({tuple(story.name for story in one.view) for one in self.asked}) > 1

    @property
    def honest(self) -> bool:
        return bool(self.asked) and not self.moved and not any(one.lie or one.fault for one in self.asked)


def names(stories: Sequence[Story]) -> frozenset[str]:
    return frozenset(one.name for one in stories)


# -- what the archive says ------------------------------------------------------------------------------------


def walks(archive: Path, site: Site, recipes: Mapping[str, Recipe]) -> list[Walked]:
    """All settled walks, in the order of history; `recipes`: by digest. Raises Breach if the log holds what was not served."""
    conn = sqlite3.connect(archive)
    try:
        read = conn.execute(
            """SELECT w.id, v.coverage, v.doubts, v.recipe FROM walks AS w JOIN verdicts AS v ON v.walk = w.id
               WHERE w.settled IS NOT NULL ORDER BY w.settled"""
        ).fetchall()
        pages = conn.execute(
            "SELECT walk, fetched_at, snapshot FROM pages WHERE walk IS NOT NULL AND snapshot IS NOT NULL ORDER BY id"
        ).fetchall()
        changes = conn.execute(
            """SELECT c.walk, c.kind, e.key, v.title, c.at, c.field, c.old, c.new FROM changes AS c
               JOIN entries AS e ON e.id = c.entry JOIN versions AS v ON v.entry = c.entry AND v.n = c.version
               ORDER BY c.walk, c.n"""
        ).fetchall()
    finally:
        conn.close()
    asked: dict[int, list[Served]] = defaultdict(list)
    for one in site.served:
        asked[one.walk or 0].append(one)
    kept = _kept(pages, asked)
    told: dict[int, list[Told]] = defaultdict(list)
    for walk, kind, key, title, at, name, old, new in changes:
        values = (_folded(name, old), _folded(name, new)) if name else (None, None)
        told[walk].append(Told(kind, story_of(key, title), at, name, *values))
    return [
        Walked(
            id=walk,
            coverage=coverage,
            doubts=tuple(json.loads(doubts)),
            recipe=recipes[digest],
            served=tuple(kept[walk]),
            asked=tuple(asked[walk]),
            told=tuple(told[walk]),
        )
        for walk, coverage, doubts, digest in read
    ]


def _kept(pages: Sequence[tuple[int, str, str]], asked: Mapping[int, Sequence[Served]]) -> dict[int, list[Served]]:
    """The pages in the log, each as the site remembers having served it."""
    kept: dict[int, list[Served]] = defaultdict(list)
    for walk, at, digest in pages:
        found = [one for one in asked.get(walk, ()) if one.at == at and one.digest == digest]
        if not found:
            raise Breach(f"walk {walk}: the log holds a page of {at}, {digest[:8]}, which the site never served")
        kept[walk].append(found[0])
    return kept


def story_of(key: str, title: str) -> str:
    """The story that an entry is. Twins share a number, and never change their titles."""
    number = re.search(r"\d+", key)
    twin = re.search(r", part (\w)", _plain(title) or "")
    return f"{number[0] if number else key}{twin[1] if twin else ''}"


def _plain(text: str | None) -> str | None:
    """As a reader sees it."""
    return (
        text if text is None else " ".join(re.sub("[\u200b\u00a0]", lambda m: " " * (m[0] == "\u00a0"), text).split())
    )


def _folded(name: str, text: str | None) -> str | None:
    if name == "link" and text:
        return urlsplit(text).path
    if name == "date":
        days = {printed: day for day, printed in PRINTED.items()}
        return days.get(_plain(text) or "", text)
    return _plain(text)


def half_a_pair(history: Sequence[Walked]) -> bool:
    """A walk shows one of two stories that share a key, which was not known, without the other, which was.

    Nobody who knows entries by their keys can tell that from an edit.
    """
    known: dict[int, set[str]] = defaultdict(set)
    for walk in history:
        shown: dict[int, set[str]] = defaultdict(set)
        for name, (story, _) in walk.shown.items() if walk.coverage not in SILENT else ():
            shown[story.number].add(name)
        if any(names - known[number] and known[number] - names for number, names in shown.items()):
            return True
        for number, names in shown.items():
            known[number] |= names
    return False


# -- judging it -------------------------------------------------------------------------------------------------


def judge(history: Sequence[Walked]) -> dict[str, Known]:
    """Walk by walk, all that was told. Returns what the archive ought to hold in the end."""
    known: dict[str, Known] = {}
    for walk in history:
        _claim(walk)
        if walk.coverage in SILENT:
            _same(walk, [], known)
            continue
        shown = walk.shown
        back = _additions(walk, shown, known)
        _absences(walk, shown, known)
        _same(walk, back, known)
        _losses(walk, known, walk.recipe.confirm_gone)
    return known


def _claim(walk: Walked) -> None:
    if walk.coverage in COVERING and walk.lies - MISLEADING and not walk.doubts:
        raise Breach(f"walk {walk.id} was told a lie ({', '.join(sorted(walk.lies))}) and is {walk.coverage}")
    lost = walk.stood - walk.shown.keys()
    misled = walk.lies or any(one.fault for one in walk.asked)
    if walk.coverage == "complete" and lost and not misled:
        raise Breach(f"walk {walk.id} is complete, and was not shown {sorted(lost)}")
    if walk.coverage == "refused" and walk.served:
        raise Breach(f"walk {walk.id} was refused and has {len(walk.served)} pages")


def _additions(walk: Walked, shown: Mapping[str, tuple[Story, Served]], known: dict[str, Known]) -> list[Told]:
    """What the pages of this walk add; `known` is told of it. A story that was read otherwise has not changed by that."""
    expected = []
    for name, (one, served) in shown.items():
        content, before = walk.recipe.reads(one), known.get(name)
        order = [other.name for other in served.view]
        behind = frozenset(order[order.index(name) + 1 :])
        if before is None:
            expected.append(Told("new", name, served.at))
        else:
            if before.gone:
                expected.append(Told("back", name, served.at))
            was = walk.recipe.reads(before.story)
            expected += [
                Told("changed", name, served.at, field, was[field], value)
                for field, value in content.items()
                if was[field] != value
            ]
        known[name] = Known(one, content, _moments(walk, name), behind, served.reorders)
    return expected


def _moments(walk: Walked, name: str) -> frozenset[str]:
    return frozenset(one.at for one in walk.served if name in names(one.shown))


def _same(walk: Walked, expected: Sequence[Told], known: Mapping[str, Known]) -> None:
    told = Counter((one.what, one.at) for one in walk.told if one.kind != "gone")
    wanted = Counter((one.what, one.at) for one in expected)
    if told != wanted:
        false, lost = list((told - wanted).elements()), list((wanted - told).elements())
        raise Breach(f"walk {walk.id} ({walk.coverage}): false: {false}; not told: {lost}")


def _absences(walk: Walked, shown: Mapping[str, object], known: Mapping[str, Known]) -> None:
    """How far each absence is proven after this walk."""
    if walk.coverage not in COVERING:
        return
    away = [name for name, one in known.items() if name not in shown and not one.gone]
    # Two addresses in a row that are said not to exist are the end of a listing whose pages are counted.
    misled = walk.coverage == "complete" and any(one.fault for one in walk.asked if one.page > 1)
    stood, ever, alive = walk.stood, walk.ever, walk.alive
    reorders = walk.asked[-1].reorders if walk.asked else 0
    for name in away:
        one = known[name]
        one.away = True
        behind = len(one.behind & shown.keys())
        slid = name in alive - ever and not behind and not one.may  # what was missed before had left its place
        one.blurred = one.blurred or misled
        if name not in stood and not slid:
            one.may.append(walk.ended)
        proven = name not in ever and one.reorders == reorders
        if walk.coverage == "complete":
            if not behind:
                one.must = None
            elif one.must is not None and proven:
                one.must += 1
        elif one.must is not None and proven and behind >= WITNESSES and len(away) <= FEW_ABSENT:
            one.must += 1


def _losses(walk: Walked, known: Mapping[str, Known], confirm_gone: int) -> None:
    lost = {one.story: one for one in walk.told if one.kind == "gone"}
    for name, told in lost.items():
        _loss(walk, name, told, known.get(name), confirm_gone)
    for name, one in known.items():
        if not one.gone and one.must is not None and one.must >= confirm_gone:
            raise Breach(f"walk {walk.id} ({walk.coverage}): {name} is gone since {one.may[0]}, and that is not told")


def _loss(walk: Walked, name: str, told: Told, one: Known | None, confirm_gone: int) -> None:
    where = f"walk {walk.id} ({walk.coverage}): {name} is said to be gone"
    if one is None or one.gone or name in walk.shown:
        raise Breach(f"{where}, though it is {'not known' if one is None else 'gone already' if one.gone else 'shown'}")
    if one.blurred:
        one.gone = True
        return
    if name in walk.stood:
        raise Breach(f"{where}, though it was on the listing all the time")
    if len(one.may) < confirm_gone:
        raise Breach(f"{where}, though only {len(one.may)} walks can have missed it")
    if told.at not in one.may[: len(one.may) - confirm_gone + 1]:
        raise Breach(f"{where} since {told.at}, but was first missed in one of {one.may}")
    if one.must is not None and one.must == len(one.may) and told.at != one.may[0]:
        raise Breach(f"{where} since {told.at}, but was first missed at {one.may[0]}")
    one.gone = True


# -- what is said of each entry ----------------------------------------------------------------------------------


def entries(archive: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    conn = sqlite3.connect(archive)
    conn.row_factory = sqlite3.Row
    try:
        for row in conn.execute("SELECT * FROM entries"):
            yield story_of(row["key"], row["title"]), dict(row)
    finally:
        conn.close()


def compare(archive: Path, known: Mapping[str, Known]) -> None:
    """Each entry says what its story was last seen to say, and is missing or gone only if it was not seen since."""
    found = dict(entries(archive))
    if found.keys() != known.keys():
        raise Breach(f"entries that are no stories, or the other way round: {sorted(found.keys() ^ known.keys())}")
    for name, one in known.items():
        _compare(name, one, found[name])


def _compare(name: str, one: Known, row: Mapping[str, Any]) -> None:
    says = {field: _folded(field, row.get(field)) for field in FOLDED if field != "author"}
    says["author"] = _folded("author", json.loads(row["extra"]).get("author"))
    if says != one.content:
        raise Breach(f"{name} says {says}, the site said {one.content}")
    if row["last_seen"] not in one.last_seen:
        raise Breach(f"{name} was last seen {sorted(one.last_seen)}, not {row['last_seen']}")
    if (row["gone_since"] is not None) is not one.gone:
        raise Breach(f"{name}: gone_since is {row['gone_since']}")
    if row["missing_since"] is not None and not one.away:
        raise Breach(f"{name} is missing since {row['missing_since']}, and was seen after that")
