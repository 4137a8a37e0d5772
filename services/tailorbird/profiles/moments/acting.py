"""Moments at work: decided with the events of a batch, stored with the profile, then told to whoever is to know.

A moment is in the profile before anybody is told, and an event is acknowledged only after everybody was: after a
crash in between the event comes again, and what it brought is told again under the same ids.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from typing import Protocol

import msgspec
import structlog
from msgspec import Struct

from tailorbird.bus import Announcer, AnsweringBus
from tailorbird.contracts.audiences import MAIL_WANTED
from tailorbird.contracts.profiles import MOMENT_FIRED, MomentFired, Webhooks, WebhooksQuery
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef
from tailorbird.profiles.answering.answers import ProfileAnswers
from tailorbird.profiles.answering.describing import Knowledge
from tailorbird.profiles.collecting.batches import Changes
from tailorbird.profiles.identity.directory import Directory
from tailorbird.profiles.keeping.store import OpenProfile, ProfileStore
from tailorbird.profiles.moments.deciding import (
    Wait,
    comes,
    comes_after_waiting,
    event_attributes,
    fired_for,
    note_of,
    raised,
    with_fired,
)
from tailorbird.profiles.moments.duelist import Due, DueList
from tailorbird.profiles.moments.outgoing import Outgoing
from tailorbird.profiles.moments.payload import Delivery, mail_wanted, payload
from tailorbird.profiles.moments.signing import delivery_id
from tailorbird.profiles.moments.webhooks import told_of
from tailorbird.profiles.person.consent import allows_personalization
from tailorbird.profiles.person.noted import Fired
from tailorbird.profiles.person.profile import StoredProfile, mark_of

__all__ = ["Came", "Moments", "Told"]

TRIES = 8
TOLD_AGAIN_FOR = 120.0
"""Seconds after a moment for which an event that comes again is taken for a crash, not for a client's repetition."""

log = structlog.get_logger(__name__)


class Came(Struct, frozen=True):
    """A moment that came to a person."""

    person: str
    fired: Fired


class Told(Protocol):
    """How the others learn of profiles that were stored."""

    def __call__(self, profiles: list[OpenProfile]) -> Awaitable[None]: ...


class Moments:
    """Between folding and storing: `decide`, store, `act`."""

    def __init__(
        self,
        knowledge: Knowledge,
        directory: Directory,
        store: ProfileStore,
        answers: ProfileAnswers,
        announcer: Announcer,
        clock: Callable[[], float],
        outgoing: Outgoing,
    ) -> None:
        self._knowledge = knowledge
        self._directory = directory
        self._store = store
        self._answers = answers
        self._announcer = announcer
        self._clock = clock
        self._outgoing = outgoing
        self.waiting: DueList | None = None
        self.deliveries: DueList | None = None
        self.told: Told | None = None

    @contextlib.asynccontextmanager
    async def remembering(self, bus: AnsweringBus) -> AsyncIterator[None]:
        """While entered, what waits and what is to be sent comes when it is due."""
        self.waiting = DueList("moments", await bus.bucket("moments_waiting"), self.due, self._clock)
        self.deliveries = DueList("webhooks", await bus.bucket("webhooks_due"), self.deliver, self._clock)
        async with self.waiting, self.deliveries:
            yield

    @property
    def notable(self) -> Mapping[str, object]:
        """Names of events, in lower case, that raise a moment."""
        return self._knowledge.moments.by_event

    async def decide(self, changes: Changes, opened: Mapping[str, OpenProfile]) -> list[Came]:
        """What comes with these events, put into the changed profiles; what has to wait is kept when this returns."""
        now, came = self._clock(), []
        for person, event in changes.heard:
            pseudonym = person
            while pseudonym in changes.merged:
                pseudonym = changes.merged[pseudonym].merged_into
            stored = changes.profiles.get(pseudonym)
            if stored is None or not allows_personalization(stored.consent):
                continue
            occasion = mark_of(event.message_id).hex()
            for wait in raised(self._knowledge.moments, event, pseudonym, occasion, now):
                prepared = self._knowledge.moments.moments[wait.moment]
                if prepared.moment.wait_seconds:
                    await self._keep(wait)
                    continue
                before = OpenProfile(opened[pseudonym].person, stored, 1)
                profile = self._answers.announced(before, now)
                attributes = event_attributes(event, self._knowledge.items)
                if comes(prepared, wait, profile, stored, now, attributes):
                    stored.fired = with_fired(prepared, wait, stored.fired, now)
                    came.append(Came(pseudonym, stored.fired[0]))
        for person, event in changes.heard_again:
            known = fired_for(opened[person].stored, mark_of(event.message_id).hex())
            came += [Came(person, one) for one in known if one.at > now - TOLD_AGAIN_FOR]
        return came

    async def act(self, came: Iterable[Came], profiles: Mapping[str, StoredProfile]) -> None:
        """Tells browsers and other systems, where the moment says so."""
        for one in came:
            stored = profiles.get(one.person)
            prepared = self._knowledge.moments.moments.get(one.fired.moment)
            if stored is None or prepared is None:
                continue
            if prepared.moment.browser:
                fired = MomentFired(
                    customer=CustomerRef(customer_id=stored.customer_id),
                    anonymous_ids=stored.anonymous_ids,
                    note=note_of(prepared, one.fired),
                )
                await self._announcer.announce(MOMENT_FIRED, fired)
            if prepared.moment.email or prepared.moment.push:
                wanted = mail_wanted(one.person, prepared, one.fired)
                await self._announcer.append(MAIL_WANTED, wanted, wanted.id)
            for webhook in prepared.moment.webhooks:
                await self._hand_over(one, webhook)

    async def webhooks(self, _: WebhooksQuery) -> Webhooks:
        """The webhooks there are, with their secrets and how telling them goes."""
        bodies = self.deliveries.bodies() if self.deliveries is not None else []
        return await told_of(self._knowledge.moments, self._outgoing, bodies, self._clock())

    async def moved(self, source: str, target: str) -> None:
        """One person became part of another: what waited for the first waits for the other."""
        if self.waiting is not None:
            await self.waiting.rename(f"{source}.", f"{target}.", lambda body: _of_another(body, target))

    async def forget(self, persons: Collection[str]) -> None:
        """Nothing waits for these persons any more, and nobody is told of what came to them."""
        gone = frozenset(persons)
        for later in (self.waiting, self.deliveries):
            if later is not None:
                await later.drop(lambda body: msgspec.json.decode(body, type=_OfSomebody).person in gone)

    async def due(self, body: bytes) -> Due | None:
        """A wait is over."""
        wait = msgspec.json.decode(body, type=Wait)
        prepared = self._knowledge.moments.moments.get(wait.moment)
        person = await self._directory.keyring.person(wait.person)
        if prepared is None or person is None:
            return None
        for _ in range(TRIES):
            before = (await self._store.load((person,)))[person.pseudonym]
            stored, now = before.stored, self._clock()
            known = [one for one in fired_for(stored, wait.occasion) if one.moment == wait.moment]
            if known:
                await self.act([Came(wait.person, known[0])], {wait.person: stored})
                return None
            profile = self._answers.announced(before, now)
            allowed = bool(before.revision) and allows_personalization(stored.consent)
            if not allowed or not comes_after_waiting(prepared, wait, profile, stored, now):
                return None
            draft = copy.copy(stored)
            draft.fired = with_fired(prepared, wait, stored.fired, now)
            draft.version += 1
            try:
                saved = await self._store.save(before, draft)
            except Fault as fault:
                if fault.code != 409:
                    raise
                continue
            if self.told is not None:
                await self.told([saved])
            await self.act([Came(wait.person, draft.fired[0])], {wait.person: draft})
            return None
        raise Fault(409, f"The profile of {wait.person} is changed all the time.")

    async def deliver(self, body: bytes) -> Due | None:
        """One attempt at a webhook; what failed is due again later, longer each time."""
        delivery = msgspec.json.decode(body, type=Delivery)
        webhook = self._knowledge.moments.webhooks.get(delivery.webhook)
        prepared = self._knowledge.moments.moments.get(delivery.moment)
        person = await self._directory.keyring.person(delivery.person)
        if webhook is None or prepared is None or person is None:
            return None
        opened = (await self._store.load((person,), keep=False))[person.pseudonym]
        now = self._clock()
        message = payload(delivery, prepared, self._answers.announced(opened, now), opened.stored)
        refused = await self._outgoing.tell(delivery.webhook, webhook, delivery.id, now, message, delivery.attempt)
        if refused is None or refused.pause is None:
            return None
        again = msgspec.structs.replace(delivery, attempt=delivery.attempt + 1)
        return Due(self._clock() + refused.pause, msgspec.json.encode(again))

    async def _keep(self, wait: Wait) -> None:
        if self.waiting is not None:
            key = f"{wait.person}.{mark_of(wait.moment).hex()}"
            await self.waiting.put(key, Due(wait.due_at, msgspec.json.encode(wait)))

    async def _hand_over(self, came: Came, webhook: str) -> None:
        if self.deliveries is None:
            return
        fired = came.fired
        known = delivery_id(came.person, fired.moment, fired.occasion, webhook)
        if self.deliveries.gone_lately(known):
            return  # Taken already: the event came again as its sender did not hear that it had arrived.
        delivery = Delivery(
            id=known,
            webhook=webhook,
            moment=fired.moment,
            person=came.person,
            at=fired.at,
            raised_at=fired.raised_at,
        )
        await self.deliveries.put(known, Due(self._clock(), msgspec.json.encode(delivery)), only_new=True)


class _OfSomebody(Struct, frozen=True):
    """Whom a wait or a delivery is about."""

    person: str


def _of_another(body: bytes, person: str) -> bytes:
    """The same wait for another person."""
    return msgspec.json.encode(msgspec.structs.replace(msgspec.json.decode(body, type=Wait), person=person))
