"""What is learned of buying again: how items turn over, how long they rest, and who comes back for what."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from tailorbird.recommender.arrays import Codes, Days, Flags, Floats, Positions
from tailorbird.recommender.foldin import DAY
from tailorbird.recommender.models.interactions import Interactions, arranged
from tailorbird.recommender.quadratic import Quadratic, fit_quadratic
from tailorbird.recommender.repurchase import FADING_DAYS, Habits, numbers_of

__all__ = ["WINDOW_DAYS", "Owned", "fit_again", "fit_rest_days", "fit_turnover", "numbers_owned", "owned_at"]

WINDOW_DAYS = 28.0
WINDOWS = 2
"""How many four-week spans before the end are learned from; a third changed nothing."""
BEST = 80
"""Items of each customer that are learned from: what ranks lower never reaches a shelf."""
ROWS_AT_MOST = 400_000
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


def owned_at(table: Interactions, moment: float) -> Owned:
    """What customers had bought up to that moment (seconds since 1970)."""
    wanted = np.flatnonzero((table.weight >= 1.0) & (table.at <= moment))
    items = max(len(table.item_ids), 1)
    # By customer and item, then by time: two stable sorts.
    wanted = wanted[np.argsort(table.at[wanted], kind="stable")]
    key = table.customer[wanted] * items + table.item[wanted]
    order = arranged(key)
    key, at = key[order], table.at[wanted][order] / DAY
    first = np.ones(len(key), np.bool_)
    first[1:] = key[1:] != key[:-1]
    starts = np.flatnonzero(first)
    if not len(starts):
        none = np.empty(0, np.float32)
        return Owned(np.empty(0, np.int64), np.empty(0, np.int64), none, none, none, np.empty(0), np.empty(0, np.int64))
    latest = at[np.append(starts[1:], len(key)) - 1]
    times = np.diff(np.append(starts, len(key)))
    faded = np.exp2((at - np.repeat(latest, times)) / FADING_DAYS)
    again = np.flatnonzero(~first)
    return Owned(
        customer=key[starts] // items,
        item=key[starts] % items,
        times=times.astype(np.float32),
        fading=np.add.reduceat(faded, starts).astype(np.float32),
        age_days=(moment / DAY - latest).astype(np.float32),
        gap_days=at[again] - at[again - 1],
        gap_item=key[again] % items,
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


def fit_again(table: Interactions) -> Quadratic:
    """Who came back for what within four weeks; plain weights where the data is too short for that."""
    parts: list[Floats] = []
    outcomes: list[Flags] = []
    for number in range(1, WINDOWS + 1):
        cut = table.until - number * WINDOW_DAYS * DAY
        owned = owned_at(table, cut)
        numbers = numbers_owned(owned, fit_turnover(owned, len(table.item_ids)))
        chosen = _likeliest(owned, numbers)
        parts.append(numbers[chosen])
        outcomes.append(_came_back(table, owned, cut)[chosen])
    return fit_quadratic(np.concatenate(parts), np.concatenate(outcomes), Habits.unlearned(0).again)


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
    order = order[np.arange(len(order)) - starts < BEST]
    every = max(1, len(order) // ROWS_AT_MOST)
    chosen: Codes = order[owned.customer[order] % every == 0]
    return chosen


def _came_back(table: Interactions, owned: Owned, cut: float) -> Flags:
    """True where the customer bought the item within the four weeks after the cut."""
    items = max(len(table.item_ids), 1)
    after = (table.at > cut) & (table.at <= cut + WINDOW_DAYS * DAY) & (table.weight >= 1.0)
    came = np.unique(table.customer[after] * items + table.item[after])
    return np.isin(owned.customer * items + owned.item, came)
