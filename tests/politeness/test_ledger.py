"""Twenty hosts by their own ledger: what a crawl was to each of them; and that ours says the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.desk import Desk
from listings import listing, publish, some_items
from politeness.visits import HAIR, Visitor, conditional, paths, robots
from server import Answer, Hit, World

DELAY = 0.2
HOSTS = PAGES = 20


def agrees(ours: Mapping[str, Any], hits: list[Hit], smallest_gap: float | None) -> None:
    """One line of `status --ledger`, and what its host has written down."""
    assert ours["requests"] == len(hits)
    assert ours["conditional"] == sum(map(conditional, hits))
    assert ours["unchanged"] == sum(hit.status == 304 for hit in hits)
    assert ours["misses"] == sum(hit.status >= 400 for hit in hits)
    assert ours["smallest_gap"] == pytest.approx(smallest_gap, abs=HAIR)


@pytest.mark.slow
def test_twenty_hosts_see_nothing_but_politeness_over_two_runs(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with World(hosts=HOSTS) as world:
        sources = {f"coop-{n}": publish(world, some_items(PAGES), 1, host=host) for n, host in enumerate(world.hosts)}
        for host in world.hosts:
            robots(world, "Disallow: /private", host=host)
        Visitor(tmp_path).settings(sources, world, delay=f"{DELAY}s")
        for _ in range(2):
            said = desk.type("crawl")
            assert said.code == 0, said.err
        for host in world.hosts:
            hits = world.hits(host=host)
            first, again, second = hits[: PAGES + 1], hits[PAGES + 1], hits[PAGES + 2 :]
            assert paths(first) == ["/robots.txt", *paths(second)], "robots.txt once over both runs"
            assert len(second) == PAGES
            assert [conditional(hit) for hit in first] == [False] * (PAGES + 1)
            assert (again.path, again.status) == (second[0].path, 304), "whether a long listing moved meanwhile"
            assert conditional(again)
            assert [(conditional(hit), hit.status) for hit in second] == [(True, 304)] * PAGES
            assert (world.smallest_gap(host) or 0.0) >= DELAY - HAIR
            assert world.overlaps(host) == 0
        lines = {line["host"]: line for line in desk.type("status", "--ledger", "--format", "json").json()}
        assert lines.keys() == set(world.hosts)
        for host, line in lines.items():
            agrees(line, world.hits(host=host), world.smallest_gap(host))
            assert line["unchanged_share"] == 1.0
    assert desk.type("check").code == 0


def test_our_ledger_says_what_the_server_s_says_when_much_goes_wrong(visitor: Visitor, world: World) -> None:
    here, there = world.hosts
    publish(world, some_items(12))
    waiting = [Answer(429, headers=(("Retry-After", "1"),)), Answer(500)]
    world.put("/busy", lambda _: waiting.pop(0) if waiting else listing(some_items(2)))
    world.put("/moved", Answer(302, headers=(("Location", world.url("/news", there)), ("Retry-After", "1"))))
    world.put("/news", listing(some_items(2)), there)
    names = ("news", "busy", "moved", "lost")
    visitor.settings({name: world.url(f"/{name}") for name in names}, world, delay="0.1s", hosts=[there])
    visitor.visit()
    visitor.visit()
    lines = {line["host"]: line for line in Desk(visitor.place).type("status", "--ledger", "--format", "json").json()}
    for host in world.hosts:
        agrees(lines[host], world.hits(host=host), world.smallest_gap(host))
    assert lines[here]["retry_afters"] == sum(
        hit.status == 429 or hit.path == "/moved" for hit in world.hits(host=here)
    )
    assert lines[here]["retry_afters_obeyed"] == lines[here]["retry_afters"] == 3
    shown = Desk(visitor.place).type("status", "--ledger").out
    assert "3 of 3 kept" in shown
