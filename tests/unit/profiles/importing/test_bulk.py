"""What a file of purchases adds up to is what the same purchases add up to as events, in whatever order they come."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec.structs import replace

from tailorbird.profiles.importing.bulk import INTERACTIONS, Bulk
from tailorbird.profiles.person.profile import DAY, StoredProfile, pack
from tailorbird.profiles.person.purchases import add_order, add_purchases
from tailorbird.profiles.person.recent import Recent

AT = 1_795_000_000


def test_a_file_of_four_years_makes_the_profile_that_its_orders_make_one_by_one(tmp_path: Path) -> None:
    chance = random.Random(1)
    orders = [
        (AT - chance.randrange(1_500 * DAY), f"o-{n}", sorted(chance.sample("abcdef", chance.randint(1, 4))))
        for n in range(150)
    ]
    rows = [
        {"customer_id": "c", "item_id": item, "time": at, "order_id": order_id, "value": 2.0}
        for at, order_id, items in orders
        for item in items
    ]
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    bulk = Bulk(tmp_path)
    bulk.compare(path, None, {"customer:c": "p"}, INTERACTIONS)
    ((_, purchases),) = bulk.purchases()
    bulk.close()
    from_file, one_by_one = StoredProfile(), StoredProfile()
    add_purchases(from_file, purchases)
    for at, order_id, items in orders:
        add_order(one_by_one, at, order_id, 2.0 * len(items), items, 0)
    # Of what is recent a file tells the last week alone.
    assert pack(replace(from_file, recent=Recent())) == pack(replace(one_by_one, recent=Recent()))
