"""A network namespace in, one out in which every address of the internet is this machine and somebody listens.

No packet can leave it: its only interface is lo. `ip route add local default dev lo` makes every address one of its
own, so that a connection to any of them would succeed, and be heard by the canary.
"""

from __future__ import annotations

import functools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from hostile.behaviour import Names

PORTS: Final = (80, 443, 8080)  # on which the canary listens
DNS: Final = "127.0.0.53"

_FILES: Final = {
    "/etc/hosts": "127.0.0.1 localhost\n::1 localhost ip6-localhost\n",
    "/etc/resolv.conf": f"nameserver {DNS}\noptions timeout:1 attempts:2\n",
    "/etc/nsswitch.conf": "hosts: files dns\n",
}


@functools.cache
def prefix() -> tuple[str, ...] | None:
    """How a command is run in namespaces of its own; None: this machine does not allow it."""
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return None
    for how in (("unshare", "--net", "--mount"), ("unshare", "--user", "--map-root-user", "--net", "--mount")):
        if subprocess.run([*how, "true"], capture_output=True).returncode == 0:
            return how
    return None


def isolate() -> None:
    """In a fresh namespace: all addresses lead to this machine, and names to our own resolver."""
    interfaces = {name for _, name in socket.if_nameindex()}
    if interfaces - {"lo", "tunl0", "sit0", "ip6tnl0"}:
        sys.exit(f"this is no network namespace of its own: it has {', '.join(sorted(interfaces))}")
    for words in ("link set lo up", "route add local default dev lo", "-6 route add local default dev lo"):
        subprocess.run(["ip", *words.split()], check=True)
    folder = Path(tempfile.mkdtemp(prefix="hostile-etc-"))
    for place, text in _FILES.items():
        file = folder / Path(place).name
        file.write_text(text)
        if Path(place).exists():
            subprocess.run(["mount", "--bind", file, os.path.realpath(place)], check=True)
    shutil.rmtree(folder, ignore_errors=True)


class Canary:
    """Hears every connection to any address on some ports. `heard`: address and port, as they were connected to."""

    def __init__(self, ports: Sequence[int] = PORTS) -> None:
        self.heard: list[str] = []
        self._ports = ports
        self._listeners = [
            socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True) for port in ports
        ]
        self._threads = [threading.Thread(target=self._listen, args=(one,), daemon=True) for one in self._listeners]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for listener in self._listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def prove(self) -> None:
        """It does hear whoever comes to a private or a public address: a silent canary must not be a dead one."""
        for address in ("10.1.2.3", "93.184.216.34", "fc00::2"):
            socket.create_connection((address, self._ports[0]), timeout=5).close()
        until = time.monotonic() + 5
        while len(self.heard) < 3 and time.monotonic() < until:
            time.sleep(0.01)
        if len(self.heard) != 3:
            raise RuntimeError(f"the canary heard {self.heard} of three connections")
        self.heard.clear()

    def _listen(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    address, port, *_ = connection.getsockname()
                    self.heard.append(f"{address.removeprefix('::ffff:')} port {port}")


@contextmanager
def resolver(names: Names) -> Iterator[None]:
    """Answers every question for A and AAAA with what `names` says, one answer a look-up."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        listener.bind((DNS, 53))
        threading.Thread(target=_answer_all, args=(listener, names), daemon=True).start()
        yield


def _answer_all(listener: socket.socket, names: Names) -> None:
    """A look-up asks for A and for AAAA: both get the answer that the first of them took."""
    pending: dict[str, tuple[int, list[str]]] = {}
    with suppress(OSError):
        while True:
            question, asker = listener.recvfrom(512)
            name, kind, end = _asked(question)
            before = pending.pop(name, None)
            if before is None or before[0] == kind:
                addresses = list(names.next(name))
                pending[name] = (kind, addresses)
            else:
                addresses = before[1]
            listener.sendto(_reply(question[:end], kind, addresses), asker)


def _asked(question: bytes) -> tuple[str, int, int]:
    """RFC 1035 section 4.1.2: name, type, and where the question ends."""
    at, labels = 12, []
    while length := question[at]:
        labels.append(question[at + 1 : at + 1 + length].decode("ascii", "replace"))
        at += 1 + length
    return ".".join(labels).lower(), int.from_bytes(question[at + 1 : at + 3]), at + 5


def _reply(question: bytes, kind: int, addresses: Sequence[str]) -> bytes:
    version = {1: 4, 28: 6}.get(kind)
    found = [ip.packed for ip in map(ip_address, addresses) if ip.version == version]
    records = b"".join(
        b"\xc0\x0c" + kind.to_bytes(2) + b"\x00\x01" + bytes(4) + len(one).to_bytes(2) + one for one in found
    )
    flags = b"\x85\x80" if addresses else b"\x85\x83"  # NXDOMAIN
    counts = b"\x00\x01" + len(found).to_bytes(2) + bytes(4)
    return question[:2] + flags + counts + question[12:] + records
