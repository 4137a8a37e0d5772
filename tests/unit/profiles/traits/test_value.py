"""The value model against what was published: parameters of the CDNOW customers, and single customers worked by hand.

The package lifetimes brings the 2,357 customers of Fader, Hardie and Lee (2005) as a file: repeat orders, weeks to the
latest, age in weeks, average spend of repeat orders.
"""

from __future__ import annotations

import csv
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tailorbird.profiles.traits.fitting import fit_orders, fit_spend, fitted
from tailorbird.profiles.traits.population import OrderTotals, attrition, lifetime_value, measured
from tailorbird.profiles.traits.value import Buyer, ValueModel, alive, expected_orders, order_value, silent

CDNOW = ValueModel(r=0.243, alpha=4.414, a=0.793, b=2.426, p=6.25, q=3.74, v=15.44)
"""As published: BG/NBD in the 2005 paper, Gamma-Gamma in the 2013 note."""
DAY = 86_400


@pytest.fixture(scope="module")
def cdnow() -> dict[str, Any]:
    # Found as a file: importing the package fails beside numpy 2.
    path = distribution("lifetimes").locate_file("lifetimes/datasets/cdnow_customers_summary_with_transactions.csv")
    with Path(str(path)).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = {"repeats": "x", "recency": "t_x", "age": "T", "average": "zbar"}
    return {name: np.array([float(row[column]) for row in rows]) for name, column in names.items()}


def test_the_cdnow_customers_give_the_published_parameters_of_bg_nbd(cdnow: dict[str, Any]) -> None:
    found = fit_orders(cdnow["repeats"], cdnow["recency"], cdnow["age"])
    assert found == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=0.001)


def test_the_cdnow_customers_give_the_published_parameters_of_gamma_gamma(cdnow: dict[str, Any]) -> None:
    again = cdnow["repeats"] > 0
    found = fit_spend(cdnow["repeats"][again], cdnow["average"][again])
    assert found == pytest.approx((6.25, 3.74, 15.44), abs=0.01)


def test_the_published_customer_is_expected_to_order_1_226_times_in_39_weeks() -> None:
    assert expected_orders(CDNOW, Buyer(2, 30.43, 38.86), 39.0) == pytest.approx(1.226, abs=0.001)


def test_a_customer_with_hundreds_of_orders_is_computed_without_overflow() -> None:
    steady = Buyer(700, 350.0, 350.5)
    assert 0.95 < alive(CDNOW, steady) <= 1.0
    assert 0.9 * 52 * 700 / 355 < expected_orders(CDNOW, steady, 52.0) < 52 * 700 / 355
    assert alive(CDNOW, Buyer(700, 100.0, 350.0)) < 1e-9


def test_an_average_is_drawn_towards_everybodys_the_more_the_fewer_orders_it_has() -> None:
    everybody = CDNOW.p * CDNOW.v / (CDNOW.q - 1.0)
    assert order_value(CDNOW, 0, 0.0) == pytest.approx(everybody)
    assert everybody < order_value(CDNOW, 1, 100.0) < order_value(CDNOW, 20, 100.0) < 100.0


def test_silence_grows_likelier_with_time_gone_by_and_with_time_to_come() -> None:
    assert silent(CDNOW, Buyer(10, 30, 31), 13) < silent(CDNOW, Buyer(10, 30, 60), 13)
    assert silent(CDNOW, Buyer(10, 30, 31), 26) < silent(CDNOW, Buyer(10, 30, 31), 13)


def test_a_model_is_fitted_from_customers_and_tells_the_lost_from_the_loyal() -> None:
    chance = np.random.default_rng(7)
    totals = []
    for _ in range(400):
        pace, stays = chance.gamma(1.0, 0.3), chance.beta(1.0, 5.0)
        at = last = 0.0
        orders = 1
        while True:
            at += chance.exponential(1 / pace)
            if at > 60 or (orders > 1 and chance.random() < stays):
                break
            last, orders = at, orders + 1
        totals.append(OrderTotals(orders, orders * chance.gamma(6, 5), 0, int(last * 7 * DAY)))
    now = 60 * 7 * DAY
    model = fitted(totals, now)
    assert model is not None
    loyal = OrderTotals(30, 900.0, 0, now - 7 * DAY)
    lost = OrderTotals(30, 900.0, 0, now - 45 * 7 * DAY)
    assert attrition(loyal, now, model) < 0.2
    assert attrition(lost, now, model) > 0.8
    assert lifetime_value(loyal, now, model) > 10 * lifetime_value(lost, now, model)
    assert len(measured(totals, now, model).value) == 4


def test_too_few_customers_are_not_fitted() -> None:
    assert fitted([OrderTotals(3, 30.0, 0, 100)] * 20, 1_000) is None
