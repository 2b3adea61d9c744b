"""A path -> Config, with the judges that know what a selector, a pattern and a date format may be."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from coopscrape.config import Config, Judges, load
from coopscrape.errors import NotFoundError, SettingsError
from coopscrape.extract import format_fault, group_fault, pattern_fault, replacement_fault, selector_fault
from coopscrape.model import Manners, Source

JUDGES = Judges(
    selector=selector_fault,
    pattern=pattern_fault,
    date_format=format_fault,
    group=group_fault,
    replacement=replacement_fault,
)
PROJECT = "https://github.com/coopscrape/coopscrape"


def load_config(path: Path, *, contacting: bool = False) -> Config:
    """Raises SettingsError with every mistake; `contacting`: sites are about to be asked, so a contact is needed."""
    return load(path, JUDGES, contacting=contacting)


def chosen(config: Config, names: tuple[str, ...] | list[str]) -> list[Source]:
    """The sources that are named, or all. Raises NotFoundError for names that are none, SettingsError if there are none."""
    unknown = [name for name in names if name not in config.sources]
    if unknown:
        raise NotFoundError(*(f"{config.path}: there is no source {name!r}{_near(name, config)}" for name in unknown))
    if not config.sources:
        raise SettingsError([f"{config.path}: no [sources.NAME] is configured yet; see `coopscrape init`"])
    return [config.sources[name] for name in dict.fromkeys(names)] if names else list(config.sources.values())


def _near(name: str, config: Config) -> str:
    near = get_close_matches(name, list(config.sources), n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; it has: {', '.join(config.sources) or 'none'}"


def manners(config: Config, version: str) -> Manners:
    """How every request of a run presents itself (RFC 9110 sections 10.1.2 and 10.1.5)."""
    contact = config.contact
    about = f"+{PROJECT}" if contact is None else f"+{PROJECT}; {contact}"
    usual = Manners(
        user_agent=f"coopscrape/{version} ({about})",
        from_=contact if contact and "@" in contact and "://" not in contact else None,
        allow=config.allow,
    )
    return usual if config.deadline is None else replace(usual, deadline=config.deadline)
