"""The web view: a Datasette plugin that knows what an archive is. `pip install "coopscrape[web]"; datasette archive.db`.

Datasette finds it by its entry point; it opens the archive read-only and adds queries to it, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from datasette import hookimpl

QUERIES: Final[Mapping[str, Mapping[str, str]]] = {
    "what_is_new": {
        "title": "What is new: the changes of the latest run",
        "sql": """
SELECT l.source, l.kind, e.number, e.title, l.field, l.old, l.new, l.at, e.link
FROM latest AS l JOIN entries AS e ON e.id = l.entry ORDER BY l.settled, l.n""",
    },
    "history_of": {
        "title": "The history of an entry, with the pages that said it",
        "sql": """
SELECT at, kind, field, old, new, old_page, new_page, new_snapshot
FROM history WHERE entry = :entry ORDER BY settled, n""",
    },
    "search": {
        "title": "Search title, summary and category",
        "sql": """
SELECT e.source, e.date, e.category, e.title, e.summary, e.link, e.id
FROM entries_fts AS f JOIN entries AS e ON e.row = f.rowid
WHERE entries_fts MATCH :words ORDER BY rank LIMIT 200""",
    },
    "coverage_gaps": {
        "title": "Walks that proved nothing about absence, and why",
        "sql": """
SELECT source, walk, started, coverage, reason, doubts FROM coverage
WHERE coverage IN ('unstable', 'cut', 'refused', 'doubted') ORDER BY settled DESC""",
    },
}


@hookimpl  # type: ignore[untyped-decorator]  # pluggy's marker has no types
async def canned_queries(datasette: Any, database: str) -> dict[str, dict[str, str]]:
    """The queries above, for each database that is an archive."""
    db = datasette.get_database(database)
    tables = set(await db.table_names())
    if not {"runs", "walks", "pages", "snapshots", "entries", "versions", "changes"} <= tables:
        return {}
    return {name: dict(query) for name, query in QUERIES.items()}
