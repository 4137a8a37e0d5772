"""Answers an e-mail: the same for one (message, recipient), however often and in whatever part it is fetched."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from tailorbird.assembler.mail.fetched import EmailStore, email_key
from tailorbird.assembler.mail.hearing.clicks import person_mark
from tailorbird.assembler.mail.hearing.standing import refusal
from tailorbird.assembler.mail.keeping import Standings
from tailorbird.assembler.mail.writing.composing import Composer
from tailorbird.assembler.pages.assembling import Assembler, Wanted
from tailorbird.contracts.assembler import EmailPayload, EmailQuery, PageContext
from tailorbird.contracts.documents import Document
from tailorbird.contracts.wire import Fault

__all__ = ["Current", "Emails"]


class Current(Struct, frozen=True):
    """What composes mails now."""

    composer: Callable[[], Composer]
    with_drafts: Callable[[tuple[Document, ...]], Composer]
    """For a preview, as if these were at work. Raises Fault(422) with what is wrong with them."""


class Emails:
    """Answers EMAIL."""

    def __init__(
        self,
        assembler: Assembler,
        store: EmailStore,
        standings: Standings,
        current: Current,
        new_id: Callable[[], str],
        budget_ms: float,
    ) -> None:
        self._assembler = assembler
        self._store = store
        self._standings = standings
        self._current = current
        self._new_id = new_id
        self._budget_ms = budget_ms

    async def answer(self, query: EmailQuery) -> EmailPayload:
        """The e-mail. Raises Fault(404) for one that no document describes, Fault(409) for who does not want it.

        What was fetched first stays: until then each call decides from the newest facts.
        """
        tried = query.trial if query.preview else ()
        current = self._current.with_drafts(tried) if tried else self._current.composer()
        wanted = Wanted(
            subject=f"email/{query.email}",
            page=query.email,
            faces=current.book.email(query.email),
            customer=query.customer,
            context=PageContext(channel="email"),
            preview=query.preview,
            budget_ms=self._budget_ms,
            is_email=True,
            holdout=current.book.holdout,
            trial=tried,
        )
        mark = await self._assembler.address_mark(query.customer)
        if query.preview:
            return current.payload(query.email, await self._assembler.assemble(wanted, self._new_id()), mark)
        who, allowed = await self._assembler.whom(wanted)
        profile = who.held.profile
        self._check(mark, profile.person, current.book.emails[query.email].topic)
        key, secret = "", b""
        if query.message_id and allowed["personalization"].granted:
            secret = profile.decision_key
            recipient = profile.person or query.customer.customer_id or query.customer.anonymous_id
            key = email_key(query.email, query.message_id, recipient)
            kept = await self._store.find(key, secret)
            if kept is not None:
                return kept
        made = await self._assembler.assemble(wanted, f"e{key}" if key else self._new_id())
        payload = current.payload(query.email, made, mark)
        if key:
            kept = await self._store.keep(key, secret, payload)
            if kept is not payload:
                return kept
        self._assembler.write_down(wanted, made, current.book.version)
        return payload

    def _check(self, mark: str, person: str, topic: str) -> None:
        for one in (mark, person_mark(person) if person else ""):
            why = refusal(self._standings.of(one), topic) if one else ""
            if why:
                raise Fault(409, f"This recipient {why}: do not send this one.")
