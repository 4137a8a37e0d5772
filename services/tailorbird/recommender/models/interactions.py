"""What models learn from: who bought what, in which order, how often and when, as arrays of small numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from msgspec import Struct

from tailorbird.recommender.arrays import Codes, Flags, Floats, Moments
from tailorbird.recommender.vectors.foldin import DAY

__all__ = ["Interactions", "Pairs", "arranged", "codes", "names_of"]

WEIGHTS = {"purchase": 1.0, "cart": 0.5, "view": 0.25}
"""What doing something once counts beside a purchase, for taste; habits are learned from purchases alone."""


class Pairs(Struct, frozen=True):
    """One entry per (customer, item): sorted by customer, then item."""

    customer: Codes
    item: Codes
    times: Floats
    """Orders with the item; a view counts a quarter."""
    last_at: Moments


class Interactions(Struct, frozen=True):
    """One entry per (order, item): sorted by order, then item. `item` indexes `item_ids`."""

    item_ids: list[str]
    customers: int
    customer: Codes
    order: Codes
    item: Codes
    at: Moments
    weight: Floats
    until: int
    """The latest moment in the data: ages are counted from here."""

    @classmethod
    def of(cls, frame: pd.DataFrame, item_ids: Iterable[str] | None = None) -> Interactions:
        """Of a frame with columns person, item_id, at, kind, quantity, order_id; only rows of `item_ids` when given."""
        customer = codes(frame["person"])
        item, found_ids = codes(frame["item_id"]), names_of(frame["item_id"])
        at = frame["at"].to_numpy(np.int64)
        weight = _weights(frame)
        keep = weight > 0
        if item_ids is not None:
            known = set(item_ids)
            keep &= np.array([item_id in known for item_id in found_ids], np.bool_)[item]
        used = np.flatnonzero(np.bincount(item[keep], minlength=len(found_ids)))
        smaller = np.zeros(len(found_ids), np.int64)
        smaller[used] = np.arange(len(used))
        item = smaller[item[keep]]
        order = _orders(frame, customer, at)[keep]
        # One sort serves all: it joins lines of the same item in one order, and gives the rows of the basket matrix.
        key = order * max(len(used), 1) + item
        sorted_rows = arranged(key)
        first = sorted_rows[_changes(key[sorted_rows])]
        return cls(
            item_ids=[found_ids[place] for place in used],
            customers=int(customer.max()) + 1 if len(customer) else 0,
            customer=customer[keep][first],
            order=order[first],
            item=item[first],
            at=at[keep][first],
            weight=weight[keep][first],
            until=int(at.max()) if len(at) else 0,
        )

    @staticmethod
    def rows_of(frame: pd.DataFrame, people: Sequence[str]) -> Codes:
        """The numbers of these people, among the customers of a table made of this frame; -1 for who is not there."""
        return np.asarray(pd.Index(names_of(frame["person"])).get_indexer(pd.Index(people)), np.int64)

    def pairs(self) -> Pairs:
        """Entries of one customer and item joined."""
        key = self.customer * max(len(self.item_ids), 1) + self.item
        rows = arranged(key)
        starts = np.flatnonzero(_changes(key[rows]))
        firsts = rows[starts]
        return Pairs(
            customer=self.customer[firsts],
            item=self.item[firsts],
            times=np.add.reduceat(self.weight[rows], starts) if len(starts) else np.empty(0, np.float32),
            last_at=np.maximum.reduceat(self.at[rows], starts) if len(starts) else np.empty(0, np.int64),
        )

    def age_days(self, at: Moments) -> Floats:
        """Days from each moment to the end of the data."""
        days: Floats = ((self.until - at) / DAY).astype(np.float32)
        return days


def codes(column: Any) -> Codes:
    """Each value as a number, -1 where there is none. Dictionary-encoded columns cost nothing."""
    numbers: Codes = _encoded(column).cat.codes.to_numpy(np.int64)
    return numbers


def arranged(key: Codes) -> Codes:
    """The rows in ascending order of their keys (none negative), equal ones in their own order.

    With the row's number in the low bits it is a plain sort of whole numbers, five times as fast as an argsort.
    """
    bits = max(len(key) - 1, 1).bit_length()
    if len(key) and int(key.max()).bit_length() + bits > 62:
        return np.argsort(key, kind="stable")
    packed = (key << bits) | np.arange(len(key), dtype=np.int64)
    packed.sort()
    return packed & ((1 << bits) - 1)


def _changes(key: Codes) -> Flags:
    """True where a sorted key differs from the one before."""
    changed = np.ones(len(key), np.bool_)
    np.not_equal(key[1:], key[:-1], out=changed[1:])
    return changed


def _encoded(column: Any) -> Any:
    return column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype("category")


def names_of(column: Any) -> list[str]:
    """What the numbers of `codes` stand for."""
    return [str(value) for value in _encoded(column).cat.categories.to_numpy(dtype=object)]


def _weights(frame: pd.DataFrame) -> Floats:
    """What each row counts; 0 for a purchase of nothing and for a kind that is not known."""
    kind = _encoded(frame["kind"])
    weight = np.array([WEIGHTS.get(name, 0.0) for name in names_of(kind)], np.float32)[codes(kind)]
    if "quantity" in frame:
        weight[~(frame["quantity"].to_numpy(np.float64) > 0)] = 0.0
    return weight


def _orders(frame: pd.DataFrame, customer: Codes, at: Moments) -> Codes:
    """A number per order. Rows without order_id: what a customer did in the same moment is one."""
    order = codes(frame["order_id"])
    without = order < 0
    if without.any():
        _, moments = np.unique(customer[without] * (int(at.max()) + 1) + at[without], return_inverse=True)
        order = order.copy()
        order[without] = moments + (int(order.max()) + 1)
    return order
