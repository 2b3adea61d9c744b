"""What tests and benchmarks may rely on when they ask `server.World`."""

from __future__ import annotations

import socket
import threading
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from listings import Item, listing, publish, selectors, some_items
from server import Answer, Asked, World


@pytest.fixture
def world() -> Iterator[World]:
    with World(hosts=3) as world:
        yield world


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


def test_what_is_put_is_served_as_a_page(world: World, client: httpx.Client) -> None:
    world.put("/news", "<p>Genève</p>")
    answer = client.get(world.url("/news"))
    assert (answer.status_code, answer.text) == (200, "<p>Genève</p>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-length"] == str(len("<p>Genève</p>".encode()))


def test_what_is_not_put_is_not_found_robots_txt_included(world: World, client: httpx.Client) -> None:
    world.put("/news", "here")
    world.remove("/news")
    assert [client.get(world.url(path)).status_code for path in ("/news", "/robots.txt")] == [404, 404]


def test_a_query_belongs_to_the_path(world: World, client: httpx.Client) -> None:
    world.put("/news", "first")
    world.put("/news?page=2", "second")
    assert client.get(world.url("/news?page=2")).text == "second"
    assert client.get(world.url("/news?page=3")).status_code == 404


def test_many_hosts_share_a_port_and_nothing_else(world: World, client: httpx.Client) -> None:
    for host in world.hosts:
        world.put("/", f"I am {host}", host)
    assert [client.get(world.url("/", host)).text for host in world.hosts] == [
        "I am 127.0.0.1",
        "I am 127.0.0.2",
        "I am 127.0.0.3",
    ]
    assert world.allow == [f"127.0.0.{n}:{world.port}" for n in (1, 2, 3)]
    assert len(world.hits(host="127.0.0.2")) == 1


def test_a_connection_is_kept_for_many_requests(world: World) -> None:
    world.put("/", "x" * 200_000)
    with socket.create_connection(("127.0.0.1", world.port)) as connection, connection.makefile("rb") as lines:
        for _ in range(3):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            while lines.readline() != b"\r\n":
                pass
            assert lines.read(200_000) == b"x" * 200_000
    assert len(world.hits("/")) == 3


def test_two_requests_sent_at_once_on_one_connection_are_both_answered(world: World) -> None:
    with socket.create_connection(("127.0.0.1", world.port)) as connection, connection.makefile("rb") as lines:
        connection.sendall(b"HEAD /a HTTP/1.1\r\n\r\nHEAD /b HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert lines.read().count(b"HTTP/1.1 404 Not Found") == 2
    assert [hit.path for hit in world.ledger] == ["/a", "/b"]


@pytest.mark.parametrize(("asks", "shows"), [("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")])
def test_a_known_page_is_not_sent_again(world: World, client: httpx.Client, asks: str, shows: str) -> None:
    world.put("/news", "as before")
    mark = client.get(world.url("/news")).headers[shows]
    again = client.get(world.url("/news"), headers={asks: mark})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers[shows] == mark
    world.put("/news", "something else")
    assert client.get(world.url("/news"), headers={asks: mark}).text == "something else"
    assert [hit.status for hit in world.hits("/news")] == [200, 304, 200]


def test_the_etag_decides_where_both_are_sent(world: World, client: httpx.Client) -> None:
    world.put("/news", "now")
    known = {"If-None-Match": '"another"', "If-Modified-Since": "Wed, 01 Jan 2098 00:00:00 GMT"}
    assert client.get(world.url("/news"), headers=known).status_code == 200


def test_the_same_body_put_twice_is_no_change(world: World, client: httpx.Client) -> None:
    world.put("/news", "same")
    before = client.get(world.url("/news")).headers["last-modified"]
    world.put("/news", "same")
    assert client.get(world.url("/news")).headers["last-modified"] == before


def test_a_server_without_validators_sends_everything_again(world: World, client: httpx.Client) -> None:
    world.put("/news", "same", validators=False)
    answer = client.get(world.url("/news"), headers={"If-None-Match": "*", "If-Modified-Since": "junk"})
    assert answer.status_code == 200
    assert not {"etag", "last-modified"} & set(answer.headers)


def test_an_answer_is_said_as_it_is(world: World, client: httpx.Client) -> None:
    world.put("/busy", Answer(503, "later", (("Retry-After", "7"), ("Content-Type", "text/plain"))))
    answer = client.get(world.url("/busy"))
    assert (answer.status_code, answer.headers["retry-after"], answer.text) == (503, "7", "later")
    assert answer.headers.get_list("content-type") == ["text/plain"]


def test_an_answer_may_lie_about_its_length(world: World, client: httpx.Client) -> None:
    world.put("/half", Answer(body="half", headers=(("Content-Length", "8"),)))
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(world.url("/half"))


def test_a_function_answers_whatever_the_query(world: World, client: httpx.Client) -> None:
    def echo(asked: Asked) -> str:
        return f"{asked.host} {asked.path} {asked.headers['x-word']}"

    world.put("/echo", echo)
    answer = client.get(world.url("/echo?q=1"), headers={"X-Word": "hello"})
    assert answer.text == "127.0.0.1 /echo?q=1 hello"
    known = {"X-Word": "hello", "If-None-Match": answer.headers["etag"]}
    assert client.get(world.url("/echo?q=1"), headers=known).status_code == 304


def test_only_get_and_head_are_served(world: World, client: httpx.Client) -> None:
    world.put("/news", "body")
    head = client.head(world.url("/news"))
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "4")
    assert client.post(world.url("/news"), content=b"x").status_code == 405
    assert [hit.method for hit in world.hits("/news")] == ["HEAD", "POST"]


def test_the_ledger_knows_how_long_each_answer_took(world: World, client: httpx.Client) -> None:
    world.put("/slow", Answer(body="at last", delay=0.05))
    before = time.monotonic()
    client.get(world.url("/slow"))
    (hit,) = world.hits("/slow")
    assert before <= hit.start <= hit.end - 0.05 <= time.monotonic()
    world.clear_ledger()
    assert world.ledger == []


def test_the_ledger_shows_who_keeps_a_pause_and_who_does_not(world: World, client: httpx.Client) -> None:
    assert world.smallest_gap() is None
    for pause in (0.3, 0.03, 0.0):
        client.get(world.url("/"))
        time.sleep(pause)
    gap = world.smallest_gap()
    assert gap is not None
    assert 0.03 <= gap < 0.3
    assert world.smallest_gap("127.0.0.2") is None


def test_the_ledger_shows_requests_that_come_at_once(world: World) -> None:
    together = threading.Barrier(2)
    world.put("/", lambda _: str(together.wait(timeout=5)))
    world.put("/", "alone", "127.0.0.2")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(httpx.get, [world.url("/")] * 2))
    for _ in range(20):
        httpx.get(world.url("/", "127.0.0.2"))
    assert (world.overlaps(), world.overlaps("127.0.0.2")) == (1, 0)


def test_leaving_the_world_ends_slow_answers_and_open_connections() -> None:
    with World() as world, ThreadPoolExecutor(1) as pool:
        world.put("/", Answer(delay=60))
        idle = socket.create_connection(("127.0.0.1", world.port))
        waiting = pool.submit(httpx.get, world.url("/"), timeout=60)
        time.sleep(0.1)
        before = time.monotonic()
        world.__exit__(None, None, None)
        assert idle.recv(1) == b""
        assert isinstance(waiting.exception(timeout=5), httpx.TransportError)
        idle.close()
    assert time.monotonic() - before < 5
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("world")]


def test_a_world_may_come_back_on_its_port(client: httpx.Client) -> None:
    with World() as before:
        port = before.port
    with pytest.raises(httpx.ConnectError):
        client.get(before.url("/"))
    with World(["127.0.0.1"], port=port) as after:
        assert client.get(after.url("/")).status_code == 404


def test_a_folder_is_served_file_by_file(world: World, client: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "index.html").write_text("<p>deep</p>")
    (tmp_path / "robots.txt").write_text("User-agent: *\nAllow: /\n")
    world.folder(tmp_path)
    assert client.get(world.url("/deep/")).text == client.get(world.url("/deep/index.html")).text == "<p>deep</p>"
    assert client.get(world.url("/robots.txt")).headers["content-type"].startswith("text/plain")


def test_a_listing_prints_its_items_and_no_markup_of_theirs() -> None:
    tree = LexborHTMLParser(listing([Item("a", "Bread & <b>roses</b>", category=None)], next_href="/news/2"))
    (link,) = tree.css("ol.listing > li h3 a")
    assert (link.text(), link.attributes["href"]) == ("Bread & <b>roses</b>", "/items/a.html")
    assert tree.css("p.category") == []
    assert [node.attributes["href"] for node in tree.css("a.next")] == ["/news/2"]


def test_a_published_listing_goes_on_to_its_end(world: World, client: httpx.Client) -> None:
    url, titles = publish(world, some_items(25)), []
    while url:
        tree = LexborHTMLParser(client.get(url).text)
        titles += [node.text() for node in tree.css("ol.listing > li h3 a")]
        following = tree.css_first("a.next")
        url = str(httpx.URL(url).join(following.attributes["href"] or "")) if following else ""
    assert titles == [f"Cooperative story {n}" for n in range(1, 26)]


def test_the_settings_of_a_listing_are_toml() -> None:
    text = selectors(
        {"one": "http://127.0.0.1:1/news"}, ["127.0.0.1:1"], delay="1s", confirm_gone=1, key={"from": "link"}
    )
    settings = tomllib.loads(text)
    assert settings["network"]["allow"] == ["127.0.0.1:1"]
    assert settings["defaults"] == {"delay": "1s", "every": "0s"}
    source = settings["sources"]["one"]
    assert (source["confirm_gone"], source["key"], source["url"]) == (1, {"from": "link"}, "http://127.0.0.1:1/news")
    assert source["layouts"][0]["item"] == "ol.listing > li"
