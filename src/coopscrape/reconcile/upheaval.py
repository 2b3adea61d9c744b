"""(known entries, one walk, what it would change) -> doubts about the change as a whole. Pure.

Listings change by a few entries at a time. Where very much changes at once, or only just where a broken page or a stale
copy would make it change, the page is another one as likely as the news. A rule a function; each yields a sentence.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from coopscrape import canon
from coopscrape.model import Change, Coverage, Delta, Entry, Kind, Limits, Usual, Walk
from coopscrape.reconcile.delta import Shown, listed, show

LEAST: Final = 3  # of fewer entries nothing is said: two of two is no upheaval
MANY: Final = 5  # so many at once may be much in any listing
MOST: Final = 0.4  # of a short one: three of seven are much, too
ALIKE: Final = 3  # entries that say the same at once, and did not before
STALE: Final = 2  # entries: one that was put up and taken down again looks like an older state too
FLICKERS: Final = 2  # entries that return while as many others go
PAGE_SHRINKS: Final = 0.8  # of its usual number of entries, where that is not always the same; less is a part of a page
PAGE_GROWS: Final = 1.2
BEHIND: Final = 0.25  # of the known entries stand before it: that is not the top any more


def upheaval(
    known: Mapping[str, Entry],
    walk: Walk,
    delta: Delta,
    coverage: Coverage = Coverage.COMPLETE,
    usual: Usual | None = None,
    limits: Limits | None = None,
) -> tuple[str, ...]:
    """Why so much cannot have changed, in words. `known`: the entries before; `delta`: what the walk would change."""
    case = Case(known, walk, delta, coverage, usual, limits or Limits())
    if len(case.listed) < LEAST:
        return ()
    rules = [rule for rule, limit in RULES if getattr(case.limits, limit, 0) < 1]
    return tuple(words for rule in rules if (words := rule(case)))


@dataclass(frozen=True)
class Case:
    """All that the rules look at."""

    known: Mapping[str, Entry]
    walk: Walk
    delta: Delta
    coverage: Coverage
    usual: Usual | None
    limits: Limits

    @cached_property
    def listed(self) -> list[Entry]:
        """What the listing was believed to show, in its order."""
        return listed(self.known)

    @cached_property
    def shown(self) -> list[Shown]:
        return show(self.known, self.walk)[0]

    @cached_property
    def page(self) -> dict[str, int]:
        """key -> number of the page that shows it."""
        numbers = {sight.page: sight.number for sight in self.walk.sights}
        return {one.key: numbers[one.page] for one in self.shown}

    @cached_property
    def present(self) -> list[Entry]:
        """The listed entries that are shown."""
        return [one for one in self.listed if one.key in self.page]

    @cached_property
    def new(self) -> list[Change]:
        return [change for change in self.delta.changes if change.kind is Kind.NEW]

    @cached_property
    def lost(self) -> list[Entry]:
        """What is missing since this walk, in the order in which it stood."""
        missed = {one.id for one in self.delta.entries if one.missed == 1}
        return [one for one in self._due if one.id in missed]

    @cached_property
    def expected(self) -> int:
        return len(self._due)

    @cached_property
    def _due(self) -> list[Entry]:
        today = self.walk.finished[:10]
        return [one for one in self.listed if one.missing_since is None and not _is_over(one, today)]

    @cached_property
    def tail(self) -> list[Entry]:
        """What is missing behind all that is shown."""
        last = max((one.place for one in self.present), default=None)
        return [one for one in self.lost if last is not None and one.place > last]

    @cached_property
    def shorter(self) -> int:
        length = self.usual.length if self.usual else None
        return (self.expected if length is None else min(self.expected, length)) - len(self.shown)

    @cached_property
    def slides(self) -> int:
        """How many of the tail made place for what is new, in a list that does so."""
        rolls = any(one.slid_since for one in self.known.values())
        return max(0, len(self.tail) - max(0, self.shorter)) if rolls else 0

    @cached_property
    def edits(self) -> dict[str, list[Change]]:
        """field -> its changes in entries that are listed."""
        present = {one.id for one in self.present}
        found: dict[str, list[Change]] = defaultdict(list)
        for change in self.delta.changes:
            if change.kind is Kind.CHANGED and change.field and change.entry.id in present:
                found[change.field].append(change)
        return found

    @cached_property
    def pages(self) -> tuple[int, ...]:
        """How many entries each page shows that none before it did, up to the last page that shows any."""
        counts = Counter(self.page.values())
        return tuple(counts[n] for n in range(1, max(counts, default=0) + 1))

    @cached_property
    def page_size(self) -> int:
        """Entries that a page shows which is not the last, at least; 0 if that is not known."""
        return min(self._full, default=0)

    @cached_property
    def page_most(self) -> int:
        return max(self._full, default=0)

    @cached_property
    def _full(self) -> list[int]:
        return [count for pages in (self.usual.shows if self.usual else ()) for count in pages[:-1]]


def _is_over(one: Entry, today: str) -> bool:
    """It was announced for a day that has passed: lists of what is to come drop it, and nobody wonders."""
    date = one.content.date or ""
    return one.first_seen[: len(date)] < date < today[: len(date)]


def _much(count: int, of: int, share: float) -> bool:
    """More than its share, and several; of few entries, all."""
    return count > share * of and (count >= MANY or (count >= LEAST and count > MOST * of))


# -- what is said otherwise -----------------------------------------------------------------------------


def _edited(case: Case) -> str | None:
    of = len(case.present)
    for field, changes in case.edits.items():
        if _much(len(changes), of, case.limits.edited):
            words = f"{field} differs in {len(changes)} of {of} known entries at once, usually in a few"
            own = any(field in dict(one.content.extra) for one in case.present)
            return f"{words}; a figure that always moves is better left out" if own else words
    return None


def _alike(case: Case) -> str | None:
    """A template that was not filled in, or a selector that slid: different entries say the same all at once."""
    for field in ("title", "summary", "date"):
        values = Counter(canon.text(change.new) for change in case.edits.get(field, ()))
        value, count = values.most_common(1)[0] if values else (None, 0)
        if value and count >= ALIKE:
            return f"{field} is {value[:60]!r} in {count} known entries at once, and was not before"
    return None


def _renamed(case: Case) -> str | None:
    """The same entries under other keys: links were rewritten, or `key` does not hold."""
    unseen = {_looks(one) for one in case.listed if one.key not in case.page and one.content.title}
    new = {_looks(change.entry): change.entry for change in case.new if _looks(change.entry) in unseen}
    absent = sum(one.missed > 0 or one.slid_since is not None for one in case.delta.entries)
    if new and _much(len(new), min(absent or len(case.new), len(case.new)), 0.5):
        some = next(iter(new.values())).key
        return f"{len(new)} known titles stand under other keys now ({some!r} ...): look at `key`"
    return None


def _looks(entry: Entry) -> tuple[str | None, str | None]:
    return canon.text(entry.content.title), entry.content.date or canon.text(entry.content.date_text)


# -- what is not shown ----------------------------------------------------------------------------------


def _vanished(case: Case) -> str | None:
    lost = len(case.lost) - case.slides
    if _much(lost, case.expected, case.limits.missing):
        return f"{lost} of {case.expected} known entries are not shown, usually all or nearly all are"
    return None


def _block(case: Case) -> str | None:
    """Entries that stood together: a page was passed over, or is another."""
    lost, run, longest = {one.id for one in case.lost} - {one.id for one in case.tail}, 0, 0
    for one in case.listed:
        run = run + 1 if one.id in lost else 0
        longest = max(longest, run)
    together = f"{longest} known entries that stood one behind the other are not shown"
    return together if longest >= MANY else None


def _no_overlap(case: Case) -> str | None:
    """Of a walk that stopped early. One that went to the end has lost them all."""
    none = not case.present and min(len(case.shown), len(case.listed)) >= MANY
    return f"none of {len(case.listed)} known entries is shown" if none and not case.lost else None


def _ends_early(case: Case) -> str | None:
    """The end of the listing before where it was: a page that failed politely, a page cut short, a pager that is lost."""
    tail = len(case.tail) - case.slides
    if case.coverage is not Coverage.COMPLETE or tail <= 0 or case.shorter <= 0:
        return None
    if tail < case.limits.end and not _at_a_page_break(case):
        return None
    where = f"page {len(case.pages)}"
    if case.usual:
        where += f" with {len(case.shown)} entries, usually page {_usual_end(case.usual)} with {case.usual.entries}"
    return f"the listing ends before where it ended: the last {tail} known entries are not shown; it ends on {where}"


def _at_a_page_break(case: Case) -> bool:
    """It ends on a full page, where more pages followed: the rest was on a page that did not come."""
    if not case.usual or not case.usual.shows:
        return False
    return len(case.pages) < _usual_end(case.usual) and case.pages[-1] >= case.page_size > 0


def _usual_end(usual: Usual) -> int:
    return len(usual.shows[-1]) if usual.shows else usual.pages


def _short_page(case: Case) -> str | None:
    """Sites fill their pages up. One in the middle that lacks entries was not sent whole."""
    least = case.page_size if case.page_size == case.page_most else PAGE_SHRINKS * case.page_size
    for number, count in enumerate(case.pages[:-1], 1):
        lacking = case.page_size - count - (_repeated(case, number) if count < least else 0)
        if count < least and 0 < lacking <= len(case.lost):
            return (
                f"page {number}: {count} entries, usually {case.page_size}; {len(case.lost)} known ones are not shown"
            )
    return None


def _repeated(case: Case, number: int) -> int:
    """How many entries at its top stood at the end of the page before: pushed down by what came in meanwhile."""
    before, here = (
        [row.key for sight in case.walk.sights if sight.number == n for row in sight.extraction.rows]
        for n in (number - 1, number)
    )
    return next((n for n in range(min(len(before), len(here)), 0, -1) if before[-n:] == here[:n]), 0)


def _stale(case: Case) -> str | None:
    """A copy from before: what was published last is missing, and nothing is new."""
    if not case.lost or not case.present or case.new:
        return None
    younger = min(one.first_seen for one in case.lost) > max(one.first_seen for one in case.present)
    within = case.lost[-1].place < case.present[-1].place
    returned = any(one.slid_since is not None and one.key in case.page for one in case.known.values())
    if younger and within and (len(case.lost) >= STALE or returned):
        return f"the {len(case.lost)} newest known entries are not shown, and nothing is new: an older state of the listing"
    return None


def _flickers(case: Case) -> str | None:
    """What was missing is there, and other entries are missing: not every visitor is shown the same."""
    returned = [key for key in case.page if key in case.known and case.known[key].missing_since is not None]
    if min(len(returned), len(case.lost)) < FLICKERS:
        return None
    words = f"{len(returned)} missing entries are shown again, and {len(case.lost)} others are not shown"
    return f"{words}: the listing flickers. If it always does, raise `confirm_gone`"


def _shifted(case: Case) -> str | None:
    """Entries that slipped through between two pages, because the listing moved while it was read."""
    if len(case.pages) <= STALE or len(case.lost) < STALE or not _in_order(case):
        return None
    places = [one.place for one in case.present]
    breaks = {_break(case, bisect(places, one.place)) for one in case.lost}
    if None not in breaks and len(breaks) >= max(STALE, len(case.pages) / 2):
        return f"{len(case.lost)} known entries are missing just where a page ends: the listing moved while it was read"
    return None


def _in_order(case: Case) -> bool:
    return all(case.page[a.key] <= case.page[b.key] for a, b in pairwise(case.present))


def _break(case: Case, i: int) -> tuple[int, int] | None:
    """The pages between which what stood before the i-th present entry should be; None if it should be on one."""
    if i == len(case.present):
        return (len(case.pages), 0)  # behind the last
    if i == 0:
        return None
    before, behind = (case.page[one.key] for one in case.present[i - 1 : i + 1])
    return (before, behind) if before < behind and before not in case.walk.still else None


# -- what is added --------------------------------------------------------------------------------------


def _ends_late(case: Case) -> str | None:
    """News comes in at the top. Much of it among or behind what is old is another list, adverts, or invented."""
    if not case.usual or not case.present:
        return None
    fresh = {change.entry.key for change in case.new}
    top, passed, late = BEHIND * len(case.present), 0, 0
    for one in case.shown:
        passed += one.key not in fresh
        late += one.key in fresh and passed >= top
    more = case.page_size > 0 and max(case.pages) > PAGE_GROWS * case.page_most
    if (late >= MANY and late > case.limits.added * len(case.listed)) or (more and late >= LEAST):
        end = f"page {len(case.pages)}, usually page {_usual_end(case.usual)}"
        return (
            f"{late} new entries stand among or behind the {len(case.present)} known ones; the listing goes on to {end}"
        )
    return None


# A rule, and the share that turns it off when it is 1.
RULES: Final[Sequence[tuple[Callable[[Case], str | None], str]]] = (
    (_edited, "edited"),
    (_alike, "edited"),
    (_renamed, ""),
    (_vanished, "missing"),
    (_block, "missing"),
    (_no_overlap, "missing"),
    (_ends_early, "missing"),
    (_short_page, "missing"),
    (_stale, "missing"),
    (_shifted, "missing"),
    (_flickers, "missing"),
    (_ends_late, "added"),
)
