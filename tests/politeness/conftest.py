"""Servers with a ledger, and somebody who visits them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coopscrape.fetch import client
from politeness.visits import Visitor
from server import World


@pytest.fixture
def world() -> Iterator[World]:
    with World(hosts=2) as world:
        yield world
    client.close()


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    return Visitor(tmp_path)
