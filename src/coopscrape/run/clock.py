"""The one clock of a run: wall time that never jumps while the run goes on, and the waiting for an answer."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import Any, Final

LONGEST_WAIT: Final = 3600.0  # seconds; then the loop looks again


class Clock:
    """Seconds since 1970 as the wall clock had it at the start, carried on by a clock that nobody can set."""

    def __init__(self) -> None:
        self._offset = time.time() - _steady()

    def now(self) -> float:
        return self._offset + _steady()

    def wait(self, inbox: SimpleQueue[Any], seconds: float | None) -> list[Any]:
        """All that has come in: at once if something is there, else the first to come within `seconds` (None: hours)."""
        timeout = LONGEST_WAIT if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT)
        try:
            came = [inbox.get(timeout=timeout)]
        except Empty:
            return []
        while not inbox.empty():
            came.append(inbox.get())
        return came


def _steady() -> float:
    """On Linux the sleep of the machine counts too: else what comes after it would be dated too early."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
