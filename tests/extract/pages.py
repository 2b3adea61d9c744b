"""Small pages and readings for the tests of this room."""

from __future__ import annotations

from hashlib import sha256

from coopscrape.model import Field, KeyRule, Layout, Page, Reading, Row, Skip, Way

URL = "https://www.example.org/news/index.htm"
FETCHED = "2018-07-01T12:00:00.000Z"


def page(html: str | bytes, url: str = URL, content_type: str | None = "text/html; charset=utf-8") -> Page:
    body = html.encode("utf-8", "surrogatepass") if isinstance(html, str) else html
    return Page(
        asked=url,
        url=url,
        fetched_at=FETCHED,
        body=body,
        digest=sha256(body).hexdigest(),
        content_type=content_type,
    )


def field(name: str, *ways: Way | str, optional: bool = False) -> Field:
    return Field(name, tuple(Way(w) if isinstance(w, str) else w for w in ways), optional)


def reading(*fields: Field, **more: object) -> Reading:
    """One layout, "one", over `li`; keywords of Layout and of Reading."""
    names = Layout.__dataclass_fields__
    of_layout = {"name": "one", "item": "li", **{k: v for k, v in more.items() if k in names}}
    of_reading = {k: v for k, v in more.items() if k not in names}
    return Reading((Layout(fields=fields, **of_layout),), **of_reading)  # type: ignore[arg-type]


# The ILO's list as it was until 2024: written for this project in the make of the site.
ILO = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>News</title></head><body>
<ol class="breadcrumb"><li><a href="/">Home</a></li></ol>
<div class="items-list"><ol>
<li>
  <span class="caption">&copy; M. Crozet / ILO 2019</span>
  <a href="/news/WCMS_632401/lang--en/index.htm"><img src="/thumb.jpg" alt="Photo of 1 May 2017"></a>
  <p class="item-prehead">News</p>
  <h5 class="item-title"><a href="/news/WCMS_632401/lang--en/index.htm">Advancing decent work in the
     rural economy&nbsp;<span class="icon-link"></span></a></h5>
  <p>20 June 2018</p>
</li>
<li>
  <p class="item-prehead"></p>
  <h5 class="item-title"><a href="//www.ilo.org/news/WCMS_632399/lang--en/index.htm">My.Coop <b>train</b>ing &amp;
  Redesol&nbsp;<span class="icon-link"></span></a></h5>
  <p>29 May 2018</p>
  <p class="item-info">First line.<br>Second&nbsp;line.</p>
</li>
<li>
  <h5 class="item-title"><a href="/event">Forthcoming</a></h5>
  <p>ongoing</p>
  <p class="item-info"> </p>
</li>
</ol></div>
<aside class="pagination"><a class="prev" href="index.htm">1</a> <a class="next" href="nextRow--10/index.htm#list">2</a>
</aside></body></html>"""

OLD = Layout(
    name="old",
    guard="div.items-list",
    item="div.items-list ol > li",
    fields=(
        field("title", "h5.item-title a"),
        field("link", Way("h5.item-title a", "href")),
        field("category", "p.item-prehead", optional=True),
        field("date", Way("p", match=r"^\d{1,2} \p{L}+ \d{4}$", format=("%d %B %Y",))),
        field("summary", "p.item-info", optional=True),
    ),
    require=("title",),
)

# And since: cards.
CARDS_HTML = """<!DOCTYPE html><html><body>
<div class="ilo--card"><a class="ilo--card--link" href="https://www.ilo.org/resource/news/fair-rural-work">
 <p class="ilo--card--eyebrow">Article</p><p class="ilo--card--title">Fair rural work</p></a>
 <p class="ilo--card--intro">What was said.</p>
 <time class="ilo--card--date" datetime="1758364200">20 September 2025</time></div>
<div class="ilo--card"><a class="ilo--card--link" href="/resource/news/second">
 <p class="ilo--card--title">Second</p></a>
 <time class="ilo--card--date" datetime="1758277800"></time></div>
<div class="ilo--card"><p class="ilo--card--title">Subscribe to our newsletter</p></div>
<a class="ilo--pagination--next-page ilo--pagination--disable" href="?page=3">Next</a>
</body></html>"""

CARDS = Layout(
    name="cards",
    guard="div.ilo--card",
    item="div.ilo--card",
    fields=(
        field("title", ".ilo--card--title"),
        field("link", Way("a.ilo--card--link", "href")),
        field("category", "p.ilo--card--eyebrow", optional=True),
        field(
            "date",
            Way("time.ilo--card--date", format=("%d %B %Y",)),
            Way("time.ilo--card--date", "datetime", format=("unix",)),
        ),
        field("summary", "p.ilo--card--intro", optional=True),
    ),
    require=("title", "date"),
)

COOP = Reading(
    layouts=(OLD, CARDS),
    key=KeyRule(("link",), r"(WCMS_\d+|/resource/[^?#]+)"),
    must_contain="div.items-list, div.ilo--card",
    next="aside.pagination a.next, a.ilo--pagination--next-page:not(.ilo--pagination--disable)",
)

NO_HEADERS = Skip(css="th")


def titles(rows: tuple[Row, ...]) -> list[str | None]:
    return [row.content.title for row in rows]
