"""(known entries, one walk) -> Delta, and doubts about it as a whole. The only room that knows new, changed, gone, back. Pure."""

from coopscrape.reconcile.delta import differences, reconcile, same, show
from coopscrape.reconcile.upheaval import upheaval

__all__ = ["differences", "reconcile", "same", "show", "upheaval"]
