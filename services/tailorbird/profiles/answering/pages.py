"""All profiles, page by page, as an export reads them."""

from __future__ import annotations

import time

from tailorbird.contracts.profiles import Profile, ProfilePage, ProfilePageQuery
from tailorbird.contracts.words import CustomerRef
from tailorbird.profiles.answering.describing import Knowledge, described
from tailorbird.profiles.keeping.keyring import Keyring
from tailorbird.profiles.keeping.store import OpenProfile, ProfileStore

__all__ = ["ProfilePages"]


class ProfilePages:
    """Reads on where the page before ended: pseudonyms have an order of their own that nothing changes."""

    def __init__(self, keyring: Keyring, store: ProfileStore, knowledge: Knowledge) -> None:
        self._keyring = keyring
        self._store = store
        self._knowledge = knowledge

    async def answer(self, query: ProfilePageQuery) -> ProfilePage:
        """Profiles as they are now; persons of whom nothing is stored are left out."""
        persons = await self._keyring.after(query.after, query.count)
        opened = await self._store.load(persons, keep=False)
        at = time.time()
        profiles = [
            self._profile(opened[person.pseudonym], at) for person in persons if opened[person.pseudonym].revision
        ]
        full = len(persons) == query.count
        return ProfilePage(profiles=tuple(profiles), after=persons[-1].pseudonym if full else "")

    def _profile(self, opened: OpenProfile, at: float) -> Profile:
        stored = opened.stored
        ref = CustomerRef(customer_id=stored.customer_id)
        kept = self._knowledge.lasting(stored, at)
        return described(ref, stored, kept, at, self._knowledge, known=True, person=opened.person.pseudonym)
