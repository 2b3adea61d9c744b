"""The tree of errors. Expected trouble is a value (`model.Miss`); these are what ends a command, each with its exit code.

CoopscrapeError               1
 +- SettingsError             2   selectors.toml or an option; holds all mistakes at once
 +- ArchiveError              4   the archive is full, damaged, or not ours
 +- NotFoundError             1   no such source, entry or walk
 +- LockedError              75   another crawl holds the archive
 +- Interrupted       130 | 143   SIGINT, SIGTERM; what came is committed
"""

from __future__ import annotations

from collections.abc import Sequence


class CoopscrapeError(Exception):
    """Something that a person can mend. The message names the thing, the place and the remedy, on one line."""

    exit_code = 1

    @property
    def lines(self) -> tuple[str, ...]:
        """What to print, a line a mistake."""
        return (str(self),)


class SettingsError(CoopscrapeError):
    """Settings that cannot be used; nothing was started."""

    exit_code = 2

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = tuple(mistakes)

    @property
    def lines(self) -> tuple[str, ...]:
        return self.mistakes


class ArchiveError(CoopscrapeError):
    """The archive cannot be used; what was committed before is untouched."""

    exit_code = 4


class NotFoundError(CoopscrapeError):
    """There is no such thing in the archive or in selectors.toml; a line for each."""

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self._lines = lines

    @property
    def lines(self) -> tuple[str, ...]:
        return self._lines


class LockedError(CoopscrapeError):
    """Another crawl holds the archive (sysexits.h: EX_TEMPFAIL)."""

    exit_code = 75


class Interrupted(CoopscrapeError):
    """A signal ended the run; what came is committed."""

    def __init__(self, message: str, signal_number: int) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number
