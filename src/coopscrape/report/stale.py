"""What has been silent, frozen or unvisited for too long -> one sentence each, with how long, the usual, what to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from coopscrape.model import Stale, Staleness, stamp
from coopscrape.report import said as words
from coopscrape.report.escape import said

_SENTENCES: Final[Mapping[Staleness, str]] = {
    Staleness.SILENT: "{source}: nothing new or changed for {length}, since {since} UTC, in {visits}; {usual}. "
    "Compare the listing in a browser with: coopscrape try {source}",
    Staleness.FROZEN: "{source}: no answer with new bytes for {length}, since {since} UTC, in {visits} ({unchanged} of them "
    "only 304); {usual}. A cache may be frozen: compare the listing in a browser with: coopscrape try {source}",
    Staleness.UNVISITED: "{source}: not visited with success for {length}, since {since} UTC, in {tries}; usually every "
    "{pause}. Does the timer run? See: coopscrape crawl {source}",
}


def stale_line(source: str, stale: Stale) -> str:
    pause = words.length(stale.usual) if stale.usual is not None else ""
    return _SENTENCES[stale.kind].format(
        source=said(source),
        length=words.length(stale.length),
        since=words.moment(stamp(stale.since)),
        visits=words.count(stale.visits, "visit"),
        tries=words.count(stale.visits, "try", "tries"),
        unchanged=stale.unchanged,
        pause=pause,
        usual=f"9 of 10 pauses before were {pause} at most" if pause else "it never brought enough to know its habit",
    )


def stale_record(stale: Stale) -> dict[str, Any]:
    return {
        "kind": stale.kind.value,
        "since": stamp(stale.since),
        "seconds": round(stale.length),
        "usual_seconds": None if stale.usual is None else round(stale.usual),
        "visits": stale.visits,
    }
