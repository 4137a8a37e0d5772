"""Two persons become one by somebody's word: a suggestion accepted, or a file that says whose card or address it is.

What proves nothing is left alone: an identifier of two customers stays with the first, a shared device with nobody.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from tailorbird.contracts.wire import Fault
from tailorbird.profiles.collecting.batches import Changes, MergeRecord
from tailorbird.profiles.collecting.consuming import EventConsumer
from tailorbird.profiles.identity.directory import Directory
from tailorbird.profiles.identity.graph import together
from tailorbird.profiles.identity.merges import MergeKeeper
from tailorbird.profiles.keeping.keyring import Person
from tailorbird.profiles.keeping.store import OpenProfile, ProfileStore
from tailorbird.profiles.person.merging import absorbed
from tailorbird.profiles.person.profile import Link

__all__ = ["Joiner"]

TRIES = 8


class Joiner:
    """Joins persons while no events are folded here; `merges` parts them again."""

    def __init__(
        self, directory: Directory, store: ProfileStore, consumer: EventConsumer, merges: MergeKeeper
    ) -> None:
        self.directory = directory
        self.store = store
        self.merges = merges
        self._consumer = consumer

    async def tie(self, owners: Mapping[str, str]) -> None:
        """Identifier -> id of the customer whose it is: from now on both lead to one person."""
        customers = await self.directory.ensure(set(owners.values()))
        known = await self.directory.find(owners)
        await self.directory.move({one: customers[owner] for one, owner in owners.items() if one not in known})
        for identity, owner in owners.items():
            if identity in known and known[identity].pseudonym != customers[owner].pseudonym:
                await self._tie_known(identity, owner)

    async def join(self, one: Person, other: Person, link: Link) -> None:
        """The customer stays, the visitor becomes part; of two customers the one known for longer stays."""
        async with self._consumer.alone():
            for _ in range(TRIES):
                opened = await self.store.load((one, other))
                target, source = sorted(
                    opened.values(), key=lambda each: (not each.stored.customer_id, each.stored.first_order_at or 2**40)
                )
                if await self._join(target, source, link):
                    return
        raise Fault(503, "The two are changed too often to be joined now.")

    async def _tie_known(self, identity: str, owner: str) -> None:
        async with self._consumer.alone():
            for _ in range(TRIES):
                persons = await self.directory.find((identity, owner))
                source, target = persons[identity], persons[owner]
                if source.pseudonym == target.pseudonym:
                    return
                opened = await self.store.load((source, target))
                there, here = opened[source.pseudonym], opened[target.pseudonym]
                apart = {*there.stored.kept_apart} & {owner.partition(":")[2]}
                if there.stored.customer_id or there.stored.shared or here.stored.shared or apart:
                    return
                if await self._join(here, there, Link(identity, there.stored.last_at, "imported", "whose it is")):
                    return
        raise Fault(503, f"The owner of {identity} is changed too often to be joined now.")

    async def _join(self, target: OpenProfile, source: OpenProfile, link: Link) -> bool:
        merged = absorbed(target.stored, source.stored, source.person.pseudonym)
        merged.links = together(merged.links, (link,))
        changes = Changes(
            profiles={target.person.pseudonym: merged},
            merged={source.person.pseudonym: replace(source.stored, merged_into=target.person.pseudonym)},
            records=[MergeRecord(source.person.pseudonym, target.person.pseudonym, source.stored, target.stored)],
        )
        opened = {one.person.pseudonym: one for one in (target, source)}
        return await self._consumer.store(changes, opened, {name: one.person for name, one in opened.items()})
