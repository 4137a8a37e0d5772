"""What a cart is continued with: learned from orders of the last weeks, one item of each held back.

What an item weighs beside the others comes from `together.py`, which leaves the very order out; whether that or the
customer's own habits count more is what is learned here.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from scipy import sparse

from tailorbird.recommender.arrays import Codes, Flags, Floats
from tailorbird.recommender.models.interactions import Interactions
from tailorbird.recommender.models.quadratic import Quadratic, fit_quadratic, thinned
from tailorbird.recommender.models.repeating import WINDOW_DAYS, Owned, Purchases, fit_turnover, numbers_owned, owned_at
from tailorbird.recommender.models.repurchase import Habits, beside_numbers, new_numbers
from tailorbird.recommender.models.sidebyside import side_by_side
from tailorbird.recommender.models.together import Together
from tailorbird.recommender.vectors.foldin import DAY

__all__ = ["fit_beside"]

ORDERS = 5_000
"""Orders that are learned from, drawn at random."""
AT_ONCE = 500
LARGEST_CART = 40
OWN = 60
"""Items of a customer's own that are looked at for each order."""
OTHERS = 25
"""Items that were not the one held back, learned from for each that was."""


class Drawn(Struct, frozen=True):
    """Entries of orders, one of each held back: sorted by order, then item."""

    order: Codes
    """0, 1, 2 ... as they were drawn."""
    item: Codes
    held: Flags
    customer: Codes
    """By order."""


class Beside(Struct, frozen=True):
    """Candidates to continue carts with: one entry per (order, item)."""

    order: Codes
    item: Codes
    weight: Floats
    place: Codes
    """In `Owned`, -1 for what the customer never had."""
    came: Flags
    """The one that was held back."""


def fit_beside(
    table: Interactions, purchases: Purchases, together: Together, generator: np.random.Generator, threads: int = 0
) -> tuple[Quadratic, Quadratic]:
    """(for items bought before, for new ones). threads: as in `side_by_side`."""
    plain = Habits.unlearned(0)
    cut = table.until - WINDOW_DAYS * DAY
    drawn = _drawn(table, cut, generator)
    owned = owned_at(table, cut, purchases)
    if not len(drawn.order) or not len(owned.item):
        return plain.beside, plain.new
    items = len(table.item_ids)
    turnover = fit_turnover(owned, items)
    numbers = numbers_owned(owned, turnover)
    # An item's likeliness is that at the cut: the days between it and the order are the same for all of a customer's.
    likely = np.flatnonzero(_rank(owned, plain.again.log_odds(numbers)) < OWN)
    found = side_by_side(lambda part: _candidates(part, together, owned, likely, items), _parts(drawn), threads)
    every = Beside(*(np.concatenate([getattr(one, name) for one in found]) for name in Beside.__struct_fields__))
    in_cart = np.bincount(drawn.order[~drawn.held], minlength=len(drawn.customer)).astype(np.float32)
    lines = np.bincount(owned.customer, weights=owned.times, minlength=table.customers).astype(np.float32)

    def learned(wanted: Flags, thought: Quadratic) -> Quadratic:
        chosen = np.flatnonzero(wanted)
        rows, each = thinned(every.came[chosen], OTHERS)
        rows = chosen[rows]
        beside, carts = every.weight[rows], in_cart[every.order[rows]]
        if thought is plain.beside:
            asked = beside_numbers(numbers[every.place[rows]], beside, carts)
        else:
            asked = new_numbers(turnover[every.item[rows]], beside, carts, lines[drawn.customer[every.order[rows]]])
        return fit_quadratic(asked, every.came[rows], thought, each)

    return learned(every.place >= 0, plain.beside), learned(every.place < 0, plain.new)


def _candidates(drawn: Drawn, together: Together, owned: Owned, likely: Codes, items: int) -> Beside:
    """What stands beside the carts, and what their customers buy next most likely anyway; nothing that is in them."""
    first, orders = int(drawn.order[0]), int(drawn.order[-1] - drawn.order[0]) + 1
    row = together.rows[drawn.item]
    known = row >= 0
    shape = (orders, len(together.inverse))
    places = (drawn.order[known] - first, row[known])
    inside = sparse.csr_matrix((np.ones(int(known.sum()), np.float32), places), shape=shape)
    beside = together.weights(inside, ~drawn.held[known])
    beside[places[0][~drawn.held[known]], places[1][~drawn.held[known]]] = 0.0
    order, column = np.nonzero(beside)
    customer = drawn.customer[first : first + orders]
    own_order, own = _own(owned, likely, customer)
    column_of_own = together.rows[owned.item[own]]
    # What stands beside the cart is there already, and what is in it is not asked for.
    cart = (drawn.order[~drawn.held] - first) * items + drawn.item[~drawn.held]
    missing = (column_of_own < 0) | (beside[own_order, column_of_own] == 0.0)
    missing &= _place(cart, own_order * items + owned.item[own]) < 0
    weight = np.concatenate([beside[order, column], np.zeros(int(missing.sum()), np.float32)])
    item = np.concatenate([np.flatnonzero(together.rows >= 0)[column], owned.item[own[missing]]])
    order = np.concatenate([order, own_order[missing]])
    place = _place(owned.customer * items + owned.item, customer[order] * items + item)
    held = np.zeros(orders, np.int64)
    held[drawn.order[drawn.held] - first] = drawn.item[drawn.held]
    return Beside(order + first, item, weight, place, item == held[order])


def _own(owned: Owned, likely: Codes, customer: Codes) -> tuple[Codes, Codes]:
    """(place in `customer`, entry of `owned`): the likely ones of each of these customers."""
    owner = owned.customer[likely]
    starts = np.searchsorted(owner, customer)
    counts = np.searchsorted(owner, customer, "right") - starts
    order = np.repeat(np.arange(len(customer)), counts)
    return order, likely[np.arange(len(order)) + np.repeat(starts - (np.cumsum(counts) - counts), counts)]


def _place(keys: Codes, wanted: Codes) -> Codes:
    """Where each is among the sorted keys, -1 where it is not."""
    if not len(keys):
        return np.full(len(wanted), -1, np.int64)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)


def _drawn(table: Interactions, cut: float, generator: np.random.Generator) -> Drawn:
    """Of orders of two items and more after the cut."""
    starts = np.flatnonzero(np.diff(table.order, prepend=-1))
    ends = np.append(starts[1:], len(table.order))
    wanted = np.flatnonzero((ends - starts >= 2) & (table.at[starts] > cut) & (table.weight[starts] >= 1.0))
    if len(wanted) > ORDERS:
        wanted = np.sort(generator.choice(wanted, ORDERS, replace=False))
    starts, counts = starts[wanted], np.minimum(ends[wanted] - starts[wanted], LARGEST_CART + 1)
    firsts = np.cumsum(counts) - counts
    order = np.repeat(np.arange(len(wanted)), counts)
    held = np.zeros(len(order), np.bool_)
    held[firsts + (generator.random(len(wanted)) * counts).astype(np.int64)] = True
    item = table.item[np.arange(len(order)) - np.repeat(firsts - starts, counts)]
    return Drawn(order, item, held, table.customer[starts])


def _parts(drawn: Drawn) -> list[Drawn]:
    """The orders by hundreds: what stands beside them fits into memory."""
    orders = len(drawn.customer)
    bounds = np.searchsorted(drawn.order, np.arange(0, orders + AT_ONCE, AT_ONCE))
    return [
        Drawn(drawn.order[a:b], drawn.item[a:b], drawn.held[a:b], drawn.customer)
        for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
        if b > a
    ]


def _rank(owned: Owned, likely: Floats) -> Codes:
    """Of each entry how many of its customer's are likelier."""
    # One number to sort by: log-odds lie within 60 of each other, so that no customer's reach into another's.
    order = np.argsort(owned.customer * 64.0 - likely, kind="stable")
    rank = np.empty(len(order), np.int64)
    customer = owned.customer[order]
    rank[order] = np.arange(len(order)) - np.searchsorted(customer, customer)
    return rank
