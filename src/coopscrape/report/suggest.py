"""What came of looking for a listing -> a block for selectors.toml, with comments that say how sure it is. Pure.

All of it is TOML, so that it can be put into the file as it is printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from coopscrape.model import Extraction, Miss, Page, Row
from coopscrape.report import said as words
from coopscrape.report.block import source_toml
from coopscrape.report.escape import said
from coopscrape.report.layout import paragraph
from coopscrape.report.paint import plain

PREVIEWED: Final = 3  # entries


class FieldRead(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def filled(self) -> int: ...
    @property
    def sure(self) -> float: ...


class Suggestion(Protocol):
    @property
    def block(self) -> Mapping[str, Any]: ...
    @property
    def extraction(self) -> Extraction: ...
    @property
    def fields(self) -> Sequence[FieldRead]: ...
    @property
    def reasons(self) -> Mapping[str, str]: ...


class Offer(Protocol):
    @property
    def what(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def title(self) -> str: ...


class Suggested(Protocol):
    """run.suggest.Suggested."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def outcome(self) -> Page | Miss: ...
    @property
    def suggestion(self) -> Suggestion | None: ...
    @property
    def offers(self) -> Sequence[Offer]: ...
    @property
    def why_not(self) -> str | None: ...


def suggested_text(found: Suggested, width: int | None = None) -> str:
    """The block, or why there is none; the offers of the page either way."""
    lines: list[str] = []
    if isinstance(found.outcome, Miss):
        lines += _comment(f"missed: {found.outcome.why}: {found.outcome.detail}", width)
    elif found.suggestion is None:
        lines += _comment(f"{found.url}: no listing was found: {found.why_not}.", width)
    else:
        lines += _preview(found, found.suggestion, width)
    lines += [line for offer in found.offers for line in _offer(offer, width)]
    text = "\n".join(lines) + "\n"
    return text if found.suggestion is None else f"{text}\n{block_text(found)}"


def block_text(found: Suggested) -> str:
    """What `--write` appends: the block, and when and against what it was tried."""
    suggestion = found.suggestion
    if suggestion is None or not isinstance(found.outcome, Page):
        return ""
    rows = len(suggestion.extraction.rows)
    head = (
        f"Suggested by `coopscrape suggest` on {found.outcome.fetched_at[:10]}, and tried on one page only:",
        f"{words.count(rows, 'entry', 'entries')} on {found.url}",
    )
    return source_toml(found.name, suggestion.block, _comments(suggestion), head)


def _comments(suggestion: Suggestion) -> dict[str, str]:
    rows, items = len(suggestion.extraction.rows), suggestion.extraction.items
    comments = dict(suggestion.reasons)
    comments["language"] = "of the names of months"
    comments["must_contain"] = "a page without it is not believed"
    comments["layout.item"] = f"{items} on the page" + ("" if items == rows else f", {rows} of them entries")
    for field in suggestion.fields:
        comments[f"layout.{field.name}"] = f"{field.filled} of {rows}, {_sure(field.sure)}"
    comments["layout.require"] = "an item without is no entry"
    return comments


SURE: Final = ((0.9, "sure"), (0.7, "fairly sure"), (0.0, "look at it"))


def _sure(share: float) -> str:
    word = next(word for least, word in SURE if share >= least)
    return f"{word} ({share:.0%})"


def _preview(found: Suggested, suggestion: Suggestion, width: int | None) -> list[str]:
    rows = suggestion.extraction.rows
    lines = _comment(
        f"{found.url}: a listing of {words.count(len(rows), 'entry', 'entries')} on this page. It begins:", width
    )
    for n, row in enumerate(rows[:PREVIEWED], 1):
        lines += ["#", *_row(n, row, width)]
    following = suggestion.extraction.next_url
    return [*lines, "#", *(_comment(f"next page: {following}", width) if following else [])]


def _row(n: int, row: Row, width: int | None) -> list[str]:
    content = row.content
    lines = _comment(f"{words.day(content)}  {words.category(content)}", width, f"#{n:>4}. ", "#      ")
    lines += _comment(words.title(content), width, "#      ")
    lines += _comment(said(content.link) or "(no link)", width, "#      ")
    return lines


def _offer(offer: Offer, width: int | None) -> list[str]:
    title = f" ({said(offer.title)})" if offer.title else ""
    return _comment(f"the page offers {offer.what}{title}: {offer.url}", width)


def _comment(text: str, width: int | None, first: str = "# ", indent: str | None = None) -> list[str]:
    return paragraph([(said(text), "")], plain, width, indent or first, first)
