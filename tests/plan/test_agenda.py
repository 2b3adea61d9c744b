"""The agenda's rules, one by one, with a clock in the hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from coopscrape.model import HostMemory, Miss, Outcome, Page, Purpose, Request, Rules, Source, Why, epoch, stamp
from coopscrape.plan.agenda import HOPS, STREAK, Agenda, Answer, back_off
from plan.world import EPOCH, Rulebook, miss, moved, page, source, wanted

NEWS = source("news", "https://a.example/news", delay=5.0)
OTHER = source("other", "https://a.example/other", delay=8.0)
FREE = source("free", "https://free.example/news", robots_ignored="we are asked to")
QUICK = replace(FREE, delay=0.0)

ROBOTS = "https://a.example/robots.txt"
DAY = 86_400.0


class Desk:
    """An agenda, a clock that is moved by hand, and the one request that is in flight."""

    def __init__(
        self,
        *sources: Source,
        says: Rulebook = Rulebook(),  # noqa: B008 (frozen)
        rules: Callable[[Page | Miss], Rules] | None = None,
        robots: Page | Miss | None = None,
        memories: Iterable[HostMemory] = (),
        jitter: float = 0.0,
    ) -> None:
        self.now = EPOCH
        self.agenda = Agenda(
            {of.name: of for of in sources},
            read_rules=rules or (lambda outcome: says),  # noqa: ARG005 (whatever the answer was)
            recall_robots={ROBOTS: robots}.get,
            memories=memories,
            jitter=lambda: jitter,
        )

    def add(self, of: Source, url: str | None = None, number: int = 1) -> list[Answer]:
        return self.agenda.add(wanted(of, url, number), self.now)

    def next(self) -> Request:
        """Wait for the next request; there is exactly one. When its turn has come, its hours may not have come yet."""
        requests: list[Request] = []
        while not requests:
            due = self.agenda.next_due(self.now)
            assert due is not None, "nothing will ever be asked"
            assert due == self.now or self.agenda.ready(due - 0.01) == []
            self.now = due
            requests = self.agenda.ready(due)
        (request,) = requests
        return request

    def tell(self, request: Request, outcome: Outcome, after: float = 0.0) -> list[Answer]:
        self.now += after
        return self.agenda.answered(request, outcome, self.now)

    def robots(self, after: float = 0.0) -> list[Answer]:
        """robots.txt is asked for and comes."""
        request = self.next()
        assert request.purpose is Purpose.ROBOTS
        return self.tell(request, page(request, self.now), after)

    def memory(self) -> HostMemory:
        (memory,) = self.agenda.memories()
        return memory


def only(answers: list[Answer]) -> Miss:
    """The one Miss for which nothing was sent."""
    ((_, outcome),) = answers
    assert isinstance(outcome, Miss)
    return outcome


# -- robots.txt ------------------------------------------------------------------------------------


def test_robots_txt_goes_first_and_is_paced_like_any_request() -> None:
    desk = Desk(NEWS)
    assert desk.add(NEWS) == []
    first = desk.next()
    assert first == Request("https://a.example/robots.txt", "https://a.example/robots.txt", Purpose.ROBOTS)
    assert desk.tell(first, page(first, desk.now), after=1.0) == []
    assert desk.next() == wanted(NEWS)
    assert desk.now == EPOCH + 5.0, "from start to start"


@pytest.mark.parametrize(
    ("url", "robots"),
    [
        ("https://a.example/x", "https://a.example/robots.txt"),
        ("https://a.example:443/x", "https://a.example/robots.txt"),
        ("http://a.example:80/x", "http://a.example/robots.txt"),
        ("http://A.Example:443/x", "http://a.example:443/robots.txt"),
        ("https://a.example:8443/x", "https://a.example:8443/robots.txt"),
    ],
)
def test_each_scheme_host_and_port_has_a_robots_txt_of_its_own(url: str, robots: str) -> None:
    desk = Desk(of := source("s", url))
    desk.add(of)
    assert desk.next().url == robots


def test_a_page_that_robots_txt_forbids_is_never_asked_for() -> None:
    desk = Desk(NEWS, OTHER, says=Rulebook(forbidden=("/news",)))
    desk.add(NEWS)
    desk.add(OTHER)
    forbidden = only(desk.robots())
    assert (forbidden.why, forbidden.sent) == (Why.ROBOTS, False)
    assert "https://a.example/robots.txt forbids https://a.example/news" in forbidden.detail
    assert desk.next() == wanted(OTHER)
    assert only(desk.add(NEWS, number=2)).why is Why.ROBOTS, "now it is known at once"


def test_an_unreachable_robots_txt_keeps_everybody_out_after_three_tries() -> None:
    desk = Desk(NEWS, OTHER, says=Rulebook(closed="HTTP 500"))
    desk.add(NEWS)
    desk.add(OTHER)
    for tries in (1, 2):
        request = desk.next()
        assert request.tries == tries
        assert desk.tell(request, miss(request, desk.now, status=500)) == []
    request = desk.next()
    answers = desk.tell(request, miss(request, desk.now, status=500))
    assert [outcome.why for _, outcome in answers if isinstance(outcome, Miss)] == [Why.ROBOTS_UNREACHABLE] * 2
    assert desk.agenda.waiting() == 0
    assert desk.agenda.next_due(desk.now) is None


@pytest.mark.parametrize(("age", "asked"), [(0.0, False), (DAY - 1, False), (DAY + 1, True), (-3600.0, True)])
def test_a_robots_txt_of_the_last_day_is_not_asked_for_again(age: float, asked: bool) -> None:
    known = page(Request("u", "u"), EPOCH - age)
    desk = Desk(NEWS, robots=known)
    desk.add(NEWS)
    assert (desk.next().purpose is Purpose.ROBOTS) is asked


def test_a_missing_robots_txt_is_remembered_as_well() -> None:
    known = miss(Request("u", "u"), EPOCH - 60, status=404)
    desk = Desk(NEWS, robots=known, says=Rulebook(closed=None))
    desk.add(NEWS)
    assert desk.next() == wanted(NEWS)


@pytest.mark.parametrize(("age", "open_"), [(29 * DAY, True), (31 * DAY, False)])
def test_a_good_copy_of_the_last_thirty_days_stands_in_for_an_unreachable_robots_txt(age: float, open_: bool) -> None:
    known = page(Request("u", "u"), EPOCH - age)
    desk = Desk(
        NEWS,
        robots=known,
        rules=lambda outcome: Rulebook() if outcome is known else Rulebook(closed="HTTP 403"),
    )
    desk.add(NEWS)
    request = desk.next()
    answers = desk.tell(request, miss(request, desk.now, Why.TLS))
    assert (answers == []) is open_


def test_robots_txt_is_asked_for_again_when_a_run_lasts_longer_than_a_day() -> None:
    desk = Desk(NEWS)
    desk.add(NEWS)
    desk.robots()
    request = desk.next()
    desk.now += DAY - 10
    desk.tell(request, page(request, desk.now))
    desk.add(NEWS, number=2)
    desk.now += 20
    request = desk.next()
    assert request.purpose is Purpose.ROBOTS, "it grew old while page 2 waited"
    desk.tell(request, page(request, desk.now))
    assert desk.next() == wanted(NEWS, number=2)


def test_rules_that_came_over_redirects_belong_to_the_host_that_was_asked() -> None:
    desk = Desk(NEWS, says=Rulebook(forbidden=("/news",)))
    desk.add(NEWS)
    request = desk.next()
    desk.tell(request, moved(request, desk.now, "https://elsewhere.example/robots.txt"))
    hop = desk.next()
    assert (hop.url, hop.asked, hop.hops) == ("https://elsewhere.example/robots.txt", request.asked, 1)
    assert only(desk.tell(hop, page(hop, desk.now))).why is Why.ROBOTS


def test_a_robots_txt_behind_more_than_five_redirects_is_no_robots_txt() -> None:
    desk = Desk(NEWS, says=Rulebook(closed="never read"))
    desk.add(NEWS)
    for _ in range(HOPS + 1):
        request = desk.next()
        assert desk.tell(request, moved(request, desk.now, f"https://a.example/r{desk.now}")) == []
    assert desk.next() == wanted(NEWS)


def test_a_robots_txt_that_leads_from_https_to_http_is_not_followed() -> None:
    seen: list[Page | Miss] = []

    def rules(outcome: Page | Miss) -> Rules:
        seen.append(outcome)
        return Rulebook(closed="led astray")

    desk = Desk(NEWS, rules=rules)
    desk.add(NEWS)
    request = desk.next()
    answers = desk.tell(request, moved(request, desk.now, "http://a.example/robots.txt"))
    assert only(answers).why is Why.ROBOTS_UNREACHABLE
    assert isinstance(seen[0], Miss)
    assert seen[0].why is Why.REDIRECT


def test_a_source_that_ignores_robots_txt_does_not_ask_for_it() -> None:
    desk = Desk(FREE)
    desk.add(FREE)
    assert desk.next() == wanted(FREE)


# -- the interval ----------------------------------------------------------------------------------


def test_all_sources_of_a_host_share_its_longest_delay() -> None:
    desk = Desk(NEWS, OTHER)
    desk.add(NEWS)
    desk.add(OTHER)
    desk.robots()
    assert desk.next() == wanted(NEWS)
    assert desk.now == EPOCH + 8.0
    assert desk.agenda.next_due(desk.now) is None, "one at a time"


def test_a_source_that_is_refused_still_slows_its_host_down() -> None:
    desk = Desk(NEWS, OTHER, says=Rulebook(forbidden=("/other",)))
    desk.add(NEWS)
    desk.robots()
    assert only(desk.add(OTHER)).why is Why.ROBOTS
    desk.next()
    assert desk.now == EPOCH + 8.0


def test_jitter_only_makes_the_interval_longer_by_a_tenth_at_most() -> None:
    desk = Desk(NEWS, jitter=1.0)
    desk.add(NEWS)
    desk.robots()
    desk.next()
    assert desk.now == pytest.approx(EPOCH + 5.5)


def test_without_a_delay_nobody_waits() -> None:
    desk = Desk(QUICK, jitter=1.0)
    desk.add(QUICK)
    desk.add(QUICK, number=2)
    request = desk.next()
    desk.tell(request, page(request, desk.now))
    desk.next()
    assert desk.now == EPOCH


def test_a_crawl_delay_counts_from_the_robots_txt_that_says_it() -> None:
    desk = Desk(NEWS, says=Rulebook(delay=12.5))
    desk.add(NEWS)
    desk.robots()
    desk.next()
    assert desk.now == EPOCH + 12.5


def test_a_crawl_delay_that_is_too_long_is_never_cut_short() -> None:
    patient = replace(OTHER, max_delay=600.0)
    desk = Desk(NEWS, patient, says=Rulebook(delay=90.0))
    desk.add(NEWS)
    desk.add(patient)
    refused = only(desk.robots())
    assert (refused.why, refused.sent) == (Why.TOO_SLOW_WANTED, False)
    assert "90 s" in refused.detail
    assert "60 s" in refused.detail
    assert desk.next() == wanted(patient)
    assert desk.now == EPOCH + 90.0


def test_hands_that_begin_late_do_not_shorten_the_interval_for_the_server() -> None:
    desk = Desk(NEWS)
    desk.add(NEWS)
    request = desk.next()
    desk.tell(request, page(request, desk.now, elapsed=1.0), after=4.0)
    desk.next()
    assert desk.now == EPOCH + 3.0 + 5.0, "it was sent 3 s after it had been handed out"


def test_the_last_request_of_the_last_run_counts() -> None:
    desk = Desk(QUICK, memories=[HostMemory("free.example", last_request=EPOCH - 2, interval=7.0)])
    desk.add(QUICK)
    desk.next()
    assert desk.now == EPOCH + 5.0


def test_a_last_request_in_the_future_is_treated_as_now() -> None:
    desk = Desk(FREE, memories=[HostMemory("free.example", last_request=EPOCH + 9e6)])
    desk.add(FREE)
    desk.next()
    assert desk.now == EPOCH + 5.0


def test_a_remembered_crawl_delay_holds_until_robots_txt_is_known() -> None:
    desk = Desk(NEWS, memories=[HostMemory("a.example", last_request=EPOCH, interval=50.0)])
    desk.add(NEWS)
    desk.robots()
    assert desk.now == EPOCH + 50.0
    desk.next()
    assert desk.now == EPOCH + 55.0


def test_a_remembered_crawl_delay_that_is_too_long_is_not_waited_for_either() -> None:
    memory = HostMemory("a.example", last_request=EPOCH - 100, interval=DAY)
    assert only(Desk(NEWS, memories=[memory]).add(NEWS)).why is Why.TOO_SLOW_WANTED
    later = Desk(NEWS, memories=[replace(memory, last_request=EPOCH - DAY)])
    assert later.add(NEWS) == []
    assert later.next().purpose is Purpose.ROBOTS


def test_a_page_waits_for_the_robots_txt_that_may_take_a_remembered_delay_back() -> None:
    desk = Desk(NEWS, OTHER, memories=[HostMemory("a.example", last_request=EPOCH - DAY, interval=DAY)])
    desk.add(NEWS)
    request = desk.next()
    assert desk.add(OTHER) == []
    desk.tell(request, page(request, desk.now))
    assert [desk.next().purpose, desk.now] == [Purpose.PAGE, EPOCH + 8.0]


def test_a_remembered_delay_is_forgotten_once_nobody_asks_robots_txt_about_it() -> None:
    desk = Desk(FREE, memories=[HostMemory("free.example", last_request=EPOCH - 60, interval=50.0)])
    desk.add(FREE)
    desk.next()
    assert desk.memory().interval == FREE.delay


def test_what_a_run_learned_of_a_host_is_handed_to_the_next() -> None:
    desk = Desk(NEWS, says=Rulebook(delay=12.5))
    desk.add(NEWS)
    desk.robots()
    request = desk.next()
    desk.tell(request, miss(request, desk.now, status=503, retry_after=100.0))
    assert desk.memory() == HostMemory("a.example", EPOCH + 12.5, EPOCH + 112.5, 1, 12.5)


# -- Visit-time ------------------------------------------------------------------------------------

MIDNIGHT = EPOCH - EPOCH % DAY + DAY  # a run begins at 22:13:20
NIGHT = Rulebook(windows=((0, 300),))  # 00:00 to 05:00
SOON = Rulebook(windows=((1335, 1340),))  # 22:15 to 22:20, in 100 seconds
LATE = Rulebook(windows=((1320, 1334),))  # until 22:14, for 40 seconds
OVER_MIDNIGHT = Rulebook(windows=((1320, 300),))  # 22:00 to 05:00


def test_outside_its_hours_a_host_is_left_alone_and_the_reason_names_them() -> None:
    desk = Desk(NEWS, says=NIGHT)
    desk.add(NEWS)
    refused = only(desk.robots())
    assert (refused.why, refused.sent) == (Why.NOT_BEFORE, False)
    assert refused.detail == (
        "https://a.example/robots.txt wants visits between 00:00 and 05:00 UTC only (Visit-time), and it is 22:13; "
        "the next time is 2023-11-15T00:00:00.000Z (a run waits 120 s at most)"
    )
    assert desk.agenda.next_due(desk.now) is None


def test_hours_that_begin_soon_are_waited_for() -> None:
    desk = Desk(NEWS, says=SOON)
    desk.add(NEWS)
    desk.robots()
    assert desk.agenda.ready(desk.now + 5) == []
    assert desk.agenda.lapsed() == []
    assert desk.next() == wanted(NEWS)
    assert desk.now == MIDNIGHT - DAY + 1335 * 60


def test_what_waits_until_the_hours_are_over_is_given_up() -> None:
    desk = Desk(NEWS, says=replace(LATE, delay=30.0))
    desk.add(NEWS)
    desk.add(NEWS, number=2)
    desk.robots()
    request = desk.next()
    assert desk.now == EPOCH + 30
    desk.tell(request, page(request, desk.now))
    assert desk.agenda.ready(EPOCH + 60) == []
    assert only(desk.agenda.lapsed()).why is Why.NOT_BEFORE
    assert (desk.agenda.lapsed(), desk.agenda.waiting()) == ([], 0)


@pytest.mark.parametrize("hours", [OVER_MIDNIGHT, Rulebook(windows=((0, 0),)), Rulebook(windows=((0, 1440),))])
def test_hours_may_last_over_midnight_or_all_day(hours: Rulebook) -> None:
    desk = Desk(NEWS, says=hours)
    desk.add(NEWS)
    desk.robots()
    assert desk.next() == wanted(NEWS)


def test_hours_over_midnight_are_over_in_the_morning() -> None:
    desk = Desk(NEWS, says=OVER_MIDNIGHT)
    desk.now = MIDNIGHT + 300 * 60
    desk.add(NEWS)
    assert only(desk.robots()).why is Why.NOT_BEFORE
    assert only(desk.add(NEWS, number=2)).why is Why.NOT_BEFORE
    desk.now = MIDNIGHT + 1319 * 60
    assert desk.add(NEWS, number=3) == []
    assert desk.next() == wanted(NEWS, number=3)
    assert desk.now == MIDNIGHT + 1320 * 60


def test_the_hours_of_the_last_good_copy_hold_for_robots_txt_itself() -> None:
    known = page(Request("u", "u"), EPOCH - 2 * DAY)
    early = Desk(NEWS, robots=known, says=NIGHT)
    assert only(early.add(NEWS)).why is Why.NOT_BEFORE
    assert early.agenda.next_due(early.now) is None, "not even robots.txt is asked for"
    soon = Desk(NEWS, robots=known, says=SOON)
    soon.add(NEWS)
    assert soon.next().purpose is Purpose.ROBOTS
    assert soon.now == MIDNIGHT - DAY + 1335 * 60


def test_a_robots_txt_that_lapses_leaves_its_host_to_the_last_good_copy() -> None:
    known = page(Request("u", "u"), EPOCH - 2 * DAY)
    desk = Desk(NEWS, OTHER, robots=known, says=LATE, memories=[HostMemory("a.example", EPOCH, interval=50.0)])
    desk.add(NEWS)
    desk.add(OTHER)
    assert desk.agenda.ready(EPOCH + 50) == []
    assert [outcome.why for _, outcome in desk.agenda.lapsed() if isinstance(outcome, Miss)] == [Why.NOT_BEFORE] * 2
    assert desk.agenda.waiting() == 0


def test_whoever_is_next_when_robots_txt_lapses_still_goes_alone() -> None:
    known = page(Request("u", "u"), EPOCH - 2 * DAY)
    ours = source("ours", "https://a.example/ours", robots_ignored="we are asked to")
    desk = Desk(NEWS, ours, robots=known, says=LATE, memories=[HostMemory("a.example", EPOCH, interval=50.0)])
    desk.add(NEWS)
    desk.add(ours)
    desk.add(ours, number=2)
    assert desk.agenda.ready(EPOCH + 50) == [wanted(ours)]
    assert only(desk.agenda.lapsed()).why is Why.NOT_BEFORE


def test_who_ignores_robots_txt_ignores_its_hours() -> None:
    desk = Desk(FREE, robots=page(Request("u", "u"), EPOCH), says=NIGHT)
    desk.add(FREE)
    assert desk.next() == wanted(FREE)


# -- Retry-After -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
def test_a_short_retry_after_is_waited_for_by_the_whole_host(status: int) -> None:
    desk = Desk(FREE)
    desk.add(FREE)
    desk.add(FREE, number=2)
    request = desk.next()
    assert desk.tell(request, miss(request, desk.now, status=status, retry_after=120.0), after=1.0) == []
    again = desk.next()
    assert (again.number, again.tries) == (1, 2)
    assert desk.now == EPOCH + 121.0


def test_a_retry_after_on_another_status_or_below_zero_is_ignored() -> None:
    for answer in ({"status": 404, "retry_after": 9e9}, {"status": 503, "retry_after": -5.0}):
        desk = Desk(QUICK)
        desk.add(QUICK)
        request = desk.next()
        desk.tell(request, miss(request, desk.now, **answer))  # type: ignore[arg-type]  # by name
        desk.add(QUICK, number=2)
        desk.next()
        assert desk.now <= EPOCH + 1


def test_a_long_retry_after_ends_the_host_for_this_run_and_is_remembered() -> None:
    desk = Desk(FREE)
    desk.add(FREE)
    desk.add(FREE, number=2)
    request = desk.next()
    answers = desk.tell(request, miss(request, desk.now, status=503, retry_after=3600.0))
    assert [request.number for request, _ in answers] == [1, 2]
    for _, outcome in answers:
        assert isinstance(outcome, Miss)
        assert (outcome.why, outcome.sent) == (Why.NOT_BEFORE, False)
        assert stamp(EPOCH + 3600) in outcome.detail
    assert only(desk.add(FREE, number=3)).why is Why.NOT_BEFORE
    assert desk.memory().not_before == EPOCH + 3600


def test_a_remembered_not_before_is_kept_unless_it_is_over_or_absurd() -> None:
    for not_before, kept in (
        (EPOCH + 60, True),
        (EPOCH + 29 * DAY, True),
        (EPOCH - 1, False),
        (EPOCH + 31 * DAY, False),
    ):
        desk = Desk(FREE, memories=[HostMemory("free.example", not_before=not_before)])
        answers = desk.add(FREE)
        assert bool(answers) is kept
        if kept:
            assert only(answers).why is Why.NOT_BEFORE
            assert stamp(not_before) in only(answers).detail


def test_a_redirect_with_retry_after_waits_before_the_hop() -> None:
    desk = Desk(QUICK)
    desk.add(QUICK)
    request = desk.next()
    desk.tell(request, moved(request, desk.now, "https://www.free.example/n", retry_after=30.0))
    assert desk.next().url == "https://www.free.example/n"
    assert desk.now == EPOCH + 30.0


# -- trying again ----------------------------------------------------------------------------------


def test_a_passing_failure_is_tried_three_times_with_growing_pauses() -> None:
    desk = Desk(FREE)
    desk.add(FREE)
    for tries, pause in ((1, 10.0), (2, 20.0)):
        request, before = desk.next(), desk.now
        assert request.tries == tries
        assert desk.tell(request, miss(request, desk.now, Why.NETWORK)) == []
        assert desk.agenda.next_due(desk.now) == before + pause
    request = desk.next()
    ((added, outcome),) = desk.tell(request, miss(request, desk.now, Why.NETWORK))
    assert added == wanted(FREE), "the answer carries the request as it was added"
    assert isinstance(outcome, Miss)
    assert outcome.sent
    assert outcome.detail == "network (tried 3 times)"


def test_a_back_off_doubles_up_to_two_minutes() -> None:
    assert [back_off(tries, 5.0) for tries in (1, 2, 3, 9)] == [10.0, 20.0, 40.0, 120.0]
    assert back_off(1, 0.0) == 1.0


@pytest.mark.parametrize(
    ("why", "status"),
    [
        (Why.STATUS, 404),
        (Why.STATUS, 410),
        (Why.STATUS, 501),
        (Why.TLS, None),
        (Why.TOO_LARGE, 200),
        (Why.ADDRESS, None),
    ],
)
def test_a_failure_that_will_stay_is_not_tried_again(why: Why, status: int | None) -> None:
    desk = Desk(FREE)
    desk.add(FREE)
    request = desk.next()
    outcome = miss(request, desk.now, why, status)
    assert desk.tell(request, outcome) == [(wanted(FREE), outcome)]
    assert desk.memory().streak == 0


def test_a_request_whose_hand_died_is_asked_again_once() -> None:
    desk = Desk(QUICK)
    desk.add(QUICK)
    request = desk.next()
    assert desk.tell(request, miss(request, desk.now, Why.LOST)) == []
    again = desk.next()
    assert again.tries == 2
    ((_, outcome),) = desk.tell(again, miss(again, desk.now, Why.LOST))
    assert isinstance(outcome, Miss)
    assert outcome.why is Why.LOST
    assert desk.memory().streak == 0, "a hand that died says nothing about the host"


def test_a_hand_that_died_closes_no_host() -> None:
    desk = Desk(QUICK, memories=[HostMemory("free.example", streak=40)])
    desk.add(QUICK)
    request = desk.next()
    assert desk.tell(request, miss(request, desk.now, Why.LOST)) == []
    assert desk.next().tries == 2


def test_five_failures_in_a_row_close_the_host() -> None:
    desk = Desk(QUICK)
    for number in (1, 2, 3):
        desk.add(QUICK, number=number)
    answers: list[Answer] = []
    for _ in range(STREAK):
        request = desk.next()
        answers += desk.tell(request, miss(request, desk.now, status=500))
    assert [(request.number, outcome.why) for request, outcome in answers if isinstance(outcome, Miss)] == [
        (1, Why.STATUS),
        (2, Why.STATUS),
        (3, Why.HOST_CLOSED),
    ]
    assert only(desk.add(QUICK, number=4)).why is Why.HOST_CLOSED
    assert desk.memory().streak == STREAK


def test_a_streak_of_the_last_run_closes_nothing_before_the_host_fails_again() -> None:
    desk = Desk(QUICK, memories=[HostMemory("free.example", streak=40)])
    assert desk.add(QUICK) == []
    request = desk.next()
    desk.tell(request, page(request, desk.now))
    assert desk.memory().streak == 0
    desk = Desk(QUICK, memories=[HostMemory("free.example", streak=40)])
    desk.add(QUICK)
    desk.add(QUICK, number=2)
    request = desk.next()
    answers = desk.tell(request, miss(request, desk.now, Why.DEADLINE))
    assert [outcome.why for _, outcome in answers if isinstance(outcome, Miss)] == [Why.DEADLINE, Why.HOST_CLOSED]


@pytest.mark.parametrize("status", [404, 403, 302])
def test_any_answer_of_a_host_that_works_ends_its_streak(status: int) -> None:
    desk = Desk(QUICK, memories=[HostMemory("free.example", streak=4)])
    desk.add(QUICK)
    request = desk.next()
    there = "https://free.example/there"
    desk.tell(request, moved(request, desk.now, there) if status == 302 else miss(request, desk.now, status=status))
    assert desk.memory().streak == 0


# -- redirects -------------------------------------------------------------------------------------


def test_a_hop_is_a_request_of_its_own_and_answers_for_the_first() -> None:
    listed = replace(FREE, robots_ignored=None, hosts=("new.example",))
    desk = Desk(listed)
    desk.add(listed)
    desk.robots()
    request = desk.next()
    remembering = replace(request, remembered=page(request, desk.now))
    assert desk.tell(remembering, moved(request, desk.now, "https://new.example/news#top")) == []
    robots = desk.next()
    assert robots.url == "https://new.example/robots.txt", "each hop is judged by the rules of its own host"
    desk.tell(robots, page(robots, desk.now))
    hop = desk.next()
    assert hop == replace(wanted(listed), url="https://new.example/news", hops=1)
    outcome = page(hop, desk.now)
    assert desk.tell(hop, outcome) == [(wanted(listed), outcome)]


def test_what_is_remembered_of_one_url_is_not_asked_of_the_next_hop() -> None:
    desk = Desk(FREE)
    desk.agenda.add(replace(wanted(FREE), remembered=page(wanted(FREE), EPOCH)), EPOCH)
    request = desk.next()
    assert request.remembered is not None
    desk.tell(request, moved(request, desk.now, "https://free.example/there"))
    assert desk.next().remembered is None


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("https://other.example/news", "another site"),
        ("http://free.example/news", "https back to http"),
        ("ftp://free.example/news", "no http or https address"),
        ("javascript:void(0)", "no http or https address"),
        ("https://[::1", "no http or https address"),
        ("https://free.example:99999/", "no http or https address"),
    ],
)
def test_a_redirect_that_leads_astray_is_not_followed(location: str, words: str) -> None:
    desk = Desk(FREE)
    desk.add(FREE)
    request = desk.next()
    refused = only(desk.tell(request, moved(request, desk.now, location)))
    assert (refused.why, refused.status, refused.sent) == (Why.REDIRECT, 302, False)
    assert words in refused.detail
    assert location in refused.detail


def test_a_redirect_loop_ends_after_five_hops() -> None:
    desk = Desk(FREE)
    desk.add(FREE)
    for hops in range(HOPS + 1):
        request = desk.next()
        assert request.hops == hops
        answers = desk.tell(request, moved(request, desk.now, FREE.url))
    assert only(answers).why is Why.REDIRECT
    assert desk.now == EPOCH + 5 * FREE.delay


# -- the caller ------------------------------------------------------------------------------------


def test_waiting_counts_what_was_added_and_has_no_answer() -> None:
    desk = Desk(QUICK)
    desk.add(QUICK)
    desk.add(QUICK, number=2)
    assert desk.agenda.waiting() == 2
    request = desk.next()
    assert desk.agenda.waiting() == 2
    desk.tell(request, page(request, desk.now))
    assert desk.agenda.waiting() == 1


def test_an_answer_that_nobody_waits_for_is_a_bug() -> None:
    desk = Desk(FREE)
    desk.add(FREE)
    request = desk.next()
    desk.tell(request, page(request, desk.now))
    with pytest.raises(ValueError, match=r"free\.example: an answer, but nothing is in flight"):
        desk.tell(request, page(request, desk.now))


def test_only_the_page_of_a_source_can_be_added() -> None:
    with pytest.raises(ValueError, match="only the page of a source"):
        Desk().agenda.add(Request("https://a.example/", "https://a.example/"), EPOCH)


def test_a_robots_txt_that_nobody_waits_for_any_more_is_not_asked_for() -> None:
    """Its own host closes while a redirect of its robots.txt waits for its turn on a busy other one."""
    busy = source("busy", "https://busy.example/", robots_ignored="we are asked to", delay=500.0)
    home = source("home", "https://home.example/", delay=0.0)
    rude = replace(home, name="rude", robots_ignored="we are asked to")
    desk = Desk(busy, home, rude)
    desk.add(busy)
    request = desk.next()
    desk.tell(request, page(request, desk.now))
    desk.add(home)
    request = desk.next()
    desk.tell(request, moved(request, desk.now, "https://busy.example/robots.txt"))
    desk.add(rude)
    request = desk.next()
    answers = desk.tell(request, miss(request, desk.now, status=503, retry_after=999.0))
    assert [outcome.why for _, outcome in answers if isinstance(outcome, Miss)] == [Why.NOT_BEFORE] * 2
    assert desk.agenda.waiting() == 0
    assert desk.agenda.ready(desk.now + 500.0) == []


def test_answers_are_dated_by_the_callers_clock() -> None:
    desk = Desk(FREE, memories=[HostMemory("free.example", not_before=EPOCH + 60)])
    assert epoch(only(desk.add(FREE)).fetched_at) == EPOCH
