"""What moments want sent: an e-mail or a push message to one person, as a campaign would send it, and once."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Sequence

import structlog
from msgspec.structs import replace

from tailorbird.assembler.mail.keeping import Contacts, Known, Standings
from tailorbird.assembler.mail.sending.batching import Batcher, Prepared
from tailorbird.assembler.mail.sending.folder import Folder
from tailorbird.assembler.mail.sending.outgoing import Push, shortened
from tailorbird.assembler.mail.sending.post import Post
from tailorbird.assembler.mail.sending.posting import post_to
from tailorbird.assembler.pages.assembling import Wanted
from tailorbird.assembler.settings import Settings
from tailorbird.assembler.workshop import Workshop
from tailorbird.bus import AskingBus
from tailorbird.bus.patience import Patient
from tailorbird.contracts.assembler import PageContext
from tailorbird.contracts.audiences import AUDIENCE, MAIL_WANTED, AudienceQuery, MailWanted, Member
from tailorbird.contracts.mail import StandingChange
from tailorbird.contracts.wire import Fault

__all__ = ["MomentMail", "sending_for_moments"]

LATE = 86_400.0
"""Seconds after which nothing is sent any more for a moment that came while nobody could send."""

log = structlog.get_logger(__name__)


class MomentMail:
    """Takes what moments want sent."""

    def __init__(self, shop: Workshop, bus: AskingBus, known: Known, post: Post, pushes: Folder) -> None:
        self._shop = shop
        self._asker = Patient(bus.asker)
        self._known = known
        self._post = post
        self._pushes = pushes

    async def take(self, wanted: Sequence[MailWanted]) -> None:
        """Sent, or refused for good, when this returns. Raises Fault(503) for what should come again."""
        for one in wanted:
            if one.at < self._known.clock() - LATE:
                log.warning("moment_mail_too_late", moment=one.moment)
                continue
            audience = await self._asker.ask(AUDIENCE, AudienceQuery(persons=(one.person,)))
            for member in audience.members:
                if one.email and not self._known.contacts.knows(f"{one.id}-email"):
                    await self._email(one, member)
                if one.push and not self._known.contacts.knows(f"{one.id}-push"):
                    await self._push(one, member)

    async def _email(self, wanted: MailWanted, member: Member) -> None:
        run, batch = f"moment/{wanted.moment}", f"{wanted.id}-email"
        if wanted.email not in self._shop.composer.book.emails:
            log.error("moment_mail_unknown", moment=wanted.moment, email=wanted.email)
            return
        # Of one moment a person may get a mail again: each coming is a message of its own.
        batcher = Batcher(self._shop, self._known, wanted.email, f"{run}/{wanted.id}")
        prepared = [one for one in await batcher.prepare([member]) if isinstance(one, Prepared)]
        kept, mails, refused = await batcher.print(prepared)
        if not mails:
            reasons = [one.reason for one in refused] or ["did not agree to e-mails"]
            log.info("moment_mail_refused", moment=wanted.moment, reason=reasons[0])
            return
        await batcher.write_down(kept)
        for outcome in await self._post.post(batch, mails):
            if outcome.word is not None:
                change = StandingChange(mark=outcome.mark, word=outcome.word, source="smtp")
                await self._known.standings.change(change)
            if outcome.left:
                await self._known.contacts.note(run, batch, (outcome.mark,), self._known.clock())
            elif outcome.word is None:
                raise Fault(503, f"The mail server did not take it: {outcome.reason}")

    async def _push(self, wanted: MailWanted, member: Member) -> None:
        profile = member.profile
        run, batch = f"moment/{wanted.moment}", f"{wanted.id}-push"
        asked = Wanted(
            subject="push",
            page="push",
            faces=(),
            customer=replace(profile.customer, anonymous_id=""),
            context=PageContext(channel="push"),
            is_email=True,
        )
        try:
            await self._shop.assembler.whom(asked)
        except Fault as fault:
            if fault.code != 409:
                raise
            return
        if self._known.refusal(profile.address_mark, "", self._shop.composer.mailing):
            return
        push = Push(
            message_id=wanted.id,
            mark=profile.address_mark,
            customer_id=profile.customer.customer_id,
            title=shortened(wanted.headline, 50),
            body=shortened(wanted.text, 150),
            url=wanted.url,
        )
        await self._pushes.post(batch, [push])
        await self._known.contacts.note(run, batch, (push.mark,), self._known.clock(), "push")


@contextlib.asynccontextmanager
async def sending_for_moments(
    bus: AskingBus, shop: Workshop, standings: Standings, settings: Settings
) -> AsyncIterator[None]:
    """Sends for as long as it is entered."""
    folder = settings.home / "outbox" / "moments"
    journal = settings.home / "campaigns" / "moments.sent"
    async with (
        Contacts(bus.announcer, bus.listener, time.time) as contacts,
        post_to(settings.mail_to or str(folder), journal) as post,
    ):
        known = Known(standings, contacts, time.time)
        sender = MomentMail(shop, bus, known, post, Folder(folder))
        await bus.listener.consume(MAIL_WANTED, "assembler", sender.take, batch=10)
        yield
