"""The value model fitted to many customers by maximum likelihood. Imports scipy: runs in a thread, now and then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from tailorbird.profiles.traits.population import OrderTotals
from tailorbird.profiles.traits.value import ValueModel, buyer

__all__ = ["FEWEST", "fit_orders", "fit_spend", "fitted"]

FEWEST = 100
"""Customers below which a fit says more about chance than about them."""
MOST = 20_000
"""Of more customers every so-many-th is taken."""
_BOUND = 8.0

Column = Any
"""An array of float64; numpy's own type says no more to a reader."""


def fitted(totals: Sequence[OrderTotals], at: float) -> ValueModel | None:
    """The model of these customers; None when there are too few, or when no parameters explain them."""
    chosen = totals[:: max(1, len(totals) // MOST)]
    repeaters = [one for one in chosen if one.orders > 1 and one.spend > 0]
    if len(chosen) < FEWEST or len(repeaters) < FEWEST // 2:
        return None
    buyers = [buyer(one.orders, one.first_at, one.last_at, at) for one in chosen]
    columns = (np.array([getattr(one, name) for one in buyers], float) for name in ("repeats", "recency", "age"))
    orders = fit_orders(*columns)
    averages = [one.spend / one.orders for one in repeaters]
    spend = fit_spend(np.array([one.orders for one in repeaters], float), np.array(averages, float))
    if orders is None or spend is None:
        return None
    return ValueModel(*orders, *spend, customers=len(chosen))


def fit_orders(repeats: Column, recency: Column, age: Column) -> tuple[float, float, float, float] | None:
    """(r, alpha, a, b) of BG/NBD. The likelihood is equation 3 of the 2005 paper."""

    def loss(logarithms: Column) -> float:
        r, alpha, a, b = np.exp(logarithms)
        again = repeats > 0
        shared = gammaln(r + repeats) - gammaln(r) + r * np.log(alpha)
        shared = shared + gammaln(a + b) - gammaln(b) + gammaln(b + repeats) - gammaln(a + b + repeats)
        stayed = -(r + repeats) * np.log(alpha + age)
        left = np.log(a) - np.log(b + np.maximum(repeats, 1.0) - 1.0) - (r + repeats) * np.log(alpha + recency)
        either = np.where(again, np.logaddexp(stayed, left), stayed)
        return -float(np.mean(shared + either))

    found = _minimum(loss, 4)
    return None if found is None else (found[0], found[1], found[2], found[3])


def fit_spend(orders: Column, average: Column) -> tuple[float, float, float] | None:
    """(p, q, v) of Gamma-Gamma, from customers with repeat orders. Equation 1a of the 2013 note."""

    def loss(logarithms: Column) -> float:
        p, q, v = np.exp(logarithms)
        likelihood = (
            gammaln(p * orders + q)
            - gammaln(p * orders)
            - gammaln(q)
            + q * np.log(v)
            + (p * orders - 1.0) * np.log(average)
            + p * orders * np.log(orders)
            - (p * orders + q) * np.log(v + orders * average)
        )
        return -float(np.mean(likelihood))

    found = _minimum(loss, 3)
    return None if found is None else (found[0], found[1], found[2])


def _minimum(loss: Callable[[Column], float], parameters: int) -> list[float] | None:
    """Where the loss is least, looked for among the logarithms of the parameters: all of them are positive."""
    bounds = [(-_BOUND, _BOUND)] * parameters
    found = minimize(loss, np.zeros(parameters), method="L-BFGS-B", bounds=bounds)
    # Once more from there: differences are taken by finite steps, which may end a first walk early.
    found = minimize(loss, found.x, method="Nelder-Mead", bounds=bounds, options={"xatol": 1e-6, "fatol": 1e-10})
    return [float(value) for value in np.exp(found.x)] if np.isfinite(found.fun) else None
