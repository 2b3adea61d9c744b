"""The archive: one SQLite file that is a log of what was seen and a fold of what it means. The only door to SQLite."""
