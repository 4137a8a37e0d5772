"""Items that tell much about who buys them: the flag comes through, and an e-mail doesn't show them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailorbird.assembler.items.cards import DiscreetCards
from tailorbird.assembler.items.catalogue import Catalogue
from tailorbird.contracts.recommender import Item
from tailorbird.recommender.catalogue.documents import encode_item
from tailorbird.recommender.catalogue.itemrows import write_snapshot


@pytest.mark.parametrize("flag", [True, "true"])
def test_a_snapshot_of_the_catalogue_carries_the_flag(tmp_path: Path, flag: bool | str) -> None:
    items = [
        Item(item_id="beer", title="Beer", price=1.0, attributes={"sensitive": flag}),
        Item(item_id="milk", title="Milk", price=1.0, attributes={"sensitive": False}),
        Item(item_id="rye", title="Rye", price=1.0),
    ]
    write_snapshot(map(encode_item, items), tmp_path / "items.parquet")
    cards = Catalogue(lambda _: None, lambda *_: None).read(tmp_path / "items.parquet")
    assert {item_id: card.sensitive for item_id, card in cards.items()} == {"beer": True, "milk": False, "rye": False}
    discreet = DiscreetCards(cards)
    assert discreet.get("beer") is None
    assert discreet["milk"] is cards["milk"]
    assert (sorted(discreet), len(discreet)) == (["milk", "rye"], 2)
