"""selectors.toml as it stands, and what is to be added to a source -> the text with it; all else stays, byte for byte. Pure.

Whether it came out as meant is not trusted: the new text is read, and compared with what was meant.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from coopscrape.report.block import layout_lines, toml

Path = tuple[str, ...]
_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")


def with_layout(
    text: str,
    name: str,
    layout: Mapping[str, Any],
    *,
    first: bool,
    comments: Mapping[str, str],
    must_contain: str | None,
    leads_on: str | None,
) -> str | None:
    """None: the file is written in a way that this cannot edit. `must_contain`, `leads_on` (`pages.next`): new values."""
    meant = deepcopy(tomllib.loads(text))
    source = meant["sources"][name]
    lines = text.splitlines(keepends=True)
    if must_contain is not None:
        _exchange(lines, name, source.get("must_contain", ""), must_contain)
        source["must_contain"] = must_contain
    if leads_on is not None:
        _exchange(lines, name, source["pages"]["next"], leads_on)
        source["pages"]["next"] = leads_on
    source["layouts"].insert(0 if first else len(source["layouts"]), dict(layout))
    at = _place(lines, name, first)
    if at is None:
        return None
    end = "\r\n" if text.count("\r\n") else "\n"
    block = [line + end for line in layout_lines(name, layout, comments)]
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += end
    added = [*block, end] if first else [end, *block]
    edited = "".join([*lines[:at], *added, *lines[at:]])
    return edited if _reads_as(edited, meant) else None


def _reads_as(text: str, meant: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == meant
    except tomllib.TOMLDecodeError:
        return False


def _headers(lines: list[str]) -> list[tuple[int, Path]]:
    """Where tables begin, and whose they are."""
    found = []
    for n, line in enumerate(lines):
        header = _HEADER.fullmatch(line.rstrip("\r\n"))
        path = _path(header[2]) if header else None
        if path:
            found.append((n, path))
    return found


def _path(dotted: str) -> Path | None:
    try:
        inner: Any = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return None
    path: list[str] = []
    while isinstance(inner, dict):
        key = next(iter(inner))
        path.append(key)
        inner = inner[key]
    return tuple(path)


def _place(lines: list[str], name: str, first: bool) -> int | None:
    """The line before which the layout goes."""
    headers = _headers(lines)
    layouts: Path = ("sources", name, "layouts")
    ours = [i for i, (_, path) in enumerate(headers) if path[: len(layouts)] == layouts]
    if not ours:
        return None
    if first:
        return _above_comments(lines, headers[ours[0]][0])
    after = headers[ours[-1] + 1][0] if ours[-1] + 1 < len(headers) else len(lines)
    return _above_comments(lines, after, blanks=True)


def _above_comments(lines: list[str], at: int, *, blanks: bool = False) -> int:
    """A comment belongs to what it stands above."""
    while at and (lines[at - 1].lstrip().startswith("#") or (blanks and not lines[at - 1].strip())):
        at -= 1
    return at


def _exchange(lines: list[str], name: str, old: str, new: str) -> None:
    """The value, wherever it stands in the source's own table, in whatever quotes."""
    start = next((n for n, path in _headers(lines) if path == ("sources", name)), None)
    if start is None:
        return
    for n in range(start + 1, len(lines)):
        if _HEADER.fullmatch(lines[n].rstrip("\r\n")) and lines[n].lstrip().startswith("["):
            return
        for written in (f'"{old}"', f"'{old}'", json.dumps(old, ensure_ascii=False), toml(old)):
            if written in lines[n] and not lines[n].lstrip().startswith("#"):
                lines[n] = lines[n].replace(written, toml(new), 1)
                return
