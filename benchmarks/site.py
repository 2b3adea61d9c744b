"""How many hosts, pages and bytes in; a site on loopback in a process of its own out, and what it was asked.

    python benchmarks/site.py HOSTS PAGES BYTES

Prints a line of JSON with its urls, then one for each line that it reads: what it was asked since the last. Where the
line is a number, so many items have come in at the top since the beginning: each page shows other items, and the last
ones have slid off the end. Ends with its standard input.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from pages import counted
from server import World

FIRST = "/news/1"


def main(hosts: int, pages: int, size: int) -> None:
    with World(hosts) as world:
        for host in world.hosts:
            furnish(world, host, pages, size)
        say(urls=[world.url(FIRST, host) for host in world.hosts], allow=world.allow)
        for line in sys.stdin:
            if line.strip().isdigit():
                for host in world.hosts:
                    furnish(world, host, pages, size, int(line))
            say(**asked(world))
            world.clear_ledger()


def furnish(world: World, host: str, pages: int, size: int, came: int = 0) -> None:
    """The listing as it is when so many items have come in."""
    for number, page in enumerate(counted(host, pages, size, came), 1):
        world.put(f"/news/{number}", page, host)


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
