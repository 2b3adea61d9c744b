"""The laws of new, changed, missing, gone and back, for all listings that hypothesis can think of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from builders import Fold, by_key, content, kinds, moment, row, rows, walk
from coopscrape import canon
from coopscrape.model import Content, Coverage, Delta, Kind, Row
from coopscrape.reconcile import differences, reconcile, same, upheaval

COMPLETE, PREFIX, CUT = Coverage.COMPLETE, Coverage.PREFIX, Coverage.CUT

TEXTS = st.sampled_from(
    [None, "", " ", "News", "news", "Ne\u00a0ws", "News\u200b", "Cafe\u0301", "Caf\u00e9"]
) | st.text(max_size=6)
CONTENTS = st.builds(
    Content,
    category=TEXTS,
    title=TEXTS,
    date=st.sampled_from([None, "2018", "2018-06", "2018-06-20"]),
    date_text=st.sampled_from([None, "", "20 June 2018", "20\u00a0June 2018", "20.06.2018", "2018-06-20", "soon"]),
    summary=TEXTS,
    link=st.sampled_from([None, "https://example.org/a", "http://www.example.org/a#top", "https://example.org/b"]),
    extra=st.sampled_from(
        [(), (("place", "Geneva"),), (("place", ""),), (("place", None),), (("who", "x"), ("place", "y"))]
    ),
)
FEW = st.sampled_from([content(title) for title in ("one", "two", "three")])
KEYS = st.sampled_from("abcdefgh")
LISTINGS = st.lists(st.builds(Row, KEYS, FEW | CONTENTS, st.none() | st.integers(1, 9)), max_size=9)
HISTORIES = st.lists(st.tuples(LISTINGS, st.sampled_from([COMPLETE, COMPLETE, PREFIX, CUT])), max_size=6)
UNIQUE = st.lists(st.builds(Row, KEYS, CONTENTS), max_size=8, unique_by=lambda one: one.key)


def told(history: Sequence[tuple[Sequence[Row], Coverage]], confirm_gone: int = 2) -> Fold:
    fold = Fold(confirm_gone)
    for listing, coverage in history:
        fold.see(listing, coverage)
    return fold


# -- what is a difference ---------------------------------------------------------------------------


@given(CONTENTS)
def test_nothing_differs_from_itself(one: Content) -> None:
    assert differences(one, one) == []
    assert same(one, replace(one))


@given(CONTENTS, CONTENTS)
def test_what_differs_differs_both_ways_in_the_same_fields(one: Content, other: Content) -> None:
    there, back = differences(one, other), differences(other, one)
    assert {(name, new, old) for name, old, new in there} == set(back)


@given(CONTENTS, CONTENTS)
def test_no_difference_is_empty_and_no_field_differs_twice(one: Content, other: Content) -> None:
    found = differences(one, other)
    assert all(old != new for _, old, new in found)
    assert len({name for name, _, _ in found}) == len(found)


@given(CONTENTS)
def test_blanks_line_breaks_and_invisible_characters_are_no_difference(one: Content) -> None:
    def respaced(text: str | None) -> str | None:
        return text and " \n" + text.replace(" ", "\u00a0\u200b ") + "\ufeff\t"

    printed = replace(one, title=respaced(one.title), summary=respaced(one.summary), category=respaced(one.category))
    assert same(one, printed)


@pytest.mark.parametrize(
    ("name", "blank"),
    [
        ("category", Content(category="")),
        ("title", Content(title="")),
        ("summary", Content(summary="")),
        ("date", Content(date_text="")),
        ("link", Content(link="")),
        ("place", Content(extra=(("place", ""),))),
    ],
)
def test_no_element_and_a_blank_one_are_different(name: str, blank: Content) -> None:
    assert differences(Content(), blank) == [(name, None, "")]


def test_a_field_of_the_sources_own_is_compared_by_its_name_and_not_by_its_place() -> None:
    one, other = content("x", place="Geneva", who="A"), content("x", who="A", place="Turin")
    assert differences(one, other) == [("place", "Geneva", "Turin")]
    assert same(content("x", place="Geneva", who="A"), content("x", who="A", place="Geneva"))


def test_a_link_that_leads_to_the_same_page_is_no_difference() -> None:
    one = content("x", link="http://www.example.org/a?utm_source=rss#top")
    assert same(one, content("x", link="https://example.org/a"))
    assert not same(one, content("x", link="https://example.org/b"))


def test_the_same_day_in_other_words_is_no_difference() -> None:
    one = content("x", date="2018-06-20", date_text="20 June 2018")
    assert same(one, content("x", date="2018-06-20", date_text="20.06.2018"))
    assert differences(one, content("x", date="2018-06-21", date_text="21.06.2018")) == [
        ("date", "2018-06-20", "2018-06-21")
    ]


def test_the_same_words_read_as_another_day_are_no_difference() -> None:
    assert same(
        content("x", date="2018-03-05", date_text="5 March"), content("x", date="2019-03-05", date_text="5 March")
    )


def test_days_without_any_words_are_compared_as_days() -> None:
    assert differences(content("x", date="2018-03-05"), content("x", date="2018-03-06")) == [
        ("date", "2018-03-05", "2018-03-06")
    ]


def test_a_date_that_could_not_be_read_and_one_that_could_are_told_by_their_words() -> None:
    unread, read = content("x", date_text="2018-06-20"), content("x", date="2018-06-20", date_text="20 June 2018")
    assert differences(unread, read) == [("date", "2018-06-20", "20 June 2018")]


# -- one walk after the other -----------------------------------------------------------------------


@given(HISTORIES, LISTINGS)
def test_the_same_walk_again_brings_nothing_new_but_the_time(
    history: list[tuple[list[Row], Coverage]], listing: list[Row]
) -> None:
    fold = told(history, confirm_gone=99)
    fold.see(listing)
    before = dict(fold.known)
    again = fold.see(listing)
    assert (again.changes, again.versions) == ((), ())
    for one in again.entries:
        old = before[one.key]
        assert replace(one, last_seen=old.last_seen, missed=old.missed) == old


@given(CONTENTS, CONTENTS)
def test_a_change_and_its_return_are_two_changes(one: Content, other: Content) -> None:
    fold = Fold()
    fold.see([row("a", one)])
    there = fold.see([row("a", other)])
    back = fold.see([row("a", one)])
    named = {name for name, _, _ in differences(one, other)}
    assert {change.field for change in there.changes} == {change.field for change in back.changes} == named
    assert fold.known["a"].versions == (3 if named else 1)
    assert same(fold.known["a"].content, one)


@given(HISTORIES, LISTINGS, st.randoms(use_true_random=False))
def test_another_order_is_no_change(
    history: list[tuple[list[Row], Coverage]], listing: list[Row], chance: Random
) -> None:
    fold = told(history, confirm_gone=99)
    fold.see(listing)
    before = by_key(fold.known)
    mixed = list(listing)
    chance.shuffle(mixed)
    delta = fold.see(mixed)
    assert delta.changes == ()
    assert {key: said for key, said in by_key(fold.known).items() if not same(said, before[key])} == {}


@given(HISTORIES)
def test_known_entries_are_what_the_last_version_says_and_history_is_the_difference_of_neighbours(
    history: list[tuple[list[Row], Coverage]],
) -> None:
    fold = told(history)
    for entry in fold.known.values():
        chain = [version for version in fold.versions if version.entry == entry.id]
        assert [version.n for version in chain] == list(range(1, entry.versions + 1))
        assert chain[-1].content == entry.content
        told_so = [c for c in fold.changes if c.entry.id == entry.id and c.kind is Kind.CHANGED]
        expected = [(new.n, *each) for old, new in pairwise(chain) for each in differences(old.content, new.content)]
        assert [(c.entry.versions, c.field, c.old, c.new) for c in told_so] == expected


@given(HISTORIES)
def test_an_entry_is_new_once_and_gone_and_back_in_turns(history: list[tuple[list[Row], Coverage]]) -> None:
    fold = told(history)
    for entry in fold.known.values():
        life = [c.kind for c in fold.changes if c.entry.id == entry.id and c.kind is not Kind.CHANGED]
        assert life == [Kind.NEW, *[Kind.GONE, Kind.BACK] * (len(life) // 2)][: len(life)]
        assert (entry.gone_since is not None) == (life[-1] is Kind.GONE)
        assert (entry.missed > 0) == (entry.missing_since is not None)


@given(HISTORIES)
def test_changes_are_numbered_from_one_and_each_row_of_a_delta_stands_once(
    history: list[tuple[list[Row], Coverage]],
) -> None:
    fold = Fold()
    for listing, coverage in history:
        delta = fold.see(listing, coverage)
        assert [change.n for change in delta.changes] == list(range(1, len(delta.changes) + 1))
        assert len({one.id for one in delta.entries}) == len(delta.entries)
        assert len({(one.entry, one.n) for one in delta.versions}) == len(delta.versions)


@given(HISTORIES, LISTINGS, st.sampled_from([COMPLETE, PREFIX, CUT]), st.randoms(use_true_random=False))
def test_it_does_not_matter_in_which_order_what_is_known_is_handed_in(
    history: list[tuple[list[Row], Coverage]], listing: list[Row], coverage: Coverage, chance: Random
) -> None:
    fold = told(history)
    mixed = list(fold.known.items())
    chance.shuffle(mixed)
    seen = walk(listing, len(history) + 1)
    assert reconcile(dict(mixed), seen, coverage, 2) == reconcile(fold.known, seen, coverage, 2)


def test_what_goes_at_once_is_told_in_the_order_in_which_it_stood() -> None:
    fold = told([(rows("dacb"), COMPLETE), (rows("db"), COMPLETE)])
    assert kinds(fold.see(rows("db"))) == [("gone", "a", None), ("gone", "c", None)]


@given(HISTORIES)
def test_the_places_of_what_is_listed_are_one_two_three(history: list[tuple[list[Row], Coverage]]) -> None:
    fold = Fold()
    for listing, coverage in history:
        fold.see(listing, coverage)
        places = [one.place for one in fold.known.values() if one.key in fold.listed()]
        assert sorted(places) == list(range(1, len(places) + 1))


@given(HISTORIES, UNIQUE)
def test_what_a_walk_shows_stands_in_the_order_of_its_pages(
    history: list[tuple[list[Row], Coverage]], listing: list[Row]
) -> None:
    fold = told(history)
    fold.see(listing)
    shown = [key for key in fold.listed() if fold.known[key].last_seen == moment(fold.walks)]
    assert [key.partition("#")[0] for key in shown] == [one.key for one in listing]


@given(HISTORIES, LISTINGS, st.integers(1, 5))
def test_where_a_walk_is_cut_into_pages_makes_no_difference(
    history: list[tuple[list[Row], Coverage]], listing: list[Row], a_page: int
) -> None:
    whole, parts = told(history), told(history)
    assert kinds(whole.see(listing)) == kinds(parts.see(listing, a_page=a_page))
    assert by_key(whole.known) == by_key(parts.known)


def test_the_number_of_an_entry_is_its_place_unless_the_page_prints_one_and_it_is_no_content() -> None:
    fold = Fold()
    fold.see(rows("abc"))
    assert [fold.known[key].number for key in "abc"] == [1, 2, 3]
    delta = fold.see([row("a", number=7), row("b", number=8), row("c")])
    assert delta.changes == ()
    assert [fold.known[key].number for key in "abc"] == [7, 8, 3]


def test_a_date_with_the_same_words_keeps_its_first_reading_even_when_something_else_changes() -> None:
    fold = Fold()
    fold.see([row("a", content("old", date="2018-03-05", date_text="5 March"))])
    delta = fold.see([row("a", content("new", date="2019-03-05", date_text="5 March"))])
    assert kinds(delta) == [("changed", "a", "title")]
    assert fold.known["a"].content.date == "2018-03-05"


def test_the_first_printed_form_stays_until_something_changes() -> None:
    fold = Fold()
    fold.see([row("a", content("A title"))])
    assert fold.see([row("a", content("A\u00a0title "))]).versions == ()
    assert fold.known["a"].content.title == "A title"


def test_a_version_names_the_page_that_first_said_so() -> None:
    fold = Fold()
    first = fold.see(rows("abc"), a_page=2)
    assert [version.page for version in first.versions] == [101, 101, 102]
    assert fold.see(rows("abc")).versions == ()


# -- absence ----------------------------------------------------------------------------------------


@given(HISTORIES, LISTINGS)
def test_a_walk_that_was_cut_off_makes_nothing_missing_or_gone(
    history: list[tuple[list[Row], Coverage]], listing: list[Row]
) -> None:
    fold = told(history)
    delta = fold.see(listing, CUT)
    assert not any(change.kind is Kind.GONE for change in delta.changes)
    assert not any(one.missed for one in delta.entries if one.last_seen != moment(fold.walks) and newly(fold, one.key))


def newly(fold: Fold, key: str) -> bool:
    """Whether an entry went missing in the last walk."""
    return fold.known[key].missing_since == moment(fold.walks)


@given(st.integers(1, 5))
def test_gone_is_said_by_the_walk_that_confirms_it_and_dated_from_the_first_that_missed_it(confirm_gone: int) -> None:
    fold = Fold(confirm_gone)
    fold.see(rows("abc"))
    for _ in range(confirm_gone - 1):
        delta = fold.see(rows("ac"))
        assert delta.changes == ()
        assert fold.known["b"].missing_since == moment(2)
        assert fold.known["b"].gone_since is None
    delta = fold.see(rows("ac"))
    assert [(c.kind, c.entry.key, c.at) for c in delta.changes] == [(Kind.GONE, "b", moment(2))]
    assert fold.known["b"].gone_since == moment(2)
    assert fold.see(rows("ac")).changes == ()


def test_walks_that_do_not_cover_neither_confirm_nor_acquit() -> None:
    fold = Fold()
    fold.see(rows("abc"))
    fold.see(rows("ac"))
    assert fold.see(rows("a"), CUT).changes == ()
    assert fold.known["b"].missed == 1
    assert kinds(fold.see(rows("ac"))) == [("gone", "b", None)]


def test_what_is_seen_in_time_was_never_gone() -> None:
    fold = Fold()
    fold.see(rows("abc"))
    fold.see(rows("ac"))
    assert fold.see(rows("abc"), CUT).changes == ()
    assert fold.known["b"].missing_since is None
    assert fold.see(rows("ac")).changes == ()


def test_what_was_gone_comes_back_with_what_it_says_now() -> None:
    fold = told([(rows("abc"), COMPLETE), (rows("ac"), COMPLETE), (rows("ac"), COMPLETE)])
    delta = fold.see([row("a"), row("b", "Another title"), row("c")])
    assert kinds(delta) == [("back", "b", None), ("changed", "b", "title")]
    assert fold.known["b"].gone_since is fold.known["b"].missing_since is None


@given(HISTORIES, LISTINGS)
def test_nothing_is_gone_before_enough_walks_looked_for_it(
    history: list[tuple[list[Row], Coverage]], listing: list[Row]
) -> None:
    fold = told([*history, (listing, COMPLETE)], confirm_gone=3)
    for change in fold.changes:
        if change.kind is Kind.GONE:
            assert change.entry.missed == 3
            assert change.at == change.entry.missing_since


# -- a prefix ---------------------------------------------------------------------------------------


def missing(fold: Fold) -> list[str]:
    return sorted(key for key in fold.listed() if fold.known[key].missing_since is not None)


def test_a_prefix_says_nothing_of_what_stands_behind_it() -> None:
    fold = told([(rows("abcdefgh"), COMPLETE)])
    for _ in range(3):
        assert fold.see(rows("abcd"), PREFIX).changes == ()
    assert missing(fold) == []


def test_a_prefix_misses_what_stood_before_two_entries_that_it_shows() -> None:
    fold = told([(rows("abcdefgh"), COMPLETE)])
    fold.see(rows("acde"), PREFIX)
    assert missing(fold) == ["b"]
    assert kinds(fold.see(rows("acde"), PREFIX)) == [("gone", "b", None)]


@pytest.mark.parametrize("shown", ["ac", "abd", "acb", "nmac", "a", "", "c", "nm"])
def test_one_witness_is_none(shown: str) -> None:
    fold = told([(rows("abcdefgh"), COMPLETE)])
    fold.see(rows(shown), PREFIX)
    assert missing(fold) == []


@pytest.mark.parametrize("shown", ["habcd", "ahbcd", "abchd", "abcdh", "hgabcd", "nahbmcd", "bacd", "abdc"])
def test_an_old_entry_that_was_moved_up_makes_nothing_missing(shown: str) -> None:
    fold = told([(rows("abcdefgh"), COMPLETE)])
    fold.see(rows(shown), PREFIX)
    assert missing(fold) == []


@given(st.permutations("abcdefghijkl"), st.integers(0, 12))
def test_a_prefix_of_the_listing_in_another_order_makes_less_missing_than_it_shows(
    order: list[str], length: int
) -> None:
    fold = told([(rows("abcdefghijkl"), COMPLETE)])
    fold.see(rows("".join(order[:length])), PREFIX)
    assert len(missing(fold)) <= length


@given(
    st.lists(st.sampled_from("nmopq"), unique=True, max_size=5),
    st.integers(0, 10),
    st.sampled_from("abcdefghij"),
    st.integers(0, 15),
)
def test_whatever_comes_in_and_whatever_one_entry_does_a_prefix_makes_no_other_entry_missing(
    fresh: list[str], length: int, moved: str, to: int
) -> None:
    fold = told([(rows("abcdefghij"), COMPLETE)])
    listing = [*fresh, *(key for key in "abcdefghij" if key != moved)]
    listing.insert(to, moved)
    fold.see(rows("".join(listing[:length])), PREFIX)
    assert set(missing(fold)) <= {moved}


@given(st.sets(st.sampled_from("abcdefghij"), max_size=4), st.integers(0, 10))
def test_a_prefix_makes_missing_only_what_is_not_there(deleted: set[str], length: int) -> None:
    fold = told([(rows("abcdefghij"), COMPLETE)])
    fold.see(rows("".join(key for key in "abcdefghij" if key not in deleted)[:length]), PREFIX)
    assert set(missing(fold)) <= deleted


# -- a rolling list ---------------------------------------------------------------------------------


@given(st.integers(1, 8), st.lists(st.integers(0, 8), max_size=8))
def test_what_slides_off_the_end_of_a_rolling_list_is_no_loss(length: int, arrivals: list[int]) -> None:
    fold, listing, made = Fold(), [f"k{n}" for n in range(length)], length
    fold.see([row(key) for key in listing])
    for several in arrivals:
        several = min(several, length - 1)  # one at least is still shown, or nothing is proved
        listing = ([f"k{made + i}" for i in range(several)] + listing)[:length]
        made += several
        delta = fold.see([row(key) for key in listing])
        assert all(change.kind is Kind.NEW for change in delta.changes)
        assert missing(fold) == []
        assert fold.listed() == listing


def test_what_slides_off_while_walks_stop_early_is_no_loss_either() -> None:
    fold = Fold()
    fold.see(rows("abcdef"))
    fold.see(rows("xyab"), PREFIX)
    delta = fold.put(reconcile(fold.known, walk(rows("xyabcd"), 3), COMPLETE, 2, length=6))
    assert delta.changes == ()
    assert {key for key, one in fold.known.items() if one.slid_since} == {"e", "f"}


def test_what_is_new_at_the_end_of_a_prefix_stands_before_what_it_did_not_come_to() -> None:
    fold = Fold()
    fold.see(rows("abcd"))
    fold.see(rows("axy"), PREFIX)
    assert fold.listed() == list("axybcd")


def test_one_entry_that_was_moved_up_does_not_prove_that_the_end_was_lost() -> None:
    fold = Fold()
    fold.see(rows("abcdef"))
    delta = fold.see(rows("fxyabc"))  # f was moved to the top, so that d and e slid off
    assert {key for key, one in fold.known.items() if one.slid_since} == {"d", "e"}
    assert all(change.kind is Kind.NEW for change in delta.changes)


def test_one_entry_that_was_moved_up_does_not_drag_along_what_stood_behind_it() -> None:
    fold = Fold()
    fold.see(rows("abcdef"))
    fold.see(rows("xyadbc"), Coverage.UNSTABLE)
    assert fold.listed() == list("xyadbcef")


def test_what_is_missing_from_a_list_that_was_turned_round_is_not_believed_to_stand_at_its_top() -> None:
    fold = Fold()
    fold.see(rows("abcdef"))
    fold.see(rows("fedcb"))
    assert fold.listed() == list("fedcab")
    assert fold.see(rows("fed"), PREFIX).changes == ()


def test_what_slid_off_and_is_seen_again_was_there_all_the_time() -> None:
    fold = told([(rows("abc"), COMPLETE), (rows("nab"), COMPLETE)])
    assert fold.known["c"].slid_since == moment(2)
    assert fold.see(rows("abc")).changes == ()
    assert fold.known["c"].slid_since is None


def test_a_list_that_gets_shorter_at_its_end_loses_what_it_no_longer_shows() -> None:
    fold = told([(rows("abc"), COMPLETE), (rows("ab"), COMPLETE)])
    assert missing(fold) == ["c"]
    assert kinds(fold.see(rows("ab"))) == [("gone", "c", None)]


def test_another_listing_of_the_same_length_is_no_rolling_list() -> None:
    fold = told([(rows("abcdef"), COMPLETE)])
    delta = reconcile(fold.known, walk(rows("uvwxyz"), 2), COMPLETE, 2)
    assert not any(one.slid_since for one in delta.entries)
    (vanished, together) = upheaval(fold.known, walk(rows("uvwxyz"), 2), delta)
    assert vanished == "6 of 6 known entries are not shown, usually all or nearly all are"
    assert together == "6 known entries that stood one behind the other are not shown"


# -- twins ------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, max_size=6))
def test_rows_with_one_key_and_the_same_content_count_once(titles: list[str]) -> None:
    fold = Fold()
    delta = fold.see([row("a", title) for title in titles])
    assert len(fold.known) == len(set(titles))
    assert len(delta.warnings) == (len(set(titles)) > 1)


@given(st.permutations(["x", "y", "z"]), st.permutations(["x", "y", "z"]))
def test_twins_keep_their_identity_in_another_order(first: list[str], then: list[str]) -> None:
    fold = Fold()
    fold.see([row("a", title) for title in first])
    assert sorted(fold.known) == ["a", "a#2", "a#3"]
    assert fold.see([row("a", title) for title in then]).changes == ()


def test_a_twin_that_is_alone_is_still_the_one_that_it_was() -> None:
    fold = told([([row("a", "x"), row("a", "y")], COMPLETE)])
    assert fold.see([row("a", "y")]).changes == ()
    assert missing(fold) == ["a"]


def test_a_twin_that_changes_is_the_one_whose_content_is_left_over() -> None:
    fold = told([([row("a", "x"), row("a", "y")], COMPLETE)])
    assert kinds(fold.see([row("a", "y"), row("a", "new words")])) == [("changed", "a", "title")]
    assert kinds(fold.see([row("a", "newer words"), row("a", "new words")])) == [("changed", "a#2", "title")]


def test_a_change_belongs_to_the_twin_that_is_listed_and_not_to_one_that_is_gone() -> None:
    fold = told([([row("a", "x"), row("a", "y")], COMPLETE)] + [([row("a", "y")], COMPLETE)] * 2)
    assert fold.known["a"].gone_since is not None
    assert kinds(fold.see([row("a", "y, corrected")])) == [("changed", "a#2", "title")]


def test_twins_are_warned_of_with_their_key_and_their_titles() -> None:
    (warning,) = Fold().see([row("a", "x"), row("a", "y")]).warnings
    assert warning == "2 different entries share the key 'a' ('x'; 'y'); see `key`"


@given(st.lists(st.tuples(st.sampled_from(["a", "a#2", "a#1", "a#2#2", "a#3"]), st.sampled_from(["x", "y", "z"]))))
def test_a_key_that_looks_like_that_of_a_twin_is_not_taken_for_one(pairs: list[tuple[str, str]]) -> None:
    fold = Fold()
    delta = fold.see([row(key, title) for key, title in pairs])
    assert len(fold.known) == len(delta.entries) == len(delta.versions) == len(set(pairs))
    assert fold.see([row(key, title) for key, title in reversed(pairs)]).changes == ()


# -- upheaval ---------------------------------------------------------------------------------------


def upheavals(before: Sequence[Row], after: Sequence[Row]) -> tuple[str, ...]:
    fold = told([(before, COMPLETE)])
    return upheaval(fold.known, walk(after, 2), reconcile(fold.known, walk(after, 2), COMPLETE, 2))


TEN = rows("abcdefghij")


@pytest.mark.parametrize(
    ("after", "doubt"),
    [
        ([row(one.key, "Please log in") for one in TEN], "title differs in 10 of 10 known entries at once"),
        ([row(one.key, "x") for one in TEN[:6]] + list(TEN[6:]), "title differs in 6 of 10 known entries"),
        (TEN[:4], "6 of 10 known entries are not shown"),
        (TEN[6:], "6 of 10 known entries are not shown"),
        (TEN[::2], "5 of 10 known entries are not shown"),
        (TEN[:7], "the listing ends before where it ended: the last 3 known entries are not shown"),
        ([row(one.key, "undefined") for one in TEN[:3]] + list(TEN[3:]), "title is 'undefined' in 3 known entries"),
        ([row(one.key + "?lang=en", one.content) for one in TEN], "10 known titles stand under other keys now"),
    ],
)
def test_most_entries_otherwise_at_once_is_doubted(after: list[Row], doubt: str) -> None:
    assert any(doubt in said for said in upheavals(TEN, after))


@pytest.mark.parametrize(
    "after",
    [
        TEN,
        [*TEN[:3], *TEN[5:]],
        TEN[:8],
        [row(one.key, f"x {one.key}") for one in TEN[:4]] + list(TEN[4:]),
        list(reversed(TEN)),
        [*rows("klmnopqrstuvwxyz"), *TEN],
        [*rows("klmnopq"), *TEN[:3]],
    ],
)
def test_an_ordinary_week_is_not_doubted(after: list[Row]) -> None:
    assert upheavals(TEN, after) == ()


@given(UNIQUE.filter(lambda listing: len(listing) < 3), LISTINGS)
def test_a_few_known_entries_prove_no_upheaval(before: list[Row], after: list[Row]) -> None:
    assert upheavals(before, after) == ()


@given(LISTINGS)
def test_a_first_walk_is_no_upheaval(listing: list[Row]) -> None:
    assert upheavals([], listing) == ()


# -- against the truth ------------------------------------------------------------------------------


@dataclass
class Truth:
    """What really happened to an item of the site."""

    said: Content
    on_site: bool = True
    absent_for: int = 0  # complete walks in a row
    told_gone: bool = False


@dataclass
class Site:
    order: list[str] = field(default_factory=list)
    items: dict[str, Truth] = field(default_factory=dict)


class AListingAndItsFold(RuleBasedStateMachine):
    """A site edits its listing at will; complete walks follow it, and must never say what is not so."""

    def __init__(self) -> None:
        super().__init__()
        self.site = Site()
        self.fold = Fold()
        self.made = 0

    @rule(at=st.integers(0, 9), said=CONTENTS)
    def insert(self, at: int, said: Content) -> None:
        key = f"k{self.made}"
        self.made += 1
        self.site.order.insert(at, key)
        self.site.items[key] = Truth(said)

    @rule(at=st.integers(0, 9), said=CONTENTS)
    def edit(self, at: int, said: Content) -> None:
        if self.site.order:
            self.site.items[self.site.order[at % len(self.site.order)]].said = said

    @rule(at=st.integers(0, 9))
    def delete(self, at: int) -> None:
        if self.site.order:
            self.site.items[self.site.order.pop(at % len(self.site.order))].on_site = False

    @rule(at=st.integers(0, 9), to=st.integers(0, 9))
    def restore(self, at: int, to: int) -> None:
        hidden = [key for key, item in self.site.items.items() if not item.on_site]
        if hidden:
            key = hidden[at % len(hidden)]
            self.site.order.insert(to, key)
            self.site.items[key].on_site = True

    @rule(at=st.integers(0, 9), to=st.integers(0, 9))
    def move(self, at: int, to: int) -> None:
        if self.site.order:
            self.site.order.insert(to, self.site.order.pop(at % len(self.site.order)))

    @rule(a_page=st.integers(1, 4))
    def walk(self, a_page: int) -> None:
        before = dict(self.fold.known)
        delta = self.fold.see([row(key, self.site.items[key].said) for key in self.site.order], a_page=a_page)
        for key, item in self.site.items.items():
            item.absent_for = 0 if item.on_site else item.absent_for + (key in before)
            self._judge(key, item, before[key].content if key in before else None, delta)
        assert {change.entry.key for change in delta.changes} <= self.site.items.keys()

    def _judge(self, key: str, item: Truth, before: Content | None, delta: Delta) -> None:
        happened = [change for change in delta.changes if change.entry.key == key]
        said = [change.kind for change in happened]
        assert (Kind.NEW in said) == (item.on_site and before is None)
        assert (Kind.BACK in said) == (item.on_site and item.told_gone)
        edits = differences(before, item.said) if item.on_site and before is not None else []
        assert [(c.field, c.old, c.new) for c in happened if c.kind is Kind.CHANGED] == edits
        if Kind.GONE in said:
            assert not item.on_site
            assert not item.told_gone
            assert item.absent_for >= self.fold.confirm_gone
        item.told_gone = (item.told_gone or Kind.GONE in said) and Kind.BACK not in said
        entry = self.fold.known.get(key)
        if entry and item.absent_for >= self.fold.confirm_gone:
            assert entry.gone_since is not None or entry.slid_since is not None

    @rule(length=st.integers(0, 9))
    def walk_that_is_cut_off(self, length: int) -> None:
        shown = self.site.order[:length]
        delta = self.fold.see([row(key, self.site.items[key].said) for key in shown], CUT)
        assert not any(change.kind is Kind.GONE for change in delta.changes)
        for key in shown:
            self.site.items[key].told_gone = False
            self.site.items[key].absent_for = 0

    @invariant()
    def what_is_gone_is_told_and_what_is_told_is_gone(self) -> None:
        assert {key for key, entry in self.fold.known.items() if entry.gone_since} == {
            key for key, item in self.site.items.items() if item.told_gone
        }

    @invariant()
    def everything_is_a_value_that_can_be_stored(self) -> None:
        assert all(json.dumps([change.old, change.new]) for change in self.fold.changes)
        assert all(canon.entry_id("news", key) == entry.id for key, entry in self.fold.known.items())


def test_whatever_a_site_does_complete_walks_never_tell_a_false_new_changed_gone_or_back() -> None:
    run_state_machine_as_test(AListingAndItsFold)
