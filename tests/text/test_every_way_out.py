"""A listing that bites, crawled by the real program, and every command that tells of it: nothing steers, all is kept."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cli.desk import Desk, Said
from coopscrape.extract.printed import lines
from listings import PAGE, selectors
from server import Answer, Asked, World
from text.naughty import HREFS, NAUGHTY

FORBIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


EDIT = " \u202eedited\x1b[0m"


def harmless(said: Said) -> None:
    """Byte by byte: valid UTF-8 (else it could not be decoded), and of what steers only the line feed."""
    for text in (said.out, said.err):
        found = {one for one in text if one != "\n" and unicodedata.category(one) in FORBIDDEN}
        assert not found, sorted(map(hex, map(ord, found)))
    assert "Traceback" not in said.err
    assert "this is a bug" not in said.err


def item(title: str, href: str, summary: str, date: str = "20 June 2018") -> str:
    """As a server may send it: the characters themselves."""
    return (
        f'<li><p class="category">{escape(title[:40])}</p><h3><a href="{escape(href)}">{escape(title)}</a></h3>'
        f'<time>{escape(date)}</time><p class="summary">{escape(summary)}</p></li>'
    )


def biting(edit: str = "") -> Sequence[str]:
    """Every third of them edited, else it would be doubted."""
    texts = [
        item(f"{text}{edit if n % 3 == 0 else ''}", f"/items/{n}.html", text, text if n % 2 else "20 June 2018")
        for n, text in enumerate(NAUGHTY.values(), start=1)
    ]
    links = [item(f"link {name}", href, name) for name, href in HREFS.items()]
    return [*texts, *links]


def listing(items: Sequence[str], following: str | None = None) -> str:
    link = "" if following is None else f'<a class="next" href="{escape(following)}">Next</a>'
    return PAGE.format(title="News", items="\n".join(items), next=link, aside="")


@dataclass(frozen=True)
class Bitten:
    desk: Desk
    world: World
    entries: tuple[str, ...]


@pytest.fixture(scope="module")
def bitten(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bitten]:
    """Crawled, edited, crawled; and a second source whose headers and addresses bite."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    with World(hosts=2) as world:
        sources = {"coop": world.url("/news"), "odd": world.url("/odd", world.hosts[1])}
        text = selectors(sources, world.allow)
        desk.settings(text.replace('"Listing coop"', '"\\u001b[2J\\u202eListing"'))
        world.put("/odd", odd, world.hosts[1])
        for edit in ("", EDIT):
            world.put("/news", listing(biting(edit)))
            said = desk.type("crawl")
            assert said.code == 1, said  # the odd one leads nowhere
            harmless(said)
        entries = desk.type("list", "--format", "json").json()
        yield Bitten(desk, world, tuple(entry["entry"] for entry in entries))


def odd(_: Asked) -> Answer:
    """Headers that bite, and a next page whose address does."""
    headers = (
        ("ETag", '"\x9b2J\xe9"'),
        ("Content-Type", "text/html; charset=utf-8; x=\x9d0;y\xff"),
        ("X-Robots-Tag", "\x9b2J, noarchive"),
        ("TDM-Reservation", "\xff1"),
    )
    return Answer(body=listing([item("odd", "/odd/1", "")], "/odd/\u202e\x1b[2Jtwo\u200b?=\u2028"), headers=headers)


ALL = (
    ("list",),
    ("list", "--all"),
    ("list", "--format", "json"),
    ("list", "--category", "\x1b[2J"),
    ("diff",),
    ("diff", "--format", "json"),
    ("diff", "--since", "run:1"),
    ("diff", "--since", "run:1", "--format", "json"),
    ("status",),
    ("status", "--format", "json"),
    ("status", "--ledger"),
    ("status", "--ledger", "--format", "json"),
    ("check",),
    ("rebuild", "--dry-run"),
    ("rebuild",),
    ("crawl", "--dry-run"),
    ("crawl", "coop"),
    ("--json-log", "--verbose", "crawl"),
    ("--verbose", "crawl"),
    ("try", "coop"),
    ("try", "odd"),
)


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_no_command_lets_a_page_steer(bitten: Bitten, words: Sequence[str]) -> None:
    said = bitten.desk.type(*words)
    assert said.code in (0, 1), said.err
    harmless(said)


def test_no_entry_and_no_history_lets_a_page_steer(bitten: Bitten) -> None:
    for entry in bitten.entries[::10]:
        for command in ("show", "history"):
            for form in ("text", "json"):
                said = bitten.desk.type(command, entry, "--format", form)
                assert said.code == 0
                harmless(said)


NO_SUCH_THING = (
    ("crawl", "\x1b[2J\u202e"),
    ("try", "\x1b[2J\u202e"),
    ("diff", "--cursor", "\udcff", "--kind", "new"),
    ("show", "\x1b[2J\u202e"),
    ("show", "\udcff"),  # a byte that is no UTF-8
    ("history", "\udcff\x1b"),
    ("list", "\u2028\n\x1b]0;x\x07"),
    ("list", "--category", "\udcff"),
    ("diff", "--cursor", "\udcff"),
)


@pytest.mark.parametrize(
    "words",
    [
        *NO_SUCH_THING,
        ("diff", "--since", "\x1b[2J"),
        ("diff", "--kind", "\x1b[2J"),
        ("accept", "\x1b[2J"),
        ("crawl", "--hands", "\x1b[2J\n"),
        ("--archive", "\u202e.db", "list"),
        ("--config", "\x1b[2J.toml", "crawl"),
        ("try", "http://\x1b[2J/"),
        ("\x1b[2J",),
        ("list", "--\x1b[2J"),
        ("try", "http://127.0.0.1/\udcff"),
        ("init", "--contact", "\x1b[2J@example.org", "other.toml"),
    ],
    ids=repr,
)
def test_no_mistake_in_typing_steers(bitten: Bitten, words: Sequence[str]) -> None:
    said = bitten.desk.type(*words)
    assert said.code == (4 if "--archive" in words else 1 if words in NO_SUCH_THING else 2), said
    assert said.err
    harmless(said)


OURS = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\?25[lh]|\x1b\[2K|\x1b\[1A|\x1b\[[0-9]*[ABCDGK]|\r")


@pytest.mark.parametrize("words", [("list",), ("diff", "--since", "run:1"), ("try", "coop"), ("crawl",)], ids=" ".join)
def test_a_terminal_is_steered_by_us_alone(bitten: Bitten, words: Sequence[str]) -> None:
    seen = bitten.desk.on_a_terminal(*words, columns=100)
    assert seen.code in (0, 1)
    harmless(Said(seen.code, OURS.sub("", seen.out), ""))


def test_what_was_printed_is_kept_as_it_was_but_for_what_no_text_may_hold(bitten: Bitten) -> None:
    conn = sqlite3.connect(f"file:{bitten.desk.archive}?mode=ro", uri=True)
    titles = dict(conn.execute("SELECT number, title FROM entries WHERE source = 'coop'").fetchall())
    links = [link for (link,) in conn.execute("SELECT link FROM entries WHERE link IS NOT NULL")]
    conn.close()
    for n, (name, text) in enumerate(NAUGHTY.items(), start=1):
        # By the HTML standard a carriage return is a line feed, and the parser drops NUL.
        edit = EDIT if n % 3 == 0 else ""
        sent = f"{text}{edit}".replace("\r", "\n").replace("\x00", "")
        assert titles[n] == lines(sent).replace("\n", " "), name
    assert all(link.lower().startswith(("http://", "https://")) for link in links)
    assert not any(re.search(r"[\x00-\x20\x7f]", link) for link in links)


def test_the_archive_is_sound_and_comes_out_of_a_rebuild_as_it_was(bitten: Bitten) -> None:
    assert bitten.desk.type("check").code == 0
    said = bitten.desk.type("rebuild", "--dry-run")
    assert said.out.count("nothing differs") == 2, said.out


@contextmanager
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    """A webhook on loopback, and what it was sent."""
    took: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            took.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook", took
        server.shutdown()
        thread.join()


def test_a_message_to_a_webhook_steers_nobody_who_reads_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with World() as world, receiver() as (hook, took):
        world.put("/news", listing(biting()[:45]))
        settings = selectors({"coop": world.url("/news")}, world.allow)
        desk.settings(f'{settings}\n[notify]\nwebhook = "{hook}"\n')
        assert desk.type("crawl").code == 0
    (body,) = took
    message = json.loads(body)
    assert len(message["lines"]) == 45
    harmless(Said(0, message["text"] + message["subject"], ""))


# -- without end


def test_a_title_of_nine_million_characters_is_doubted_not_believed_and_needs_no_200_mb(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with World() as world:
        desk.settings(selectors({"coop": world.url("/news")}, world.allow))
        world.put("/news", listing([item("a", "/a", ""), item("x" * 9_000_000, "/b", ""), item("c", "/c", "")]))
        said = desk.type("crawl")
        assert said.code == 3
        harmless(said)
        assert "a text of it has 9,000,000 characters; at most 4,000,000 are" in said.err
        assert len(said.err) < 2_000
        for words in (("list",), ("status",), ("check",)):
            said = desk.type(*words)
            assert said.code == 0
            assert len(said.out) < 2_000
        assert len(desk.bytes("list", "--format", "json")) < 100
        # Nothing was believed, so there is nothing to compare with but the page itself.
        world.put("/news", listing([item("a", "/a", "b"), item("x" * 900_000, "/b", ""), item("c", "/c", "")]))
        said = desk.type("crawl")
        assert said.code == 0, said.err
        assert len(desk.type("list").out) < 20_000
        entries = desk.type("list", "--format", "json").json()
        assert [len(entry["title"]) for entry in entries] == [1, 900_000, 1]
        assert desk.type("check").code == 0
