"""What is said of the past is what was said then: `entries(as_of=...)` against a real crawler on a simulated site."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from coopscrape.archive.check import check
from coopscrape.archive.read import Reader
from coopscrape.errors import ArchiveError, NotFoundError
from coopscrape.model import Coverage, Entry
from coopscrape.reconcile import differences
from coopscrape.run.fold import derive
from coopscrape.run.rebuild import rebuild
from listings import Item, some_items
from run.simulated import Town
from run.test_laws import histories, live

ITEMS = some_items(12)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def see(town: Town, items: Sequence[Item], **options: object) -> list[Entry]:
    """A visit, and what `list` says after it."""
    town.site.publish(items)
    town.crawl(**options)  # type: ignore[arg-type]  # whatever a crawl takes
    with Reader.open(town.archive) as reader:
        return reader.entries()


def then(town: Town, as_of: str, **options: object) -> list[Entry]:
    with Reader.open(town.archive) as reader:
        return reader.entries(as_of=as_of, **options)  # type: ignore[arg-type]  # as `entries` has them


def unseen(entries: Sequence[Entry]) -> list[Entry]:
    return [replace(one, last_seen=None) for one in entries]


def ends(town: Town) -> list[str]:
    return [at for (at,) in town.rows("SELECT finished FROM walks ORDER BY settled")]


def test_a_listing_of_the_past_is_the_one_that_was_printed_then(town: Town) -> None:
    printed = [
        see(town, ITEMS),
        see(town, [replace(ITEMS[0], title="Corrected"), *ITEMS[1:]]),
        see(town, [*ITEMS[:4], *ITEMS[5:]]),
        see(town, [*ITEMS[:4], *ITEMS[5:]]),
        see(town, [*some_items(1, first=0), *ITEMS]),
    ]
    assert [len(one) for one in printed] == [12, 12, 12, 11, 13]
    for k, (at, entries) in enumerate(zip(ends(town), printed, strict=True), 1):
        assert unseen(then(town, at)) == unseen(entries) == unseen(then(town, f"run:{k}"))


def test_what_slid_off_and_came_back_is_listed_when_it_was_listed(town: Town) -> None:
    """A slide leaves no change behind, and the entry of today does not remember it."""
    newest = some_items(1, first=0)
    printed = [
        see(town, ITEMS),
        see(town, [*newest, *ITEMS[:11]]),
        see(town, [*newest, *ITEMS[:4], *ITEMS[5:]]),  # one was taken out, so that the oldest fits on it again
    ]
    oldest = printed[0][-1].id
    assert [oldest in {one.id for one in entries} for entries in printed] == [True, False, True]
    for at, entries in zip(ends(town), printed, strict=True):
        assert unseen(then(town, at)) == unseen(entries)
    (slid,) = (one for one in then(town, "run:2", everything=True) if one.id == oldest)
    assert slid.slid_since is not None


def test_what_was_only_missing_is_still_listed_and_says_so(town: Town) -> None:
    shorter = [*ITEMS[:4], *ITEMS[5:]]
    see(town, ITEMS)
    see(town, shorter)
    see(town, shorter)
    assert [one.content.title for one in then(town, "run:2") if one.missing_since] == [ITEMS[4].title]
    assert not [one for one in then(town, "run:3") if one.missing_since]
    assert [one.gone_since is not None for one in then(town, "run:3", everything=True)].count(True) == 1


def test_a_day_a_month_and_a_year_mean_their_end(town: Town) -> None:
    see(town, ITEMS)
    see(town, ITEMS[:11])
    town.clock.pass_by(30 * 86_400)
    see(town, [*some_items(1, first=0), *ITEMS])
    assert {at[:10] for at in ends(town)[:2]} == {"2018-06-20"}
    for as_of, count in {
        "2018-06-19": 0,
        "2018-06-20": 12,
        "2018-06": 12,
        "2018-07": 13,
        "2018": 13,
        "2017": 0,
    }.items():
        assert len(then(town, as_of)) == count, as_of


def test_a_moment_within_a_walk_is_before_that_walk(town: Town) -> None:
    """What its pages said was not yet judged."""
    see(town, ITEMS)
    (first, last) = town.rows("SELECT min(fetched_at), max(fetched_at) FROM pages WHERE walk = 1")[0]
    (finished,) = ends(town)
    assert first <= last <= finished
    assert len(then(town, finished)) == 12
    assert then(town, "2018-06-20T09:59:59") == []


def test_when_an_entry_was_last_seen_is_told_only_if_it_is_known(town: Town) -> None:
    see(town, ITEMS)
    see(town, [*ITEMS[:4], *ITEMS[5:]])
    see(town, [*ITEMS[:4], *ITEMS[5:]])
    assert {one.last_seen for one in then(town, "run:1")} == {None}
    missing = [one for one in then(town, "run:2") if one.missing_since]
    assert [one.last_seen is not None for one in missing] == [False]  # it went on: then it was gone
    gone = [one for one in then(town, "run:3", everything=True) if one.gone_since]
    assert [one.last_seen for one in gone] == [
        at for (at,) in town.rows("SELECT max(fetched_at) FROM pages WHERE walk = 1")
    ]
    assert None not in {one.last_seen for one in then(town, "run:3")}


def test_a_clock_that_was_wrong_once_does_not_rewrite_the_order(town: Town) -> None:
    see(town, ITEMS[:3])
    right = town.clock.now()
    town.clock.pass_by(-20 * 365 * 86_400)  # a machine that woke up without its clock
    see(town, ITEMS[:4])
    town.clock.pass_by(right + 86_400 - town.clock.now())
    see(town, ITEMS[:5])
    town.clock.pass_by(80 * 365 * 86_400)
    see(town, ITEMS[:6])
    town.clock.pass_by(right + 2 * 86_400 - town.clock.now())
    see(town, ITEMS[:7])
    assert [len(then(town, f"run:{n}")) for n in range(1, 6)] == [3, 4, 5, 6, 7]
    counts = {
        day: len(then(town, day)) for day in ("2005", "2018-06-19", "2018-06-20", "2018-06-21", "2018-06-22", "2030")
    }
    assert counts == {"2005": 0, "2018-06-19": 0, "2018-06-20": 4, "2018-06-21": 6, "2018-06-22": 7, "2030": 7}


def test_what_is_no_moment_and_a_run_that_never_was_are_told(town: Town) -> None:
    see(town, ITEMS)
    for words in ("soon", "2018-13", "2018-06-31", "", "20180620", "run:x"):
        with pytest.raises(ValueError, match="is no moment"):
            then(town, words)
    with pytest.raises(NotFoundError, match="there is no run 9; the last one is 1"):
        then(town, "run:9")


def test_an_archive_of_an_older_coopscrape_says_what_to_do_and_a_rebuild_mends_it(town: Town) -> None:
    see(town, ITEMS)
    expected = then(town, "run:1")
    with town.writing() as conn:
        conn.execute("DROP TABLE states")
        conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'states_of_entries'")
    with pytest.raises(ArchiveError, match="coopscrape rebuild"):
        then(town, "run:1")
    rebuild(town.config, town.archive)
    assert then(town, "run:1") == expected
    assert check(town.archive, differences) == []


def test_what_was_not_covered_is_said(town: Town) -> None:
    see(town, ITEMS)
    town.clock.pass_by(9 * 86_400)
    see(town, ITEMS, max_pages=2)
    town.site.pages = {"/news": "<html><body><h1>Are you human?</h1></body></html>"}
    town.crawl()
    with Reader.open(town.archive) as reader:
        (before,), (first,), (later,) = (reader.covered(day) for day in ("2018-06-19", "2018-06-28", "2018-06-29"))
    assert (before.at, before.next_at) == (None, ends(town)[0])
    assert (first.walk, first.coverage, first.at, first.in_vain) == (1, Coverage.COMPLETE, ends(town)[0], 0)
    assert (later.walk, later.coverage, later.pages, later.in_vain) == (2, Coverage.PREFIX, 2, 1)
    assert (later.whole_walk, later.whole_at) == (1, ends(town)[0])


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_the_archive_lists_at_each_place_of_its_history_what_the_log_says_up_to_there(
    steps: list[tuple[str, object]],
) -> None:
    """Whatever happened: edits of the selectors, faults, kills; the pages up to walk k give the listing after walk k."""
    with tempfile.TemporaryDirectory() as folder:
        town = Town(Path(folder))
        live(town, steps)
        with Reader.open(town.archive) as reader:
            known: dict[str, Entry] = {}
            history = [(judged.verdict.walk, judged.delta) for judged in derive(reader, town.config.sources["coop"])]
            for walk, delta in history:
                known |= {entry.key: entry for entry in delta.entries}
                listed = [one for one in known.values() if one.gone_since is None and one.slid_since is None]
                expected = sorted(listed, key=lambda one: (one.place, one.id))
                at = reader.walk(walk).finished or ""
                if ends(town).count(at) > 1:  # two walks in one moment: it has no place between them
                    continue
                told = reader.entries(as_of=at)
                assert unseen(told) == unseen(expected)
                assert all(one.last_seen in {None, real.last_seen} for one, real in zip(told, expected, strict=True))
            assert reader.entries(as_of="2099") == reader.entries()


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_after_any_history_each_listing_that_was_printed_can_be_printed_again(steps: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        town = Town(Path(folder))
        printed: dict[int, list[Entry]] = {}
        for step in steps:
            # What the pages say by other selectors, and what a person believes later, was not what was printed.
            if step[0] in ("edit", "accept"):
                continue
            live(town, [step])
            if town.archive.exists():
                with Reader.open(town.archive) as reader:
                    printed[reader.latest_run() or 0] = reader.entries()
        for run, entries in printed.items():
            if run:
                assert unseen(then(town, f"run:{run}")) == unseen(entries)
