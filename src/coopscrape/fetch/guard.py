"""A host name in, a connection to a judged address out, held to a time and a number of bytes. For fetch/ alone."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from coopscrape.fetch.trouble import Trouble
from coopscrape.model import Why

# -- which addresses may be reached ---------------------------------------------------------------

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# `is_global` is not enough: it lets multicast pass, and older Pythons know less (3.11.7: ::127.0.0.1 is global).
_UNICAST_6 = ipaddress.IPv6Network("2000::/3")  # all that IANA gives out for global unicast
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits
_NEVER: tuple[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, str], ...] = (
    (ipaddress.IPv4Network("0.0.0.0/8"), "this network (RFC 1122)"),
    (ipaddress.IPv4Network("100.64.0.0/10"), "shared address space (RFC 6598)"),
    (ipaddress.IPv4Network("192.0.0.0/24"), "protocol assignments (RFC 6890)"),
    (ipaddress.IPv4Network("192.88.99.0/24"), "6to4 relays, given up (RFC 7526)"),
    (ipaddress.IPv4Network("198.18.0.0/15"), "benchmarks (RFC 2544)"),
    (ipaddress.IPv4Network("240.0.0.0/4"), "reserved (RFC 1112)"),
    (ipaddress.IPv6Network("2001::/23"), "protocol assignments, Teredo among them (RFC 2928, RFC 4380)"),
    (ipaddress.IPv6Network("2001:db8::/32"), "documentation (RFC 3849)"),
    (ipaddress.IPv6Network("2002::/16"), "6to4, which hides an IPv4 address and is given up (RFC 3056, RFC 7526)"),
    (ipaddress.IPv6Network("3fff::/20"), "documentation (RFC 9637)"),
)


def forbidden(address: str) -> str | None:
    """Why this numeric address is no global unicast one, in words, or None. An IPv4 address inside is judged itself."""
    try:
        ip: _Address = ipaddress.ip_address(address)
    except ValueError:
        return "no numeric address"
    inner = _inside(ip)
    if inner is not None:
        why = forbidden(str(inner))
        return why and f"{inner} inside: {why}"
    return _kind(ip)


def allowed(host: str, port: int, allow: Iterable[str]) -> bool:
    """Whether `host:port`, as the url spells it, is listed; `host:*` lists every port of a host."""
    name = f"[{host}]" if ":" in host else host
    return not {f"{name}:{port}".lower(), f"{name}:*".lower()}.isdisjoint(entry.lower() for entry in allow)


def _inside(ip: _Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that packets to this IPv6 address would end at."""
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in _NAT64 else ip.ipv4_mapped


def _kind(ip: _Address) -> str | None:
    kinds = {
        "loopback": ip.is_loopback,
        "unspecified": ip.is_unspecified,
        "link-local": ip.is_link_local,
        "multicast": ip.is_multicast,
        **{words: ip in network for network, words in _NEVER},
        "private": ip.is_private,
        "outside of 2000::/3, the global unicast addresses": ip.version == 6 and ip not in _UNICAST_6,
        "not global": not ip.is_global,
    }
    return next((words for words, holds in kinds.items() if holds), None)


# -- what one exchange may cost -------------------------------------------------------------------


class Budget:
    """The time and the bytes of one exchange. Its clock is monotonic: a deadline holds when the time is set."""

    def __init__(self, seconds: float) -> None:
        self.began = self._asked = time.monotonic()
        self.seconds = seconds
        self.received = 0  # bytes off the wire, head and framing included
        self.body = 0  # bytes of body as sent
        self._left, self._limit, self._what = 0, 0, "nothing"

    @property
    def elapsed(self) -> float:
        """Seconds since the request was sent, which is when the server counts from; before that, since the beginning."""
        return time.monotonic() - self._asked

    def sent(self) -> None:
        """The request is on its way; to look up a name, to connect and to shake hands may have taken long."""
        if self._asked == self.began:
            self._asked = time.monotonic()

    def remaining(self) -> float:
        """Seconds, more than 0; raises Trouble when they are used up."""
        seconds = self.seconds - (time.monotonic() - self.began)
        if seconds <= 0:
            raise self.too_late()
        return seconds

    def too_late(self) -> Trouble:
        return Trouble(Why.DEADLINE, f"not done after {self.seconds:g} s, {self.received:,} bytes received")

    def permit(self, limit: int, what: str) -> None:
        """From now on so many bytes may be read, of `what`."""
        self._left, self._limit, self._what = limit, limit, what

    def readable(self, wanted: int) -> int:
        """How many of the wanted bytes may be read, at least 1; raises Trouble when all are used up."""
        if self._left <= 0:
            raise Trouble(Why.TOO_LARGE, f"more than {self._limit:,} bytes of {self._what}")
        return min(wanted, self._left)

    def read(self, count: int) -> None:
        self.received += count
        self._left -= count


# -- the wire -------------------------------------------------------------------------------------


class Wire(httpcore.NetworkBackend):
    """Connects to judged addresses only. `budget` is that of the exchange going on: set it before each."""

    def __init__(self, allow: frozenset[str], proxy: tuple[str, int] | None = None) -> None:
        self.budget = Budget(0)
        self.allow = allow
        self._proxy = proxy
        self._below = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the budget is asked instead
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """One look-up: what is judged is what is connected to."""
        addresses = resolved(host, port)
        if (host, port) != self._proxy:  # a configured proxy may stand anywhere
            judge(host, port, addresses, self.allow)
        trouble: Exception = Trouble(Why.NAME, f"{host} has no address")
        for tried, address in enumerate(addresses):
            share = self.budget.remaining() / (len(addresses) - tried)
            try:
                stream = self._below.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
            else:
                return _Bounded(stream, self)
        raise trouble


def resolved(host: str, port: int, *, numeric: bool = False) -> list[str]:
    """Every address of a host, numeric, in the resolver's order. 2130706433, 0x7f.1 and the like come out as 127.0.0.1.

    `numeric`: no name is looked up, [] is the answer for one.
    """
    flags = socket.AI_NUMERICHOST if numeric else 0
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    except (OSError, UnicodeError, ValueError) as error:  # UnicodeError: a label that is empty or too long
        if numeric:
            return []
        raise Trouble(Why.NAME, f"{host} does not resolve: {error}") from error
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def judge(host: str, port: int, addresses: Iterable[str], allow: Iterable[str]) -> None:
    """Raises Trouble if a single address is forbidden and `host:port` is not listed: a name must not have two faces."""
    if allowed(host, port, allow):
        return
    for address in addresses:
        if why := forbidden(address):
            place = host if host == address else f"{host} is {address}"
            raise Trouble(
                Why.ADDRESS,
                f"{place}: {why}. If it is meant, list {_spelled(host)}:{port} under [network] allow",
                sent=False,
            )


def _spelled(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class _Bounded(httpcore.NetworkStream):
    """A stream whose every step takes its time and its bytes from the budget of the exchange going on."""

    def __init__(self, below: httpcore.NetworkStream, wire: Wire) -> None:
        self._below = below
        self._wire = wire

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        budget = self._wire.budget
        data = self._below.read(budget.readable(max_bytes), _sooner(timeout, budget))
        budget.read(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._wire.budget.sent()
        self._below.write(buffer, _sooner(timeout, self._wire.budget))

    def close(self) -> None:
        self._below.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            above = self._below.start_tls(ssl_context, server_hostname, _sooner(timeout, self._wire.budget))
        except BaseException:
            self._below.close()
            raise
        return _Bounded(above, self._wire)

    def get_extra_info(self, info: str) -> Any:
        return self._below.get_extra_info(info)


def _sooner(timeout: float | None, budget: Budget) -> float:
    remaining = budget.remaining()
    return remaining if timeout is None else min(timeout, remaining)
