"""A source block -> TOML with comments, as a person would write it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from coopscrape.report.escape import said
from coopscrape.report.layout import cells, pad

COMMENT_AT: Final = 46  # cells before a comment, where there is room
LONGEST: Final = 100  # cells of a line with its comment; else the comment stands above it


def toml(value: Any) -> str:
    """A value as TOML writes it, on one line; a text with backslashes or quotes in 'single marks', where it can be."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str) and ("\\" in value or '"' in value) and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def source_toml(name: str, block: Mapping[str, Any], comments: Mapping[str, str] = {}, head: Iterable[str] = ()) -> str:
    """`comments`: behind a key of the block, or `layout.KEY` behind one of its layout; `head`: lines before it."""
    lines = [f"# {said(line)}".rstrip() for line in head]
    lines += [f"[sources.{_bare(name)}]"]
    lines += [_line(key, value, comments.get(key)) for key, value in block.items() if key != "layouts"]
    for layout in block["layouts"]:
        lines += ["", *layout_lines(name, layout, comments)]
    return "\n".join(lines) + "\n"


def layout_lines(name: str, layout: Mapping[str, Any], comments: Mapping[str, str] = {}) -> list[str]:
    plain = {key: value for key, value in layout.items() if key != "extra"}
    lines = [f"[[sources.{_bare(name)}.layouts]]"]
    lines += [_line(key, value, comments.get(f"layout.{key}")) for key, value in plain.items()]
    if extra := layout.get("extra"):
        lines += ["", f"[sources.{_bare(name)}.layouts.extra]"]
        lines += [_line(key, value, comments.get(f"layout.extra.{key}")) for key, value in extra.items()]
    return lines


def _bare(name: str) -> str:
    """A key without quotes has no dots."""
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else json.dumps(name)


def _line(key: str, value: Any, comment: str | None) -> str:
    line = f"{key} = {toml(value)}"
    if not comment:
        return line
    behind = f"{pad(line, COMMENT_AT)}  # {said(comment)}"
    return behind if cells(behind) <= LONGEST else f"# {said(comment)}\n{line}"
