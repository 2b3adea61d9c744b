"""The rules of a robots.txt in, whether they let a url be asked for out (RFC 9309 section 2.2.2). Pure; for robots.py.

Protego would do this too, but lets pass what is forbidden: it opens `/` where `/index.html` is allowed, takes `%E4` for
`%E5`, and `?a=https://b` for another query than `?a=https%3A%2F%2Fb`. And a url is judged as it goes out, without
`/../`, which a link may well have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

Rule = tuple[str, str]  # "allow" or "disallow", and the path as it is written

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_ANY = "\u0200"  # `*` of a rule; beyond what octets and their marks can be
_APART = (
    0x100  # added to an escaped `/` or `?` of the path: it parts nothing, so it is another octet than the plain one
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """The path of one rule: what stands between its `*`, and whether it ends where the url ends (`$`)."""

    parts: tuple[str, ...]
    anchored: bool
    allow: bool
    octets: int  # the longest match decides

    def matches(self, octets: str) -> bool:
        """In one pass: each part is taken where it first fits, so that no rule is dear."""
        first, *rest = self.parts
        if not octets.startswith(first):
            return False
        if not rest:
            return not self.anchored or octets == first
        at = len(first)
        for part in rest[:-1]:
            at = octets.find(part, at) + len(part)
            if at < len(part):  # find said -1
                return False
        return octets[at:].endswith(rest[-1]) if self.anchored else rest[-1] in octets[at:]


def patterns(rules: Iterable[Rule]) -> tuple[Pattern, ...]:
    """The longest first, and of two that are equally long the one that allows. A rule without a path says nothing."""
    made = (_pattern(field == "allow", path) for field, path in rules if path)
    return tuple(sorted(made, key=lambda one: (-one.octets, not one.allow)))


def allowed(ordered: Iterable[Pattern], url: str) -> bool:
    """What no rule matches is allowed. Raises ValueError for what is no url."""
    octets = _octets_of(url)
    return next((pattern.allow for pattern in ordered if pattern.matches(octets)), True)


def _pattern(allow: bool, path: str) -> Pattern:
    anchored = path.endswith("$")
    octets = _octets(path.removesuffix("$"), wild=True)
    return Pattern(tuple(octets.split(_ANY)), anchored, allow, len(octets) + anchored)


def _octets_of(url: str) -> str:
    parts = urlsplit(url)
    path = _resolved(parts.path)
    return _octets(f"{path}?{parts.query}" if "?" in url.partition("#")[0] else path)


def _resolved(path: str) -> str:
    """RFC 3986 section 5.2.4, as whoever sends or serves the url will do it: `/public/../list` is `/list`."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        plain = re.sub("%2e", ".", segment, flags=re.IGNORECASE)
        if plain == "..":
            del kept[-1:]
        elif plain != ".":
            kept.append(segment)
    folder = bool(segments) and re.sub("%2e", ".", segments[-1], flags=re.IGNORECASE) in (".", "..")
    return "/" + "/".join([*kept, ""] if folder else kept)


def _octets(text: str, *, wild: bool = False) -> str:
    """One character an octet, so that all spellings of a path are equal: `ä`, `%C3%A4` and `%c3%a4`; `=` and `%3D`."""
    raw = text.encode("utf-8", "surrogatepass").decode("latin-1")
    path, mark, query = (raw.replace("*", _ANY) if wild else raw).partition("?")
    return _ESCAPE.sub(_octet_of_path, path) + mark + _ESCAPE.sub(_octet, query)


def _octet(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16))


def _octet_of_path(escape: re.Match[str]) -> str:
    octet = _octet(escape)
    return chr(ord(octet) + _APART) if octet in "/?" else octet
