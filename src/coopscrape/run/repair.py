"""A source whose layout stopped holding -> a further layout that reads its page, proven by what the archive knows.

What is proposed has read the doubted walk as a crawl would, and the pages that were believed before as they were read
then. A known entry that stands on the page must be read as it was known; if one is not, nothing is proposed.
"""

from __future__ import annotations

import difflib
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from coopscrape import canon
from coopscrape.archive.read import Reader, Stored, WalkRecord
from coopscrape.config import Config
from coopscrape.errors import NotFoundError, SettingsError
from coopscrape.extract import extract, tree
from coopscrape.induce import Mended, mend, on_page
from coopscrape.model import Content, Coverage, End, Ended, Entry, Extraction, Kind, Page, Reading, Row, Source
from coopscrape.reconcile import listed
from coopscrape.report.edit import with_layout
from coopscrape.run.fold import Judged, Readings, judge, reading, replay
from coopscrape.run.settings import chosen, load_config
from coopscrape.run.suggest import reads

TRIED: Final = 60  # proposals, of which most fail at once
OLD_PAGES: Final = 5  # of the last believed walks, that must be read as they were


@dataclass(frozen=True, slots=True)
class Repair:
    """What came of it."""

    source: str
    walk: int
    doubts: tuple[str, ...]
    known: int  # entries of the archive that stand on the first page of the walk
    before: str = ""  # selectors.toml
    after: str | None = None  # the same with a layout more; None: nothing is proposed
    entries: int = 0  # of the walk, as it is read then
    new: int = 0
    changed: int = 0
    believed: bool = True  # the walk, with the new layout; else it reads rightly what it saw, but did not see all
    notes: tuple[str, ...] = ()
    why_not: str | None = None

    @property
    def diff(self) -> str:
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True),
            (self.after or self.before).splitlines(keepends=True),
            "selectors.toml",
            "selectors.toml, mended",
        )
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def repair(config: Config, archive: Path, name: str) -> Repair:
    """Nothing is written. Raises NotFoundError: no such source, or it is not in doubt; SettingsError, ArchiveError."""
    source = chosen(config, [name])[0]
    with Reader.open(archive) as reader:
        return _repair(_Case(reader, config, source))


class _Case:
    """One doubted walk, and what is known of its source."""

    def __init__(self, reader: Reader, config: Config, source: Source) -> None:
        self.reader, self.source, self.config = reader, source, config
        self.walks = reader.walks(source.name)
        self.record = self._doubted()
        verdict = reader.verdict(self.record.id)
        self.doubts = verdict.doubts if verdict else ()
        self.known = listed(reader.known(source.name), source.follow.names if source.follow else ())
        self.usual = reader.usual(source.name)
        self.read = reading(reader)
        self.answers = reader.answers(self.record.id)
        self.pages = self._pages(self.answers)
        self.old = self._believed()
        self.text = config.path.read_bytes().decode("utf-8-sig")

    def _doubted(self) -> WalkRecord:
        record = self.walks[-1] if self.walks else None
        verdict = self.reader.verdict(record.id) if record else None
        if record is None or verdict is None or verdict.coverage is not Coverage.DOUBTED:
            last = (
                f"walk {record.id} is {verdict.coverage if verdict else 'still open'}"
                if record
                else "it was never visited"
            )
            raise NotFoundError(
                f"{self.source.name}: its last visit is not in doubt ({last}), so there is nothing to repair"
            )
        return record

    def _pages(self, answers: Sequence[Stored]) -> list[Page]:
        outcomes = (self.reader.outcome(stored.page) for stored in answers if stored.digest)
        return [one for one in outcomes if isinstance(one, Page)]

    def _believed(self) -> list[tuple[Page, Extraction]]:
        """Pages of the last walks that were believed, and how they were read."""
        readings = Readings(self.reader, self.source)
        found: list[tuple[Page, Extraction]] = []
        for record in reversed(self.walks[:-1]):
            verdict = self.reader.verdict(record.id)
            if verdict is None or verdict.coverage not in (Coverage.COMPLETE, Coverage.PREFIX):
                continue
            for page in self._pages(self.reader.answers(record.id))[: OLD_PAGES - len(found)]:
                ways = (extract(page, by.reading) for by in readings.since(record))
                found.append((page, next((one for one in ways if one.rows), extract(page, self.source.reading))))
            if len(found) >= OLD_PAGES:
                break
        return found


def _repair(case: _Case) -> Repair:
    blank = Repair(case.source.name, case.record.id, case.doubts, 0, case.text)
    if case.source.reading.feed is not None:
        return replace(blank, why_not="it is a feed, which has no layout that could be mended")
    if not case.pages:
        return replace(blank, why_not="no page of that walk came")
    parsed = tree(case.pages[0], case.source.reading.language)
    if isinstance(parsed, str):
        return replace(blank, why_not=parsed)
    known = [one.content for one in case.known.values() if one.gone_since is None]
    standing = on_page(parsed.root, [one.title for one in known])
    blank = replace(blank, known=len(standing))
    fields = list(
        dict.fromkeys(f.name for layout in case.source.reading.layouts for f in layout.fields if f.name != "number")
    )
    page, language = case.pages[0], case.source.reading.language
    made = mend(parsed.root, parsed.base, page.url, language, known, fields, reads(page.fetched_at))
    if not made:
        return replace(blank, why_not=_nothing(len(standing), len(known)))
    faults: list[str] = []
    for n, (after, mended) in enumerate(_edits(case, made)):
        if n >= TRIED:
            break
        done = _proven(case, after, mended, standing, blank)
        if done.why_not is None:
            return done
        faults.append(done.why_not)
    return replace(
        blank, why_not=faults[0] if faults else "no selector tells the new make of the page from the old one"
    )


def _nothing(standing: int, known: int) -> str:
    if not standing:
        return f"none of the {known} known entries stands on the page: it may not be the listing at all"
    there = f"{standing} of the {known} known entries stand on the page"
    return f"{there}, but nothing that is repeated holds them with title and link"


# -- what may be written -----------------------------------------------------------------------------------------


def _edits(case: _Case, made: Sequence[Mended]) -> Iterator[tuple[str, Mended]]:
    """The settings with a layout more, the likeliest first."""
    for mended in made[:6]:
        for guard in dict.fromkeys(mended.guards):
            if _holds(case.pages[0], guard) and not any(_holds(page, guard) for page, _ in case.old):
                yield from _edit(case, mended, {"guard": guard, **mended.layout}, guard)
    # Where nothing tells the makes apart, one layout has to read both: each field in the old way, else in the new one.
    for mended in made[:6]:
        for old in tomllib.loads(case.text)["sources"][case.source.name]["layouts"]:
            yield from _edit(case, mended, _both(old, mended.layout, _filled(case)), None, first=True)


def _filled(case: _Case) -> set[str]:
    """The fields that are read on the new page as it is."""
    rows = extract(case.pages[0], case.source.reading).rows
    return {
        name
        for name in ("title", "link", "category", "date", "summary")
        if any(getattr(row.content, name) for row in rows)
    }


def _both(old: Mapping[str, Any], new: Mapping[str, Any], filled: set[str]) -> dict[str, Any]:
    layout = {key: value for key, value in old.items() if key != "name"}
    for name, spec in new.items():
        if name in layout and name not in ("item", "require", "guard", *filled) and layout[name] != spec:
            ways = layout[name] if isinstance(layout[name], list) else [layout[name]]
            layout[name] = [*ways, spec]
    return layout


def _edit(
    case: _Case, mended: Mended, layout: Mapping[str, Any], guard: str | None, *, first: bool | None = None
) -> Iterator[tuple[str, Mended]]:
    page, source = case.pages[0], case.source
    now = extract(page, source.reading)
    must = source.reading.must_contain
    wider = f"{must}, {guard}" if must and guard and not now.must_contain else None
    following = source.reading.next
    leads_on = (
        f"{following}, {mended.next}"
        if following and mended.next and now.next_url is None and mended.next != following
        else None
    )
    named = {"name": _new_name(case), **layout}
    if first is None:
        first = now.layout is not None
    own = {key: value for key, value in named.items() if key not in ("extra",)}
    extra = {key: own.pop(key) for key in list(own) if key not in _LAYOUT_KEYS}
    block = {**own, "extra": {**layout.get("extra", {}), **extra}} if extra or layout.get("extra") else own
    comments = {"layout.guard": "only the new make of the page has it"} if guard else {}
    after = with_layout(
        case.text, source.name, block, first=first, comments=comments, must_contain=wider, leads_on=leads_on
    )
    if after is not None:
        yield after, mended


_LAYOUT_KEYS: Final = frozenset(
    ("name", "guard", "item", "title", "link", "category", "date", "summary", "number", "skip", "require", "extra")
)


def _new_name(case: _Case) -> str:
    day = case.record.started[:10]
    taken = {layout.name for layout in case.source.reading.layouts}
    names = (f"since {day}" + (f" ({n})" if n > 1 else "") for n in range(1, 1000))
    return next(name for name in names if name not in taken)


def _holds(page: Page, css: str) -> bool:
    seen = extract(page, Reading(layouts=(), must_contain=css))
    return seen.must_contain and seen.trouble is None


# -- whether it is right -------------------------------------------------------------------------------------------


def _proven(case: _Case, after: str, mended: Mended, standing: set[str], blank: Repair) -> Repair:
    source = _loaded(after, case.source.name)
    if source is None:
        return replace(blank, why_not="the settings would not hold with it")
    if fault := _reads_old_otherwise(case, source):
        return replace(blank, why_not=fault)
    made = Readings(case.reader, case.source).by(case.record.recipe)
    walk = replay(case.record, source, made, case.answers, case.read)
    rows = [row for sight in walk.sights for row in sight.extraction.rows]
    first = walk.sights[0].extraction.rows if walk.sights else ()
    if fault := _misread(case.known, rows, first, standing):
        return replace(blank, why_not=fault)
    judged = judge(source, walk, case.known, case.usual, accepted=False)
    left = judged.verdict.doubts if judged.verdict.coverage is Coverage.DOUBTED else ()
    if left:
        # What is missing is no fault of the layout: as far as it was looked, is it read rightly?
        cut = replace(walk, ended=Ended(End.CUT, walk.ended.reason))
        judged = judge(source, cut, case.known, case.usual, accepted=False)
        if judged.verdict.coverage is Coverage.DOUBTED:
            return replace(blank, why_not=f"the walk would still be in doubt: {'; '.join(judged.verdict.doubts)}")
    told = (*_notes(mended), *(f"this walk stays in doubt, the next crawl will tell: {one}" for one in left))
    return replace(blank, after=after, entries=judged.verdict.entries, **_counts(judged), notes=told, believed=not left)


def _loaded(text: str, name: str) -> Source | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "selectors.toml"
        path.write_bytes(text.encode())
        try:
            return load_config(path).sources[name]
        except SettingsError:
            return None


def _reads_old_otherwise(case: _Case, source: Source) -> str | None:
    for page, then in case.old:
        if extract(page, source.reading).rows != then.rows:
            return f"a page of {page.fetched_at[:10]} would be read otherwise than it was"
    return None


def _misread(known: Mapping[str, Entry], rows: Sequence[Row], first: Sequence[Row], standing: set[str]) -> str | None:
    """What is known of an entry that stands on the page, and what would be read there."""
    read = {row.key: row.content for row in rows}
    titles = {canon.text(row.content.title) for row in first}
    for key, entry in known.items():
        was, title = entry.content, canon.text(entry.content.title)
        if entry.gone_since is not None:
            continue
        if key not in read:
            if title in titles:
                there = f"{was.title!r} stands on the page, but under another link than was known ({was.link})"
                return f"{there}, so that it would pass for another entry"
            continue
        if fault := _differs(was, read[key], title in standing):
            return fault
    missing = standing - titles - {canon.text(row.content.title) for row in rows}
    if missing:
        return f"{next(iter(sorted(missing)))!r} stands on the page, but would not be read"
    found = sum(key in read for key in known)
    return None if found >= 2 else f"only {found} known entries would be read"


def _differs(was: Content, now: Content, stands: bool) -> str | None:
    """A title that is not on the page has been edited; then that is what a crawl will tell."""
    if canon.text(was.title) != canon.text(now.title) and stands:
        return f"{was.title!r} would be read as {now.title!r}"
    if was.date is not None and was.date != now.date:
        return (
            f"{was.title!r}: its date, known as {was.date}, would be read as {now.date or now.date_text or 'nothing'}"
        )
    if canon.link(was.link) != canon.link(now.link):
        return f"{was.title!r}: its link, known as {was.link}, would be read as {now.link}"
    return None


def _counts(judged: Judged) -> dict[str, Any]:
    kinds = [change.kind for change in judged.delta.changes]
    changed = {change.entry.id for change in judged.delta.changes if change.kind is Kind.CHANGED}
    return {"new": kinds.count(Kind.NEW), "changed": len(changed)}


def _notes(mended: Mended) -> Iterator[str]:
    if mended.lost:
        yield f"not found on the new page: {', '.join(mended.lost)}. Its entries will have none, which is told as a change"
