"""What becomes of an item when its stock is told: how many, and when they were counted."""

from __future__ import annotations

import pytest

from tailorbird.contracts.recommender import Item, ItemChange
from tailorbird.recommender.catalogue.changing import changed
from tailorbird.recommender.catalogue.documents import decode_item, encode_item, item_of_row

NOW = 1_795_000_000.0
COUNTED = Item(item_id="pie", title="Pie", stock=3, stock_at=NOW - 600)


@pytest.mark.parametrize(
    ("change", "stock", "counted_at"),
    [
        (ItemChange(item_id="pie", price=2.0), 3, NOW - 600),
        (ItemChange(item_id="pie", stock=3), 3, NOW),
        (ItemChange(item_id="pie", stock=2), 2, NOW),
        (ItemChange(item_id="pie", stock=2, stock_at=NOW - 60), 2, NOW - 60),
        (ItemChange(item_id="pie", stock=2, stock_at=NOW + 9_999), 2, NOW),
        (ItemChange(item_id="pie", stock=None), None, 0.0),
    ],
)
def test_a_stock_that_is_told_is_counted_anew_and_nothing_else_is(
    change: ItemChange, stock: int | None, counted_at: float
) -> None:
    after = changed(COUNTED, change, NOW)
    assert (after.stock, after.stock_at) == (stock, counted_at)


def test_an_item_that_nobody_counted_is_written_the_same_whether_it_was_sent_or_read_from_a_table() -> None:
    sent = encode_item(Item(item_id="pie", title="Pie"))
    assert encode_item(item_of_row({"item_id": "pie", "title": "Pie", "stock_at": 0.0})) == sent
    assert decode_item(sent).stock_at == 0.0
