"""The values of a listing's entries -> what makes each of them that entry, whatever becomes of its title. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

Key = str | list[str] | dict[str, Any]

# Ids as sites have them in links, the surest first. What stands in brackets is the id.
IDS: Final = (
    r"(WCMS_\d+)",
    r"[?&](?:id|nid|pid|aid|news_?id|article_?id|item_?id|story_?id|doc_?id|p|n|nr|no|cid|uid|guid)=(\d+)",
    r"/(?:node|item|items|article|articles|news|story|entry|post|detail|view|id)/(\d{2,})(?=[/.?#-]|$)",
    r"[-_/](\d{4,})(?:\.\w+)?/?(?:[?#]|$)",
    r"/(\d{4,})[-_/]",
)


def key_of(titles: Sequence[str | None], links: Sequence[str | None], dates: Sequence[str | None]) -> tuple[Key, str]:
    """The key, and why it is this one. What stands on the page twice is one entry."""
    entries = dict.fromkeys(zip(titles, links or [None] * len(titles), dates, strict=True))
    titles, links, dates = [one[0] for one in entries], [one[1] for one in entries], [one[2] for one in entries]
    if links and all(links):
        if match := _own_id(links):
            return {"from": "link", "match": match}, "an id of the site's own stands in every link"
        if len(set(links)) == len(links):
            return "link", "every entry has a link of its own"
        if len(set(zip(links, titles, strict=True))) == len(links):
            return ["link", "title"], "entries share links, but not link and title"
    if any(dates) and all(titles) and len(set(zip(titles, dates, strict=True))) == len(titles) and all(dates):
        return ["title", "date"], "not every entry has a link; title and date are different in all"
    if links and any(links):
        return "link", "most entries have a link of their own; the others are told apart by title and date"
    return "title", "there is nothing else to tell the entries apart"


def _own_id(links: Sequence[str | None]) -> str | None:
    for pattern in IDS:
        found = [re.search(pattern, link) for link in links if link]
        ids = [one[1] for one in found if one]
        if len(ids) == len(links) == len(set(ids)) and not all(_is_year(one) for one in ids) and len(ids) > 1:
            return pattern
    return None


def _is_year(digits: str) -> bool:
    return (len(digits) == 4 and digits[:2] in ("19", "20")) or (len(digits) in (6, 8) and digits[:2] in ("19", "20"))
