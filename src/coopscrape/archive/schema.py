"""What the archive looks like: tables, views, triggers, and the migrations that bring an older file up to date.

The log (runs, recipes, walks, pages, details, snapshots, acceptances) is append-only, and the schema itself says so.
The fold (entries, versions, changes, verdicts, folds, entries_fts) can be derived from it again at any time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite_utils
    from sqlite_utils.migrations import Migrations

    Step = Callable[[sqlite_utils.Database], None]

# sqlite-utils is imported where migrations are applied: who only reads need not wait for it.
APPLICATION_ID: Final = 0x636F6F70  # "coop": how `file` and we ourselves tell that a database is an archive
FOLD_TABLES: Final = ("changes", "versions", "states", "entries", "verdicts", "folds")

SET: Final = "coopscrape"  # sqlite-utils keeps the migrations of several programs apart in one file

_steps: Final[dict[str, Step]] = {}  # by name, in the order in which they are applied


def migrations() -> Callable[[Step], Step]:
    """What follows is a migration; its name is never changed, since archives remember it."""

    def remember(step: Step) -> Step:
        _steps[step.__name__] = step
        return step

    return remember


_LOG = """
CREATE TABLE runs (
    id       INTEGER PRIMARY KEY,
    started  TEXT NOT NULL,
    finished TEXT,
    outcome  TEXT NOT NULL DEFAULT 'running'
             CHECK (outcome IN ('running', 'ok', 'partial', 'failed', 'interrupted')),
    command  TEXT NOT NULL,
    version  TEXT NOT NULL,
    CHECK ((outcome = 'running') = (finished IS NULL))
) STRICT;

CREATE TABLE recipes (
    source     TEXT NOT NULL,
    digest     TEXT NOT NULL,
    settings   TEXT NOT NULL CHECK (json_valid(settings)),
    first_used TEXT NOT NULL,
    PRIMARY KEY (source, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE walks (
    id        INTEGER PRIMARY KEY,
    run       INTEGER NOT NULL REFERENCES runs,
    source    TEXT NOT NULL,
    recipe    TEXT NOT NULL,
    started   TEXT NOT NULL,
    finished  TEXT,
    origin    TEXT NOT NULL DEFAULT 'crawl' CHECK (origin IN ('crawl', 'import')),
    max_pages INTEGER NOT NULL CHECK (max_pages > 0),
    ended     TEXT CHECK (ended IN ('listing', 'limit', 'miss', 'refused', 'cut', 'doubt')),
    reason    TEXT,
    settled   INTEGER UNIQUE,
    closed_by INTEGER REFERENCES runs,
    FOREIGN KEY (source, recipe) REFERENCES recipes (source, digest),
    CHECK ((finished IS NULL) = (ended IS NULL) AND (finished IS NULL) = (settled IS NULL)
           AND (finished IS NULL) = (closed_by IS NULL))
) STRICT;
CREATE INDEX walks_source ON walks (source, settled);
CREATE UNIQUE INDEX walks_one_open ON walks (source) WHERE settled IS NULL;

CREATE TABLE snapshots (
    digest    TEXT PRIMARY KEY CHECK (length(digest) = 64),
    body      BLOB NOT NULL,
    reference TEXT REFERENCES snapshots,
    size      INTEGER NOT NULL CHECK (size >= 0)
) STRICT;

CREATE TABLE pages (
    id            INTEGER PRIMARY KEY,
    run           INTEGER NOT NULL REFERENCES runs,
    walk          INTEGER REFERENCES walks,
    purpose       TEXT NOT NULL CHECK (purpose IN ('page', 'robots')),
    number        INTEGER NOT NULL,
    asked         TEXT NOT NULL,
    url           TEXT NOT NULL,
    fetched_at    TEXT NOT NULL,
    elapsed       REAL NOT NULL,
    status        INTEGER,
    why           TEXT,
    detail        TEXT,
    location      TEXT,
    etag          TEXT,
    last_modified TEXT,
    content_type  TEXT,
    signals       TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(signals)),
    snapshot      TEXT REFERENCES snapshots,
    fresh         INTEGER NOT NULL DEFAULT 1 CHECK (fresh IN (0, 1)),
    conditional   INTEGER NOT NULL DEFAULT 0 CHECK (conditional IN (0, 1)),
    sent          INTEGER NOT NULL DEFAULT 1 CHECK (sent IN (0, 1)),
    wire_bytes    INTEGER NOT NULL DEFAULT 0,
    CHECK ((snapshot IS NOT NULL) + (why IS NOT NULL) + (location IS NOT NULL) = 1)
) STRICT;
CREATE INDEX pages_walk ON pages (walk, number);
CREATE INDEX pages_url ON pages (url, id);
CREATE INDEX pages_snapshot ON pages (snapshot);

CREATE TABLE acceptances (
    walk INTEGER PRIMARY KEY REFERENCES walks,
    at   TEXT NOT NULL
) STRICT;
"""

# What was seen is never unsaid: only a run and a walk that are still open may be finished.
_APPEND_ONLY = """
CREATE TRIGGER pages_kept BEFORE DELETE ON pages BEGIN SELECT RAISE(ABORT, 'pages are append-only'); END;
CREATE TRIGGER pages_fixed BEFORE UPDATE ON pages BEGIN SELECT RAISE(ABORT, 'pages are append-only'); END;
CREATE TRIGGER snapshots_kept BEFORE DELETE ON snapshots BEGIN SELECT RAISE(ABORT, 'snapshots are append-only'); END;
CREATE TRIGGER snapshots_fixed BEFORE UPDATE ON snapshots BEGIN SELECT RAISE(ABORT, 'snapshots are append-only'); END;
CREATE TRIGGER recipes_kept BEFORE DELETE ON recipes BEGIN SELECT RAISE(ABORT, 'recipes are append-only'); END;
CREATE TRIGGER recipes_fixed BEFORE UPDATE ON recipes BEGIN SELECT RAISE(ABORT, 'recipes are append-only'); END;
CREATE TRIGGER walks_kept BEFORE DELETE ON walks BEGIN SELECT RAISE(ABORT, 'walks are append-only'); END;
CREATE TRIGGER walks_fixed BEFORE UPDATE ON walks WHEN OLD.settled IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'a settled walk is append-only'); END;
CREATE TRIGGER runs_kept BEFORE DELETE ON runs BEGIN SELECT RAISE(ABORT, 'runs are append-only'); END;
CREATE TRIGGER runs_fixed BEFORE UPDATE ON runs WHEN OLD.finished IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'a finished run is append-only'); END;
"""

_FOLD = """
CREATE TABLE entries (
    row           INTEGER PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE CHECK (length(id) = 16),
    source        TEXT NOT NULL,
    key           TEXT NOT NULL,
    number        INTEGER NOT NULL,
    place         INTEGER NOT NULL,
    category      TEXT,
    title         TEXT,
    date          TEXT,
    date_text     TEXT,
    summary       TEXT,
    link          TEXT CHECK (link LIKE 'http://%' OR link LIKE 'https://%'),
    extra         TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extra)),
    versions      INTEGER NOT NULL CHECK (versions > 0),
    first_seen    TEXT NOT NULL,
    last_seen     TEXT NOT NULL,
    missing_since TEXT,
    missed        INTEGER NOT NULL DEFAULT 0,
    slid_since    TEXT,
    gone_since    TEXT,
    UNIQUE (source, key),
    CHECK ((missed > 0) = (missing_since IS NOT NULL))
) STRICT;
CREATE INDEX entries_place ON entries (source, place);

CREATE TABLE versions (
    entry     TEXT NOT NULL REFERENCES entries (id),
    n         INTEGER NOT NULL CHECK (n > 0),
    seen_from TEXT NOT NULL,
    page      INTEGER NOT NULL REFERENCES pages,
    number    INTEGER NOT NULL,
    category  TEXT,
    title     TEXT,
    date      TEXT,
    date_text TEXT,
    summary   TEXT,
    link      TEXT,
    extra     TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extra)),
    PRIMARY KEY (entry, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE changes (
    walk    INTEGER NOT NULL REFERENCES walks,
    n       INTEGER NOT NULL CHECK (n > 0),
    entry   TEXT NOT NULL REFERENCES entries (id),
    version INTEGER NOT NULL,
    kind    TEXT NOT NULL CHECK (kind IN ('new', 'changed', 'gone', 'back')),
    field   TEXT,
    old     TEXT,
    new     TEXT,
    at      TEXT NOT NULL,
    PRIMARY KEY (walk, n),
    FOREIGN KEY (entry, version) REFERENCES versions (entry, n),
    CHECK ((kind = 'changed') = (field IS NOT NULL)),
    CHECK (kind <> 'changed' OR old IS NOT new)
) STRICT, WITHOUT ROWID;
CREATE INDEX changes_entry ON changes (entry);

CREATE TABLE verdicts (
    walk     INTEGER PRIMARY KEY REFERENCES walks,
    coverage TEXT NOT NULL CHECK (coverage IN ('complete', 'prefix', 'cut', 'doubted', 'refused')),
    reason   TEXT NOT NULL,
    doubts   TEXT NOT NULL CHECK (json_valid(doubts)),
    warnings TEXT NOT NULL CHECK (json_valid(warnings)),
    pages    INTEGER NOT NULL,
    entries  INTEGER NOT NULL,
    fills    TEXT NOT NULL CHECK (json_valid(fills)),
    recipe   TEXT NOT NULL
) STRICT;

CREATE TABLE folds (
    source TEXT PRIMARY KEY,
    recipe TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE entries_fts USING fts5 (
    title, summary, category, content = 'entries', content_rowid = 'row', tokenize = "unicode61 remove_diacritics 2"
);
CREATE TRIGGER entries_fts_in AFTER INSERT ON entries BEGIN
    INSERT INTO entries_fts (rowid, title, summary, category) VALUES (NEW.row, NEW.title, NEW.summary, NEW.category);
END;
CREATE TRIGGER entries_fts_out AFTER DELETE ON entries BEGIN
    INSERT INTO entries_fts (entries_fts, rowid, title, summary, category)
    VALUES ('delete', OLD.row, OLD.title, OLD.summary, OLD.category);
END;
CREATE TRIGGER entries_fts_edit AFTER UPDATE OF title, summary, category ON entries
WHEN OLD.title IS NOT NEW.title OR OLD.summary IS NOT NEW.summary OR OLD.category IS NOT NEW.category BEGIN
    INSERT INTO entries_fts (entries_fts, rowid, title, summary, category)
    VALUES ('delete', OLD.row, OLD.title, OLD.summary, OLD.category);
    INSERT INTO entries_fts (rowid, title, summary, category) VALUES (NEW.row, NEW.title, NEW.summary, NEW.category);
END;
"""

# Neither log nor fold: politeness between runs, and how far a reader has read.
_MEMORY = """
CREATE TABLE hosts (
    host         TEXT PRIMARY KEY,
    last_request REAL,
    not_before   REAL,
    streak       INTEGER NOT NULL DEFAULT 0,
    interval     REAL NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (
    name    TEXT PRIMARY KEY,
    settled INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""

_VIEWS = """
CREATE VIEW current AS
    SELECT source, place, number, category, title, date, date_text, summary, link, extra, id, first_seen, last_seen
    FROM entries
    WHERE gone_since IS NULL AND slid_since IS NULL
    ORDER BY source, place, id;

CREATE VIEW history AS
    SELECT c.entry, e.source, w.settled, c.walk, c.n, c.kind, c.field, c.old, c.new, c.at,
           old_page.url AS old_page, old_page.snapshot AS old_snapshot,
           new_page.url AS new_page, new_page.snapshot AS new_snapshot
    FROM changes AS c
    JOIN entries AS e ON e.id = c.entry
    JOIN walks AS w ON w.id = c.walk
    LEFT JOIN versions AS new_state
           ON new_state.entry = c.entry AND new_state.n = c.version AND c.kind IN ('new', 'changed')
    LEFT JOIN versions AS old_state ON old_state.entry = c.entry AND old_state.n = new_state.n - 1
    LEFT JOIN pages AS new_page ON new_page.id = new_state.page
    LEFT JOIN pages AS old_page ON old_page.id = old_state.page
    ORDER BY w.settled, c.n;

CREATE VIEW coverage AS
    SELECT w.source, w.settled, w.id AS walk, w.run, w.started, w.finished, w.origin, v.coverage, v.reason, v.doubts,
           v.warnings, v.pages, v.entries, EXISTS (SELECT 1 FROM acceptances AS a WHERE a.walk = w.id) AS accepted
    FROM walks AS w JOIN verdicts AS v ON v.walk = w.id
    ORDER BY w.settled;

CREATE VIEW latest AS
    SELECT h.* FROM history AS h JOIN walks AS w ON w.id = h.walk
    WHERE w.closed_by = (SELECT max(closed_by) FROM walks)
    ORDER BY h.settled, h.n;
"""

# `scheme://host:port` of an address, as far as it is written.
_ORIGIN: Final = """
substr(address, 1, instr(address, '://') + 1
       + min(instr(substr(address, instr(address, '://') + 3) || '/', '/'),
             instr(substr(address, instr(address, '://') + 3) || '?', '?')))
"""
# What is said now: by the last walk of a source that read a page, by the last robots.txt of an origin.
_WISHES = f"""
ALTER TABLE pages ADD COLUMN retry_after REAL;
CREATE INDEX pages_signals ON pages (id) WHERE signals <> '[]';
CREATE INDEX pages_robots ON pages (asked, id) WHERE purpose = 'robots';
CREATE VIEW signals AS
    WITH last_walks AS (
        SELECT source, max(id) AS walk FROM walks AS w
        WHERE EXISTS (SELECT 1 FROM pages AS p WHERE p.walk = w.id AND p.snapshot IS NOT NULL)
        GROUP BY source
    ), last_robots AS (
        SELECT max(id) AS page FROM pages
        WHERE purpose = 'robots' AND location IS NULL
          AND (snapshot IS NOT NULL OR status IN (204, 205) OR (status BETWEEN 400 AND 499 AND status <> 429))
        GROUP BY asked
    ), said AS (  -- few rows out of many pages, before anything is taken apart
        SELECT w.source, CASE p.purpose WHEN 'robots' THEN p.asked ELSE p.url END AS address, p.signals,
               min(p.fetched_at) AS first, max(p.fetched_at) AS last,
               max(p.walk IN (SELECT walk FROM last_walks) OR p.id IN (SELECT page FROM last_robots)) AS still
        FROM pages AS p LEFT JOIN walks AS w ON w.id = p.walk
        WHERE p.signals <> '[]' AND (p.walk IS NOT NULL OR p.purpose = 'robots')
        GROUP BY 1, 2, 3
    ), one_by_one AS (
        SELECT source, address, json_extract(s.value, '$[0]') AS name, json_extract(s.value, '$[1]') AS value,
               first, last, still
        FROM said, json_each(said.signals) AS s
    )
    SELECT source, {_ORIGIN} AS origin,
           CASE WHEN name LIKE 'meta:%' THEN 'meta' WHEN name LIKE 'robots.txt:%' THEN 'robots.txt' ELSE 'header' END
               AS place,
           substr(name, instr(name, ':') + 1) AS name, value,
           min(first) AS first_seen, max(last) AS last_seen, max(still) AS now
    FROM one_by_one
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY 1, 2, 3, 4, 6, 5;
"""


# A snapshot is stored against a whole one or none: no body may ever hang on a chain of others. The index finds what is
# stored against one, and adds up sizes without reading the bodies before them.
_REFERENCES = """
CREATE TRIGGER snapshots_unchained BEFORE INSERT ON snapshots
WHEN NEW.reference IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM snapshots WHERE digest = NEW.reference AND reference IS NULL)
    BEGIN SELECT RAISE(ABORT, 'the reference of a snapshot is stored whole'); END;
CREATE INDEX snapshots_reference ON snapshots (reference, size);
"""


@migrations()
def first(db: sqlite_utils.Database) -> None:
    """The log, the fold, the memory and the views."""
    for script in (_LOG, _APPEND_ONLY, _FOLD, _MEMORY, _VIEWS):
        for statement in statements(script):
            db.execute(statement)


@migrations()
def wishes(db: sqlite_utils.Database) -> None:
    """What servers asked for: the pauses of Retry-After; opt-out signals, and when they were said."""
    for statement in statements(_WISHES):
        db.execute(statement)


@migrations()
def entries_of_each_page(db: sqlite_utils.Database) -> None:
    """What each page showed: a listing that ends elsewhere, or a page that is short, is told by what is usual."""
    db.execute("ALTER TABLE verdicts ADD COLUMN shows TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(shows))")


@migrations()
def accepted_as_read(db: sqlite_utils.Database) -> None:
    """An acceptance knows by which recipe the walk was read that a person believed."""
    db.execute("ALTER TABLE acceptances ADD COLUMN recipe TEXT")


@migrations()
def references(db: sqlite_utils.Database) -> None:
    """Snapshots that are stored against others."""
    for statement in statements(_REFERENCES):
        db.execute(statement)


# How each entry stood after each walk that moved it: what `--as-of` lists. Only differences are kept.
_STATES = """
CREATE TABLE states (
    "row"         INTEGER NOT NULL REFERENCES entries ("row"),
    settled       INTEGER NOT NULL REFERENCES walks (settled),
    version       INTEGER NOT NULL,
    number        INTEGER NOT NULL,
    place         INTEGER NOT NULL,
    missing_since TEXT,
    missed        INTEGER NOT NULL,
    slid_since    TEXT,
    gone_since    TEXT,
    PRIMARY KEY ("row", settled)
) STRICT, WITHOUT ROWID;
"""


@migrations()
def states_of_entries(db: sqlite_utils.Database) -> None:
    """The listing as it stood after each walk. An older fold is derived again by the next crawl or rebuild."""
    for statement in statements(_STATES):
        db.execute(statement)
    db.execute("UPDATE folds SET recipe = ''")


_PASSED: Final = """
UPDATE cursors SET doubted = (
    SELECT json_group_array(w.id) FROM walks AS w JOIN verdicts AS v ON v.walk = w.id
    WHERE v.coverage = 'doubted' AND w.settled <= cursors.settled
)
"""


@migrations()
def doubts_passed(db: sqlite_utils.Database) -> None:
    """Which walks were in doubt when a reader passed them: what they say is told when it is believed after all."""
    db.execute("ALTER TABLE cursors ADD COLUMN doubted TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(doubted))")
    db.execute(_PASSED)


# A walk that stops early is ended by a limit that it finds itself: `ended` is `limit`, `stopped` says after which page.
_QUICK: Final = """
ALTER TABLE walks ADD COLUMN quick INTEGER NOT NULL DEFAULT 0 CHECK (quick IN (0, 1));
ALTER TABLE walks ADD COLUMN stopped INTEGER CHECK (stopped > 0);
CREATE TABLE verdicts_before AS SELECT * FROM verdicts;
DROP TABLE verdicts;
CREATE TABLE verdicts (
    walk       INTEGER PRIMARY KEY REFERENCES walks,
    coverage   TEXT NOT NULL CHECK (coverage IN ('complete', 'prefix', 'unstable', 'cut', 'doubted', 'refused')),
    reason     TEXT NOT NULL,
    doubts     TEXT NOT NULL CHECK (json_valid(doubts)),
    warnings   TEXT NOT NULL CHECK (json_valid(warnings)),
    pages      INTEGER NOT NULL,
    entries    INTEGER NOT NULL,
    fills      TEXT NOT NULL CHECK (json_valid(fills)),
    recipe     TEXT NOT NULL,
    shows      TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(shows)),
    overlooked INTEGER NOT NULL DEFAULT 0 CHECK (overlooked >= 0)
) STRICT;
INSERT INTO verdicts SELECT *, 0 FROM verdicts_before;
DROP TABLE verdicts_before;
"""


@migrations()
def quick_walks(db: sqlite_utils.Database) -> None:
    """Walks that stop early, and walks of a listing that moved while it was read."""
    for statement in statements(_QUICK):
        db.execute(statement)


# Which pages are no pages of a listing, but of one of its entries; and a history that leads to the right ones: what a
# listing said stands on a page of the listing, what an own page said on an own page.
_DETAILS: Final = """
CREATE TABLE details (
    page  INTEGER PRIMARY KEY REFERENCES pages,
    walk  INTEGER NOT NULL REFERENCES walks,
    asked TEXT NOT NULL
) STRICT;
CREATE INDEX details_walk ON details (walk);
CREATE INDEX details_asked ON details (asked, page);
CREATE TRIGGER details_kept BEFORE DELETE ON details BEGIN SELECT RAISE(ABORT, 'details are append-only'); END;
CREATE TRIGGER details_fixed BEFORE UPDATE ON details BEGIN SELECT RAISE(ABORT, 'details are append-only'); END;
DROP VIEW latest;
DROP VIEW history;
CREATE VIEW history AS
    SELECT c.entry, e.source, w.settled, c.walk, c.n, c.kind, c.field, c.old, c.new, c.at,
           old_page.url AS old_page, old_page.snapshot AS old_snapshot,
           new_page.url AS new_page, new_page.snapshot AS new_snapshot
    FROM changes AS c
    JOIN entries AS e ON e.id = c.entry
    JOIN walks AS w ON w.id = c.walk
    LEFT JOIN versions AS new_state
           ON new_state.entry = c.entry AND new_state.n = c.version AND c.kind IN ('new', 'changed')
    LEFT JOIN versions AS old_state ON old_state.entry = c.entry AND old_state.n = (
        SELECT max(b.n) FROM versions AS b WHERE b.entry = c.entry AND b.n < new_state.n
           AND (b.page IN (SELECT page FROM details)) = (new_state.page IN (SELECT page FROM details)))
    LEFT JOIN pages AS new_page ON new_page.id = new_state.page
    LEFT JOIN pages AS old_page ON old_page.id = old_state.page
    ORDER BY w.settled, c.n;
CREATE VIEW latest AS
    SELECT h.* FROM history AS h JOIN walks AS w ON w.id = h.walk
    WHERE w.closed_by = (SELECT max(closed_by) FROM walks)
    ORDER BY h.settled, h.n;
"""


@migrations()
def own_pages(db: sqlite_utils.Database) -> None:
    """The pages of the entries' own."""
    for statement in statements(_DETAILS):
        db.execute(statement)


def statements(script: str) -> list[str]:
    """The statements of a script, one by one: `executescript` would commit the transaction around it."""
    found, rest = [], ""
    for piece in script.split(";"):
        rest += piece + ";"
        if sqlite3.complete_statement(rest):
            found.append(rest.strip())
            rest = ""
    return [statement for statement in found if statement != ";"]


def known() -> frozenset[str]:
    """The migrations of this release, by name."""
    return frozenset(_steps)


def applied(conn: sqlite3.Connection) -> frozenset[str]:
    """The migrations of an archive, by name. Writes nothing."""
    rows = conn.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (SET,))
    return frozenset(name for (name,) in rows)


def migrate(conn: sqlite3.Connection, *, stop_before: str | None = None) -> None:
    """Apply what has not been applied yet; the caller owns the transaction."""
    import sqlite_utils

    _of_sqlite_utils().apply(sqlite_utils.Database(conn), stop_before=stop_before)


def _of_sqlite_utils() -> Migrations:
    from sqlite_utils.migrations import Migrations

    ours = Migrations(SET)
    for step in _steps.values():
        ours()(step)
    return ours


def is_older(conn: sqlite3.Connection) -> bool:
    """Whether a migration has still to be applied."""
    return not known() <= applied(conn)


def newer_than_we_know(conn: sqlite3.Connection) -> list[str]:
    """Migrations that a later coopscrape applied."""
    return sorted(applied(conn) - known())
