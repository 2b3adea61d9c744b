"""What sources are called: their titles, and whether a name that was typed is one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coopscrape.errors import NotFoundError, SettingsError

if TYPE_CHECKING:
    from coopscrape.archive.read import Reader
    from coopscrape.cli.moments import AsOf
    from coopscrape.config import Config


def titles(config: Path, reader: Reader) -> dict[str, str]:
    """Of all sources: as selectors.toml has them, where it has them, else as the archive remembers them.

    With a remark, where the last walk did not obey robots.txt. For reports only, so a selectors.toml with mistakes, or
    none, is no error here.
    """
    blocks = {source: _remembered(reader, source) for source in reader.sources()} | dict(_written(config))
    return {source: " ".join([*_title(block), *_remark(reader, source)]) for source, block in blocks.items()}


def _title(block: Any) -> list[str]:
    title = block.get("title") if isinstance(block, Mapping) else None
    return [title] if isinstance(title, str) else []


def _remark(reader: Reader, source: str) -> list[str]:
    from coopscrape.report.said import disobeying

    reason = reader.robots_ignored(source)
    return [f"({disobeying(reason)})"] if reason is not None else []


def _remembered(reader: Reader, source: str) -> Any:
    recipe = reader.folded(source)
    return reader.block(source, recipe) if recipe else {}


def _written(config: Path) -> Mapping[str, Any]:
    try:
        sources = tomllib.loads(config.read_text("utf-8-sig")).get("sources")
    except (OSError, ValueError, RecursionError):
        return {}
    return sources if isinstance(sources, dict) else {}


def named(reader: Reader, names: Sequence[str]) -> tuple[str, ...]:
    """The names, if the archive has walked such sources. Raises NotFoundError."""
    there = reader.sources()
    for name in names:
        if name not in there:
            raise NotFoundError(f"{reader.path}: there is no source {name!r}{_near(name, there)}")
    return tuple(names)


def _near(name: str, there: Iterable[str]) -> str:
    known = list(there)
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; it has: {', '.join(known) or 'none yet'}"


def tell_covered(reader: Reader, as_of: AsOf | None, names: Sequence[str]) -> None:
    """With `--as-of`: what had been looked at by then, on stderr. What is not told was not seen, or not there."""
    from coopscrape.cli.terminal import tell
    from coopscrape.report import covered_lines

    if as_of is not None:
        for line in covered_lines(reader.covered(as_of.text, names), as_of.until):
            tell(f"coopscrape: {line}")


def config_if_any(path: Path) -> tuple[Config | None, tuple[str, ...]]:
    """The settings and no mistakes, or None and the mistakes; a missing file is neither."""
    from coopscrape.run.settings import load_config

    if not path.exists():
        return None, ()
    try:
        return load_config(path), ()
    except SettingsError as error:
        return None, error.lines
