"""What came of asking for robots.txt in, model.Rules out (RFC 9309). Pure; for run/, the agenda asks the rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, urlsplit

from protego import Protego

from coopscrape.model import Miss, Page, Why

MAX_PARSED = 500 * 2**10  # bytes; section 2.5 asks for no less
A_YEAR = 365 * 86_400.0  # no delay is longer, so that a moment and a delay add up to a date

_EMPTY = frozenset({204, 205})  # a success without a body: no rules


@dataclass(frozen=True)
class RobotsRules:
    """What one robots.txt says to us: the rules of our own groups, as text; the delay; or why the host is closed."""

    closed: str | None = None
    delay: float | None = None  # seconds
    rules: str = ""  # lines `Allow: ...` and `Disallow: ...`

    def allows(self, url: str) -> bool:
        """The longest match decides, Allow wins a tie (section 2.2.2). /robots.txt itself may always be asked for."""
        try:
            if urlsplit(url).path == "/robots.txt":
                return True
            return self.closed is None and bool(self._protego.can_fetch(url, "*"))
        except ValueError:  # no url at all
            return False

    @cached_property
    def _protego(self) -> Protego:
        return Protego.parse(f"User-agent: *\n{self.rules}")

    def __getstate__(self) -> dict[str, object]:
        """What is pickled: the text; the parser is made again from it."""
        return {"closed": self.closed, "delay": self.delay, "rules": self.rules}


def read_rules(outcome: Page | Miss, token: str = "coopscrape") -> RobotsRules:  # noqa: S107 - a product token
    """A success is obeyed, a 4xx other than 429 means no rules, and all else that the host is left alone (2.3.1)."""
    if isinstance(outcome, Page):
        return _read(outcome, token.lower())
    return RobotsRules(closed=_closed(outcome))


def _closed(miss: Miss) -> str | None:
    status = miss.status
    if miss.why is not Why.STATUS or status is None:
        return f"robots.txt could not be read ({miss.why.value}): {miss.detail}"
    if status in _EMPTY or (400 <= status <= 499 and status != 429):
        return None
    return f"robots.txt answered {status}, so nothing is asked (RFC 9309 section 2.3.1.4)"


def _read(page: Page, token: str) -> RobotsRules:
    text = _beginning(page.body).decode("utf-8-sig", "replace")
    if _is_html(page, text):
        return RobotsRules()
    ours = _ours(_records(text), token)
    rules = "".join(f"{field}: {value}\n" for field, value in ours if field in ("allow", "disallow"))
    return RobotsRules(delay=_delay(ours), rules=rules)


def _beginning(body: bytes) -> bytes:
    """At most MAX_PARSED bytes, of whole lines: half a path would forbid too much, or allow it."""
    head = body[:MAX_PARSED]
    return head if len(body) <= MAX_PARSED else head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1]


_MARKUP = re.compile(r"\s*<(?:[!?]|/?[a-z])", re.IGNORECASE)
_DOCUMENT = re.compile(r"<(?:!doctype|html|head|body|title|script)\b", re.IGNORECASE)


def _is_html(page: Page, text: str) -> bool:
    """A page in place of the rules: an error page that says 200, a login, the site's front."""
    says_html = (page.content_type or "").strip().lower().startswith(("text/html", "application/xhtml"))
    return bool(_MARKUP.match(text)) or (says_html and bool(_DOCUMENT.search(text)))


# -- the groups that are ours ---------------------------------------------------------------------

# Protego matches a group to a User-Agent by its beginning, so that `coop` would speak for coopscrape. Hence groups are
# made here, by exact product token, and Protego does what it does well: it matches paths. The spellings are its own.
_SPELLINGS = {
    "user-agent": r"user[ -]?agent",
    "disallow": r"disallow|dissallow|dissalow|disalow|diasllow|disallaw",
    "allow": r"allow",
    "crawl-delay": r"crawl[ -]delay",
    "request-rate": r"request[ -]rate",
    "visit-time": r"visit[ -]time",
}
_RECORD = re.compile(
    "(?:"
    + "|".join(f"(?P<{name.replace('-', '_')}>{words})" for name, words in _SPELLINGS.items())
    + r")(?:\s*:|\s|$)",
    re.IGNORECASE,
)
_LINE_END = re.compile(r"\r\n?|\n")  # RFC 9309 section 2.2: EOL
_OTHER_LINE_END = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")  # str.splitlines, as Protego uses it, knows more
_PRODUCT = re.compile(r"\*(?=\s|$)|[\w-]+")

_Record = tuple[str, str]


def _records(text: str) -> Iterator[_Record]:
    """The lines that we know, as (field, value). What we do not know must not interfere (section 2.2.4)."""
    for line in _LINE_END.split(text):
        bare = line.partition("#")[0].strip()
        if found := _RECORD.match(bare):
            field = (found.lastgroup or "").replace("_", "-")
            yield field, _OTHER_LINE_END.sub(lambda end: quote(end[0]), bare[found.end() :].strip())


def _ours(records: Iterable[_Record], token: str) -> list[_Record]:
    """All groups that name the token, merged; if there is none, those that name `*` (section 2.2.1)."""
    lines: dict[str, list[_Record]] = {}
    agents: set[str] = set()
    naming = False
    for field, value in records:
        if field == "user-agent":
            agents = {*(agents if naming else ()), _product(value)}
            lines.update((agent, []) for agent in agents & {token, "*"} if agent not in lines)
        else:
            for agent in agents & lines.keys():
                lines[agent].append((field, value))
        naming = field == "user-agent"
    return lines.get(token, lines.get("*", []))


def _product(value: str) -> str:
    """`Coopscrape/1.0 (polite)` -> `coopscrape`."""
    found = _PRODUCT.match(value)
    return found[0].lower() if found else ""


# -- the delay ------------------------------------------------------------------------------------

_RATE = re.compile(r"(\d{1,9})\s*/\s*(\d{1,9})\s*([smhd]?)", re.ASCII | re.IGNORECASE)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}


def _delay(records: Iterable[_Record]) -> float | None:
    """Neither is in RFC 9309, both are wishes that can be met. Of several the slowest; hours of the day are ignored."""
    readers = {"crawl-delay": _crawl_delay, "request-rate": _request_rate}
    delays = (readers[field](value) for field, value in records if field in readers)
    return max((min(delay, A_YEAR) for delay in delays if delay is not None), default=None)


def _crawl_delay(value: str) -> float | None:
    try:
        seconds = float(value.split()[0])
    except (ValueError, IndexError):
        return None
    return seconds if seconds >= 0 else None  # nan is not, either


def _request_rate(value: str) -> float | None:
    """`1/10m 1300-1659`: one request in ten minutes."""
    found = _RATE.match(value)
    if found is None or int(found[1]) == 0:
        return None
    return int(found[2]) * _SECONDS[found[3].lower()] / int(found[1])
