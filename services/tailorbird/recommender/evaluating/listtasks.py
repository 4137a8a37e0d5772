"""Lists for weeks to come: of anything, of what was bought before, of what was not; and for customers barely known."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from tailorbird.contracts.recommender import RecommendQuery, Shelf
from tailorbird.recommender.arrays import Codes
from tailorbird.recommender.evaluating.shoppers import Found, K, Shoppers, facts
from tailorbird.recommender.models.repurchase import FADING_DAYS

__all__ = ["FADING", "POPULARITY", "list_tasks"]

POPULARITY = "popularity of 8 weeks"
FADING = "fading frequency"
"""A customer's own items by their orders, of which one 90 days ago counts half: frequency and recency in one."""
BARELY = {0: "nothing known", 1: "1 basket known", 3: "3 baskets known"}


def list_tasks(shoppers: Shoppers) -> list[Found]:
    """Each task's lists, ours and the simple rule's, judged by what customers bought in the weeks after."""
    owned, items = shoppers.owned, shoppers.items
    had = owned.customer * items + owned.item
    customers = np.intersect1d(np.unique(owned.customer), np.unique(shoppers.came // items))
    came = shoppers.came[np.isin(shoppers.came // items, customers)]
    known = {customer: shoppers.known_facts(customer) for customer in customers.tolist()}
    again, new = np.intersect1d(came, had), np.setdiff1d(came, had)
    found = [
        *_judged(shoppers, "anything", came, known, ("buy_again", "for_you"), FADING),
        *_judged(shoppers, "repeat", again, known, ("buy_again",), FADING),
        *_judged(shoppers, "discovery", new, known, ("for_you",), POPULARITY),
    ]
    for baskets, name in BARELY.items():
        few = _few(shoppers, customers, baskets)
        found += _judged(shoppers, f"anything, {name}", came, few, ("buy_again", "for_you"), POPULARITY, nothing=True)
    return found


def _judged(
    shoppers: Shoppers,
    task: str,
    truth: Codes,
    known: dict[int, msgspec.Raw],
    strategies: Sequence[str],
    rule: str,
    nothing: bool = False,
) -> list[Found]:
    people, relevant = np.unique(truth // shoppers.items, return_counts=True)
    shelves = tuple(Shelf(slot=name, strategy=name, count=K) for name in strategies)
    queries = [
        RecommendQuery(shelves=shelves, customer=known[person], at=shoppers.cut, rested=False)
        for person in people.tolist()
    ]
    simple = _fading(shoppers, people) if rule == FADING else _popular(shoppers, people, nothing)
    return [
        (task, "ours", people, shoppers.hits(people, shoppers.lists(queries), truth), relevant),
        (task, rule, people, shoppers.hits(people, simple, truth), relevant),
        (task, "ceiling", people, np.arange(K)[None, :] < relevant[:, None], relevant),
    ]


def _fading(shoppers: Shoppers, people: Codes) -> list[list[int]]:
    owned = shoppers.owned
    score = owned.fading * np.exp2(-owned.age_days / FADING_DAYS)
    lists = []
    for person in people.tolist():
        own = shoppers.of(person)
        best = np.argsort(-score[own], kind="stable")[:K]
        lists.append(owned.item[own][best].tolist())
    return lists


def _popular(shoppers: Shoppers, people: Codes, everything: bool) -> list[list[int]]:
    """What many buy; without what the customer had, unless that is not known."""
    if everything:
        return [shoppers.popular[:K].tolist()] * len(people)
    lists = []
    for person in people.tolist():
        had = shoppers.owned.item[shoppers.of(person)]
        lists.append(shoppers.popular[~np.isin(shoppers.popular, had)][:K].tolist())
    return lists


def _few(shoppers: Shoppers, people: Codes, baskets: int) -> dict[int, msgspec.Raw]:
    """What would be known of customers whose latest orders alone were seen, so many of them."""
    table = shoppers.table
    before = np.flatnonzero(table.at <= shoppers.cut)
    before = before[np.lexsort((-table.order[before], -table.at[before], table.customer[before]))]
    customer = table.customer[before]
    # The number of each entry's order among its customer's, the latest 0.
    changes = np.diff(table.order[before], prepend=-1) != 0
    counted = np.cumsum(changes)
    firsts = np.searchsorted(customer, np.arange(table.customers + 1))
    told = {}
    for person in people.tolist():
        own = slice(int(firsts[person]), int(firsts[person + 1]))
        entries = before[own][counted[own] - counted[own.start] < baskets]
        told[person] = _counted(shoppers, entries)
    return told


def _counted(shoppers: Shoppers, entries: Codes) -> msgspec.Raw:
    item, place, times = np.unique(shoppers.table.item[entries], return_inverse=True, return_counts=True)
    last_at = np.zeros(len(item))
    np.maximum.at(last_at, place, shoppers.table.at[entries])
    return facts(shoppers.table.item_ids, item, times, last_at, times.astype(np.float32))
