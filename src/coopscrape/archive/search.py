"""What a person searches for -> a query of the full-text index (SQLite FTS5), and the SQL that asks it. Pure."""

from __future__ import annotations

import re
from typing import Final

from coopscrape.archive.asof import Misunderstood

MOST_WORDS: Final = 50  # FTS5 goes no deeper than 256

_PART: Final = re.compile(r'"([^"]*)"(\*?)|([^\s"]+)')


def fts_query(words: str) -> str:
    """`fair "cooperative movement" trad*` -> entries with all three: a word, a phrase, the beginning of a word.

    Whatever else FTS5 would take for an operator is a word here. Raises ValueError if there is nothing to search for.
    """
    if words.count('"') % 2:
        raise Misunderstood(f'{words!r}: a quotation mark is open; a phrase stands between two: "fair trade"')
    parts = [_part(*found.groups()) for found in _PART.finditer(words)]
    wanted = [part for part in parts if part]
    if not wanted:
        raise Misunderstood(f"{words!r}: there is no word in it to search for")
    if len(wanted) > MOST_WORDS:
        raise Misunderstood(f"{len(wanted)} words are too many to search for; {MOST_WORDS} at most")
    return " ".join(wanted)


def _part(phrase: str | None, prefix: str, word: str | None) -> str | None:
    text = phrase if word is None else word
    if not text or not any(one.isalnum() for one in text):
        return None
    star = "*" if prefix or (word is not None and word.endswith("*")) else ""
    whole = text.replace("\x00", " ").encode("utf-8", "replace").decode()  # no text of ours holds half a character
    return f'"{whole}"{star}'


# -- SQL ----------------------------------------------------------------------------------------------

NOW: Final = """
SELECT e.*, f.rank FROM entries_fts AS f JOIN entries AS e ON e."row" = f.rowid WHERE entries_fts MATCH :query
"""

# The index knows the last version of each entry only: what entries said earlier is indexed when somebody asks.
THEN: Final = (
    'SELECT e.*, f.rank FROM earlier AS f JOIN ({listing}) AS e ON e."row" = f.rowid WHERE earlier MATCH :query'
)
INDEX_EARLIER: Final = (
    "DROP TABLE IF EXISTS temp.earlier",
    "CREATE VIRTUAL TABLE temp.earlier USING fts5 (title, summary, category, tokenize = 'unicode61 remove_diacritics 2')",
)
FILL_EARLIER: Final = (
    'INSERT INTO temp.earlier (rowid, title, summary, category) SELECT "row", title, summary, category FROM ({listing})'
)
