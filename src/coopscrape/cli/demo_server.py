"""The bundled listing, in one of its states, over real HTTP on 127.0.0.1. For `coopscrape demo` only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import Thread
from typing import Final

from coopscrape.errors import CoopscrapeError

STATES: Final = ("2018-06-20", "2018-06-27")
PAGES: Final = {
    "/global/topics/cooperatives/news/lang--en/index.htm": "page1.html",
    "/global/topics/cooperatives/news/lang--en/nextRow--10/index.htm": "page2.html",
}


class Listing(ThreadingHTTPServer):
    """`state` is the day whose pages are served."""

    daemon_threads = True
    state = STATES[0]

    def page(self, path: str) -> bytes | None:
        name = PAGES.get(path)
        file = files("coopscrape.cli") / "demo_site" / self.state / (name or "")
        return file.read_bytes() if name and file.is_file() else None

    def handle_error(self, request: object, client_address: object) -> None:
        """A visitor who hangs up is no news."""


class Visitor(BaseHTTPRequestHandler):
    """One who asks. A page that he has already is not sent again."""

    protocol_version = "HTTP/1.1"
    server: Listing

    def do_GET(self) -> None:
        body = self.server.page(self.path)
        if body is None:
            self._answer(HTTPStatus.NOT_FOUND, b"<!doctype html><title>Not found</title>")
            return
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if self.headers.get("If-None-Match") == tag:
            self._answer(HTTPStatus.NOT_MODIFIED, None, tag)
        else:
            self._answer(HTTPStatus.OK, body, tag)

    def _answer(self, status: HTTPStatus, body: bytes | None, tag: str | None = None) -> None:
        self.send_response(status)
        if tag:
            self.send_header("ETag", tag)
        if body is not None:
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, RUF100
        """No access log: what was asked stands in the archive."""


@contextmanager
def serving(port: int) -> Iterator[Listing]:
    """Serves while the block lasts; port 0 is any that is free."""
    try:
        listing = Listing(("127.0.0.1", port), Visitor)
    except OSError as error:
        raise CoopscrapeError(f"port {port} of 127.0.0.1 cannot be used: {error.strerror}; leave out --port") from error
    thread = Thread(target=listing.serve_forever, args=(0.05,), name="demo", daemon=True)
    thread.start()
    try:
        yield listing
    finally:
        listing.shutdown()
        listing.server_close()
