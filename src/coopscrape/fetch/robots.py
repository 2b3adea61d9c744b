"""What came of asking for robots.txt in, model.Rules out (RFC 9309). Pure; for run/, the agenda asks the rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from coopscrape.fetch.robots_paths import Pattern, Rule, allowed, patterns
from coopscrape.model import Miss, Page, Signals, Why, Window

MAX_PARSED = 500 * 2**10  # bytes; section 2.5 asks for no less
A_YEAR = 365 * 86_400.0  # no delay is longer, so that a moment and a delay add up to a date

_EMPTY = frozenset({204, 205})  # a success without a body: no rules


@dataclass(frozen=True)
class RobotsRules:
    """What one robots.txt says to us: the rules of our own groups, delay, hours and signals; or why the host is closed."""

    closed: str | None = None
    delay: float | None = None  # seconds
    windows: tuple[Window, ...] = ()
    signals: Signals = ()
    rules: tuple[Rule, ...] = ()

    def allows(self, url: str) -> bool:
        """The longest match decides, Allow wins a tie (section 2.2.2). /robots.txt itself may always be asked for."""
        try:
            if urlsplit(url).path == "/robots.txt":
                return True
            return self.closed is None and allowed(self._patterns, url)
        except ValueError:  # no url at all
            return False

    @cached_property
    def _patterns(self) -> tuple[Pattern, ...]:
        return patterns(self.rules)


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
    return RobotsRules(
        delay=_delay(ours),
        windows=_windows(ours),
        signals=tuple(dict.fromkeys((f"robots.txt:{field}", value) for field, value in ours if field in _SIGNALS)),
        rules=tuple((field, value) for field, value in ours if field in ("allow", "disallow")),
    )


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

# How people spell what they mean. Only what is known here ends the names of a group (section 2.2.4).
_SPELLINGS: Final = {
    "user-agent": r"user[ -]?agent",
    "disallow": r"disallow|dissallow|dissalow|disalow|diasllow|disallaw",
    "allow": r"allow",
    "crawl-delay": r"crawl[ -]delay",
    "request-rate": r"request[ -]rate",
    "visit-time": r"visit[ -]time",
    "content-usage": r"content[ -]usage",
    "content-signal": r"content[ -]signals?",
}
_SIGNALS: Final = ("content-usage", "content-signal")
_RECORD = re.compile(
    "(?:"
    + "|".join(f"(?P<{name.replace('-', '_')}>{words})" for name, words in _SPELLINGS.items())
    + r")(?:\s*:|\s|$)",
    re.IGNORECASE,
)
_LINE_END = re.compile(r"\r\n?|\n")  # RFC 9309 section 2.2: EOL
_PRODUCT = re.compile(r"\*(?=\s|$)|[\w-]+")

_Record = tuple[str, str]


def _records(text: str) -> Iterator[_Record]:
    """The lines that we know, as (field, value). What we do not know must not interfere (section 2.2.4)."""
    for line in _LINE_END.split(text):
        bare = line.partition("#")[0].strip()
        if found := _RECORD.match(bare):
            yield (found.lastgroup or "").replace("_", "-"), bare[found.end() :].strip()


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

_WISH = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*([a-z]*)", re.IGNORECASE)
_RATE = re.compile(r"([0-9]{1,9})\s*/\s*([0-9]{1,9}(?:\.[0-9]+)?)\s*([a-z]*)", re.IGNORECASE)
_UNITS: Final = {"ms": 0.001, "mi": 60.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


def _delay(records: Iterable[_Record]) -> float | None:
    """Neither is in RFC 9309, both are wishes that can be met. Of several the slowest, at any hour of the day."""
    delays = (_DELAYS[field](value) for field, value in records if field in _DELAYS)
    return max((min(delay, A_YEAR) for delay in delays if delay is not None), default=None)


def _crawl_delay(value: str) -> float | None:
    """`10`, `0.5`, `1e3`, and what people make of it: `5s`, `1,5`, `2 minutes`."""
    try:
        seconds = float(value)
    except ValueError:
        found = _WISH.match(value)
        return float(found[1].replace(",", ".")) * _unit(found[2]) if found else None
    return seconds if seconds >= 0 else None  # nan is not, either


def _request_rate(value: str) -> float | None:
    """`1/10m 1300-1659`: one request in ten minutes. The hours are no reason to be faster outside them."""
    found = _RATE.match(value)
    if found is None or int(found[1]) == 0:
        return None
    return float(found[2]) * _unit(found[3]) / int(found[1])


def _unit(word: str) -> float:
    return _UNITS.get(word[:2].lower()) or _UNITS.get(word[:1].lower(), 1.0)


_DELAYS: Final[Mapping[str, Callable[[str], float | None]]] = {
    "crawl-delay": _crawl_delay,
    "request-rate": _request_rate,
}

# -- the hours ------------------------------------------------------------------------------------

_HOURS = re.compile(r"([0-9]{1,2}):?([0-9]{2})\s*(?:-|\s)\s*([0-9]{1,2}):?([0-9]{2})(?![0-9:])")
_DAY = 24 * 60  # minutes


def _windows(records: Iterable[_Record]) -> tuple[Window, ...]:
    """Visit-time, which is not in RFC 9309 either. Several lines are several windows; what is no time is ignored."""
    found = (_HOURS.match(value) for field, value in records if field == "visit-time")
    times = (tuple(map(int, one.groups())) for one in found if one)
    return tuple(
        dict.fromkeys((h * 60 + m, h2 * 60 + m2) for h, m, h2, m2 in times if _is_time(h, m) and _is_time(h2, m2))
    )


def _is_time(hours: int, minutes: int) -> bool:
    return minutes < 60 and hours * 60 + minutes <= _DAY
