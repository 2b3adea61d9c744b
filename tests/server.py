"""Paths and answers in, a real HTTP server on loopback and a ledger of what was asked out: the world, faked.

One process, many hosts 127.0.0.x, all on one port; HTTP/1.1 with keep-alive, a thread a connection:

    with World(hosts=2) as world:
        world.put("/news", "<p>Hello</p>")
        httpx.get(world.url("/news"))
        assert [hit.status for hit in world.hits("/news")] == [200]
"""

from __future__ import annotations

import errno
import hashlib
import mimetypes
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

HTML = "text/html; charset=utf-8"
PHRASES = {status.value: status.phrase for status in HTTPStatus}
MAX_HEAD = 64 * 2**10
PIECE = 64 * 2**10
FIRST_CHANGE = 1_529_485_200  # 2018-06-20T09:00:00Z: Last-Modified of what is put first; a change is a second later


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says. A header given here wins, so that a test may lie (a false Content-Length, say).

    Content-Length is left out beside a Transfer-Encoding; the body is then sent as it is. `Connection: close` closes.
    """

    status: int = 200
    body: str | bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0  # seconds before answering

    @property
    def content(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass(frozen=True)
class Asked:
    """One request, as it came."""

    host: str  # the address that was connected to, whatever the Host header says
    path: str  # with query
    method: str
    headers: Mapping[str, str]  # names in lower case
    start: float  # time.monotonic() of its first byte


@dataclass(frozen=True)
class Hit(Asked):
    """One request of the ledger, answered."""

    end: float  # just before the last piece of the answer goes out, so that no client can be faster
    status: int


@dataclass(frozen=True, slots=True)
class Takeover:
    """Answers with bytes of its own, right or wrong, or not at all; True: the next request may come on the connection."""

    talk: Callable[[socket.socket, Asked], bool | None]


Said = str | bytes | Answer
Putable = Said | Takeover | Callable[[Asked], Said]


class World:
    """Many small hosts on one port, and the ledger of what they were asked."""

    def __init__(self, hosts: int | Sequence[str] = 1, *, port: int = 0) -> None:
        self.hosts = tuple(f"127.0.0.{n}" for n in range(1, hosts + 1)) if isinstance(hosts, int) else tuple(hosts)
        self.port = port
        self._shelf: dict[tuple[str, str], _Ready | _Maker | Takeover] = {}
        self._hits: list[Hit] = []
        self._changes = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._listeners: list[socket.socket] = []

    # -- what is served

    def put(
        self,
        path: str,
        answer: Putable,
        host: str | None = None,
        *,
        validators: bool = True,
        content_type: str = HTML,
    ) -> None:
        """Serves `answer` at `path` (with its query, if it has one) of `host` (the first, unless named).

        With `validators`, a 200 carries an ETag (sha256 of the body) and a Last-Modified, unless it brings its own,
        and a conditional request gets a 304. What is made by a function has an ETag only, and is asked with any query.
        """
        place = (host or self.hosts[0], path)
        if isinstance(answer, Takeover):
            self._shelf[place] = answer
            return
        if callable(answer):
            self._shelf[place] = _Maker(answer, validators, content_type)
            return
        with self._lock:
            before = self._shelf.get(place)
            said = _answer(answer)
            if isinstance(before, _Ready) and before.answer.content == said.content and before.modified is not None:
                modified = before.modified
            else:
                modified = FIRST_CHANGE + self._changes
                self._changes += 1
            self._shelf[place] = _ready(said, content_type, modified if validators else None, validators)

    def remove(self, path: str, host: str | None = None) -> None:
        del self._shelf[(host or self.hosts[0], path)]

    def clear(self, host: str) -> None:
        """Nothing is served by the host any more."""
        with self._lock:
            self._shelf = {place: ready for place, ready in self._shelf.items() if place[0] != host}

    def folder(self, directory: Path, prefix: str = "/", host: str | None = None) -> None:
        """Serves the files of `directory` below `prefix`; an index.html also as its folder."""
        for file in sorted(file for file in directory.rglob("*") if file.is_file()):
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            path = prefix.rstrip("/") + "/" + file.relative_to(directory).as_posix()
            for place in (path, path.removesuffix("index.html")) if file.name == "index.html" else (path,):
                self.put(place, file.read_bytes(), host, content_type=HTML if kind == "text/html" else kind)

    # -- where it is

    def url(self, path: str = "/", host: str | None = None) -> str:
        return f"http://{host or self.hosts[0]}:{self.port}{path}"

    @property
    def allow(self) -> list[str]:
        """host:port of each host, for `[network] allow`."""
        return [f"{host}:{self.port}" for host in self.hosts]

    # -- what was asked

    @property
    def ledger(self) -> list[Hit]:
        """All that was asked, in the order in which it came."""
        with self._lock:
            return sorted(self._hits, key=lambda hit: hit.start)

    def hits(self, path: str | None = None, host: str | None = None) -> list[Hit]:
        return [hit for hit in self.ledger if path in (None, hit.path) and host in (None, hit.host)]

    def clear_ledger(self) -> None:
        with self._lock:
            self._hits.clear()

    def smallest_gap(self, host: str | None = None) -> float | None:
        """Seconds between the starts of two requests to the host, at least; None with fewer than two."""
        starts = [hit.start for hit in self.hits(host=host or self.hosts[0])]
        return min((later - earlier for earlier, later in pairwise(starts)), default=None)

    def overlaps(self, host: str | None = None) -> int:
        """How many requests came to the host while an earlier one was not answered yet. Polite: 0."""
        latest, count = 0.0, 0
        for hit in self.hits(host=host or self.hosts[0]):
            count += hit.start < latest
            latest = max(latest, hit.end)
        return count

    # -- life

    def __enter__(self) -> Self:
        self._listeners = _listen(self.hosts, self.port)
        self.port = self._listeners[0].getsockname()[1]
        self._wake, self._woken = socket.socketpair()
        self._acceptor = threading.Thread(target=self._accept, name="world", daemon=True)
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._wake.close()
        self._acceptor.join()
        self._woken.close()
        for listener in self._listeners:
            listener.close()
        with self._lock:
            still_open = dict(self._open)
        for connection in still_open:
            _shut(connection)
        for thread in still_open.values():
            thread.join()

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            for listener in self._listeners:
                selector.register(listener, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._stopping.is_set():
                for key, _ in selector.select():
                    if isinstance(key.fileobj, socket.socket) and key.fileobj is not self._woken:
                        self._welcome(key.fileobj)

    def _welcome(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:  # it went away before it was let in
            return
        connection.setblocking(True)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        host = listener.getsockname()[0]
        thread = threading.Thread(target=self._serve, args=(connection, host), name=f"world {host}", daemon=True)
        with self._lock:
            self._open[connection] = thread
        thread.start()

    def _serve(self, connection: socket.socket, host: str) -> None:
        try:
            with connection:
                self._converse(connection, host)
        except OSError:  # the client hung up, as clients do
            pass
        finally:
            with self._lock:
                self._open.pop(connection, None)

    def _converse(self, connection: socket.socket, host: str) -> None:
        rest = b""
        while True:
            asked, rest = _read(connection, host, rest)
            if asked is None or self._stopping.is_set():
                return
            found = self._found(asked)
            if isinstance(found, Takeover):
                if not self._taken_over(connection, asked, found):
                    return
                continue
            ready, status = self._choose(asked, found)
            if ready.answer.delay and self._stopping.wait(ready.answer.delay):
                return
            self._send(connection, asked, ready, status)
            if (
                ready.closes
                or asked.headers.get("connection", "").lower() == "close"
                or "content-length" in asked.headers
            ):
                return

    def _found(self, asked: Asked) -> _Ready | _Maker | Takeover:
        found = self._shelf.get((asked.host, asked.path))
        if found is None:
            bare = self._shelf.get((asked.host, asked.path.partition("?")[0]))
            found = _NOT_FOUND if bare is None or isinstance(bare, _Ready) else bare
        return found

    def _taken_over(self, connection: socket.socket, asked: Asked, takeover: Takeover) -> bool:
        """In the ledger its status is 0: what was said is nobody's business but its own."""
        try:
            return bool(takeover.talk(connection, asked))
        finally:
            hit = Hit(asked.host, asked.path, asked.method, asked.headers, asked.start, time.monotonic(), 0)
            with self._lock:
                self._hits.append(hit)

    def _choose(self, asked: Asked, found: _Ready | _Maker) -> tuple[_Ready, int]:
        if asked.method not in ("GET", "HEAD"):
            return _NOT_ALLOWED, 405
        if isinstance(found, _Maker):
            found = _ready(_answer(found.make(asked)), found.content_type, None, found.validators)
        return found, 304 if found.is_known_to(asked.headers) else found.answer.status

    def _send(self, connection: socket.socket, asked: Asked, ready: _Ready, status: int) -> None:
        message = ready.unchanged_head if status == 304 and ready.answer.status != 304 else ready.head
        if asked.method != "HEAD" and message is ready.head:
            message += ready.answer.content
        last = max(0, (len(message) - 1) // PIECE * PIECE)
        try:
            connection.sendall(message[:last])
        finally:
            hit = Hit(asked.host, asked.path, asked.method, asked.headers, asked.start, time.monotonic(), status)
            with self._lock:
                self._hits.append(hit)
        connection.sendall(message[last:])


# -- the shelf -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Maker:
    make: Callable[[Asked], Said]
    validators: bool
    content_type: str


@dataclass(frozen=True, slots=True)
class _Ready:
    """An answer with both of its heads written out: what is asked often should not be made often."""

    answer: Answer
    head: bytes
    unchanged_head: bytes
    closes: bool
    etag: str | None = None
    modified: int | None = None

    def is_known_to(self, headers: Mapping[str, str]) -> bool:
        """RFC 9110 section 13.2.2: If-None-Match decides alone, where there is one."""
        if (tags := headers.get("if-none-match")) is not None and self.etag:
            return self.etag.removeprefix("W/") in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        if (since := headers.get("if-modified-since")) is not None and self.modified is not None:
            return _seconds(since) >= self.modified
        return False


def _answer(said: Said) -> Answer:
    if isinstance(said, Answer):
        return Answer(said.status, said.content, said.headers, said.delay)
    return Answer(body=said.encode() if isinstance(said, str) else said)


def _ready(answer: Answer, content_type: str, modified: int | None, validators: bool) -> _Ready:
    marks: dict[str, str] = {}
    if validators and answer.status == 200:
        marks["ETag"] = answer.header("etag") or f'"{hashlib.sha256(answer.content).hexdigest()}"'
        if own := answer.header("last-modified"):
            modified = int(_seconds(own))
        if modified is not None:
            marks["Last-Modified"] = own or formatdate(modified, usegmt=True)
    headers = {"Content-Type": content_type, "Content-Length": str(len(answer.content)), **marks}
    if answer.header("transfer-encoding") is not None or answer.status in (204, 304):
        del headers["Content-Length"]
    ours = [(name, value) for name, value in headers.items() if answer.header(name.lower()) is None]
    return _Ready(
        answer=answer,
        head=_head(answer.status, [*ours, *answer.headers]),
        unchanged_head=_head(304, marks.items()),
        closes=answer.header("content-length") is not None or (answer.header("connection") or "").lower() == "close",
        etag=marks.get("ETag"),
        modified=modified if marks else None,
    )


def _head(status: int, headers: Iterable[tuple[str, str]]) -> bytes:
    lines = [f"HTTP/1.1 {status} {PHRASES.get(status, 'Odd')}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _seconds(http_date: str) -> float:
    try:
        return parsedate_to_datetime(http_date).timestamp()
    except ValueError:
        return float("-inf")


_NOT_ALLOWED = _ready(Answer(405, headers=(("Allow", "GET, HEAD"),)), HTML, None, False)
_NOT_FOUND = _ready(Answer(404, b"<!doctype html><title>Not found</title><p>Not found</p>"), HTML, None, False)


# -- the wire --------------------------------------------------------------------------------------


def _listen(hosts: Sequence[str], port: int) -> list[socket.socket]:
    """A socket a host, all on one port: another one is tried while it is taken on one of them."""
    for _ in range(100):
        listeners: list[socket.socket] = []
        wanted = port
        try:
            for host in hosts:
                listener = socket.socket()
                listeners.append(listener)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((host, wanted))
                listener.listen(128)
                listener.setblocking(False)
                wanted = listener.getsockname()[1]
        except OSError as error:
            for listener in listeners:
                listener.close()
            if port or error.errno != errno.EADDRINUSE:
                raise
        else:
            return listeners
    raise OSError(errno.EADDRINUSE, f"no port is free on all of {', '.join(hosts)}")


def _read(connection: socket.socket, host: str, rest: bytes) -> tuple[Asked | None, bytes]:
    """The next request of a connection and what was read beyond it; None at its end."""
    start = time.monotonic()
    while b"\r\n\r\n" not in rest:
        more = connection.recv(PIECE)
        if not more or len(rest) > MAX_HEAD:
            return None, b""
        start = start if rest else time.monotonic()
        rest += more
    head, _, rest = rest.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, *_ = [*first.split(" "), "", ""]
    pairs = (line.partition(":") for line in lines)
    return Asked(host, path, method, {name.lower(): value.strip() for name, _, value in pairs}, start), rest


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # it is closed already
        return
