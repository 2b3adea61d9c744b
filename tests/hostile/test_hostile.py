"""Whatever a server does, the archive stays true, the crawl ends, and no other source notices."""

from __future__ import annotations

import os

import pytest

from hostile.behaviour import LISTING, READ, Behaviour, Site, page
from hostile.isolation import prefix
from hostile.stage import play
from hostile.table import ROWS
from hostile.trial import Batch, as_line, batches, possible, tried
from server import Answer

EVERY = os.environ.get("COOPSCRAPE_HOSTILE") == "all"
TRIED = tuple(row for row in ROWS if EVERY or not row.seldom)
BATCHES = batches(TRIED)


def _id(batch: Batch) -> str:
    return f"{batch[0].group}: {batch[0].name}" + (f" and {len(batch) - 1} more" if len(batch) > 1 else "")


@pytest.mark.slow
@pytest.mark.parametrize("batch", BATCHES, ids=_id)
def test_no_server_can_harm_the_archive(batch: Batch) -> None:
    rows = tuple(row for row in batch if possible(row))
    if not rows:
        pytest.skip("no network namespace can be made here: see test_where_we_are_root_the_table_runs_apart")
    wrong = [one for one in tried(rows) if one.faults]
    assert not wrong, "\n".join("\n    ".join([as_line(one), *one.faults]) for one in wrong)


def test_where_we_are_root_the_table_runs_apart() -> None:
    """In a network namespace of its own, out of which no packet leads: nothing is left out in silence."""
    if os.geteuid() != 0:
        pytest.skip("only root is sure to be allowed to make a network namespace")
    assert prefix() is not None, "unshare (util-linux), ip (iproute2) and the right to use them are needed"


def test_every_row_is_in_a_batch() -> None:
    assert sorted(row.name for batch in BATCHES for row in batch) == sorted(row.name for row in TRIED)
    assert len(TRIED) > len(ROWS) // 2


def test_every_row_has_a_name_and_words_of_its_own() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert all(row.words and row.right for row in ROWS)


# -- the play itself can see what is wrong ---------------------------------------------------------


def edited(site: Site) -> None:
    site.put(LISTING, page().replace("Cooperative story 1:", "Another story 1:"))


def test_a_change_would_be_noticed() -> None:
    (found,) = play([Behaviour("edited", "changes a title", edited, READ)], isolated=False)
    assert found.seen == ["read", "changed read", "read", "changed read"]
    assert any("in the end: {'changed': 2, 'new': 12}" in fault for fault in found.faults)


def test_a_wrong_outcome_would_be_noticed() -> None:
    (found,) = play([Behaviour("gone", "has no page", lambda site: site.put(LISTING, Answer(404)), READ)], False)
    assert found.faults == ["run 2: status, but right is read", "run 3: status, but right is host-closed or read"]
