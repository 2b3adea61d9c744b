"""What tells a page that a script fills in the browser, for every room that looks at pages. Pure values."""

from __future__ import annotations

from typing import Final

FEW_WORDS: Final = 400  # characters of a page that says next to nothing
ROOTS: Final = ("root", "app", "__next", "__nuxt", "___gatsby", "svelte", "q-app")  # ids of what is sent empty
# What else such frameworks leave in a page; it stands in pages that are sent whole, too.
STATES: Final = ("__NEXT_DATA__", "__NUXT_DATA__", "___gatsby-state")  # ids
MARKS: Final = ("ng-app", "data-ng-app", "data-reactroot", "data-v-app", "v-cloak")  # attributes
TAGS: Final = ("app-root",)
WORDS: Final = "it is made by a script in the browser: what the server sends holds no list. Look for its feed or API"


def is_scripted(*, empty_root: bool, marked: bool, text: int) -> bool:
    """`marked`: it bears a sign of such a framework; `text`: characters that a reader sees without a script."""
    return empty_root or (marked and text < FEW_WORDS)
