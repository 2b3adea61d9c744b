"""Which charset a page is in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.extract import decode
from coopscrape.extract.charset import recognise


@pytest.mark.parametrize(
    ("body", "content_type", "text", "label"),
    [
        (b"\xef\xbb\xbfa\xc3\xa9", "text/html; charset=iso-8859-1", "aé", "utf-8"),
        ("aé".encode("utf-16"), None, "aé", "utf-16le"),
        (b"\xfe\xff\x00a", None, "a", "utf-16be"),
        (b"\x93a\x94", "text/html; charset=ISO-8859-1", "“a”", "windows-1252"),
        (b"a\xe9", 'text/html;charset="windows-1252"', "aé", "windows-1252"),
        ("aé".encode("shift_jis", "replace"), "text/html; Charset=Shift_JIS; x=y", "a?", "shift_jis"),
        (b"<meta charset=koi8-r>\xc1", "text/html; charset=utf-8", "<meta charset=koi8-r>\ufffd", "utf-8"),
        (b"<meta charset=koi8-r>\xc1", "text/html; charset=nonsense", "<meta charset=koi8-r>а", "koi8-r"),
        (b"<META http-equiv=x content='text/html; charset=koi8-r'>\xc1", None, None, "koi8-r"),
        (b"<!-- <meta charset=koi8-r> -->\xc3\xa9", None, "<!-- <meta charset=koi8-r> -->é", "utf-8"),
        (b"<meta charset=utf-16>\xc3\xa9", None, "<meta charset=utf-16>é", "utf-8"),
        (b" " * 1024 + b"<meta charset=koi8-r>\xc3\xa9", None, None, "utf-8"),
        (b"\xc3\xa9", None, "é", "utf-8"),
        (b"\xe9", "text/html", "é", "windows-1252"),
        (b"\x81", None, None, "windows-1252"),
        (b"", None, "", "utf-8"),
    ],
)
def test_mark_then_header_then_meta_then_utf8_then_windows(
    body: bytes, content_type: str | None, text: str | None, label: str
) -> None:
    got, used = decode(body, content_type)
    assert used == label
    assert text is None or got == text


def test_the_reason_is_told() -> None:
    assert recognise(b"<meta charset=latin1>", None) == ("windows-1252", "<meta> in the page")
    assert recognise(b"\xff", None) == ("windows-1252", "nothing is declared, and it is not UTF-8")


@given(
    st.binary(),
    st.none()
    | st.text()
    | st.sampled_from(["utf-8", "utf-16", "gb18030", "iso-2022-jp", "big5", "hz", "x-user-defined", "replacement"]).map(
        "charset={}".format
    ),
)
def test_decoding_never_raises(body: bytes, content_type: str | None) -> None:
    text, label = decode(body, content_type)
    assert isinstance(text, str)
    assert label


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sent_as_utf8_is_read_as_utf8(text: str) -> None:
    assert decode(text.encode(), "text/html; charset=UTF-8")[0] == text.removeprefix("\ufeff")
