"""selectors.toml, archive, the time -> which sources have been silent, frozen or unvisited for longer than is their habit."""

from __future__ import annotations

from coopscrape.archive.read import Reader
from coopscrape.config import Config
from coopscrape.model import Stale
from coopscrape.plan.habit import staleness


def stale_sources(config: Config | None, reader: Reader, now: float) -> dict[str, tuple[Stale, ...]]:
    """Only what is configured is expected to be visited; without a config, how often is not known of any."""
    every = dict.fromkeys(reader.sources(), None) if config is None else {k: v.every for k, v in config.sources.items()}
    found = {source: staleness(reader.visits(source), pause, now) for source, pause in every.items()}
    return {source: stale for source, stale in found.items() if stale}
