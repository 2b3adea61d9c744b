"""How hard a fuzz test tries: COOPSCRAPE_FUZZ=100 tries a hundred times as many examples as CI does."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings


def effort(examples: int) -> settings:
    return settings(
        max_examples=examples * int(os.environ.get("COOPSCRAPE_FUZZ", "1")),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
