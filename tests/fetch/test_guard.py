"""Which addresses may be reached, and how long and how much. No test here connects to anything but loopback."""

from __future__ import annotations

import ipaddress
import shutil
import socket
import ssl
import threading
import time
from pathlib import Path

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.fetch.guard import Budget, Wire, allowed, forbidden, judge, resolved
from coopscrape.fetch.trouble import Trouble
from coopscrape.model import Why

PUBLIC = ["93.184.216.34", "8.8.8.8", "1.1.1.1", "2606:2800:220:1:248:1893:25c8:1946", "2001:4860:4860::8888"]
PUBLIC_INSIDE = ["::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
FORBIDDEN = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.100",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "nonsense",
    "",
]


@pytest.mark.parametrize("address", PUBLIC + PUBLIC_INSIDE)
def test_global_unicast_may_be_reached(address: str) -> None:
    assert forbidden(address) is None


@pytest.mark.parametrize("address", FORBIDDEN)
def test_what_is_not_global_unicast_may_not_be_reached(address: str) -> None:
    assert forbidden(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_dress(ip: ipaddress.IPv4Address) -> None:
    verdict = forbidden(str(ip)) is None
    assert (forbidden(f"::ffff:{ip}") is None) == verdict
    assert (forbidden(f"64:ff9b::{ip}") is None) == verdict
    assert forbidden(f"::{ip}") is not None


@given(st.ip_addresses())
def test_what_is_reached_is_global_and_no_multicast(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if forbidden(str(ip)) is None:
        assert not ip.is_multicast
        assert ip.is_global or str(ip).startswith("::ffff:")


@given(st.text(max_size=40))
def test_no_text_makes_the_judge_crash(address: str) -> None:
    forbidden(address)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.0.0.1", "127.0.0.1"])
def test_odd_spellings_come_out_as_what_they_are(host: str) -> None:
    assert resolved(host, 80, numeric=True) == resolved(host, 80) == ["127.0.0.1"]


def test_a_name_is_no_number() -> None:
    assert resolved("listing.example", 80, numeric=True) == []


def test_an_impossible_name_does_not_resolve() -> None:
    for host in ("a" * 64 + ".invalid", "a..b"):
        with pytest.raises(Trouble) as trouble:
            resolved(host, 80)
        assert trouble.value.why is Why.NAME


def test_one_bad_address_among_good_ones_is_enough() -> None:
    with pytest.raises(Trouble) as trouble:
        judge("two.example", 443, ["8.8.8.8", "10.0.0.1"], ())
    assert (trouble.value.why, trouble.value.sent) == (Why.ADDRESS, False)
    assert trouble.value.detail == (
        "two.example is 10.0.0.1: private. If it is meant, list two.example:443 under [network] allow"
    )
    judge("two.example", 443, ["8.8.8.8", "1.1.1.1"], ())


def test_a_listed_pair_may_be_anything_and_its_neighbours_may_not() -> None:
    listed = frozenset({"intra.example:8000", "127.0.0.1:*", "[::1]:80"})
    assert allowed("Intra.Example", 8000, listed)
    assert allowed("127.0.0.1", 1, listed)
    assert allowed("::1", 80, listed)
    assert not allowed("intra.example", 80, listed)
    assert not allowed("127.0.0.2", 1, listed)
    assert not allowed("::1", 81, listed)
    judge("intra.example", 8000, ["10.0.0.1"], listed)


def test_a_budget_is_used_up_by_bytes() -> None:
    budget = Budget(10)
    with pytest.raises(Trouble):
        budget.readable(1)  # nothing is permitted yet
    budget.permit(100, "headers")
    assert budget.readable(1000) == 100
    budget.read(100)
    with pytest.raises(Trouble) as trouble:
        budget.readable(1)
    assert (trouble.value.why, trouble.value.detail) == (Why.TOO_LARGE, "more than 100 bytes of headers")


def test_a_budget_is_used_up_by_time() -> None:
    assert 0 < Budget(10).remaining() <= 10
    with pytest.raises(Trouble) as trouble:
        Budget(0).remaining()
    assert trouble.value.why is Why.DEADLINE


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_the_deadline_holds_inside_tls_too(tmp_path: Path) -> None:
    from fetch.test_client import certificate

    pem = certificate(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=_says_ok_then_nothing, args=(listener, pem))
        server.start()
        port = listener.getsockname()[1]
        wire = Wire(frozenset({f"127.0.0.1:{port}"}))
        wire.budget = Budget(0.5)
        wire.budget.permit(100, "words")
        plain = wire.connect_tcp("127.0.0.1", port)
        stream = plain.start_tls(ssl.create_default_context(cafile=pem), "127.0.0.1")
        stream.write(b"well?")
        assert stream.read(50) == b"ok"
        with pytest.raises(httpcore.ReadTimeout):
            stream.read(50)
        with pytest.raises(Trouble):
            stream.read(50)
        assert 0.4 <= wire.budget.elapsed < 2  # the handshake is not counted
        assert wire.budget.received == 2
        stream.close()
        server.join()


def _says_ok_then_nothing(listener: socket.socket, pem: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    connection, _ = listener.accept()
    with context.wrap_socket(connection, server_side=True) as tls:
        tls.recv(5)
        tls.sendall(b"ok")
        tls.recv(5)


def test_the_second_address_is_tried_when_the_first_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        wire = Wire(frozenset({f"localhost:{port}"}))  # ::1, where nobody listens, and 127.0.0.1
        wire.budget = Budget(5)
        wire.connect_tcp("localhost", port).close()


def test_a_server_counts_from_the_request_and_so_do_we() -> None:
    """To look up a name, to connect and to shake hands may take long: the pause to the next request is not shorter for it."""
    budget = Budget(5)
    time.sleep(0.2)
    before = budget.elapsed
    budget.sent()
    after = budget.elapsed
    assert before >= 0.2 > after
    budget.sent()  # a request may be written in several pieces
    assert budget.elapsed >= after
    assert budget.remaining() <= 4.8
