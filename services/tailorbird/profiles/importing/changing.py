"""Profiles with what a file says of them: read, changed, stored, each again when somebody was faster."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tailorbird.contracts.wire import Fault
from tailorbird.profiles.identity.joining import Joiner
from tailorbird.profiles.keeping.keyring import Person
from tailorbird.profiles.keeping.store import OpenProfile
from tailorbird.profiles.person.marks import remembered_long_ago
from tailorbird.profiles.person.profile import StoredProfile, remember, remembers

__all__ = ["PERSONS_AT_ONCE", "Change", "Changer", "once"]

PERSONS_AT_ONCE = 16
TRIES = 8

Change = Callable[[StoredProfile], None]
"""Changes a draft, which is a copy. It may be called for several copies, and again."""


class Changer:
    """Changes profiles by what a file says."""

    def __init__(self, joiner: Joiner) -> None:
        self.directory = joiner.directory
        self._store = joiner.store
        self._merges = joiner.merges
        self._merged: frozenset[str] = frozenset()

    async def begin(self) -> dict[str, str]:
        """Called before the first change of a file. Pseudonym of who became part of somebody -> who they are now."""
        became = await self.directory.keyring.became()
        self._merged = frozenset(became.values())
        return became

    async def change(
        self, changes: Mapping[str, Change], marks: Mapping[str, bytes] = MappingProxyType({})
    ) -> list[OpenProfile]:
        """Changes the profiles to which these ids lead, side by side; gives those that were changed.

        `marks`: what each change leaves; a profile that remembered it so long ago that it lies in a page is passed.
        """
        people = await self.directory.ensure(changes)
        changed: list[OpenProfile] = []
        items = list(changes.items())
        for start in range(0, len(items), PERSONS_AT_ONCE):
            part = items[start : start + PERSONS_AT_ONCE]
            done = await asyncio.gather(
                *(self._one(people[one], one, change, marks.get(one, b"")) for one, change in part)
            )
            changed += [profile for profile in done if profile is not None]
            for one, change in part:
                if people[one].pseudonym in self._merged:
                    # What undoes a merge has to know it too, or it would be lost with the merge.
                    await self._merges.told(people[one], one, change)
        return changed

    async def _one(self, person: Person, identity: str, change: Change, mark: bytes) -> OpenProfile | None:
        kind, _, name = identity.partition(":")
        for _ in range(TRIES):
            before = (await self._store.load((person,), keep=False))[person.pseudonym]
            if mark and before.stored.mark_pages:
                pages = await self._store.pages.load((before.stored,), (before.person,))
                if remembered_long_ago(before.stored, pages, mark):
                    return None
            draft = copy.copy(before.stored)
            if kind == "customer" and not draft.customer_id:
                draft.customer_id = name
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


def once(mark: bytes, add: Callable[[StoredProfile, Any], None], new: Any) -> Change:
    """Adds these to a profile that does not remember the mark."""

    def change(draft: StoredProfile) -> None:
        if not remembers(draft.marks, mark):
            add(draft, new)
            draft.marks = remember(draft.marks, mark)

    return change
