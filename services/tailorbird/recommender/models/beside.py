"""What a cart is continued with: learned from orders of the last weeks, one item of each held back.

What an item weighs beside the others comes from `together.py`, fitted without these weeks; whether that or the
customer's own habits count more is what is learned here.
"""

from __future__ import annotations

import numpy as np

from tailorbird.recommender.arrays import Codes, Flags, Floats
from tailorbird.recommender.foldin import DAY
from tailorbird.recommender.models.companions import Companions
from tailorbird.recommender.models.interactions import Interactions
from tailorbird.recommender.models.repeating import WINDOW_DAYS, fit_turnover, numbers_owned, owned_at
from tailorbird.recommender.quadratic import Quadratic, fit_quadratic
from tailorbird.recommender.repurchase import Habits, beside_numbers, new_numbers

__all__ = ["fit_beside"]

ORDERS = 4_000
"""Orders that are learned from, drawn at random."""
LARGEST_CART = 40
OWN = 60
"""Items of a customer's own that are looked at for each order."""


def fit_beside(
    table: Interactions, companions: Companions, generator: np.random.Generator
) -> tuple[Quadratic, Quadratic]:
    """(for items bought before, for new ones). companions: learned from orders before the last four weeks."""
    plain = Habits.unlearned(0)
    cut = table.until - WINDOW_DAYS * DAY
    drawn = _drawn(table, cut, generator)
    owned = owned_at(table, cut)
    if not len(drawn) or not len(owned.item):
        return plain.beside, plain.new
    turnover = fit_turnover(owned, len(table.item_ids))
    numbers = numbers_owned(owned, turnover)
    # An item's likeliness is that at the cut: the days between it and the order are the same for all of a customer's.
    likely = plain.again.log_odds(numbers)
    lines = np.bincount(owned.customer, weights=owned.times, minlength=table.customers)
    ends = np.searchsorted(owned.customer, np.arange(table.customers + 1))
    old: list[Floats] = []
    new: list[Floats] = []
    old_came: list[Flags] = []
    new_came: list[Flags] = []
    for first, after in drawn.tolist():
        items = table.item[first:after]
        held = items[generator.integers(len(items))]
        cart = items[items != held][:LARGEST_CART]
        customer = table.customer[first]
        own = slice(ends[customer], ends[customer + 1])
        beside = _beside(companions, cart, len(table.item_ids))
        mine = owned.item[own]
        best = np.argsort(-likely[own], kind="stable")[:OWN]
        best = np.union1d(best, np.flatnonzero(beside[mine] > 0))
        best = best[~np.isin(mine[best], cart)]
        old.append(beside_numbers(numbers[own][best], beside[mine[best]], len(cart)))
        old_came.append(mine[best] == held)
        others = np.setdiff1d(np.flatnonzero(beside > 0), np.concatenate([mine, cart]))
        new.append(new_numbers(turnover[others], beside[others], len(cart), float(lines[customer])))
        new_came.append(others == held)
    return (
        fit_quadratic(np.concatenate(old), np.concatenate(old_came), plain.beside),
        fit_quadratic(np.concatenate(new), np.concatenate(new_came), plain.new),
    )


def _drawn(table: Interactions, cut: float, generator: np.random.Generator) -> Codes:
    """(first entry, one after the last) of orders of two items and more after the cut."""
    starts = np.flatnonzero(np.diff(table.order, prepend=-1))
    ends = np.append(starts[1:], len(table.order))
    wanted = (ends - starts >= 2) & (table.at[starts] > cut) & (table.weight[starts] >= 1.0)
    spans = np.column_stack([starts, ends])[wanted]
    if len(spans) <= ORDERS:
        return spans
    return spans[np.sort(generator.choice(len(spans), ORDERS, replace=False))]


def _beside(companions: Companions, cart: Codes, items: int) -> Floats:
    """By item what it weighs beside this cart."""
    summed = np.zeros(items, np.float32)
    for item in cart.tolist():
        span = slice(companions.starts[item], companions.starts[item + 1])
        summed[companions.item[span]] += companions.weight[span]
    return summed
