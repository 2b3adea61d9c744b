"""What ends a fetch, on its way to becoming a Miss. Raised and caught in this room; outside trouble is a value."""

from __future__ import annotations

from coopscrape.model import Why


class Trouble(Exception):
    """`sent` is False if nothing went to the host, not even an attempt to connect."""

    def __init__(self, why: Why, detail: str, *, sent: bool = True) -> None:
        super().__init__(detail)
        self.why = why
        self.detail = detail
        self.sent = sent
