"""What is found by which words, now and as of an earlier moment; nothing that is typed is an error of SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from builders import COMMAND, content, grow, moment, row, source
from coopscrape.archive.read import Reader
from coopscrape.archive.search import MOST_WORDS, fts_query
from coopscrape.archive.write import Writer
from coopscrape.errors import NotFoundError

FIRST = [
    row("a", content("Fair trade and decent work", category="News", date="2018-06-20")),
    row("b", content("A meeting on trade", summary="How fair can it be?", category="Article", date="2018-05-01")),
    row("c", content("Les coopératives en Écosse", category="News", date="2018-04-01")),
    row("d", content("C++ (and more) AND so on: a-b NOT", category="News")),
    *[row(key) for key in "efgh"],
]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The first title is edited in walk 2; the second entry is gone by walk 4; another source says the same."""
    path: Path = tmp_path_factory.mktemp("search") / "archive.db"
    edited = [row("a", content("Fair commerce and decent work", category="News", date="2018-06-20")), *FIRST[1:]]
    with Writer(path, COMMAND, moment(0)) as writer:
        for n, listing in enumerate([FIRST, edited, [edited[0], *edited[2:]], [edited[0], *edited[2:]]], 1):
            grow(writer, source(), listing, n)
        grow(writer, source("etuc", "https://etuc.example/"), [row("z", content("Trade, again"))], 5)
    with Reader.open(path) as reader:
        yield reader


def found(reader: Reader, words: str, **options: str) -> list[str]:
    return sorted(entry.key for entry in reader.search(words, **options))


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("trade", "bz"),
        ("TRADE", "bz"),
        ("fair", "ab"),
        ("fair trade", "b"),
        ("decent work", "a"),
        ('"decent work"', "a"),
        ('"work decent"', ""),
        ("work decent", "a"),
        ("coop*", "c"),
        ("cooperatives ecosse", "c"),
        ("coop", ""),
        ('"decent wo"*', "a"),
        ("news decent", "a"),
        ("c++", "d"),
        ("a-b", "d"),
        ("AND NOT", "d"),
        ("title:fair", ""),
        ("fair & decent", "a"),
    ],
)
def test_an_entry_is_found_by_all_of_the_words(reader: Reader, words: str, keys: str) -> None:
    assert found(reader, words) == list(keys)


def test_a_search_can_be_narrowed(reader: Reader) -> None:
    assert [one.source for one in reader.search("trade", ["etuc"])] == ["etuc"]
    assert found(reader, "fair", category="article") == ["b"]
    assert found(reader, "fair", after="2018-06") == ["a"]
    assert found(reader, "fair", before="2018-06") == ["b"]


def test_the_best_comes_first(reader: Reader) -> None:
    assert [one.key for one in reader.search("trade")] == ["z", "b"]


def test_a_search_of_the_past_finds_what_was_said_then(reader: Reader) -> None:
    assert found(reader, "fair trade", as_of="run:1") == ["a", "b"]
    assert found(reader, "fair trade", as_of=moment(2)) == ["b"]
    assert found(reader, "commerce", as_of="run:1") == []
    assert found(reader, "commerce", as_of="run:2") == ["a"]
    assert found(reader, "trade", as_of="2017") == []
    gone = {as_of: reader.search("meeting", as_of=as_of)[0].gone_since is not None for as_of in ("run:3", "run:4")}
    assert gone == {"run:3": False, "run:4": True}


def test_a_search_leaves_no_transaction_open_and_holds_up_no_writer(reader: Reader) -> None:
    reader.search("trade", as_of="run:1")
    with pytest.raises(NotFoundError):
        reader.search("trade", as_of="run:99")
    assert not reader.conn.in_transaction
    with Writer(reader.path, COMMAND, moment(20)) as writer:
        writer.start_run(COMMAND, moment(20))
        assert reader.search("trade", as_of="run:1")
        writer.finish_run("ok", moment(20))


def test_a_search_as_of_now_is_a_search(reader: Reader) -> None:
    for words in ("trade", "fair", "coop*", "decent work", "title"):
        assert reader.search(words, as_of="2099") == reader.search(words)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "no word"),
        ("& * --", "no word"),
        ('""', "no word"),
        ('fair "trade', "a quotation mark is open"),
        ("a " * (MOST_WORDS + 1), "too many"),
    ],
)
def test_what_cannot_be_searched_for_is_told(words: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        fts_query(words)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.text(st.sampled_from('ab*"^:-+(){}, \x00\ud800é合AND NEAR') | st.characters(), max_size=20))
@example("NEAR(a b, 2)")
@example("a\x00b")
@example("\ud800a")
@example("²")
def test_nothing_that_is_typed_is_an_error_of_sqlite(reader: Reader, words: str) -> None:
    try:
        query = fts_query(words)
    except ValueError:
        return
    assert query
    reader.search(words)
    reader.search(words, as_of="run:1")


@given(st.lists(st.text(st.sampled_from("abcäé合9"), min_size=1), min_size=1, max_size=MOST_WORDS))
def test_each_word_is_asked_for_as_it_is(words: list[str]) -> None:
    assert fts_query(" ".join(words)) == " ".join(f'"{word}"' for word in words)
