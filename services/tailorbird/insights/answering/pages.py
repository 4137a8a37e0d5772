"""All decisions, page by page, as an export reads them: file by file, in the order in which they were written."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pyarrow.parquet as pq

from tailorbird.contracts.insights import Decision, DecisionPage, DecisionPageQuery
from tailorbird.contracts.wire import Fault
from tailorbird.insights.arriving.decisions import decode
from tailorbird.insights.arriving.decisionstore import DecisionStore

__all__ = ["DecisionPages"]


class DecisionPages:
    """Pages end within a file at a row: `after` is `<segment>/<day>/<rows>`. Files never change once they are there."""

    def __init__(self, store: DecisionStore) -> None:
        self._store = store

    async def answer(self, query: DecisionPageQuery) -> DecisionPage:
        """The next page. The first one has everything written that had come by then.

        Raises Fault(422) when `after` is none that a page ended with.
        """
        if not query.after:
            await self._store.flush()
        try:
            key, _, row = query.after.rpartition("/")
            rows = int(row or 0)
        except ValueError as error:
            raise Fault(422, f"No page ended with '{query.after}'.") from error
        return await asyncio.to_thread(self._page, key, rows, query.count)

    def _page(self, key: str, rows: int, count: int) -> DecisionPage:
        for place, path in self._files():
            if place < key:
                continue
            start = rows if place == key else 0
            bodies = _bodies(path, start, count)
            if bodies:
                decisions = tuple(_without_inputs(decode(body)) for body in bodies)
                return DecisionPage(decisions=decisions, after=f"{place}/{start + len(bodies)}")
        return DecisionPage()

    def _files(self) -> list[tuple[str, Path]]:
        """`<segment>/<day>` and path of every file, oldest segment first."""
        return sorted((f"{path.stem}/{path.parent.name.removeprefix('day=')}", path) for path in self._store.files())


def _bodies(path: Path, start: int, count: int) -> list[bytes]:
    """Up to so many rows from that row on, all of one row group, so that little is read in vain."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if start < rows:
                column = file.read_row_group(group, columns=["body"])["body"]
                return [bytes(body) for body in column.slice(start, count).to_pylist()]
            start -= rows
    return []


def _without_inputs(decision: Decision) -> Decision:
    return msgspec.structs.replace(decision, inputs=b"")
