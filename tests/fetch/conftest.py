"""Servers that are gone, and connections that are closed, when a test is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from coopscrape.fetch import client
from fetch.raw import Raw, Talk


@pytest.fixture
def serve() -> Iterator[Callable[[Talk], Raw]]:
    with ExitStack() as stack:
        stack.callback(client.close)
        yield lambda talk: stack.enter_context(Raw(talk))
        client.close()
