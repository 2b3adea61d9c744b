"""A listing that lives, the crawler that visits it, and an oracle that compares: hypothesis chooses what happens.

The crawl, the archive file, the extraction are the real ones, driven through `crawl`, `rebuild` and `accept`. The site
(`site.py`) is served without a network, the clock is simulated. After each step that writes, all that the archive says
is judged by what the site really did (`oracle.py`). `TALLY` counts what was really reached.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from coopscrape.archive.check import check
from coopscrape.config import Config
from coopscrape.model import Coverage
from coopscrape.reconcile import differences
from coopscrape.run.crawl import CrawlResult, crawl
from coopscrape.run.events import Event
from coopscrape.run.rebuild import accept, rebuild
from coopscrape.run.settings import load_config
from listings import toml
from model.oracle import Breach, Known, Recipe, Told, Walked, compare, entries, half_a_pair, judge, walks
from model.site import FAULTS, FIELDS, HOST, LIES, Site, Trouble
from model.tally import TALLY
from run.simulated import AtOnce, Killed, SimulatedClock

HOUR: Final = 3600.0

SETTINGS: Final = """
[coopscrape]
contact = "test@example.org"

[defaults]
delay = "0s"
every = "0s"

[network]
allow = ["127.0.0.1:8000"]

[sources.coop]
url = "{host}/list/1"
pages = {pages}
must_contain = "ol.listing"
key = {{ from = "link", match = 'item-(\\d+)' }}
confirm_gone = 2

[[sources.coop.layouts]]
item = "ol.listing > li"
title = "h3 a"
link = "h3 a @href"
category = {{ css = "p.category", optional = true }}
date = {{ css = "time", format = "%d %B %Y" }}
summary = {{ css = "p.summary", optional = true }}

[sources.coop.layouts.extra]
author = {{ css = "span.by", optional = true }}
"""

RECIPES: Final[Mapping[str, Recipe]] = {
    "as it was": Recipe(),
    "other selectors that find the same": Recipe(
        (('title = "h3 a"', 'title = ["h1", "li > h3"]'), ('item = "ol.listing > li"', 'item = "li:has(h3)"'))
    ),
    "another name for each entry": Recipe((("'item-(\\d+)'", "'(item-\\d+)'"),)),
    "titles mended": Recipe(
        (('title = "h3 a"', 'title = { css = "h3 a", replace = [["[Ss]tory", "tale"]] }'),), tale=True
    ),
    "no summary": Recipe((('summary = { css = "p.summary", optional = true }', ""),), summary=False),
    "gone at once": Recipe((("confirm_gone = 2", "confirm_gone = 1"),), confirm_gone=1),
    "gone the third time": Recipe((("confirm_gone = 2", "confirm_gone = 3"),), confirm_gone=3),
    "a slip": Recipe((('title = "h3 a"', 'title = "h9 b"'),)),
}

WHERE = st.sampled_from([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
SMALL = st.integers(0, 3)

Edit = tuple[str, tuple[Any, ...]]
EDIT: st.SearchStrategy[Edit] = st.one_of(
    st.tuples(st.just("insert"), st.tuples(st.sampled_from([0.0, 0.0, 0.5, 1.0]))),
    st.tuples(st.just("edit"), st.tuples(WHERE, st.sampled_from(FIELDS), SMALL)),
    st.tuples(st.just("take_down"), st.tuples(WHERE)),
    st.tuples(st.just("put_back"), st.tuples(WHERE, SMALL)),
    st.tuples(st.just("restyle"), st.tuples(WHERE, SMALL)),
    st.tuples(st.just("move"), st.tuples(WHERE, WHERE)),
)
EDITS = st.lists(EDIT, min_size=1, max_size=3)
ORDINARY: Final = 4  # edits between two visits, at most, that nobody should wonder at


class World(RuleBasedStateMachine):
    """One archive of one site."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="coopscrape-model-")
        folder = Path(self._folder.name)
        self.archive, self._toml = folder / "archive.db", folder / "selectors.toml"
        self.clock = SimulatedClock()
        self.site = Site(self.clock.now)
        self.recipe = "as it was"
        self.config: Config | None = None
        self.known: dict[str, Known] = {}
        self.history: list[Walked] = []
        self._torn = False
        self._slid: set[str] = set()
        self._digests: dict[str, Recipe] = {}
        self._open = False  # a walk was killed, and has not been settled

    @initialize(
        size=st.integers(8, 16),
        per_page=st.integers(3, 5),
        rolling=st.booleans(),
        counted=st.booleans(),
        pinned=st.sampled_from([False, False, True]),
        chatty=st.booleans(),
    )
    def a_listing(self, *, size: int, per_page: int, rolling: bool, counted: bool, pinned: bool, chatty: bool) -> None:
        site = self.site
        site.per_page, site.counted, site.pinned, site.chatty = per_page, counted, pinned, chatty
        for _ in range(size):
            site.insert(0.0)
        if rolling:
            site.keeps = size - 2
        self._set("as it was")
        self._visit()

    # -- what its editors do

    @precondition(lambda self: not self._open)
    @rule(edits=EDITS)
    def editors_at_work(self, edits: Sequence[Edit]) -> None:
        self._edit(edits)

    @rule(edits=EDITS)
    def edited_and_visited(self, edits: Sequence[Edit]) -> None:
        self._edit(edits[:1] if self._open else edits)
        self._visit()

    @rule(where=WHERE)
    def taken_down_for_good(self, where: float) -> None:
        self._edit([("take_down", (where,))])
        self._visit()
        self._visit()

    @rule(where=WHERE, name=st.sampled_from(FIELDS))
    def there_and_back_again(self, where: float, name: str) -> None:
        for value in (0, 1, 0):
            self._edit([("edit", (where, name, value))])
            self._visit()

    @precondition(lambda self: not self._open)
    @rule(where=WHERE)
    def twins_appear(self, where: float) -> None:
        """Between two visits: while a listing moves, nobody can tell two entries of one key from one that was edited."""
        self._edit([("twins", (where,))])
        self._visit()

    # Not while a walk is to go on: what it is shown again then is no page that it has seen.
    @precondition(lambda self: not self._open)
    @rule()
    def turned_round(self) -> None:
        self.site.turn_round()
        self.site.edits += 1

    # -- visits, good and bad

    @rule()
    def visited(self) -> None:
        self._visit()

    @rule(pages=st.integers(1, 3))
    def visited_in_part(self, pages: int) -> None:
        self._visit(max_pages=pages)

    # One edit: of pages so short, most of one must stay, or it is another page for all that a walk can know.
    @rule(at=st.integers(2, 6), edits=EDITS.map(lambda edits: edits[:1]))
    def edited_while_it_is_read(self, at: int, edits: Sequence[Edit]) -> None:
        def before(n: int) -> None:
            if n == at:
                self._edit(edits)

        self.site.before = before
        self._visit()

    @rule(page=st.integers(1, 4), kind=st.sampled_from(sorted(FAULTS)), once=st.booleans(), onward=st.booleans())
    def faulty(self, *, page: int, kind: str, once: bool, onward: bool) -> None:
        self._visit([Trouble(page, kind, 1 if once else 10**6, onward)])

    @rule(page=st.sampled_from([1, 1, 2, 3]), kind=st.sampled_from([*sorted(LIES), "moved to a login"]))
    def lied_to(self, page: int, kind: str) -> None:
        self._visit([Trouble(page, kind)])

    @rule(at=st.integers(1, 6), how=st.sampled_from(["asked", "answered", "heard"]))
    def killed(self, at: int, how: str) -> None:
        self._visit(kill=(how, at))

    @rule()
    def robots_txt_forbids(self) -> None:
        """For a day it is not asked for again."""
        for text in ("User-agent: *\nDisallow: /list\n", None):
            self.site.robots = text
            self.clock.pass_by(25 * HOUR)
            self._visit()

    # -- what its archivist does

    @precondition(lambda self: self._doubted() and self.recipe != "a slip")
    @rule()
    def looked_at_and_accepted(self) -> None:
        self._accept()

    @precondition(lambda self: self.recipe != "a slip" and not self._open)
    @rule(kind=SMALL)
    def all_told_otherwise_and_accepted(self, kind: int) -> None:
        """A real upheaval: every entry comes under another category."""
        count = len(self.site.view)
        self._edit([("edit", ((i + 0.5) / count, "category", kind)) for i in range(count)])
        self._visit()
        if self._doubted():
            self._accept()

    @rule(name=st.sampled_from(sorted(RECIPES)))
    def settings_edited(self, name: str) -> None:
        self._set(name)
        TALLY["settings edited"] += 1
        self._visit()

    @rule(dry=st.booleans())
    def rebuilt(self, *, dry: bool) -> None:
        before = self._rows()
        found = rebuild(self._settings(), self.archive, dry_run=dry)
        TALLY["rebuilt"] += 1
        if self._rows() != before or any(one.differences for one in found):
            raise Breach(f"a rebuild is not what grew: {[one.differences for one in found]}")

    @rule(hours=st.sampled_from([1, 7, 30, 24 * 40, -5, -24 * 3]))
    def the_clock_jumps(self, hours: int) -> None:
        self.clock.pass_by(hours * HOUR)
        TALLY["clock set back" if hours < 0 else "clock put on"] += 1

    # -- how

    def _accept(self) -> None:
        accept(self._settings(), self.archive, self._doubted()[-1].id)
        TALLY["accepted"] += 1
        self._compare()

    def _edit(self, edits: Sequence[Edit]) -> None:
        for name, values in edits:
            if name == "twins":
                self.site.insert(*values, twins=True)
            else:
                getattr(self.site, name)(*values)
            self.site.edits += 1

    def _set(self, name: str) -> None:
        pages = {"url": f"{HOST}/list/{{page}}"} if self.site.counted else {"next": "a.next"}
        text = SETTINGS.format(host=HOST, pages=toml(pages))
        for old, new in RECIPES[name].edits:
            assert old in text, old
            text = text.replace(old, new)
        self._toml.write_text(text, encoding="utf-8")
        self.recipe, self.config = name, load_config(self._toml)
        self._digests[self._settings().sources["coop"].recipe] = RECIPES[name]

    def _settings(self) -> Config:
        assert self.config is not None
        return self.config

    def _visit(self, troubles: Sequence[Trouble] = (), kill: tuple[str, int] | None = None, **options: Any) -> None:
        self.clock.pass_by(HOUR)
        self.site.troubles = list(troubles)
        self.site.new_run()
        was_open, self._open = self._open, False
        try:
            result = self._crawl(kill, options)
        finally:
            self.site.before = self.site.after = lambda _: None
        if result is None:
            TALLY["killed"] += 1
            self._open = True
            return
        TALLY["visited"] += 1
        self._compare(went_on=was_open)

    def _crawl(self, kill: tuple[str, int] | None, options: Mapping[str, Any]) -> CrawlResult | None:
        """None: killed."""
        listen: Callable[[Event], None] = lambda _: None  # noqa: E731 (one of two)
        heard = 0
        if kill is not None:
            how, at = kill

            def die(n: int) -> None:
                if n == at:
                    self._save()
                    raise Killed

            def hear(event: Event) -> None:
                nonlocal heard
                heard += event.kind in ("page", "missed", "settled")
                if event.kind in ("page", "missed", "settled"):
                    die(heard)

            if how == "heard":
                listen = hear
            else:
                setattr(self.site, {"asked": "before", "answered": "after"}[how], die)
        try:
            return crawl(
                self._settings(),
                self.archive,
                hands=AtOnce(),
                clock=self.clock,
                visit=self.site.visit,
                listen=listen,
                everything=True,
                **options,
            )
        except Killed:
            self._restore()
            return None

    def _save(self) -> None:
        """The files as they lie there in the moment of a kill -9."""
        self._saved = {path: path.read_bytes() for path in self._files()}

    def _restore(self) -> None:
        for path in self._files():
            path.unlink()
        for path, body in self._saved.items():
            path.write_bytes(body)

    def _files(self) -> list[Path]:
        return [one for one in self.archive.parent.glob("archive.db*") if one.name.endswith((".db", "-wal"))]

    # -- what is compared

    def _compare(self, *, went_on: bool = False) -> None:
        before = {one.id: one for one in self.history}
        self.history = walks(self.archive, self.site, self._digests)
        if self._torn or any(one.torn for one in self.history) or half_a_pair(self.history):
            TALLY["torn, and not judged any more"] += not self._torn
            self._torn = True
            return
        try:
            self.known = judge(self.history)
            compare(self.archive, self.known)
        except Breach as breach:
            breach.add_note("\n".join(map(str, self.history)))
            raise
        for one in self.history:
            if one.id not in before:
                self._count(one, went_on=went_on)
        slid = {name for name, row in entries(self.archive) if row["slid_since"]}
        TALLY["slid off"] += len(slid - self._slid)
        TALLY["slid off, and shown again"] += len(self._slid - slid)
        self._slid = slid

    def _count(self, walk: Walked, *, went_on: bool) -> None:
        TALLY[f"walk: {walk.coverage}"] += 1
        TALLY["walk: went on after a kill"] += went_on
        TALLY["walk: the listing moved"] += walk.moved
        TALLY["walk: told a lie"] += bool(walk.lies)
        TALLY["walk: told a lie, doubted"] += bool(walk.lies) and walk.coverage == "doubted"
        for kind in {(one.kind, one.story) for one in walk.told}:
            TALLY[f"told: {kind[0]}"] += 1
        TALLY["told: gone, dated from an earlier walk"] += sum(
            one.kind == "gone" and one.at < walk.asked[0].at for one in walk.told
        )
        TALLY["twins"] += any(name.endswith("b") for name in walk.shown)
        TALLY["A, B and A again"] += sum(self._again(one) for one in walk.told if one.kind == "changed")
        if self._ordinary(walk):
            TALLY["ordinary"] += 1
            TALLY["ordinary, doubted"] += walk.coverage == "doubted"

    def _again(self, now: Told) -> bool:
        """It says again what it said before."""
        before = [one for walk in self.history for one in walk.told if (one.story, one.field) == (now.story, now.field)]
        return any(one.old == now.new for one in before if one is not now)

    def _ordinary(self, walk: Walked) -> bool:
        """Nobody should doubt it: it was told the truth, and little happened since the last one that was believed."""
        believed = [one for one in self.history if one.id < walk.id and one.coverage == "complete"]
        if not (walk.honest and believed and self.recipe != "a slip"):
            return False
        last = believed[-1]
        then, now = last.asked[-1], walk.asked[-1]
        return last.honest and then.reorders == now.reorders and now.edits - then.edits <= ORDINARY

    def _doubted(self) -> list[Walked]:
        """Doubted walks that were told nothing but the truth: a person would see that."""
        return [one for one in self.history if one.coverage == Coverage.DOUBTED and one.honest]

    def _rows(self) -> object:
        import sqlite3

        conn = sqlite3.connect(self.archive)
        try:
            tables = ("changes", "versions", "verdicts")
            rows = {name: sorted(conn.execute(f"SELECT * FROM {name}"), key=str) for name in tables}
            columns = "id, key, number, place, title, last_seen, missing_since, missed, slid_since, gone_since"
            return rows, sorted(conn.execute(f"SELECT {columns} FROM entries"), key=str)
        finally:
            conn.close()

    def teardown(self) -> None:
        try:
            if self.history and not self._open:
                breaches = check(self.archive, differences)
                if breaches:
                    raise Breach(f"check: {breaches}")
        finally:
            self._folder.cleanup()
