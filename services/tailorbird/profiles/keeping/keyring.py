"""Who has which pseudonym and key: the only place that ties an id to a person, and the only place that holds keys.

`Keyring` is the interface; a key service takes the place of `sqlitekeyring.py` where one machine ends.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Protocol

from msgspec import Struct

from tailorbird.profiles.rights.erasures import Erasure

__all__ = ["Keyring", "Person"]


class Person(Struct, frozen=True):
    """A pseudonym that means nothing outside the suite, and the key that opens what is stored under it."""

    pseudonym: str
    key: bytes


class Keyring(Protocol):
    """Ids are written as in `identity.belonging`: `customer:1228`, `anonymous:a-1`."""

    async def find(self, ids: Iterable[str]) -> dict[str, Person]:
        """The persons of those ids that are known."""
        ...

    async def ensure(self, ids: Iterable[str]) -> dict[str, Person]:
        """The persons of all these ids; unknown ids get a person each, all of them or none."""
        ...

    async def person(self, pseudonym: str) -> Person | None: ...

    async def move(self, moves: Mapping[str, str]) -> None:
        """From now on these ids lead to those persons: id -> pseudonym, all of them or none."""
        ...

    async def renew(self, identity: str) -> Person:
        """From now on this id leads to a new person."""
        ...

    async def move_all(self, source: str, target: str) -> None:
        """Every id of one person leads to the other from now on; the first one's key is destroyed."""
        ...

    async def became(self, apart: Container[str] = ()) -> dict[str, str]:
        """Pseudonym of a person who became part of another -> the pseudonym of who they are now.

        `apart`: persons who are taken as not having become part of anybody.
        """
        ...

    async def unmerged(self, ids: Iterable[str]) -> dict[str, str]:
        """Id -> the pseudonym to which it would lead had its person not become part of another."""
        ...

    async def hashes(self, pseudonym: str) -> list[bytes]:
        """The ids that lead to this person, as they stand here."""
        ...

    async def part(self, person: Person, hashes: Iterable[bytes]) -> None:
        """This person is one again, and these ids lead to them."""
        ...

    async def erase(self, pseudonyms: Iterable[str], query: bytes, at: float) -> list[Erasure]:
        """Destroys these persons' keys; their ids lead to nobody. `query`: what is to be done about them elsewhere."""
        ...

    async def erasing(self) -> dict[str, bytes]:
        """Pseudonym -> what is still to be done about a person whose key is destroyed."""
        ...

    async def erased(self, pseudonyms: Iterable[str]) -> None:
        """Nothing is left to be done about these."""
        ...

    async def erasures(self, since: float) -> list[Erasure]: ...

    def hashed(self, identity: str) -> bytes:
        """The id as it stands in the keyring."""
        ...

    async def some(self, count: int) -> list[Person]:
        """Up to so many persons, by chance of their pseudonyms."""
        ...

    async def after(self, pseudonym: str, count: int) -> list[Person]:
        """Up to so many persons that follow this pseudonym in alphabetical order."""
        ...

    async def count(self) -> int: ...
