"""(known entries, one walk and its own pages) -> Delta, and doubts about it as a whole. Pure.

The only room that knows new, changed, gone, back.
"""

from coopscrape.reconcile.delta import differences, reconcile, same, show, slipped
from coopscrape.reconcile.details import kept, learn, listed, unread
from coopscrape.reconcile.early import enough, overlooked, unsorted
from coopscrape.reconcile.upheaval import upheaval

__all__ = [
    "differences",
    "enough",
    "kept",
    "learn",
    "listed",
    "overlooked",
    "reconcile",
    "same",
    "show",
    "slipped",
    "unread",
    "unsorted",
    "upheaval",
]
