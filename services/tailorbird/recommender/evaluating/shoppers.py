"""Customers at an origin: what a profile would have known of them, what they bought next, and lists made for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from tailorbird.contracts.recommender import RecommendQuery
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import Bought, CustomerFacts
from tailorbird.recommender.arrays import Codes, Flags
from tailorbird.recommender.models.interactions import Interactions
from tailorbird.recommender.models.repeating import Owned, owned_at
from tailorbird.recommender.shelves.ranking import Ranker
from tailorbird.recommender.vectors.foldin import DAY

__all__ = ["K", "Found", "Shoppers", "facts"]

Found: TypeAlias = tuple[str, str, Codes, Flags, npt.NDArray[np.int64]]
"""(task, way of listing, customer of each list, hits (lists, k), how many items came true)."""

K = 10
HISTORY = 1_200
"""As many items as a profile remembers."""
BATCH = 64
POPULAR_DAYS = 56.0


class Shoppers:
    """One origin: `table` is all the data, `cut` the moment (seconds since 1970) up to which the ranker learned."""

    def __init__(self, table: Interactions, cut: float, days: float, ranker: Ranker) -> None:
        self.table = table
        self.cut = cut
        self.ranker = ranker
        self.items = len(table.item_ids)
        self.code = {item_id: number for number, item_id in enumerate(table.item_ids)}
        self.owned: Owned = owned_at(table, cut)
        self.starts = np.searchsorted(self.owned.customer, np.arange(table.customers + 1))
        self.after = (table.at > cut) & (table.at <= cut + days * DAY)
        self.came = np.unique(table.customer[self.after] * self.items + table.item[self.after])
        recent = (table.at <= cut) & (table.at > cut - POPULAR_DAYS * DAY)
        pairs = np.unique(table.customer[recent] * self.items + table.item[recent])
        self.reach = np.bincount(pairs % self.items, minlength=self.items)
        model = ranker.knowledge.model
        self.codes: Codes = np.array([self.code.get(item_id, -1) for item_id in model.item_ids], np.int64)
        self.rows: Codes = np.full(self.items, -1, np.int64)
        self.rows[self.codes[self.codes >= 0]] = np.flatnonzero(self.codes >= 0)
        self.popular: Codes = np.argsort(-self.reach, kind="stable")[:2_000]

    def of(self, customer: int) -> slice:
        """Their entries in `owned`."""
        return slice(int(self.starts[customer]), int(self.starts[customer + 1]))

    def known_facts(self, customer: int) -> msgspec.Raw:
        """What a profile knows of them at the cut."""
        own, owned = self.of(customer), self.owned
        last_at = self.cut - owned.age_days[own] * DAY
        return facts(self.table.item_ids, owned.item[own], owned.times[own], last_at, owned.fading[own])

    def lists(self, queries: Sequence[RecommendQuery]) -> list[list[int]]:
        """For each query the items of its shelves one after the other, at most K."""
        found: list[list[int]] = []
        for first in range(0, len(queries), BATCH):
            for outcome in self.ranker.rank(queries[first : first + BATCH]):
                if isinstance(outcome, Fault):
                    raise outcome
                ids = [item.item_id for shelf in outcome.shelves for item in shelf.items]
                found.append([self.code.get(item_id, -1) for item_id in dict.fromkeys(ids)][:K])
        return found

    def hits(self, customers: Codes, lists: Sequence[Sequence[int]], truth: Codes) -> Flags:
        """truth: sorted customer * items + item."""
        table = np.full((len(lists), K), -1, np.int64)
        for row, listed in enumerate(lists):
            table[row, : len(listed)] = listed
        keys = customers[:, None] * self.items + table
        found: Flags = (table >= 0) & np.isin(keys, truth)
        return found


def facts(item_ids: Sequence[str], item: Any, times: Any, last_at: Any, fading: Any) -> msgspec.Raw:
    """CustomerFacts as JSON, the latest first."""
    order = np.argsort(-last_at, kind="stable")[:HISTORY]
    columns = (item[order].tolist(), times[order].tolist(), last_at[order].tolist(), fading[order].tolist())
    history = tuple(
        Bought(item_ids[code], int(often), int(at), round(fade, 2))
        for code, often, at, fade in zip(*columns, strict=True)
    )
    return msgspec.Raw(msgspec.json.encode(CustomerFacts(history=history)))
