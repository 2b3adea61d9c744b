"""A script in, a server on loopback out that says exactly those bytes, right or wrong. For tests of the network door."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from coopscrape.model import Manners, Page, Purpose, Request

Talk = Callable[
    [socket.socket, str], bool | None
]  # a connection and the head of a request; True: the next one may come


class Raw:
    """Listens on 127.0.0.1; `talk` answers each request. `heads` are the requests as they came, one string each."""

    def __init__(self, talk: Talk) -> None:
        self.heads: list[str] = []
        self.connections = 0
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._threads = [threading.Thread(target=self._accept)]
        self._over = threading.Event()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self._listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while head := self._head(connection):
                connection.settimeout(10)
                self.heads.append(head)
                if not self._talk(connection, head):
                    return

    def _head(self, connection: socket.socket) -> str:
        data = b""
        connection.settimeout(0.05)
        while not data.endswith(b"\r\n\r\n") and not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                piece = connection.recv(1)
                if not piece:
                    return ""
                data += piece
        return "" if self._over.is_set() else data.decode("latin-1")


def saying(data: bytes, *, more: bool = False) -> Talk:
    """Says these bytes to every request, then closes the connection, or waits for the next request."""

    def talk(connection: socket.socket, head: str) -> bool:
        connection.sendall(data)
        return more

    return talk


def silent(connection: socket.socket, head: str) -> None:
    """Says nothing, until the other side leaves."""
    connection.recv(1)


def dripping(start: bytes, drop: bytes, pause: float) -> Talk:
    """Says the start, then a drop every so often, until nobody listens any more (10 s at most)."""

    def talk(connection: socket.socket, head: str) -> None:
        connection.sendall(start)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            connection.sendall(drop)
            time.sleep(pause)

    return talk


def answer(body: bytes = b"", *headers: str, status: str = "200 OK", length: bool = True) -> bytes:
    """A well-formed answer."""
    lines = [f"HTTP/1.1 {status}", *headers, *([f"Content-Length: {len(body)}"] if length else []), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def asking(url: str, *, purpose: Purpose = Purpose.PAGE, remembered: Page | None = None) -> Request:
    return Request(url=url, asked=url, purpose=purpose, remembered=remembered)


def polite(
    *,
    allow: frozenset[str] = frozenset({"127.0.0.1:*"}),
    deadline: float = 10.0,
    max_wire: int = 2**20,
    max_body: int = 2**20,
    max_headers: int = 100 * 2**10,
    proxy: str | None = None,
    from_: str | None = None,
) -> Manners:
    return Manners(
        user_agent="coopscrape/0.1 (+https://example.org; Zoë)",
        from_=from_,
        allow=allow,
        deadline=deadline,
        max_wire=max_wire,
        max_body=max_body,
        max_headers=max_headers,
        proxy=proxy,
    )


def page(url: str, body: bytes = b"remembered", etag: str | None = None, last_modified: str | None = None) -> Page:
    return Page(
        asked=url,
        url=url,
        fetched_at="2018-06-20T09:30:00.000Z",
        body=body,
        digest=hashlib.sha256(body).hexdigest(),
        content_type="text/html",
        etag=etag,
        last_modified=last_modified,
        signals=(("x-robots-tag", "noarchive"),),
    )
