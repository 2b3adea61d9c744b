"""Bytes -> text, and by which charset. Pure; the only place that decodes a page.

In the order of the HTML standard (section 13.2.3.2, "determining the character encoding"): byte order mark, HTTP
header, <meta> in the first 1024 bytes. Then: valid UTF-8 is UTF-8; of anything else legacy.py tells by the source's
language which of its charsets fits, and if none does it is windows-1252, as in western browsers.
Labels are those of the Encoding standard, where `iso-8859-1` means windows-1252.
"""

from __future__ import annotations

import re
from typing import Final

import webencodings

from coopscrape.extract.legacy import fitting

MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16be"), (b"\xff\xfe", "utf-16le"))
PRESCAN: Final = 1024  # bytes in which the standard looks for <meta>
FALLBACK: Final = "windows-1252"

_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.IGNORECASE)
_META = re.compile(rb"<meta\s[^>]*?charset\s*=\s*[\"']?\s*([^\s\"'/>;]+)", re.IGNORECASE)
_LANGUAGE = re.compile(rb"<html\s[^>]*?\blang\s*=\s*[\"']?\s*([A-Za-z][\w-]*)", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)

# The standard's own exceptions for what a <meta> says: it was read as ASCII, so it cannot be UTF-16.
_NOT_IN_META: Final = {"utf-16be": "utf-8", "utf-16le": "utf-8", "x-user-defined": FALLBACK}


def decode(body: bytes, content_type: str | None, language: str = "en") -> tuple[str, str]:
    """Text without its byte order mark, and the label used. Never raises: bytes that are no text become U+FFFD.

    `language`: of the source. It decides where nothing else does.
    """
    label, _ = recognise(body, content_type, language)
    encoding = webencodings.lookup(label) or webencodings.UTF8
    return encoding.codec_info.decode(body, "replace")[0].removeprefix("\ufeff"), label


def recognise(body: bytes, content_type: str | None, language: str = "en") -> tuple[str, str]:
    """The charset's label, and why it was chosen, in words."""
    for mark, label in MARKS:
        if body.startswith(mark):
            return label, "byte order mark"
    if sent := _known(_HEADER.search(content_type or "")):
        return sent, "Content-Type header"
    if declared := _known(_META.search(_COMMENT.sub(b"", body[:PRESCAN]))):
        return _NOT_IN_META.get(declared, declared), "<meta> in the page"
    if _is_utf8(body):
        return "utf-8", "nothing is declared, and it is valid UTF-8"
    if fits := fitting(body, language):
        return fits, f"nothing is declared, it is not UTF-8, and this fits the language {language!r}"
    return FALLBACK, "nothing is declared, and it is not UTF-8"


def language_said(body: bytes) -> str | None:
    """What `<html lang>` says, for who has no source to ask."""
    found = _LANGUAGE.search(_COMMENT.sub(b"", body[:PRESCAN]))
    return found[1].decode("ascii") if found else None


def _known(found: re.Match[str] | re.Match[bytes] | None) -> str | None:
    """The standard's name for a declared label; None if nobody knows it."""
    if found is None:
        return None
    label = found[1].decode("ascii", "replace") if isinstance(found[1], bytes) else found[1]
    encoding = webencodings.lookup(label)
    return encoding.name if encoding else None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
