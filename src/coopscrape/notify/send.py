"""The door through which a Notice leaves: one POST of JSON to the webhook of the settings. Reads nothing, retries nothing.

What could not be sent is said again by the next run: the archive remembers how far it has told (a cursor).
"""

from __future__ import annotations

import httpx

from coopscrape.notify import Notice


def send(notice: Notice, webhook: str, user_agent: str, *, seconds: float = 10.0) -> str | None:
    """None when the receiver took it (2xx), else why not, in words. `text` is what chat services show."""
    body = {"subject": notice.subject, "text": "\n".join((notice.subject, *notice.lines)), "lines": list(notice.lines)}
    try:
        with httpx.Client(trust_env=False, timeout=seconds, follow_redirects=False) as client:
            answer = client.post(webhook, json=body, headers={"User-Agent": user_agent})
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        return f"{webhook}: {type(error).__name__}: {error}"
    return None if answer.is_success else f"{webhook}: answered {answer.status_code} {answer.reason_phrase}"
