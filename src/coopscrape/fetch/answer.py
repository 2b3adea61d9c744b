"""The head of an answer, and a way to its body, in; a Page, a Moved or a Miss out. Only fetch/client.py calls it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from coopscrape.fetch import decode
from coopscrape.fetch.guard import Budget
from coopscrape.fetch.retry_after import retry_after
from coopscrape.fetch.revalidate import revived, validators
from coopscrape.fetch.trouble import Trouble
from coopscrape.model import Manners, Miss, Moved, Page, Purpose, Request, Why, stamp

SIGNALS = ("x-robots-tag", "tdm-reservation", "content-usage", "content-signal")
MAX_ROBOTS = 2**20  # bytes of a robots.txt that are looked at; RFC 9309 section 2.5 asks for half of it at least
READ = 64 * 2**10  # bytes that are read at once
FRAMING = 2**20  # bytes of head and framing that are more than the body itself; chunks of a byte cost a second each

_WHOLE = frozenset({200, 203})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """The head; `chunks` reads the body as sent, once, and raises Trouble if it is not whole at its end."""

    status: int
    reason: str
    headers: Mapping[str, Sequence[bytes]]  # names in lower case
    chunks: Callable[[], Iterator[bytes]]
    budget: Budget

    def values(self, name: str) -> list[str]:
        """ISO 8859-1 gives every byte back as it came: what is sent again (an ETag) is sent verbatim."""
        return [value.decode("latin-1").strip() for value in self.headers.get(name, ())]

    def value(self, name: str) -> str | None:
        return next((value for value in self.values(name) if value), None)

    def texts(self, name: str) -> list[str]:
        """For values that are read rather than sent back: UTF-8, as they mostly are beyond ASCII."""
        return [value.decode("utf-8", "replace").strip() for value in self.headers.get(name, ())]


def outcome(request: Request, manners: Manners, answer: Answer, clock: Callable[[], float]) -> Page | Moved | Miss:
    """What the answer means. Reads the body of a page only; Trouble if that is not whole, too large or too late."""
    if answer.status in _WHOLE:
        return _page(request, _body(request, manners, answer), answer, clock())
    if answer.status == 304 and request.remembered is not None and validators(request.remembered):
        return _unchanged(request, request.remembered, answer, clock)
    if answer.status in _REDIRECTS:
        return _moved(request, answer, clock())
    return _refused(request, Why.STATUS, f"answered {answer.status} {answer.reason}".strip(), answer, clock())


def missed(request: Request, trouble: Trouble, budget: Budget, now: float) -> Miss:
    """Trouble, as the value that it is everywhere else."""
    return Miss(
        asked=request.asked,
        url=request.url,
        why=trouble.why,
        detail=trouble.detail,
        fetched_at=stamp(now),
        wire_bytes=budget.body,
        elapsed=budget.elapsed,
        sent=trouble.sent,
    )


# -- by status ------------------------------------------------------------------------------------


def _page(request: Request, body: bytes, answer: Answer, now: float) -> Page:
    return Page(
        asked=request.asked,
        url=request.url,
        fetched_at=stamp(now),
        body=body,
        digest=hashlib.sha256(body).hexdigest(),
        status=answer.status,
        content_type=answer.value("content-type"),
        etag=answer.value("etag"),
        last_modified=answer.value("last-modified"),
        wire_bytes=answer.budget.body,
        elapsed=answer.budget.elapsed,
        signals=_signals(answer),
    )


def _unchanged(request: Request, remembered: Page, answer: Answer, clock: Callable[[], float]) -> Page:
    for _ in answer.chunks():  # a 304 has no body; to ask for it shows that nothing else follows
        pass
    return revived(
        remembered,
        request,
        fetched_at=stamp(clock()),
        elapsed=answer.budget.elapsed,
        wire_bytes=answer.budget.body,
        etag=answer.value("etag"),
        last_modified=answer.value("last-modified"),
        signals=_signals(answer),
    )


def _moved(request: Request, answer: Answer, now: float) -> Moved | Miss:
    places = {text for text in answer.texts("location") if text}
    if len(places) != 1:
        detail = f"answered {answer.status} with {len(places)} different locations, usually 1"
        return _refused(request, Why.REDIRECT, detail, answer, now)
    try:
        location = urldefrag(urljoin(request.url, places.pop())).url
    except ValueError as error:
        detail = f"answered {answer.status} with a location that is no url: {error}"
        return _refused(request, Why.REDIRECT, detail, answer, now)
    return Moved(
        asked=request.asked,
        url=request.url,
        location=location,
        status=answer.status,
        fetched_at=stamp(now),
        retry_after=_pause(answer, now),
        elapsed=answer.budget.elapsed,
    )


def _refused(request: Request, why: Why, detail: str, answer: Answer, now: float) -> Miss:
    return Miss(
        asked=request.asked,
        url=request.url,
        why=why,
        detail=detail,
        fetched_at=stamp(now),
        status=answer.status,
        retry_after=_pause(answer, now),
        elapsed=answer.budget.elapsed,
    )


def _pause(answer: Answer, now: float) -> float | None:
    """Several Retry-After headers: the longest pause."""
    pauses = (retry_after(text, now) for text in answer.values("retry-after"))
    return max((pause for pause in pauses if pause is not None), default=None)


def _signals(answer: Answer) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name in SIGNALS for text in answer.texts(name))


# -- the body -------------------------------------------------------------------------------------


def _body(request: Request, manners: Manners, answer: Answer) -> bytes:
    """Whole and decoded, or Trouble. A robots.txt is cut instead (RFC 9309 section 2.5)."""
    coding = decode.coding_of(answer.values("content-encoding"))
    if request.purpose is Purpose.ROBOTS:
        chunks = _counted(answer, min(MAX_ROBOTS + READ, manners.max_wire))
        return decode.decoded(chunks, coding, min(MAX_ROBOTS, manners.max_body), cut=True)
    _check_announced(answer, manners.max_wire)
    body = decode.decoded(_counted(answer, manners.max_wire), coding, manners.max_body)
    _check_whole(answer, coding, body)
    return body


def _check_announced(answer: Answer, most: int) -> None:
    announced = answer.value("content-length") or ""
    if announced.isdecimal() and int(announced[:20]) > most:
        raise Trouble(Why.TOO_LARGE, f"{int(announced[:20]):,} bytes of body announced, at most {most:,} are read")


def _counted(answer: Answer, most: int) -> Iterator[bytes]:
    for chunk in answer.chunks():
        answer.budget.body += len(chunk)
        yield chunk
        if answer.budget.body > most:
            raise Trouble(Why.TOO_LARGE, f"more than {most:,} bytes of body as sent")
        if answer.budget.received > 2 * answer.budget.body + FRAMING:
            raise Trouble(Why.TOO_LARGE, f"{answer.budget.received:,} bytes for {answer.budget.body:,} of body")


def _check_whole(answer: Answer, coding: str, body: bytes) -> None:
    """RFC 9112 section 8 takes the end of a connection for the end of a body. But so ends a server that has just died:
    without a length, chunks or a coding that has an end of its own, the document itself must show one."""
    framed = coding != "identity" or not {"content-length", "transfer-encoding"}.isdisjoint(answer.headers)
    if not framed and b"</html>" not in body[-2048:].lower():
        missing = "no Content-Length, no chunks, no content coding, no </html>"
        raise Trouble(Why.TRUNCATED, f"nothing shows that these {len(body):,} bytes are all: {missing}")
