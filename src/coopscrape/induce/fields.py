"""The columns of a group of records -> which of them is the title, the link, the date, the category, the summary. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, Final
from urllib.parse import urlsplit

from coopscrape.induce.columns import Column
from coopscrape.induce.index import HEADINGS, Index, below
from coopscrape.induce.names import hints
from coopscrape.induce.printed import Dated, Reads, dated, is_month, spans
from coopscrape.model import Node

Spec = str | dict[str, Any]  # a field as selectors.toml has it


@dataclass(frozen=True, slots=True)
class Found:
    """One field: how it is written, and the column that it stands on."""

    spec: Spec
    column: Column
    values: tuple[str | None, ...]
    sure: float = 1.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What columns are judged by, besides themselves."""

    index: Index
    reads: Reads
    language: str
    leads: Callable[[Node], str | None]  # an element -> where it leads to


def _named(words: str) -> re.Pattern[str]:
    """As a word, or a part of one, of what its maker calls an element."""
    return re.compile(rf"(?:^|[ _-]|(?<=[a-z]))(?:{words})(?:$|[ _-]|s\b|(?=[A-Z]))", re.I)


TITLES = _named(
    "titles?|headlines?|heading|name|subject|titre|titulo|titel|titolo|entry-title|bookmark|summary-title|what"
)
DATES = _named("dates?|datum|fecha|data|time|published|publicado|posted|day|when|dato|created|pubdate|meta")
_CHANGED = _named("updated|modified|changed|edited|deadline|expires?|until|end")
CATEGORIES = _named(
    "categor(?:y|ies)|kategorie|categoria|rubrique|rubrik|tags?|labels?|type|typ|topic|section|eyebrow|kicker|prehead|kind|"
    "badge|term|theme|thema|overline|dachzeile"
)
_AUTHORS = _named("authors?|byline|vcard|autor(?:en)?|auteurs?|writer")
SUMMARIES = _named(
    "summary|intro|teaser|excerpt|desc(?:ription)?|abstract|lead|lede|text|body|snippet|resumen|resume|blurb|info|content|deck"
)
_MORE = re.compile(r"read more|more|mehr|weiter|leer m[aá]s|lire|leggi|lees|ler mais|läs mer|»|›|→|\.\.\.", re.I)


def spec_of(column: Column, **more: Any) -> Spec:
    """As short as it can be written."""
    table: dict[str, Any] = {"css": column.css}
    if column.text != "all":
        table["text"] = column.text
    table |= {key: value for key, value in more.items() if value is not None and value is not False}
    return column.css if len(table) == 1 else table


# -- the title ------------------------------------------------------------------------------------------


def title(columns: Sequence[Column], scene: Scene) -> Found | None:
    rated = [(_as_title(column, scene), column) for column in columns if column.coverage >= 0.5]
    best = max(rated, key=lambda each: each[0], default=(0.0, None))
    if best[1] is None or best[0] <= 0:
        return None
    column = _cheapest_like(best[1], [column for score, column in rated if score > 0])
    sure = min(1.0, best[0] / 2)
    if whole := _whole(column, columns):
        return Found(f"{whole[0].css} @{whole[1]}".strip(), column, whole[2], sure)
    mending = [[pattern.pattern, ""] for pattern, share in _BESIDES if _share(pattern, column) >= share]
    return Found(spec_of(column, replace=mending or None), column, column.texts, sure)


def _share(pattern: re.Pattern[str], column: Column) -> float:
    return sum(bool(text and pattern.search(text)) for text in column.texts) / max(1, column.filled)


# What is no part of a title, and the share of them that must have it: a bullet, the kind of a file, a shout.
_BESIDES: Final = (
    (re.compile(r"^[·•∙▪■►▸»›→*–—-]+\s*"), 1.0),
    (re.compile(r"\s*[\[(](?:PDF|DOCX?|XLSX?|ODT|ZIP|EPUB)\b[^()\[\]]*[\])]$"), 0.5),
    (re.compile(r"^(?:NEW|NEU|NUEVO|NOUVEAU|NOVO|NUOVO|NIEUW)!\s*"), 0.01),
)
_CUT = re.compile(r"\s*(?:…|\.\.\.)$")


def _whole(titles: Column, columns: Sequence[Column]) -> tuple[Column, str, tuple[str | None, ...]] | None:
    """The attribute that has the whole of a title that is cut on the page."""
    if not any(text and _CUT.search(text) for text in titles.texts):
        return None
    for column in (titles, *(one for one in columns if one.text == "all")):
        for attribute in ("title", "aria-label", "data-title"):
            given = tuple(None if node is None else node.attributes.get(attribute) for node in column.nodes)
            pairs = zip(titles.texts, given, strict=True)
            if all((one or "").strip().startswith(_CUT.sub("", text)) for text, one in pairs if text):
                return column, attribute, given
    return None


def _cheapest_like(best: Column, columns: Sequence[Column]) -> Column:
    """Of the columns that say the same, the shortest."""
    same = [column for column in columns if column.texts == best.texts]
    return min(same, key=lambda column: (column.cost, len(column.css)))


def _as_title(column: Column, scene: Scene) -> float:
    node, length = column.one, column.length
    if length < 4 or _is_dates(column, scene):
        return 0.0
    score = column.coverage * (0.3 + 0.7 * column.distinct) * _fits(length, 12, 160)
    inner = [node, *below(node)] if column.text == "all" else [node]
    path = _path(column, scene)
    score *= (
        1.0 + 0.8 * any(one.tag in HEADINGS for one in path) + 0.2 * any(one.tag in ("strong", "b") for one in path)
    )
    score += 0.5 * _linked(column, path, inner, scene)
    score += 0.5 * any(TITLES.search(hints(one)) for one in path[:2])
    score -= 0.5 * any(SUMMARIES.search(hints(one)) and not TITLES.search(hints(one)) for one in path[:2])
    score -= 0.6 * any(CATEGORIES.search(hints(one)) for one in path[:1])
    score -= 0.8 * _several_lines(column, scene)
    score -= 0.5 * (column.css == "" and column.text == "all" and len(inner) > 3)
    score -= 0.5 * _holds_dates(column, scene)
    score -= 0.3 * (column.text in ("after", "before"))
    return score - 0.03 * column.cost - 0.004 * _depth(column, scene)


def _fits(length: float, low: int, high: int) -> float:
    return 1.0 if low <= length <= high else max(0.1, length / low) if length < low else max(0.2, high / length)


def _path(column: Column, scene: Scene) -> list[Node]:
    """The element and three around it."""
    return [column.one, *(outer for outer, _ in zip(scene.index.above(column.one), range(3), strict=False))]


def _linked(column: Column, path: Sequence[Node], inner: Sequence[Node], scene: Scene) -> bool:
    """It is a link, or in one, or nothing but one."""
    if any(scene.leads(one) for one in path[:3]):
        return True
    links = [one for one in inner if scene.leads(one)]
    return bool(links) and scene.index.text(links[0]) == next(text for text in column.texts if text)


def _several_lines(column: Column, scene: Scene) -> bool:
    if column.text != "all":
        return False
    several = [node for node in column.nodes if node is not None and "\n" in scene.index.lines(node)]
    return len(several) > 0.3 * column.filled


def _is_dates(column: Column, scene: Scene) -> bool:
    """More than half of the texts are a date and hardly more."""
    texts = [text for text in column.texts if text]
    mostly = [
        text for text in texts if any(span.end - span.start > 0.6 * len(text) for span in scene_spans(text, scene))
    ]
    return len(mostly) > 0.5 * len(texts)


def _holds_dates(column: Column, scene: Scene) -> bool:
    texts = [text for text in column.texts if text]
    return sum(bool(scene_spans(text, scene)) for text in texts) > 0.6 * len(texts)


def scene_spans(text: str, scene: Scene) -> Sequence[Any]:
    return spans(text, scene.language, scene.reads)


def _depth(column: Column, scene: Scene) -> int:
    node = column.one
    return sum(1 for _ in scene.index.above(node))


# -- the link -------------------------------------------------------------------------------------------


def link(columns: Sequence[Column], titled: Found, scene: Scene) -> Found | None:
    rated = [(_as_link(column, titled, scene), column) for column in columns if column.text == "all"]
    best = max(rated, key=lambda each: each[0], default=(0.0, None))
    if best[1] is None or best[0] <= 0:
        return _scripted(columns)
    urls = _urls(best[1], scene)
    same = [one for _, one in rated if _urls(one, scene) == urls]
    column = min(same, key=lambda one: (one.nodes != titled.column.nodes, one.cost))
    css = f"{titled.column.css} a" if _is_first_in(titled.column, column) else column.css
    return Found(f"{css} @href".strip(), column, tuple(urls))


def _is_first_in(outer: Column, links: Column) -> bool:
    """Each link is the first in the title; the first of the entry may be a picture tomorrow."""
    if not outer.css or outer.text != "all" or outer.nodes == links.nodes:
        return False
    pairs = zip(outer.nodes, links.nodes, strict=True)
    return all(
        two is None or (one and next((n for n in below(one) if n.tag == "a"), None) is two) for one, two in pairs
    )


def _urls(column: Column, scene: Scene) -> list[str | None]:
    return [None if node is None else scene.leads(node) if node.tag in ("a", "area") else None for node in column.nodes]


def _as_link(column: Column, titled: Found, scene: Scene) -> float:
    urls = _urls(column, scene)
    filled = [url for url in urls if url]
    if not filled:
        return 0.0
    coverage, distinct = len(filled) / len(urls), len(set(filled)) / len(filled)
    wanted = [node for node in titled.column.nodes if node is not None]
    near = sum(
        _kin(one, two, scene) for one, two in zip(column.nodes, titled.column.nodes, strict=True) if one and two
    ) / max(1, len(wanted))
    score = coverage * (0.2 + 0.8 * distinct) + 0.8 * near
    score -= 0.3 * (_MORE.fullmatch(next((text for text in column.texts if text), "") or "") is not None)
    return score - 0.03 * column.cost if coverage > 0.3 else 0.0


def _kin(link_node: Node, title_node: Node, scene: Scene) -> bool:
    """One is the other, or holds it."""
    return _holds(link_node, title_node, scene) or _holds(title_node, link_node, scene)


_SCRIPT_URL = re.compile(r"""['"]((?:https?:/)?/[^'"\s]+|[\w./-]+\.(?:html?|php|aspx?|pdf)[^'"\s]*)['"]""")


def _scripted(columns: Sequence[Column]) -> Found | None:
    """A link that a script opens: the address stands in an attribute."""
    for attribute in ("data-href", "data-url", "data-link", "onclick", "href"):
        for column in sorted(columns, key=lambda column: column.cost):
            if column.text != "all":
                continue
            given = [None if node is None else node.attributes.get(attribute) for node in column.nodes]
            urls = [_scripted_url(value, attribute) for value in given]
            filled = [url for url in urls if url]
            if len(filled) >= 0.6 * len(urls) and len(set(filled)) == len(filled):
                match = _SCRIPT_URL.pattern if attribute in ("onclick", "href") else None
                css = f"{column.css} @{attribute}".strip()
                return Found({"css": css, "match": match} if match else css, column, tuple(urls), 0.8)
    return None


def _scripted_url(value: str | None, attribute: str) -> str | None:
    if not value:
        return None
    if attribute not in ("onclick", "href"):
        return value if "/" in value or "." in value else None
    found = _SCRIPT_URL.search(value) if attribute == "onclick" or value.startswith("javascript:") else None
    return found[1] if found else None


# -- the date -------------------------------------------------------------------------------------------


def date(columns: Sequence[Column], titled: Found, scene: Scene) -> Found | None:
    best: tuple[float, Found] | None = None
    for column, texts, attribute in _texts(columns):
        known = dated(texts, scene.language, scene.reads)
        if known is None:
            continue
        score = _as_date(column, known, attribute, titled, scene)
        if best is None or score > best[0]:
            css = f"{column.css} @{attribute}".strip() if attribute else column.css
            spec = date_spec(css, column.text, known)
            best = score, Found(spec, column, known.values, known.sure)
    for score, found in _joined(columns, titled, scene):
        if best is None or score > best[0]:
            best = score, found
    return best[1] if best and best[0] > 0 else None


MOST_PARTS: Final = 6


def _joined(columns: Sequence[Column], titled: Found, scene: Scene) -> Iterator[tuple[float, Found]]:
    """A date that is spread over several elements: day, month and year of a calendar sheet."""
    parts = [column for column in columns if column.css and column.text == "all" and _is_part(column, scene)][
        :MOST_PARTS
    ]
    for amount in (2, 3):
        for chosen in permutations(parts, amount):
            texts = [" ".join(filter(None, row)) for row in zip(*(column.texts for column in chosen), strict=True)]
            known = dated(texts, scene.language, scene.reads)
            if known and known.match is None and len(known.format) == 1 and all(known.values):
                spec = {"join": [column.css for column in chosen], "format": known.format[0]}
                score = _as_date(chosen[0], known, None, titled, scene) - 0.2 * amount
                yield score, Found(spec, chosen[0], known.values, known.sure)


def _is_part(column: Column, scene: Scene) -> bool:
    """A number, or the name of a month, and nothing else."""
    return column.coverage == 1.0 and all(text and _is_fragment(text, scene) for text in column.texts)


def _is_fragment(text: str, scene: Scene) -> bool:
    words = re.findall(r"[^\W\d_]+", text)
    known = all(is_month(word, scene.language, scene.reads) for word in words)
    return len(text) <= 12 and known and (bool(words) or any(map(str.isdigit, text))) and _too_little(text, scene)


def _too_little(text: str, scene: Scene) -> bool:
    return not any(
        "%d" in span.format and ("%Y" in span.format or "%y" in span.format) for span in scene_spans(text, scene)
    )


def date_spec(css: str, text: str, known: Dated) -> dict[str, Any]:
    spec: dict[str, Any] = {"css": css}
    if text != "all":
        spec["text"] = text
    if known.match:
        spec["match"] = known.match
    spec["format"] = known.format[0] if len(known.format) == 1 else list(known.format)
    return spec


_ATTRIBUTES: Final = ("datetime", "content")


def _texts(columns: Sequence[Column]) -> Iterator[tuple[Column, Sequence[str | None], str | None]]:
    for column in columns:
        if any(text and any(map(str.isdigit, text)) for text in column.texts):
            yield column, column.texts, None
        if column.text == "all":
            named = {name for node in column.nodes if node for name in node.attributes if name.startswith("data-")}
            for attribute in (*_ATTRIBUTES, *sorted(named)):
                given = [None if node is None else node.attributes.get(attribute) for node in column.nodes]
                if any(given):
                    yield column, given, attribute


def _as_date(column: Column, known: Dated, attribute: str | None, titled: Found, scene: Scene) -> float:
    filled = sum(map(bool, known.values))
    coverage = filled / len(known.values)
    read = filled / max(1, column.filled)
    path = _path(column, scene)
    score = 2.0 * coverage + 0.3 * read
    score += 0.4 * any(DATES.search(hints(one)) for one in path[:2]) + 0.3 * (path[0].tag == "time")
    score -= 0.25 * (known.match is not None) + 0.3 * (attribute is not None)
    score -= 0.15 * (len(known.format) - 1)
    score -= 0.7 * any("%Y" not in form and "%y" not in form and form != "unix" for form in known.format)
    score -= 0.5 * (filled >= 3 and len(set(known.values)) == 1)
    score -= 0.4 * any(_CHANGED.search(hints(one)) for one in path[:1])
    score -= 0.7 * all("%d" not in form and form != "unix" for form in known.format)
    score -= 0.8 * (column.texts == titled.values) + 0.002 * column.length
    score -= 0.3 * any(SUMMARIES.search(hints(one)) and not DATES.search(hints(one)) for one in path[:1])
    return score - 0.04 * column.cost


# -- category and summary -----------------------------------------------------------------------------------


def category(columns: Sequence[Column], taken: Sequence[Found], scene: Scene) -> Found | None:
    rated = [(_as_category(column, taken, scene), column) for column in columns]
    best = max(rated, key=lambda each: each[0], default=(0.0, None))
    if best[1] is None or best[0] <= 0.5:
        return None
    column = _cheapest_like(best[1], [column for score, column in rated if score > 0])
    return Found(spec_of(column, optional=True), column, column.texts, min(1.0, best[0]))


def _as_category(column: Column, taken: Sequence[Found], scene: Scene) -> float:
    texts = [text for text in column.texts if text]
    if (
        column.coverage < 0.25
        or column.length > 40
        or column.length < 2
        or _is_dates(column, scene)
        or _overlaps(column, taken, scene)
    ):
        return 0.0
    if any(_MORE.search(text) for text in texts[:3]) and len(set(texts)) == 1:
        return 0.0
    named = any(CATEGORIES.search(hints(one)) for one in _path(column, scene)[:2])
    repeats = len(set(texts)) > 1 and column.distinct <= 0.6 and len(texts) >= 4
    targets = _targets(column, scene)
    if not (named or repeats) or (targets and all(urlsplit(url).fragment for _, url in targets)):
        return 0.0
    digits = sum(any(map(str.isdigit, text)) for text in texts) / len(texts)
    score = 0.5 * column.coverage + 0.8 * named + 0.5 * repeats - 0.6 * digits - 0.4 * (column.text != "all")
    score += 0.4 * (column.distinct < 1 and _is_shared(targets, column))
    score -= 0.8 * any(_AUTHORS.search(hints(one)) for one in _path(column, scene)[:2])
    return score - 0.3 * _several_lines(column, scene) - 0.03 * column.cost


def _targets(column: Column, scene: Scene) -> list[tuple[str, str]]:
    """Of those elements that are links: what is said, and where it leads. Part of a page, `#comments`, is no category."""
    if column.text != "all":
        return []
    pairs = ((text, _alone(node, text, scene)) for node, text in zip(column.nodes, column.texts, strict=True) if node)
    return [(text, url) for text, url in pairs if text and url]


def _alone(node: Node, text: str | None, scene: Scene) -> str | None:
    """Where it leads to, if it is a link, or nothing but one."""
    links = (one for one in (node, *below(node)) if scene.index.text(one) == text)
    return next((url for one in links if (url := scene.leads(one))), None)


def _is_shared(targets: Sequence[tuple[str, str]], column: Column) -> bool:
    """Each is a link, and what is called the same leads to the same: entries of a kind have a page together."""
    alone = len(set(targets)) == len({text for text, _ in targets}) == len({url for _, url in targets})
    return len(targets) == column.filled and alone


def summary(columns: Sequence[Column], taken: Sequence[Found], scene: Scene) -> Found | None:
    rated = [(_as_summary(column, taken, scene), column) for column in columns]
    best = max(rated, key=lambda each: each[0], default=(0.0, None))
    if best[1] is None or best[0] <= 0.6:
        return None
    column = _cheapest_like(best[1], [column for score, column in rated if score > 0])
    return Found(spec_of(column, optional=True), column, column.texts, min(1.0, best[0]))


def _as_summary(column: Column, taken: Sequence[Found], scene: Scene) -> float:
    if column.coverage < 0.25 or column.length < 20 or column.distinct < 0.7 or _overlaps(column, taken, scene):
        return 0.0
    named = any(SUMMARIES.search(hints(one)) for one in _path(column, scene)[:2])
    score = 0.5 * column.coverage + 0.6 * named + 0.5 * (column.one.tag == "p") + min(0.6, column.length / 300)
    score -= 0.6 * _leads_on(column, scene)
    return score - 0.8 * _holds_dates(column, scene) - 0.3 * (column.text != "all") - 0.05 * column.cost


def _leads_on(column: Column, scene: Scene) -> bool:
    """Most of its texts end with a link, `read more: ...`, which says nothing of the entry."""
    if column.text != "all":
        return False
    inner = [(text, list(below(node))) for node, text in zip(column.nodes, column.texts, strict=True) if node and text]
    led = [any(scene.leads(one) and _ends(text, scene.index.text(one)) for one in nodes) for text, nodes in inner]
    return sum(led) > 0.5 * len(inner)


def _ends(text: str, link: str) -> bool:
    return bool(link) and link != text and text.endswith(link)


def _overlaps(column: Column, taken: Sequence[Found], scene: Scene) -> bool:
    """It is, or holds, or stands in what another field is made of; the texts beside an element are not in it."""
    if column.css == "" and column.text == "all":
        return True
    for found in taken:
        if column.texts == found.column.texts:
            return True
        if column.text == "all" and found.column.text == "all":
            pairs = zip(column.nodes, found.column.nodes, strict=True)
            met = _holds if _picks(found) else _kin
            if any(met(one, two, scene) for one, two in pairs if one and two and found.column.css):
                return True
    return False


def _picks(found: Found) -> bool:
    """It takes a part of a text: what else stands there is left to others."""
    return isinstance(found.spec, dict) and "match" in found.spec


def _holds(outer: Node, inner: Node, scene: Scene) -> bool:
    a, b = scene.index.span(outer), scene.index.span(inner)
    return a[0] <= b[0] and b[1] <= a[1]
