"""Takes over rows that were checked already, from Parquet in `staging`: who somebody is, what they did, what was said.

The same rows again change nothing. Interactions and responses are compared with a snapshot of all rows ever taken
over, which is also what training reads; profiles get the sums of the new rows, not the rows one by one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import structlog

from tailorbird.bus import Objects
from tailorbird.contracts.documents import Imported, ImportQuery
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.identity.belonging import customer
from tailorbird.profiles.identity.joining import Joiner
from tailorbird.profiles.importing.bulk import INTERACTIONS, RESPONSES, Bulk, Layout
from tailorbird.profiles.importing.changing import PERSONS_AT_ONCE, Change, Changer, once
from tailorbird.profiles.importing.elsewhere import ToldElsewhere
from tailorbird.profiles.importing.rows import audience_rows, customer_rows, plain_rows
from tailorbird.profiles.person.folding import responded
from tailorbird.profiles.person.profile import StoredProfile, mark_of
from tailorbird.profiles.person.purchases import add_purchases
from tailorbird.profiles.person.stated import imported
from tailorbird.profiles.rights.rowserasing import erase_rows
from tailorbird.profiles.traits.population import OrderTotals

__all__ = ["INTERACTIONS_OBJECT", "RESPONSES_OBJECT", "Importer"]

INTERACTIONS_OBJECT = "interactions/interactions.parquet"
RESPONSES_OBJECT = "responses/responses.parquet"

Part = TypeVar("Part")
log = structlog.get_logger(__name__)


class Importer:
    """One import after the other."""

    def __init__(
        self,
        joiner: Joiner,
        staging: Objects,
        snapshots: Objects,
        workspace: Path,
        counted: Callable[[list[OrderTotals]], Any],
        imported: Callable[[], Any],
    ) -> None:
        """`counted` is awaited with all customers' orders in sum, `imported` after each import."""
        self._changer = Changer(joiner)
        self._told = ToldElsewhere(self._changer, joiner)
        self._became: dict[str, str] = {}
        self._staging = staging
        self._snapshots = snapshots
        self._workspace = workspace
        self._counted = counted
        self._imported = imported
        self._one_at_a_time = asyncio.Lock()

    async def take(self, query: ImportQuery) -> Imported:
        """How many rows were new. Raises Fault(404) for a table of another service, or an object that is not there."""
        tables = {
            "customers": self._customers,
            "loyalty_cards": self._loyalty_cards,
            "contacts": self._contacts,
            "audiences": self._audiences,
            "interactions": self._interactions,
            "store_purchases": self._interactions,
            "responses": self._responses,
        }
        work = tables.get(query.table)
        if work is None:
            raise Fault(404, f"Profiles take over {', '.join(tables)}; '{query.table}' belongs to another service.")
        async with self.alone() as folder:
            began = time.perf_counter()
            file = folder / "incoming.parquet"
            info = await self._staging.fetch(query.object_name, file)
            self._became = await self._changer.begin()
            counts = await work(file, folder, info.digest)
            seconds = round(time.perf_counter() - began, 2)
            log.info("imported", table=query.table, stored=counts.stored, unchanged=counts.unchanged, seconds=seconds)
            await self._imported()
            return counts

    async def erase(self, persons: Sequence[str], before: float = 0.0) -> int:
        """How many rows of these persons, or from before that moment, were in the snapshots, which are without them."""
        async with self.alone():
            names = (INTERACTIONS_OBJECT, RESPONSES_OBJECT)
            return await erase_rows(self._snapshots, names, persons, self._workspace, before)

    async def _customers(self, file: Path, _folder: Path, _digest: str) -> Imported:
        at = int(time.time())
        stored = total = 0
        async for rows in _in_thread(customer_rows(file)):
            total += len(rows)
            changes = {customer(one): _traits_change(values, at) for one, values in rows.items()}
            stored += len(await self._changer.change(changes))
            await self._told.tie_reachable(rows)
        return Imported(stored=stored, unchanged=total - stored)

    async def _loyalty_cards(self, file: Path, _folder: Path, _digest: str) -> Imported:
        return await self._rows(file, self._told.cards)

    async def _contacts(self, file: Path, _folder: Path, _digest: str) -> Imported:
        return await self._rows(file, self._told.contacts)

    async def _rows(self, file: Path, take: Callable[[list[dict[str, Any]]], Awaitable[int]]) -> Imported:
        """`take`: what takes over some rows and says how many of them told anything new."""
        stored = total = 0
        async for rows in _in_thread(plain_rows(file)):
            total += len(rows)
            stored += await take(rows)
        return Imported(stored=stored, unchanged=total - stored)

    async def _audiences(self, file: Path, _folder: Path, _digest: str) -> Imported:
        stored = total = 0
        async for rows in _in_thread(audience_rows(file)):
            moved: dict[str, int] = {}
            total += sum(count for _, _, count in rows.values())
            changes = {
                customer(one): _audience_change(joined, left, moved, one) for one, (joined, left, _) in rows.items()
            }
            await self._changer.change(changes)
            stored += sum(moved.values())
        return Imported(stored=stored, unchanged=total - stored)

    async def _interactions(self, file: Path, folder: Path, digest: str) -> Imported:
        async with self._compared(file, folder, digest, INTERACTIONS_OBJECT, INTERACTIONS) as (bulk, counts, mark, ids):
            if counts.stored:
                chunks = _in_thread(_chunks(bulk.purchases(), PERSONS_AT_ONCE))
                async for chunk in chunks:
                    await self._changer.change(*_once(mark, ids, add_purchases, chunk))
                totals = await asyncio.to_thread(bulk.order_totals, self._became)
                await self._counted(totals)
            return counts

    async def _responses(self, file: Path, folder: Path, digest: str) -> Imported:
        async with self._compared(file, folder, digest, RESPONSES_OBJECT, RESPONSES) as (bulk, counts, mark, ids):
            if counts.stored:
                async for chunk in _in_thread(_chunks(bulk.responses(), PERSONS_AT_ONCE)):
                    await self._changer.change(*_once(mark, ids, _add_responses, chunk))
            return counts

    @asynccontextmanager
    async def _compared(
        self, file: Path, folder: Path, digest: str, name: str, layout: Layout
    ) -> AsyncIterator[tuple[Bulk, Imported, str, dict[str, str]]]:
        """The file against its snapshot; the new snapshot is published when the profiles have taken the new rows.

        Gives the database, the counts, what marks this very import, and ids by pseudonym: that of who somebody was
        before they became part of another, as that may be undone. A crash in between leaves the old snapshot: the same
        import then finds its mark in the profiles that it changed already.
        """
        known: Path | None = folder / "known.parquet"
        before = await self._snapshots.info(name)
        if before is None:
            known = None
        else:
            await self._snapshots.fetch(name, folder / "known.parquet")
        bulk = Bulk(folder)
        try:
            named = await asyncio.to_thread(bulk.customers, file)
            await self._changer.directory.ensure(named)
            keyring = self._changer.directory.keyring
            pseudonyms = await keyring.unmerged(named)
            became = await keyring.became(apart=frozenset(pseudonyms.values()))
            fresh, unchanged = await asyncio.to_thread(bulk.compare, file, known, pseudonyms, layout, became)
            mark = f"import:{digest}:{before.digest if before else ''}"
            ids = {pseudonym: one for one, pseudonym in pseudonyms.items()}
            yield bulk, Imported(stored=fresh, unchanged=unchanged), mark, ids
            if fresh:
                snapshot = folder / "snapshot.parquet"
                rows = await asyncio.to_thread(bulk.write_snapshot, snapshot)
                kept = before.metadata if before else {}
                await self._snapshots.put(name, snapshot, {**kept, "rows": str(rows)})
        finally:
            await asyncio.to_thread(bulk.close)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[Path]:
        """A folder to work in, while no other import or gathering changes a snapshot."""
        async with self._one_at_a_time, self._folder() as folder:
            yield folder

    @asynccontextmanager
    async def _folder(self) -> AsyncIterator[Path]:
        self._workspace.mkdir(parents=True, exist_ok=True)
        folder = TemporaryDirectory(dir=self._workspace, prefix="import-")
        try:
            yield Path(folder.name)
        finally:
            await asyncio.to_thread(folder.cleanup)


def _traits_change(values: Mapping[str, Any], at: int) -> Change:
    def change(draft: StoredProfile) -> None:
        draft.traits = imported(draft.traits, values, at)

    return change


def _audience_change(joined: Sequence[str], left: Sequence[str], moved: dict[str, int], one: str) -> Change:
    def change(draft: StoredProfile) -> None:
        together = ({*draft.audiences} | {*joined}) - {*left}
        moved[one] = len(together ^ {*draft.audiences})
        draft.audiences = tuple(sorted(together))

    return change


def _once(
    mark: str, ids: Mapping[str, str], add: Callable[[StoredProfile, Any], None], chunk: list[tuple[str, Any]]
) -> tuple[dict[str, Change], dict[str, bytes]]:
    """Id -> what adds this to its profile once, and the mark that it leaves. Of two who became one each has its own."""
    marks = {ids[who]: mark_of(f"{mark}:{who}") for who, _ in chunk}
    return {ids[who]: once(marks[ids[who]], add, new) for who, new in chunk}, marks


def _add_responses(draft: StoredProfile, new: list[tuple[str, str, int, int]]) -> None:
    for offer_id, kind, times, last_at in new:
        responded(draft, offer_id, kind, last_at, times)


def _chunks(parts: Iterator[Part], size: int) -> Iterator[list[Part]]:
    chunk: list[Part] = []
    for part in parts:
        chunk.append(part)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def _in_thread(parts: Iterator[Part]) -> AsyncIterator[Part]:
    """Each part, made in a thread, so that questions are answered in between."""
    end = object()
    while (part := await asyncio.to_thread(next, parts, end)) is not end:
        yield part  # type: ignore[misc]
