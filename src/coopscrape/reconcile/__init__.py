"""(known entries, one walk) -> Delta, and doubts about it as a whole. The only room that knows new, changed, gone, back. Pure."""

from coopscrape.reconcile.delta import differences, reconcile, same, show, slipped
from coopscrape.reconcile.early import enough, overlooked, unsorted
from coopscrape.reconcile.upheaval import upheaval

__all__ = [
    "differences",
    "enough",
    "overlooked",
    "reconcile",
    "same",
    "show",
    "slipped",
    "unsorted",
    "upheaval",
]
