"""What a run tells while it goes on. For progress lines and logs; nothing depends on who listens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Event:
    """`kind`: page, missed, waiting, settled, note, warning. `facts` are the numbers behind `text`."""

    kind: str
    text: str
    source: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


Listen = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Nobody listens."""
