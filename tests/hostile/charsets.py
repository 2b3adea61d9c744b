"""Charsets that contradict each other, or that nobody knows. What is read must be the same text all the same.

The order: byte order mark, HTTP header, <meta> in the first 1,024 bytes, UTF-8, then windows-1252.
"""

from __future__ import annotations

import codecs
from typing import Final

from hostile.behaviour import LISTING, READ, Behaviour, Right, Site, page
from server import Answer

META: Final = '<meta charset="utf-8">'


def _encoded(charset: str, meta: str = "") -> bytes:
    """The page in this charset; letters that it lacks are written as references."""
    return page().replace(META, meta).encode(charset, "xmlcharrefreplace")


def _row(name: str, words: str, body: bytes, header: str = "text/html", right: Right = READ) -> Behaviour:
    def act(site: Site) -> None:
        site.put(LISTING, Answer(body=body, headers=(("Content-Type", header),)))

    return Behaviour(f"charset {name}", words, act, right)


def _in(charset: str, label: str | None = None) -> Behaviour:
    label = label or charset
    return _row(f"{label}", "said in the header", _encoded(charset), f"text/html; charset={label}")


def _meta(charset: str, label: str) -> Behaviour:
    return _row(f"{label} by meta", "said in the page", _encoded(charset, f'<meta charset="{label}">'))


UTF_8: Final = page().encode()

ROWS: Final = (
    _in("windows-1252"),
    _in("windows-1252", "iso-8859-1"),
    _in("windows-1252", "us-ascii"),
    _in("iso-8859-15"),
    _in("shift_jis"),
    _in("euc_jp", "euc-jp"),
    _in("iso2022_jp", "iso-2022-jp"),
    _in("gb18030"),
    _in("gbk", "gb2312"),
    _in("big5hkscs", "big5"),
    _in("cp949", "euc-kr"),
    _in("koi8-r"),
    _in("utf-16-le", "utf-16"),
    _in("utf-16-be", "utf-16be"),
    _meta("windows-1252", "latin1"),
    _meta("shift_jis", "shift_jis"),
    _meta("gb18030", "gb18030"),
    _row("utf-16 by its mark", "FF FE first, nothing else", codecs.BOM_UTF16_LE + page().encode("utf-16-le")),
    _row(
        "utf-16 against the header",
        "the mark says utf-16, the header utf-8",
        codecs.BOM_UTF16_BE + page().encode("utf-16-be"),
        "text/html; charset=utf-8",
    ),
    _row(
        "utf-8 by its mark",
        "the mark says utf-8, the header iso-8859-1",
        codecs.BOM_UTF8 + UTF_8,
        "text/html; charset=iso-8859-1",
    ),
    _row(
        "of the header, not of the meta",
        "the header says utf-8, the page iso-8859-1",
        page().replace(META, '<meta charset="iso-8859-1">').encode(),
        "text/html; charset=utf-8",
    ),
    _row(
        "utf-16 by meta",
        "what was read as ASCII cannot be utf-16",
        page().replace(META, '<meta charset="utf-16">').encode(),
    ),
    _row("unknown", "the header says martian, the page utf-8", UTF_8, "text/html; charset=martian"),
    _row("utf-7", "which nobody may use", UTF_8, "text/html; charset=utf-7"),
    _row("utf-32", "which nobody knows any more", UTF_8, "text/html; charset=utf-32"),
    _row("none at all", "utf-8, and says it nowhere", page().replace(META, "").encode()),
    _row("windows-1252, unsaid", "and says it nowhere", _encoded("windows-1252")),
    _row(
        "said behind 1,024 bytes",
        "the meta comes too late, but it is utf-8",
        page().replace(META, "<!--" + "-" * 2_000 + "-->" + '<meta charset="koi8-r">').encode(),
    ),
    _row(
        "in a comment",
        "the first meta is commented out",
        page().replace(META, '<!-- <meta charset="koi8-r"> -->' + META).encode(),
    ),
    _row("said twice", "two in one header", UTF_8, "text/html; charset=utf-8; charset=koi8-r"),
    _row("in quotes", 'charset="UTF-8"', UTF_8, 'text/html; charset="UTF-8"'),
    _row("that rings the bell", "an escape sequence in the label", UTF_8, 'text/html; charset="\x07utf-8"'),
    _row("of 5,000 letters", "a label without end", UTF_8, "text/html; charset=" + "x" * 5_000),
    _row(
        "with broken bytes beside the list",
        "a footer in another charset",
        page(aside="<p>BROKEN</p>").encode().replace(b"BROKEN", b"\xff\xfe\xc3\x28\xed\xa0\x80\xf8"),
    ),
    _row(
        "with zero bytes beside the list",
        "NUL, NUL, NUL",
        page(aside="<p>BROKEN</p>").encode().replace(b"BROKEN", bytes(9)),
    ),
    _row("text/plain", "the listing, as a type that is no page", UTF_8, "text/plain; charset=utf-8"),
    _row("no content type", "says nothing of its type", UTF_8, ""),
    _row("half of a letter", "cut inside the last letter of the page", UTF_8 + b"\xe5\x8d"),
)
