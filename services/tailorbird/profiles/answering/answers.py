"""Answers PROFILE: finds the person, opens the profile, folds in what just happened without storing it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from operator import is_not

import msgspec
import structlog

from tailorbird.contracts.profiles import Event, Profile, ProfileQuery
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef
from tailorbird.profiles.answering.describing import Knowledge, address_mark_of, described, stranger
from tailorbird.profiles.identity.belonging import ids_of
from tailorbird.profiles.identity.directory import Directory
from tailorbird.profiles.keeping.keyring import Person
from tailorbird.profiles.keeping.store import OpenProfile, ProfileStore
from tailorbird.profiles.person.consent import allows_personalization
from tailorbird.profiles.person.folding import fold
from tailorbird.profiles.person.merging import absorbed
from tailorbird.profiles.person.profile import StoredProfile
from tailorbird.profiles.traits.attributes import Lasting

__all__ = ["ProfileAnswers"]

log = structlog.get_logger(__name__)

LASTS = 3_600
"""Seconds for which days and likelihoods stay as they were found."""
_NOBODY = StoredProfile()


class ProfileAnswers:
    """What profiles say of a customer."""

    def __init__(self, directory: Directory, store: ProfileStore, knowledge: Knowledge) -> None:
        self._directory = directory
        self._store = store
        self._knowledge = knowledge

    async def answer(self, queries: Sequence[ProfileQuery]) -> list[Profile | Fault]:
        """One answer to each query, in their order."""
        at = time.time()
        persons = await self._persons(queries)
        opened = await self._store.load({person.pseudonym: person for person in persons.values()}.values())
        return [self._answer(query, persons, opened, at) for query in queries]

    async def _persons(self, queries: Sequence[ProfileQuery]) -> dict[str, Person]:
        """The persons of all ids in the queries; one asked for by pseudonym stands under `person:<pseudonym>`."""
        persons = await self._directory.find({identity for query in queries for identity in ids_of(query.customer)})
        for query in queries:
            if query.person:
                held = self._store.held(query.person)
                person = held.person if held else await self._directory.keyring.person(query.person)
                if person is not None:
                    persons[f"person:{query.person}"] = person
        return persons

    def whole(self, opened: OpenProfile, at: float) -> Profile:
        """All that would be told of them if they agreed to personalization, for themself to read."""
        stored = opened.stored
        ref = CustomerRef(
            customer_id=stored.customer_id, anonymous_id=stored.anonymous_ids[-1] if stored.anonymous_ids else ""
        )
        return self._of(opened, ref, at)

    def refusing(self, opened: OpenProfile, query: ProfileQuery, at: float) -> Profile:
        """What is told of who refused personalization: their consent, and which address is theirs, so that what they
        said of mail counts; all else is this call's own.
        """
        alone = stranger(query.customer, _folded(_NOBODY, query.events), at, self._knowledge)
        return msgspec.structs.replace(
            alone, consent=opened.stored.consent, address_mark=address_mark_of(opened.stored)
        )

    def announced(self, opened: OpenProfile, at: float) -> Profile:
        """The answer as caches should hold it, without anybody having asked."""
        whole = self.whole(opened, at)
        if allows_personalization(opened.stored.consent):
            return whole
        # Expired on arrival: copies from before the refusal are dropped, and nothing takes their place.
        return Profile(customer=whole.customer, person=whole.person, version=whole.version, expires_at=1.0)

    def _answer(
        self, query: ProfileQuery, persons: dict[str, Person], opened: dict[str, OpenProfile], at: float
    ) -> Profile | Fault:
        if query.person:
            person = persons.get(f"person:{query.person}")
            if person is None:
                return Fault(404, f"There is no person {query.person}, or the key was destroyed.")
            return self.whole(opened[person.pseudonym], at)
        found = [opened[persons[identity].pseudonym] for identity in ids_of(query.customer) if identity in persons]
        stored = [one for one in found if one.revision]
        for one in stored:
            one.asked_at = at
        if not stored:
            return stranger(query.customer, _folded(_NOBODY, query.events), at, self._knowledge)
        main = stored[0]
        apart = stored[1] if len(stored) > 1 and _joins(main, stored[1]) else None
        refused = [one for one in (main, apart) if one is not None and not allows_personalization(one.stored.consent)]
        if refused:
            return self.refusing(refused[0], query, at)
        ref = _ref_of(query.customer, main)
        if apart is None and not query.events:
            return self._of(main, ref, at)
        together = main.stored if apart is None else absorbed(main.stored, apart.stored, apart.person.pseudonym)
        after = main.follow(_folded(together, query.events), main.revision)
        answer = self._make(after, ref, at)
        # A view of two profiles that are not linked, or of events that are not stored yet, is good for this call only.
        return msgspec.structs.replace(answer, expires_at=at, version=main.stored.version)

    def _of(self, opened: OpenProfile, ref: CustomerRef, at: float) -> Profile:
        """The answer made before while it still holds, else a new one."""
        answer = opened.answer
        if answer is None or at >= answer.expires_at or opened.answer_of != self._knowledge.version:
            answer = opened.answer = self._make(opened, ref, at)
            opened.answer_of = self._knowledge.version
        return answer if answer.customer == ref else msgspec.structs.replace(answer, customer=ref)

    def _make(self, opened: OpenProfile, ref: CustomerRef, at: float) -> Profile:
        return described(
            ref,
            opened.stored,
            self._lasting(opened, at),
            at,
            self._knowledge,
            # A visitor of whom nothing is stored but which variants they had is not known by that.
            known=bool(opened.stored.customer_id or opened.stored.last_at),
            person=opened.person.pseudonym,
            decision_key=opened.decision_key,
        )

    def _lasting(self, opened: OpenProfile, at: float) -> Lasting:
        """Found anew only when something changed that it was found from, or an hour passed."""
        stored = opened.stored
        made_of = (
            self._knowledge.items_version,
            int(at) // LASTS,
            stored.history,
            stored.recent_orders,
            stored.refunds,
            stored.responses,
            stored.traits,
            stored.audiences,
            stored.observed.tickets,
            stored.observed.contacts,
            stored.observed.opens,
            stored.observed.shops,
            stored.observed.advocacy,
            stored.observed.loyalty,
            stored.customer_id,
            stored.previous_session is None,
        )
        if (
            opened.lasting is None
            or any(map(is_not, made_of[2:], opened.lasting_of[2:]))
            or (made_of[:2] != opened.lasting_of[:2])
        ):
            opened.lasting = self._knowledge.lasting(stored, at)
            opened.lasting_of = made_of
        return opened.lasting


def _joins(main: OpenProfile, visitor: OpenProfile) -> bool:
    """Whether a visitor's profile beside a customer's may count as the same person's for one call."""
    return main is not visitor and not visitor.stored.customer_id and not visitor.stored.shared


def _ref_of(asked: CustomerRef, main: OpenProfile) -> CustomerRef:
    """As asked; a visitor whose device is linked is told under the customer id, an unknown customer id is not told."""
    stored = main.stored
    if stored.customer_id != asked.customer_id:
        return CustomerRef(customer_id=stored.customer_id, anonymous_id=asked.anonymous_id)
    return asked


def _folded(stored: StoredProfile, events: Iterable[Event]) -> StoredProfile:
    for event in events:
        try:
            stored = fold(stored, event)
        except Exception:
            log.exception("event_not_folded", message_id=event.message_id)
    return stored
