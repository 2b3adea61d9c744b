"""One run in the log, from its start; if it cannot go on, the log says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from coopscrape.archive.write import Writer
from coopscrape.errors import Interrupted
from coopscrape.model import stamp
from coopscrape.run.clock import Clock


@contextmanager
def invocation(writer: Writer, command: str, clock: Clock) -> Iterator[int]:
    """The id of a run. The block finishes it; an error finishes it as `failed` or `interrupted`, and passes."""
    run = writer.start_run(command, stamp(clock.now()))
    try:
        yield run
    except (Interrupted, KeyboardInterrupt):
        writer.give_up("interrupted", stamp(clock.now()))
        raise
    except Exception:
        writer.give_up("failed", stamp(clock.now()))
        raise
