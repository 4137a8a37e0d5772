"""What is told of items and of offers' budgets, beside what insights count."""

from __future__ import annotations

from tailorbird.assembler.explaining.dataquality import line_of_budgets, line_of_items
from tailorbird.assembler.items.cards import card_of
from tailorbird.assembler.items.gaps import gaps_of
from tailorbird.contracts.offers import Budget, Budgets
from tailorbird.contracts.recommender import Item


def test_items_that_lack_what_rules_go_by_are_counted_and_named() -> None:
    items = [
        Item(item_id="whole", title="Milk with \"brand\":", category="dairy", brand="Meadow", price=2.0),
        Item(item_id="bare", title="Something with \"brand\": in its name"),
        Item(item_id="unbranded", title="Bread", category="bakery", price=1.5),
        Item(item_id="to-read", title="How to bake", kind="article"),
    ]
    gaps = gaps_of({one.item_id: card_of(one) for one in items})
    assert (gaps.products, gaps.lacking, gaps.examples) == (3, 2, ("bare", "unbranded"))
    assert gaps.without == {"price": 1, "category": 1, "brand": 2}
    line = line_of_items(gaps)
    assert line.level == "act"
    assert "2 have no brand (bare, unbranded)" in line.sentence
    assert line_of_items(gaps_of({})).level == "fine"


def test_offers_near_their_budgets_are_named_with_what_is_left() -> None:
    near = Budget(offer_id="pizza", headline="Pizza", limit="total", used=1_700, most=2_000)
    spent = Budget(offer_id="cake", headline="Cake", limit="money", used=199.0, most=200.0)
    watch = line_of_budgets(Budgets(budgets=(near,), limited=4, found=1))
    assert (watch.level, watch.value, watch.share) == ("watch", 1.0, 0.25)
    assert watch.sentence.startswith("'pizza' has used 1,700 of 2,000 redemptions.")
    act = line_of_budgets(Budgets(budgets=(spent, near), limited=4, found=3))
    assert act.level == "act"
    assert "199 of 200 of its budget" in act.sentence
    assert "and 1 more" in act.sentence
    fine = line_of_budgets(Budgets(budgets=(), limited=0, found=0))
    assert (fine.level, fine.share, fine.sentence) == ("fine", None, "")
