"""What is worth saying, and whether it arrives."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cli.desk import Desk
from coopscrape.model import Change, Content, Entry, Kind
from coopscrape.notify import MOST, notice
from coopscrape.notify.send import send
from listings import publish, selectors, some_items
from server import World


def _entry(number: int = 1) -> Entry:
    content = Content(title=f"Title {number}", link=f"https://example.org/{number}")
    return Entry(f"{number:016x}", "coop", f"key {number}", number, number, content, 1, "t", "t")


def _changes(count: int) -> list[Change]:
    return [Change(1, i, Kind.NEW, _entry(i), "2018-06-20T09:00:00.000Z") for i in range(1, count + 1)]


def test_nothing_happened_is_nothing_to_say() -> None:
    assert notice([]) is None
    assert notice([], {"coop": ()}) is None


def test_a_doubt_is_said_even_where_nothing_changed() -> None:
    said = notice([], {"coop": ["page 1: no entries, usually 10"]})
    assert said is not None
    assert said.subject == "coopscrape: 1 in doubt"
    assert said.lines == ("coop page 1: no entries, usually 10",)


def test_an_edit_is_told_with_both_its_sides() -> None:
    edit = Change(1, 1, Kind.CHANGED, _entry(), "2018-06-20T09:00:00.000Z", "title", "Old", "New")
    said = notice([edit])
    assert said is not None
    assert "'Old' -> 'New'" in said.lines[0]


def test_a_flood_is_told_as_a_number() -> None:
    said = notice(_changes(MOST + 7))
    assert said is not None
    assert said.subject == f"coopscrape: {MOST + 7} new"
    assert said.lines[-1] == "... and 7 more"


@contextmanager
def _receiver(status: int) -> Iterator[tuple[str, list[dict[str, object]]]]:
    took: list[dict[str, object]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            took.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", took
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_notice_arrives_as_json_that_chat_services_show() -> None:
    said = notice(_changes(2))
    assert said is not None
    with _receiver(204) as (url, took):
        assert send(said, url, "coopscrape/test") is None
    assert took == [
        {"subject": "coopscrape: 2 new", "text": "\n".join((said.subject, *said.lines)), "lines": list(said.lines)}
    ]


def test_a_receiver_that_refuses_is_told_in_words() -> None:
    said = notice(_changes(1))
    assert said is not None
    with _receiver(500) as (url, _):
        assert "answered 500" in (send(said, url, "coopscrape/test") or "")


def test_a_receiver_that_is_away_is_told_in_words() -> None:
    said = notice(_changes(1))
    assert said is not None
    with _receiver(204) as (url, _):
        pass
    assert "ConnectError" in (send(said, url, "coopscrape/test") or "")


def test_what_a_person_believes_after_all_is_told_with_the_next_run(tmp_path: Path) -> None:
    desk, items = Desk(tmp_path), some_items(8)
    with World() as world, _receiver(204) as (url, took):
        desk.settings(f'{selectors({"coop": publish(world, items)}, world.allow)}\n[notify]\nwebhook = "{url}"\n')
        assert desk.type("crawl").code == 0
        edited = [replace(item, title=f"{item.title}!", summary="") for item in items]
        publish(world, edited)
        assert desk.type("crawl").code == 3
        assert desk.type("accept", "2").code == 0
        publish(world, [*some_items(1, first=0), *edited])
        assert desk.type("crawl").code == 0
    subjects = [str(one["subject"]) for one in took]
    assert subjects[0] == "coopscrape: 8 new"
    assert "in doubt" in subjects[1]
    assert subjects[2:] == ["coopscrape: 16 changed, 1 new"]
