"""The shop's conversation with the suite: pages for a visit, the weekly e-mail, why, and whom one may be."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Literal

from msgspec import Struct

from tailorbird.bus import Asker
from tailorbird.contracts.assembler import (
    EMAIL,
    LIST_DOCUMENTS,
    PAGE,
    WHY,
    DecisionExplained,
    EmailPayload,
    EmailQuery,
    PageContext,
    PagePayload,
    PageQuery,
    WhyQuery,
)
from tailorbird.contracts.documents import ListDocumentsQuery
from tailorbird.contracts.profiles import PROFILE, SHOPPERS, Event, ProfileQuery, Shoppers, ShoppersQuery
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CartLine, Channel, CustomerRef
from tailorbird.host.segment_events import events_from_segment
from tailorbird.studio.shop.view import PERSONAS, persona_name
from tailorbird.studio.shop.visit import Visit

__all__ = ["Shop", "just_now"]

SHOPPERS_KEPT = 30.0
"""Seconds that a list of customers to choose from stays good."""
_EACH = 4
_CHANNELS: dict[str, tuple[str, Channel, Literal["app", "push", "brief", "lines"]]] = {
    "app": ("home", "app", "app"),
    "push": ("nudge", "push", "push"),
    "brief": ("call", "contact_centre", "brief"),
    "till": ("till", "store", "lines"),
    "letter": ("letter", "direct_mail", "lines"),
}


class _Kept(Struct):
    at: float = 0.0
    groups: tuple[dict[str, Any], ...] = ()


class Shop:
    """Asks the assembler for everything that is shown, and profiles for whom to choose."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._shoppers = _Kept()

    async def page(self, page: str, visit: Visit, events: tuple[Event, ...], device: str, item_id: str) -> PagePayload:
        """The page as this visit sees it, what happened a moment ago included."""
        context = PageContext(
            channel="web",
            referrer=visit.referrer,
            device=device,
            item_id=item_id,
            cart=visit.cart,
        )
        query = PageQuery(page=page, customer=visit.customer, context=context, events=(*just_now(visit), *events))
        return await self._asker.ask(PAGE, query)

    async def everywhere(self, visit: Visit, events: tuple[Event, ...]) -> dict[str, Any]:
        """What this visit's person would get in the other channels at this moment, each in its form."""
        asked = [
            self._asker.ask(
                PAGE,
                PageQuery(
                    page=page,
                    customer=visit.customer,
                    context=PageContext(channel=channel, referrer=visit.referrer, cart=visit.cart, screen="390x844"),
                    events=events,
                    preview=True,
                    form=form,
                ),
            )
            for page, channel, form in _CHANNELS.values()
        ]
        answers = await asyncio.gather(*asked)
        found = {name: answer.formed for name, answer in zip(_CHANNELS, answers, strict=True)}
        for slot in found["app"]["slots"]:
            # A template that asks for `items` which are not there would get the method of that name.
            slot.setdefault("items", [])
        return found

    async def email(self, visit: Visit, email: str, week: str) -> EmailPayload:
        """This week's e-mail of this name; the same one however often it is opened."""
        query = EmailQuery(email=email, customer=visit.customer, message_id=f"shop-{week}")
        return await self._asker.ask(EMAIL, query)

    async def emails(self) -> tuple[str, ...]:
        """Names of the e-mails that there are, the weekly letter first."""
        listed = await self._asker.ask(LIST_DOCUMENTS, ListDocumentsQuery(kind="email"))
        return tuple(sorted((one.id for one in listed.documents), key=lambda name: (name != "weekly", name)))

    async def why(self, decision_id: str) -> DecisionExplained:
        return await self._asker.ask(WHY, WhyQuery(decision_id=decision_id))

    async def cart_of(self, customer_id: str) -> tuple[CartLine, ...]:
        """The cart known from events: another device may have filled it."""
        try:
            profile = await self._asker.ask(PROFILE, ProfileQuery(customer=CustomerRef(customer_id=customer_id)))
        except Fault:
            # The shop works without: the cart then starts empty.
            return ()
        return profile.cart

    async def choices(self) -> tuple[dict[str, Any], ...]:
        """Some customers of each persona; empty while nobody can say."""
        now = time.monotonic()
        if self._shoppers.groups and now - self._shoppers.at < SHOPPERS_KEPT:
            return self._shoppers.groups
        try:
            found = await self._asker.ask(SHOPPERS, ShoppersQuery(count=_EACH * len(PERSONAS)))
        except Fault:
            return self._shoppers.groups
        groups = (_group(persona, found) for persona in PERSONAS)
        self._shoppers = _Kept(now, tuple(group for group in groups if group["shoppers"]))
        return self._shoppers.groups


def _group(persona: str, found: Shoppers) -> dict[str, Any]:
    return {
        "persona": persona,
        "name": persona_name(persona),
        "count": found.personas.get(persona, 0),
        "shoppers": [shopper for shopper in found.shoppers if shopper.persona == persona][:_EACH],
    }


def just_now(visit: Visit) -> tuple[Event, ...]:
    """What was done a moment ago, read as the collector reads it; what does not make sense is left out."""
    events: list[Event] = []
    for body in visit.just_now:
        try:
            events += events_from_segment([body], time.time(), trusted=True)
        except Fault:
            continue
    return tuple(events)
