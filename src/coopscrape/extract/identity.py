"""Values of one item -> its key: what makes an entry that entry. Pure; ARCHIVE.md, "Identity".

The key is the declared parts in canonical form, or what `match` picks out of them. Where that cannot be had (a part is
missing, the pattern does not match) it is the canonical link; without a link, title and date as printed, and then it is
`weak`: a corrected title makes another entry of it. An item without any of these is told apart by all it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from coopscrape import canon
from coopscrape.extract.patterns import search
from coopscrape.model import KeyRule

Values = Mapping[str, str | None]

BETWEEN: Final = "\n"  # stands in no canonical text, so that no two lists of parts give one key
WEAK: Final = ("title", "date_text")


def key_of(values: Values, rule: KeyRule, here: str | None) -> tuple[str, bool] | None:
    """(key, weak); None if the item says nothing at all. `here` is the canonical link of the page it stands on."""
    if key := _declared(values, rule, here) or _part("link", values, here):
        return key, False
    weak = [canon.text(values.get(name)) or "" for name in WEAK]
    if not any(weak):
        weak = [canon.text(value) or "" for _, value in sorted(values.items())]
    return (BETWEEN.join(weak), True) if any(weak) else None


def _declared(values: Values, rule: KeyRule, here: str | None) -> str | None:
    parts = [_part(name, values, here) or "" for name in rule.parts]
    if not parts or "" in parts:
        return None
    key = BETWEEN.join(parts)
    return _picked(rule.match, key) if rule.match else key


def _part(name: str, values: Values, here: str | None) -> str | None:
    """A link to the listing itself (`#`) is no one's own."""
    value = values.get(name)
    if name == "link":
        link = canon.link(value)
        return None if link == here else link
    return canon.text(value)


def _picked(pattern: str, key: str) -> str | None:
    """The first named group, else the first group, else the whole match."""
    found = search(pattern, key)
    if found is None:
        return None
    groups = tuple(found.groupdict().values()) or found.groups() or (found[0],)
    return next(filter(None, groups), None)
