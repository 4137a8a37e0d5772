"""Takes over rows that were checked already: customers, interactions, audiences, responses, from Parquet in `staging`.

The same rows again change nothing. Interactions and responses are compared with a snapshot of all rows ever taken
over, which is also what training reads; profiles get the sums of the new rows, not the rows one by one.
"""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import structlog

from tailorbird.bus import Objects
from tailorbird.contracts.documents import Imported, ImportQuery
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.identity.belonging import customer
from tailorbird.profiles.identity.directory import Directory
from tailorbird.profiles.importing.bulk import INTERACTIONS, RESPONSES, Bulk, Layout
from tailorbird.profiles.importing.rows import audience_rows, customer_rows
from tailorbird.profiles.keeping.store import OpenProfile, ProfileStore
from tailorbird.profiles.person.folding import responded
from tailorbird.profiles.person.marks import remembered_long_ago
from tailorbird.profiles.person.profile import StoredProfile, mark_of, remember, remembers
from tailorbird.profiles.person.purchases import add_purchases
from tailorbird.profiles.person.stated import imported
from tailorbird.profiles.rights.rowserasing import erase_rows
from tailorbird.profiles.traits.population import OrderTotals

__all__ = ["INTERACTIONS_OBJECT", "RESPONSES_OBJECT", "Importer"]

INTERACTIONS_OBJECT = "interactions/interactions.parquet"
RESPONSES_OBJECT = "responses/responses.parquet"
PERSONS_AT_ONCE = 16
TRIES = 8

Part = TypeVar("Part")
Change = Callable[[StoredProfile], None]
"""Changes a draft, which is a copy."""

log = structlog.get_logger(__name__)


class Importer:
    """One import after the other."""

    def __init__(
        self,
        directory: Directory,
        store: ProfileStore,
        staging: Objects,
        snapshots: Objects,
        workspace: Path,
        counted: Callable[[list[OrderTotals]], Any],
        imported: Callable[[], Any],
    ) -> None:
        """`counted` is awaited with all customers' orders in sum, `imported` after each import."""
        self._directory = directory
        self._store = store
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
            "audiences": self._audiences,
            "interactions": self._interactions,
            "responses": self._responses,
        }
        work = tables.get(query.table)
        if work is None:
            raise Fault(404, f"Profiles take over {', '.join(tables)}; '{query.table}' belongs to another service.")
        async with self.alone() as folder:
            began = time.perf_counter()
            file = folder / "incoming.parquet"
            info = await self._staging.fetch(query.object_name, file)
            counts = await work(file, folder, info.digest)
            seconds = round(time.perf_counter() - began, 2)
            log.info("imported", table=query.table, stored=counts.stored, unchanged=counts.unchanged, seconds=seconds)
            await self._imported()
            return counts

    async def erase(self, persons: Sequence[str]) -> int:
        """How many rows of these persons were in the snapshots, which are without them now."""
        async with self.alone():
            names = (INTERACTIONS_OBJECT, RESPONSES_OBJECT)
            return await erase_rows(self._snapshots, names, persons, self._workspace)

    async def _customers(self, file: Path, _folder: Path, _digest: str) -> Imported:
        at = int(time.time())
        stored = total = 0
        async for rows in _in_thread(customer_rows(file)):
            total += len(rows)
            changes = {customer_id: _traits_change(values, at) for customer_id, values in rows.items()}
            stored += len(await self._change(changes))
        return Imported(stored=stored, unchanged=total - stored)

    async def _audiences(self, file: Path, _folder: Path, _digest: str) -> Imported:
        stored = total = 0
        async for rows in _in_thread(audience_rows(file)):
            added: dict[str, int] = {}
            total += sum(count for _, count in rows.values())
            changes = {
                customer_id: _audience_change(audiences, added, customer_id)
                for customer_id, (audiences, _) in rows.items()
            }
            await self._change(changes)
            stored += sum(added.values())
        return Imported(stored=stored, unchanged=total - stored)

    async def _interactions(self, file: Path, folder: Path, digest: str) -> Imported:
        async with self._compared(file, folder, digest, INTERACTIONS_OBJECT, INTERACTIONS) as (bulk, counts, mark, ids):
            if counts.stored:
                chunks = _in_thread(_chunks(bulk.purchases(), PERSONS_AT_ONCE))
                async for chunk in chunks:
                    await self._change({ids[who]: _once(mark, add_purchases, new) for who, new in chunk}, mark)
                totals = await asyncio.to_thread(bulk.order_totals)
                await self._counted(totals)
            return counts

    async def _responses(self, file: Path, folder: Path, digest: str) -> Imported:
        async with self._compared(file, folder, digest, RESPONSES_OBJECT, RESPONSES) as (bulk, counts, mark, ids):
            if counts.stored:
                async for chunk in _in_thread(_chunks(bulk.responses(), PERSONS_AT_ONCE)):
                    await self._change({ids[who]: _once(mark, _add_responses, new) for who, new in chunk}, mark)
            return counts

    @asynccontextmanager
    async def _compared(
        self, file: Path, folder: Path, digest: str, name: str, layout: Layout
    ) -> AsyncIterator[tuple[Bulk, Imported, bytes, dict[str, str]]]:
        """The file against its snapshot; the new snapshot is published when the profiles have taken the new rows.

        Gives the database, the counts, a mark of this very import, and customer ids by pseudonym. A crash in between
        leaves the old snapshot: the same import then finds the mark in the profiles that it changed already.
        """
        known: Path | None = folder / "known.parquet"
        before = await self._snapshots.info(name)
        if before is None:
            known = None
        else:
            await self._snapshots.fetch(name, folder / "known.parquet")
        bulk = Bulk(folder)
        try:
            customers = await asyncio.to_thread(bulk.customers, file)
            people = await self._directory.ensure(customer(customer_id) for customer_id in customers)
            pseudonyms = {one: people[customer(one)].pseudonym for one in customers}
            fresh, unchanged = await asyncio.to_thread(bulk.compare, file, known, pseudonyms, layout)
            mark = mark_of(f"import:{digest}:{before.digest if before else ''}")
            ids = {pseudonym: one for one, pseudonym in pseudonyms.items()}
            yield bulk, Imported(stored=fresh, unchanged=unchanged), mark, ids
            if fresh:
                snapshot = folder / "snapshot.parquet"
                rows = await asyncio.to_thread(bulk.write_snapshot, snapshot)
                kept = before.metadata if before else {}
                await self._snapshots.put(name, snapshot, {**kept, "rows": str(rows)})
        finally:
            await asyncio.to_thread(bulk.close)

    async def _change(self, changes: Mapping[str, Change], mark: bytes = b"") -> list[OpenProfile]:
        """Changes these customers' profiles, side by side; gives those that were changed.

        `mark`: of an import that leaves it; a profile that remembered it so long ago that it lies in a page is passed.
        """
        people = await self._directory.ensure(customer(customer_id) for customer_id in changes)

        async def one(customer_id: str, change: Change) -> OpenProfile | None:
            person = people[customer(customer_id)]
            for _ in range(TRIES):
                before = (await self._store.load((person,), keep=False))[person.pseudonym]
                if mark and before.stored.mark_pages:
                    pages = await self._store.pages.load((before.stored,))
                    if remembered_long_ago(before.stored, pages, mark):
                        return None
                draft = copy.copy(before.stored)
                draft.customer_id = customer_id
                change(draft)
                if before.revision and draft == before.stored:
                    return None
                draft.version += 1
                try:
                    return await self._store.save(before, draft, keep=False)
                except Fault as fault:
                    if fault.code != 409:
                        raise
            raise Fault(503, f"The profile of {person.pseudonym} is changed too often to be imported now.")

        changed: list[OpenProfile] = []
        items = list(changes.items())
        for start in range(0, len(items), PERSONS_AT_ONCE):
            part = await asyncio.gather(*(one(*item) for item in items[start : start + PERSONS_AT_ONCE]))
            changed += [profile for profile in part if profile is not None]
        return changed

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


def _audience_change(audiences: tuple[str, ...], added: dict[str, int], customer_id: str) -> Change:
    def change(draft: StoredProfile) -> None:
        together = tuple(sorted({*draft.audiences, *audiences}))
        added[customer_id] = len(together) - len(draft.audiences)
        draft.audiences = together

    return change


def _once(mark: bytes, add: Callable[[StoredProfile, Any], None], new: Any) -> Change:
    def change(draft: StoredProfile) -> None:
        if not remembers(draft.marks, mark):
            add(draft, new)
            draft.marks = remember(draft.marks, mark)

    return change


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
