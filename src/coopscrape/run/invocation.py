"""One run in the log, from its start; if it cannot go on, the log says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from coopscrape.archive.write import Writer
from coopscrape.errors import Interrupted
from coopscrape.model import stamp
from coopscrape.run.clock import Clock
from coopscrape.run.signals import heeded


@contextmanager
def invocation(writer: Writer, command: str, clock: Clock) -> Iterator[int]:
    """The id of a run. The block finishes it; an error finishes it as `failed` or `interrupted`, and passes."""
    try:
        yield writer.start_run(command, stamp(clock.now()))
    except (Interrupted, KeyboardInterrupt):
        _give_up(writer, "interrupted", clock)
        raise
    except Exception:
        _give_up(writer, "failed", clock)
        raise


def _give_up(writer: Writer, outcome: str, clock: Clock) -> None:
    """It takes a moment; whoever presses Ctrl-C once more cannot have meant that the log should be wrong."""
    with heeded(lambda _: None):
        writer.give_up(outcome, stamp(clock.now()))
