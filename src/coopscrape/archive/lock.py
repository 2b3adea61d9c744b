"""One writer at a time: an flock on `archive.db.lock`, which says who holds it.

The kernel releases it, even after kill -9.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path

from coopscrape.errors import ArchiveError, LockedError


class Lock:
    """Held from `Lock(...)` until `release()`."""

    def __init__(self, archive: Path, command: str, since: str, *, wait: bool = False) -> None:
        """Raises LockedError, naming the holder, if another process holds it and `wait` is not set."""
        self.path = _beside(archive)
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise ArchiveError(f"{self.path}: cannot be written: {error.strerror}") from error
        try:
            self._take(archive, wait)
            holder = json.dumps({"pid": os.getpid(), "command": command, "since": since}).encode()
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, holder, 0)
        except OSError as error:
            os.close(self._file)
            raise ArchiveError(f"{self.path}: cannot be written: {error.strerror}") from error
        except BaseException:
            os.close(self._file)
            raise

    def _take(self, archive: Path, wait: bool) -> None:
        while True:
            try:
                return fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not wait:
                    later = "try again later (crawl, rebuild and accept can --wait)"
                    raise LockedError(f"{archive}: {self._holder()}; {later}") from None
            time.sleep(0.2)  # not a blocking flock: a signal must be able to end the wait

    def _holder(self) -> str:
        try:
            who = json.loads(os.pread(self._file, 4096, 0))
            return f"`{who['command']}` (process {who['pid']}) has held it since {who['since']}"
        except (ValueError, KeyError, TypeError):
            return "another coopscrape holds it"

    def release(self) -> None:
        os.close(self._file)


def _beside(archive: Path) -> Path:
    """The lock of a file is one, whatever links lead to it."""
    there = Path(os.path.realpath(archive))
    return there.with_name(there.name + ".lock")


def is_held(archive: Path) -> bool:
    """Whether a crawl holds the archive now. Disturbs nobody but one that would take the lock in this very instant."""
    try:
        file = os.open(_beside(archive), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False  # no crawl ever took it
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False
