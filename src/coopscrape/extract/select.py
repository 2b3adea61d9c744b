"""HTML and selectors -> elements, their text, their attributes. The only importer of selectolax.

What lexbor does otherwise than one expects is kept in here: a selector also finds the element it is asked of, a list of
selectors ("a, b") finds an element once for each, and text comes without line breaks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode, SelectolaxError

from coopscrape.extract.patterns import UnusableError
from coopscrape.extract.printed import lines, one_line, short
from coopscrape.extract.weight import DEEPEST
from coopscrape.model import Text

Element: TypeAlias = LexborNode


class Siblings:
    """An item that spans several sibling elements, asked as if it were one. Selectors find these elements, too."""

    __slots__ = ("elements",)
    mem_id: Final = -1  # that of no element

    def __init__(self, elements: Sequence[Element]) -> None:
        self.elements = elements

    def css(self, css: str) -> list[Element]:
        return [found for each in self.elements for found in each.css(css)]

    def css_first(self, css: str) -> Element | None:
        return next((found for each in self.elements if (found := each.css_first(css)) is not None), None)

    @property
    def attributes(self) -> dict[str, str | None]:
        """Of the first that has each."""
        return {name: value for each in reversed(self.elements) for name, value in each.attributes.items()}


Item: TypeAlias = LexborNode | Siblings

TEXT: Final = "-text"
MOST_RAW: Final = 4_000_000  # characters of one text or attribute, blanks included
SILENT: Final = frozenset({"script", "style", "template"})
# Elements that begin and end a line (HTML standard, section 15.3, "display: block"), and table cells and options, whose
# texts are no words of each other either.
_BREAKING = """
    address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup option p plaintext
    pre search section select summary table tbody td tfoot th thead tr ul xmp
"""
BREAKING: Final = frozenset(_BREAKING.split())
_PARTING = BREAKING | SILENT

_USUAL = 60  # as deep as real pages are; to ask this first is ten times cheaper


def _nested(depth: int) -> str:
    """Where one element stands so deep, the last of its brothers does too; to climb up from these alone is cheaper."""
    return ">".join(["*"] * depth) + ":last-child"


_DEEP, _TOO_DEEP = _nested(_USUAL), _nested(DEEPEST)

# A parsed page takes ten times its length, and is dropped again. glibc would hand that memory back to the system each
# time, and get it back page by page, which takes as long as to parse it. Unless something larger was freed before:
# mallopt(3), M_TRIM_THRESHOLD, "dynamic". (Elsewhere this does nothing.)
_ = bytes(8 * 2**20)
del _


def parse(html: str) -> Element | None:
    """The root element; None if lexbor makes none.

    Without events, since with them each <option> is copied into <selectedcontent>: text that the page says once would
    be read twice, and 8,000 options cost a second.
    """
    return LexborHTMLParser(html, options=LexborDocumentOptions.WO_EVENTS).root


def too_deep(root: Element) -> bool:
    """More than `weight.DEEPEST` elements in each other: reading such a page costs the square of its size."""
    return root.css_first(_DEEP) is not None and root.css_first(_TOO_DEEP) is not None


def find(element: Item, css: str) -> list[Element]:
    """What the selector finds inside the element, in document order; "" is the element itself. Raises UnusableError."""
    if not css:
        return list(element.elements) if isinstance(element, Siblings) else [element]
    found = _all(element, css)
    return found[1:] if found and found[0].mem_id == element.mem_id else found


def holds(element: Item, css: str) -> bool:
    """Whether the selector finds anything in the element, or the element itself. Raises UnusableError."""
    return _first(element, css) is not None


def find_one_by_one(element: Element, css: str) -> Iterator[Element]:
    """As `find`, but the element itself may be among them; no more than is taken is looked for. Raises UnusableError."""
    first = _first(element, css)
    if first is not None:
        yield first
        yield from _all(element, css)[1:]


def _first(element: Item, css: str) -> Element | None:
    try:
        return element.css_first(css)
    except (SelectolaxError, UnicodeEncodeError) as error:
        raise UnusableError(selector_fault(css) or f"the selector {short(css)}: {error}") from error


def _all(element: Item, css: str) -> list[Element]:
    """Raises UnusableError if lexbor cannot use the selector."""
    try:
        found = element.css(css)
    except (SelectolaxError, UnicodeEncodeError) as error:
        raise UnusableError(selector_fault(css) or f"the selector {short(css)}: {error}") from error
    return list({each.mem_id: each for each in found}.values()) if "," in css else found


class Finds:
    """What selectors find in each of several items. Where it comes to the same, all are searched at once: from their
    common parent, since to take a selector to pieces costs more than to search a usual item."""

    def __init__(self, items: Sequence[Element]) -> None:
        self._items = items
        self._parent = _common_parent(items)
        self._found: dict[str, dict[int, list[Element]] | None] = {}

    def find(self, item: Item, css: str) -> list[Element]:
        """As `find`, in one of the items."""
        if css not in self._found:
            self._found[css] = self._at_once(css)
        found = self._found[css]
        return find(item, css) if found is None else found[item.mem_id]

    def _at_once(self, css: str) -> dict[int, list[Element]] | None:
        """Of each item what is found in it; None: it does not come to the same, or not sooner."""
        if self._parent is None or not _stays_within(css, self._parent, self._items):
            return None
        found: dict[int, list[Element]] = {item.mem_id: [] for item in self._items}
        top, steps = self._parent.mem_id, STEPS * len(self._items)
        for each in find(self._parent, css):
            at = each.parent
            while at is not None and (here := at.mem_id) not in found and here != top and steps:
                at, steps = at.parent, steps - 1
            if at is None or not steps:
                return None
            if here != top:
                found[here].append(each)
        return found


SEVERAL: Final = 3  # items
STEPS: Final = 50  # up from what was found, an item
_COMPOUND = r"(?:[.#][A-Za-z_][\w-]*|\[[a-z][a-z-]*\])"
# One element by itself; or a path down, whose first element is told by its tag.
_ONE = re.compile(rf"(?:[a-z][a-z0-9]*{_COMPOUND}*|{_COMPOUND}+)", re.ASCII)
_PATH = re.compile(rf"(?P<first>[a-z][a-z0-9]*){_COMPOUND}*(?:(?: *> *| +){_ONE.pattern})+", re.ASCII)


def _common_parent(items: Sequence[Element]) -> Element | None:
    """None: they have none, so that one may stand in another; or they are few."""
    parents = [item.parent for item in items] if len(items) >= SEVERAL else []
    return parents[0] if None not in parents and len({each.mem_id for each in parents if each}) == 1 else None


def _stays_within(css: str, parent: Element, items: Sequence[Element]) -> bool:
    """Whether all that it finds in the parent is found in an item, too, if it stands in one: no path begins above."""
    if _ONE.fullmatch(css):
        return True
    path = _PATH.fullmatch(css)
    return path is not None and path["first"] not in {parent.tag, *(item.tag for item in items)}


def attribute(element: Item, name: str) -> str | None:
    """None: it has no such attribute. An attribute without a value is ""."""
    given = element.attributes
    name = name.lower()
    return _bounded(given[name] or "") if name in given else None


# -- text ---------------------------------------------------------------------------------------------


def text_of(element: Item, which: Text = Text.ALL) -> str:
    """Its text as printed, a line feed between lines. Blocks and <br> part lines, inline elements do not part words."""
    if isinstance(element, Siblings):
        return lines(_bounded("\n".join(text_of(each, which) for each in element.elements)))
    if which is not Text.ALL:
        return lines(_TEXTS[which](element))
    only = element.first_child
    if only is not None and only.next is None and (text := only.text_content) is not None:
        # What most elements are: a text and nothing else.
        return "" if element.tag in SILENT else one_line(_bounded(text))
    tags = [node.tag for node in element.traverse(include_text=True)]
    if _PARTING.isdisjoint(tags[1:]) and tags[0] not in SILENT:
        return one_line(_bounded(element.text()))  # one line, which lexbor reads faster
    return lines(_bounded("".join(_pieces(element))))


def _bounded(text: str) -> str:
    """Raises UnusableError: it is longer than anything that a listing says, so it is not even tidied up."""
    if len(text) > MOST_RAW:
        raise UnusableError(
            f"this page is not read: a text of it has {len(text):,} characters; at most {MOST_RAW:,} are"
        )
    return text


def _pieces(element: Element) -> Iterator[str]:
    """Each text within, and a line feed wherever a line begins or ends. White space of the source is no line."""
    at = _below(element)
    while at is not None:
        yield _own_value(at) if at.tag == TEXT else _line(at)
        down = _below(at)
        while down is None and at.next is None:
            at = at.parent
            if at is None or at.mem_id == element.mem_id:
                return
            yield _line(at)
        at = at.next if down is None else down


def _below(element: Element) -> Element | None:
    return None if element.tag in SILENT else element.first_child


def _line(element: Element) -> str:
    return "\n" if element.tag in BREAKING else ""


def _own_value(node: Element) -> str:
    """A text node's text; its line feeds are those of the source, not of what is shown."""
    return (node.text_content or "").replace("\n", " ")


def _own(element: Element) -> str:
    """Its own text nodes. A child that stood between two of them parts them."""
    return "".join(_own_value(n) if n.tag == TEXT else _line(n) or " " for n in element.iter(include_text=True))


def _beside(step: Callable[[Element], Element | None]) -> Callable[[Element], str]:
    """The nearest text on one side: past <br> and blanks, not past another element."""

    def nearest(element: Element) -> str:
        caught: list[str] = []
        node = step(element)
        while node is not None and (node.tag == TEXT or not _stops(node, caught)):
            caught.append(_own_value(node) if node.tag == TEXT else "")
            node = step(node)
        return "".join(caught if step is _next else reversed(caught))

    return nearest


def _stops(node: Element, caught: list[str]) -> bool:
    """Comments never end a text; <br> does once there is one; any other element does."""
    return node.tag != "-comment" and (node.tag != "br" or bool("".join(caught).strip()))


def _next(node: Element) -> Element | None:
    return node.next


def _previous(node: Element) -> Element | None:
    return node.prev


_TEXTS: Final[dict[Text, Callable[[Element], str]]] = {
    Text.OWN: _own,
    Text.BEFORE: _beside(_previous),
    Text.AFTER: _beside(_next),
}


# -- selectors that cannot be used -----------------------------------------------------------------------

_PROBE = LexborHTMLParser("<p>")

# What people write who come from elsewhere, and how it is said here.
HINTS: Final = (
    (":contains", 'CSS has no :contains; drop items with skip = { match = "..." }, or pick text with match'),
    (":icontains", 'CSS has no :icontains; drop items with skip = { match = "(?i)..." }, or pick text with match'),
    (":has-text", 'CSS has no :has-text; drop items with skip = { match = "..." }, or pick text with match'),
    (":matches", "CSS has no :matches; it is :is(), and text is picked with match"),
    ("::text", "the text is taken anyway; leave ::text away"),
    ("::attr", 'an attribute is written after the selector, as in "a @href"'),
    ("//", "that is XPath; a selector is CSS, such as div.list li a"),
    ("/@", 'that is XPath; an attribute is written after a selector of CSS, as in "a @href"'),
    ("[@", "that is XPath; CSS has no @ before the name of an attribute: a[href]"),
    ("text()", "that is XPath; the text of what a selector finds is taken anyway"),
    ("/", "that is XPath or a path of folders; in CSS a child is written ul > li, what stands deeper ul li"),
    (":scope", "the search begins inside the item already; leave :scope away"),
    (":eq(", "counting is :nth-child(1) or :nth-of-type(1)"),
    (":first", "the first that yields is taken anyway; counting is :first-child or :first-of-type"),
    ("::", "only elements can be selected, not what a style sheet adds to them"),
    ("@", 'an attribute is written last, after a blank, as in "a @href"'),
)


def selector_fault(css: str) -> str | None:
    """Why lexbor cannot use this selector, in words, with a hint where one is known; None if it can."""
    if not css.strip():
        return 'an empty selector finds nothing; css = "" stands for the whole item, in fields only'
    try:
        _PROBE.css(css)
    except (SelectolaxError, UnicodeEncodeError):
        begins = css.lstrip()[0] in ">+~"
        hint = "it begins inside the item; name the item too, as in `li > p`" if begins else _hint(css)
        return f"{short(css)} is no selector that can be used" + (f": {hint}" if hint else "")
    return None


def _hint(css: str) -> str | None:
    attr = re.search(r"::attr\(\s*[\"']?([\w:-]+)", css)
    if attr:
        before = css[: attr.start()].strip() or "a"
        return f"an attribute is written after the selector: {short(f'{before} @{attr[1]}')}"
    return next((hint for sign, hint in HINTS if sign in css), None)
