"""What an attribute says -> an absolute http(s) address. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urldefrag, urljoin, urlsplit

from coopscrape.extract.patterns import UnusableError

_DROPPED = re.compile(r"[\x00-\x1f\x7f]")  # https://url.spec.whatwg.org: tab and line feed are taken out of an address
# What most links are: joined by hand, since urljoin takes longer than all else that is done to an entry's link.
_ROOTED = re.compile(r"/(?!/)[\w.~!$&'()*+,;=:@%/?#-]*", re.ASCII)
LONGEST: Final = 65_536  # characters of an address; servers take 8,000 or so (RFC 9110 section 4.1)
REMEMBERED: Final = 1_000  # characters of an address at most, for the sake of memory
SCHEMES: Final = ("http", "https")


def resolve(base: str, href: str) -> str | None:
    """The address as a browser would go to it; None if that is no http(s) address (a script, a mail, nonsense).

    Raises UnusableError for one that is too long: it is not dropped, since a page that has it is not as it should be.
    """
    if len(href) > LONGEST:
        words = f"an address in it has {len(href):,} characters; at most {LONGEST:,} are read"
        raise UnusableError(f"this page is not read: {words}")
    if _ROOTED.fullmatch(href) and "/." not in href:
        root = _root(base) if len(base) <= REMEMBERED else _root.__wrapped__(base)
        return root + href if root else None
    try:
        url = urljoin(base, _DROPPED.sub("", href).strip().replace(" ", "%20"))
        parts = urlsplit(url)
        _ = parts.port  # raises if it is no number
    except ValueError:
        return None
    return url if parts.scheme.lower() in SCHEMES and parts.hostname else None


@lru_cache(maxsize=256)
def _root(base: str) -> str:
    """`https://host` of an address; "" if it is no http(s) address."""
    return (resolve(base, "./") or "") and urljoin(base, "/").removesuffix("/")


def resolve_next(base: str, href: str) -> str | None:
    """A link to another page: `#` and what else stays on this one leads nowhere."""
    stays = not href.strip() or href.lstrip().startswith("#")
    url = None if stays else resolve(base, href)
    return urldefrag(url).url if url else None
