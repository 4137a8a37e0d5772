"""What a shelf may not show beyond what no shelf may: all that its filters leave out."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Flags
from tailorbird.recommender.catalogue.columns import NOTHING, Columns
from tailorbird.recommender.shelves.page import Page

__all__ = ["left_out", "narrows", "shortfall"]


def narrows(shelf: Shelf) -> bool:
    """Whether the shelf has any filter."""
    return bool(
        shelf.among
        or shelf.categories
        or shelf.brands
        or shelf.price_from
        or shelf.price_to is not None
        or shelf.in_stock
        or shelf.unbought
        or shelf.unseen
    )


def left_out(page: Page, shelf: Shelf) -> Flags:
    """By position: true for what the filters leave out. Strategies look at what is left, so none of it is missed."""
    columns, customer = page.knowledge.columns, page.customer
    out: Flags = np.zeros(columns.capacity, np.bool_)
    if shelf.among:
        out[:] = True
        wanted = columns.positions(shelf.among)
        out[wanted[wanted >= 0]] = False
    if shelf.categories:
        out |= ~_of_groups(columns, shelf.categories)
    if shelf.brands:
        out |= ~np.isin(columns.brand, [columns.brands.find(name) for name in shelf.brands])
    if shelf.price_from:
        out |= columns.price < shelf.price_from
    if shelf.price_to is not None:
        out |= columns.price > shelf.price_to
    if shelf.in_stock:
        out |= columns.stock == NOTHING
    if shelf.unbought:
        out[customer.past.bought] = True
    if shelf.unseen:
        out[list(customer.visit.touched)] = True
    return out


def shortfall(page: Page, count: int) -> str:
    """How many there were, for the shelf that could not be filled."""
    left = int(np.count_nonzero(~page.taken)) + count
    things = "item fits" if left == 1 else "items fit"
    return f"{left or 'No'} {things} what was asked for."


def _of_groups(columns: Columns, names: tuple[str, ...]) -> Flags:
    inside: Flags = np.isin(columns.category, [columns.categories.find(name) for name in names])
    inside |= np.isin(columns.department, [columns.departments.find(name) for name in names])
    return inside
