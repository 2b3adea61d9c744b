"""One way in which a server misbehaves, and what is right then: the row of the table.

    def forever(site: Site) -> None:
        site.put(LISTING, Answer(302, headers=(("Location", LISTING),)))

    ROWS = (Behaviour("redirect to itself", "answers 302 to the same url, for ever", forever, miss(Why.REDIRECT)), ...)

How a row is tried (stage.py): each row is a source of its own, on a host of its own, beside well-behaved neighbours.
Run 1 reads a listing of twelve entries on two pages (`LISTING`, `SECOND`). Then `act` is called once, and two runs
visit the site as it is now: two, since absence that is seen twice is believed. Then all is well again, and a last run
visits it. Four real `coopscrape crawl` processes, one archive.

What is asked after each run, of every row alike: no traceback, no control character on stdout or stderr, the right exit
code, no more than 200 MB, no more time than the group of the row has; `right` is what came of the source, and the
neighbours were read to their end. In the end: `coopscrape check` finds nothing; the entries are those of the first run;
none is gone, changed, back, or new a second time.

A row's name is unique: it is what a failure is called. New rows are put into a module of this folder as a tuple `ROWS`
and the module into table.py.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from coopscrape.model import Why
from listings import listing, publish, some_items
from server import Answer, Asked, Putable, Takeover, World

LISTING: Final = "/news"
SECOND: Final = "/news/2"
ROBOTS: Final = "/robots.txt"
# With letters that few charsets have all of.
ITEMS: Final = tuple(replace(item, title=f"{item.title}: Zürich, 協同組合, 5 €") for item in some_items(12))
PER_PAGE: Final = 6

Right = frozenset[str]

READ: Final[Right] = frozenset({"read"})  # complete, and nothing has changed
DOUBT: Final[Right] = frozenset({"doubt"})  # not believed


def miss(*whys: Why) -> Right:
    """Nothing, or not all, was read, for one of these reasons."""
    return frozenset(why.value for why in whys)


@dataclass(frozen=True, slots=True)
class Names:
    """What the resolver of the namespace says: each look-up of a name takes the next of its answers, the last for ever."""

    answers: dict[str, list[Sequence[str]]] = field(default_factory=dict)

    def put(self, name: str, *answers: Sequence[str]) -> None:
        self.answers[name] = list(answers)

    def next(self, name: str) -> Sequence[str]:
        left = self.answers.get(name, [()])
        return left.pop(0) if len(left) > 1 else left[0]


@dataclass(frozen=True, slots=True)
class Site:
    """One host of the world, well-behaved at first."""

    world: World
    host: str  # the address that it listens on
    name: str  # as the url spells it
    names: Names
    feed: bool = False

    def behave(self) -> None:
        """Twelve entries on two pages, a robots.txt that allows all, and nothing else."""
        self.world.clear(self.host)
        self.world.put(ROBOTS, "User-agent: *\nAllow: /\n", self.host, content_type="text/plain")
        if self.feed:
            self.world.put(LISTING, feed(), self.host, content_type="application/rss+xml")
        else:
            publish(self.world, ITEMS, PER_PAGE, LISTING, self.host)
        if self.name != self.host:
            self.names.put(self.name, [self.host])

    def put(self, path: str, said: Putable, content_type: str = "text/html; charset=utf-8") -> None:
        """As World.put, without validators: what is said is said each time."""
        self.world.put(path, said, self.host, validators=False, content_type=content_type)

    def talk(self, path: str, talk: Talk) -> None:
        """From now on this function has the connection, whenever the path is asked for."""
        self.world.put(path, Takeover(talk), self.host)

    def say(self, path: str, data: bytes, *, more: bool = False) -> None:
        """From now on these bytes, as they are, are the answer; then the connection is closed, unless `more`."""

        def talk(connection: socket.socket, asked: Asked) -> bool:
            connection.sendall(data)
            return more

        self.talk(path, talk)

    def url(self, path: str = LISTING) -> str:
        return f"http://{self.name}:{self.world.port}{path}"


Act = Callable[[Site], None]
Talk = Callable[[socket.socket, Asked], bool | None]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A row of the table."""

    name: str
    words: str  # what the server does
    act: Act
    right: Right
    group: str = "light"  # a name of stage.GROUPS: rows of a group share runs
    early: bool = (
        False  # misbehaves in the runs 1 and 2, not 2 and 3: what is read once and then kept, as robots.txt is
    )
    last: Right = READ  # what comes of it when all is well again
    settings: Mapping[str, object] = field(default_factory=dict)  # more keys of its block in selectors.toml
    at: str | None = None  # it listens there, not on an address of 127.0.0.0/8; only in a network namespace
    name_of_host: str | None = None  # its url has this name, which the namespace's resolver knows
    feed: bool = False  # its listing is a feed, on one page
    seldom: bool = False  # like others of the table: tried by `make hostile`, not by each run of the tests
    isolated: bool = False  # tried only where no packet can leave: it leads to other addresses than loopback


# -- ways to act -----------------------------------------------------------------------------------


def says(make: Callable[[], bytes], path: str = LISTING, *, more: bool = False) -> Act:
    """These bytes, as they are; made only where they are said."""
    return lambda site: site.say(path, make(), more=more)


def serves(make: Callable[[], str | bytes], path: str = LISTING) -> Act:
    """This body, in an answer that has nothing wrong with it."""
    return lambda site: site.put(path, make())


def answers(status: int, *headers: tuple[str, str], body: str | bytes = b"", path: str = LISTING) -> Act:
    """A well-formed answer with this status."""
    return lambda site: site.put(path, Answer(status, body, headers))


def talks(talk: Talk, path: str = LISTING) -> Act:
    return lambda site: site.talk(path, talk)


# -- pieces ----------------------------------------------------------------------------------------


def page(number: int = 1, aside: str = "") -> str:
    """A page of the listing, as it was in the first run, with something beside the list."""
    first = (number - 1) * PER_PAGE
    return listing(ITEMS[first : first + PER_PAGE], SECOND if number == 1 else None, aside=aside)


def feed(inside: str = "", before: str = "") -> str:
    """All entries as RSS, with something before the first of them, or before everything."""
    items = "".join(
        f"<item><title>{one.title}</title><link>{one.href}</link><guid isPermaLink='false'>{one.slug}</guid></item>"
        for one in ITEMS
    )
    return (
        f'<?xml version="1.0"?>{before}<rss version="2.0"><channel><title>News</title>{inside}{items}</channel></rss>'
    )


def head(*headers: str, status: str = "200 OK", version: str = "HTTP/1.1") -> bytes:
    lines = [f"{version} {status}", "Content-Type: text/html; charset=utf-8", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def answer(body: bytes | str, *headers: str, status: str = "200 OK") -> bytes:
    """A well-formed answer with its length."""
    content = body.encode() if isinstance(body, str) else body
    return head(f"Content-Length: {len(content)}", *headers, status=status) + content


def chunks(*pieces: bytes) -> bytes:
    """In chunked transfer coding, with its end."""
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece) + b"0\r\n\r\n"


def silent(connection: socket.socket, seconds: float = 60) -> bool:
    """Says nothing for so long. False: the other side has left, or spoken."""
    return not select.select([connection], [], [], seconds)[0]


def drip(connection: socket.socket, drops: Sequence[bytes] | bytes, pause: float, seconds: float = 60) -> None:
    """One drop after the other, in a circle, until nobody listens any more."""
    pieces = [bytes([one]) for one in drops] if isinstance(drops, bytes) else list(drops)
    until, n = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        connection.sendall(pieces[n % len(pieces)])
        n += 1
        if not silent(connection, pause):
            return


def flood(connection: socket.socket, piece: bytes, most: int = 2**30) -> None:
    """The same piece again and again, until nobody listens any more."""
    for _ in range(most // len(piece)):
        connection.sendall(piece)
