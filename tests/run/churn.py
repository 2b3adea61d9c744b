"""Listings as their editors treat them, walked in memory: the walk, the doubts and the fold are the real ones.

    Editor(kind, seed).week() -> what the listing shows now -> serve() -> walk() -> Memory.see()

Nothing is fetched and nothing is parsed, so that thousands of walks can be judged in a test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from coopscrape.archive.read import measures, usual_of
from coopscrape.model import (
    Content,
    Entry,
    Extraction,
    Field,
    Layout,
    Page,
    Paging,
    Reading,
    Row,
    Source,
    Strategy,
    Verdict,
    Walk,
    Way,
    stamp,
)
from coopscrape.run.fold import Judged, Stepper, judge

START = 1_529_485_200.0  # 2018-06-20T09:00:00Z
HOME = "https://a.example/news"


def source(strategy: Strategy = Strategy.NEXT, max_pages: int = 50) -> Source:
    def one(name: str, *, optional: bool = False) -> Field:
        return Field(name, (Way(css=name),), optional)

    fields = (one("title"), one("link"), one("date"), one("category", optional=True), one("summary", optional=True))
    paging = Paging(strategy, next="a.next", url=f"{HOME}?page={{page}}")
    return Source("news", "News", HOME, Reading((Layout("1", "li", fields),)), paging, max_pages)


# -- what editors do --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Habit:
    """How a listing is kept. Numbers are events a visit, on average."""

    size: tuple[int, int] = (25, 60)
    page: int = 10
    new: float = 1.5
    removed: float = 0.3
    edited: float = 0.7
    moved: float = 0.2
    keeps: int | None = None  # the latest so many
    order: str = "newest"
    pinned: int = 0
    summary: float = 0.9
    category: float = 0.9
    titles: int = 10**6  # so many different ones
    strategy: Strategy = Strategy.NEXT


KINDS: Mapping[str, Habit] = {
    "news, newest first": Habit(),
    "news, busy": Habit(new=6, removed=0.6, edited=2, keeps=300),
    "news, pages counted": Habit(strategy=Strategy.URL),
    "few optional fields": Habit(summary=0.1, category=0.05),
    "half of the optional fields": Habit(size=(5, 14), summary=0.5, category=0.5, new=0.7, page=5),
    "the latest twenty": Habit(size=(20, 20), keeps=20, page=20, new=3),
    "the latest twenty, on two pages": Habit(size=(20, 20), keeps=20, new=3, strategy=Strategy.URL),
    "the latest five": Habit(size=(5, 5), keeps=5, page=5, new=0.8, removed=0.1),
    "short": Habit(size=(3, 12), page=20, new=0.4, removed=0.35, edited=0.4, moved=0.1),
    "short, on pages of five": Habit(size=(3, 12), page=5, new=0.4, removed=0.35, edited=0.4, moved=0.1),
    "by the alphabet": Habit(order="title", new=1, removed=0.7),
    "oldest first": Habit(order="oldest"),
    "coming events": Habit(size=(6, 15), page=20, order="oldest", new=1.2, removed=0, keeps=-10),
    "pinned rows on each page": Habit(pinned=2),
    "one title again and again": Habit(titles=3),
    "shuffled at each visit": Habit(order="shuffled"),
}


class Editor:
    """Edits one listing, visit after visit; `rows` is all that is on the site."""

    def __init__(self, kind: str, seed: int) -> None:
        self.habit = KINDS[kind]
        self.random = Random(f"{kind} {seed}")
        self._made = 0
        self._today = date(2018, 6, 20)
        self.rows: list[Row] = []
        for _ in range(self.random.randint(*self.habit.size)):
            self._publish()
        self._order()
        self.pinned = self.rows[-self.habit.pinned :] if self.habit.pinned else []

    def week(self) -> list[Row]:
        """Some ordinary changes; returns what the listing shows."""
        habit = self.habit
        self._today += timedelta(days=3)
        for _ in range(self._times(habit.edited)):
            self._edit(self.random.randrange(len(self.rows)))
        for _ in range(self._times(habit.removed)):
            if len(self.rows) > 3:
                self.rows.pop(self.random.randrange(len(self.rows)))
        for _ in range(self._times(habit.moved)):
            self.rows.insert(
                self.random.randrange(len(self.rows)), self.rows.pop(self.random.randrange(len(self.rows)))
            )
        for _ in range(self._times(habit.new)):
            self._publish()
        if habit.keeps == -10:  # what is past is taken down
            kept = [row for row in self.rows if (row.content.date or "") >= self._today.isoformat()]
            self.rows = kept if len(kept) >= 3 else self.rows[-3:]
        self._order()
        return self.show()

    def show(self) -> list[Row]:
        rows = [row for row in self.rows if row not in self.pinned]
        return [*self.pinned, *rows]

    def pages(self) -> list[list[Row]]:
        rows, size = self.show()[len(self.pinned) :], self.habit.page
        return [[*self.pinned, *rows[i : i + size]] for i in range(0, max(len(rows), 1), size)]

    def _times(self, mean: float) -> int:
        """Binomial, of twenty chances: now and then several come at once."""
        return sum(self.random.random() < mean / 20 for _ in range(20))

    def _publish(self) -> None:
        self._made += 1
        n = self._made
        on = self._today if self.habit.keeps != -10 else self._today + timedelta(days=self.random.randint(2, 40))
        words = f"Story {n}" if self.habit.titles > n else f"Minutes {n % self.habit.titles}"
        content = Content(
            category="News" if self.random.random() < self.habit.category else None,
            title=words,
            date=on.isoformat(),
            date_text=on.isoformat(),
            summary=f"About {n}" if self.random.random() < self.habit.summary else None,
            link=f"https://a.example/items/{n}",
        )
        self.rows.insert(0, Row(f"https://a.example/items/{n}", content))

    def _edit(self, i: int) -> None:
        row, n = self.rows[i], self.random.randrange(10**6)
        values = {"title": f"{row.content.title} ({n})", "summary": f"Better words {n}", "category": f"Kind {n % 5}"}
        name = self.random.choice(sorted(values))
        content = replace(row.content, **{name: values[name]})  # type: ignore[arg-type]  # by name
        if row in self.pinned:
            self.pinned[self.pinned.index(row)] = replace(row, content=content)
        self.rows[i] = replace(row, content=content)

    def _order(self) -> None:
        order = self.habit.order
        if order == "title":
            self.rows.sort(key=lambda row: (hash_of(row.key), row.key))
        elif order == "oldest":
            self.rows.sort(key=lambda row: (row.content.date or "", row.key))
        elif order == "shuffled":
            self.random.shuffle(self.rows)
        if self.habit.keeps and self.habit.keeps > 0:
            del self.rows[self.habit.keeps :]


def hash_of(text: str) -> int:
    """An order that has nothing to do with age, the same in each process."""
    return Random(text).randrange(10**9)


# -- how it is walked --------------------------------------------------------------------------------------

Site = Callable[[str], Extraction]  # what a url shows


def serve(pages: Sequence[Sequence[Row]], strategy: Strategy = Strategy.NEXT) -> Site:
    """Each page names the next one; beyond the last, there are no entries."""

    def answer(url: str) -> Extraction:
        n = number_of(url)
        rows = tuple(pages[n - 1]) if n <= len(pages) else ()
        after = page_url(n + 1) if strategy is Strategy.NEXT and n < len(pages) else None
        return sheet(rows, after)

    return answer


def sheet(rows: Sequence[Row], after: str | None = None) -> Extraction:
    return Extraction(tuple(rows), "1", next_url=after, items=len(rows))


def page_url(n: int) -> str:
    return HOME if n == 1 else f"{HOME}?page={n}"


def number_of(url: str) -> int:
    return int(url.partition("page=")[2].partition("&")[0] or 1)


def walk(by: Source, n: int, site: Site) -> Walk:
    """The n-th walk, three days after the last; a second between two pages."""
    at = START + n * 3 * 86_400
    stepper = Stepper(by, n, stamp(at), by.max_pages)
    while stepper.ended is None:
        at += 1
        asked = stepper.wanted
        page = Page(asked.url, asked.url, stamp(at), b"", f"{n} {asked.number}")
        stepper.step(page, site(asked.url), 1000 * n + asked.number)
    return stepper.finished(stamp(at))


@dataclass
class Memory:
    """The fold of one source, as it grows."""

    by: Source
    known: dict[str, Entry] = field(default_factory=dict)
    past: list[Verdict] = field(default_factory=list)
    walks: int = 0

    def see(self, site: Site, *, accept: bool = False) -> Judged:
        """Walk the site and believe what is to be believed; `accept`: a person says that it is right."""
        self.walks += 1
        judged = judge(self.by, walk(self.by, self.walks, site), self.known, usual_of(self.past), accepted=accept)
        self.known.update((entry.key, entry) for entry in judged.delta.entries)
        self.past += [judged.verdict] if measures(judged.verdict) else []
        return judged
