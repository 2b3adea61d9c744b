"""The room that proposes: nodes of a page -> how selectors.toml may read it. Pure: no model, no network, no selectors of
its own to run; what it proposes is tried by whoever calls.

    Node -> index -> records (what is repeated?) -> columns (what stands in each?) -> fields, key, paging -> Proposal
"""

from coopscrape.induce.mend import Mended, mend, on_page
from coopscrape.induce.offers import Offer
from coopscrape.induce.printed import Reads
from coopscrape.induce.proposal import Proposal, Suggestions, suggest

__all__ = ["Mended", "Offer", "Proposal", "Reads", "Suggestions", "mend", "on_page", "suggest"]
