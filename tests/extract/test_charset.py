"""Which charset a page is in."""

from __future__ import annotations

import pytest
import webencodings
from hypothesis import given
from hypothesis import strategies as st

from coopscrape.extract import decode
from coopscrape.extract.charset import language_said, recognise
from coopscrape.extract.legacy import CHARSETS


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


WRITTEN = [
    ("ru", "Союз сельских кооперативов принял новый устав", ("windows-1251", "koi8-r", "iso-8859-5", "ibm866")),
    ("uk", "Спілка сільських кооперативів ухвалила її статут", ("windows-1251", "koi8-u")),
    ("bg", "Съюзът на кооперациите прие нов устав", ("windows-1251",)),
    ("el", "Ένωση συνεταιρισμών: ο Άγης και η Ελένη", ("iso-8859-7", "windows-1253")),
    ("he", "איגוד הקואופרטיבים", ("windows-1255",)),
    ("ar", "اتحاد التعاونيات الزراعية", ("windows-1256", "iso-8859-6")),
    ("th", "สหกรณ์การเกษตร", ("windows-874",)),
    ("ja", "協同組合のお知らせとニュース", ("shift_jis", "euc-jp")),
    ("ko", "협동조합 소식", ("euc-kr",)),
    ("zh", "合作社的新闻和通知，农民工作", ("gb18030", "big5")),
    ("zh-TW", "合作社的新聞和通知，農民工作", ("big5",)),
    ("cs", "Příliš žluťoučký kůň úpěl ďábelské ódy", ("windows-1250", "iso-8859-2")),
    ("pl", "Zażółć gęślą jaźń, spółdzielnia mieszkańców", ("iso-8859-2", "windows-1250")),
    ("hu", "Szövetkezeti hírek, őszi gyűlés", ("iso-8859-2", "windows-1250")),
    ("ro", "Ştiri despre cooperaţie în România", ("windows-1250",)),
    ("tr", "Kooperatifler Birliği: işçiler, çıraklar", ("windows-1254",)),
    ("lt", "Kooperatyvų sąjunga: žinios ir įvykiai", ("windows-1257",)),
    ("sr", "Савез задруга: вести и обавештења о Ђерђу", ("windows-1251",)),
    ("be", "Саюз сельскіх кааператываў", ("windows-1251",)),
    ("fa", "اتحاديه تعاوني", ("windows-1256",)),
    ("sk", "Družstevný zväz: ľudia, účet, šťastie", ("windows-1250", "iso-8859-2")),
    ("hr", "Zadružni savez: Šime ide kući, čvrsto", ("windows-1250", "iso-8859-2")),
    ("sl", "Zadružna zveza: čas, šola", ("iso-8859-2", "windows-1250")),
    ("lv", "Kooperatīvu savienība: ziņas", ("windows-1257",)),
    ("et", "Ühistute liit: sõnumid õhtul", ("windows-1257",)),
    ("vi", "đơn ưng", ("windows-1258",)),
    ("fr", "Été : la coopérative élue “à l’unanimité”", ("windows-1252",)),
]


@pytest.mark.parametrize(
    ("language", "text", "label"), [(language, text, label) for language, text, all_ in WRITTEN for label in all_]
)
def test_what_declares_nothing_is_read_by_a_charset_of_its_language(language: str, text: str, label: str) -> None:
    encoding = webencodings.lookup(label)
    assert encoding is not None
    if label == "big5" and language == "zh":
        text = "合作社的新聞和通知，農民工作"
    got, _ = decode(f"<p>{text}</p>".encode(encoding.codec_info.name), "text/html", language)
    assert got == f"<p>{text}</p>"


@pytest.mark.parametrize("language", ["ru", "ja", "zh", "cs", "el"])
def test_what_no_charset_of_the_language_fits_is_read_as_in_western_browsers(language: str) -> None:
    assert decode("Première réunion à Nîmes, élections: où, çà, là".encode("cp1252"), None, language)[1] == (
        "windows-1252"
    )


WORDS = ["Кооператив", "открыл", "третий", "магазин", "Москва", "устав", "news", "2018", "съезд"]


@given(st.lists(st.sampled_from(WORDS), min_size=30), st.sampled_from(["windows-1251", "koi8-r"]), st.data())
def test_a_page_that_hardly_changes_is_read_by_the_same_charset(
    words: list[str], label: str, data: st.DataObject
) -> None:
    """Whatever single byte is added to it."""
    body = " ".join(["Союз кооперативов", *words]).encode(label)
    at = data.draw(st.integers(0, len(body)))
    changed = body[:at] + bytes([data.draw(st.integers(0, 255))]) + body[at:]
    assert (decode(body, None, "ru")[1], decode(changed, None, "ru")[1]) == (label, label)


def test_suggest_takes_the_language_from_the_page() -> None:
    assert language_said(b"<!doctype html><HTML class=x LANG='zh-TW'>") == "zh-TW"
    assert language_said(b"<html><body lang=ru>") is None


@given(
    st.binary(),
    st.none()
    | st.text()
    | st.sampled_from(["utf-8", "utf-16", "gb18030", "iso-2022-jp", "big5", "hz", "x-user-defined", "replacement"]).map(
        "charset={}".format
    ),
    st.sampled_from([*CHARSETS, "tlh", "", "zh_hk"]),
)
def test_decoding_never_raises(body: bytes, content_type: str | None, language: str) -> None:
    text, label = decode(body, content_type, language)
    assert isinstance(text, str)
    assert label


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sent_as_utf8_is_read_as_utf8(text: str) -> None:
    assert decode(text.encode(), "text/html; charset=UTF-8")[0] == text.removeprefix("\ufeff")
