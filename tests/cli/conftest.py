"""A desk in an empty folder, and one where a small listing was visited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.desk import Desk
from coopscrape import crawl
from coopscrape.fetch.client import close
from listings import Item, publish, selectors, some_items
from server import World


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        yield world


def visit(desk: Desk) -> None:
    """What `coopscrape crawl` does, without its start, which is what takes long: for tests of what comes after it."""
    assert crawl(desk.place / "selectors.toml", desk.archive).exit_code == 0
    close()


@dataclass(frozen=True)
class Visited:
    """A listing of twelve entries on two pages, and the desk from which it is visited."""

    desk: Desk
    world: World
    items: tuple[Item, ...]

    def publish(self, *items: Item) -> None:
        publish(self.world, items)


@pytest.fixture
def visited(desk: Desk, world: World) -> Visited:
    items = some_items(12)
    desk.settings(selectors({"coop": publish(world, items)}, world.allow))
    visit(desk)
    return Visited(desk, world, tuple(items))
