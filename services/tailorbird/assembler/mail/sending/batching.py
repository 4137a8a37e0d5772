"""Many mails of one e-mail at once: assembled side by side from facts asked in bulk, checked when they leave."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from tailorbird.assembler.mail.fetched import email_key
from tailorbird.assembler.mail.hearing.clicks import person_mark
from tailorbird.assembler.mail.keeping import Known
from tailorbird.assembler.mail.sending.outgoing import Outgoing, outgoing
from tailorbird.assembler.pages.assembling import Assembled, Wanted
from tailorbird.assembler.pages.merging import merge
from tailorbird.assembler.workshop import Workshop
from tailorbird.bus.patience import PATIENCE_MS
from tailorbird.contracts.assembler import PageContext
from tailorbird.contracts.audiences import Member
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef

__all__ = ["Batcher", "Prepared", "Refused"]

SIDE_BY_SIDE = 32
"""Mails assembled at once: enough for their questions to travel together."""
TRIES = 4
"""Mails are no page: a part that does not come now is asked for again."""
PAUSE = 0.5
UNTRACED = 2_000
"""Decisions that may wait to be stored while further mails are made."""
STALE_AFTER = 900.0
"""Seconds after which what was found for a mail that has not left yet is found anew."""


class Prepared(Struct, frozen=True):
    """A mail as far as it is made before its moment: what was chosen for this recipient."""

    member: Member
    wanted: Wanted
    made: Assembled
    version: int
    """Of the profile that it was made from."""
    changes: int
    """Of items, up to then."""


class Refused(Struct, frozen=True):
    """A recipient who gets nothing, and why."""

    mark: str
    reason: str


class Batcher:
    """Prepares and prints one message of one e-mail."""

    def __init__(
        self,
        shop: Workshop,
        known: Known,
        email: str,
        run: str,
    ) -> None:
        self._shop = shop
        self._known = known
        self._clock = known.clock
        self._email = email
        self._run = run
        self._room = asyncio.Semaphore(SIDE_BY_SIDE)

    def refusal(self, mark: str) -> str:
        """Why this address gets nothing now; empty: it may."""
        composer = self._shop.composer
        return self._known.refusal(mark, composer.book.emails[self._email].topic, composer.mailing)

    async def prepare(self, members: Sequence[Member]) -> list[Prepared | Refused]:
        """What each is to get, found from the newest facts. Raises Fault(503) when a part cannot be had."""
        now = self._clock()
        for member in members:
            customer = member.profile.customer
            generation = self._shop.cache.begin_asking(customer)
            self._shop.cache.end_asking(customer, member.profile, generation, now)
        return list(await asyncio.gather(*(self._one(member) for member in members)))

    async def print(self, prepared: Sequence[Prepared]) -> tuple[list[Prepared], list[Outgoing], list[Refused]]:
        """The mails as they leave now, with those they are for, and who gets none after all: prices, standings and
        caps are those of this moment, and who did something since is decided for anew.
        """
        at = self._clock()
        ready: list[Prepared] = []
        mails: list[Outgoing] = []
        refused: list[Refused] = []
        for one in prepared:
            mark = one.member.profile.address_mark
            reason = self.refusal(mark)
            if reason:
                refused.append(Refused(mark, reason))
                continue
            newest = one if self._still_holds(one, at) else await self._one(one.member)
            if isinstance(newest, Refused):
                refused.append(newest)
                continue
            try:
                mails.append(self._printed(newest))
            except Fault as fault:
                refused.append(Refused(mark, fault.sentence))
                continue
            ready.append(newest)
        return ready, mails, refused

    async def write_down(self, prepared: Sequence[Prepared]) -> None:
        """Trace the decisions, under the ids that the mails' links carry."""
        for one in prepared:
            self._shop.assembler.write_down(one.wanted, one.made, self._shop.composer.book.version)
        if self._shop.tracer.waiting > UNTRACED:
            await self._shop.tracer.written()

    def _still_holds(self, one: Prepared, at: float) -> bool:
        held = self._shop.cache.get(one.wanted.customer)
        same = held is not None and held.profile.version == one.version
        return same and at - one.made.moment.at < STALE_AFTER

    def _printed(self, one: Prepared) -> Outgoing:
        composer, made = self._shop.composer, one.made
        if one.changes != self._shop.changes:
            shop = self._shop.assembler.shop_of(one.wanted)
            merged = merge(made.face, made.who, made.moment, made.parts, shop)
            made = replace(made, merged=merged)
        profile = one.member.profile
        payload = composer.payload(self._email, made, profile.address_mark)
        return outgoing(
            payload, self._email, one.member.address, profile.address_mark, self._run, profile.customer.customer_id
        )

    async def _one(self, member: Member) -> Prepared | Refused:
        profile, composer = member.profile, self._shop.composer
        wanted = Wanted(
            subject=f"email/{self._email}",
            page=self._email,
            faces=composer.book.email(self._email),
            customer=CustomerRef(customer_id=profile.customer.customer_id),
            context=PageContext(channel="email"),
            budget_ms=PATIENCE_MS,
            is_email=True,
            holdout=composer.book.holdout,
        )
        about = profile.person or person_mark(profile.customer.customer_id)
        decision_id = f"e{email_key(self._email, self._run, about)}"
        async with self._room:
            for attempt in range(TRIES):
                changes = self._shop.changes
                try:
                    made = await self._shop.assembler.assemble(wanted, decision_id)
                except Fault as fault:
                    if fault.code == 409:
                        return Refused(profile.address_mark, "did not agree to e-mails")
                    raise
                missing = made.parts.shelves_missing or made.parts.decided_missing
                if not missing:
                    return Prepared(member, wanted, made, made.about.version, changes)
                await asyncio.sleep(PAUSE * (attempt + 1))
        raise Fault(503, f"A part of the e-mails does not come: {missing}")
