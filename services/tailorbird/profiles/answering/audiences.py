"""Customers who can be written to, page by page: who plans a campaign asks for many at once."""

from __future__ import annotations

import time

from tailorbird.contracts.audiences import Audience, AudienceQuery, Member
from tailorbird.contracts.profiles import ProfileQuery
from tailorbird.contracts.words import CustomerRef
from tailorbird.profiles.answering.answers import ProfileAnswers
from tailorbird.profiles.answering.describing import address_of
from tailorbird.profiles.keeping.keyring import Keyring, Person
from tailorbird.profiles.keeping.store import OpenProfile, ProfileStore
from tailorbird.profiles.person.consent import allows_personalization

__all__ = ["Audiences"]


class Audiences:
    """Answers AUDIENCE."""

    def __init__(self, keyring: Keyring, store: ProfileStore, answers: ProfileAnswers) -> None:
        self._keyring = keyring
        self._store = store
        self._answers = answers

    async def answer(self, query: AudienceQuery) -> Audience:
        """Those with an address, as they are now. Of who refused personalization only address and consent are told."""
        persons: list[Person] = []
        if query.persons:
            found = [await self._keyring.person(pseudonym) for pseudonym in query.persons]
            persons = [person for person in found if person is not None]
        else:
            persons = await self._keyring.after(query.after, query.count)
        opened = await self._store.load(persons, keep=False)
        at = time.time()
        members = [self._member(opened[person.pseudonym], at) for person in persons]
        full = not query.persons and len(persons) == query.count
        return Audience(
            members=tuple(member for member in members if member is not None),
            after=persons[-1].pseudonym if full else "",
        )

    def _member(self, opened: OpenProfile, at: float) -> Member | None:
        stored = opened.stored
        address = address_of(stored)
        if not opened.revision or not address or not stored.customer_id:
            return None
        profile = self._answers.whole(opened, at)
        if not allows_personalization(stored.consent):
            query = ProfileQuery(customer=CustomerRef(customer_id=stored.customer_id))
            profile = self._answers.refusing(opened, query, at)
        return Member(profile=profile, address=address)
