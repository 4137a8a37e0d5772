"""What undoes a merge: both profiles as they were just before, and the visitor's own key, sealed for the one who stays.

`unmerge` puts both back and folds into each what has happened since, from the raw events, as if they had never been
one: what names the customer is the customer's, the rest is its visitor's. Afterwards the two are kept apart.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec import Struct, structs

from tailorbird.bus import Bucket, Listener
from tailorbird.contracts.identity import Merge, Merges, MergesQuery, UnmergeQuery
from tailorbird.contracts.profiles import COLLECTED, Event
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.collecting.batches import MergeRecord
from tailorbird.profiles.collecting.consuming import EventConsumer
from tailorbird.profiles.identity.belonging import ids_of, ids_of_all
from tailorbird.profiles.identity.directory import Directory
from tailorbird.profiles.identity.graph import noted
from tailorbird.profiles.keeping.keyring import Person
from tailorbird.profiles.keeping.sealing import open_sealed, seal
from tailorbird.profiles.keeping.store import OpenProfile, ProfileStore
from tailorbird.profiles.person.folding import fold
from tailorbird.profiles.person.merging import absorbed
from tailorbird.profiles.person.profile import StoredProfile, pack, unpack

__all__ = ["BUCKET", "DAYS_KEPT", "MergeKeeper"]

BUCKET = "profile_merges"
DAYS_KEPT = 90.0
"""For so long a merge can be undone."""
CLOCKS_DIFFER = 5.0
LISTED = 50


class _Kept(Struct, frozen=True, array_like=True):
    """What a merge is undone with."""

    at: float
    source_key: bytes
    hashes: tuple[bytes, ...]
    """Of the ids that led to the one who became part of the other."""
    source: bytes
    target: bytes


class MergeKeeper:
    """Keeps merges and undoes them."""

    def __init__(
        self, bucket: Bucket, directory: Directory, store: ProfileStore, consumer: EventConsumer, listener: Listener
    ) -> None:
        self._bucket = bucket
        self._directory = directory
        self._store = store
        self._consumer = consumer
        self._listener = listener

    async def remember(self, records: Sequence[MergeRecord], persons: Mapping[str, Person]) -> None:
        """Called before a merge is stored; of one that is tried again the latest counts."""
        for record in records:
            source, target = persons[record.source], persons[record.target]
            kept = _Kept(
                time.time(),
                source.key,
                tuple(await self._directory.keyring.hashes(record.source)),
                pack(record.visitor),
                pack(record.customer),
            )
            await self._keep(target, record.source, kept)
            names = dict.fromkeys((*await self._names(target), record.source))
            await self._bucket.put(target.pseudonym, seal(target, _encode_names(tuple(names)[-LISTED:])))

    async def told(self, target: Person, identity: str, change: Callable[[StoredProfile], None]) -> None:
        """Changes what undoes this person's merges as a file changed the profile: the part whose id it names."""
        parts = await self._parts(target)
        hashed = self._directory.keyring.hashed(identity)
        whose = next((place for place, (_, kept) in enumerate(parts) if hashed in kept.hashes), -1)
        for place, (name, kept) in enumerate(parts):
            if whose > place:
                continue  # Whoever became part of them later is added when the merge is undone.
            visitor, customer = unpack(kept.source), unpack(kept.target)
            change(visitor if whose == place else customer)
            await self._keep(target, name, structs.replace(kept, source=pack(visitor), target=pack(customer)))

    async def answer(self, query: MergesQuery) -> Merges:
        """The merges of this person that can be undone, latest first."""
        target = await self._person(query)
        found = []
        for name, kept in reversed(await self._parts(target)):
            visitor = unpack(kept.source)
            found.append(
                Merge(
                    merge_id=name,
                    at=kept.at,
                    customer_id=visitor.customer_id,
                    anonymous_ids=visitor.anonymous_ids,
                    evidence=tuple(link.evidence for link in visitor.links if not link.weak),
                )
            )
        return Merges(merges=tuple(found))

    async def unmerge(self, query: UnmergeQuery) -> Merge:
        """Both are who they were. Raises Fault(404) when there is no such merge to undo."""
        async with self._consumer.alone():
            target = await self._person(MergesQuery(customer=query.customer))
            parts = await self._parts(target)
            place = next((place for place, (name, _) in enumerate(parts) if name == query.merge_id), None)
            if place is None:
                raise Fault(404, f"There is no merge '{query.merge_id}' of this customer that can be undone.")
            kept, later = parts[place][1], parts[place + 1 :]
            now = (await self._store.load((target,)))[target.pseudonym]
            source = Person(query.merge_id, kept.source_key)
            visitor, customer = unpack(kept.source), unpack(kept.target)
            for name, other in later:
                # What undoes those merges is from now on what there was before this one.
                await self._keep(target, name, structs.replace(other, at=kept.at, target=pack(customer)))
                customer = absorbed(customer, unpack(other.source), name)
            visitor, customer = await self._caught_up(visitor, customer, target, kept.at)
            visitor = structs.replace(visitor, merged_into="", version=max(visitor.version, now.stored.version) + 1)
            if customer.customer_id and not visitor.customer_id:
                visitor.kept_apart = tuple({*visitor.kept_apart, customer.customer_id})
            customer = structs.replace(customer, version=now.stored.version + 1)
            await self._directory.keyring.part(source, kept.hashes)
            self._directory.forget((target.pseudonym,))
            parted = await self._store.save(OpenProfile(source, StoredProfile(), 0), visitor)
            stayed = await self._store.save(now, customer)
            await self._consumer.changed((parted, stayed))
            # Copies held under ids that lead elsewhere now are dropped.
            await self._consumer.changed((stayed,), ())
            await self._bucket.delete(_key(target.pseudonym, source.pseudonym))
        return Merge(
            merge_id=query.merge_id,
            at=kept.at,
            customer_id=visitor.customer_id,
            anonymous_ids=visitor.anonymous_ids,
        )

    async def _caught_up(
        self, visitor: StoredProfile, customer: StoredProfile, target: Person, since: float
    ) -> tuple[StoredProfile, StoredProfile]:
        """Both profiles with what has happened since, as far as raw events rest."""
        async for part in self._listener.stored(COLLECTED):
            collected = [event for stored in part for event in stored.message.events]
            events = [event for event in collected if event.received_at >= since - CLOCKS_DIFFER]
            persons = await self._directory.find(ids_of_all(events))
            for event in events:
                if not any(
                    (found := persons.get(one)) is not None and found.pseudonym == target.pseudonym
                    for one in ids_of_all((event,))
                ):
                    continue
                if _is_of(customer, event) or not _names(visitor, event):
                    alone = structs.replace(event, anonymous_id="") if _names(visitor, event) else event
                    customer = _folded(customer, alone)
                else:
                    visitor = _folded(visitor, event)
            await asyncio.sleep(0)
        return visitor, customer

    async def _parts(self, target: Person) -> list[tuple[str, _Kept]]:
        """Who became part of this person and can be parted again, in the order in which that happened."""
        kept = [(name, await self._kept(target, name)) for name in await self._names(target)]
        return sorted(((name, one) for name, one in kept if one is not None), key=lambda part: part[1].at)

    async def _keep(self, target: Person, name: str, kept: _Kept) -> None:
        await self._bucket.put(_key(target.pseudonym, name), seal(target, _encode(kept)))

    async def _names(self, target: Person) -> tuple[str, ...]:
        entry = await self._bucket.get(target.pseudonym)
        return _decode_names(open_sealed(target, entry.value)) if entry is not None and entry.value else ()

    async def _kept(self, target: Person, name: str) -> _Kept | None:
        entry = await self._bucket.get(_key(target.pseudonym, name)) if name.isalnum() else None
        if entry is None or entry.value is None:
            return None
        return _decode(open_sealed(target, entry.value))

    async def _person(self, query: MergesQuery) -> Person:
        found = await self._directory.find(ids_of(query.customer))
        for identity in ids_of(query.customer):
            if identity in found:
                return found[identity]
        raise Fault(404, "Nothing is known of these ids.")


def _is_of(customer: StoredProfile, event: Event) -> bool:
    return bool(event.customer_id) and event.customer_id == customer.customer_id


def _names(visitor: StoredProfile, event: Event) -> bool:
    return event.anonymous_id in visitor.anonymous_ids or (
        bool(visitor.customer_id) and event.customer_id == visitor.customer_id
    )


def _folded(before: StoredProfile, event: Event) -> StoredProfile:
    return noted(before, fold(before, event), event)


def _key(target: str, source: str) -> str:
    return f"{target}.{source}"


_encode = _encode_names = msgspec.msgpack.Encoder().encode
_decode_names = msgspec.msgpack.Decoder(tuple[str, ...]).decode
_decode = msgspec.msgpack.Decoder(_Kept).decode
