"""The network door, against a real server that says what it likes."""

from __future__ import annotations

import gzip
import hashlib
import multiprocessing
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it brings no hints
import pytest
import zstandard

from coopscrape.fetch.client import fetch
from coopscrape.model import Miss, Moved, Page, Purpose, Request, Why
from fetch.raw import Raw, Talk, answer, asking, dripping, page, polite, saying, silent

Serve = Callable[[Talk], Raw]

HTML = b"<!doctype html><title>Cooperatives</title><p>One</p></html>"
NOW = 1_529_487_000.0  # 2018-06-20T09:30:00Z

CODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def missed(outcome: Page | Moved | Miss) -> Miss:
    assert isinstance(outcome, Miss), outcome
    return outcome


def got(outcome: Page | Moved | Miss) -> Page:
    assert isinstance(outcome, Page), outcome
    return outcome


def moved(outcome: Page | Moved | Miss) -> Moved:
    assert isinstance(outcome, Moved), outcome
    return outcome


# -- a page ---------------------------------------------------------------------------------------


def test_a_page_comes_with_all_that_is_to_be_known_of_it(serve: Serve) -> None:
    server = serve(
        saying(answer(HTML, "Content-Type: text/html; charset=utf-8", 'ETag: W/"a b"', "Last-Modified: yesterday"))
    )
    page = got(fetch(asking(server.url("/list?page=1")), polite(), clock=lambda: NOW))
    assert page.body == HTML
    assert page.digest == hashlib.sha256(HTML).hexdigest()
    assert (page.asked, page.url) == (server.url("/list?page=1"), server.url("/list?page=1"))
    assert page.fetched_at == "2018-06-20T09:30:00.000Z"
    assert (page.status, page.fresh, page.wire_bytes) == (200, True, len(HTML))
    assert (page.content_type, page.etag, page.last_modified) == (
        "text/html; charset=utf-8",
        'W/"a b"',
        "yesterday",
    )
    assert 0 < page.elapsed < 10


def test_the_page_keeps_the_url_that_the_walk_asked_for(serve: Serve) -> None:
    server = serve(saying(answer(HTML)))
    request = Request(url=server.url("/new"), asked=server.url("/old"))
    page = got(fetch(request, polite()))
    assert (page.asked, page.url) == (server.url("/old"), server.url("/new"))


def test_a_request_says_who_asks_and_what_can_be_read(serve: Serve) -> None:
    server = serve(saying(answer(HTML)))
    got(fetch(asking(server.url("/a b?q=ä")), polite(from_="me@example.org")))
    lines = server.heads[0].split("\r\n")
    assert lines[0] == "GET /a%20b?q=%C3%A4 HTTP/1.1"
    assert f"Host: 127.0.0.1:{server.port}" in lines
    assert "User-Agent: coopscrape/0.1 (+https://example.org; Zoë)".encode().decode("latin-1") in lines
    assert "From: me@example.org" in lines
    assert "Accept-Encoding: gzip, br, zstd" in lines
    assert any(line.startswith("Accept: text/html") for line in lines)


def test_robots_txt_is_asked_for_as_plain_text(serve: Serve) -> None:
    server = serve(saying(answer(b"User-agent: *")))
    got(fetch(asking(server.url("/robots.txt"), purpose=Purpose.ROBOTS), polite()))
    assert "\r\nAccept: text/plain" in server.heads[0]


def test_a_cookie_is_never_sent_back(serve: Serve) -> None:
    server = serve(saying(answer(HTML, "Set-Cookie: id=1"), more=True))
    for _ in range(2):
        got(fetch(asking(server.url()), polite()))
    assert "cookie" not in server.heads[1].lower()


def test_two_pages_of_a_host_come_over_one_connection(serve: Serve) -> None:
    server = serve(saying(answer(HTML), more=True))
    for number in range(3):
        got(fetch(asking(server.url(f"/{number}")), polite()))
    assert (server.connections, len(server.heads)) == (1, 3)


def test_a_connection_that_the_server_has_closed_is_not_used_again(serve: Serve) -> None:
    server = serve(saying(answer(HTML)))
    got(fetch(asking(server.url()), polite()))
    time.sleep(0.1)
    got(fetch(asking(server.url()), polite()))
    assert server.connections == 2


def test_a_connection_that_the_server_soon_closes_is_not_kept(serve: Serve) -> None:
    server = serve(saying(answer(HTML, "Keep-Alive: timeout=1"), more=True))
    for _ in range(2):
        got(fetch(asking(server.url()), polite()))
    assert server.connections == 2


def test_a_host_never_sees_two_requests_at_once(serve: Serve) -> None:
    open_now, most = 0, 0
    lock = threading.Lock()

    def talk(connection: socket.socket, head: str) -> bool:
        nonlocal open_now, most
        with lock:
            open_now += 1
            most = max(most, open_now)
        time.sleep(0.05)
        with lock:
            open_now -= 1
        connection.sendall(answer(HTML))
        return True

    server = serve(talk)
    with ThreadPoolExecutor(8) as hands:
        outcomes = list(hands.map(lambda n: fetch(asking(server.url(f"/{n}")), polite()), range(8)))
    assert all(isinstance(outcome, Page) for outcome in outcomes)
    assert (most, server.connections) == (1, 1)


def test_opt_out_signals_are_kept(serve: Serve) -> None:
    headers = ("X-Robots-Tag: noarchive", "X-Robots-Tag: otherbot: noindex", "TDM-Reservation: 1", "X-Other: 1")
    server = serve(saying(answer(HTML, *headers, "Content-Usage: ai=n", "Content-Signal: search=yes")))
    assert got(fetch(asking(server.url()), polite())).signals == (
        ("x-robots-tag", "noarchive"),
        ("x-robots-tag", "otherbot: noindex"),
        ("tdm-reservation", "1"),
        ("content-usage", "ai=n"),
        ("content-signal", "search=yes"),
    )


def test_a_hand_may_be_another_process(serve: Serve) -> None:
    server = serve(saying(answer(HTML), more=True))
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as hands:
        assert got(hands.submit(fetch, asking(server.url()), polite()).result()).body == HTML


FORKS = """
import os, sys
from coopscrape.fetch.client import fetch, close
from coopscrape.model import Manners, Request
request = Request(url=sys.argv[1], asked=sys.argv[1])
manners = Manners(user_agent="coopscrape", allow=frozenset({"127.0.0.1:*"}))
say = lambda: os.write(1, type(fetch(request, manners)).__name__.encode() + b"\\n")
say()
child = os.fork()
say()
close()
if child:
    os.waitpid(child, 0)
"""


def test_a_forked_hand_does_not_talk_on_its_parents_connection(serve: Serve) -> None:
    server = serve(saying(answer(HTML), more=True))
    script = subprocess.run(
        [sys.executable, "-c", FORKS, server.url()], capture_output=True, text=True, check=True, timeout=60
    )
    assert script.stdout.split() == ["Page"] * 3
    assert (server.connections, len(server.heads)) == (2, 3)


# -- answers that are no page ---------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_handed_back_and_not_followed(serve: Serve, status: int) -> None:
    server = serve(saying(answer(b"", "Location: ../new?a=1#top", "Retry-After: 7", status=f"{status} Moved")))
    to = moved(fetch(asking(server.url("/a/b/c")), polite(), clock=lambda: NOW))
    assert (to.location, to.status, to.retry_after) == (server.url("/a/new?a=1"), status, 7.0)
    assert (to.asked, to.url, to.fetched_at) == (server.url("/a/b/c"), server.url("/a/b/c"), "2018-06-20T09:30:00.000Z")
    assert len(server.heads) == 1


@pytest.mark.parametrize(
    ("location", "absolute"),
    [
        ("https://example.org/x", "https://example.org/x"),
        ("//example.org/x", "http://example.org/x"),
        ("ftp://example.org/", "ftp://example.org/"),
        ("javascript:void(0)", "javascript:void(0)"),
    ],
)
def test_wherever_a_redirect_points_is_for_others_to_judge(serve: Serve, location: str, absolute: str) -> None:
    server = serve(saying(answer(b"", f"Location: {location}", status="302 Found")))
    assert moved(fetch(asking(server.url()), polite())).location == absolute


@pytest.mark.parametrize("headers", [(), ("Location:",), ("Location: /a", "Location: /b"), ("Location: http://[bad",)])
def test_a_redirect_to_nowhere_is_a_miss(serve: Serve, headers: tuple[str, ...]) -> None:
    server = serve(saying(answer(b"", *headers, status="302 Found")))
    miss = missed(fetch(asking(server.url()), polite()))
    assert (miss.why, miss.status) == (Why.REDIRECT, 302)


@pytest.mark.parametrize(
    "status", [201, 202, 204, 205, 206, 207, 226, 300, 304, 305, 400, 404, 410, 429, 500, 503, 599]
)
def test_any_other_status_is_a_miss_that_names_it(serve: Serve, status: int) -> None:
    server = serve(saying(answer(b"", status=f"{status} Oh dear")))
    miss = missed(fetch(asking(server.url()), polite()))
    assert (miss.why, miss.status, miss.detail) == (Why.STATUS, status, f"answered {status} Oh dear")
    assert miss.sent


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (("Retry-After: 120",), 120.0),
        (("Retry-After: Wed, 20 Jun 2018 09:31:00 GMT",), 60.0),
        (("Retry-After: 5", "Retry-After: 9"), 9.0),
        (("Retry-After: Wed, 20 Jun 2018 09:29:00 GMT",), None),
        (("Retry-After: soon",), None),
        ((), None),
    ],
)
def test_the_pause_that_a_server_wishes_for_is_passed_on(
    serve: Serve, headers: tuple[str, ...], seconds: float | None
) -> None:
    server = serve(saying(answer(b"", *headers, status="503 Busy")))
    assert missed(fetch(asking(server.url()), polite(), clock=lambda: NOW)).retry_after == seconds


# -- 304 ------------------------------------------------------------------------------------------


def test_a_304_brings_the_remembered_page_back(serve: Serve) -> None:
    server = serve(saying(b'HTTP/1.1 304 Not Modified\r\nETag: "new"\r\nContent-Length: 4000\r\n\r\n', more=True))
    known = page(server.url(), etag='W/"\xe4 b"', last_modified="yesterday, or so")
    again = got(fetch(asking(server.url(), remembered=known), polite(), clock=lambda: NOW + 86_400))
    assert 'If-None-Match: W/"\xe4 b"\r\n' in server.heads[0]
    assert "If-Modified-Since: yesterday, or so\r\n" in server.heads[0]
    assert (again.body, again.digest, again.status, again.fresh) == (known.body, known.digest, 200, False)
    assert (again.fetched_at, again.wire_bytes) == ("2018-06-21T09:30:00.000Z", 0)
    assert (again.etag, again.last_modified) == ('"new"', "yesterday, or so")
    assert again.signals == known.signals
    got(fetch(asking(server.url(), remembered=known), polite()))
    assert server.connections == 1


def test_a_304_that_nobody_asked_for_is_a_miss(serve: Serve) -> None:
    server = serve(saying(b"HTTP/1.1 304 Not Modified\r\n\r\n"))
    for remembered in (None, page(server.url())):
        miss = missed(fetch(asking(server.url(), remembered=remembered), polite()))
        assert (miss.why, miss.status) == (Why.STATUS, 304)


def test_a_304_with_a_body_is_not_believed(serve: Serve) -> None:
    server = serve(saying(answer(b"surprise", status="304 Not Modified"), more=True))
    known = page(server.url(), etag='"a"')
    assert missed(fetch(asking(server.url(), remembered=known), polite())).why is Why.TRUNCATED


def test_a_200_beats_what_is_remembered(serve: Serve) -> None:
    server = serve(saying(answer(HTML)))
    known = page(server.url(), etag='"a"')
    new = got(fetch(asking(server.url(), remembered=known), polite()))
    assert (new.body, new.fresh, new.etag, new.signals) == (HTML, True, None, ())


# -- codings --------------------------------------------------------------------------------------


@pytest.mark.parametrize("coding", CODERS)
def test_a_coded_page_is_decoded(serve: Serve, coding: str) -> None:
    sent = CODERS[coding](HTML)
    server = serve(saying(answer(sent, f"Content-Encoding: {coding.upper()}")))
    page = got(fetch(asking(server.url()), polite()))
    assert (page.body, page.wire_bytes) == (HTML, len(sent))
    assert page.digest == hashlib.sha256(HTML).hexdigest()


@pytest.mark.parametrize("coding", CODERS)
def test_a_cut_coded_page_is_a_miss_even_if_its_length_is_right(serve: Serve, coding: str) -> None:
    server = serve(saying(answer(CODERS[coding](HTML)[:-1], f"Content-Encoding: {coding}")))
    assert missed(fetch(asking(server.url()), polite())).why is Why.TRUNCATED


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Encoding: deflate",),
        ("Content-Encoding: compress",),
        ("Content-Encoding: gzip, gzip",),
        ("Content-Encoding: gzip", "Content-Encoding: br"),
    ],
)
def test_a_coding_that_nobody_asked_for_is_a_miss(serve: Serve, headers: tuple[str, ...]) -> None:
    server = serve(saying(answer(zlib.compress(HTML), *headers)))
    assert missed(fetch(asking(server.url()), polite())).why is Why.CODING


def test_a_page_that_is_not_what_its_coding_says_is_a_miss(serve: Serve) -> None:
    server = serve(saying(answer(HTML, "Content-Encoding: gzip")))
    assert missed(fetch(asking(server.url()), polite())).why is Why.CODING


# -- is it whole? ---------------------------------------------------------------------------------

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_a_chunked_page_is_put_together(serve: Serve) -> None:
    server = serve(saying(CHUNKED + b"5;x=y\r\n<p>On\r\n5\r\ne</p>\r\n0\r\nX-Trailer: 1\r\n\r\n", more=True))
    for _ in range(2):
        page = got(fetch(asking(server.url()), polite()))
        assert (page.body, page.wire_bytes) == (b"<p>One</p>", 10)
    assert server.connections == 1


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        CHUNKED + b"5\r\nshort\r\n",
        CHUNKED + b"ff\r\nshort",
        CHUNKED + b"5\r\nshort\r\n0\r\n",
        CHUNKED + b"5\r\nshortXX5\r\n",
        CHUNKED + b"zz\r\nshort\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n<p>no end",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
    ],
)
def test_half_a_page_is_a_miss(serve: Serve, sent: bytes) -> None:
    assert missed(fetch(asking(serve(saying(sent)).url()), polite())).why is Why.TRUNCATED


@pytest.mark.parametrize(
    "sent",
    [
        answer(HTML) + b"and more",
        answer(HTML, "Connection: close") + b"and more",
        CHUNKED + b"2\r\n<p\r\n0\r\n\r\n" + answer(b"<p>another answer"),
    ],
)
def test_bytes_after_the_declared_end_are_a_miss(serve: Serve, sent: bytes) -> None:
    server = serve(saying(sent, more=True))
    for _ in range(2):
        assert missed(fetch(asking(server.url()), polite())).why is Why.TRUNCATED
    assert server.connections == 2  # nothing of the first answer is taken for the second


def test_a_page_ended_by_the_connection_is_whole_if_it_shows_its_end(serve: Serve) -> None:
    server = serve(saying(b"HTTP/1.0 200 OK\r\n\r\n" + HTML + b"\n<!-- 0.1 s -->\n"))
    assert got(fetch(asking(server.url()), polite())).body.startswith(HTML)


@pytest.mark.parametrize("coding", CODERS)
def test_a_page_ended_by_the_connection_is_whole_if_its_coding_ends(serve: Serve, coding: str) -> None:
    sent = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n\r\n".encode() + CODERS[coding](b"<p>no end tag")
    assert got(fetch(asking(serve(saying(sent)).url()), polite())).body == b"<p>no end tag"


def test_a_robots_txt_may_be_ended_by_the_connection(serve: Serve) -> None:
    server = serve(saying(b"HTTP/1.0 200 OK\r\n\r\nUser-agent: *\n"))
    assert got(fetch(asking(server.url("/robots.txt"), purpose=Purpose.ROBOTS), polite())).body == b"User-agent: *\n"


def test_a_page_with_a_length_and_chunks_costs_the_connection(serve: Serve) -> None:
    both = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\n<p>\r\n0\r\n\r\n"
    server = serve(saying(both, more=True))
    for _ in range(2):
        assert got(fetch(asking(server.url()), polite())).body == b"<p>"
    assert server.connections == 2


# -- bounds ---------------------------------------------------------------------------------------


def test_a_page_of_just_the_largest_size_is_fetched(serve: Serve) -> None:
    server = serve(saying(answer(b"x" * 10_000)))
    assert len(got(fetch(asking(server.url()), polite(max_wire=10_000, max_body=10_000))).body) == 10_000


def test_a_page_announced_as_too_large_is_not_read(serve: Serve) -> None:
    server = serve(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 10001\r\n\r\n"))
    miss = missed(fetch(asking(server.url()), polite(max_wire=10_000)))
    assert (miss.why, miss.wire_bytes) == (Why.TOO_LARGE, 0)
    assert miss.detail == "10,001 bytes of body announced, at most 10,000 are read"


def test_an_endless_page_is_left(serve: Serve) -> None:
    server = serve(dripping(CHUNKED, b"1000\r\n" + b"x" * 4096 + b"\r\n", pause=0))
    miss = missed(fetch(asking(server.url()), polite(max_wire=100_000)))
    assert miss.why is Why.TOO_LARGE
    assert 100_000 < miss.wire_bytes < 200_000


def test_framing_without_end_is_left(serve: Serve) -> None:
    server = serve(dripping(CHUNKED, (b"1;" + b"x" * 1000 + b"\r\ny\r\n") * 100, pause=0))
    miss = missed(fetch(asking(server.url()), polite(max_wire=100_000)))
    assert miss.why is Why.TOO_LARGE
    assert miss.wire_bytes < 1_000


@pytest.mark.parametrize("coding", CODERS)
def test_a_page_too_large_after_decoding_is_a_miss(serve: Serve, coding: str) -> None:
    server = serve(saying(answer(CODERS[coding](b"x" * 100_001), f"Content-Encoding: {coding}")))
    miss = missed(fetch(asking(server.url()), polite(max_body=100_000)))
    assert miss.why is Why.TOO_LARGE
    assert "100,000 bytes" in miss.detail


@pytest.mark.parametrize(
    "drop",
    [b"X-Noise: " + b"x" * 1000 + b"\r\n", b"x" * 1000, b"\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"],
)
def test_endless_headers_are_left(serve: Serve, drop: bytes) -> None:
    server = serve(dripping(b"HTTP/1.1 103 Early Hints\r\nX: y", drop, pause=0))
    miss = missed(fetch(asking(server.url()), polite(max_headers=20_000)))
    assert miss.why in (Why.TOO_LARGE, Why.NETWORK)  # h11 may find the noise odd before it is too much
    assert miss.elapsed < 5


def test_large_headers_are_a_miss_and_smaller_ones_are_none(serve: Serve) -> None:
    server = serve(saying(answer(HTML, "X-Noise: " + "x" * 10_000)))
    assert missed(fetch(asking(server.url()), polite(max_headers=10_000))).why is Why.TOO_LARGE
    assert got(fetch(asking(server.url()), polite(max_headers=11_000))).body == HTML


def test_a_long_robots_txt_is_cut_and_no_miss(serve: Serve) -> None:
    body = b"Disallow: /x\n" * 300_000
    for headers, sent in [((), body), (("Content-Encoding: gzip",), gzip.compress(body))]:
        server = serve(saying(answer(sent, *headers)))
        page = got(fetch(asking(server.url("/robots.txt"), purpose=Purpose.ROBOTS), polite(max_body=10 * 2**20)))
        assert page.body == body[: 2**20]
        assert page.wire_bytes <= 2**20 + 2**16


def test_an_endless_robots_txt_is_cut_and_no_miss(serve: Serve) -> None:
    server = serve(dripping(CHUNKED, b"1000\r\n" + b"x" * 4096 + b"\r\n", pause=0))
    page = got(fetch(asking(server.url("/robots.txt"), purpose=Purpose.ROBOTS), polite(max_wire=10 * 2**20)))
    assert len(page.body) == 2**20


BOMB = """
import resource, sys
from coopscrape.fetch.client import fetch, close
from coopscrape.model import Manners, Request
manners = Manners(user_agent="coopscrape", allow=frozenset({"127.0.0.1:*"}))
request = lambda path: Request(url=sys.argv[1] + path, asked=sys.argv[1] + path)
fetch(request("small"), manners)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
miss = fetch(request("bomb"), manners)
close()
print(miss.why.value, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("coding", CODERS)
def test_a_decompression_bomb_takes_no_more_memory_than_a_page_may(serve: Serve, coding: str) -> None:
    header = f"Content-Encoding: {coding}"
    sent = {"/bomb": answer(_bomb(coding), header), "/small": answer(CODERS[coding](HTML), header)}

    def talk(connection: socket.socket, head: str) -> bool:
        connection.sendall(sent[head.split()[1]])
        return True

    server = serve(talk)
    script = subprocess.run(
        [sys.executable, "-c", BOMB, server.url()], capture_output=True, text=True, check=True, timeout=60
    )
    why, kilobytes = script.stdout.split()
    assert why == "too-large"
    assert int(kilobytes) < 64 * 2**10  # the bomb is of 500 MB, a page at most of 10 MiB


def _bomb(coding: str) -> bytes:
    zeros = bytes(10**6)
    if coding == "br":
        compressor = brotli.Compressor(quality=1)
        return b"".join([*(bytes(compressor.process(zeros)) for _ in range(500)), bytes(compressor.finish())])
    if coding == "zstd":
        stream = zstandard.ZstdCompressor().compressobj()
        return b"".join([*(stream.compress(zeros) for _ in range(500)), stream.flush()])
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([*(packer.compress(zeros) for _ in range(500)), packer.flush()])


# -- the deadline ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\nX-Noise: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (CHUNKED, b"1\r\nx\r\n"),
        (CHUNKED + b"1;", b"x"),
        (b"HTTP/1.0 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(HTML, mtime=0)[:10], b"\0\0\0\xff\xff"),
    ],
)
def test_a_dripping_server_is_left_at_the_deadline(serve: Serve, start: bytes, drop: bytes) -> None:
    server = serve(dripping(start, drop, pause=0.02))
    began = time.monotonic()
    miss = missed(fetch(asking(server.url()), polite(deadline=0.4)))
    assert miss.why in (Why.DEADLINE, Why.NETWORK if start == b"" else Why.DEADLINE)
    assert time.monotonic() - began < 1.5
    if miss.why is Why.DEADLINE:
        assert 0.3 <= miss.elapsed < 1.5  # the deadline counts from the beginning, this from the request
        assert miss.detail.startswith("not done after 0.4 s")


def test_a_silent_server_is_left_at_the_deadline(serve: Serve) -> None:
    server = serve(silent)
    miss = missed(fetch(asking(server.url()), polite(deadline=0.3)))
    assert (miss.why, miss.detail) == (Why.DEADLINE, "not done after 0.3 s, 0 bytes received")


def test_a_tls_handshake_that_never_comes_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        assert missed(fetch(asking(url), polite(deadline=0.3))).why is Why.DEADLINE


def test_waiting_for_ones_turn_counts_too(serve: Serve) -> None:
    server = serve(silent)
    with ThreadPoolExecutor(1) as hands:
        first = hands.submit(fetch, asking(server.url("/1")), polite(deadline=1.0))
        while not server.heads:
            time.sleep(0.01)
        miss = missed(fetch(asking(server.url("/2")), polite(deadline=0.2)))
        assert (miss.why, miss.sent) == (Why.DEADLINE, False)
        assert missed(first.result()).why is Why.DEADLINE
    assert len(server.heads) == 1


# -- the network ----------------------------------------------------------------------------------


def test_a_closed_port_is_a_miss() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    miss = missed(fetch(asking(f"http://127.0.0.1:{port}/"), polite()))
    assert (miss.why, miss.sent) == (Why.NETWORK, True)
    assert "refused" in miss.detail


@pytest.mark.parametrize(
    "sent", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 OK\r\n\r\n", b"\x00" * 99]
)
def test_a_server_that_speaks_no_http_is_a_miss(serve: Serve, sent: bytes) -> None:
    assert missed(fetch(asking(serve(saying(sent)).url()), polite())).why is Why.NETWORK


def test_two_lengths_are_a_miss(serve: Serve) -> None:
    server = serve(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n<p>x"))
    assert missed(fetch(asking(server.url()), polite())).why is Why.NETWORK


def test_a_reset_is_a_miss(serve: Serve) -> None:
    def talk(connection: socket.socket, head: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        time.sleep(0.1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    miss = missed(fetch(asking(serve(talk).url()), polite()))
    assert (miss.why, miss.wire_bytes) == (Why.NETWORK, 4)


def test_a_server_that_speaks_no_tls_is_a_miss(serve: Serve) -> None:
    server = serve(saying(answer(HTML)))
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as hands:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        outcome = hands.submit(fetch, asking(url), polite())
        connection, _ = listener.accept()
        with connection:
            connection.recv(1)
            connection.sendall(answer(HTML))
            assert missed(outcome.result()).why is Why.TLS
    assert server.heads == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_a_certificate_that_nobody_vouches_for_is_a_miss(tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as hands:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        outcome = hands.submit(fetch, asking(url), polite())
        connection, _ = listener.accept()
        with connection, pytest.raises(ssl.SSLError):
            context.wrap_socket(connection, server_side=True).close()
        miss = missed(outcome.result())
    assert miss.why is Why.TLS
    assert "certificate" in miss.detail.lower()


def certificate(folder: Path) -> Path:
    """Key and certificate in one file, signed by itself."""
    pem = folder / "self.pem"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run([*command, "-keyout", pem, "-out", folder / "cert.pem"], check=True, capture_output=True)
    pem.write_bytes(pem.read_bytes() + (folder / "cert.pem").read_bytes())
    return pem


# -- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "017700000001", "127.1", "localhost", "0"])
def test_loopback_is_refused_however_it_is_spelled(serve: Serve, host: str) -> None:
    server = serve(saying(answer(HTML)))
    miss = missed(fetch(asking(f"http://{host}:{server.port}/"), polite(allow=frozenset())))
    assert (miss.why, miss.sent) == (Why.ADDRESS, False)
    assert f"{host}:{server.port}" in miss.detail
    assert (server.connections, miss.elapsed < 2) == (0, True)


@pytest.mark.parametrize(
    "host", ["[::1]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "169.254.169.254", "10.0.0.1", "[64:ff9b::7f00:1]"]
)
def test_what_is_not_global_is_refused(host: str) -> None:
    assert missed(fetch(asking(f"http://{host}/"), polite())).why is Why.ADDRESS


def test_an_address_is_reached_if_it_is_listed_as_the_url_spells_it(serve: Serve) -> None:
    server = serve(saying(answer(HTML)))
    listed = frozenset({f"127.0.0.1:{server.port}", "2130706433:*"})
    got(fetch(asking(server.url()), polite(allow=listed)))
    got(fetch(asking(f"http://2130706433:{server.port}/"), polite(allow=listed)))
    assert missed(fetch(asking(f"http://127.1:{server.port}/"), polite(allow=listed))).why is Why.ADDRESS
    assert missed(fetch(asking(f"http://127.0.0.1:{server.port + 1}/"), polite(allow=listed))).why is Why.ADDRESS


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://",
        "/list",
        "",
        "http://[bad",
        "http://a:99999/",
        "http://\x00/",
    ],
)
def test_what_is_no_http_url_is_refused(url: str) -> None:
    miss = missed(fetch(asking(url), polite()))
    assert (miss.why, miss.sent) == (Why.ADDRESS, False)


def test_a_name_that_cannot_be_one_is_a_miss() -> None:
    assert missed(fetch(asking(f"http://{'a' * 64}.invalid/"), polite())).why is Why.NAME  # no look-up: too long


# -- a proxy --------------------------------------------------------------------------------------


def test_a_configured_proxy_is_asked_for_the_whole_url(serve: Serve) -> None:
    server = serve(saying(answer(HTML), more=True))
    manners = polite(allow=frozenset(), proxy=f"http://me:secret@127.0.0.1:{server.port}")
    for _ in range(2):
        assert got(fetch(asking("http://listing.example/a?b=c"), manners)).body == HTML
    assert server.heads[0].startswith("GET http://listing.example/a?b=c HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic bWU6c2VjcmV0\r\n" in server.heads[0]
    assert server.connections == 1


def test_a_proxy_that_refuses_a_tunnel_is_a_miss(serve: Serve) -> None:
    server = serve(saying(answer(b"", status="403 Forbidden")))
    miss = missed(fetch(asking("https://listing.example/"), polite(proxy=server.url())))
    assert (miss.why, miss.detail) == (Why.NETWORK, "403 Forbidden")
    assert server.heads[0].startswith("CONNECT listing.example:443 HTTP/1.1\r\n")


def test_a_proxy_is_no_way_to_an_address_that_is_refused(serve: Serve) -> None:
    server = serve(saying(answer(HTML)))
    assert missed(fetch(asking("http://10.1/"), polite(proxy=server.url()))).why is Why.ADDRESS
    assert server.connections == 0


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "nonsense", "http://[bad"])
def test_a_proxy_that_cannot_be_used_is_a_miss(proxy: str) -> None:
    miss = missed(fetch(asking("http://listing.example/"), polite(proxy=proxy)))
    assert (miss.why, miss.sent) == (Why.NETWORK, False)


def test_the_environment_sets_no_proxy(serve: Serve) -> None:
    proxy, server = serve(saying(answer(b"proxy"))), serve(saying(answer(HTML)))
    environment = {"http_proxy": proxy.url(), "HTTP_PROXY": proxy.url(), "all_proxy": proxy.url(), "PATH": ""}
    script = "\n".join(line for line in BOMB.splitlines() if "bomb" not in line and "miss" not in line)
    subprocess.run([sys.executable, "-c", script, server.url()], env=environment, check=True, timeout=60)
    assert (proxy.connections, len(server.heads)) == (0, 1)
