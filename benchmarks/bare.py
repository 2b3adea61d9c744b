"""First urls of listings in, the number of their items out: the least that can be done for a page, as a yardstick.

One thread, httpx and selectolax and nothing else: no robots.txt, no validators, no archive, no history.
"""

from __future__ import annotations

import sys

import httpx
from selectolax.lexbor import LexborHTMLParser


def read(first: str) -> int:
    """Follows one listing to its end; the number of its items."""
    count = 0
    url: str | None = first
    with httpx.Client(trust_env=False) as client:
        while url:
            answer = client.get(url)
            tree = LexborHTMLParser(answer.content)
            count += sum(item.css_first("h3 a") is not None for item in tree.css("ol.listing > li"))
            following = tree.css_first("a.next")
            url = str(answer.url.join(following.attributes["href"] or "")) if following else None
    return count


if __name__ == "__main__":
    print(sum(read(url) for url in sys.argv[1:]))
