"""What servers see of a run, whatever happens: the laws of politeness over all worlds, and thousands of hosts at once."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from coopscrape.model import Miss, Moved, Page, Purpose, Request, Source, Why, authority_of, host_of
from coopscrape.plan.agenda import HEEDED, HOPS
from plan.world import Hit, Rulebook, Says, Server, World, read_rules, rulebook, source, wanted

HAIR = 1e-5  # seconds since 1970 as floats are exact to less than a microsecond

HOSTS = ("a.example", "www.a.example", "b.example")
ORIGINS = ("https://{}", "http://{}", "https://{}:8443")
PATHS = ("/news", "/news/2", "/private/news")

Promise = tuple[float, float, float]  # start of the run, when it was made, seconds
Promises = dict[str, list[Promise]]

MOODS = st.one_of(
    st.just(Says()),
    st.sampled_from((404, 403, 500, 503, 429)).map(lambda status: Says(status)),
    st.builds(Says, st.sampled_from((429, 503)), retry_after=st.sampled_from((0.0, 7.0, 90.0, 119.0, 121.0, 4000.0))),
    st.sampled_from((Why.NETWORK, Why.TLS, Why.LOST, Why.DEADLINE, Why.TOO_LARGE)).map(lambda why: Says(why=why)),
    st.builds(
        lambda origin, host, path, pause: Says(location=origin.format(host) + path, retry_after=pause),
        st.sampled_from(ORIGINS),
        st.sampled_from(HOSTS),
        st.sampled_from(PATHS),
        st.sampled_from((None, None, 3.0, 60.0, 500.0)),
    ),
)
SERVERS = st.builds(
    Server,
    # A run begins at 22:13:20: the last three are open for 40 s, open in 100 s, and open for 40 s and after midnight.
    robots=st.sampled_from(
        ("0", "0.5", "20", "9 /private", "0 /", "500", "9 @1320-1334", "0 @1335-100", "0 /private @1333-1334 @0-300")
    ),
    mood=st.lists(MOODS, max_size=8),
    latency=st.sampled_from((0.01, 0.5, 3.0, 30.0)),
    lag=st.sampled_from((0.0, 0.0, 4.0)),
)
WISHES = st.lists(
    st.tuples(
        st.sampled_from((0.0, 0.0, 1.0, 40.0, 300.0)),
        st.sampled_from(HOSTS),
        st.sampled_from(ORIGINS),
        st.sampled_from(PATHS),
        st.sampled_from((0.0, 1.0, 5.0)),
    ),
    min_size=1,
    max_size=8,
)


def wishes_of(drawn: list[tuple[float, str, str, str, float]], run: int) -> list[tuple[float, Request, Source]]:
    """Each wish is that of a source of its own, which may be led to any of the hosts."""
    made = []
    for n, (seconds, host, origin, path, delay) in enumerate(drawn):
        url = origin.format(host) + path
        of = source(f"run{run}-source{n}", url, delay=delay, hosts=HOSTS)
        made.append((seconds, wanted(of), of))
    return made


def promise(promises: Promises, began: float, wishes: list[tuple[float, Request, Source]]) -> None:
    """The run as a whole (0 s), and then each wish, from when it is known."""
    for host in promises:
        promises[host].append((began, began, 0.0))
    for seconds, request, of in wishes:
        promises[host_of(request.url)].append((began, began + seconds, of.delay))


def go(world: World, wishes: list[tuple[float, Request, Source]], jitter: float = 0.0) -> None:
    answers = world.run(
        [of for _, _, of in wishes], [(seconds, request) for seconds, request, _ in wishes], lambda: jitter
    )
    assert all(len(outcomes) == 1 for outcomes in answers.values()), "every wish is answered, and once"
    for request, (outcome,) in answers.items():
        assert outcome.asked == request.asked


@settings(max_examples=300, deadline=None)
@given(
    servers=st.tuples(SERVERS, SERVERS, SERVERS),
    first=WISHES,
    second=WISHES,
    between=st.sampled_from((0.0, 2.0, 100.0, 90_000.0, 3_000_000.0)),
    jitter=st.sampled_from((0.0, 0.99)),
)
def test_no_server_ever_sees_an_impolite_request_whatever_happens_in_two_runs_in_a_row(
    servers: tuple[Server, ...],
    first: list[tuple[float, str, str, str, float]],
    second: list[tuple[float, str, str, str, float]],
    between: float,
    jitter: float,
) -> None:
    world = World(dict(zip(HOSTS, servers, strict=True)))
    promises: Promises = {host: [] for host in HOSTS}
    for n, drawn in enumerate((first, second)):
        wishes = wishes_of(drawn, n)
        promise(promises, world.now, wishes)
        go(world, wishes, jitter)
        world.now += between
    for host, server in world.servers.items():
        never_two_at_once(server)
        never_before_the_interval(server, promises[host])
        never_what_robots_txt_forbids(server)
        never_a_page_before_robots_txt(server)
        never_before_retry_after(server)
        never_more_than_three_tries(server)
        never_outside_visit_time(server)


def never_two_at_once(server: Server) -> None:
    for earlier, later in pairwise(server.log):
        assert later.start >= earlier.end - HAIR


def never_before_the_interval(server: Server, promises: list[Promise]) -> None:
    for earlier, later in pairwise(server.log):
        run = max(began for began, at, _ in promises if began <= later.told)
        delay = max((delay for began, at, delay in promises if began == run and at <= later.told), default=0.0)
        assert later.start - earlier.start >= max(delay, wanted_by_robots(server, later, run)) - HAIR


def wanted_by_robots(server: Server, hit: Hit, began: float) -> float:
    """What the server has said on behalf of the origins that were asked in this run: its last word on each counts."""
    past = [each for each in server.log if each.end <= hit.told]
    origins = {authority_of(each.request.url) for each in (*past, hit) if each.told >= began}
    return max(last_word(server, [each for each in past if speaks_for(each, origin)]) for origin in origins)


def speaks_for(hit: Hit, origin: str) -> bool:
    return hit.request.purpose is Purpose.ROBOTS and authority_of(hit.request.asked) == origin


def last_word(server: Server, said: list[Hit]) -> float:
    """A passing failure takes nothing back."""
    words = [hit for hit in said if isinstance(hit.outcome, Page) or (hit.outcome.status or 500) in (302, 403, 404)]
    return read_text(server).delay or 0.0 if words and isinstance(words[-1].outcome, Page) else 0.0


def read_text(server: Server) -> Rulebook:
    return rulebook(server.robots)


def never_outside_visit_time(server: Server) -> None:
    """Once its hours are known: the first robots.txt of an origin is asked for at any time, and after thirty days again."""
    windows = read_text(server).windows
    if not windows or any(authority_trouble(server, hit) for hit in server.log):
        return
    known: dict[str, float] = {}
    for hit in server.log:
        robots = hit.request.purpose is Purpose.ROBOTS
        origin = authority_of(hit.request.asked if robots else hit.request.url)
        if not robots or hit.told - known.get(origin, -1e9) <= 30 * 86_400:
            assert any(is_between(hit.told % 86_400 / 60, begin, end) for begin, end in windows)
        if robots:
            known[origin] = hit.end


def is_between(minute: float, begin: int, end: int) -> bool:
    return begin <= minute < end if begin < end else not end <= minute < begin


def never_what_robots_txt_forbids(server: Server) -> None:
    """Unless it was said to be missing, or lay where redirects led to: then other rules hold."""
    if any(authority_trouble(server, hit) for hit in server.log):
        return
    for hit in server.log:
        assert hit.request.purpose is Purpose.ROBOTS or read_text(server).allows(hit.request.url)


def authority_trouble(server: Server, hit: Hit) -> bool:
    return hit.request.purpose is Purpose.ROBOTS and not (isinstance(hit.outcome, Page) and hit.request.hops == 0)


def never_a_page_before_robots_txt(server: Server) -> None:
    asked: set[str] = set()
    for hit in server.log:
        if hit.request.purpose is Purpose.ROBOTS:
            asked.add(authority_of(hit.request.asked))
        else:
            assert authority_of(hit.request.url) in asked


def never_before_retry_after(server: Server) -> None:
    until = 0.0
    for hit in server.log:
        assert hit.start >= until - HAIR
        outcome = hit.outcome
        if isinstance(outcome, Moved) or (isinstance(outcome, Miss) and outcome.status in HEEDED):
            until = max(until, hit.end + (outcome.retry_after or 0.0))


def never_more_than_three_tries(server: Server) -> None:
    for hit in server.log:
        assert 1 <= hit.request.tries <= 3
        assert 0 <= hit.request.hops <= HOPS


def test_five_thousand_hosts_are_walked_side_by_side_and_politely() -> None:
    dice = random.Random(6)  # the same world each time
    hosts = [f"h{n}.example" for n in range(5000)]
    moods = [Says(), Says(), Says(503), Says(429, retry_after=30), Says(why=Why.LOST), Says(why=Why.NETWORK)]
    world = World(
        {
            host: Server(dice.choice(("0", "10", "0 /private")), dice.choices(moods, k=4), dice.uniform(0.05, 20))
            for host in hosts
        }
    )
    wishes = wishes_of([(dice.uniform(0, 60), host, ORIGINS[0], path, 5.0) for host in hosts for path in PATHS], 0)
    began = world.now
    promises: Promises = {host: [] for host in hosts}
    promise(promises, began, wishes)
    go(world, wishes, 0.5)
    for host, server in world.servers.items():
        never_two_at_once(server)
        never_before_the_interval(server, promises[host])
        never_what_robots_txt_forbids(server)
        never_before_retry_after(server)
    assert world.now - began < 3600, "an hour for all of them, not 5000 times a minute"


def test_the_simulated_robots_txt_means_what_it_says() -> None:
    served = Server("9 /private")
    request = Request("https://a.example/robots.txt", "https://a.example/robots.txt", Purpose.ROBOTS)
    outcome = served.take(request, 0.0).outcome
    assert isinstance(outcome, Page)
    assert read_rules(outcome) == Rulebook(9.0, ("/private",))
