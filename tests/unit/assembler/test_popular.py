"""What stands in while the recommender is away."""

from __future__ import annotations

from tailorbird.assembler.items.popular import Popular
from tests.unit.assembler import shop


def test_what_trended_last_comes_first() -> None:
    popular = shop.popular()
    popular.learn_trending(["p4", "p7", "gone"], shop.cards())
    assert popular.items(3, (), (), shop.cards())[:2] == ["p4", "p7"]


def test_the_customers_own_departments_come_first() -> None:
    chosen = shop.popular().items(3, ("Bakery",), (), shop.cards())
    assert chosen == ["p2", "p4", "p6"]


def test_without_anything_else_departments_take_turns() -> None:
    chosen = shop.popular().items(4, (), (), shop.cards())
    assert [shop.items()[item_id].department for item_id in chosen] == ["Produce", "Bakery", "Produce", "Bakery"]


def test_nothing_hidden_sensitive_or_excluded_stands_in() -> None:
    chosen = shop.popular().items(60, ("Cellar", "Produce"), {"p1"}, shop.cards())
    assert sorted(chosen) == ["p2", "p3", "p4", "p5", "p6", "p7"]


def test_an_item_put_later_is_learned() -> None:
    popular, cards = Popular(), shop.cards()
    popular.learn_item("p1", cards["p1"])
    popular.learn_item("p1", cards["p1"])
    assert popular.items(5, (), (), cards) == ["p1"]


def test_articles_begin_elsewhere_every_day() -> None:
    popular = shop.popular()
    assert [popular.articles(1, (), turn)[0] for turn in (0, 1, 2)] == ["a1", "a2", "a1"]
    assert Popular().articles(3, (), 0) == []
