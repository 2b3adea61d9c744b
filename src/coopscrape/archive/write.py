"""The only writer: values -> rows. One at a time (see lock.py), each transaction whole or not at all.

What a row means is decided elsewhere; here it is only kept.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from operator import attrgetter
from pathlib import Path
from typing import Final

from coopscrape.archive import schema
from coopscrape.archive.lock import Lock
from coopscrape.archive.read import Cursor, Reader, faults_are_archive_errors, refuse_others
from coopscrape.errors import ArchiveError
from coopscrape.model import (
    Content,
    Delta,
    End,
    Ended,
    Entry,
    HostMemory,
    Miss,
    Moved,
    Outcome,
    Page,
    Request,
    Source,
    Verdict,
    Version,
)
from coopscrape.version import __version__

Meant = tuple[Verdict, Delta, str]  # what a walk means, by the recipe of that digest

BUSY_SECONDS: Final = 30.0  # how long another program may hold the file before we give up
STEP: Final = 1.0  # seconds that SQLite waits by itself, deaf to signals


class Writer(Reader):
    """An archive that may be written, from opening to `close()`. Reads what it has written itself.

    Raises LockedError if another crawl holds it, ArchiveError if the file is full, damaged or not an archive.
    """

    def __init__(self, path: Path, command: str, now: str, *, wait: bool = False) -> None:
        self.waiting = False  # for another program that writes
        self._patience = BUSY_SECONDS
        self._lock = Lock(path, command, now, wait=wait)
        try:
            with faults_are_archive_errors(path):
                super().__init__(path, _opened(path))
        except BaseException:
            self._lock.release()
            raise
        self.run: int | None = None

    def close(self) -> None:
        super().close()
        self._lock.release()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN IMMEDIATE ... COMMIT; rolled back if the block raises. Nested: the outer one counts."""
        if self._busy():
            yield
            return
        with faults_are_archive_errors(self.path):
            try:
                self._begin()
                yield
                self.conn.execute("COMMIT")
            except BaseException:
                if self._busy():
                    self.conn.execute("ROLLBACK")
                raise

    def _begin(self) -> None:
        self.waiting = True
        try:
            _begin(self.conn, self._patience)
        finally:
            self.waiting = False

    def _busy(self) -> bool:
        return self.conn.in_transaction

    # -- the log --

    def start_run(self, command: str, at: str) -> int:
        """Begin a run; what a killed one left `running` becomes `interrupted`."""
        with self.transaction():
            self.conn.execute("UPDATE runs SET outcome = 'interrupted', finished = ? WHERE outcome = 'running'", (at,))
            row = self.conn.execute(
                "INSERT INTO runs (started, command, version) VALUES (?, ?, ?)", (at, command, __version__)
            )
            self.run = int(row.lastrowid or 0)
        return self.run

    def finish_run(self, outcome: str, at: str) -> None:
        with self.transaction():
            self.conn.execute("UPDATE runs SET outcome = ?, finished = ? WHERE id = ?", (outcome, at, self._run))
        self.run = None

    def give_up(self, outcome: str, at: str) -> None:
        """Finish a run that cannot go on, wherever an error or a signal struck: also between a commit and what follows it.

        If not even that can be written, the next run marks it as interrupted.
        """
        self._patience = 0.0
        with suppress(ArchiveError):
            if self._busy():
                self.conn.execute("ROLLBACK")
            with self.transaction():
                self.conn.execute("UPDATE runs SET outcome = ?, finished = ? WHERE outcome = 'running'", (outcome, at))
        self.run = None

    @property
    def _run(self) -> int:
        if self.run is None:
            raise RuntimeError("nothing is logged outside of a run")
        return self.run

    def open_walk(self, source: Source, at: str, max_pages: int, *, quick: bool = False) -> int:
        with self.transaction():
            self.remember_recipe(source, at)
            row = self.conn.execute(
                "INSERT INTO walks (run, source, recipe, started, max_pages, quick) VALUES (?, ?, ?, ?, ?, ?)",
                (self._run, source.name, source.recipe, at, max_pages, int(quick)),
            )
        return int(row.lastrowid or 0)

    def remember_recipe(self, source: Source, at: str) -> None:
        """How a source is read, so that what was made so can be made again."""
        with self.transaction():
            self.conn.execute(
                "INSERT INTO recipes (source, digest, settings, first_used) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (source.name, source.recipe, source.settings, at),
            )

    def limit_walk(self, walk: int, max_pages: int, *, quick: bool) -> None:
        """A walk that goes on does so under the limit of the run that goes on with it."""
        with self.transaction():
            self.conn.execute("UPDATE walks SET max_pages = ?, quick = ? WHERE id = ?", (max_pages, int(quick), walk))

    def log(self, request: Request, outcome: Outcome) -> int:
        """One answer, or one Miss: a row of the ledger. Returns its id."""
        with self.transaction():
            if isinstance(outcome, Page):
                self.snapshots.keep(outcome.digest, outcome.body, outcome.url, request.walk)
            row = self.conn.execute(_INSERT_PAGE, {**_request_columns(request, self._run), **_outcome_columns(outcome)})
            page = int(row.lastrowid or 0)
            if request.detail:
                row_of_its_own = (page, request.walk, request.asked)
                self.conn.execute("INSERT INTO details (page, walk, asked) VALUES (?, ?, ?)", row_of_its_own)
        return page

    def end_walk(self, walk: int, ended: Ended, at: str, stopped: int | None = None) -> None:
        """Settle a walk: from now on it counts, in the order in which walks were settled.

        `stopped`: the page after which a quick walk had seen enough.
        """
        with self.transaction():
            self.conn.execute(
                """UPDATE walks SET finished = :at, ended = :why, reason = :reason, closed_by = :run, stopped = :stopped,
                          settled = (SELECT coalesce(max(settled), 0) + 1 FROM walks)
                   WHERE id = :walk""",
                {
                    "at": at,
                    "why": End.LIMIT if ended.why is End.EARLY else ended.why,
                    "reason": ended.reason,
                    "run": self._run,
                    "stopped": stopped if ended.why is End.EARLY else None,
                    "walk": walk,
                },
            )

    def accept(self, walk: int, source: Source, at: str) -> None:
        """Remember that a person believes a doubted walk after all, as `source` reads it."""
        with self.transaction():
            self.remember_recipe(source, at)
            self.conn.execute(
                "INSERT INTO acceptances (walk, at, recipe) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (walk, at, source.recipe),
            )

    # -- the fold --

    def apply(self, verdict: Verdict, delta: Delta, recipe: str, known: Mapping[str, Entry] | None = None) -> None:
        """What one walk means, whole or not at all. `known`: the entries of the source as they stand, by key.

        Most were only seen again, and of these nothing else is written; without `known` everything is.
        """
        again = {entry.id for entry in delta.entries if known and _only_seen_again(known.get(entry.key), entry)}
        rest = replace(delta, entries=tuple(entry for entry in delta.entries if entry.id not in again))
        with self.transaction():
            self._write([(verdict, rest, recipe)])
            self.conn.executemany(
                "UPDATE entries SET last_seen = ? WHERE id = ?",
                [(entry.last_seen, entry.id) for entry in delta.entries if entry.id in again],
            )

    def replace_fold(self, source: str, meant: Sequence[Meant]) -> None:
        """What the log of one source means, in place of what it was taken to mean; whole or not at all.

        An entry that is derived again keeps its row, so that the search index is touched only where it says otherwise.
        """
        derived = json.dumps([entry.id for _, delta, _ in meant for entry in delta.entries])
        with self.transaction():
            for statement in (
                "DELETE FROM changes WHERE walk IN (SELECT id FROM walks WHERE source = :source)",
                """DELETE FROM versions WHERE entry IN (SELECT id FROM entries WHERE source = :source
                                                        UNION SELECT value FROM json_each(:derived))""",
                """DELETE FROM states WHERE "row" IN (SELECT "row" FROM entries WHERE source = :source
                                                      OR id IN (SELECT value FROM json_each(:derived)))""",
                "DELETE FROM entries WHERE source = :source AND id NOT IN (SELECT value FROM json_each(:derived))",
                "DELETE FROM verdicts WHERE walk IN (SELECT id FROM walks WHERE source = :source)",
            ):
                self.conn.execute(statement, {"source": source, "derived": derived})
            self._write(meant)

    def _write(self, meant: Sequence[Meant]) -> None:
        """Of an entry the last state alone: what it was before is in its versions."""
        entries = {entry.id: entry for _, delta, _ in meant for entry in delta.entries}
        self.conn.executemany(_INSERT_VERDICT, [_verdict_columns(verdict, recipe) for verdict, _, recipe in meant])
        self.conn.executemany(_UPSERT_ENTRY, map(_entry_columns, entries.values()))
        self.conn.executemany(
            _INSERT_VERSION, [_version_columns(one) for _, delta, _ in meant for one in delta.versions]
        )
        self.conn.executemany(
            """INSERT INTO changes (walk, n, entry, version, kind, field, old, new, at)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            [
                (one.walk, one.n, one.entry.id, one.entry.versions, one.kind, one.field, one.old, one.new, one.at)
                for _, delta, _ in meant
                for one in delta.changes
            ],
        )
        self.conn.executemany(_INSERT_STATE, _states(meant))

    def folded_with(self, source: str, recipe: str) -> None:
        """Remember which recipe the fold of a source was made with."""
        with self.transaction():
            self.conn.execute(
                """INSERT INTO folds (source, recipe) VALUES (?, ?)
                   ON CONFLICT (source) DO UPDATE SET recipe = excluded.recipe""",
                (source, recipe),
            )

    # -- memory --

    def remember_hosts(self, memories: Iterable[HostMemory]) -> None:
        with self.transaction():
            self.conn.executemany(
                """INSERT INTO hosts (host, last_request, not_before, streak, interval) VALUES (?, ?, ?, ?, ?)
                   ON CONFLICT (host) DO UPDATE SET last_request = excluded.last_request,
                      not_before = excluded.not_before, streak = excluded.streak, interval = excluded.interval""",
                [(one.host, one.last_request, one.not_before, one.streak, one.interval) for one in memories],
            )

    def move_cursor(self, name: str, cursor: Cursor) -> None:
        """A reader has read so far."""
        with self.transaction():
            self.conn.execute(
                """INSERT INTO cursors (name, settled, doubted) VALUES (?, ?, ?)
                   ON CONFLICT (name) DO UPDATE SET settled = excluded.settled, doubted = excluded.doubted""",
                (name, cursor.settled, json.dumps(cursor.doubted)),
            )


def _opened(path: Path) -> sqlite3.Connection:
    """A connection to an archive of today's make, made or migrated if need be."""
    refuse_others(path)
    conn = sqlite3.connect(path, timeout=STEP, isolation_level=None)
    try:
        _prepare(path, conn)
    except BaseException:
        conn.close()
        raise
    return conn


def _begin(conn: sqlite3.Connection, patience: float) -> None:
    """In steps, so that a signal can end the wait for another program."""
    end = time.monotonic() + patience
    while True:
        try:
            conn.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                raise
        else:
            return


def _prepare(path: Path, conn: sqlite3.Connection) -> None:
    conn.execute("PRAGMA foreign_keys = ON")
    conn.execute("PRAGMA synchronous = FULL")
    fresh = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if not fresh and conn.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION_ID:
        raise ArchiveError(f"{path}: is a SQLite database, but no coopscrape archive; name another with --archive")
    conn.execute("PRAGMA journal_mode = WAL")
    if not fresh and (newer := schema.newer_than_we_know(conn)):
        raise ArchiveError(f"{path}: was written by a newer coopscrape (it knows {', '.join(newer)}); upgrade this one")
    if fresh or schema.is_older(conn):
        _begin(conn, BUSY_SECONDS)
        conn.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        schema.migrate(conn)
        conn.execute("COMMIT")


_INSERT_PAGE = """
INSERT INTO pages (run, walk, purpose, number, asked, url, fetched_at, elapsed, status, why, detail, location, etag,
                   last_modified, content_type, signals, snapshot, fresh, conditional, sent, wire_bytes,
                   retry_after)
VALUES (:run, :walk, :purpose, :number, :asked, :url, :fetched_at, :elapsed, :status, :why, :detail, :location, :etag,
        :last_modified, :content_type, :signals, :snapshot, :fresh, :conditional, :sent, :wire_bytes,
        :retry_after)
"""
_ABSENT: Final = dict.fromkeys(
    ("status", "why", "detail", "location", "etag", "last_modified", "content_type", "snapshot", "retry_after")
)


def _request_columns(request: Request, run: int) -> dict[str, object]:
    page = request.remembered
    return {
        "run": run,
        "walk": request.walk,
        "purpose": request.purpose,
        "number": request.number,
        "asked": request.asked,
        "conditional": int(page is not None and bool(page.etag or page.last_modified)),
    }


def _outcome_columns(outcome: Outcome) -> dict[str, object]:
    common = {
        **_ABSENT,
        "url": outcome.url,
        "fetched_at": outcome.fetched_at,
        "elapsed": round(outcome.elapsed, 6),
        "status": outcome.status,
        "signals": "[]",
        "fresh": 1,
        "sent": 1,
        "wire_bytes": outcome.wire_bytes,
    }
    if isinstance(outcome, Miss):
        wish = {"retry_after": outcome.retry_after, "sent": int(outcome.sent)}
        return common | wish | {"why": outcome.why, "detail": outcome.detail}
    if isinstance(outcome, Moved):
        return common | {"location": outcome.location, "retry_after": outcome.retry_after}
    return common | {
        "etag": outcome.etag,
        "last_modified": outcome.last_modified,
        "content_type": outcome.content_type,
        "signals": json.dumps(outcome.signals),
        "snapshot": outcome.digest,
        "fresh": int(outcome.fresh),
    }


_but_when: Final = attrgetter(*(field.name for field in fields(Entry) if field.name != "last_seen"))


def _only_seen_again(before: Entry | None, after: Entry) -> bool:
    return before is not None and bool(_but_when(before) == _but_when(after))


_CONTENT = "category, title, date, date_text, summary, link, extra"
_INSERT_VERDICT = """
INSERT INTO verdicts (walk, coverage, reason, doubts, warnings, pages, entries, fills, shows, overlooked, recipe)
VALUES (:walk, :coverage, :reason, :doubts, :warnings, :pages, :entries, :fills, :shows, :overlooked, :recipe)
"""
_UPSERT_ENTRY = f"""
INSERT INTO entries (id, source, key, number, place, {_CONTENT}, versions, first_seen, last_seen, missing_since, missed,
                     slid_since, gone_since)
VALUES (:id, :source, :key, :number, :place, :category, :title, :date, :date_text, :summary, :link, :extra, :versions,
        :first_seen, :last_seen, :missing_since, :missed, :slid_since, :gone_since)
ON CONFLICT (id) DO UPDATE SET
    source = excluded.source, key = excluded.key, first_seen = excluded.first_seen,
    number = excluded.number, place = excluded.place, category = excluded.category, title = excluded.title,
    date = excluded.date, date_text = excluded.date_text, summary = excluded.summary, link = excluded.link,
    extra = excluded.extra, versions = excluded.versions, last_seen = excluded.last_seen,
    missing_since = excluded.missing_since, missed = excluded.missed, slid_since = excluded.slid_since,
    gone_since = excluded.gone_since
"""
_INSERT_VERSION = f"""
INSERT INTO versions (entry, n, seen_from, page, number, {_CONTENT})
VALUES (:entry, :n, :seen_from, :page, :number, :category, :title, :date, :date_text, :summary, :link, :extra)
"""
_STATE: Final = ("versions", "number", "place", "missing_since", "missed", "slid_since", "gone_since")
_INSERT_STATE: Final = f"""
INSERT INTO states ("row", settled, version, number, place, missing_since, missed, slid_since, gone_since)
SELECT e."row", w.settled, {", ".join(f":{name}" for name in _STATE)}
FROM walks AS w JOIN entries AS e ON e.id = :id
LEFT JOIN states AS s ON s."row" = e."row" AND s.settled = (SELECT max(settled) FROM states WHERE "row" = e."row")
WHERE w.id = :walk AND ({", ".join(f":{name}" for name in _STATE)})
                       IS NOT (s.version, s.number, s.place, s.missing_since, s.missed, s.slid_since, s.gone_since)
"""


def _states(meant: Sequence[Meant]) -> Iterator[dict[str, object]]:
    """How each entry stood after each walk that moved it. Most were only seen again, which is no news."""
    last: dict[str, dict[str, object]] = {}
    for verdict, delta, _ in meant:
        for entry in delta.entries:
            state = {name: getattr(entry, name) for name in _STATE}
            if last.get(entry.id) != state:
                last[entry.id] = state
                yield {**state, "id": entry.id, "walk": verdict.walk}


def _verdict_columns(verdict: Verdict, recipe: str) -> dict[str, object]:
    return {
        "walk": verdict.walk,
        "coverage": verdict.coverage,
        "reason": verdict.reason,
        "doubts": json.dumps(verdict.doubts, ensure_ascii=False),
        "warnings": json.dumps(verdict.warnings, ensure_ascii=False),
        "pages": verdict.pages,
        "entries": verdict.entries,
        "fills": json.dumps(dict(verdict.fills), ensure_ascii=False),
        "shows": json.dumps(verdict.shows),
        "overlooked": verdict.overlooked,
        "recipe": recipe,
    }


def _content_columns(content: Content) -> dict[str, object]:
    return {
        "category": content.category,
        "title": content.title,
        "date": content.date,
        "date_text": content.date_text,
        "summary": content.summary,
        "link": content.link,
        "extra": json.dumps(dict(content.extra), ensure_ascii=False) if content.extra else "{}",
    }


def _entry_columns(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.id,
        "source": entry.source,
        "key": entry.key,
        "number": entry.number,
        "place": entry.place,
        "versions": entry.versions,
        "first_seen": entry.first_seen,
        "last_seen": entry.last_seen,
        "missing_since": entry.missing_since,
        "missed": entry.missed,
        "slid_since": entry.slid_since,
        "gone_since": entry.gone_since,
        **_content_columns(entry.content),
    }


def _version_columns(version: Version) -> dict[str, object]:
    return {
        "entry": version.entry,
        "n": version.n,
        "seen_from": version.seen_from,
        "page": version.page,
        "number": version.number,
        **_content_columns(version.content),
    }
