"""The documentation, taken apart: pages, sections, tables, code blocks, links. For the tests of this folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = [README, *sorted(DOCS.glob("*.md"))]

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of code, and the line on which it begins."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[Block]:
    text = read(page)
    return [
        Block(page, text[: found.start()].count("\n") + 1, language, dedent(found["body"]))
        for found in _FENCE.finditer(text)
        if found["language"] == language
    ]


def prose(page: Path) -> str:
    """The page without its blocks of code, fenced or indented."""
    return "\n".join(line for line in _FENCE.sub("", read(page)).split("\n") if not line.startswith("    "))


def links(page: Path) -> list[str]:
    return _LINK.findall(_CODE.sub("", prose(page))) + _LINK.findall(prose(page))


def said_in_code(page: Path) -> list[str]:
    """What stands in `backticks`."""
    return _CODE.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """The names by which the headings can be linked to, as GitHub makes them."""
    return {anchor(heading[1]) for heading in _HEADING.findall(_FENCE.sub("", read(page)))}


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def section(page: Path, heading: str) -> str:
    """What stands under a heading, up to the next heading of its rank or a higher one."""
    text = read(page)
    found = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    assert found, f"{page.name} has no heading {heading!r}"
    rest = text[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def own_part(page: Path, heading: str) -> str:
    """As `section`, without the sections inside it."""
    return re.split(r"^#+ ", section(page, heading), maxsplit=1, flags=re.MULTILINE)[0]


def tables(text: str) -> list[list[list[str]]]:
    """Tables as rows of cells, their heads left away."""
    found: list[list[list[str]]] = []
    rows: list[list[str]] = []
    for line in [*text.split("\n"), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))])
        elif rows:
            found.append(rows[2:])
            rows = []
    return found


def names(text: str) -> list[str]:
    """The names in the first column of all tables: `category`, `title` are two."""
    return [name for table in tables(text) for row in table for name in _CODE.findall(row[0])]


def numbered(page: Path, pattern: str) -> Iterator[tuple[int, re.Match[str]]]:
    """Each match of a pattern with its line."""
    text = read(page)
    for found in re.finditer(pattern, text, re.MULTILINE):
        yield text[: found.start()].count("\n") + 1, found
