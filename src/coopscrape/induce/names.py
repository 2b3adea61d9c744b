"""The class names, ids and attributes of an element -> those that will still be there next year. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from coopscrape.model import Node

# Said of an element for a while, or of its place among others: true of another one tomorrow.
_STATES = """
    active current selected open opened closed hover focus visited first last odd even alt alternate new unread read
    hidden visible show hide collapsed expanded sticky disabled enabled loaded loading lazy lazyloaded lazyload animated
    clearfix cf row-odd row-even
"""
STATES: Final = frozenset(_STATES.split())
_STATE = re.compile(r"(?:^|[-_])(?:first|last|odd|even|active|current|selected|clearfix)$|^(?:is|has|js|no)[-_]", re.I)
# A number that counts or names one element: post-4711, views-row-3, item_12.
_NUMBERED = re.compile(r"(?:^|[-_])\d+$|\d{3,}")
_PLAIN = re.compile(r"-?[A-Za-z_][A-Za-z0-9_-]{0,49}")
# What tools call elements while they build a site: css-1x2y3z, jss12, sc-bdVaJa, svelte-1a2b3c, MuiBox-root-42.
_TOOLS = re.compile(r"(?:css|jss|sc|emotion|styled|svelte|astro|jsx|chakra|tss|makeStyles|Mui\w+)-?[\w-]*\d|sc-|_\w*\d")
_PART = re.compile(r"[-_]+")
_CAMEL = re.compile(r"[A-Z]*[a-z]*(?:[A-Z][a-z]{2,}|[A-Z]+(?![a-z]))*[a-z]*")
# How it looks, not what it is: such names stand on everything, and change with the taste of the year.
_LOOKS = re.compile(
    r"(?:(?:xs|sm|md|lg|xl|xxl)[-:])?-?(?:"
    r"(?:[mp][trblxyse]?|w|h|z|d|g|gx|gy|gap|col|cols|flex|grid|text|font|bg|border|rounded|shadow|float|pull|offset|"
    r"leading|tracking|space|overflow|display|fs|fw|lh|min|max|inset|opacity|wp-block|elementor)-[a-z0-9-]+|"
    r"(?:items|self|content|justify|align|order)-(?:center|start|end|between|around|stretch|baseline|first|last)|"
    r"[mp][trblxy]?\d|row|cols?|columns?|container(?:-\w+)?|wrapper|wrap|inner|outer|block|inline|flex|grid|large|medium|small|"
    r"left|right|center|full|half|clear|relative|absolute|page-wrap)"
)


@lru_cache(maxsize=4096)
def is_stable(name: str) -> bool:
    """Not a state, not a number, not generated; and it can be written as it is."""
    return (
        _PLAIN.fullmatch(name) is not None
        and name.lower() not in STATES
        and _STATE.search(name) is None
        and _NUMBERED.search(name) is None
        and _TOOLS.match(name) is None
        and not any(_is_hash(part) for part in _PART.split(name))
    )


def _is_hash(part: str) -> bool:
    """Letters and digits in a jumble (a1B2c), or a mix of cases that nobody writes (hKzRtY)."""
    if len(part) < 5:
        return False
    digits = sum(one.isdigit() for one in part)
    if digits and not re.fullmatch(r"[A-Za-z]+\d{1,2}", part):
        return True
    return not part.islower() and not part.isupper() and _CAMEL.fullmatch(part) is None


@lru_cache(maxsize=4096)
def is_looks(name: str) -> bool:
    return _LOOKS.fullmatch(name) is not None


def classes(node: Node) -> list[str]:
    """The stable ones, what it is before how it looks."""
    given = dict.fromkeys(node.attributes.get("class", "").split())
    return sorted((one for one in given if is_stable(one)), key=is_looks)


def identity(node: Node) -> str | None:
    """Its id, if it is stable."""
    given = node.attributes.get("id", "")
    return given if given and is_stable(given) else None


def hints(node: Node) -> str:
    """All that its maker says of it, in lower case."""
    said = (node.attributes.get(name, "") for name in ("class", "id", "itemprop", "property", "rel", "role", "headers"))
    return " ".join(filter(None, said)).lower()
