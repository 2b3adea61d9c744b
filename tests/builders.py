"""Short makers of the values that tests speak of: contents, rows, walks, sources, pages; and an archive grown walk by walk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from coopscrape.archive.write import Writer
from coopscrape.model import (
    Change,
    Content,
    Coverage,
    Delta,
    End,
    Ended,
    Entry,
    Extraction,
    Layout,
    Page,
    Reading,
    Request,
    Row,
    Sight,
    Source,
    Verdict,
    Version,
    Walk,
    stamp,
)
from coopscrape.reconcile import reconcile

COMMAND = "coopscrape crawl"
ENDS = {
    Coverage.COMPLETE: End.LISTING,
    Coverage.PREFIX: End.LIMIT,
    Coverage.CUT: End.MISS,
    Coverage.DOUBTED: End.LISTING,
    Coverage.REFUSED: End.REFUSED,
}


def moment(n: float) -> str:
    """The n-th hour of a simulated clock."""
    return stamp(1_529_480_000 + 3600 * n)


def content(title: str | None = "A title", /, **more: str | None) -> Content:
    """What an entry says; names that are none of the standard ones are its own fields."""
    standard = {name: more.pop(name) for name in ("category", "date", "date_text", "summary", "link") if name in more}
    return Content(title=title, **standard, extra=tuple(more.items()))


def row(key: str, said: Content | str | None = None, number: int | None = None) -> Row:
    return Row(key, said if isinstance(said, Content) else content(said or f"Title of {key}"), number)


def rows(keys: str) -> tuple[Row, ...]:
    """One row for each letter."""
    return tuple(row(key) for key in keys)


def sight(shown: Sequence[Row], number: int = 1, page: int = 1, at: str | None = None) -> Sight:
    return Sight(number, page, at or moment(0), Extraction(rows=tuple(shown), layout="1", items=len(shown)))


def walk(shown: Sequence[Row], n: int = 1, *, source: str = "news", a_page: int = 10) -> Walk:
    """The n-th walk, in the n-th hour, `a_page` rows a page."""
    pages = [shown[i : i + a_page] for i in range(0, len(shown), a_page)] or [()]
    sights = tuple(sight(part, i, 100 * n + i, moment(n)) for i, part in enumerate(pages, 1))
    return Walk(n, source, moment(n), moment(n), sights, Ended(End.LISTING, "no next link"))


def source(name: str = "news", url: str = "https://example.org/news", recipe: str = "r" * 64) -> Source:
    reading = Reading(layouts=(Layout("1", "li", ()),))
    return Source(name=name, title=name, url=url, reading=reading, recipe=recipe)


def page(
    body: bytes = b"<html>", url: str = "https://example.org/news", at: str | None = None, *, fresh: bool = True
) -> Page:
    return Page(url, url, at or moment(0), body, hashlib.sha256(body).hexdigest(), etag='"e"', fresh=fresh)


def request(url: str = "https://example.org/news", walk: int | None = None, number: int = 1) -> Request:
    return Request(url, url, source="news", walk=walk, number=number)


@dataclass
class Fold:
    """What walks have come to mean, in memory: deltas put one upon the other."""

    confirm_gone: int = 2
    known: dict[str, Entry] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    walks: int = 0

    def see(self, shown: Sequence[Row], coverage: Coverage = Coverage.COMPLETE, *, a_page: int = 10) -> Delta:
        """The next walk, an hour after the last one."""
        self.walks += 1
        return self.put(reconcile(self.known, walk(shown, self.walks, a_page=a_page), coverage, self.confirm_gone))

    def put(self, delta: Delta) -> Delta:
        self.known |= {one.key: one for one in delta.entries}
        self.versions += delta.versions
        self.changes += delta.changes
        return delta

    def listed(self) -> list[str]:
        """The keys of what the listing is believed to show, in its order."""
        now = [one for one in self.known.values() if one.gone_since is None and one.slid_since is None]
        return [one.key for one in sorted(now, key=lambda one: one.place)]


def kinds(delta: Delta) -> list[tuple[str, str, str | None]]:
    """What happened, in short: [("new", "a", None), ("changed", "b", "title")]."""
    return [(change.kind.value, change.entry.key, change.field) for change in delta.changes]


def grow(
    writer: Writer,
    visited: Source,
    shown: Sequence[Row],
    n: int,
    coverage: Coverage = Coverage.COMPLETE,
    *,
    accepted: bool = False,
) -> tuple[int, Delta]:
    """One run with one walk of one page, from the first request to the end, as `crawl` writes it. The walk's id."""
    writer.start_run(COMMAND, moment(n))
    number = writer.open_walk(visited, moment(n), 50)
    body = repr(shown).encode("utf-8", "backslashreplace")
    answer = page(body, visited.url, moment(n))
    logged = writer.log(request(visited.url, number), answer)
    ended = Ended(ENDS[coverage], "as the test wants it")
    done = Walk(number, visited.name, moment(n), moment(n), (sight(shown, 1, logged, moment(n)),), ended)
    writer.end_walk(number, ended, moment(n))
    if coverage is Coverage.DOUBTED:
        delta = Delta(number)
    else:
        delta = reconcile(writer.known(visited.name), done, coverage, visited.confirm_gone)
    with writer.transaction():
        judged = verdict(number, coverage, len(shown))
        if accepted:
            writer.accept(number, visited, moment(n))
            judged = replace(judged, doubts=("3 entries, usually 10",))
        writer.apply(judged, delta, visited.recipe)
        writer.folded_with(visited.name, visited.recipe)
    writer.finish_run("ok", moment(n))
    return number, delta


def verdict(walk: int, coverage: Coverage = Coverage.COMPLETE, entries: int = 0) -> Verdict:
    doubts = ("no entries, usually 10",) if coverage is Coverage.DOUBTED else ()
    return Verdict(walk, coverage, "as the test wants it", doubts, entries, 1, (("title", 1.0),))


def by_key(entries: Mapping[str, Entry]) -> dict[str, Content]:
    return {key: entry.content for key, entry in entries.items()}
