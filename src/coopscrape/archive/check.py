"""An archive -> what is wrong with it, in words: one function and one line of `INVARIANTS` for each thing that must hold.

Reads only; anybody may run it, also while a crawl writes: all is read as it stood at one moment. What is a difference
is known to reconcile alone, so whoever calls brings that along.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import groupby, islice, pairwise
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from coopscrape import canon
from coopscrape.archive import schema
from coopscrape.archive.lock import is_held
from coopscrape.archive.read import Reader
from coopscrape.archive.snapshots import Snapshots
from coopscrape.errors import ArchiveError
from coopscrape.model import Content

Difference = tuple[str, str | None, str | None]
Differences = Callable[[Content, Content], list[Difference]]

MOST_TOLD: Final = 20  # breaches of one invariant; a rebuild or a backup mends the others with them


def check(path: Path, differences: Differences) -> list[str]:
    """The breaches of an archive, each naming table, row and remedy; none: all is well.

    Raises ArchiveError if the file cannot be opened, or is no archive.
    """
    running_is_fine = is_held(path)
    with Reader.open(path) as reader:
        reader.conn.row_factory = sqlite3.Row
        reader.conn.execute("BEGIN")
        archive = Opened(path, reader.conn, differences, False)
        try:
            archive.all("SELECT count(*) FROM runs")  # from here on all is read as it stands now
        except sqlite3.Error as error:
            raise ArchiveError(f"{path}: cannot be read: {error}; restore a backup") from error
        archive = Opened(path, reader.conn, differences, running_is_fine or is_held(path))
        return [breach for name, breaches in INVARIANTS.items() for breach in _told(name, breaches(archive))]


@dataclass(frozen=True, slots=True)
class Opened:
    """An archive, opened to be checked."""

    path: Path
    conn: sqlite3.Connection
    differences: Differences
    held: bool  # a crawl is at work

    def all(self, sql: str, values: Mapping[str, Any] | tuple[Any, ...] = ()) -> Iterator[sqlite3.Row]:
        yield from self.conn.execute(sql, values)


def _told(name: str, breaches: Iterator[str]) -> list[str]:
    """The first breaches, and that there are more."""
    told = []
    try:
        told = list(islice(breaches, MOST_TOLD))
        if more := sum(1 for _ in breaches):
            told.append(f"{more:,} more like the last: {name} does not hold")
    except (sqlite3.Error, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        told.append(f"whether {name} cannot be seen: {error}; {BACKUP}")
    return told


BACKUP: Final = "restore a backup, or run `sqlite3 FILE .recover`"


def _rebuild(source: object) -> str:
    return f"run `coopscrape rebuild {source}`"


# -- the file ---------------------------------------------------------------------------------------


def whole(archive: Opened) -> Iterator[str]:
    for (words,) in archive.all("PRAGMA integrity_check"):
        if words != "ok":
            yield f"the file is damaged: {words}; {BACKUP}"


def references(archive: Opened) -> Iterator[str]:
    for table, row, parent, _ in archive.all("PRAGMA foreign_key_check"):
        where = f"row {row}" if row is not None else "a row"
        yield f"{table}: {where} names a row of {parent} that is not there; {BACKUP}"


def schema_as_made(archive: Opened) -> Iterator[str]:
    """Without its triggers the log could be unsaid."""
    made = _made()
    found = {row["what"]: row["sql"] for row in archive.all(_SHAPE)}
    for what in sorted(made.keys() | {one for one in found if one.startswith("trigger ")}):
        if made.get(what) != found.get(what):
            fault = "lacks" if what not in found else "has another" if what in made else "has an alien"
            yield f"the file {fault} {what}, so what its tables promise is not certain any more; {BACKUP}"


@cache
def _made() -> Mapping[str, str]:
    """What stands in the schema of a new archive, and how."""
    with closing(sqlite3.connect(":memory:")) as conn:
        schema.migrate(conn)
        return dict(conn.execute(_SHAPE).fetchall())


# What SQLite and sqlite-utils make for themselves is theirs. Who wants a table, an index or a view more may have it.
_SHAPE: Final = r"""
SELECT type || ' ' || name AS what, sql FROM sqlite_master
WHERE type IN ('table', 'trigger', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE '\_sqlite%' ESCAPE '\'
   OR type = 'index' AND sql LIKE '%UNIQUE%'
"""


# -- the log ----------------------------------------------------------------------------------------


def runs_finished(archive: Opened) -> Iterator[str]:
    sql = "SELECT id, started FROM runs WHERE outcome = 'running' AND NOT (:held AND id = (SELECT max(id) FROM runs))"
    for row in archive.all(sql, {"held": archive.held}):
        yield (
            f"runs: run {row['id']} of {row['started']} is `running`, but no crawl is at work; it was killed, "
            "or could not even write that it failed. The next `coopscrape crawl` marks it and takes up its walks"
        )


def recipes_readable(archive: Opened) -> Iterator[str]:
    for row in archive.all("SELECT source, digest FROM recipes WHERE NOT json_valid(settings)"):
        yield f"recipes: the settings of {row['source']}, {row['digest'][:12]}, are no JSON; {BACKUP}"


def walks_numbered(archive: Opened) -> Iterator[str]:
    """History is in the order of `settled`: a number that is not there is a walk that was lost."""
    for row in archive.all(
        """SELECT settled, before FROM (SELECT settled, lag(settled, 1, 0) OVER (ORDER BY settled) AS before FROM walks
                                        WHERE settled IS NOT NULL)
           WHERE settled <> before + 1"""
    ):
        yield f"walks: after settled walk {row['before']} comes {row['settled']}: those between were lost; {BACKUP}"


def believed_pages_kept(archive: Opened) -> Iterator[str]:
    for row in archive.all(
        """SELECT v.walk, w.source, v.pages, count(DISTINCT p.number) AS kept
           FROM verdicts AS v LEFT JOIN walks AS w ON w.id = v.walk
           LEFT JOIN pages AS p ON p.walk = v.walk AND p.snapshot IS NOT NULL AND p.id NOT IN (SELECT page FROM details)
           GROUP BY v.walk HAVING kept < v.pages"""
    ):
        yield (
            f"verdicts: walk {row['walk']} of {row['source']} read {row['pages']} pages, {row['kept']} are kept: restore a "
            f"backup; if there is none, {_rebuild(row['source'])}: history is derived from what is left"
        )


def own_pages_of_their_walk(archive: Opened) -> Iterator[str]:
    for row in archive.all(
        """SELECT d.page, d.walk, p.walk AS found, d.asked, p.asked AS wanted
           FROM details AS d LEFT JOIN pages AS p ON p.id = d.page WHERE p.walk IS NOT d.walk OR p.asked IS NOT d.asked"""
    ):
        found = (
            f"is of {row['found'] or 'none'}" if row["found"] != row["walk"] else f"was asked for as {row['wanted']}"
        )
        yield f"details: page {row['page']} is kept as an entry's own page of walk {row['walk']}, and {found}; {BACKUP}"


def snapshots_whole(archive: Opened) -> Iterator[str]:
    """Whole ones first: what is stored against a damaged one is told with it, not once more."""
    snapshots, damaged = Snapshots(archive.conn), set()
    for digest, reference in archive.all("SELECT digest, reference FROM snapshots ORDER BY reference, rowid"):
        fault = _snapshot_fault(snapshots, digest) if reference not in damaged else None
        if fault:
            damaged.add(digest)
            yield f"snapshots: {digest[:12]}: {fault}{_lost_with(archive, digest)}; {BACKUP}"


def _snapshot_fault(snapshots: Snapshots, digest: str) -> str | None:
    try:
        found = hashlib.sha256(snapshots.body(digest)).hexdigest()
    except (ValueError, MemoryError) as error:
        return str(error)
    return None if found == digest else f"its bytes have the digest {found[:12]}, so they are not those that were seen"


def _lost_with(archive: Opened, digest: str) -> str:
    names = [one[:12] for (one,) in archive.all("SELECT digest FROM snapshots WHERE reference = ?", (digest,))]
    if not names:
        return ""
    more = f" and {len(names) - MOST_TOLD:,} more" if len(names) > MOST_TOLD else ""
    return f"; {len(names):,} stored against it cannot be read without it: {', '.join(names[:MOST_TOLD])}{more}"


def references_whole(archive: Opened) -> Iterator[str]:
    for digest, reference in archive.all(
        """SELECT s.digest, s.reference FROM snapshots AS s JOIN snapshots AS r ON r.digest = s.reference
           WHERE r.reference IS NOT NULL"""
    ):
        yield f"snapshots: {digest[:12]} is stored against {reference[:12]}, which is not whole itself; {BACKUP}"


# -- the fold: versions -----------------------------------------------------------------------------


def chains(archive: Opened) -> Iterator[str]:
    for row in archive.all(
        """SELECT e.id, e.source, e.versions, count(v.n) AS count, min(v.n) AS first, max(v.n) AS last
           FROM entries AS e LEFT JOIN versions AS v ON v.entry = e.id GROUP BY e.id
           HAVING count(v.n) <> e.versions OR min(v.n) IS NOT 1 OR max(v.n) IS NOT e.versions"""
    ):
        found = f"{row['count']}, numbered {row['first']} to {row['last']}" if row["count"] else "none"
        yield (
            f"entries: {row['id']} should have versions 1 to {row['versions']}, there are: {found}; "
            + _rebuild(row["source"])
        )


_CONTENT: Final = ("category", "title", "date", "date_text", "summary", "link", "extra")


def entries_say_their_last_version(archive: Opened) -> Iterator[str]:
    unequal = " OR ".join(f"e.{name} IS NOT v.{name}" for name in _CONTENT)
    sql = f"""SELECT e.id, e.source, {", ".join(f"e.{name} IS NOT v.{name} AS {name}" for name in _CONTENT)}, v.n
              FROM entries AS e JOIN versions AS v ON v.entry = e.id
              WHERE v.n = (SELECT max(n) FROM versions WHERE entry = e.id) AND ({unequal})"""
    for row in archive.all(sql):
        fields = ", ".join(name for name in _CONTENT if row[name])
        yield f"entries: {row['id']} says otherwise than its version {row['n']} in {fields}; {_rebuild(row['source'])}"


def versions_have_pages(archive: Opened) -> Iterator[str]:
    for row in archive.all(
        """SELECT v.entry, v.n, v.page, e.source, w.source AS walked, p.snapshot
           FROM versions AS v JOIN entries AS e ON e.id = v.entry
           LEFT JOIN pages AS p ON p.id = v.page LEFT JOIN walks AS w ON w.id = p.walk
           WHERE w.source IS NOT e.source OR p.snapshot IS NULL"""
    ):
        fault = "has no snapshot" if row["walked"] == row["source"] else f"is of {row['walked'] or 'no walk'}"
        yield f"versions: {row['entry']} version {row['n']}: page {row['page']} {fault}; {_rebuild(row['source'])}"


def versions_dated_by_their_page(archive: Opened) -> Iterator[str]:
    for row in archive.all(
        """SELECT v.entry, v.n, v.seen_from, p.fetched_at, e.source FROM versions AS v
           JOIN pages AS p ON p.id = v.page JOIN entries AS e ON e.id = v.entry WHERE v.seen_from <> p.fetched_at"""
    ):
        yield (
            f"versions: {row['entry']} version {row['n']} is dated {row['seen_from']}, its page {row['fetched_at']}; "
            + _rebuild(row["source"])
        )
    for row in archive.all(
        """SELECT e.id, e.source, e.first_seen, v.seen_from FROM entries AS e
           JOIN versions AS v ON v.entry = e.id AND v.n = 1 WHERE e.first_seen <> v.seen_from"""
    ):
        yield (
            f"entries: {row['id']} was first seen {row['first_seen']}, its version 1 {row['seen_from']}; "
            + _rebuild(row["source"])
        )
    for row in archive.all(
        """SELECT c.walk, c.n, c.entry, c.at, v.seen_from, e.source FROM changes AS c
           JOIN versions AS v ON v.entry = c.entry AND v.n = c.version JOIN entries AS e ON e.id = c.entry
           WHERE c.kind IN ('new', 'changed') AND c.at <> v.seen_from"""
    ):
        yield (
            f"changes: walk {row['walk']} change {row['n']} of {row['entry']} is dated {row['at']}, its version "
            f"{row['seen_from']}; {_rebuild(row['source'])}"
        )


def entries_stand_in_the_listing(archive: Opened) -> Iterator[str]:
    """An own page adds to an entry; that there is one is said by the listing alone."""
    for row in archive.all(
        """SELECT v.entry, v.page, e.source FROM versions AS v JOIN entries AS e ON e.id = v.entry
           WHERE v.n = 1 AND v.page IN (SELECT page FROM details)"""
    ):
        yield (
            f"versions: {row['entry']} begins with page {row['page']}, which is no page of the listing but one of an "
            f"entry's own; {_rebuild(row['source'])}"
        )


# -- the fold: changes ------------------------------------------------------------------------------


def lives(archive: Opened) -> Iterator[str]:
    """`new` first and once; `gone` and `back` in turns; gone_since as the last of them says."""
    rows = archive.all(
        """SELECT e.id, e.source, e.gone_since, c.walk, c.kind, c.at
           FROM entries AS e LEFT JOIN changes AS c ON c.entry = e.id LEFT JOIN walks AS w ON w.id = c.walk
           ORDER BY e.id, w.settled, c.n"""
    )
    for _, life in groupby(rows, itemgetter("id")):
        yield from _life_faults(list(life))


def _life_faults(life: list[sqlite3.Row]) -> Iterator[str]:
    entry, remedy = f"changes: {life[0]['id']}", _rebuild(life[0]["source"])
    if life[0]["kind"] != "new":
        yield f"{entry} begins with {life[0]['kind'] or 'nothing'}, not with new; {remedy}"
    again = [row["walk"] for row in life[1:] if row["kind"] == "new"]
    if again:
        yield f"{entry} is new a second time in walk {again[0]}; {remedy}"
    turns = [row for row in life if row["kind"] in ("gone", "back")]
    if turns and turns[0]["kind"] == "back":
        yield f"{entry} comes back in walk {turns[0]['walk']} without having gone; {remedy}"
    for before, after in pairwise(turns):
        if before["kind"] == after["kind"]:
            yield f"{entry} is {after['kind']} in walk {after['walk']} and was so before; {remedy}"
    since = turns[-1]["at"] if turns and turns[-1]["kind"] == "gone" else None
    if life[0]["gone_since"] != since:
        yield (
            f"entries: {life[0]['id']} is {_gone(life[0]['gone_since'])}, "
            f"its changes say it is {_gone(since)}; {remedy}"
        )


def _gone(since: str | None) -> str:
    return f"gone since {since}" if since else "not gone"


def changes_say_something(archive: Opened) -> Iterator[str]:
    for row in archive.all(
        """SELECT c.walk, c.n, c.entry, c.kind, w.source FROM changes AS c LEFT JOIN walks AS w ON w.id = c.walk
           WHERE CASE kind WHEN 'changed' THEN field IS NULL OR old IS new
                           ELSE field IS NOT NULL OR old IS NOT NULL OR new IS NOT NULL END"""
    ):
        fault = "without a difference" if row["kind"] == "changed" else "with a field of its own"
        yield (
            f"changes: walk {row['walk']} change {row['n']} of {row['entry']} is `{row['kind']}` {fault}; "
            + _rebuild(row["source"])
        )


def history_is_the_difference(archive: Opened) -> Iterator[str]:
    rows = archive.all(
        """SELECT v.*, e.source, v.page IN (SELECT page FROM details) AS own
           FROM versions AS v JOIN entries AS e ON e.id = v.entry ORDER BY v.entry, v.n"""
    )
    for _, chain in groupby(rows, itemgetter("entry")):
        before = Content()
        for row in chain:
            now = _content(row)
            differences = archive.differences(before, now) if row["n"] > 1 else []
            told = Counter(_told_changes(archive, row["entry"], row["n"]))
            yield from _unlike(differences, Counter(_to_be_told(differences, before, row)), told, row)
            before = now


def _to_be_told(differences: list[Difference], before: Content, row: sqlite3.Row) -> list[Difference]:
    """What an entry's own page says for the first time is learnt; it is no change of the page."""
    known = dict(before.extra)
    return [one for one in differences if not row["own"] or one[0] in known]


def _told_changes(archive: Opened, entry: str, version: int) -> Iterator[tuple[str, str | None, str | None]]:
    sql = "SELECT field, old, new FROM changes WHERE entry = ? AND version = ? AND kind = 'changed'"
    return (tuple(row) for row in archive.all(sql, (entry, version)))


def _unlike(
    differences: list[Difference], expected: Counter[Any], told: Counter[Any], row: sqlite3.Row
) -> Iterator[str]:
    fields = sorted({field or "" for field, _, _ in (expected - told) + (told - expected)})
    if fields:
        yield (
            f"changes: {row['entry']} version {row['n']}: what is told of {', '.join(fields)} is not the difference "
            f"from version {row['n'] - 1}; {_rebuild(row['source'])}"
        )
    elif row["n"] > 1 and not differences:
        yield (
            f"versions: {row['entry']} version {row['n']} differs in nothing from version {row['n'] - 1}; "
            + _rebuild(row["source"])
        )


def _content(row: sqlite3.Row) -> Content:
    standard = {name: row[name] for name in _CONTENT if name != "extra"}
    return Content(**standard, extra=tuple(json.loads(row["extra"]).items()))


def absent_in_one_way(archive: Opened) -> Iterator[str]:
    """Gone is dated from when it was first missed; what slid off is neither missing nor gone."""
    for row in archive.all(
        """SELECT id, source, gone_since, missing_since, slid_since FROM entries
           WHERE (gone_since IS NOT NULL AND gone_since IS NOT missing_since)
              OR (slid_since IS NOT NULL AND (gone_since IS NOT NULL OR missing_since IS NOT NULL))"""
    ):
        ways = ", ".join(
            f"{name} {row[f'{name}_since']}" for name in ("missing", "slid", "gone") if row[f"{name}_since"] is not None
        )
        yield f"entries: {row['id']} is absent in ways that exclude each other ({ways}); {_rebuild(row['source'])}"


# -- the fold: states -------------------------------------------------------------------------------

_STOOD: Final = ("number", "place", "missing_since", "missed", "slid_since", "gone_since")


def entries_stand_as_their_last_state(archive: Opened) -> Iterator[str]:
    """A fold that no coopscrape with states has derived yet is marked so, and derived again by the next crawl."""
    unequal = " OR ".join(["e.versions IS NOT s.version", *(f"e.{name} IS NOT s.{name}" for name in _STOOD)])
    for row in archive.all(
        f"""SELECT e.id, e.source, s.settled, w.source AS walked FROM entries AS e
            JOIN folds AS f ON f.source = e.source AND f.recipe <> ''
            LEFT JOIN states AS s ON s."row" = e."row" AND s.settled = (
                SELECT max(settled) FROM states WHERE "row" = e."row")
            LEFT JOIN walks AS w ON w.settled = s.settled
            WHERE {unequal} OR w.source IS NOT e.source"""
    ):
        stood = f"otherwise than after settled walk {row['settled']}" if row["settled"] else "as no walk left it"
        yield f"states: {row['id']} stands {stood}, the last one that moved it; {_rebuild(row['source'])}"


def versions_have_their_states(archive: Opened) -> Iterator[str]:
    """Versions followed each other: in one walk one by the listing at most, and one by the entry's own page."""
    for row in archive.all(
        """SELECT e.id, e.source, s.settled, s.version, before.version AS was
           FROM states AS s JOIN entries AS e ON e."row" = s."row"
           LEFT JOIN states AS before ON before."row" = s."row" AND before.settled = (
               SELECT max(settled) FROM states WHERE "row" = s."row" AND settled < s.settled)
           LEFT JOIN versions AS v ON v.entry = e.id AND v.n = s.version
           WHERE s.version - coalesce(before.version, 0) NOT BETWEEN 0 AND 1 + (
               s.version > 1 AND v.page IN (SELECT page FROM details)) OR s.version = 0"""
    ):
        yield (
            f"states: {row['id']} shows version {row['version']} after settled walk {row['settled']}, and "
            f"{row['was'] or 'none'} before; {_rebuild(row['source'])}"
        )


def absent_where_it_was_looked(archive: Opened) -> Iterator[str]:
    """Missing and slid off leave no change behind: their proof is the walk after which an entry stood so."""
    for row in archive.all(
        f"""SELECT e.id, e.source, w.id AS walk, v.coverage,
                   CASE WHEN s.slid_since IS NULL THEN 'missing' ELSE 'slid off' END AS how
            FROM states AS s JOIN entries AS e ON e."row" = s."row"
            JOIN walks AS w ON w.settled = s.settled LEFT JOIN verdicts AS v ON v.walk = w.id
            LEFT JOIN states AS b ON b."row" = s."row" AND b.settled = (
                SELECT max(settled) FROM states WHERE "row" = s."row" AND settled < s.settled)
            WHERE (s.missed > coalesce(b.missed, 0) OR (s.slid_since IS NOT NULL AND b.slid_since IS NULL))
              AND NOT (coalesce(v.coverage, '') IN ('complete', 'prefix') AND {_BELIEVED.format("w.id")})"""
    ):
        yield (
            f"states: {row['id']} is {row['how']} by walk {row['walk']}, which proves no absence "
            f"({row['coverage'] or 'no verdict'}); {_rebuild(row['source'])}"
        )


# -- the fold: belief -------------------------------------------------------------------------------


def gone_where_it_was_looked(archive: Opened) -> Iterator[str]:
    for row in archive.all(
        """SELECT c.walk, c.entry, v.coverage, w.source
           FROM changes AS c LEFT JOIN walks AS w ON w.id = c.walk LEFT JOIN verdicts AS v ON v.walk = c.walk
           WHERE c.kind = 'gone' AND coalesce(v.coverage, '') NOT IN ('complete', 'prefix')"""
    ):
        yield (
            f"changes: {row['entry']} is gone by walk {row['walk']}, which did not look everywhere "
            f"({row['coverage'] or 'no verdict'}); {_rebuild(row['source'])}"
        )


# What a refused or cut walk had seen before counts; what a doubted one saw does not, unless a person has accepted it.
_BELIEVED: Final = """EXISTS (SELECT 1 FROM verdicts AS b WHERE b.walk = {0} AND (
    (b.coverage <> 'doubted' AND b.doubts = '[]') OR EXISTS (SELECT 1 FROM acceptances AS a WHERE a.walk = {0})))"""


def only_believed_walks_count(archive: Opened) -> Iterator[str]:
    for row in archive.all(
        f"""SELECT c.walk, c.entry, c.kind, w.source FROM changes AS c LEFT JOIN walks AS w ON w.id = c.walk
            WHERE NOT {_BELIEVED.format("c.walk")}"""
    ):
        yield (
            f"changes: {row['entry']} is {row['kind']} by walk {row['walk']}, which is not believed; "
            + _rebuild(row["source"])
        )
    for row in archive.all(
        f"""SELECT v.entry, v.n, p.walk, e.source
            FROM versions AS v JOIN pages AS p ON p.id = v.page JOIN entries AS e ON e.id = v.entry
            WHERE NOT {_BELIEVED.format("p.walk")}"""
    ):
        yield (
            f"versions: {row['entry']} version {row['n']} was seen in walk {row['walk']}, which is not believed; "
            + _rebuild(row["source"])
        )


def verdicts_for_settled_walks(archive: Opened) -> Iterator[str]:
    for row in archive.all(
        """SELECT w.id, w.source FROM walks AS w JOIN folds AS f ON f.source = w.source
           WHERE w.settled IS NOT NULL AND NOT EXISTS (SELECT 1 FROM verdicts AS v WHERE v.walk = w.id)"""
    ):
        yield f"walks: walk {row['id']} has ended and has no verdict; {_rebuild(row['source'])}"
    for row in archive.all(
        """SELECT v.walk, w.source, w.settled FROM verdicts AS v LEFT JOIN walks AS w ON w.id = v.walk
           WHERE w.settled IS NULL OR NOT EXISTS (SELECT 1 FROM folds AS f WHERE f.source = w.source)"""
    ):
        fault = "has not ended" if row["settled"] is None else f"is of {row['source']}, which has no fold"
        yield f"verdicts: walk {row['walk']} has a verdict, but {fault}; {_rebuild(row['source'])}"


# -- the fold: values -------------------------------------------------------------------------------


def links_lead_to_the_web(archive: Opened) -> Iterator[str]:
    web = "(x.link LIKE 'http://%' OR x.link LIKE 'https://%')"
    for table, entry, n in (("entries", "id", "versions"), ("versions", "entry", "n")):
        for row in archive.all(
            f"""SELECT x.{entry} AS entry, x.{n} AS n, x.link, e.source
                FROM {table} AS x JOIN entries AS e ON e.id = x.{entry} WHERE x.link IS NOT NULL AND NOT {web}"""
        ):
            yield (
                f"{table}: {row['entry']} version {row['n']} has the link {row['link'][:60]!r}, which is neither http nor "
                f"https; {_rebuild(row['source'])}"
            )


def no_nul(archive: Opened) -> Iterator[str]:
    for table, entry, n in (("entries", "id", "versions"), ("versions", "entry", "n")):
        names = (*_CONTENT, *(("source", "key") if table == "entries" else ()))
        for row in archive.all(
            f"""SELECT {", ".join(f"x.{name}" for name in names)}, x.{entry} AS entry, x.{n} AS n, e.source AS home
                FROM {table} AS x JOIN entries AS e ON e.id = x.{entry}"""
        ):
            for name in names:
                if row[name] is not None and _has_nul(name, row[name]):
                    yield (
                        f"{table}: {row['entry']} version {row['n']} has a NUL character in {name}; "
                        + _rebuild(row["home"])
                    )


def _has_nul(name: str, text: str) -> bool:
    return "\x00" in text or (name == "extra" and "\\u0000" in json.dumps(json.loads(text)))


def ids_are_derived(archive: Opened) -> Iterator[str]:
    for row in archive.all("SELECT id, source, key FROM entries"):
        expected = canon.entry_id(row["source"], row["key"])
        if row["id"] != expected:
            yield (
                f"entries: {row['id']} of {row['source']} with the key {row['key'][:60]!r} should have the id "
                f"{expected}; {_rebuild(row['source'])}"
            )


# -- the search index -------------------------------------------------------------------------------


def index_is_right(archive: Opened) -> Iterator[str]:
    remedy = f"""run `sqlite3 {archive.path} "INSERT INTO entries_fts (entries_fts) VALUES ('rebuild')"`"""
    indexed, listed = (
        next(archive.all(f"SELECT count(*) FROM {table}"))[0] for table in ("entries_fts_docsize", "entries")
    )
    if indexed != listed:
        yield f"entries_fts: the search index has {indexed:,} entries, there are {listed:,}; {remedy}"
    elif fault := _index_fault(archive):
        yield f"entries_fts: the search index does not say what the entries say ({fault}); {remedy}"


def _index_fault(archive: Opened) -> str | None:
    """FTS5's own check wants to write, and compares with `entries`: so it is asked of a copy of those two."""
    with TemporaryDirectory(prefix="coopscrape-check-") as folder:
        copy = Path(folder, "index.db")
        _copy_index(archive, copy)
        conn = sqlite3.connect(copy)  # anew: FTS5 must not remember the empty index that the copy began with
        try:
            conn.execute("INSERT INTO entries_fts (entries_fts, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError as error:
            return str(error)
        finally:
            conn.close()
    return None


def _copy_index(archive: Opened, copy: Path) -> None:
    conn = sqlite3.connect(copy)
    try:
        (create,) = next(archive.all("SELECT sql FROM sqlite_master WHERE name = 'entries_fts'"))
        conn.execute("PRAGMA synchronous = OFF")
        conn.execute('CREATE TABLE entries ("row" INTEGER PRIMARY KEY, title TEXT, summary TEXT, category TEXT)')
        conn.execute(create)
        for table, columns in _INDEX.items():
            conn.execute(f"DELETE FROM {table}")
            rows = archive.all(f"SELECT {columns} FROM {table}")
            conn.executemany(f"INSERT INTO {table} ({columns}) VALUES ({_marks(columns)})", map(tuple, rows))
        conn.commit()
    finally:
        conn.close()


def _marks(columns: str) -> str:
    return ", ".join("?" for _ in columns.split(","))


_INDEX: Final = {
    "entries": '"row", title, summary, category',
    "entries_fts_data": "id, block",
    "entries_fts_idx": "segid, term, pgno",
    "entries_fts_docsize": "id, sz",
    "entries_fts_config": "k, v",
}


INVARIANTS: Final[Mapping[str, Callable[[Opened], Iterator[str]]]] = {
    "the file is whole": whole,
    "every row that a row names is there": references,
    "tables, views and triggers are as they were made": schema_as_made,
    "no run is left running": runs_finished,
    "every recipe can be read": recipes_readable,
    "walks are numbered as they ended, without a gap": walks_numbered,
    "every page that was read is kept": believed_pages_kept,
    "every own page of an entry is of the walk that asked for it": own_pages_of_their_walk,
    "every snapshot holds the bytes that its digest names": snapshots_whole,
    "what a snapshot is stored against is whole itself": references_whole,
    "the versions of an entry are numbered 1, 2, 3 without a gap": chains,
    "an entry says what its last version says": entries_say_their_last_version,
    "every version has a page of its own source, with a snapshot": versions_have_pages,
    "every version is dated by its page": versions_dated_by_their_page,
    "the first version of an entry stands on a page of the listing": entries_stand_in_the_listing,
    "an entry is new first and once, gone and back in turns": lives,
    "no change is empty": changes_say_something,
    "history is the difference of neighbouring versions": history_is_the_difference,
    "an entry is absent in one way at a time": absent_in_one_way,
    "an entry stands as its last state says": entries_stand_as_their_last_state,
    "the states of an entry go through its versions one by one": versions_have_their_states,
    "only a walk that looked finds an entry missing or slid off": absent_where_it_was_looked,
    "only a walk that looked everywhere makes an entry gone": gone_where_it_was_looked,
    "nothing comes of a walk that is not believed": only_believed_walks_count,
    "every walk that ended has a verdict, and no other": verdicts_for_settled_walks,
    "links lead to the web": links_lead_to_the_web,
    "no text holds a NUL character": no_nul,
    "every id is that of its source and key": ids_are_derived,
    "the search index says what the entries say": index_is_right,
}
