"""A page and its address -> how its listing goes on, as selectors.toml says it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from coopscrape.induce.index import Index
from coopscrape.induce.names import classes, hints, is_looks
from coopscrape.induce.selectors import across
from coopscrape.model import Node

Leads = Callable[[Node], str | None]

_WORDS = """
    next|next page|older|older (?:posts|entries|news|articles|items|stories)|more (?:news|results|entries)|
    suivante?s?|page suivante|plus anciens?|siguientes?|p[aá]gina siguiente|pr[oó]xim[ao]s?(?: p[aá]gina)?|p[aá]gina seguinte|
    seguinte|següents?|pàgina següent|weiter|n[aä]chste(?: seite)?|vor|(?:pagina )?successiv[ao]|avanti|prossima|
    volgende(?: pagina)?|
    nästa(?: sida)?|neste(?: side)?|næste(?: side)?|seuraava|następna(?: strona)?|dalej|další|ďalšia|nasledujúca|следующая|далее|
    вперед|вперёд|наступна|далі|következő|urm[aă]toarea|următoarea|следваща|sljedeća|naslednja|sonraki|ileri|επόμενη|επόμενο|
    التالي|הבא|次へ|次のページ|次|다음|下一页|下一頁|下页|tiếp|berikutnya|ถัดไป|अगला
"""
_NEXT_WORDS = re.compile(r"[\s»›→>⟩▶]*(?:" + re.sub(r"\n\s*", "", _WORDS) + r")[\s»›→>⟩▶.…]*", re.I)
_NEXT_SIGNS = re.compile(r"\s*(?:»|›|→|>|>>|⟩|▶)\s*")
_NEXT_NAMES = re.compile(r"(?:^|[ _-])(?:next|nextpage|older|suivante?|siguiente|weiter|naechste|forward)(?:$|[ _-])")
_PREVIOUS = re.compile(r"(?:^|[ _-])(?:prev|previous|newer|back)(?:$|[ _-])")
_DISABLED: Final = ("disabled", "is-disabled", "inactive")
_NUMBER_IN_PATH = re.compile(r"(/(?:page|seite|pagina|p|pag|trang|sida|side|strona)[/-]?)(\d+)(?=/|$|\.)", re.I)


@dataclass(frozen=True, slots=True)
class Pages:
    """`pages` as selectors.toml has it, where the next page is, and what it was seen by."""

    setting: dict[str, Any]
    next_url: str
    why: str


def paging(index: Index, url: str, leads: Leads) -> Pages | None:
    """None: no link leads on, the listing seems to be a single page."""
    candidates = list(_next_links(index, leads))
    for node, why in candidates:
        if css := _selector(node, index):
            target = leads(node)
            if target:
                return Pages({"next": css}, target, why)
    for node, why in candidates:
        if (target := leads(node)) and (pattern := counted(url, target)):
            return Pages(pattern, target, why)
    return _numbered(index, url, leads)


def _next_links(index: Index, leads: Leads) -> Iterator[tuple[Node, str]]:
    """Those that are said to be it, the surest first."""
    links = [node for node in index.order if node.tag in ("a", "link") and leads(node)]
    yield from ((node, 'a link is marked rel="next"') for node in links if _rel(node) == "next" and node.tag == "a")
    yield from (
        (node, 'a <link> is marked rel="next"') for node in links if _rel(node) == "next" and node.tag == "link"
    )
    bodily = [
        node
        for node in links
        if (node.tag == "a" and "rel" not in node.attributes) or node.attributes.get("rel") != "prev"
    ]
    for node in bodily:
        parent = index.parent.get(node)
        names = hints(node) + " " + (hints(parent) if parent else "")
        if _NEXT_NAMES.search(names) and not _PREVIOUS.search(names) and _in_pager(node, index):
            yield node, f"a link is called {index.text(node) or node.attributes.get('class', '')!r}"
    for node in bodily:
        said = index.text(node) or node.attributes.get("aria-label", "") or node.attributes.get("title", "")
        if _NEXT_WORDS.fullmatch(said):
            yield node, f"a link says {said!r}"
    for node in bodily:
        if _NEXT_SIGNS.fullmatch(index.text(node)) and _in_pager(node, index):
            yield node, f"a link says {index.text(node)!r}"


def _rel(node: Node) -> str | None:
    return "next" if "next" in node.attributes.get("rel", "").lower().split() else None


_PAGER_NAMES = re.compile(r"(?:^|[ _-]|(?<=[a-z]))(?:pag|pager|paginat|paging|pages|nav-links|older|seiten|next)", re.I)


def _in_pager(node: Node, index: Index) -> bool:
    near = [node, *(outer for outer, _ in zip(index.above(node), range(4), strict=False))]
    return any(_PAGER_NAMES.search(hints(one)) for one in near) or bool(
        re.search(r"\d", node.attributes.get("href", ""))
    )


def _selector(node: Node, index: Index) -> str | None:
    """Short, and only this link (or the same link twice) is found by it."""
    if _rel(node):
        return f'{node.tag}[rel~="next"]'
    parent = index.parent.get(node)
    named = [css for css in _named_ways(node, parent) if _finds_only(css, node, index)]
    return named[0] if named else None


def _named_ways(node: Node, parent: Node | None) -> list[str]:
    ways = [f"a.{name}" for name in classes(node) if not is_looks(name) and _NEXT_NAMES.search(name.lower())]
    if parent is not None:
        ways += [
            f"{parent.tag}.{name} > a"
            for name in classes(parent)
            if not is_looks(name) and _NEXT_NAMES.search(name.lower())
        ]
    ways += [f"a.{name}" for name in classes(node) if not is_looks(name)]
    ways += [
        f'a[{key}="{value}"]'
        for key in ("aria-label", "title")
        if (value := node.attributes.get(key)) and '"' not in value and "\\" not in value
    ]
    if node.attributes.get("id", "").isalpha():
        ways.append(f"#{node.attributes['id']}")
    return ways


def _finds_only(css: str, node: Node, index: Index) -> bool:
    """All that it finds lead to the same page."""
    href = node.attributes.get("href")
    hits = [
        one for one in index.order if one.tag == node.tag and (css in across(one, index) or _has_attribute(css, one))
    ]
    return bool(hits) and all(one.attributes.get("href") == href for one in hits)


def _has_attribute(css: str, node: Node) -> bool:
    found = re.fullmatch(r'a\[([\w-]+)="(.*)"\]', css)
    return bool(found) and node.attributes.get(found[1]) == found[2] if found else False


# -- pages that are counted --------------------------------------------------------------------------------------


def _numbered(index: Index, url: str, leads: Leads) -> Pages | None:
    """A row of links that say 2, 3, 4 and lead to addresses that differ in that number."""
    for node in index.order:
        if (
            node.tag == "a"
            and index.text(node) == "2"
            and (target := leads(node))
            and (pattern := counted(url, target))
        ):
            return Pages(pattern, target, "links count the pages")
    return None


MOST_A_PAGE: Final = 250  # entries; a larger number in an address is an id
_OFFSETS: Final = re.compile(
    r"^(?:offset|start|from|skip|first|startrow|begin|b_start:int|limitstart|desde|debut.*)$", re.I
)


def counted(url: str, target: str) -> dict[str, Any] | None:
    """The second page's address -> `pages`; None if it does not count."""
    return _by_parameter(url, target) or _by_path(target)


def _by_parameter(url: str, target: str) -> dict[str, Any] | None:
    here, there = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)), parse_qsl(urlsplit(target).query)
    changed = [(name, value) for name, value in there if value.isdigit() and here.get(name) != value and len(value) < 6]
    if len(changed) != 1:
        return None
    name, value = changed[0]
    number, now = int(value), int(here[name]) if here.get(name, "").isdigit() else None
    base, _, query = target.partition("?")
    if "{" in target:
        return None
    if number > 3 or _OFFSETS.match(name):
        if (now or 0) != 0 or not number or (number > MOST_A_PAGE and not _OFFSETS.match(name)):
            return None
        return {"url": f"{base}?{_swapped(query, name, value, '{offset}')}", "step": number}
    if number not in (1, 2) or (now is not None and now != number - 1):
        return None
    return {"url": f"{base}?{_swapped(query, name, value, '{page}')}", **({"start": 0} if number == 1 else {})}


def _swapped(query: str, name: str, value: str, hole: str) -> str:
    return re.sub(
        rf"(^|&)({re.escape(name)}|{re.escape(name).replace(':', '%3A')})={value}(?=&|$|#)",
        rf"\1\2={hole}",
        query,
        count=1,
    )


def _by_path(target: str) -> dict[str, Any] | None:
    parts = urlsplit(target)
    found = _NUMBER_IN_PATH.search(parts.path)
    if not found or found[2] not in ("1", "2") or "{" in target:
        return None
    path = parts.path[: found.start(2)] + "{page}" + parts.path[found.end(2) :]
    return {"url": parts._replace(path=path).geturl(), **({"start": 0} if found[2] == "1" else {})}
