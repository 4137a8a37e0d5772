"""What all customers together say about one of them: thresholds that part them into fifths, and the value model."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from math import exp

from msgspec import Struct

from tailorbird.profiles.traits.value import DAY, YEAR_WEEKS, ValueModel, buyer, expected_orders, order_value, silent

__all__ = [
    "ATTRITION_WEEKS",
    "OrderTotals",
    "Population",
    "attrition",
    "fifths",
    "lifetime_value",
    "measured",
    "quintile",
]

ATTRITION_WEEKS = 90.0 / 7.0
"""Somebody of whom no order comes for so long counts as lost."""


class OrderTotals(Struct, frozen=True):
    """One customer's orders in sum."""

    orders: int
    spend: float
    first_at: int
    last_at: int


class Population(Struct, frozen=True):
    """Four thresholds each, none while there are fewer than five customers with an order."""

    value: tuple[float, ...] = ()
    last_at: tuple[float, ...] = ()
    orders: tuple[float, ...] = ()
    spend: tuple[float, ...] = ()
    model: ValueModel | None = None
    """None while there are too few customers to fit one: then a plain estimate stands in."""


def measured(totals: Sequence[OrderTotals], at: float, model: ValueModel | None = None) -> Population:
    """The thresholds of these customers, each with at least one order."""
    return Population(
        value=fifths(lifetime_value(one, at, model) for one in totals),
        last_at=fifths(one.last_at for one in totals),
        orders=fifths(one.orders for one in totals),
        spend=fifths(one.spend for one in totals),
        model=model,
    )


def quintile(value: float, thresholds: Sequence[float]) -> int:
    """1 (lowest fifth of the customers with an order) to 5 (highest)."""
    return bisect_right(thresholds, value) + 1


def fifths(values: Iterable[float]) -> tuple[float, ...]:
    """Four thresholds that part these values into fifths, none when there are fewer than five values."""
    ordered = sorted(values)
    return tuple(ordered[len(ordered) * part // 5] for part in (1, 2, 3, 4)) if len(ordered) >= 5 else ()


def lifetime_value(totals: OrderTotals, at: float, model: ValueModel | None = None) -> float:
    """Spend to expect within the next year, by BG/NBD and Gamma-Gamma; by a plain estimate without a model.

    The plain one: pace x average order x how likely the customer is still one. Pace is orders per day since the first
    one (at least four weeks, so that one order makes nobody a daily buyer).
    """
    if totals.orders <= 0 or totals.spend <= 0:
        return 0.0
    average = totals.spend / totals.orders
    if model is not None:
        who = buyer(totals.orders, totals.first_at, totals.last_at, at)
        return round(expected_orders(model, who, YEAR_WEEKS) * order_value(model, totals.orders, average), 2)
    gap = max(at - totals.first_at, 28.0 * DAY) / totals.orders
    return round(365.0 * DAY / gap * average * (1.0 - _plain_attrition(totals, at)), 2)


def attrition(totals: OrderTotals, at: float, model: ValueModel | None = None) -> float:
    """How likely it is that no order comes in the next 90 days, 0 to 1."""
    if totals.orders <= 0:
        return 0.0
    if model is None:
        return round(_plain_attrition(totals, at), 4)
    who = buyer(totals.orders, totals.first_at, totals.last_at, at)
    return round(silent(model, who, ATTRITION_WEEKS), 4)


def _plain_attrition(totals: OrderTotals, at: float) -> float:
    """Whoever has been silent for less than twice the usual gap between orders (a gap of two weeks at least) counts as
    a customer; after that the likelihood falls by a factor of e with every four gaps.
    """
    gap = max(at - totals.first_at, 28.0 * DAY) / totals.orders
    silence = max(at - totals.last_at, 0.0) / max(gap, 14.0 * DAY)
    return 0.0 if silence <= 2.0 else 1.0 - exp((2.0 - silence) / 4.0)
