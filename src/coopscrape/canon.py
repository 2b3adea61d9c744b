"""Canonical forms: when two printed values are the same. Floor 0: extract makes keys of them, reconcile compares by them.

What is stored is what was printed; these forms are only ever compared (or hashed into an identity).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit, urlunsplit

# Zero-width and soft characters carry no text; they come and go with a site's editor.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"))
_TRACKING = re.compile(
    r"(utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|yclid|_ga|_gl|_hs(enc|mi)|jsessionid|phpsessid)",
    re.IGNORECASE,
)
_PATH_PARAMETER = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;?#]*", re.IGNORECASE)


def text(value: str | None) -> str | None:
    """Invisible characters dropped, NFC, all white space (nbsp, line breaks) folded to single blanks. None stays None."""
    if value is None:
        return None
    return " ".join(unicodedata.normalize("NFC", value.translate(_INVISIBLE)).split())


def link(url: str | None) -> str | None:
    """A link's identity: scheme and host folded, http and https alike, no default port, fragment, tracking or session parameters.

    Parameters keep their order (a site may mean something by it); percent-escapes are brought to one spelling
    (RFC 3986 sections 6.2.2.1 to 6.2.2.3). Anything that is no http(s) url comes back as its canonical text.
    """
    if url is None:
        return None
    return _link(url) if len(url) <= REMEMBERED else _link.__wrapped__(url)


REMEMBERED = 300  # characters of a link at most, for the sake of memory


@lru_cache(maxsize=16_384)  # a listing shows the same links at every visit, and a rebuild reads all its visits
def _link(url: str) -> str | None:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return text(url)
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return text(url)
    host = parts.hostname.lower().rstrip(".").removeprefix("www.")
    if ":" in host:
        host = f"[{host}]"  # IPv6
    if port not in (None, 80, 443):
        host = f"{host}:{port}"
    path = _escapes(_PATH_PARAMETER.sub("", parts.path)) or "/"
    query = "&".join(
        _escapes(pair) for pair in parts.query.split("&") if pair and not _TRACKING.fullmatch(pair.partition("=")[0])
    )
    return urlunsplit(("https", host, path, query, ""))


def _escapes(part: str) -> str:
    """One spelling for percent-escapes: unreserved characters bare, the others upper case; never decodes a delimiter."""
    return re.sub(
        r"%[0-9A-Fa-f]{2}",
        lambda m: c if (c := unquote(m[0], "latin-1")).isascii() and (c.isalnum() or c in "-._~") else m[0].upper(),
        quote(part, safe="%/:?#[]@!$&'()*+,;=-._~"),
    )


def entry_id(source: str, key: str) -> str:
    """The stable name of an entry: 16 hexadecimal digits of sha256 over source and key. Survives every rebuild."""
    return hashlib.sha256(f"{source}\x00{key}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
