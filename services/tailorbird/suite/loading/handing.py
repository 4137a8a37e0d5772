"""Checked rows on their way to the service that owns them, and the items that rows may refer to."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from tailorbird.bus import AskingBus
from tailorbird.contracts.documents import Imported, ImportQuery
from tailorbird.contracts.recommender import CATALOGUE_OBJECT
from tailorbird.contracts.wire import Fault
from tailorbird.suite.loading.checking import Checker
from tailorbird.suite.loading.columns import Table
from tailorbird.suite.loading.files import TableFile

__all__ = ["STAGING", "hand_over", "known_items"]

STAGING = "staging"
"""Object bucket through which checked rows reach their owner; an object is gone when it was taken over."""

_SNAPSHOTS = "snapshots"
_ITEM_TABLES = {"items": "item_id", "articles": "article_id"}


async def hand_over(bus: AskingBus, table: Table, checked: Path, rows: int) -> Imported:
    """What the owner of the table answered. The staged rows are deleted then: they may name people.

    Raises what the owner raises, and Fault(500) when its counts do not add up to `rows`.
    """
    objects = await bus.objects(STAGING)
    name = f"{uuid.uuid4().hex}/{table.name}.parquet"
    await objects.put(name, checked)
    try:
        query = ImportQuery(table=table.name, object_name=name)
        imported = await bus.asker.ask(table.owner, query)
        for endpoint in table.also:
            await bus.asker.ask(endpoint, query)
    finally:
        await objects.delete(name, overwrite=True)
    if imported.stored + imported.unchanged != rows:
        counted = f"stored {imported.stored:,} and found {imported.unchanged:,} unchanged"
        raise Fault(500, f"Of {rows:,} checked rows of {table.name} their owner {counted}.")
    return imported


async def known_items(bus: AskingBus, files: Sequence[TableFile], scratch: Path) -> frozenset[str]:
    """The ids of all items and articles of the files and of the catalogue; none when no table refers to items."""
    if not any(file.table.item_column for file in files):
        return frozenset()
    ids: set[str] = set()
    for file in files:
        if column := _ITEM_TABLES.get(file.table.name):
            ids |= await asyncio.to_thread(_ids, file, column)
    snapshots = await bus.objects(_SNAPSHOTS)
    if await snapshots.info(CATALOGUE_OBJECT) is not None:
        catalogue = scratch / "catalogue.parquet"
        await snapshots.fetch(CATALOGUE_OBJECT, catalogue)
        ids.update(pq.read_table(catalogue, columns=["item_id"])["item_id"].to_pylist())
    return frozenset(ids)


def _ids(file: TableFile, column: str) -> set[str]:
    """The ids of this table's rows that are right."""
    checker = Checker(file.table)
    return {item for batch in file.batches() for item in checker.check(batch).rows[column].to_pylist()}
