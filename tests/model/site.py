"""A listing as it really is: its stories, what its editors and its servers do to it, and what each request was told.

It knows nothing of coopscrape but the values that its network door takes and gives. What stood on the site at each
request is written down (`Served`), for the oracle to judge by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Final
from urllib.parse import urlsplit

from coopscrape.model import Manners, Miss, Moved, Outcome, Page, Purpose, Reading, Request, Visit, Why, stamp
from coopscrape.run.visit import read

HOST: Final = "http://127.0.0.1:8000"
FIELDS: Final = ("category", "title", "date", "summary", "section", "author")
DAYS: Final = ("2018-06-20", "2018-06-21", "2018-05-03")
PRINTED: Final = {"2018-06-20": "20 June 2018", "2018-06-21": "21 June 2018", "2018-05-03": "3 May 2018"}
FEWEST: Final = 6  # stories that a site keeps: of very short listings little can be proven


@dataclass(frozen=True, slots=True)
class Story:
    """One item. `number` is its id on the site; twins, "a" and "b", share it. None: the page has no such element."""

    number: int
    twin: str
    category: str | None
    title: str
    date: str
    summary: str | None
    section: str
    author: str | None
    style: int = 0  # how it is printed, which says nothing

    @property
    def name(self) -> str:
        return f"{self.number}{self.twin}"


def story(number: int, twin: str = "") -> Story:
    title = f"Story {number}{twin and f', part {twin}'}"
    return Story(number, twin, "News", title, DAYS[number % 3], f"About {number}", "news", f"Author {number % 4}")


def values(one: Story, name: str) -> Sequence[str | None]:
    """What an editor may write there; few values, so that old ones return."""
    return {
        "category": ("News", "Statement", None, ""),
        "title": (f"Story {one.number}", f"Story {one.number}, corrected", f"The story {one.number}"),
        "date": DAYS,
        "summary": (f"About {one.number}", f"More about {one.number}", None, ""),
        "section": ("news", "archive"),
        "author": (f"Author {one.number % 4}", "Somebody else", None),
    }[name]


# -- how it is printed ------------------------------------------------------------------------------------


def _spaced(text: str, style: int) -> str:
    """The same words: blanks, no-break spaces, line breaks and characters of no width say nothing."""
    return (text, text.replace(" ", "\u00a0"), f"\n  {text.replace(' ', '  ')}\u200b ", text)[style]


def _element(tag: str, text: str | None, style: int, name: str = "") -> str:
    return "" if text is None else f"<{tag}{name and f' class={name}'}>{escape(_spaced(text, style))}</{tag}>"


def _li(one: Story) -> str:
    date = PRINTED[one.date]
    tracking = "?utm_source=list#top" if one.style == 3 else ""
    return "".join(
        (
            "<li>",
            _element("p", one.category, one.style, "category"),
            f'<h3><a href="/{one.section}/item-{one.number}.html{tracking}">{escape(_spaced(one.title, one.style))}</a></h3>',
            _element("time", date.replace("June", "Jun") if one.style == 2 else date, one.style),
            _element("p", one.summary, one.style, "summary"),
            _element("span", one.author, one.style, "by"),
            "</li>",
        )
    )


def page_of(stories: Sequence[Story], following: str | None, aside: str = "", marker: str = "listing") -> str:
    """One page of a listing."""
    more = f'<a class="next" href="{following}">Next</a>' if following else ""
    items = "\n".join(map(_li, stories))
    return f"<!doctype html><html><body><h1>News</h1><ol class={marker}>{items}</ol>{more}{aside}</body></html>"


# -- pages that answer 200 and are not the listing ----------------------------------------------------------

Lie = Callable[[Sequence[Story], str | None], str]  # what should be there, and the next page -> what is there


def _says(words: str) -> Lie:
    return lambda _stories, _following: f"<!doctype html><html><body><h1>{words}</h1><p>Please wait.</p></body></html>"


LIES: Final[Mapping[str, Lie]] = {
    "captcha": _says("Are you human?"),
    "maintenance": _says("We are back soon"),
    "login": _says("Sign in"),
    "soft 404": _says("Page not found"),
    "an empty listing": lambda _stories, _following: page_of((), None),
    "nothing": lambda _stories, _following: "",
}

FAULTS: Final[Mapping[str, tuple[Why, int | None]]] = {
    "500": (Why.STATUS, 500),
    "503": (Why.STATUS, 503),
    "429": (Why.STATUS, 429),
    "403": (Why.STATUS, 403),
    "404": (Why.STATUS, 404),
    "reset": (Why.NETWORK, None),
    "timeout": (Why.DEADLINE, None),
    "truncated": (Why.TRUNCATED, None),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What befalls page `page`. `tries`: how many requests for it; `onward`: and all pages behind it."""

    page: int
    kind: str
    tries: int = 10**6
    onward: bool = False

    def hits(self, page: int, asked: int) -> bool:
        return (page == self.page or (self.onward and page > self.page)) and asked <= self.tries


# -- the site -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Served:
    """One answer: which page of which walk, and what stood on the site in that moment."""

    walk: int | None
    page: int  # of the listing
    at: str
    digest: str | None  # None: a fault
    shown: tuple[Story, ...]  # what the answer says truly
    lie: str | None
    fault: bool  # a page that there is, and that did not come
    view: tuple[Story, ...]  # the whole listing, in its order
    alive: frozenset[str]  # also what stands behind a window
    reorders: int
    edits: int


@dataclass
class Site:
    """`stories` is all that is on the site, in its order; a rolling list shows the first `keeps` of them."""

    now: Callable[[], float]
    per_page: int = 4
    keeps: int | None = None
    counted: bool = False
    pinned: bool = False
    chatty: bool = False  # each answer has other bytes
    stories: list[Story] = field(default_factory=list)
    taken_down: list[Story] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    robots: str | None = None
    served: list[Served] = field(default_factory=list)
    before: Callable[[int], None] = lambda _: None  # request n of a run is about to be answered
    after: Callable[[int], None] = lambda _: None  # it has been answered, and the answer is on its way
    made: int = 0
    reorders: int = 0
    edits: int = 0  # what was done to it in all
    requests: int = 0  # of this run
    _asked: dict[int, int] = field(default_factory=dict)

    # -- its editors

    @property
    def view(self) -> tuple[Story, ...]:
        return tuple(self.stories[: self.keeps])

    def insert(self, where: float, *, twins: bool = False) -> None:
        self.made += 1
        at = round(where * len(self.view))
        self.stories[at:at] = [story(self.made, twin) for twin in ("ab" if twins else ("",))]

    def edit(self, where: float, name: str, value: int) -> None:
        """Twins are left as they are: edited, nobody could tell which is which."""
        i = self._at(where)
        one = self.stories[i]
        if not one.twin:
            offered = values(one, name)
            self.stories[i] = replace(one, **{name: offered[value % len(offered)]})  # type: ignore[arg-type]  # by name

    def restyle(self, where: float, style: int) -> None:
        i = self._at(where)
        self.stories[i] = replace(self.stories[i], style=style)

    def take_down(self, where: float) -> None:
        if len(self.view) > FEWEST:
            self.taken_down.append(self.stories.pop(self._at(where)))

    def put_back(self, where: float, which: int) -> None:
        if self.taken_down:
            one = self.taken_down.pop(which % len(self.taken_down))
            self.stories.insert(round(where * len(self.view)), one)

    def move(self, where: float, to: float) -> None:
        self.reorders += 1
        one = self.stories.pop(self._at(where))
        self.stories.insert(round(to * len(self.view)), one)

    def turn_round(self) -> None:
        self.reorders += 1
        self.stories[: self.keeps] = reversed(self.stories[: self.keeps])

    def _at(self, where: float) -> int:
        return min(int(where * len(self.view)), len(self.view) - 1)

    # -- its server

    def new_run(self) -> None:
        self.requests = 0
        self._asked = {}

    def visit(self, request: Request, reading: Reading | None, _: Manners) -> Visit:
        self.requests += 1
        self.before(self.requests)
        found = read(self._answer(request), reading)
        self.after(self.requests)
        return found

    def _answer(self, request: Request) -> Outcome:
        if request.purpose is Purpose.ROBOTS:
            return self._robots(request)
        number = self._number(request.url)
        self._asked[number] = self._asked.get(number, 0) + 1
        trouble = next((one for one in self.troubles if one.hits(number, self._asked[number])), None)
        if trouble and trouble.kind == "moved to a login":
            if not request.url.endswith("/login"):
                return Moved(request.asked, request.url, f"{request.url}/login", 302, stamp(self.now()))
            trouble = replace(trouble, kind="login")
        cuts = range(0, max(len(self.view), 1), self.per_page)
        if trouble and trouble.kind in FAULTS:
            return self._fault(request, number, *FAULTS[trouble.kind], fault=number <= len(cuts))
        if number > len(cuts):
            return self._fault(request, number, Why.STATUS, 404, fault=False)
        stories = self.view[cuts[number - 1] : cuts[number - 1] + self.per_page]
        if self.pinned and number > 1:
            stories = (self.view[0], *stories)
        following = self._path(number + 1) if number < len(cuts) else None
        if trouble:
            return self._page(request, number, LIES[trouble.kind](stories, following), (), trouble.kind)
        aside = f"<p>Answer {len(self.served)}</p>" if self.chatty else ""
        return self._page(request, number, page_of(stories, following, aside), stories, None)

    def _number(self, url: str) -> int:
        last = urlsplit(url).path.removesuffix("/login").rsplit("/", 1)[-1]
        return int(last) if last.isdigit() else 1

    def _path(self, number: int) -> str:
        return f"/list/{number}"

    def _robots(self, request: Request) -> Outcome:
        now = stamp(self.now())
        if self.robots is None:
            return Miss(request.asked, request.url, Why.STATUS, "answered 404", now, status=404)
        body = self.robots.encode()
        digest = hashlib.sha256(body).hexdigest()
        return Page(request.asked, request.url, now, body, digest, content_type="text/plain; charset=utf-8")

    def _fault(self, request: Request, number: int, why: Why, status: int | None, *, fault: bool) -> Miss:
        now = stamp(self.now())
        self._serve(request, number, now, None, (), None, fault=fault)
        words = f"answered {status}" if status else f"as the site does: {why}"
        return Miss(request.asked, request.url, why, words, now, status=status)

    def _page(self, request: Request, number: int, text: str, shown: tuple[Story, ...], lie: str | None) -> Page:
        now, body = stamp(self.now()), text.encode()
        digest = hashlib.sha256(body).hexdigest()
        self._serve(request, number, now, digest, shown, lie)
        known = request.remembered
        fresh = known is None or known.etag != f'"{digest}"'
        return Page(
            asked=request.asked,
            url=request.url,
            fetched_at=now,
            body=body,
            digest=digest,
            status=200 if fresh else 304,
            content_type="text/html; charset=utf-8",
            etag=f'"{digest}"',
            fresh=fresh,
        )

    def _serve(
        self,
        request: Request,
        page: int,
        at: str,
        digest: str | None,
        shown: tuple[Story, ...],
        lie: str | None,
        *,
        fault: bool = False,
    ) -> None:
        alive = frozenset(one.name for one in self.stories)
        told = Served(request.walk, page, at, digest, shown, lie, fault, self.view, alive, self.reorders, self.edits)
        self.served.append(told)
