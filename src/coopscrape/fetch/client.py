"""A Request in, a Page, a Moved or a Miss out: one GET, one answer. The network door, for run/, in any thread."""

from __future__ import annotations

import functools
import os
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from coopscrape.fetch import decode, guard
from coopscrape.fetch.answer import Answer, missed, outcome
from coopscrape.fetch.revalidate import validators
from coopscrape.fetch.trouble import Trouble
from coopscrape.model import Manners, Miss, Moved, Page, Purpose, Request, Why

ACCEPT = {
    Purpose.PAGE: "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
    Purpose.ROBOTS: "text/plain, */*;q=0.5",
}
ACCEPT_FEED = (
    "application/atom+xml, application/rss+xml, application/feed+json, "
    "application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.5"
)

_IDLE = 60.0  # seconds that a connection is kept; servers rarely wait longer
_LINES_KEPT = 200  # hosts with a connection at once, for the sake of file descriptors (1,024 are usual)
_PORTS = {"http": 80, "https": 443}
_FRAMING = frozenset({"content-length", "transfer-encoding"})


def fetch(request: Request, manners: Manners, clock: Callable[[], float] = time.time) -> Page | Moved | Miss:
    """One exchange. Never follows, never retries, never raises for expected trouble; `clock` dates what comes of it."""
    budget = guard.Budget(manners.deadline)
    try:
        target = _target(request.url)
        with _line(target, manners).answer(_asking(request, target, manners), budget, manners) as answer:
            return outcome(request, manners, answer, clock)
    except Trouble as trouble:
        return missed(request, trouble, budget, clock())
    except httpcore.TimeoutException:  # every timeout is what is left of the deadline
        return missed(request, budget.too_late(), budget, clock())
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError) as error:
        return missed(request, _network(error), budget, clock())


def close() -> None:
    """Lets go of every connection of this process; one that is in use closes when its exchange is over."""
    with _lines_lock:
        lines = list(_lines.values())
        _lines.clear()
    for line in lines:
        line.leave()


def _network(error: Exception) -> Trouble:
    """The connection's own trouble. httpcore keeps what the socket said as the cause."""
    if isinstance(error.__cause__, ssl.SSLError):
        return Trouble(Why.TLS, f"no trustworthy TLS connection: {error}")
    return Trouble(Why.NETWORK, str(error) or type(error).__name__)


# -- what is asked --------------------------------------------------------------------------------


def _target(url: str) -> httpx.URL:
    try:
        urlsplit(url).port  # noqa: B018 - raises ValueError for hosts and ports that httpx lets pass
        target = httpx.URL(url)
        if target.scheme in ("http", "https") and target.raw_host:
            return target
    except (httpx.InvalidURL, ValueError) as error:
        raise Trouble(Why.ADDRESS, f"no url that can be asked: {error}", sent=False) from error
    raise Trouble(Why.ADDRESS, "no http or https url with a host", sent=False)


def _asking(request: Request, target: httpx.URL, manners: Manners) -> httpcore.Request:
    headers = {
        "Host": target.netloc.decode("ascii"),
        "User-Agent": manners.user_agent,
        "Accept": ACCEPT_FEED if request.feed else ACCEPT[request.purpose],
        "Accept-Encoding": decode.ACCEPTED,
        **({"From": manners.from_} if manners.from_ else {}),
    }
    # The validators came as ISO 8859-1 and go as such; a name in the User-Agent is more at home in UTF-8.
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    encoded += [(name.encode(), value.encode("latin-1")) for name, value in validators(request.remembered).items()]
    return httpcore.Request("GET", _wire_url(target, target.raw_path), headers=encoded)


def _wire_url(url: httpx.URL, target: bytes = b"/") -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=target)


# -- the lines ------------------------------------------------------------------------------------


class _Line:
    """One host: at most one connection, and one exchange at a time."""

    def __init__(self, target: httpx.URL, manners: Manners) -> None:
        proxy = _proxy(manners.proxy) if manners.proxy else None
        self._origin = _wire_url(target).origin
        self._wire = guard.Wire(manners.allow, (proxy.host, proxy.port or _PORTS[proxy.scheme]) if proxy else None)
        self._proxy = proxy
        self._lock = threading.Lock()
        self._connection: httpcore.ConnectionInterface | None = None
        self._stale_at = 0.0
        self._left = False

    @contextmanager
    def answer(self, asking: httpcore.Request, budget: guard.Budget, manners: Manners) -> Iterator[Answer]:
        if not self._lock.acquire(timeout=budget.remaining()):
            raise Trouble(Why.DEADLINE, f"another request to the host took all of {budget.seconds:g} s", sent=False)
        try:
            self._wire.budget = budget
            budget.permit(manners.max_headers, "headers")
            with self._exchange(asking) as response:
                # The framing of chunks may cost as much again as what is in them.
                budget.permit(2 * manners.max_wire + manners.max_headers, "body and framing")
                answer = self._head(response, budget)
                yield answer
            self._keep(answer)
        finally:
            if time.monotonic() >= self._stale_at:
                self._hang_up()
            self._lock.release()
            if self._left:
                self.leave()

    def leave(self) -> None:
        self._left = True
        if self._lock.acquire(blocking=False):
            self._hang_up()
            self._lock.release()

    def idle_too_long(self) -> bool:
        return time.monotonic() >= self._stale_at and not self._lock.locked()

    @contextmanager
    def _exchange(self, asking: httpcore.Request) -> Iterator[httpcore.Response]:
        """An answer that was not read to its end takes the connection with it: what is left on it is not trusted."""
        connection = self._ready()
        self._stale_at = 0.0
        response = connection.handle_request(asking)
        try:
            yield response
        finally:
            response.close()

    def _ready(self) -> httpcore.ConnectionInterface:
        """The connection that is there, if the server still holds the other end, or a new one."""
        kept = self._connection
        if kept is not None and kept.is_available() and not kept.has_expired() and time.monotonic() < self._stale_at:
            return kept
        self._hang_up()
        self._connection = self._through_proxy(self._proxy) if self._proxy else self._direct()
        return self._connection

    def _direct(self) -> httpcore.ConnectionInterface:
        return httpcore.HTTPConnection(self._origin, ssl_context=self._tls(), network_backend=self._wire)

    def _through_proxy(self, proxy: httpx.URL) -> httpcore.ConnectionInterface:
        """The proxy resolves names, so they cannot be judged here; an address can."""
        host, port = self._origin.host.decode("ascii"), self._origin.port
        guard.judge(host, port, guard.resolved(host, port, numeric=True), self._wire.allow)
        return httpcore.HTTPProxy(
            _wire_url(proxy),
            proxy_auth=(proxy.username, proxy.password) if proxy.username else None,
            ssl_context=self._tls(),
            proxy_ssl_context=_tls_context() if proxy.scheme == "https" else None,
            network_backend=self._wire,
        ).create_connection(self._origin)

    def _tls(self) -> ssl.SSLContext | None:
        return _tls_context() if self._origin.scheme == b"https" else None

    def _head(self, response: httpcore.Response, budget: guard.Budget) -> Answer:
        headers: dict[str, list[bytes]] = {}
        for name, value in response.headers:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value)
        return Answer(
            status=response.status,
            reason=response.extensions.get("reason_phrase", b"").decode("latin-1"),
            headers=headers,
            chunks=functools.partial(self._chunks, response),
            budget=budget,
        )

    def _chunks(self, response: httpcore.Response) -> Iterator[bytes]:
        try:
            yield from response.iter_stream()
        except httpcore.RemoteProtocolError as error:
            raise Trouble(Why.TRUNCATED, f"the body is not whole: {error}") from error
        if surplus := _surplus(self._connection):
            raise Trouble(Why.TRUNCATED, f"{surplus:,} bytes follow the end that the answer declares, usually none")

    def _keep(self, answer: Answer) -> None:
        """Keeps the connection, unless its framing is odd (RFC 9112 section 6.1: both a length and chunks)."""
        if self._connection is not None and self._connection.is_idle() and len(_FRAMING & answer.headers.keys()) < 2:
            self._stale_at = time.monotonic() + _patience(answer)

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError):
                connection.close()


def _patience(answer: Answer) -> float:
    """Seconds to keep a connection; less than the server does (`Keep-Alive: timeout=5`), not to cross its closing."""
    hint = re.search(r"timeout=(\d{1,6})", answer.value("keep-alive") or "", re.ASCII | re.IGNORECASE)
    return min(_IDLE, float(hint[1]) - 1) if hint else _IDLE


def _surplus(connection: Any) -> int:
    """Bytes that came after the end of the answer. httpcore would read them as the next one, and has no public way to
    ask: `test_bytes_after_the_declared_end_are_a_miss` tells when this one is gone."""
    while (inner := getattr(connection, "_connection", None)) is not None:
        connection = inner
    return len(connection._h11_state.trailing_data[0])


def _proxy(url: str) -> httpx.URL:
    try:
        return _target(url)
    except Trouble as trouble:
        raise Trouble(Why.NETWORK, f"the proxy cannot be used: {trouble.detail}", sent=False) from trouble


@functools.cache
def _tls_context() -> ssl.SSLContext:
    """One for all hosts: to load the authorities takes longer than a page. Nothing of the environment goes into it."""
    return httpx.create_ssl_context(trust_env=False)


_lines: dict[tuple[object, ...], _Line] = {}  # the longest unused first
_lines_lock = threading.Lock()


def _line(target: httpx.URL, manners: Manners) -> _Line:
    key = (target.raw_scheme, target.raw_host, target.port, manners.proxy, manners.allow)
    with _lines_lock:
        line = _lines.pop(key, None) or _Line(target, manners)
        _lines[key] = line
        spare = list(_spare())
    for old in spare:
        old.leave()
    return line


def _spare() -> Iterator[_Line]:
    """Takes out the lines that nobody has used for long, from the front; and those that are too many."""
    for key, line in list(_lines.items())[:-1]:
        if len(_lines) <= _LINES_KEPT and not line.idle_too_long():
            return
        yield _lines.pop(key)


def _forget() -> None:
    """A forked child shares its parent's sockets: it closes its copies, or two would talk on one connection."""
    global _lines_lock
    _lines_lock = threading.Lock()
    lines = list(_lines.values())
    _lines.clear()
    for line in lines:
        line._hang_up()


os.register_at_fork(after_in_child=_forget)
