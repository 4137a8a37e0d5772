"""The catalogue in memory: taken over in one go it is the same as put in item by item."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tailorbird.contracts.recommender import Item
from tailorbird.recommender.catalogue.columns import Columns
from tailorbird.recommender.catalogue.documents import encode_item
from tailorbird.recommender.catalogue.itemrows import bulk_of_snapshot, write_snapshot
from tests.unit.recommender.smallshop import items


@pytest.fixture
def one_by_one() -> Columns:
    columns = Columns()
    for item in items():
        columns.put(item, encode_item(item))
    return columns


@pytest.fixture
def at_once(tmp_path: Path) -> Columns:
    columns = Columns()
    write_snapshot([encode_item(item) for item in items()], tmp_path / "items.parquet")
    columns.fill(bulk_of_snapshot(tmp_path / "items.parquet"))
    return columns


def test_a_snapshot_gives_the_columns_that_its_items_give(one_by_one: Columns, at_once: Columns) -> None:
    assert at_once.ids == one_by_one.ids
    assert at_once.titles == one_by_one.titles
    assert at_once.position == one_by_one.position
    count = len(one_by_one)
    for name in ("hidden", "available", "sensitive", "unnamed"):
        assert getattr(at_once, name)[:count].tolist() == getattr(one_by_one, name)[:count].tolist(), name
    for position in range(count):
        assert at_once.category_name(position) == one_by_one.category_name(position)
        assert at_once.department_name(position) == one_by_one.department_name(position)
    assert at_once.hidden[count:].all()
    assert not at_once.available[count:].any()


def test_its_articles_and_what_only_some_may_see_are_there(one_by_one: Columns, at_once: Columns) -> None:
    assert at_once.articles().positions == one_by_one.articles().positions
    about = [at_once.categories.text(code) for code in at_once.articles().category]
    assert about == [one_by_one.categories.text(code) for code in one_by_one.articles().category]
    wine = at_once.categories.find("Wine")
    assert [at_once.ids[place] for place in at_once.reserved(wine)] == [f"wine-{n}" for n in range(5)]


@pytest.mark.parametrize("encode_first", [False, True])
def test_a_document_is_the_item_as_it_was_put(at_once: Columns, encode_first: bool) -> None:
    changed = Item(item_id="cook-1", title="Changed", price=9.0)
    added = Item(item_id="new", title="New", price=1.0)
    for item in (changed, added):
        at_once.put(item, encode_item(item))
    if encode_first:
        at_once.documents.encode_all()
    kept = {item.item_id: item for item in [*items(), changed, added]}
    assert len(at_once.documents) == len(kept)
    for item_id, item in kept.items():
        assert at_once.documents[at_once.position[item_id]] == encode_item(item)


def test_there_is_room_for_more_than_a_snapshot_holds(at_once: Columns) -> None:
    for number in range(3_000):
        item = Item(item_id=f"more-{number}", title="More", price=1.0)
        at_once.put(item, encode_item(item))
    assert int(np.count_nonzero(at_once.available)) == 46 + 3_000


def test_columns_that_hold_something_are_not_filled(one_by_one: Columns, tmp_path: Path) -> None:
    write_snapshot([], tmp_path / "items.parquet")
    with pytest.raises(ValueError, match="empty"):
        one_by_one.fill(bulk_of_snapshot(tmp_path / "items.parquet"))
