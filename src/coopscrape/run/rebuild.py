"""The fold, thrown away and derived again from the log with today's selectors; nothing is fetched.

The new fold is written in one transaction: whoever interrupts it finds the old one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from coopscrape.archive.read import Reader, must_exist
from coopscrape.archive.write import Writer
from coopscrape.config import Config
from coopscrape.errors import NotFoundError
from coopscrape.model import Change, Coverage, Entry, Source, stamp
from coopscrape.reconcile import differences
from coopscrape.report.said import count
from coopscrape.run.clock import Clock
from coopscrape.run.events import Event, Listen, ignore
from coopscrape.run.fold import Judged, derive
from coopscrape.run.invocation import invocation
from coopscrape.run.settings import chosen


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What reading a source's log again came to."""

    source: str
    walks: int
    entries: int
    differences: tuple[str, ...] = ()  # between the fold before and after, a line each
    doubts: tuple[str, ...] = ()  # walks that are not believed, in words


def rebuild(
    config: Config,
    archive: Path,
    *,
    names: Sequence[str] = (),
    dry_run: bool = False,
    command: str = "rebuild",
    wait: bool = False,
    listen: Listen = ignore,
) -> list[Rebuilt]:
    """Derive the fold of each source again. `dry_run` only says what would differ, and needs no lock.

    Raises SettingsError, NotFoundError, LockedError, ArchiveError.
    """
    sources = chosen(config, tuple(names))
    if dry_run:
        with Reader.open(archive) as reader:
            return [_dry(reader, source) for source in sources if reader.walks(source.name)]
    must_exist(archive)
    clock = Clock()
    with Writer(archive, command, stamp(clock.now()), wait=wait) as writer, invocation(writer, command, clock):
        done = [refold(writer, source, stamp(clock.now()), listen) for source in sources if writer.walks(source.name)]
        writer.finish_run("ok", stamp(clock.now()))
    return done


def accept(config: Config, archive: Path, walk: int, *, command: str = "accept", wait: bool = False) -> Rebuilt:
    """Believe a doubted walk after all, at its own place in the history. Raises NotFoundError if it is not in doubt."""
    must_exist(archive)
    clock = Clock()
    with Writer(archive, command, stamp(clock.now()), wait=wait) as writer:
        record, verdict = writer.walk(walk), writer.verdict(walk)
        if verdict is None or verdict.coverage is not Coverage.DOUBTED:
            state = verdict.coverage if verdict else "still open"
            raise NotFoundError(f"{archive}: walk {walk} ({record.source}) is not in doubt, it is {state}")
        source = chosen(config, [record.source])[0]
        with invocation(writer, command, clock):
            with writer.transaction():
                writer.accept(walk, source, stamp(clock.now()))
                done = refold(writer, source, stamp(clock.now()))
            writer.finish_run("ok", stamp(clock.now()))
    return done


def refold(writer: Writer, source: Source, at: str, listen: Listen = ignore) -> Rebuilt:
    """Derive and write the fold of one source, whole or not at all."""
    with writer.transaction():
        before = _fold(writer, source.name)
        judged = list(derive(writer, source))
        writer.replace_fold(source.name, [(one.verdict, one.delta, one.recipe) for one in judged])
        writer.remember_recipe(source, at)
        writer.folded_with(source.name, source.recipe)
    done = _rebuilt(source.name, before, judged)
    listen(Event("note", f"{source.name}: {count(done.walks, 'walk')} read again", source.name, {"walks": done.walks}))
    return done


def _dry(reader: Reader, source: Source) -> Rebuilt:
    return _rebuilt(source.name, _fold(reader, source.name), list(derive(reader, source)))


Fold = tuple[dict[str, Entry], list[Change]]


def _fold(reader: Reader, source: str) -> Fold:
    entries = {entry.id: entry for entry in reader.known(source).values()}
    return entries, reader.changes([source])


def _rebuilt(source: str, before: Fold, judged: Sequence[Judged]) -> Rebuilt:
    entries = {entry.id: entry for one in judged for entry in one.delta.entries}
    changes = [change for one in judged for change in one.delta.changes]
    doubted = [one.verdict for one in judged if one.verdict.coverage is Coverage.DOUBTED]
    return Rebuilt(
        source=source,
        walks=len(judged),
        entries=len(entries),
        differences=tuple(_compared(before, (entries, changes))),
        doubts=tuple(f"{source} walk {one.walk}: {words}" for one in doubted for words in one.doubts),
    )


def _compared(before: Fold, after: Fold) -> list[str]:
    """Entry by entry, then the history as a whole."""
    lines = []
    for name in sorted(before[0].keys() | after[0].keys()):
        lines += _compared_entry(name, before[0].get(name), after[0].get(name))
    old, new = _told(before[1]), _told(after[1])
    if old != new:
        lines.append(f"history: {len(old - new)} changes fall away, {len(new - old)} are added")
    return lines


def _compared_entry(name: str, old: Entry | None, new: Entry | None) -> list[str]:
    if old is None or new is None:
        one, words = (old, "is read no more") if old is not None else (new, "is read now")
        return [f"{name} {one.content.title!r}: {words}"] if one is not None else []
    lines = [f"{name} {field}: {a!r} -> {b!r}" for field, a, b in differences(old.content, new.content)]
    for field in ("key", "versions", "missing_since", "slid_since", "gone_since"):
        a, b = getattr(old, field), getattr(new, field)
        if a != b:
            lines.append(f"{name} {field}: {a!r} -> {b!r}")
    return lines


def _told(changes: Sequence[Change]) -> set[tuple[object, ...]]:
    return {(one.walk, one.entry.id, one.kind, one.field, one.old, one.new, one.at) for one in changes}
