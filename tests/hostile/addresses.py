"""Ways that lead to addresses which must never be reached. Somebody listens on each of them: the canary.

Where another host could be refused for being another site, the source lists it as one of its own: what is tried is the
guard in the dialer, which judges each address that a name or a number stands for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from coopscrape.model import Why
from hostile.behaviour import LISTING, READ, ROBOTS, SECOND, Act, Behaviour, Right, Site, miss, page
from server import Answer

# Before a page is asked for, the robots.txt of its host would be; and a name with a dot behind it may be none.
REFUSED: Final = miss(Why.ADDRESS, Why.REDIRECT, Why.ROBOTS_UNREACHABLE, Why.NAME, Why.HOST_CLOSED)
CLOSED: Final = miss(Why.ROBOTS_UNREACHABLE)
PUBLIC: Final = {"delay": "1s"}

# What stands behind http://, and what that is.
TARGETS: Final = {
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "192.168.1.1": "private",
    "169.254.169.254": "link-local, where clouds keep their secrets",
    "100.64.0.1": "shared address space",
    "192.0.0.1": "protocol assignments",
    "192.0.2.1": "documentation",
    "192.88.99.1": "6to4 relay",
    "198.18.0.1": "benchmarks",
    "224.0.0.1": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "0.0.0.0": "this host",
    "0": "this host, short",
    "127.0.0.1": "loopback, not listed",
    "127.1": "loopback, short",
    "127.255.255.254": "loopback, its far end",
    "2130706433": "loopback, decimal",
    "0x7f000001": "loopback, hexadecimal",
    "017700000001": "loopback, octal",
    "0177.0.0.1": "loopback, in part octal",
    "0x7f.1": "loopback, hexadecimal and short",
    "167772161": "private, decimal",
    "0xa9fea9fe": "link-local, hexadecimal",
    "127.0.0.1.": "loopback, with a dot behind it",
    "127\u30020\u30020\u30021": "loopback, with ideographic full stops",
    "\uff11\uff12\uff17.\uff10.\uff10.\uff11": "loopback, in full-width digits",
    "10\uff0e0\uff0e0\uff0e1": "private, with full-width dots",
    "\u2460\u2461\u2466.0.0.1": "loopback, in circled digits",
    "[::1]": "loopback",
    "[::]": "unspecified",
    "[::ffff:127.0.0.1]": "loopback, mapped",
    "[::ffff:a00:1]": "private, mapped",
    "[::127.0.0.1]": "loopback, compatible",
    "[64:ff9b::a00:1]": "private, through NAT64",
    "[64:ff9b:1::a00:1]": "private, through a local NAT64",
    "[2002:a00:1::1]": "private, through 6to4",
    "[2001:0:a00:1::1]": "Teredo",
    "[fc00::1]": "unique local",
    "[fe80::1]": "link-local",
    "[fe80::1%25lo]": "link-local, with its zone",
    "[fec0::1]": "site-local, of old",
    "[ff02::1]": "multicast",
    "[100::1]": "discard",
    "[2001:db8::1]": "documentation",
    "[3fff::1]": "documentation, too",
    "[5f00::1]": "segment routing",
    "localhost": "a name of loopback",
    "LOCALHOST": "the same, aloud",
    "localhost.": "the same, with a dot behind it",
    "ip6-localhost": "a name of ::1",
    "private.test": "a name of 10.0.0.1",
    "metadata.test": "a name of 169.254.169.254",
    "six.test": "a name of ::1",
    "mapped.test": "a name of ::ffff:10.0.0.1",
    "nat64.test": "a name of 64:ff9b::a00:1",
    "twofaced.test": "a name of a public address, and of 10.0.0.1",
    "user@10.0.0.1": "private, behind a user's name",
    "user:secret@10.0.0.1": "private, behind a password",
    "8.8.8.8@10.0.0.1": "private, behind a public one",
    "10.0.0.1:443": "private, port 443",
    "10.0.0.1:8080": "private, port 8080",
}
NAMES: Final = {
    "private.test": ["10.0.0.1"],
    "metadata.test": ["169.254.169.254"],
    "six.test": ["::1"],
    "mapped.test": ["::ffff:10.0.0.1"],
    "nat64.test": ["64:ff9b::a00:1"],
    "twofaced.test": ["8.8.8.8", "10.0.0.1"],
}
# Of another make than http://HOST/.
CROOKED: Final = (
    "//10.0.0.1/",
    "///10.0.0.1/",
    "http:10.0.0.1/",
    "http:///10.0.0.1/",
    "http:\\\\10.0.0.1\\",
    "\\\\10.0.0.1\\",
    "http://10.0.0.1\\@8.8.8.8/",
    "http://10.0.0.1#@8.8.8.8/",
    "http://10.0.\t0.1/",
    " http://10.0.0.1/ ",
    "HTTP://10.0.0.1/",
    "https://10.0.0.1/",
    "ws://10.0.0.1/",
    "http://10.0.0.1%2f@8.8.8.8/",
    "http://%31%30.0.0.1/",
)


def _named(site: Site) -> None:
    for name, addresses in NAMES.items():
        site.names.put(name, addresses)


def redirect(url: str, path: str = LISTING) -> Act:
    def act(site: Site) -> None:
        _named(site)
        location = url.encode().decode("latin-1")
        site.put(path, Answer(302, headers=(("Location", location),)))

    return act


def next_link(url: str) -> Act:
    def act(site: Site) -> None:
        _named(site)
        site.put(LISTING, page().replace(f'href="{SECOND}"', f'href="{url}"'))

    return act


def _own(url: str) -> dict[str, object]:
    """The source calls this host its own, as far as a host name can say it."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return {}
    return {"hosts": [host]} if host and ":" not in host else {}


def _rows(target: str, what: str) -> tuple[Behaviour, ...]:
    url = f"http://{target}/news"
    own = _own(url)
    heedless = {"robots": "ignore", "robots_reason": "or its robots.txt is refused first"}
    return (
        Behaviour(f"a redirect to {target}", what, redirect(url), REFUSED, settings=own | heedless, isolated=True),
        Behaviour(f"a next link to {target}", what, next_link(url), REFUSED | {"cut"}, settings=own, isolated=True),
        Behaviour(f"a robots.txt at {target}", what, redirect(url, ROBOTS), CLOSED, early=True, isolated=True),
    )


def nothing(site: Site) -> None:
    """Goes on as before."""


def another_port(site: Site) -> None:
    site.put(LISTING, Answer(302, headers=(("Location", f"http://{site.host}:8080/news"),)))


def rebinds(site: Site) -> None:
    """The first look-up says where the page is, the next one says loopback: so page 2 would be on this machine."""
    site.names.put(site.name, [site.host], ["127.0.2.1"])
    site.put(LISTING, Answer(body=page(), headers=(("Connection", "close"),)))


def flutters(site: Site) -> None:
    """The second look-up says loopback, where nobody listens. Who looks up once, connects to what was judged."""
    site.names.put(site.name, [site.host], ["127.0.2.9"], [site.host])


def rebound(*answers: str) -> Act:
    return lambda site: site.names.put(site.name, list(answers))


def _public(name: str, words: str, act: Act, right: Right, at: str) -> Behaviour:
    host = f"{at.replace('.', '-')}.public.test"
    return Behaviour(name, words, act, right, at=at, name_of_host=host, settings=PUBLIC, isolated=True)


ROWS: Final = (
    *(
        # Each target on each way; for each run of the tests on one of the ways, in turn.
        replace(row, seldom=way != n % len(_rows(target, what)))
        for n, (target, what) in enumerate(TARGETS.items())
        for way, row in enumerate(_rows(target, what))
    ),
    *(
        Behaviour(
            f"a redirect to {url!r}",
            "an address in disguise",
            redirect(url),
            REFUSED | miss(Why.STATUS),
            settings={"hosts": ["10.0.0.1"]},
            isolated=True,
        )
        for url in CROOKED
    ),
    Behaviour(
        "another port of the same host", "allowed is host:port, not the host", another_port, REFUSED, isolated=True
    ),
    _public("a public address", "is reached", nothing, READ, "8.8.8.8"),
    _public("a name that comes home", "its next look-up says loopback", rebinds, miss(Why.ADDRESS), "8.8.4.4"),
    _public("a name that flutters", "its second look-up says loopback", flutters, READ | miss(Why.ADDRESS), "9.9.9.9"),
    _public("a name that moved to loopback", "and stays there", rebound("127.0.2.1"), miss(Why.ADDRESS), "1.1.1.1"),
    _public("a name that moved to ::1", "and stays there", rebound("::1"), miss(Why.ADDRESS), "1.0.0.1"),
    _public(
        "a name with two faces",
        "public and private at once",
        rebound("8.8.8.8", "10.0.0.1"),
        miss(Why.ADDRESS),
        "5.5.5.5",
    ),
    _public("a name that nobody knows any more", "NXDOMAIN", rebound(), miss(Why.NAME), "6.6.6.6"),
)
