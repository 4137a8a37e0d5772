"""What is learned of buying again: how items turn over, how long they rest, and who comes back for what."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from tailorbird.recommender.arrays import Codes, Days, Flags, Floats, Positions
from tailorbird.recommender.models.interactions import Interactions, arranged
from tailorbird.recommender.models.quadratic import Quadratic, fit_quadratic
from tailorbird.recommender.models.repurchase import FADING_DAYS, Habits, numbers_of
from tailorbird.recommender.vectors.foldin import DAY

__all__ = [
    "WINDOW_DAYS",
    "Owned",
    "Purchases",
    "fit_again",
    "fit_rest_days",
    "fit_turnover",
    "numbers_owned",
    "owned_at",
]

WINDOW_DAYS = 28.0
WINDOWS = 2
"""How many four-week spans before the end are learned from; a third changed nothing."""
BEST = 80
"""Items of each customer that are learned from: what ranks lower never reaches a shelf."""
CUSTOMERS_AT_MOST = 1_000
"""Customers that are learned from, of every window: more changed nothing but the time."""
REACH_DAYS = 14.0
ASSUMED_BUYERS = 8.0
ASSUMED_RETURNED = 2.0
ASSUMED_GAPS = 5.0
ASSUMED_LATELY = 3.0
RESTING = 0.1
"""The share of repurchases that come sooner than an item rests."""
REST_AT_LEAST = 1.0
REST_AT_MOST = 60.0
GAPS_ASSUMED = 30.0
"""Repurchases of any category added to those of one, so that three purchases do not make a habit."""


class Owned(Struct, frozen=True):
    """One entry per (customer, item) bought up to a moment: sorted by customer, then item."""

    customer: Codes
    item: Codes
    times: Floats
    fading: Floats
    """As of the latest order."""
    age_days: Floats
    """Since the latest order."""
    gap_days: Days
    """Every span between two orders of one customer with one item ..."""
    gap_item: Codes
    """... and its item."""


class Purchases(Struct, frozen=True):
    """One entry per (order, item) bought: sorted by customer and item, then by time. What is owned at any moment is a
    part of it, in order.
    """

    key: Codes
    """customer * items + item."""
    at: Days
    items: int

    @classmethod
    def of(cls, table: Interactions) -> Purchases:
        """All of the table's."""
        bought = np.flatnonzero(table.weight >= 1.0)
        items = max(len(table.item_ids), 1)
        if not len(bought):
            return cls(np.empty(0, np.int64), np.empty(0), items)
        # Two stable sorts: by time, then by customer and item.
        at = table.at[bought]
        bought = bought[arranged(at - at.min())]
        key = table.customer[bought] * items + table.item[bought]
        order = arranged(key)
        return cls(key[order], table.at[bought][order] / DAY, items)


def owned_at(table: Interactions, moment: float, purchases: Purchases | None = None) -> Owned:
    """What customers had bought up to that moment (seconds since 1970). purchases: the table's, where they are sorted
    already.
    """
    bought = purchases or Purchases.of(table)
    known = bought.at <= moment / DAY
    key, at = bought.key[known], bought.at[known]
    first = np.ones(len(key), np.bool_)
    first[1:] = key[1:] != key[:-1]
    starts = np.flatnonzero(first)
    if not len(starts):
        none = np.empty(0, np.float32)
        return Owned(np.empty(0, np.int64), np.empty(0, np.int64), none, none, none, np.empty(0), np.empty(0, np.int64))
    latest = at[np.append(starts[1:], len(key)) - 1]
    times = np.diff(np.append(starts, len(key)))
    faded = np.exp2(((at - np.repeat(latest, times)) / FADING_DAYS).astype(np.float32))
    again = np.flatnonzero(~first)
    return Owned(
        customer=key[starts] // bought.items,
        item=key[starts] % bought.items,
        times=times.astype(np.float32),
        fading=np.add.reduceat(faded, starts),
        age_days=(moment / DAY - latest).astype(np.float32),
        gap_days=at[again] - at[again - 1],
        gap_item=key[again] % bought.items,
    )


def fit_turnover(owned: Owned, items: int) -> Floats:
    """(items, 4): how each item is bought, as `Habits.turnover` says."""
    buyers = np.bincount(owned.item, minlength=items)
    returned = np.bincount(owned.item[owned.times > 1], minlength=items)
    share = (returned + ASSUMED_RETURNED) / (buyers + ASSUMED_BUYERS)
    reach = np.bincount(owned.item, weights=np.exp2(-owned.age_days / REACH_DAYS), minlength=items)
    month = np.bincount(owned.item[owned.age_days < 28], minlength=items)
    quarter = np.bincount(owned.item[owned.age_days < 84], minlength=items)
    spans = np.log1p(owned.gap_days)
    usual = float(spans.mean()) if len(spans) else np.log(30.0)
    gaps = np.bincount(owned.gap_item, minlength=items)
    total = np.bincount(owned.gap_item, weights=spans, minlength=items)
    numbers = np.column_stack(
        [
            np.log(share / np.maximum(1.0 - share, 0.02)),
            np.log1p(reach),
            np.log((month + ASSUMED_LATELY) / (quarter / 3.0 + ASSUMED_LATELY)),
            (total + ASSUMED_GAPS * usual) / (gaps + ASSUMED_GAPS),
        ]
    )
    return np.ascontiguousarray(numbers, np.float32)


def fit_rest_days(owned: Owned, category: Positions) -> Floats:
    """Per item the days for which it is not offered again: nine of ten repurchases in its category come later."""
    if not len(owned.gap_days):
        return np.full(len(category), REST_AT_LEAST, np.float32)
    usual = float(np.quantile(owned.gap_days, RESTING))
    rest = np.full(int(category.max(initial=0)) + 1, usual)
    inside = category[owned.gap_item]
    order = np.lexsort((owned.gap_days, inside))
    spans, inside = owned.gap_days[order], inside[order]
    codes, starts, counts = np.unique(inside, return_index=True, return_counts=True)
    own = spans[starts + (RESTING * (counts - 1)).astype(np.int64)]
    rest[codes] = (own * counts + usual * GAPS_ASSUMED) / (counts + GAPS_ASSUMED)
    days: Floats = np.clip(rest, REST_AT_LEAST, REST_AT_MOST).astype(np.float32)[category]
    return days


def fit_again(table: Interactions, purchases: Purchases | None = None) -> Quadratic:
    """Who came back for what within four weeks; plain weights where the data is too short for that."""
    bought = purchases or Purchases.of(table)
    parts: list[Floats] = []
    outcomes: list[Flags] = []
    for number in range(1, WINDOWS + 1):
        cut = table.until - number * WINDOW_DAYS * DAY
        owned = owned_at(table, cut, bought)
        turnover = fit_turnover(owned, len(table.item_ids))
        some = _some(owned)
        numbers = numbers_owned(some, turnover)
        chosen = _likeliest(some, numbers)
        parts.append(numbers[chosen])
        outcomes.append(_came_back(bought, some, cut)[chosen])
    numbers, came = np.concatenate(parts), np.concatenate(outcomes)
    return fit_quadratic(numbers, came, Habits.unlearned(0).again)


def _some(owned: Owned) -> Owned:
    """Every second customer, or every third ...: so many that what is learned from them fits the time."""
    customers = int(owned.customer[-1]) + 1 if len(owned.customer) else 0
    every = -(-customers // CUSTOMERS_AT_MOST)
    if every <= 1:
        return owned
    kept = owned.customer % every == 0
    return replace(
        owned,
        customer=owned.customer[kept],
        item=owned.item[kept],
        times=owned.times[kept],
        fading=owned.fading[kept],
        age_days=owned.age_days[kept],
    )


def numbers_owned(owned: Owned, turnover: Floats) -> Floats:
    """`numbers_of` for all customers at once."""
    lines = np.bincount(owned.customer, weights=owned.times).astype(np.float32)
    return numbers_of(owned.times, owned.fading, owned.age_days, lines[owned.customer], turnover[owned.item])


def _likeliest(owned: Owned, numbers: Floats) -> Codes:
    """Entries that are among their customer's best by the plain rule."""
    if not len(owned.item):
        return np.empty(0, np.int64)
    plain = Habits.unlearned(0).again.log_odds(numbers)
    order = np.lexsort((-plain, owned.customer))
    customer = owned.customer[order]
    starts = np.searchsorted(customer, customer)
    chosen: Codes = order[np.arange(len(order)) - starts < BEST]
    return chosen


def _came_back(purchases: Purchases, owned: Owned, cut: float) -> Flags:
    """True where the customer bought the item within the four weeks after the cut."""
    after = (purchases.at > cut / DAY) & (purchases.at <= cut / DAY + WINDOW_DAYS)
    came = purchases.key[after]
    if not len(came):
        return np.zeros(len(owned.item), np.bool_)
    key = owned.customer * purchases.items + owned.item
    found: Flags = came[np.minimum(np.searchsorted(came, key), len(came) - 1)] == key
    return found
