"""Clusters of customers made on purpose: both ways of finding them find them again, and name them for what they are."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from tailorbird.contracts.wire import Fault
from tailorbird.profiles.traits.clusters import FEATURES, Clusters, attributes, features, named
from tailorbird.profiles.traits.mapping import learned, self_organized


def customer(**values: float) -> dict[str, Any]:
    usual = dict.fromkeys(FEATURES, 0.5)
    return {"history.orders": 5, **usual, **{f"history.{name}": value for name, value in values.items()}}


def three_kinds() -> list[dict[str, Any]]:
    chance = np.random.default_rng(3)
    kinds = [
        {"orders_last_90_days": 30, "average_order": 20, "days_since_last_order": 3},
        {"orders_last_90_days": 2, "average_order": 150, "days_since_last_order": 20},
        {"orders_last_90_days": 0, "average_order": 20, "days_since_last_order": 200},
    ]
    return [
        customer(**{name: float(value * chance.uniform(0.9, 1.1)) for name, value in kind.items()})
        for kind in kinds
        for _ in range(40)
    ]


def rows(customers: list[dict[str, Any]]) -> Any:
    return np.array([features(values) for values in customers], float)


def test_three_kinds_of_customers_are_found_again_and_named() -> None:
    customers = three_kinds()
    clusters = learned(rows(customers))
    found = [attributes(clusters, values)["cluster.kmeans"] for values in customers]
    assert len(clusters.centres) == 3
    assert [len(set(found[start : start + 40])) for start in (0, 40, 80)] == [1, 1, 1]
    assert len(set(found)) == 3
    assert "big baskets" in str(found[40])
    assert "lapsing" in str(found[80]) or "rare" in str(found[80])
    assert clusters.silhouette > 0.8


def test_neighbours_on_the_map_are_alike() -> None:
    points = np.linspace(-2, 2, 400)[:, None] * np.array([[1.0, 0.5]])
    units = self_organized(points, 4, 1)
    first = units[:, 0].tolist()
    assert first == sorted(first) or first == sorted(first, reverse=True)
    assert max(first) > 1.0
    assert min(first) < -1.0


def test_learning_twice_is_learning_once_and_an_artifact_keeps_all_of_it() -> None:
    one, again = learned(rows(three_kinds())), learned(rows(three_kinds()))
    assert one == again == msgspec.json.decode(msgspec.json.encode(one), type=Clusters)


def test_what_is_not_known_speaks_for_no_cluster() -> None:
    clusters = learned(rows(three_kinds()))
    assert attributes(clusters, {"history.orders": 0}) == {}
    assert set(attributes(clusters, {"history.orders": 1})) == {"cluster.kmeans", "cluster.map"}
    assert attributes(None, customer()) == {}


def test_names_are_never_alike() -> None:
    assert len(set(named([[1.0] * 8, [1.1] * 8, [-1.0] * 8]))) == 3


def test_too_few_customers_are_told() -> None:
    with pytest.raises(Fault, match="too few"):
        learned(rows(three_kinds()[:5]))
