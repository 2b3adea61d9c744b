"""Values -> JSON with stable keys, for programs. What would harm a terminal is written as a JSON escape: the value stays.

A key may be added, none is renamed or taken away.
"""

from __future__ import annotations

import json
from typing import Any

from coopscrape.model import Change, Content, Entry, Proof, Version
from coopscrape.report.escape import in_json

Record = dict[str, Any]


def as_json(value: object) -> str:
    return in_json(json.dumps(value, ensure_ascii=False, indent=2)) + "\n"


def as_json_line(value: object) -> str:
    return in_json(json.dumps(value, ensure_ascii=False, default=str)) + "\n"


def change_record(change: Change) -> Record:
    entry, content = change.entry, change.entry.content
    return {
        "source": entry.source,
        "entry": entry.id,
        "key": entry.key,
        "kind": change.kind.value,
        "at": change.at,
        "walk": change.walk,
        "number": entry.number,
        "title": content.title,
        "category": content.category,
        "date": content.date,
        "date_text": content.date_text,
        "link": content.link,
        "field": change.field,
        "old": change.old,
        "new": change.new,
        "summary": content.summary,
    }


def entry_record(entry: Entry) -> Record:
    return {
        "source": entry.source,
        "entry": entry.id,
        "key": entry.key,
        "number": entry.number,
        "place": entry.place,
        **content_record(entry.content),
        "versions": entry.versions,
        "first_seen": entry.first_seen,
        "last_seen": entry.last_seen,
        "missing_since": entry.missing_since,
        "slid_since": entry.slid_since,
        "gone_since": entry.gone_since,
    }


def version_record(version: Version, proof: Proof) -> Record:
    return {
        "n": version.n,
        "seen_from": version.seen_from,
        "page": version.page,
        "page_url": proof.url,
        "page_number": proof.number,
        "walk": proof.walk,
        "fetched_at": proof.at,
        "snapshot": proof.digest,
        "number": version.number,
        **content_record(version.content),
    }


def content_record(content: Content) -> Record:
    return {
        "category": content.category,
        "title": content.title,
        "date": content.date,
        "date_text": content.date_text,
        "summary": content.summary,
        "link": content.link,
        "extra": dict(content.extra),
    }
