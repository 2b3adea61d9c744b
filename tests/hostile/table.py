"""The table: every row of every module of this folder, by name."""

from __future__ import annotations

from typing import Final

from hostile import (
    addresses,
    charsets,
    codings,
    dear,
    feeds,
    framing,
    lies,
    redirects,
    robots,
    sizes,
    slowness,
    statuses,
)
from hostile.behaviour import Behaviour

MODULES: Final = (
    framing,
    statuses,
    redirects,
    slowness,
    sizes,
    codings,
    charsets,
    dear,
    feeds,
    robots,
    addresses,
    lies,
)
ROWS: Final[tuple[Behaviour, ...]] = tuple(row for module in MODULES for row in module.ROWS)
TABLE: Final = {row.name: row for row in ROWS}
