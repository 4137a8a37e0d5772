"""Carts as they came true: real orders, one item of each held back, and whether it is among the ten shown."""

from __future__ import annotations

import msgspec
import numpy as np
from msgspec import Struct

from tailorbird.contracts.recommender import RecommendQuery, Shelf
from tailorbird.recommender.arrays import Codes, Flags
from tailorbird.recommender.evaluating.shoppers import Found, K, Shoppers, facts
from tailorbird.recommender.models.repurchase import FADING_DAYS
from tailorbird.recommender.vectors.foldin import DAY

__all__ = ["ITEM_ITEM", "cart_tasks"]

ITEM_ITEM = "item-item"


class Cart(Struct, frozen=True):
    """One order without the item that is looked for."""

    customer: int
    at: int
    items: Codes
    missing: int
    had: Codes
    """What the household had bought before."""
    facts: msgspec.Raw


def cart_tasks(shoppers: Shoppers, count: int, seed: int = 1) -> list[Found]:
    """For orders drawn from the weeks after: the whole cart's task, and that of items new to the household."""
    carts = _drawn(shoppers, count, seed)
    found: list[Found] = []
    for task, chosen, unbought in (
        ("cart", carts, False),
        ("cart, new to the household", [cart for cart in carts if not np.isin(cart.missing, cart.had)], True),
    ):
        people = np.array([cart.customer for cart in chosen], np.int64)
        truth = np.array([cart.missing for cart in chosen], np.int64)
        one = np.ones(len(chosen), np.int64)
        for way, lists in (
            ("ours", shoppers.lists([_query(shoppers, cart, unbought) for cart in chosen])),
            (ITEM_ITEM, [_beside(shoppers, cart, unbought) for cart in chosen]),
        ):
            found.append((task, way, people, _hits(lists, truth), one))
    return found


def _query(shoppers: Shoppers, cart: Cart, unbought: bool) -> RecommendQuery:
    return RecommendQuery(
        shelves=(Shelf(slot="cart", strategy="complements", count=K, unbought=unbought),),
        customer=cart.facts,
        cart=tuple(shoppers.table.item_ids[code] for code in cart.items.tolist()),
        at=float(cart.at),
        rested=False,
    )


def _beside(shoppers: Shoppers, cart: Cart, unbought: bool) -> list[int]:
    """By the sum of what items weigh beside those of the cart, alone."""
    companions, rows = shoppers.ranker.knowledge.model.companions, shoppers.rows
    summed = np.zeros(shoppers.items, np.float32)
    for row in rows[cart.items].tolist():
        if row >= 0:
            span = slice(companions.starts[row], companions.starts[row + 1])
            summed[shoppers.codes[companions.item[span]]] += companions.weight[span]
    summed[cart.items] = 0.0
    if unbought:
        summed[cart.had] = 0.0
    best = np.argsort(-summed, kind="stable")[:K]
    found: list[int] = best[summed[best] > 0].tolist()
    return found


def _hits(lists: list[list[int]], truth: Codes) -> Flags:
    table = np.full((len(lists), K), -1, np.int64)
    for row, listed in enumerate(lists):
        table[row, : len(listed)] = listed
    found: Flags = table == truth[:, None]
    return found


def _drawn(shoppers: Shoppers, count: int, seed: int) -> list[Cart]:
    table, generator = shoppers.table, np.random.default_rng(seed)
    starts = np.flatnonzero(np.diff(table.order, prepend=-1))
    ends = np.append(starts[1:], len(table.order))
    wanted = np.flatnonzero((ends - starts >= 2) & shoppers.after[starts])
    drawn = np.sort(generator.choice(wanted, min(count, len(wanted)), replace=False))
    by_customer = np.lexsort((table.at, table.customer))
    firsts = np.searchsorted(table.customer[by_customer], np.arange(table.customers + 1))
    carts = []
    for number in drawn.tolist():
        inside = table.item[starts[number] : ends[number]]
        missing = int(generator.choice(inside))
        customer, at = int(table.customer[starts[number]]), int(table.at[starts[number]])
        own = by_customer[firsts[customer] : firsts[customer + 1]]
        own = own[table.at[own] < at]
        had, place, times = np.unique(table.item[own], return_inverse=True, return_counts=True)
        last_at = np.zeros(len(had))
        np.maximum.at(last_at, place, table.at[own])
        faded = np.exp2((table.at[own] - last_at[place]) / (FADING_DAYS * DAY))
        fading = np.bincount(place, weights=faded, minlength=len(had))
        known = facts(table.item_ids, had, times, last_at, fading)
        carts.append(Cart(customer, at, inside[inside != missing], missing, had, known))
    return carts
