"""What offers keep: documents, the responses counted so far, and from both, with the catalogue, what is open when."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import structlog
from pyarrow import parquet

from tailorbird.bus import Bucket, Entry, Objects
from tailorbird.bus.ending import ended
from tailorbird.contracts.documents import ApplyQuery, Imported, ImportQuery
from tailorbird.contracts.wire import Fault
from tailorbird.host.documents import DocumentStore
from tailorbird.offers.documents.rows import offer_document
from tailorbird.offers.learning.responses import Responses, with_responses

__all__ = ["Importing", "ResponseStore", "staged_rows"]

log = structlog.get_logger(__name__)

_responses = msgspec.json.Decoder(Responses)


class ResponseStore:
    """offer id -> what customers did with it, kept in a bucket and current while this is entered."""

    def __init__(self, bucket: Bucket, changed: Callable[[], None]) -> None:
        self.counts: dict[str, Responses] = {}
        self._bucket = bucket
        self._changed = changed
        self._revision = 0
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        for entry in (await self._bucket.entries()).values():
            self._take(entry)
        self._changed()
        self._watching = asyncio.create_task(self._watch(), name="offers-responses-watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(self._watching)

    async def add(self, rows: Iterable[Mapping[str, Any]]) -> int:
        """How many of these rows were new."""
        changed, new = with_responses(self.counts, rows)
        if changed:
            await self._bucket.put_many({_key(name): msgspec.json.encode(after) for name, after in changed.items()})
            self.counts.update(changed)
            self._changed()
        return new

    async def _watch(self) -> None:
        async for entry in self._bucket.watch(after=self._revision):
            if self._take(entry):
                self._changed()

    def _take(self, entry: Entry) -> bool:
        self._revision = max(self._revision, entry.revision)
        if entry.value is None:
            return False
        try:
            counted = _responses.decode(entry.value)
        except msgspec.MsgspecError as error:
            log.error("responses_unreadable", key=entry.key, reason=str(error))
            return False
        changed = self.counts.get(counted.offer_id) != counted
        self.counts[counted.offer_id] = counted
        return changed


class Importing:
    """Takes over rows that were checked when they were loaded."""

    def __init__(self, staging: Objects, documents: DocumentStore, responses: ResponseStore) -> None:
        self._staging = staging
        self._documents = documents
        self._responses = responses
        self._one_at_a_time = asyncio.Lock()

    async def take(self, query: ImportQuery) -> Imported:
        """Counts of rows. Raises Fault(404) without the object, Fault(422) for what can't be taken."""
        if query.table not in ("offers", "responses"):
            raise Fault(422, f"Offers take the tables offers and responses, not {query.table}.")
        async with self._one_at_a_time:
            with tempfile.TemporaryDirectory(prefix="tailorbird-offers-") as folder:
                path = Path(folder) / "rows.parquet"
                await self._staging.fetch(query.object_name, path)
                rows = await asyncio.to_thread(lambda: list(staged_rows(path)))
            if query.table == "responses":
                new = await self._responses.add(rows)
                return Imported(stored=new, unchanged=len(rows) - new)
            applied = await self._documents.apply(ApplyQuery(documents=tuple(offer_document(row) for row in rows)))
            if applied.problems:
                first = applied.problems[0]
                raise Fault(422, f"No offer was taken over: {first.path}: {first.sentence}", applied.problems)
            return Imported(stored=len(applied.changed), unchanged=len(rows) - len(applied.changed))


def staged_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file, without the columns in which they have no value."""
    for batch in parquet.ParquetFile(path).iter_batches(batch_size=4_096):
        for row in batch.to_pylist():
            yield {name: value for name, value in row.items() if value is not None}


def _key(offer_id: str) -> str:
    """A bucket's keys allow few characters; an offer's id may hold any."""
    return blake2b(offer_id.encode(), digest_size=16).hexdigest()
