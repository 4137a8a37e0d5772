"""From an id to its person without asking the keyring each time: the latest used ids are remembered here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from tailorbird.profiles.keeping.keyring import Keyring, Person

__all__ = ["Directory"]


class Directory:
    """A keyring with a bounded memory in front of it."""

    def __init__(self, keyring: Keyring, held_at_most: int) -> None:
        self.keyring = keyring
        self._held_at_most = held_at_most
        self._held: OrderedDict[str, Person] = OrderedDict()

    def held(self, identity: str) -> Person | None:
        """The person of this id if remembered."""
        found = self._held.get(identity)
        if found is not None:
            self._held.move_to_end(identity)
        return found

    async def find(self, ids: Iterable[str]) -> dict[str, Person]:
        """The persons of those ids that are known."""
        found, missing = self._look(ids)
        if missing:
            found |= self._hold(await self.keyring.find(missing))
        return found

    async def ensure(self, ids: Iterable[str]) -> dict[str, Person]:
        """The persons of all these ids, new ones where they are unknown."""
        found, missing = self._look(ids)
        if missing:
            found |= self._hold(await self.keyring.ensure(missing))
        return found

    async def move(self, moves: dict[str, Person]) -> None:
        """From now on these ids lead to those persons."""
        if moves:
            await self.keyring.move({identity: person.pseudonym for identity, person in moves.items()})
            self._hold(moves)

    async def move_all(self, source: str, target: Person) -> None:
        """Every id of one person leads to the other; the first one's key is destroyed."""
        await self.keyring.move_all(source, target.pseudonym)
        self.forget((source,))

    async def renew(self, identity: str) -> Person:
        """From now on this id leads to a new person."""
        person = await self.keyring.renew(identity)
        self._hold({identity: person})
        return person

    def forget(self, pseudonyms: Iterable[str]) -> None:
        """Asks the keyring again about every id that led to one of these persons."""
        gone = set(pseudonyms)
        for identity in [identity for identity, person in self._held.items() if person.pseudonym in gone]:
            del self._held[identity]

    def _look(self, ids: Iterable[str]) -> tuple[dict[str, Person], list[str]]:
        found: dict[str, Person] = {}
        missing: list[str] = []
        for identity in ids:
            person = self.held(identity)
            if person is None:
                missing.append(identity)
            else:
                found[identity] = person
        return found, missing

    def _hold(self, persons: dict[str, Person]) -> dict[str, Person]:
        self._held.update(persons)
        while len(self._held) > self._held_at_most:
            self._held.popitem(last=False)
        return persons
