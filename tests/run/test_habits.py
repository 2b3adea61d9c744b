"""A standstill as an archive knows it, after real crawls of a simulated site."""

from __future__ import annotations

from pathlib import Path

import pytest

from coopscrape.archive.read import Reader
from coopscrape.model import Stale, Staleness
from coopscrape.run.habits import stale_sources
from listings import some_items
from run.simulated import Town

DAY = 86_400


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Something new each day, for a week."""
    town = Town(tmp_path, every="1d")
    for day in range(7):
        town.site.publish(some_items(12 + day, first=20 - day))
        visit(town)
    return town


def visit(town: Town, **options: object) -> None:
    town.clock.pass_by(DAY - 3600)  # a crawl of this town takes an hour
    town.crawl(**options)  # type: ignore[arg-type]  # whatever a crawl takes


def stale(town: Town, *, later: float = 0) -> list[Stale]:
    with Reader.open(town.archive) as reader:
        return list(stale_sources(town.config, reader, town.clock.now() + later).get("coop", ()))


def test_a_cache_that_never_revalidates_is_named_though_every_run_is_green(town: Town) -> None:
    for _ in range(3):
        visit(town)
        assert stale(town) == []
    visit(town)
    (found,) = stale(town)
    assert (found.kind, round(found.length / DAY), round((found.usual or 0) / DAY)) == (Staleness.FROZEN, 4, 1)
    assert (found.visits, found.unchanged) == (4, 4)
    town.site.publish(some_items(19, first=13))
    visit(town)
    assert stale(town) == []


def test_a_page_that_only_looks_new_is_silent(town: Town) -> None:
    for day in range(4):
        town.site.pages = {path: f"{body}<!-- {day} -->" for path, body in town.site.pages.items()}
        visit(town)
    assert [one.kind for one in stale(town)] == [Staleness.SILENT]


def test_an_edit_is_no_silence(town: Town) -> None:
    for day in range(4):
        town.site.pages = {k: v.replace("story 20", f"story 20, {day}") for k, v in town.site.pages.items()}
        visit(town)
    assert stale(town) == []


def test_a_source_that_cannot_be_visited_is_named_and_so_is_one_that_nobody_visits(town: Town) -> None:
    assert [one.kind for one in stale(town, later=3.5 * DAY)] == [Staleness.UNVISITED]
    town.site.broken = {"/news": 403}
    for _ in range(4):
        visit(town)
    (found,) = stale(town)
    assert (found.kind, found.visits) == (Staleness.UNVISITED, 4)


def test_what_is_configured_no_more_is_not_missed(town: Town, tmp_path: Path) -> None:
    with Reader.open(town.archive) as reader:
        now = town.clock.now() + 100 * DAY
        assert stale_sources(None, reader, now) == {}
        (tmp_path / "other").mkdir()
        other = Town(tmp_path / "other")
        other.settings(("sources.coop", "sources.other"))
        assert stale_sources(other.config, reader, now) == {}
