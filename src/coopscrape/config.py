"""selectors.toml -> Config, or all its mistakes at once, each naming file, table, key, what was expected, what stood.

Reads one file, asks nothing else. What a selector, a pattern or a date format may be is known to extract/ alone,
so whoever calls brings the judges along (`Judges`).
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from coopscrape.errors import ArchiveError, SettingsError
from coopscrape.model import (
    FEED_EXTRA,
    Feed,
    Field,
    Follow,
    KeyRule,
    Layout,
    Limits,
    Origin,
    Paging,
    Reading,
    Skip,
    Source,
    Strategy,
    Text,
    Way,
    host_of,
)

# Part of every recipe: raised when a release reads the same page with the same settings differently, so that the
# archive is rebuilt and an upgrade never looks like a change of the site.
SEMANTICS: Final = 3

NEWEST_FIRST: Final = "newest-first"
STANDARD_FIELDS: Final = ("number", "category", "title", "date", "summary", "link")
TAKEN: Final = (*STANDARD_FIELDS, "date_text")  # names that no other field may have
SHORTEST_PUBLIC_DELAY: Final = 1.0  # seconds; less is only for hosts that are yours, listed in [network] allow

Fault = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Judges:
    """Say in words what is wrong with a selector, a pattern, a date format; None if nothing is."""

    selector: Fault
    pattern: Fault
    date_format: Fault
    group: Callable[[str, str | int], str | None]  # of a pattern
    replacement: Callable[[str, str], str | None]  # of what a pattern matches


@dataclass(frozen=True, slots=True)
class Config:
    """All that selectors.toml says."""

    path: Path
    contact: str | None
    sources: Mapping[str, Source]
    allow: frozenset[str] = frozenset()
    deadline: float | None = None  # seconds for one fetch, if another than usual
    webhook: str | None = None


def load(path: Path, judges: Judges, *, contacting: bool = False) -> Config:
    """Read a selectors.toml. `contacting`: sites are about to be asked, so somebody must be named whom they can ask.

    Raises SettingsError with every mistake of the file.
    """
    document = _read(path)
    mistakes: list[str] = []
    config = _config(path, document, Place(path.name, mistakes), judges)
    if contacting:
        told = any(": [coopscrape] contact:" in words for words in mistakes)
        mistakes += [] if told else _no_contact(config, _urls(document))
    if mistakes:
        raise SettingsError(mistakes)
    return config


def recall(name: str, settings: str, judges: Judges) -> Source:
    """A source as the log remembers it (`Source.settings`). Raises ArchiveError: it is damaged, for it was checked once."""
    mistakes: list[str] = []
    place = Place("the archive's recipe", mistakes).inner(f"sources.{name}")
    try:
        source = _source(name, json.loads(settings), {}, place, judges)
    except (ValueError, RecursionError) as error:
        raise ArchiveError(f"{place.file} of {name} is damaged ({error}); see `coopscrape check`") from error
    if mistakes or source is None:
        raise ArchiveError("; ".join(mistakes) or f"{place.file} of {name} is damaged; see `coopscrape check`")
    return source


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError([f"{path}: there is no such file. `coopscrape init` writes one."]) from None
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise SettingsError([f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8"]) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError([f"{path}: not TOML: {_toml_fault(path, str(error)) or 'nested too deeply'}"]) from error
    except ValueError as error:  # Python reads no number of more than 4,300 digits
        raise SettingsError([f"{path}: holds a number that cannot be read: {error}"]) from error


def _toml_fault(path: Path, said: str) -> str:
    """What stands twice, by its name: the parser tells only where."""
    at = re.search(r"\(at (?:line (\d+), column \d+|end of document)\)", said)
    if at is None or not re.match(r"Cannot (?:overwrite a value|declare .* twice)", said):
        return said
    lines = path.read_text("utf-8-sig").split("\n")
    number = int(at[1] or len(lines))
    line = lines[number - 1].strip()
    twice = line if line.startswith("[") else line.partition("=")[0].strip()
    return _on_one_line(f"{twice} stands in it twice, the second time in line {number}")


# -- places and mistakes ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file we are, and the list that mistakes go to."""

    file: str
    mistakes: list[str]
    table: str = ""
    key: str = ""

    def inner(self, table: str) -> Place:
        return replace(self, table=table, key="")

    def at(self, key: str) -> Place:
        return replace(self, key=f"{self.key}.{key}" if self.key else key)

    def wrong(self, words: str) -> None:
        where = " ".join(filter(None, (f"[{self.table}]" if self.table else "", self.key)))
        self.mistakes.append(_on_one_line(f"{self.file}: {where}: {words}" if where else f"{self.file}: {words}"))

    def expected(self, what: str, got: object) -> None:
        self.wrong(f"expected {what}, not {_shown(got)}")


def _on_one_line(words: str) -> str:
    """A key may be any text, line breaks and all; shown as TOML writes it in quotes."""
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in words)


def _shown(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except ValueError:  # a number of thousands of digits, which Python does not spell out
        return "a number that long"
    return text if len(text) <= 60 else text[:57] + "..."


Check = Callable[[Any, Place], Any]


def _table(value: Any, place: Place, keys: Mapping[str, Check], needed: Sequence[str] = ()) -> dict[str, Any]:
    """The keys of a table, each checked; unknown and missing ones are mistakes. Keys with a mistake are left out."""
    if not isinstance(value, dict):
        place.expected("a table", value)
        return {}
    for key in value:
        if key not in keys:
            place.at(key).wrong(f"there is no such key{_did_you_mean(key, keys)}")
    for key in needed:
        if key not in value:
            place.at(key).wrong("is missing and needed")
    checked = {key: keys[key](given, place.at(key)) for key, given in value.items() if key in keys}
    return {key: good for key, good in checked.items() if good is not None}


def _did_you_mean(word: str, known: Mapping[str, object] | Sequence[str]) -> str:
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean `{near[0]}`?" if near else f" (known here: {', '.join(sorted(known))})"


# -- kinds of value ---------------------------------------------------------------------------------

_UNITS: Final = {
    **dict.fromkeys(("s", "sec", "second"), 1),
    **dict.fromkeys(("m", "min", "minute"), 60),
    **dict.fromkeys(("h", "hour"), 3600),
    **dict.fromkeys(("d", "day"), 86_400),
    **dict.fromkeys(("w", "week"), 604_800),
}


def duration(text: str) -> float | None:
    """`"5s"`, `"12h"`, `"30 days"` -> seconds; None if it is no duration."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", text.lower())
    if not match:
        return None
    plural = match[2].removesuffix("s") if len(match[2]) > 2 else ""  # "ms" is not minutes
    unit = _UNITS.get(match[2]) or _UNITS.get(plural)
    seconds = float(match[1]) * unit if unit else None
    return seconds if seconds is None or seconds <= 10 * 366 * 86_400 else None


def _string(value: Any, place: Place) -> str | None:
    if isinstance(value, str):
        return value
    place.expected("text in quotes", value)
    return None


def _filled(value: Any, place: Place) -> str | None:
    if isinstance(value, str) and value.strip():
        return value.strip()
    place.expected("text that is not empty", value)
    return None


def _seconds(value: Any, place: Place) -> float | None:
    seconds = duration(value) if isinstance(value, str) else None
    if seconds is None:
        place.expected('a duration such as "5s", "90 min", "12h" or "7 days"', value)
    return seconds


def _whole(low: int, high: int) -> Check:
    def check(value: Any, place: Place) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        place.expected(f"a whole number from {low} to {high:,}", value)
        return None

    return check


def _between(low: float, high: float) -> Check:
    def check(value: Any, place: Place) -> float | None:
        seconds = _seconds(value, place)
        if seconds is None or low <= seconds <= high:
            return seconds
        place.expected(f'a duration from "{low:g}s" to "{high:g}s"', value)
        return None

    return check


def _share(value: Any, place: Place) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    place.expected("a share from 0 to 1, such as 0.25", value)
    return None


def _flag(value: Any, place: Place) -> bool | None:
    if isinstance(value, bool):
        return value
    place.expected("true or false", value)
    return None


def _one_of(*words: str) -> Check:
    def check(value: Any, place: Place) -> str | None:
        if value in words:
            return str(value)
        place.expected(" or ".join(f'"{word}"' for word in words), value)
        return None

    return check


def _list_of(check: Check) -> Check:
    def check_all(value: Any, place: Place) -> tuple[Any, ...] | None:
        if not isinstance(value, list):
            place.expected("a list in square brackets", value)
            return None
        return tuple(good for i, one in enumerate(value, 1) if (good := check(one, place.at(f"({i})"))) is not None)

    return check_all


def _judged(fault: Fault) -> Check:
    def check(value: Any, place: Place) -> str | None:
        text = _string(value, place)
        if text is not None and (words := fault(text)):
            place.wrong(words)
            return None
        return text

    return check


def _url(value: Any, place: Place) -> str | None:
    words = url_fault(value)
    if words:
        place.expected(words, value)
        return None
    return str(value)


def url_fault(value: Any) -> str | None:
    """What was expected in its place; None if it is an address that a page may have."""
    if not isinstance(value, str):
        return "an address that begins with https:// or http://"
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good and value.startswith(("http://", "https://")):
        return "an address with a host, and a port (if any) from 1 to 65535"
    if not good:
        return "an address that begins with https:// or http://"
    if re.search("[\\s\x00-\x1f\ud800-\udfff]", value):
        return "an address without blanks (a blank is written %20), in UTF-8"
    if parts.username is not None or parts.password is not None:
        return "an address without a user name or password"
    return "an address without a #fragment" if parts.fragment else None


def _timezone(value: Any, place: Place) -> str | None:
    if isinstance(value, str):
        try:
            return value if value == "UTC" else ZoneInfo(value).key
        except (KeyError, ValueError, OSError):  # there is none of this name; a path, a folder
            pass
    place.expected('a time zone by its name, such as "Europe/Brussels" or "UTC"', value)
    return None


def _host_port(value: Any, place: Place) -> str | None:
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/@]+):(\d{1,5}|\*)", value) if isinstance(value, str) else None
    if match and (match[2] == "*" or 0 < int(match[2]) < 65_536):
        return str(value).lower()
    place.expected('a host and a port such as "127.0.0.1:8000" (or "127.0.0.1:*")', value)
    return None


def _host_name(value: Any, place: Place) -> str | None:
    if isinstance(value, str) and re.fullmatch(r"[^\s/:@]+", value):
        return value.lower()
    place.expected('a host name such as "www.ilo.org", without https:// and path', value)
    return None


# -- the file -----------------------------------------------------------------------------------------

_DEFAULTS: Final[Mapping[str, Check]] = {
    "delay": _seconds,
    "max_delay": _seconds,
    "every": _seconds,
    "full_every": _seconds,
    "max_pages": _whole(1, 100_000),
    "confirm_gone": _whole(1, 100),
    "language": _filled,
    "timezone": _timezone,
}

_NETWORK: Final[Mapping[str, Check]] = {"allow": _list_of(_host_port), "deadline": _between(1, 600)}


def _config(path: Path, document: dict[str, Any], place: Place, judges: Judges) -> Config:
    top = _table(
        document,
        place,
        {
            "coopscrape": lambda v, _: _table(v, place.inner("coopscrape"), {"contact": _string}),
            "defaults": lambda v, _: _table(v, place.inner("defaults"), _DEFAULTS) and v,
            "network": lambda v, _: _table(v, place.inner("network"), _NETWORK),
            "notify": lambda v, _: _table(v, place.inner("notify"), {"webhook": _url}),
            "sources": lambda v, p: v if isinstance(v, dict) else p.expected("tables [sources.NAME]", v),
        },
    )
    network = top.get("network", {})
    allow = frozenset(network.get("allow", ()))
    defaults = top.get("defaults") or {}
    sources = {}
    for name, block in (top.get("sources") or {}).items():
        inner = place.inner(f"sources.{name}")
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", name):
            inner.wrong("a source's name is made of letters, digits, '-', '_' and '.'")
        source = _source(name, block, defaults, inner, judges)
        _too_fast(block, defaults, allow, inner)
        if source is not None:
            sources[name] = source
    contact = str(top.get("coopscrape", {}).get("contact", "")).strip().removeprefix("mailto:") or None
    return Config(path, contact, sources, allow, network.get("deadline"), top.get("notify", {}).get("webhook"))


def _too_fast(block: Any, defaults: Mapping[str, Any], allow: frozenset[str], place: Place) -> None:
    given = {**defaults, **block} if isinstance(block, dict) else {}
    url, text = given.get("url"), given.get("delay")
    delay = duration(text) if isinstance(text, str) else None
    if delay is None or delay >= SHORTEST_PUBLIC_DELAY or url_fault(url) is not None:
        return
    if not is_own(str(url), allow):
        place.at("delay").expected(
            f"at least {SHORTEST_PUBLIC_DELAY:g}s (less only for hosts of your own, listed in [network] allow)", text
        )


def is_own(url: str, allow: frozenset[str]) -> bool:
    """Whether a url is on a host of one's own: loopback, or listed in [network] allow."""
    host, port = host_of(url), urlsplit(url).port or {"http": 80, "https": 443}.get(urlsplit(url).scheme)
    return _is_loopback(host) or bool({f"{host}:{port}", f"{host}:*"} & allow)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _urls(document: Mapping[str, Any]) -> list[str]:
    """The addresses of all sources, also of those with mistakes."""
    sources = document.get("sources")
    blocks = sources.values() if isinstance(sources, dict) else ()
    return [block["url"] for block in blocks if isinstance(block, dict) and url_fault(block.get("url")) is None]


def _no_contact(config: Config, urls: Sequence[str]) -> list[str]:
    example = 'contact = "https://example.org/about-our-archive"'
    if config.contact is None:
        if all(_is_loopback(host_of(url)) for url in urls):
            return []
        return [
            f"{config.path.name}: [coopscrape] contact: is missing: the sites that you ask must be able to reach you. "
            f"Add, with a page or mail address of yours: {example}"
        ]
    if not is_contact(config.contact):
        return [
            f"{config.path.name}: [coopscrape] contact: expected a web or mail address of yours, in ASCII, "
            f"not {_shown(config.contact)}; for example: {example}"
        ]
    return []


def is_contact(text: str) -> bool:
    """It goes into a header, so it is ASCII (other letters as `xn--` or `%C3%BC`), without what could end a comment there."""
    return bool(re.fullmatch(rf"https?://{_IN_URL}+|{_IN_MAIL}+@{_IN_MAIL}+", text))


_IN_URL: Final = r"(?:(?![()<>\\])[!-~])"
_IN_MAIL: Final = r"(?:(?![@()<>;\\])[!-~])"


# -- a source -----------------------------------------------------------------------------------------


def _source(name: str, block: Any, defaults: Mapping[str, Any], place: Place, judges: Judges) -> Source | None:
    before = len(place.mistakes)
    selector, pattern = _judged(judges.selector), _judged(judges.pattern)
    given = {**defaults, **block} if isinstance(block, dict) else block
    keys: dict[str, Check] = {
        **_DEFAULTS,
        "kind": _one_of("html", "feed"),
        "title": _filled,
        "url": _url,
        "hosts": _list_of(_host_name),
        "key": lambda v, p: _key(v, p, pattern),
        "robots": _one_of("obey", "ignore"),
        "robots_reason": _filled,
        "doubt": _limits,
        "follow": lambda v, p: _follow(v, p.inner(f"{p.table}.follow"), judges, selector),
    }
    is_feed = isinstance(block, dict) and block.get("kind") == "feed"
    keys |= _OF_FEEDS if is_feed else _of_pages(judges, selector)
    checked = _table(block, place, keys, needed=("url",) if is_feed else ("url", "layouts"))
    checked |= _inherited(block, defaults)
    ignored = _robots(checked, place)
    key = checked.get("key", KeyRule(("id",)) if is_feed else KeyRule())
    if is_feed:
        _in_a_feed(key, place)
    else:
        _known_parts(given, key, place)
    _names_of_their_own(given, checked, place)
    if "full_every" in _keys_of(block) and "order" not in _keys_of(block):
        place.at("full_every").wrong(f'goes with order = "{NEWEST_FIRST}" only: without it every walk goes to the end')
    if len(place.mistakes) > before or "url" not in checked:
        return None
    paging = checked.get("pages", Paging(Strategy.NEXT) if is_feed else Paging())
    reading = Reading(
        layouts=checked.get("layouts", ()),
        key=key,
        language=checked.get("language", "en"),
        timezone=checked.get("timezone"),
        must_contain=checked.get("must_contain"),
        next=paging.next,
        feed=Feed(**{k: checked[k] for k in ("timezone", "extra") if k in checked}) if is_feed else None,
    )
    source = Source(
        name=name,
        title=checked.get("title", name),
        url=checked["url"],
        reading=reading,
        paging=paging,
        hosts=checked.get("hosts", ()),
        doubt=checked.get("doubt", Limits()),
        newest_first=checked.get("order") == NEWEST_FIRST,
        follow=_speaking(checked["follow"], reading) if "follow" in checked else None,
        robots_ignored=ignored,
        # In its order; str: a default with a mistake.
        settings=json.dumps(_kept(given), ensure_ascii=False, default=str),
        **{key: checked[key] for key in _AS_GIVEN if key in checked},
    )
    return replace(source, recipe=_recipe(source))


def _of_pages(judges: Judges, selector: Check) -> dict[str, Check]:
    """What only a source of HTML pages may say."""
    return {
        "must_contain": selector,
        "pages": lambda v, p: _paging(v, p, judges),
        "order": _one_of(NEWEST_FIRST),
        "layouts": lambda v, p: _layouts(v, p, judges),
    }


def _feed_paging(value: Any, place: Place) -> Paging | None:
    """A feed names its next page itself (RFC 5005), so there is no selector."""
    if value == "next":
        return Paging(Strategy.NEXT)
    if value == "single":
        return Paging()
    if isinstance(value, dict) and "url" in value:
        return _counted_paging(value, place)
    place.expected('"next", "single" or { url = ".../{page}" }, since this is a feed', value)
    return None


_OF_FEEDS: Final[Mapping[str, Check]] = {
    "pages": _feed_paging,
    "timezone": _timezone,
    "extra": _list_of(_one_of(*FEED_EXTRA)),
}


def _in_a_feed(key: KeyRule, place: Place) -> None:
    known = ("id", "link", "title", "date", "category")
    for part in (part for part in key.parts if part not in known):
        place.at("key").wrong(f"an item of a feed has no `{part}`{_did_you_mean(part, known)}")


def _kept(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the log remembers of a block: a default that says nothing about it is not told as its own."""
    return {key: value for key, value in given.items() if key != "full_every" or "order" in given}


def _keys_of(block: Any) -> frozenset[str]:
    """Also those with a mistake of their own."""
    return frozenset(block) if isinstance(block, dict) else frozenset()


_AS_GIVEN: Final = ("max_pages", "delay", "max_delay", "every", "full_every", "confirm_gone")


def _inherited(block: Any, defaults: Mapping[str, Any]) -> dict[str, Any]:
    silent = Place("", [])  # a default with a mistake is told once, where it stands
    if not isinstance(block, dict):
        return {}
    values = {k: _DEFAULTS[k](v, silent) for k, v in defaults.items() if k in _DEFAULTS and k not in block}
    return {key: value for key, value in values.items() if value is not None}


def _recipe(source: Source) -> str:
    """Digest of all that decides what the pages of a source mean; comments, titles and delays do not.

    Nor does robots.txt, but that it was not obeyed, and why, must stand in the log of each walk that it holds for.
    """
    reading, paging, limits = asdict(source.reading), asdict(source.paging), asdict(source.doubt)
    if source.reading.feed is None:
        del reading["feed"]  # so that the recipes of older releases stay what they are
    meaning = [SEMANTICS, source.url, reading, paging, source.confirm_gone, source.hosts, limits]
    meaning += [source.robots_ignored] if source.robots_ignored is not None else []
    meaning += [NEWEST_FIRST] if source.newest_first else []
    meaning += [{"follow": asdict(source.follow.reading)}] if source.follow is not None else []
    return hashlib.sha256(json.dumps(meaning, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _follow(value: Any, place: Place, judges: Judges, selector: Check) -> Follow | None:
    """The page as one item, which says its own address and the fields."""
    keys: dict[str, Check] = {
        "every": _seconds,
        "limit": _whole(1, 10_000),
        "must_contain": selector,
        "fields": lambda v, p: _extra(v, p, judges),
    }
    checked = _table(value, place, keys, needed=("fields",))
    fields = checked.get("fields")
    if not fields:
        if fields == () and value["fields"] == {}:
            place.at("fields").expected('at least one field, such as abstract = "div.abstract"', {})
        return None
    names = tuple(one.name for one in fields)
    _holes_can_be_filled(fields, names, place.at("fields"))
    address = Field("link", (Way(origin=Origin.URL),))
    read = (address, *(replace(one, ways=tuple(map(_anywhere, one.ways))) for one in fields))
    reading = Reading((Layout("own page", "body", read),), must_contain=checked.get("must_contain"))
    return Follow(reading, names, **{key: checked[key] for key in ("every", "limit") if key in checked})


def _anywhere(way: Way) -> Way:
    """Also in the head of the page, where much of what is meant for programs stands."""
    join = tuple(map(_anywhere, way.join))
    return (
        replace(way, join=join, origin=Origin.PAGE)
        if way.css and way.origin is Origin.ITEM
        else replace(way, join=join)
    )


def _speaking(follow: Follow, listing: Reading) -> Follow:
    """An own page is in the language of its listing."""
    return replace(follow, reading=replace(follow.reading, language=listing.language, timezone=listing.timezone))


def _names_of_their_own(given: Any, checked: Mapping[str, Any], place: Place) -> None:
    """A field has one history: it is read from the listing, or from the own page."""
    own = checked["follow"].names if "follow" in checked else ()
    layouts = checked.get("layouts", ())
    listed = {field.name for layout in layouts for field in layout.fields} | set(checked.get("extra", ()))
    if isinstance(given, dict) and given.get("kind") == "feed" and "extra" not in given:
        listed |= set(Feed().extra)
    for name in (name for name in own if name in listed):
        place.inner(f"{place.table}.follow").at("fields").at(name).wrong(
            "is read from the listing too; give one of them another name"
        )


def _limits(value: Any, place: Place) -> Limits:
    shares = dict.fromkeys(("fewer", "missing", "edited", "added"), _share)
    return Limits(**_table(value, place, {**shares, "end": _whole(1, 1_000_000)}))


def _robots(checked: Mapping[str, Any], place: Place) -> str | None:
    ignore, reason = checked.get("robots") == "ignore", checked.get("robots_reason")
    if ignore and not reason:
        place.at("robots_reason").wrong('is missing: robots = "ignore" needs a reason, which is kept and shown')
    if reason and not ignore:
        place.at("robots_reason").wrong('goes with robots = "ignore" only')
    return str(reason) if ignore and reason else None


def _key(value: Any, place: Place, pattern: Check) -> KeyRule | None:
    if isinstance(value, (str, list)):
        value = {"from": value}
    if not isinstance(value, dict):
        place.expected('a field such as "link", a list of fields, or { from = "link", match = ... }', value)
        return None
    checked = _table(value, place, {"from": _key_parts, "match": pattern}, needed=("from",))
    return KeyRule(parts=checked["from"], match=checked.get("match")) if "from" in checked else None


def _key_parts(value: Any, place: Place) -> tuple[str, ...] | None:
    parts = (value,) if isinstance(value, str) else _list_of(_filled)(value, place)
    if not parts:
        if parts == ():
            place.expected('a field such as "link", or a list of fields', value)
        return None
    unstable = {"number", "summary"} & set(parts)
    if unstable:
        place.wrong(
            f"{' and '.join(sorted(unstable))} cannot be part of a key: it changes while the entry stays the same"
        )
        return None
    return tuple(parts)


def _known_parts(block: Any, key: KeyRule, place: Place) -> None:
    """What is named must be there. Looks at the names as given: a field with a mistake of its own is there all the same."""
    layouts = block.get("layouts") if isinstance(block, dict) else None
    for i, layout in enumerate(layouts if isinstance(layouts, list) else (), 1):
        if isinstance(layout, dict):
            name, names = _layout_name(layout, i), _field_names(layout)
            for part in (part for part in key.parts if part not in names):
                place.at("key").wrong(f"layout {name!r} has no field `{part}`{_did_you_mean(part, names)}")
            require = layout.get("require")
            for part in require if isinstance(require, list) else ():
                if isinstance(part, str) and part.strip() not in names:
                    place.at("layouts").at("require").wrong(f"layout {name!r} has no field `{part}`")


def _field_names(layout: Mapping[str, Any]) -> list[str]:
    """In the order in which they are read."""
    extra = layout.get("extra")
    return [*(one for one in STANDARD_FIELDS if one in layout), *(extra if isinstance(extra, dict) else ())]


def _paging(value: Any, place: Place, judges: Judges) -> Paging | None:
    if value == "single":
        return Paging()
    if not isinstance(value, dict) or ("next" in value) == ("url" in value):
        place.expected('"single", { next = "css" } or { url = ".../{page}" }', value)
        return None
    if "next" in value:
        checked = _table(value, place, {"next": lambda v, p: _link_selector(v, p, judges)})
        return Paging(Strategy.NEXT, next=checked["next"]) if "next" in checked else None
    return _counted_paging(value, place)


def _counted_paging(value: Any, place: Place) -> Paging | None:
    keys = {"url": _page_url, "start": _whole(0, 1_000_000), "step": _whole(1, 1_000_000)}
    checked = _table(value, place, keys)
    if "url" not in checked:
        return None
    return Paging(Strategy.URL, url=checked["url"], start=checked.get("start", 1), step=checked.get("step", 10))


def _link_selector(value: Any, place: Place, judges: Judges) -> str | None:
    text = _selector_with_attribute(value, place, judges)
    if text is not None and not split_attribute(text)[0]:
        place.expected('the selector of a link, such as "a.next" (a listing of one page says pages = "single")', value)
        return None
    return text


def _page_url(value: Any, place: Place) -> str | None:
    if isinstance(value, str) and len(re.findall(r"\{(page|offset)\}", value)) == 1 and value.count("{") == 1:
        return _url(re.sub(r"\{\w+\}", "1", value), place) and value
    place.expected("an address with {page} or {offset} in it, once", value)
    return None


# -- layouts and fields -----------------------------------------------------------------------------------


def _layouts(value: Any, place: Place, judges: Judges) -> tuple[Layout, ...] | None:
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        place.expected(f"[[{place.table}.layouts]] with at least `item` and `title`", value)
        return None
    layouts = tuple(
        _layout(
            block, place.inner(f"[{place.table}.layouts]").at(_layout_name(block, i)), judges, _layout_name(block, i)
        )
        for i, block in enumerate(value, 1)
    )
    names = [one.name for one in layouts]
    for name in {name for name in names if names.count(name) > 1}:
        place.wrong(f"two layouts are named {name!r}; give each its own `name`")
    return layouts


def _layout_name(block: Mapping[str, Any], i: int) -> str:
    name = block.get("name")
    return name.strip() if isinstance(name, str) and name.strip() else str(i)


def _layout(block: dict[str, Any], place: Place, judges: Judges, name: str) -> Layout:
    selector = _judged(judges.selector)
    fields: dict[str, Check] = {one: _field_check(one, judges) for one in STANDARD_FIELDS}
    keys: dict[str, Check] = {
        "name": _filled,
        "guard": selector,
        "item": lambda v, p: _item(v, p, judges),
        "skip": lambda v, p: _skips(v, p, judges),
        "require": _list_of(_filled),
        "extra": lambda v, p: _extra(v, p, judges),
        **fields,
    }
    checked = _table(block, place, keys, needed=("item", "title"))
    read = [checked[one] for one in STANDARD_FIELDS if one in checked] + list(checked.get("extra", ()))
    _holes_can_be_filled(read, _field_names(block), place)
    item = checked.get("item", _Item("*"))
    return Layout(
        name=name,
        item=item.css,
        until=item.until,
        rows=item.rows,
        fields=tuple(read),
        guard=checked.get("guard"),
        skip=checked.get("skip", ()),
        require=checked.get("require", ()),
    )


@dataclass(frozen=True, slots=True)
class _Item:
    css: str
    until: str | None = None
    rows: int = 1


def _item(value: Any, place: Place, judges: Judges) -> _Item | None:
    """One element, or a run of siblings."""
    selector = _judged(judges.selector)
    if isinstance(value, str):
        css = selector(value, place)
        return None if css is None else _Item(css)
    if isinstance(value, dict) and "css" in value and "start" in value:
        place.wrong("`css` and `start` exclude each other: { css = ..., rows = 2 } or { start = ..., until = ... }")
        return None
    if not isinstance(value, dict) or not {"css", "start"} & value.keys():
        place.expected(
            'a selector such as "ol.list > li", { css = "tr", rows = 2 } or { start = "h3", until = "h3" }', value
        )
        return None
    if "start" in value:
        checked = _table(value, place, {"start": selector, "until": selector})
        return _Item(checked["start"], checked.get("until", checked["start"])) if "start" in checked else None
    checked = _table(value, place, {"css": selector, "rows": _whole(2, 20)}, needed=("css", "rows"))
    return _Item(checked["css"], rows=checked.get("rows", 1)) if "css" in checked else None


def _holes_can_be_filled(fields: Sequence[Field], names: Sequence[str], place: Place) -> None:
    for field in fields:
        before = [*names[: names.index(field.name)], "text"]
        for hole in (hole for way in field.ways if way.template for hole in _HOLE.findall(way.template)):
            if hole not in before:
                words = f"{{{hole}}} is no field that is read before it{_did_you_mean(hole, before)}"
                place.at(field.name).at("template").wrong(words)


def _extra(value: Any, place: Place, judges: Judges) -> tuple[Field, ...] | None:
    if not isinstance(value, dict):
        place.expected("a table of fields", value)
        return None
    for name in value:
        if name in TAKEN or not re.fullmatch(r"[A-Za-z_]\w{0,63}", name):
            place.at(name).wrong("a field's own name is letters, digits and '_', and none of " + ", ".join(TAKEN))
    read = (_field_check(name, judges)(one, place.at(name)) for name, one in value.items())
    return tuple(one for one in read if one is not None)


def _skips(value: Any, place: Place, judges: Judges) -> tuple[Skip, ...] | None:
    keys = {"css": _judged(judges.selector), "match": _judged(judges.pattern)}
    skips = []
    for one in value if isinstance(value, list) else [value]:
        checked = _table(one, place, keys)
        if checked:
            skips.append(Skip(css=checked.get("css"), match=checked.get("match")))
        elif isinstance(one, dict) and not one:
            place.expected("{ css = ... } or { match = ... }", one)
    return tuple(skips)


def _field_check(name: str, judges: Judges) -> Check:
    def check(value: Any, place: Place) -> Field | None:
        several = value if isinstance(value, list) else [value]
        if not several:
            place.expected("a selector, a table, or a list of either", value)
        ways = [
            _way(one, place.at(f"({i})") if len(several) > 1 else place, name, judges)
            for i, one in enumerate(several, 1)
        ]
        optional = any(isinstance(one, dict) and one.get("optional") is True for one in several)
        return Field(name, tuple(way for way in ways if way is not None), optional)

    return check


_SOURCES: Final = ("css", "value", "template", "join", "from")  # of a text; one of them must be there


def _way(value: Any, place: Place, name: str, judges: Judges) -> Way | None:
    if isinstance(value, str):
        value = {"css": value}
    keys = _taking(judges) | {
        "join": lambda v, p: _join(v, p, judges),
        "template": _template,
        "optional": _flag,
    }
    if name == "date":
        keys |= {"format": lambda v, p: _formats(v, p, judges), "language": _filled, "timezone": _timezone}
    if not isinstance(value, dict):
        place.expected('a selector in quotes, such as "h3 a", or a table such as { css = "h3 a" }', value)
        return None
    checked = _table(value, place, keys)
    if name == "date" and "format" not in value and "value" not in value:
        place.at("format").wrong('is missing: how are the dates printed? For example "%d %B %Y" for 20 June 2018')
    if {"value", "template"} <= value.keys():
        place.wrong("`value` and `template` exclude each other: one is a constant, the other is made of fields")
    return _way_of(checked, value, place, judges)


def _join(value: Any, place: Place, judges: Judges) -> tuple[Way, ...] | None:
    if not isinstance(value, list) or len(value) < 2:
        place.expected(
            'a list of two parts or more, such as [".day", ".month", { from = "heading", css = "h2" }]', value
        )
        return None
    parts = [_part(one, place.at(f"({i})"), judges) for i, one in enumerate(value, 1)]
    return tuple(part for part in parts if part is not None)


def _part(value: Any, place: Place, judges: Judges) -> Way | None:
    if isinstance(value, str):
        value = {"css": value}
    if not isinstance(value, dict):
        place.expected('a selector in quotes, or a table such as { css = "h3 a" }', value)
        return None
    return _way_of(_table(value, place, _taking(judges)), value, place, judges)


def _taking(judges: Judges) -> dict[str, Check]:
    """What says where a text is, and what of it is taken."""
    return {
        "from": _one_of(*(one for one in Origin if one is not Origin.ITEM)),
        "css": lambda v, p: _selector_with_attribute(v, p, judges),
        "text": _one_of(*Text),
        "match": _judged(judges.pattern),
        "group": lambda v, p: (
            v if isinstance(v, (str, int)) and not isinstance(v, bool) else p.expected("a group's name or number", v)
        ),
        "replace": _list_of(lambda v, p: _pair(v, p, judges)),
        "value": _string,
    }


def _way_of(checked: Mapping[str, Any], given: Mapping[str, Any], place: Place, judges: Judges) -> Way:
    """The way that a table tells; what does not go together in it is a mistake."""
    if not set(_SOURCES) & given.keys():
        place.wrong("needs `css`, `value` or `template` (or `join`, or `from`)")
    if "join" in given and "css" in given:
        place.at("join").wrong("and `css` exclude each other: name what `css` finds as one of the parts")
    if "text" in given and "css" not in given:
        place.at("text").wrong("goes with `css`: it is about the text that a selector finds")
    for key in ("match", "replace"):
        if key in given and not ({"css", "join"} & given.keys() or given.get("from") == Origin.URL):
            place.at(key).wrong("goes with `css`: it is about the text that a selector finds")
    _origin_fits(checked.get("from"), given, place)
    _group_fits(checked, given, place, judges)
    css, attr = split_attribute(checked["css"]) if "css" in checked else (None, None)
    return Way(
        css=css,
        attr=attr,
        text=Text(checked.get("text", "all")),
        match=checked.get("match"),
        group=checked.get("group"),
        replace=checked.get("replace", ()),
        value=checked.get("value"),
        template=checked.get("template"),
        format=checked.get("format", ()),
        origin=Origin(checked.get("from", Origin.ITEM)),
        join=checked.get("join", ()),
        language=checked.get("language"),
        timezone=checked.get("timezone"),
    )


def _origin_fits(origin: str | None, given: Mapping[str, Any], place: Place) -> None:
    if origin is None:
        return
    if origin == Origin.URL:
        for key in ("css", "join"):
            if key in given:
                place.at(key).wrong(
                    'and from = "url" exclude each other: an address has no elements; pick with `match`'
                )
    elif "join" in given:
        place.at("from").wrong("goes into the parts of `join`")
    elif not isinstance(given.get("css", 0), str) or not split_attribute(given["css"])[0]:
        example = {Origin.HEADING: "h2", Origin.PAGE: "title"}[Origin(origin)]
        place.at("from").wrong(f'needs `css`, which says where: {{ from = "{origin}", css = "{example}" }}')


def _formats(value: Any, place: Place, judges: Judges) -> tuple[str, ...] | None:
    if value == []:
        place.expected('at least one format, such as "%d %B %Y"', value)
        return None
    given: tuple[str, ...] = _list_of(_judged(judges.date_format))(value if isinstance(value, list) else [value], place)
    return given


def _group_fits(checked: Mapping[str, Any], given: Mapping[str, Any], place: Place, judges: Judges) -> None:
    if "group" not in checked:
        return
    if "match" not in given:
        place.at("group").wrong("goes with `match`: it says which part of the match is taken")
    elif "match" in checked and (words := judges.group(checked["match"], checked["group"])):
        place.at("group").wrong(words)


_HOLE: Final = re.compile(r"\{([^{}]*)\}")


def _template(value: Any, place: Place) -> str | None:
    text = _string(value, place)
    if text is not None and re.search(r"[{}]", _HOLE.sub("", text)):
        place.wrong(f"{_shown(text)}: each {{ needs its }}, with the name of a field between them")
        return None
    return text


def split_attribute(css: str) -> tuple[str, str | None]:
    """`"h5 a @href"` -> `("h5 a", "href")`; without an attribute `("h5 a", None)`."""
    match = re.fullmatch(r"(.*?)\s*@([A-Za-z_][\w:.-]*)\s*", css, re.DOTALL)
    return (match[1].strip(), match[2].lower()) if match else (css.strip(), None)


def _selector_with_attribute(value: Any, place: Place, judges: Judges) -> str | None:
    text = _string(value, place)
    if text is None:
        return None
    css, _ = split_attribute(text)
    words = judges.selector(css) if css else None  # "" is the item itself
    if words:
        place.wrong(words)
        return None
    return text


def _pair(value: Any, place: Place, judges: Judges) -> tuple[str, str] | None:
    if not (isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) for one in value)):
        place.expected('a pair such as ["pattern", "put in its place"]', value)
        return None
    if _judged(judges.pattern)(value[0], place) is None:
        return None
    if words := judges.replacement(value[0], value[1]):
        place.wrong(words)
        return None
    return value[0], value[1]
