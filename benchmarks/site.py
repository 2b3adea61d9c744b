"""How many hosts, pages and bytes in; a site on loopback in a process of its own out, and what it was asked.

    python benchmarks/site.py HOSTS PAGES BYTES

Prints a line of JSON with its urls, then one for each line that it reads: what it was asked since the last.
Ends with its standard input.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from listings import listing, some_items
from server import World

MENU = '<li class="menu"><a class="menu-link" href="/section/{n}">Section {n}</a> <span>of this site</span></li>\n'
PER_PAGE = 10
FIRST = "/news/1"


def main(hosts: int, pages: int, size: int) -> None:
    with World(hosts) as world:
        for host in world.hosts:
            furnish(world, host, pages, size)
        say(urls=[world.url(FIRST, host) for host in world.hosts], allow=world.allow)
        for _ in sys.stdin:
            say(**asked(world))
            world.clear_ledger()


def furnish(world: World, host: str, pages: int, size: int) -> None:
    """A listing of `pages` pages: ten items each, and as much menu beside them as makes `size` bytes."""
    for page in range(1, pages + 1):
        items = some_items(PER_PAGE, first=(page - 1) * PER_PAGE + 1)
        following = f"/news/{page + 1}" if page < pages else None
        missing = size - len(listing(items, following, host).encode())
        lines = max(0, missing // len(MENU.format(n=1000).encode()))
        menu = "".join(MENU.format(n=1000 + n) for n in range(lines))
        world.put(f"/news/{page}", listing(items, following, host, f"<nav><ul>\n{menu}</ul></nav>"), host)


def asked(world: World) -> dict[str, int]:
    """The ledger in four numbers."""
    pages = [hit for hit in world.ledger if hit.path != "/robots.txt"]
    return {
        "pages": len(pages),
        "unchanged": sum(hit.status == 304 for hit in pages),
        "others": len(world.ledger) - len(pages),
        "overlaps": sum(world.overlaps(host) for host in world.hosts),
    }


def say(**words: object) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
