"""Rows -> values: everything that can be asked of an archive. Readers open the file read-only and disturb no crawl."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, wraps
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, Self, TypeVar

from coopscrape.archive import asof, schema, search
from coopscrape.archive.asof import AsOf
from coopscrape.archive.lock import is_held
from coopscrape.archive.snapshots import Snapshots
from coopscrape.errors import ArchiveError, NotFoundError
from coopscrape.model import (
    Asked,
    Change,
    Content,
    Coverage,
    Covered,
    Entry,
    HostMemory,
    Kind,
    Miss,
    Page,
    Proof,
    Signals,
    Usual,
    Verdict,
    Version,
    Visited,
    Walked,
    Why,
    authority_of,
    epoch,
    host_of,
)

# Servers lie about what has not changed: after this many 304s in a row the page is asked for without validators.
UNCHANGED_BELIEVED: Final = 9
READING: Final = 4.0  # seconds that a reader waits for another program, deaf to signals
# So many walks back goes the memory of what is usual.
MEASURED: Final = 12
VISITS_COUNTED: Final = 2000  # what a source did before is not its habit any more


@dataclass(frozen=True, slots=True)
class WalkRecord:
    """A walk as the log has it. `ended` and what follows are None while it is open."""

    id: int
    source: str
    recipe: str
    started: str
    max_pages: int
    finished: str | None
    ended: str | None
    reason: str | None
    settled: int | None
    quick: bool = False  # it may stop early
    stopped: int | None = None  # the page after which it did


@dataclass(frozen=True, slots=True)
class Stored:
    """The final answer to one page of a walk; `Reader.outcome(page)` has the rest."""

    page: int
    number: int
    asked: str
    url: str
    at: str
    digest: str | None  # None: a Miss
    content_type: str | None = None
    signals: Signals = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """One opt-out signal, and from when to when it was said."""

    place: str  # header, meta, robots.txt
    name: str
    value: str
    first_seen: str
    last_seen: str
    now: bool


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """What the archive knows of a source as a whole."""

    source: str
    walks: int
    last_walk: int | None
    last_started: str | None
    last_finished: str | None
    verdict: Verdict | None
    accepted: bool
    believed: str | None  # when the last walk finished that was believed
    shown: int
    missing: int
    gone: int
    slid: int
    last_change: str | None
    whole: str | None  # when the last walk finished that saw all of it
    overlooked: int  # entries that it found below where a quick walk stops
    signals: tuple[Signal, ...] = ()  # of its pages, and of the robots.txt that hold for them
    robots_ignored: str | None = None  # the reason, if its last walk did not obey robots.txt


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a reader has read."""

    settled: int  # all walks up to this one,
    doubted: tuple[int, ...] = ()  # but what these say, which were in doubt then


@dataclass(frozen=True, slots=True)
class HostLedger:
    """What our side knows of how a host was treated."""

    host: str
    requests: int
    unchanged: int
    conditional: int
    misses: int
    wire_bytes: int
    smallest_gap: float | None  # seconds, start to start
    retry_afters: int  # how often it wished for a pause
    retry_afters_obeyed: int  # how often nothing was asked before that was over
    last_request: str | None

    @property
    def unchanged_share(self) -> float | None:
        """Of the requests that could be answered with a 304."""
        return round(self.unchanged / self.conditional, 3) if self.conditional else None


P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound="Reader")


@dataclass(frozen=True, slots=True)
class Sizes:
    """What an archive takes, in bytes."""

    file: int  # with its write-ahead log
    pages: int  # answers that brought a body, or confirmed one
    snapshots: int  # different bodies
    bytes: int  # of these, as they came
    stored: int  # of these, as they are kept


@contextmanager
def faults_are_archive_errors(path: Path) -> Iterator[None]:
    """SQLite's own errors as one clear line; everything else passes."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter: not even the words of the error can be read
        words = "is a folder; name a file with --archive" if path.is_dir() else _words(error)
        raise ArchiveError(f"{path}: {words}") from error


def nonsense_is_damage(method: Callable[Concatenate[R, P], T]) -> Callable[Concatenate[R, P], T]:
    """For what turns rows into values: what is no such value was never written by us."""

    @wraps(method)
    def read(self: R, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(self, *args, **kwargs)
        except asof.Misunderstood:  # the question is at fault, not the row
            raise
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ArchiveError(f"{self.path}: {DAMAGED.format(f'a row cannot be read: {error}')}") from error

    return read


DAMAGED: Final = "is damaged ({0}); see `coopscrape check`, restore a backup, or run `sqlite3 FILE .recover`"


NO_DATABASE: Final = "is no SQLite database; name another file with --archive"
MAGIC: Final = b"SQLite format 3\x00"  # https://sqlite.org/fileformat.html, section 1.3

_FAULTS: Final = (
    ("not a database", NO_DATABASE),
    ("malformed", DAMAGED),
    ("decode", DAMAGED),
    ("no such table", DAMAGED),
    ("no such column", DAMAGED),
    ("disk is full", "cannot grow, the disk is full; what was committed before is safe. Make room and run again"),
    (
        "disk i/o",
        "cannot be read or written ({0}); what was committed before is safe. Look at the disk, and at `ulimit -f`",
    ),
    ("readonly", "is read-only; make it writable, or name another file with --archive"),
    ("locked", "is locked by another program; try again when it is done"),
    ("unable to open", "cannot be opened; does its folder exist, and may you write there?"),
    ("too large", "a value is too large for SQLite ({0})"),
)


def _words(error: Exception) -> str:
    text = str(error)
    for sign, words in _FAULTS:
        if sign in text.lower():
            return words.format(text)
    return f"SQLite says: {text}"


class Reader:
    """An archive that is only read. `Reader.open(path)`; a context manager."""

    def __init__(self, path: Path, conn: sqlite3.Connection) -> None:
        self.path = path
        self.conn = conn
        self.snapshots = Snapshots(conn)

    @classmethod
    def open(cls, path: Path) -> Reader:
        """Raises ArchiveError if there is no archive at `path`."""
        must_exist(path)
        with faults_are_archive_errors(path):
            refuse_others(path)
            try:
                return Reader(path, _opened(path, "mode=ro"))
            except sqlite3.OperationalError:
                if not _lies_still(path):
                    raise
                return Reader(path, _opened(path, "immutable=1"))

    def close(self) -> None:
        self.conn.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _all(self, sql: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> list[dict[str, Any]]:
        with faults_are_archive_errors(self.path):
            cursor = self._asked(sql, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def _asked(self, sql: str, values: Mapping[str, Any] | Sequence[Any]) -> sqlite3.Cursor:
        """Raises NotFoundError for what nobody can have written: bytes of a command line that are no UTF-8."""
        try:
            return self.conn.execute(sql, values)
        except UnicodeEncodeError as error:
            raise NotFoundError(
                f"{self.path}: {error.object!r} is no text (UTF-8), so there is no such thing"
            ) from error

    def _one(self, sql: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> dict[str, Any] | None:
        rows = self._all(sql, values)
        return rows[0] if rows else None

    # -- what a crawl needs to know --

    @nonsense_is_damage
    def known(self, source: str) -> dict[str, Entry]:
        """The entries of a source by key."""
        rows = self._all("SELECT * FROM entries WHERE source = ? ORDER BY place, key", (source,))
        return {row["key"]: _entry(row, row) for row in rows}

    @nonsense_is_damage
    def usual(self, source: str) -> Usual | None:
        """What the last complete, believed walks of a source were like."""
        rows = self._all(
            """SELECT v.* FROM verdicts AS v JOIN walks AS w ON w.id = v.walk
               WHERE w.source = ? AND (v.coverage = 'complete' OR v.coverage = 'prefix' AND v.doubts <> '[]')
               ORDER BY w.settled DESC LIMIT ?""",
            (source, MEASURED),
        )
        return usual_of([_verdict(row) for row in reversed(rows)])

    @nonsense_is_damage
    def walk(self, walk: int) -> WalkRecord:
        """Raises NotFoundError."""
        row = self._one(f"SELECT {_WALK} FROM walks WHERE id = ?", (walk,))
        if row is None:
            raise NotFoundError(f"{self.path}: there is no walk {walk}; `coopscrape status` names the last ones")
        return _walk(row)

    @nonsense_is_damage
    def walks(self, source: str) -> list[WalkRecord]:
        """The settled walks of a source, in the order in which they count."""
        rows = self._all(
            f"SELECT {_WALK} FROM walks WHERE source = ? AND settled IS NOT NULL ORDER BY settled", (source,)
        )
        return [_walk(row) for row in rows]

    @nonsense_is_damage
    def open_walks(self) -> list[WalkRecord]:
        """Walks that a killed run left behind."""
        return [_walk(row) for row in self._all(f"SELECT {_WALK} FROM walks WHERE settled IS NULL ORDER BY id")]

    @nonsense_is_damage
    def answers(self, walk: int) -> list[Stored]:
        """What came of each page that a walk asked for in the end: the last answer counts, a redirect is none."""
        rows = self._all(
            f"""{_STORED} WHERE walk = ? AND location IS NULL AND {_LISTED} GROUP BY number, asked
                ORDER BY number, page""",
            (walk,),
        )
        return [_stored(row) for row in rows]

    @nonsense_is_damage
    def details(self, walk: int) -> list[Stored]:
        """What came of each entry's own page that a walk asked for, in their order."""
        rows = self._all(
            f"""{_STORED} WHERE id IN (SELECT page FROM details WHERE walk = ?) AND location IS NULL GROUP BY asked
                ORDER BY page""",
            (walk,),
        )
        return [_stored(row) for row in rows]

    @nonsense_is_damage
    def detail_before(self, page: int) -> Stored | None:
        """The answer before this one to the same own page of an entry of the same source; a Miss is none."""
        rows = self._all(
            f"""{_STORED} WHERE snapshot IS NOT NULL AND id IN (
                    SELECT d.page FROM details AS d JOIN walks AS w ON w.id = d.walk
                    WHERE d.asked = (SELECT asked FROM details WHERE page = :page) AND d.page < :page
                      AND w.source = (SELECT source FROM walks WHERE id = (SELECT walk FROM details WHERE page = :page)))
                GROUP BY asked""",
            {"page": page},
        )
        return _stored(rows[0]) if rows else None

    @nonsense_is_damage
    def details_asked(self, source: str) -> dict[str, Asked]:
        """Which own pages of entries have been asked for, and when last."""
        rows = self._all(
            """SELECT d.asked, max(d.page) AS page, p.fetched_at AS at, d.walk,
                      p.snapshot IS NOT NULL OR p.status IN (204, 205)
                      OR (p.status BETWEEN 400 AND 499 AND p.status NOT IN (408, 425, 429)) AS answered
               FROM walks AS w JOIN details AS d ON d.walk = w.id JOIN pages AS p ON p.id = d.page
               WHERE w.source = ? GROUP BY d.asked""",
            (source,),
        )
        return {row["asked"]: Asked(row["at"], row["walk"], bool(row["answered"])) for row in rows if epoch(row["at"])}

    @nonsense_is_damage
    def outcome(self, page: int) -> Page | Miss:
        """One row of the ledger, with its body."""
        row = self._one("SELECT * FROM pages WHERE id = ?", (page,))
        if row is None:
            raise NotFoundError(f"{self.path}: there is no page {page}")
        return _miss(row) if row["snapshot"] is None else _page(row, self._body(row))

    def _body(self, row: Mapping[str, Any]) -> bytes:
        with faults_are_archive_errors(self.path):
            try:
                return self.snapshots.body(row["snapshot"])
            except ValueError as error:
                words = f"{self.path}: page {row['id']} ({row['url']}): {error}; run `coopscrape check`"
                raise ArchiveError(words) from error

    def remembered(self, url: str) -> Page | None:
        """The stored page of a url, if a 304 for it may be believed: not after too many of them in a row."""
        rows = self._all(
            """SELECT id, fresh FROM pages WHERE url = ? AND snapshot IS NOT NULL ORDER BY id DESC LIMIT ?""",
            (url, UNCHANGED_BELIEVED),
        )
        if not rows or (len(rows) == UNCHANGED_BELIEVED and not any(row["fresh"] for row in rows)):
            return None
        page = self.outcome(rows[0]["id"])
        return page if isinstance(page, Page) and (page.etag or page.last_modified) else None

    def recall_robots(self, url: str) -> Page | Miss | None:
        """The last answer to a robots.txt that was one: rules (2xx), or that there are none (4xx, or nothing in it)."""
        row = self._one(
            """SELECT id FROM pages WHERE asked = ? AND purpose = 'robots' AND location IS NULL
                  AND (snapshot IS NOT NULL OR status IN (204, 205) OR (status BETWEEN 400 AND 499 AND status <> 429))
               ORDER BY id DESC LIMIT 1""",
            (url,),
        )
        return self.outcome(row["id"]) if row else None

    @nonsense_is_damage
    def host_memories(self) -> list[HostMemory]:
        return [HostMemory(**row) for row in self._all("SELECT * FROM hosts")]

    def folded(self, source: str) -> str | None:
        """The recipe that the fold of a source was made with."""
        row = self._one("SELECT recipe FROM folds WHERE source = ?", (source,))
        return row["recipe"] if row else None

    def settings(self, source: str, recipe: str) -> str:
        """A source's block as it was, JSON."""
        row = self._one("SELECT settings FROM recipes WHERE source = ? AND digest = ?", (source, recipe))
        if row is None:
            raise ArchiveError(f"{self.path}: recipe {recipe[:12]} of {source} is missing; run `coopscrape check`")
        return str(row["settings"])

    @nonsense_is_damage
    def block(self, source: str, recipe: str) -> Any:
        """The same as a value. Raises ArchiveError for what is no JSON."""
        return json.loads(self.settings(source, recipe))

    def recipes(self, source: str) -> dict[str, int]:
        """The recipes that walks of a source were made with, the one that was used last first, each with that walk."""
        rows = self._all(
            "SELECT recipe, max(id) AS walk FROM walks WHERE source = ? GROUP BY recipe ORDER BY walk DESC", (source,)
        )
        return {row["recipe"]: row["walk"] for row in rows}

    def accepted(self) -> dict[int, str | None]:
        """The doubted walks that a person believes after all, and the recipe by which it was looked at."""
        return {row["walk"]: row["recipe"] for row in self._all("SELECT walk, recipe FROM acceptances")}

    @nonsense_is_damage
    def last_started(self) -> dict[str, str]:
        """When each source was last visited; a walk that is still open does not count."""
        rows = self._all("SELECT source, max(started) AS at FROM walks WHERE settled IS NOT NULL GROUP BY source")
        return {row["source"]: row["at"] for row in rows if epoch(row["at"])}

    @nonsense_is_damage
    def walked(self, source: str) -> list[Walked]:
        """How far the last walks of a source went, the last one first: back to the last that saw all of it."""
        rows = self._all(_WALKED, {"source": source})
        return [
            Walked(
                row["walk"],
                row["finished"],
                Coverage(row["coverage"]),
                row["pages"],
                bool(row["quick"]),
                row["stopped"] is not None,
                row["limited"],
            )
            for row in rows
        ]

    @nonsense_is_damage
    def cursor(self, name: str) -> Cursor | None:
        """How far this reader has read; None if it never did."""
        row = self._one("SELECT settled, doubted FROM cursors WHERE name = ?", (name,))
        return Cursor(row["settled"], tuple(json.loads(row["doubted"]))) if row else None

    def end(self) -> Cursor:
        """How far there is to be read now."""
        doubted = self._all("SELECT walk FROM verdicts WHERE coverage = 'doubted' ORDER BY walk")
        return Cursor(self.last_settled(), tuple(row["walk"] for row in doubted))

    def last_settled(self) -> int:
        row = self._one("SELECT coalesce(max(settled), 0) AS n FROM walks")
        return int(row["n"]) if row else 0

    # -- what people ask --

    def sources(self) -> list[str]:
        """Every source that the archive has walked."""
        return [row["source"] for row in self._all("SELECT DISTINCT source FROM walks ORDER BY source")]

    def latest_run(self) -> int | None:
        """The last run that settled a walk."""
        row = self._one("SELECT max(closed_by) AS run FROM walks")
        return row["run"] if row else None

    @nonsense_is_damage
    def changes(
        self,
        sources: Iterable[str] = (),
        *,
        kinds: Iterable[str] = (),
        since: str | None = None,
        until: str | None = None,
        run: int | None = None,
        since_run: int | None = None,
        after: Cursor | None = None,
        entry: str | None = None,
    ) -> list[Change]:
        """What happened, in the order in which walks were settled.

        `since` <= when the walk was settled < `until` (moments, or days, which are compared as text);
        `run`, `since_run`: settled by this run, or by it and later ones; `after`: what a reader has not been told yet,
        which is also what is believed by now of the walks that were in doubt when it passed them.
        """
        rows = self._all(
            f"""SELECT c.walk, c.n, c.kind, c.field, c.old, c.new, c.at, {_STATE}
                FROM changes AS c JOIN walks AS w ON w.id = c.walk
                JOIN entries AS e ON e.id = c.entry
                JOIN versions AS v ON v.entry = c.entry AND v.n = c.version
                WHERE (:since IS NULL OR w.finished >= :since) AND (:until IS NULL OR w.finished < :until)
                  AND (:run IS NULL OR w.closed_by = :run) AND (:since_run IS NULL OR w.closed_by >= :since_run)
                  AND (:after IS NULL OR w.settled > :after OR w.id IN (SELECT value FROM json_each(:doubted)))
                  AND (:entry IS NULL OR c.entry = :entry)
                  AND {_among("w.source", "sources")} AND {_among("c.kind", "kinds")}
                ORDER BY w.settled, c.n""",
            {
                "since": since,
                "until": until,
                "run": run,
                "since_run": since_run,
                "after": after.settled if after else None,
                "doubted": json.dumps(after.doubted if after else ()),
                "entry": entry,
                "sources": json.dumps(list(sources)),
                "kinds": json.dumps(list(kinds)),
            },
        )
        return [_change(row) for row in rows]

    @nonsense_is_damage
    def entries(
        self,
        sources: Iterable[str] = (),
        *,
        category: str | None = None,
        after: str | None = None,
        before: str | None = None,
        everything: bool = False,
        as_of: AsOf | None = None,
    ) -> list[Entry]:
        """What the listings show, in their order; `everything`: also what is gone or slid off the end.

        `after` <= date < `before`, both ISO and possibly partial; entries without a date fall out.
        `as_of`: as they stood then (a day: at its end); see `position`, and `covered` for what had been looked at.
        """
        listing, settled = ("SELECT * FROM entries", None) if as_of is None else (asof.LISTING, self.position(as_of))
        rows = self._all(
            f"""SELECT * FROM ({listing})
                WHERE (:everything OR (gone_since IS NULL AND slid_since IS NULL)) AND {_among("source", "sources")}
                  AND (:category IS NULL OR category = :category COLLATE NOCASE)
                  AND (:after IS NULL OR date >= :after) AND (:before IS NULL OR date < :before)
                ORDER BY source, place, id""",
            {
                "everything": everything,
                "sources": json.dumps(list(sources)),
                "category": category,
                "after": after,
                "before": before,
                "settled": settled,
            },
        )
        return [_entry(row, row) for row in rows]

    @nonsense_is_damage
    def search(
        self,
        words: str,
        sources: Iterable[str] = (),
        *,
        category: str | None = None,
        after: str | None = None,
        before: str | None = None,
        as_of: AsOf | None = None,
    ) -> list[Entry]:
        """The entries with all `words` in title, summary or category, the best first; what is gone is among them.

        A word, `"a phrase"`, `begin*`; case and accents do not matter. `as_of`: by what they said then, those that were
        known then. Raises ValueError if there is no word, and as `position`.
        """
        values = {
            "query": search.fts_query(words),
            "sources": json.dumps(list(sources)),
            "category": category,
            "after": after,
            "before": before,
        }
        with self._unchanging():
            settled = None if as_of is None else self.position(as_of)
            rows = self._all(
                f"""SELECT * FROM ({search.NOW if settled is None else self._earlier(settled)})
                    WHERE {_among("source", "sources")} AND (:category IS NULL OR category = :category COLLATE NOCASE)
                      AND (:after IS NULL OR date >= :after) AND (:before IS NULL OR date < :before)
                    ORDER BY rank, source, place, id""",
                values | {"settled": settled},
            )
        return [_entry(row, row) for row in rows]

    @contextmanager
    def _unchanging(self) -> Iterator[None]:
        """All that the block reads stands as it stood at its beginning, whoever writes meanwhile."""
        if self.conn.in_transaction:
            yield
            return
        with faults_are_archive_errors(self.path):
            self.conn.execute("BEGIN")
            try:
                yield
            finally:
                self.conn.execute("COMMIT")

    def _earlier(self, settled: int) -> str:
        """Index what the entries said then, for this connection only; the query that searches it."""
        with faults_are_archive_errors(self.path):
            for statement in search.INDEX_EARLIER:
                self.conn.execute(statement)
            self.conn.execute(search.FILL_EARLIER.format(listing=asof.LISTING), {"settled": settled})
        return search.THEN.format(listing=asof.LISTING)

    def position(self, as_of: AsOf) -> int:
        """How many settled walks count at a moment: a day, month or year means its end; `run:12` is after that run.

        Raises ValueError if it is no moment, NotFoundError if there was no such run, ArchiveError if an older coopscrape
        wrote the archive, which kept no record of how listings stood.
        """
        moment = asof.as_text(as_of)
        self._remembers_listings()
        if moment.startswith("run:") and not self._one("SELECT 1 FROM runs WHERE id = ?", (int(moment[4:]),)):
            raise NotFoundError(f"{self.path}: there is no run {moment[4:]}; the last one is {self.last_run()}")
        rows = self._all(
            "SELECT settled, finished, closed_by AS run FROM walks WHERE settled IS NOT NULL ORDER BY settled"
        )
        return asof.position(moment, [asof.Settled(**row) for row in rows])

    def covered(self, as_of: AsOf, sources: Iterable[str] = ()) -> list[Covered]:
        """What had been looked at of each source at a moment, by name. Raises as `position`."""
        settled = self.position(as_of)
        wanted = list(sources)
        rows = self._all(
            f"""SELECT w.source, w.id AS walk, w.settled, w.finished, v.coverage, v.reason, v.pages
                FROM walks AS w LEFT JOIN verdicts AS v ON v.walk = w.id
                WHERE w.settled IS NOT NULL AND {_among("w.source", "sources")} ORDER BY w.source, w.settled""",
            {"sources": json.dumps(wanted)},
        )
        return [asof.covered(source, walks, settled) for source, walks in groupby(rows, itemgetter("source"))]

    def last_run(self) -> int:
        row = self._one("SELECT coalesce(max(id), 0) AS n FROM runs")
        return int(row["n"]) if row else 0

    def _remembers_listings(self) -> None:
        if self._one(
            'SELECT source FROM entries AS e WHERE NOT EXISTS (SELECT 1 FROM states AS s WHERE s."row" = e."row") LIMIT 1'
        ):
            raise ArchiveError(
                f"{self.path}: was written by an older coopscrape, which did not keep how the listings stood; "
                "`coopscrape rebuild` derives that from the stored pages"
            )

    @nonsense_is_damage
    def entry(self, name: str) -> Entry:
        """An entry by its id, a unique start of it, or its link. Raises NotFoundError."""
        rows = self._all(
            """SELECT * FROM entries WHERE link = :name
               OR (length(:name) >= 4 AND id >= lower(:name) AND id < lower(:name) || 'g') ORDER BY id LIMIT 3""",
            {"name": name},
        )
        if len(rows) == 1:
            return _entry(rows[0], rows[0])
        if rows:
            some = ", ".join(f"{row['id']} ({row['source']})" for row in rows)
            raise NotFoundError(f"{self.path}: `{name}` means more than one entry: {some} ...; write more of the id")
        raise NotFoundError(
            f"{self.path}: there is no entry `{name}`; `coopscrape list` shows the ids (at least 4 characters), "
            "a whole link is understood too"
        )

    @nonsense_is_damage
    def versions(self, entry: str) -> list[tuple[Version, Proof]]:
        """Every state of an entry, each with the page that first said so; `body(proof.page)` are its bytes."""
        rows = self._all(
            """SELECT v.*, p.walk, p.number AS page_number, p.url, p.fetched_at, p.snapshot,
                      p.id IN (SELECT page FROM details) AS own
               FROM versions AS v JOIN pages AS p ON p.id = v.page
               WHERE v.entry = ? ORDER BY v.n""",
            (entry,),
        )
        return [(_version(row), _proof(row)) for row in rows]

    def version(self, entry: str, n: int | None = None) -> tuple[Version, Proof]:
        """One state of an entry, the last one if `n` is None. Raises NotFoundError."""
        states = self.versions(entry)
        if n is None:
            return states[-1]
        if not 1 <= n <= len(states):
            raise NotFoundError(f"{self.path}: {entry} has versions 1 to {len(states)}, and no {n}")
        return states[n - 1]

    def body(self, page: int) -> bytes:
        """The bytes of a stored page, as they came. Raises NotFoundError if none were kept."""
        outcome = self.outcome(page)
        if not isinstance(outcome, Page):
            raise NotFoundError(
                f"{self.path}: of page {page} ({outcome.url}) there are no bytes; run `coopscrape check`"
            )
        return outcome.body

    def status(self) -> list[SourceStatus]:
        """Each source, by name."""
        said = self._all("SELECT * FROM signals")
        return [self._status(source, said) for source in self.sources()]

    @nonsense_is_damage
    def _status(self, source: str, said: Sequence[Mapping[str, Any]]) -> SourceStatus:
        counts = self._one(_COUNTS, (source,)) or {}
        last = self._one(
            """SELECT w.id, w.started, w.finished, EXISTS (SELECT 1 FROM acceptances WHERE walk = w.id) AS accepted, v.*
               FROM walks AS w LEFT JOIN verdicts AS v ON v.walk = w.id
               WHERE w.source = ? AND w.settled IS NOT NULL ORDER BY w.settled DESC LIMIT 1""",
            (source,),
        )
        times = self._one(
            """SELECT (SELECT count(*) FROM walks WHERE source = :source) AS walks,
                      (SELECT w.finished FROM walks AS w JOIN verdicts AS v ON v.walk = w.id
                       WHERE w.source = :source AND v.coverage NOT IN ('doubted', 'refused') AND v.pages > 0
                       ORDER BY w.settled DESC LIMIT 1) AS believed,
                      (SELECT w.finished FROM walks AS w JOIN verdicts AS v ON v.walk = w.id
                       WHERE w.source = :source AND v.coverage = 'complete' ORDER BY w.settled DESC LIMIT 1) AS whole,
                      coalesce((SELECT v.overlooked FROM walks AS w JOIN verdicts AS v ON v.walk = w.id
                       WHERE w.source = :source AND v.coverage = 'complete' ORDER BY w.settled DESC LIMIT 1), 0)
                          AS overlooked,
                      (SELECT max(c.at) FROM changes AS c JOIN walks AS w ON w.id = c.walk WHERE w.source = :source)
                          AS last_change""",
            {"source": source},
        )
        return SourceStatus(
            source=source,
            last_walk=last["id"] if last else None,
            last_started=last["started"] if last else None,
            last_finished=last["finished"] if last else None,
            verdict=_verdict(last) if last and last["coverage"] else None,
            accepted=bool(last and last["accepted"]),
            signals=self._signals(source, said),
            robots_ignored=self.robots_ignored(source),
            **(times or {}),
            **counts,
        )

    def _signals(self, source: str, said: Sequence[Mapping[str, Any]]) -> tuple[Signal, ...]:
        """Those of its own pages, and those of each robots.txt under which the pages of its last walk stand."""
        robots = {row["origin"] for row in said if row["source"] is None}
        origins = self._origins(source) & robots if robots else set()
        ours = (row for row in said if row["source"] == source or (row["source"] is None and row["origin"] in origins))
        return tuple(Signal(**{name: row[name] for name in _SIGNAL}, now=bool(row["now"])) for row in ours)

    def _origins(self, source: str) -> set[str]:
        urls = self._all(
            """SELECT DISTINCT url FROM pages
               WHERE walk = (SELECT max(id) FROM walks WHERE source = ?) AND sent""",
            (source,),
        )
        return {_as_written(row["url"]) for row in urls}

    @nonsense_is_damage
    def robots_ignored(self, source: str) -> str | None:
        """Why the last walk of a source did not obey robots.txt; None if it did."""
        row = self._one(
            """SELECT r.settings FROM walks AS w JOIN recipes AS r ON r.source = w.source AND r.digest = w.recipe
               WHERE w.source = ? ORDER BY w.id DESC LIMIT 1""",
            (source,),
        )
        block = json.loads(row["settings"]) if row else {}
        return str(block.get("robots_reason") or "") if block.get("robots") == "ignore" else None

    def visits(self, source: str) -> list[Visited]:
        """What the walks of a source brought, in their order: the last VISITS_COUNTED that ended."""
        rows = self._all(_VISITS, {"source": source, "limit": VISITS_COUNTED})
        return [
            Visited(
                at=epoch(row["finished"]),
                believed=bool(row["believed"]),
                brought=bool(row["brought"]),
                renewed=bool(row["renewed"]),
                unchanged=bool(row["unchanged"]),
            )
            for row in reversed(rows)
        ]

    def ledger(self) -> list[HostLedger]:
        """How each host was treated, from the requests that were sent."""
        self.conn.create_function(
            "host_of", 1, lru_cache(10_000)(host_of), deterministic=True
        )  # the name that politeness counts by
        return [HostLedger(**row) for row in self._all(_LEDGER)]

    def sizes(self) -> Sizes:
        row = self._one(
            """SELECT count(*) AS snapshots, coalesce(sum(size), 0) AS bytes,
                      (SELECT coalesce(sum(length(body)), 0) FROM snapshots) AS stored,
                      (SELECT count(snapshot) FROM pages) AS pages
               FROM snapshots"""
        )
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return Sizes(file=sum(one.stat().st_size for one in files if one.exists()), **(row or {}))

    def pages_of(self, walk: int) -> tuple[int, int]:
        """Pages that a walk read, and how many of them were 304s."""
        row = self._one(
            "SELECT count(*) AS pages, coalesce(sum(NOT fresh), 0) AS unchanged FROM pages"
            f" WHERE walk = ? AND snapshot IS NOT NULL AND {_LISTED}",
            (walk,),
        )
        return (row["pages"], row["unchanged"]) if row else (0, 0)

    @nonsense_is_damage
    def verdict(self, walk: int) -> Verdict | None:
        row = self._one("SELECT * FROM verdicts WHERE walk = ?", (walk,))
        return _verdict(row) if row else None


def measures(verdict: Verdict) -> bool:
    """Whether a walk says what is usual: it went to the end, or a person said that it is so."""
    return verdict.coverage is Coverage.COMPLETE or (verdict.coverage is Coverage.PREFIX and bool(verdict.doubts))


def usual_of(verdicts: Sequence[Verdict]) -> Usual | None:
    """The last complete, believed walks are the measure for the next one; the oldest comes first.

    What a person accepted is how it is from there on: nothing before it counts.
    """
    last = [one for one in verdicts if measures(one)][-MEASURED:]
    since = max((i for i, one in enumerate(last) if one.doubts), default=0)
    complete = [one for one in last[since:] if one.coverage is Coverage.COMPLETE]
    if not complete:
        return None
    names = set[str]().union(*(dict(one.fills) for one in complete))
    return Usual(
        entries=min(one.entries for one in complete),
        pages=min(one.pages for one in complete),
        fills=tuple((name, min(dict(one.fills).get(name, 0.0) for one in complete)) for name in sorted(names)),
        shows=tuple(one.shows for one in complete if one.shows),
    )


def _opened(path: Path, how: str) -> sqlite3.Connection:
    conn = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=READING, isolation_level=None)
    try:
        _be_ours(path, conn)
    except BaseException:
        conn.close()
        raise
    return conn


def refuse_others(path: Path) -> None:
    """A file that is no database. SQLite takes one of a few bytes for empty, and would write over it."""
    if not path.is_file():
        return
    try:
        with path.open("rb") as file:
            beginning = file.read(len(MAGIC))
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read: {error.strerror}") from error
    if beginning not in (b"", MAGIC):
        raise ArchiveError(f"{path}: {NO_DATABASE}")


def _lies_still(path: Path) -> bool:
    """On a medium that cannot be written, SQLite cannot make the files that it reads a WAL database with."""
    wal = path.with_name(path.name + "-wal")
    return not os.access(path.parent, os.W_OK) and not (wal.exists() and wal.stat().st_size) and not is_held(path)


def _be_ours(path: Path, conn: sqlite3.Connection) -> None:
    if conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        raise ArchiveError(f"{path}: is empty; `coopscrape crawl` makes an archive of it")
    if conn.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION_ID:
        raise ArchiveError(f"{path}: is no coopscrape archive; name another file with --archive")
    if newer := schema.newer_than_we_know(conn):
        raise ArchiveError(f"{path}: was written by a newer coopscrape (it knows {', '.join(newer)}); upgrade this one")
    if schema.is_older(conn):
        words = "was written by an older coopscrape; the next crawl brings it up to date, or: coopscrape rebuild"
        raise ArchiveError(f"{path}: {words}")


def must_exist(path: Path) -> None:
    """For those who write, but make no new archive. Raises ArchiveError."""
    if not path.exists():
        raise ArchiveError(f"{path}: there is no archive yet; `coopscrape crawl` makes one")


# The answers of the ledger; `max(id)` picks the last of those that are grouped.
_STORED = """SELECT max(id) AS page, number, asked, url, fetched_at AS at, snapshot AS digest, content_type, signals
             FROM pages"""
_LISTED = "id NOT IN (SELECT page FROM details)"  # a page of the listing, not of an entry's own
_WALK = "id, source, recipe, started, max_pages, finished, ended, reason, settled, quick, stopped"
_SIGNAL = ("place", "name", "value", "first_seen", "last_seen")
_COUNTS = """
SELECT count(*) FILTER (WHERE gone_since IS NULL AND slid_since IS NULL) AS shown,
       count(*) FILTER (WHERE missing_since IS NOT NULL AND gone_since IS NULL) AS missing,
       count(*) FILTER (WHERE gone_since IS NOT NULL) AS gone,
       count(*) FILTER (WHERE slid_since IS NOT NULL) AS slid
FROM entries WHERE source = ?
"""
_WALKED = """
SELECT w.id AS walk, w.finished, v.coverage, v.pages, w.quick, w.stopped,
       CASE w.ended WHEN 'limit' THEN w.max_pages END AS limited
FROM walks AS w JOIN verdicts AS v ON v.walk = w.id
WHERE w.source = :source AND w.settled >= coalesce((
    SELECT max(l.settled) FROM walks AS l JOIN verdicts AS c ON c.walk = l.id
    WHERE l.source = :source AND c.coverage = 'complete'), 0)
ORDER BY w.settled DESC
"""
_VISITS = """
SELECT w.finished, v.coverage NOT IN ('doubted', 'refused') AND v.pages > 0 AS believed,
       EXISTS (SELECT 1 FROM changes AS c WHERE c.walk = w.id AND c.kind IN ('new', 'changed')) AS brought,
       EXISTS (SELECT 1 FROM pages AS p WHERE p.walk = w.id AND p.snapshot IS NOT NULL
                  AND p.id NOT IN (SELECT page FROM details)
                  AND p.id = (SELECT min(id) FROM pages WHERE snapshot = p.snapshot)) AS renewed,
       NOT EXISTS (SELECT 1 FROM pages AS p WHERE p.walk = w.id AND p.snapshot IS NOT NULL AND p.fresh
                      AND p.id NOT IN (SELECT page FROM details)) AS unchanged
FROM walks AS w JOIN verdicts AS v ON v.walk = w.id WHERE w.source = :source ORDER BY w.settled DESC LIMIT :limit
"""
_LEDGER = """
WITH named AS (
    SELECT host_of(url) AS host, julianday(fetched_at) * 86400 - elapsed AS start,
           status, location, retry_after, elapsed, fresh, conditional, why, wire_bytes, fetched_at
    FROM pages WHERE sent
), spaced AS (
    SELECT *, start - lag(start) OVER by_time AS gap,
           (status IN (429, 503) OR location IS NOT NULL) AND retry_after > 0 AS wished,
           -- Moments are kept in milliseconds. A pause of more than thirty days is taken for thirty (plan/host.py).
           coalesce(lead(start) OVER by_time >= start + elapsed + min(retry_after, 30 * 86400) - 0.01, 1) AS obeyed
    FROM named
    WINDOW by_time AS (PARTITION BY host ORDER BY start)
)
SELECT host, count(*) AS requests, coalesce(sum(NOT fresh), 0) AS unchanged, sum(conditional) AS conditional,
       count(why) AS misses, sum(wire_bytes) AS wire_bytes, round(min(gap), 3) AS smallest_gap,
       coalesce(sum(wished), 0) AS retry_afters, coalesce(sum(wished AND obeyed), 0) AS retry_afters_obeyed,
       max(fetched_at) AS last_request
FROM spaced GROUP BY host ORDER BY host
"""
# An entry as it was after a change: who it is from `entries`, what it said from `versions`.
_STATE = """
e.id, e.source, e.key, e.place, v.number, v.category, v.title, v.date, v.date_text, v.summary, v.link, v.extra,
v.n AS versions, e.first_seen, e.last_seen, e.missing_since, e.missed, e.slid_since, e.gone_since
"""


def _among(column: str, name: str) -> str:
    """`column` is one of a JSON list given as :name; an empty list means any."""
    return f"(:{name} = '[]' OR {column} IN (SELECT value FROM json_each(:{name})))"


def _stored(row: Mapping[str, Any]) -> Stored:
    return Stored(**{**row, "signals": _signals(row["signals"])})


def _walk(row: Mapping[str, Any]) -> WalkRecord:
    epoch(row["started"])  # raises if it is no moment
    return WalkRecord(**{**row, "quick": bool(row["quick"])})


def _content(row: Mapping[str, Any]) -> Content:
    return Content(
        category=row["category"],
        title=row["title"],
        date=row["date"],
        date_text=row["date_text"],
        summary=row["summary"],
        link=row["link"],
        extra=tuple(json.loads(row["extra"]).items()),
    )


def _entry(row: Mapping[str, Any], content: Mapping[str, Any]) -> Entry:
    return Entry(
        id=row["id"],
        source=row["source"],
        key=row["key"],
        number=row["number"],
        place=row["place"],
        content=_content(content),
        versions=row["versions"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        missing_since=row["missing_since"],
        missed=row["missed"],
        slid_since=row["slid_since"],
        gone_since=row["gone_since"],
    )


def _version(row: Mapping[str, Any]) -> Version:
    return Version(
        entry=row["entry"],
        n=row["n"],
        seen_from=row["seen_from"],
        page=row["page"],
        number=row["number"],
        content=_content(row),
    )


def _proof(row: Mapping[str, Any]) -> Proof:
    epoch(row["fetched_at"])  # raises if it is no moment
    return Proof(
        page=row["page"],
        walk=row["walk"],
        number=row["page_number"],
        url=row["url"],
        at=row["fetched_at"],
        digest=row["snapshot"],
        own=bool(row["own"]),
    )


def _change(row: Mapping[str, Any]) -> Change:
    return Change(
        walk=row["walk"],
        n=row["n"],
        kind=Kind(row["kind"]),
        entry=_entry(row, row),
        at=row["at"],
        field=row["field"],
        old=row["old"],
        new=row["new"],
    )


def _verdict(row: Mapping[str, Any]) -> Verdict:
    return Verdict(
        walk=row["walk"],
        coverage=Coverage(row["coverage"]),
        reason=row["reason"],
        doubts=tuple(json.loads(row["doubts"])),
        entries=row["entries"],
        pages=row["pages"],
        fills=tuple(json.loads(row["fills"]).items()),
        warnings=tuple(json.loads(row["warnings"])),
        shows=tuple(json.loads(row["shows"])),
        overlooked=row["overlooked"],
    )


def _page(row: Mapping[str, Any], body: bytes) -> Page:
    epoch(row["fetched_at"])  # raises if it is no moment
    return Page(
        asked=row["asked"],
        url=row["url"],
        fetched_at=row["fetched_at"],
        body=body,
        digest=row["snapshot"],
        status=row["status"],
        content_type=row["content_type"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        fresh=bool(row["fresh"]),
        wire_bytes=row["wire_bytes"],
        elapsed=row["elapsed"],
        signals=_signals(row["signals"]),
    )


def _as_written(url: str) -> str:
    """Its origin as robots.txt is asked for: without the default port."""
    origin = authority_of(url)
    return origin.removesuffix({"http": ":80", "https": ":443"}.get(origin.partition(":")[0], ""))


def _signals(text: str) -> Signals:
    return tuple((name, value) for name, value in json.loads(text))


def _miss(row: Mapping[str, Any]) -> Miss:
    epoch(row["fetched_at"])
    return Miss(
        asked=row["asked"],
        url=row["url"],
        why=Why(row["why"]) if row["why"] else Why.UNASKED,
        detail=row["detail"] or "",
        fetched_at=row["fetched_at"],
        status=row["status"],
        retry_after=row["retry_after"],
        wire_bytes=row["wire_bytes"],
        elapsed=row["elapsed"],
        sent=bool(row["sent"]),
    )
