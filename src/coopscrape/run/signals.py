"""SIGINT and SIGTERM -> Interrupted, or whatever else is to be done about them for as long as a block lasts."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

from coopscrape.errors import Interrupted

STOPPING: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def heeded(heed: Callable[[int], None]) -> Iterator[None]:
    """`heed` is called with the number of a signal. Only the main thread may say so to Python; elsewhere nothing is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _: FrameType | None) -> None:
        heed(number)

    before = {one: signal.signal(one, handle) for one in STOPPING}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def interrupt(number: int) -> NoReturn:
    """Raises Interrupted, wherever the main thread happens to be; an open transaction is rolled back."""
    raise Interrupted(f"stopped by {signal.Signals(number).name}; what came is committed", number)
