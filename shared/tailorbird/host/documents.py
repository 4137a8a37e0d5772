"""The documents of a service (offers, segments, layouts ...): kept in a bucket, checked before they count, watched.

Every process of a service holds the whole set in memory; whoever applies a change, all of them act on it within
milliseconds of the bucket's announcement.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import msgspec
import structlog

from tailorbird.bus import Bucket
from tailorbird.bus.ending import ended
from tailorbird.contracts.documents import (
    Applied,
    ApplyQuery,
    Document,
    ListDocumentsQuery,
    ListedDocuments,
    Schemas,
    SchemasQuery,
)
from tailorbird.contracts.wire import Fault, Problem
from tailorbird.host.documentkeys import bucket_key, digest, document_key, version_of
from tailorbird.host.documentreading import read_documents, retired_by
from tailorbird.host.history import DocumentHistory
from tailorbird.host.schemas import schemas_of
from tailorbird.host.turns import HEAD, Overtaken, Turns

__all__ = ["DocumentStore", "Documents"]

Documents = Mapping[str, Mapping[str, Any]]
"""kind -> id -> document."""

Problems = list[Problem]

log = structlog.get_logger(__name__)


def _no_problems(_: Documents) -> list[Problem]:
    return []


def _nothing(_: Documents) -> None:
    return None


def _no_notes(_kind: str, _document: Any) -> list[Problem]:
    return []


class DocumentStore:
    """The documents of one service by kind and id, always a set that passed the owner's check."""

    def __init__(
        self,
        bucket: Bucket,
        kinds: Mapping[str, type[Any]],
        check: Callable[[Documents], list[Problem]],
        changed: Callable[[Documents], None],
        note: Callable[[str, Any], list[Problem]] = _no_notes,
        history: DocumentHistory | None = None,
    ) -> None:
        self._note = note
        self._history = history
        self._since: dict[str, bytes | None] = {}
        """What changed since the version that is in the history last."""
        self._recorded = ""
        self._recording = asyncio.Lock()
        self._bucket = bucket
        self._kinds = dict(kinds)
        self._check = check
        self._changed = changed
        self._bytes: dict[str, bytes] = {}
        self._documents: dict[str, dict[str, Any]] = {kind: {} for kind in kinds}
        self._revision = 0
        self._version = ""
        self._applying = asyncio.Lock()
        self._turns = Turns(bucket)
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls,
        bucket: Bucket,
        kinds: Mapping[str, type[Any]],
        check: Callable[[Documents], list[Problem]] = _no_problems,
        changed: Callable[[Documents], None] = _nothing,
        note: Callable[[str, Any], list[Problem]] = _no_notes,
        history: DocumentHistory | None = None,
    ) -> DocumentStore:
        """The store with what the bucket holds now; `changed` has been called once. Enter it to follow changes.

        `note` says of one document, by its kind, what is not wrong but worth a second look. With a `history` every
        version that was in force can be had again.
        """
        store = cls(bucket, kinds, check, changed, note, history)
        entries = await bucket.entries()
        for key, entry in entries.items():
            store._take(key, entry.value)
            store._revision = max(store._revision, entry.revision)
        store._refresh()
        await store._record()
        return store

    @property
    def version(self) -> str:
        """Twelve hex digits that change when any document does; the same set has the same version everywhere."""
        return self._version

    @property
    def documents(self) -> Documents:
        return self._documents

    def of(self, kind: str) -> Mapping[str, Any]:
        """Documents of this kind by id."""
        return self._documents[kind]

    async def apply(self, query: ApplyQuery) -> Applied:
        """Keeps all of the query's documents, or none and says every mistake. Raises Fault(412) for what `only_if` or
        `instead_of` names when it was changed meanwhile, by whatever process.
        """
        async with self._applying:
            while True:
                with contextlib.suppress(Overtaken):
                    return await self._apply(query)

    async def _apply(self, query: ApplyQuery) -> Applied:
        turn = 0 if query.dry_run else await self._turns.begin(self._version, self._caught_up)
        if query.only_if and query.only_if != self._version:
            raise Fault(412, f"The documents were changed meanwhile: they are at {self._version} now.")
        new, problems = read_documents(query, self._kinds)
        retired = retired_by(query, self._documents, problems)
        prospective = {kind: dict(documents) for kind, documents in self._documents.items()}
        for key in retired:
            kind, _, identity = key.partition("/")
            del prospective[kind][identity]
        for key, (_, document) in new.items():
            kind, _, identity = key.partition("/")
            prospective[kind][identity] = document
        if not problems:
            problems = self._check(prospective)
        if problems:
            return Applied(problems=tuple(problems), version=self._version)
        changed = [key for key, (body, _) in new.items() if self._bytes.get(key) != body]
        notes = [
            Problem(path=f"{key} {note.path}", sentence=note.sentence)
            for key in changed
            for note in self._note(key.partition("/")[0], new[key][1])
        ]
        if not query.dry_run and (changed or retired):
            after = {key: body for key, body in self._bytes.items() if key not in set(retired)}
            revisions = {
                key: await self._found(key, query.instead_of) for key in (*changed, *retired) if key in query.instead_of
            }
            await self._turns.take(turn, version_of(after | {key: new[key][0] for key in changed}))
            await self._put({key: new[key][0] for key in changed}, revisions)
            for key in retired:
                await self._bucket.delete(bucket_key(key))
            for key in changed:
                self._take(bucket_key(key), new[key][0])
            for key in retired:
                self._take(bucket_key(key), None)
            self._refresh()
            await self._record()
        unchanged = [key for key in new if key not in set(changed)]
        return Applied(
            changed=tuple(changed),
            unchanged=tuple(unchanged),
            retired=tuple(retired),
            notes=tuple(notes),
            version=self._version,
        )

    async def _put(self, bodies: Mapping[str, bytes], revisions: Mapping[str, int]) -> None:
        for key in [key for key in bodies if key in revisions]:
            try:
                await self._bucket.put(bucket_key(key), bodies[key], revisions[key])
            except Fault as fault:
                raise _meanwhile(key) if fault.code == 409 else fault from fault
        await self._bucket.put_many({bucket_key(key): body for key, body in bodies.items() if key not in revisions})

    async def _found(self, key: str, instead_of: Mapping[str, str]) -> int:
        """The revision under which the document rests, 0 where none does. Raises Fault(412) when it is another one."""
        entry = await self._bucket.get(bucket_key(key))
        if digest(entry.value if entry else None) != instead_of[key]:
            raise _meanwhile(key)
        return entry.revision if entry else 0

    async def schemas(self, _: SchemasQuery) -> Schemas:
        """How documents of each kind are written."""
        found = schemas_of(self._kinds)
        return Schemas(kinds={kind: msgspec.Raw(msgspec.json.encode(schema)) for kind, schema in found.items()})

    async def list(self, query: ListDocumentsQuery) -> ListedDocuments:
        """Every document, or those of one kind, in order of their ids."""
        if query.kind and query.kind not in self._kinds:
            raise Fault(404, f"There is no kind of document '{query.kind}' here; there are {', '.join(self._kinds)}.")
        documents = [
            Document(kind=key.partition("/")[0], id=key.partition("/")[2], body=msgspec.Raw(body))
            for key, body in sorted(self._bytes.items())
            if not query.kind or key.startswith(query.kind + "/")
        ]
        return ListedDocuments(documents=tuple(documents), version=self._version)

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch(), name="documents-watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(self._watching)

    async def _caught_up(self) -> str:
        """The version with what the bucket holds now."""
        entries = await self._bucket.entries()
        found = {document_key(key): entry.value for key, entry in entries.items() if key != HEAD}
        for key in {**self._bytes, **found}:
            if self._bytes.get(key) != found.get(key):
                self._take(bucket_key(key), found.get(key))
        self._refresh()
        return self._version

    async def _watch(self) -> None:
        async for entry in self._bucket.watch(after=self._revision):
            self._revision = entry.revision
            if entry.key == HEAD or self._bytes.get(document_key(entry.key)) == entry.value:
                continue
            self._take(entry.key, entry.value)
            self._refresh()
            await self._record()

    async def at(self, version: str) -> Documents:
        """The documents as they were in this version. Raises Fault(404) where nothing of it was kept."""
        if version == self._version:
            return self._documents
        if self._history is None:
            raise Fault(404, "Earlier versions of these documents are not kept.")
        found: dict[str, dict[str, Any]] = {kind: {} for kind in self._kinds}
        for key, body in (await self._history.at(version)).items():
            kind, _, identity = key.partition("/")
            found[kind][identity] = msgspec.json.decode(body, type=self._kinds[kind])
        return found

    async def _record(self) -> None:
        """Puts the version that is in force into the history; where that can't be now, the next one holds more."""
        if self._history is None:
            return
        async with self._recording:
            version, since = self._version, self._since
            if version == self._recorded:
                return
            self._since = {}
            try:
                await self._history.record(version, self._recorded, since)
                self._recorded = version
            except Fault as fault:
                log.warning("version_not_kept", version=version, reason=fault.sentence)
                self._since = {**since, **self._since}

    def _take(self, resting_as: str, body: bytes | None) -> None:
        key = document_key(resting_as)
        kind, _, identity = key.partition("/")
        if kind not in self._kinds:
            return
        if body is None:
            self._since[key] = None
            self._bytes.pop(key, None)
            self._documents[kind].pop(identity, None)
            return
        try:
            self._documents[kind][identity] = msgspec.json.decode(body, type=self._kinds[kind])
            self._bytes[key] = body
            self._since[key] = body
        except msgspec.MsgspecError as error:
            # Written by another version of the suite: what was kept before stays in force.
            log.error("document_unreadable", document=key, reason=str(error))

    def _refresh(self) -> None:
        self._version = version_of(self._bytes)
        self._changed(self._documents)


def _meanwhile(key: str) -> Fault:
    sentence = "It was changed meanwhile: look at what is at work now, and decide again."
    return Fault(412, f"{key}: {sentence}", (Problem(path=key, sentence=sentence),))
