"""A page that may be too dear in, what was seen out: read in a process of its own, which ends in time. For page.py alone.

    python -m coopscrape.extract.apart SECONDS < (Page, Reading, every_layout) > Look | str       pickled

Nobody can stop lexbor, or a regular expression, but the kernel. What this costs, some 0.2 s, few pages cost.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Final

from coopscrape.extract.patterns import UnusableError
from coopscrape.model import Page, Reading

if TYPE_CHECKING:
    from coopscrape.extract.page import Look

SECONDS: Final = 10  # of a processor
MEMORY: Final = 150_000_000  # bytes; as much is left for the rest of the process

_ONE_AT_A_TIME: Final = threading.Lock()  # for the sake of memory
_HERE: Final = [sys.executable, "-P", "-m", "coopscrape.extract.apart"]


def look_apart(page: Page, reading: Reading, every_layout: bool, seconds: int = SECONDS) -> Look:
    """`seconds`: of a processor. Raises UnusableError if it takes longer, or too much memory; or as page.py would."""
    sent = pickle.dumps((page, reading, every_layout))
    try:
        with _ONE_AT_A_TIME:
            line = [*_HERE, str(seconds)]
            done = subprocess.run(line, input=sent, capture_output=True, timeout=6 * seconds)  # noqa: S603 (no shell, our own words)
    except subprocess.TimeoutExpired:
        raise _too_dear(seconds) from None
    if done.returncode != 0:
        raise _too_dear(seconds)
    seen: Look | str = pickle.loads(done.stdout)  # noqa: S301 (our own process wrote it)
    if isinstance(seen, str):
        raise UnusableError(seen)
    return seen


def _too_dear(seconds: int) -> UnusableError:
    return UnusableError(f"this page is not read: it takes more than {seconds} s or {MEMORY / 1e6:.0f} MB to read it")


def _main() -> None:
    from coopscrape.extract.page import look_here

    _limit(int(sys.argv[1]))
    page, reading, every_layout = pickle.load(sys.stdin.buffer)  # noqa: S301 (our own process wrote it)
    try:
        seen: Look | str = look_here(page, reading, every_layout)
    except UnusableError as fault:
        seen = str(fault)
    sys.stdout.buffer.write(pickle.dumps(seen))


def _limit(seconds: int) -> None:
    """As far as the system knows such limits."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _main()
