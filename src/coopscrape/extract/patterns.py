r"""Regular expressions of selectors.toml. The only importer of `regex`, which knows `\p{L}` and can be stopped.

`re` would do for the language, but a page made to be slow (or a careless pattern) would hold a hand for ever.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import regex

from coopscrape.extract.printed import short

# One field of one item, in microseconds, is the usual; a pattern that needs this long for one does so for all of them.
LONGEST_SEARCH: Final = 1.0  # seconds

# What a bad pattern raises, depending on how bad it is.
FAULTS: Final = (regex.error, ValueError, OverflowError, RecursionError, MemoryError, IndexError)


class UnusableError(Exception):
    """This page cannot be read with this reading, as a whole: in words. Never leaves the room."""


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str) -> regex.Pattern[str]:
    """Raises `regex.error`, whose message `pattern_fault` words."""
    return regex.compile(pattern)


def pattern_fault(pattern: str) -> str | None:
    """Why this is no regular expression, in words; None if it is one."""
    try:
        compile_pattern(pattern)
    except FAULTS as error:
        return f"{short(pattern)} is no regular expression: {error}"
    return None


def group_fault(pattern: str, group: str | int) -> str | None:
    """Why the pattern has no such group, in words; None if it has."""
    found = compile_pattern(pattern)
    known = [*range(found.groups + 1), *found.groupindex]
    if group in known:
        return None
    return f"the pattern {short(pattern)} has no group {group!r}, it has {', '.join(map(str, known))} (0 is all of it)"


def replacement_fault(pattern: str, replacement: str) -> str | None:
    """Why this cannot be put in the place of what the pattern matches, in words; None if it can."""
    try:
        compile_pattern(f"{pattern}|").sub(replacement, "")
    except FAULTS as error:
        return f"{short(pattern)} cannot be replaced by {short(replacement)}: {error}"
    return None


def compiled(pattern: str) -> regex.Pattern[str]:
    """As `compile_pattern`, for reading pages. Raises UnusableError."""
    try:
        return compile_pattern(pattern)
    except FAULTS as error:
        raise UnusableError(f"{short(pattern)} is no regular expression: {error}") from error


def search(pattern: str, text: str) -> regex.Match[str] | None:
    """The first place where the pattern matches. Raises UnusableError: the pattern is none, or takes too long."""
    try:
        return compiled(pattern).search(text, timeout=LONGEST_SEARCH)
    except TimeoutError as error:
        raise _too_slow(pattern) from error


def substitute(pattern: str, replacement: str, text: str) -> str:
    r"""Every match replaced; `\1`, `\g<name>` in the replacement are groups. Raises UnusableError, as `search` does."""
    try:
        return compiled(pattern).sub(replacement, text, timeout=LONGEST_SEARCH)
    except TimeoutError as error:
        raise _too_slow(pattern) from error
    except FAULTS as error:
        raise UnusableError(f"{short(pattern)} cannot be replaced by {short(replacement)}: {error}") from error


def _too_slow(pattern: str) -> UnusableError:
    return UnusableError(f"the pattern {short(pattern)} took longer than {LONGEST_SEARCH:g} s on one text of this page")
