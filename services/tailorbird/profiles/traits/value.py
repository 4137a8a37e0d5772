"""What a customer's orders will come to: BG/NBD for how many are to come, Gamma-Gamma for how much each brings.

Fader, Hardie and Lee, "Counting Your Customers" the Easy Way (Marketing Science 24, 2005), and Fader and Hardie,
The Gamma-Gamma Model of Monetary Value (2013). Time counts in weeks. A customer is the number of orders after the
first one, the age at the latest of them, and the age now, both since the first order.
"""

from __future__ import annotations

from msgspec import Struct

__all__ = [
    "DAY",
    "WEEK",
    "YEAR_WEEKS",
    "Buyer",
    "ValueModel",
    "alive",
    "buyer",
    "expected_orders",
    "order_value",
    "silent",
]

DAY = 86_400.0
WEEK = 7 * DAY
YEAR_WEEKS = 365.0 / 7.0
_TERMS = 10_000
_NEAR_ONE = 1e-6


class ValueModel(Struct, frozen=True):
    """Parameters of both models, and from how many customers they were fitted."""

    r: float
    alpha: float
    a: float
    b: float
    p: float
    q: float
    v: float
    customers: int = 0


class Buyer(Struct, frozen=True):
    """One customer as the models see them."""

    repeats: float
    """Orders after the first."""
    recency: float
    """Weeks from the first order to the latest."""
    age: float
    """Weeks from the first order to now."""


def buyer(orders: int, first_at: float, last_at: float, at: float) -> Buyer:
    """The customer with so many orders, the first and the last of them at these seconds."""
    age = max(at - first_at, 0.0) / WEEK
    return Buyer(max(orders - 1, 0), min(max(last_at - first_at, 0.0) / WEEK, age), age)


def alive(model: ValueModel, who: Buyer) -> float:
    """Probability that they still are a customer, 0 to 1."""
    return 1.0 / (1.0 + _dropped(model, who))


def expected_orders(model: ValueModel, who: Buyer, weeks: float) -> float:
    """Orders to expect within so many weeks from now.

    The hypergeometric function of the paper by Euler's transformation: as it stands its terms grow beyond all bounds
    for customers with hundreds of orders.
    """
    a = model.a if abs(model.a - 1.0) > _NEAR_ONE else 1.0 + _NEAR_ONE
    c = a + model.b + who.repeats - 1.0
    z = weeks / (model.alpha + who.age + weeks)
    series = _hypergeometric(a + model.b - 1.0 - model.r, a - 1.0, c, z)
    return float(c / (a - 1.0) * (1.0 - (1.0 - z) ** (a - 1.0) * series) / (1.0 + _dropped(model, who)))


def silent(model: ValueModel, who: Buyer, weeks: float) -> float:
    """Probability that no order comes within so many weeks: gone already, or merely slow."""
    left: float = (model.alpha + who.age) / (model.alpha + who.age + weeks)
    return float(1.0 - alive(model, who) * (1.0 - left ** (model.r + who.repeats)))


def order_value(model: ValueModel, orders: float, average: float) -> float:
    """What an order of theirs is worth on average: their own average drawn towards everybody's, less so with more."""
    weight = model.p * orders + model.q - 1.0
    return model.p * (model.v + orders * average) / weight if weight > 0 else average


def _dropped(model: ValueModel, who: Buyer) -> float:
    """How much likelier it is that they left after the latest order than that they stayed."""
    if who.repeats <= 0:
        return 0.0
    since = (model.alpha + who.age) / (model.alpha + who.recency)
    try:
        return float(model.a / (model.b + who.repeats - 1.0) * since ** (model.r + who.repeats))
    except OverflowError:
        return float("inf")


def _hypergeometric(a: float, b: float, c: float, z: float) -> float:
    """Gauss' series, which here converges for every z below 1."""
    term = total = 1.0
    for n in range(_TERMS):
        term *= (a + n) * (b + n) / ((c + n) * (n + 1.0)) * z
        total += term
        if abs(term) < 1e-12 * abs(total):
            break
    return total
