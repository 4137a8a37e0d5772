"""A share of a shelf's places for items of which little is known, and how likely each item was to get its place.

Thompson sampling: of each item that is hardly known yet, how well it does is drawn from what is believed of it (a beta
distribution of its buyers among an assumed number of views); the best draws get the places. How likely that was is
counted over further draws and told with each item, so that what comes of it can be weighed fairly later (IPS).
"""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.shelves.varying import reordered
from tailorbird.recommender.strategies.strategy import Chosen

__all__ = ["explored"]

KNOWN_FROM = 12.0
"""Recent buyers from which on an item is no longer uncertain."""
CANDIDATES = 64
DRAWS = 200
ASSUMED_VIEWS = 40.0
SENTENCE = ("New to many of our customers",)


def explored(page: Page, shelf: Shelf, chosen: Chosen) -> Chosen:
    """The list, cut to the shelf, with its last places given to uncertain items; each with its probability."""
    places = round(shelf.explore * shelf.count)
    uncertain = _uncertain(page, chosen)
    places = min(places, len(uncertain))
    kept = min(shelf.count - places, len(chosen.positions))
    sure = reordered(chosen, range(kept))
    if not places:
        return sure
    drawn = _drawn(page, uncertain, shelf)
    ranked = np.argpartition(-drawn, places - 1, axis=1)[:, :places]
    share = np.bincount(ranked.ravel(), minlength=len(uncertain)) / len(drawn)
    winners = ranked[0][np.argsort(-drawn[0, ranked[0]], kind="stable")]
    return Chosen(
        [*sure.positions, *uncertain[winners].tolist()],
        [*sure.scores, *drawn[0, winners].tolist()],
        [*sure.reasons, *([SENTENCE] * places)],
        [*([1.0] * kept), *(round(float(value), 4) for value in share[winners])],
    )


def _uncertain(page: Page, chosen: Chosen) -> Positions:
    """Items with few recent buyers from the categories that this list is about (from all where it is about nothing)."""
    columns, reach = page.knowledge.columns, page.knowledge.reach
    free = ~page.taken & (reach < KNOWN_FROM)
    listed = list(chosen.positions)
    free[listed] = False
    about = np.isin(columns.category, np.unique(columns.category[listed])) & free
    found = np.flatnonzero(about if about.any() else free)
    # Those with some buyers first: of two unknown ones the better guess is worth more.
    return found[np.argsort(-reach[found], kind="stable")][:CANDIDATES].astype(np.int32)


def _drawn(page: Page, uncertain: Positions, shelf: Shelf) -> Floats:
    """(draws, items): how well each may do. Moment, cart and customer say what is drawn: a retry shows the same."""
    generator = page.knowledge.chance(f"{page.query.at:.0f}|{shelf.slot}|{page.customer.past.lines}|{page.query.cart}")
    bought = page.knowledge.reach[uncertain]
    otherwise = ASSUMED_VIEWS - np.minimum(bought, ASSUMED_VIEWS / 2)
    drawn: Floats = generator.beta(1.0 + bought, otherwise, (DRAWS, len(bought))).astype(np.float32)
    return drawn
