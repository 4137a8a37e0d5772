"""A stored profile as the answer that decisions are made from: attributes, segments, persona, what was bought."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

import msgspec

from tailorbird.contracts.profiles import LoyaltyNote, Profile, TicketNote
from tailorbird.contracts.words import AttributeValue, CustomerFacts, CustomerRef
from tailorbird.profiles.identity.graph import hashed_email
from tailorbird.profiles.moments.deciding import notes
from tailorbird.profiles.moments.document import MomentIndex
from tailorbird.profiles.person.carts import contents
from tailorbird.profiles.person.noted import Loyalty, Ticket
from tailorbird.profiles.person.profile import DAY, SESSION_GAP, StoredProfile
from tailorbird.profiles.person.sessions import running
from tailorbird.profiles.segments.membership import SegmentIndex
from tailorbird.profiles.traits.attributes import ACCEPTED_TRAITS, Lasting, lasting, passing
from tailorbird.profiles.traits.clusters import Clusters
from tailorbird.profiles.traits.items import Items
from tailorbird.profiles.traits.population import Population

__all__ = [
    "QUIET_COPY", "Knowledge", "address_mark_of", "address_of", "described", "holds_until", "name_of", "rated",
    "stranger",
]  # fmt: skip

CART_KEPT = 30 * DAY
"""A cart that nobody touched for so long is no longer shown."""
VISIT_COPY = 60.0
"""Seconds for which a copy holds during a visit, as its minutes are counted."""
QUIET_COPY = 3_600.0
RESOLVED_TOLD = 30 * DAY
"""So long after it was resolved a ticket is told with the profile."""
TICKETS_TOLD = 5
_NO_MORE = msgspec.Raw(b"[]")


class Knowledge:
    """What is known beside the profile itself: segment rules, items, and what all customers together say."""

    __slots__ = ("clusters", "items", "items_version", "moments", "population", "segments", "zone")

    def __init__(self, zone: tzinfo = UTC) -> None:
        """`zone`: the shop's."""
        self.zone = zone
        self.segments = SegmentIndex({}, {})
        self.items = Items()
        self.items_version = 0
        """Rises whenever something computed from items or from all customers is out of date."""
        self.population = Population()
        self.moments = MomentIndex({}, {})
        self.clusters: Clusters | None = None

    def learn_population(self, population: Population) -> None:
        """Takes over what all customers together say."""
        if population != self.population:
            self.population = population
            self.items_version += 1

    def learn_clusters(self, clusters: Clusters) -> None:
        """Takes over what `tailorbird train segments` found."""
        self.clusters = clusters
        self.items_version += 1

    def lasting(self, stored: StoredProfile, at: float) -> Lasting:
        """What of this profile's attributes stays the same for a while."""
        ahead = self.zone.utcoffset(datetime.fromtimestamp(at, UTC).replace(tzinfo=None)) or timedelta()
        return lasting(stored, self.items, at, self.population, self.clusters, round(ahead / timedelta(hours=1)))

    @property
    def version(self) -> tuple[str, int]:
        return self.segments.version, self.items_version


class Rated(NamedTuple):
    """What rules find of somebody at that moment."""

    values: dict[str, AttributeValue]
    segments: tuple[str, ...]
    persona: str


def rated(stored: StoredProfile, at: float, knowledge: Knowledge, kept: Lasting | None = None) -> Rated:
    """Attributes, segments and persona. `kept`: what `Knowledge.lasting` found of it, where that is known."""
    before = kept or knowledge.lasting(stored, at)
    values = before.values | passing(stored, before, at, knowledge.items)
    return Rated(values, *knowledge.segments.of(values))


def described(
    ref: CustomerRef, stored: StoredProfile, kept: Lasting, at: float, knowledge: Knowledge, **rest: Any
) -> Profile:
    """The profile as told at that moment. `kept`: what `Knowledge.lasting` found of it; `rest`: person, decision_key
    and what else the answer holds.
    """
    values, segments, persona = rated(stored, at, knowledge, kept)
    bought = stored.history.told()
    return Profile(
        customer=ref,
        version=stored.version,
        first_name=name_of(stored),
        address_mark=address_mark_of(stored),
        facts=CustomerFacts(
            attributes=values,
            segments=segments,
            persona=persona,
            history=bought.beginning,
            recent=stored.recent.entries(),
        ),
        cart=contents(stored.cart) if at - max(stored.cart.at, stored.last_at) < CART_KEPT else (),
        consent=stored.consent,
        exposures=stored.exposures,
        dismissed=tuple([item_id for item_id, at in stored.dismissed if at > 0]),
        moments=notes(knowledge.moments, stored, at),
        loyalty=_loyalty(stored.observed.loyalty) if stored.observed.loyalty else None,
        tickets=_tickets(stored.observed.tickets, at) if stored.observed.tickets else (),
        expires_at=holds_until(stored, at),
        history=msgspec.Raw(bought.whole) if bought.whole else _NO_MORE,
        **rest,
    )


def stranger(ref: CustomerRef, stored: StoredProfile, at: float, knowledge: Knowledge) -> Profile:
    """What is told of somebody of whom nothing is stored, or nothing may be used: this call's own events only."""
    answer = described(ref, stored, knowledge.lasting(stored, at), at, knowledge, known=False)
    # Not to be kept: the next event may make a profile.
    return msgspec.structs.replace(answer, expires_at=at, version=0, first_name="", address_mark="")


def _loyalty(told: Loyalty) -> LoyaltyNote:
    _, level, points, segment, since, lapse_at = told.values
    return LoyaltyNote(
        level=level, points=points, segment=segment, since=since, lapse_at=lapse_at, told_at=told.at
    )


def _tickets(tickets: Iterable[Ticket], at: float) -> tuple[TicketNote, ...]:
    """Those that are open or were resolved lately."""
    told = [one for one in tickets if not one.resolved_at or at - one.resolved_at < RESOLVED_TOLD]
    return tuple(
        TicketNote(
            ticket_id=one.ticket_id,
            opened_at=one.opened_at,
            reason=one.reason[1],
            promised_at=one.promised_at,
            resolved_at=one.resolved_at,
        )
        for one in told[:TICKETS_TOLD]
    )


def name_of(stored: StoredProfile) -> str:
    """How to address the customer, empty when not known."""
    trait = stored.traits.get("first_name")
    return str(trait.value) if trait is not None and trait.source in ACCEPTED_TRAITS else ""


def address_mark_of(stored: StoredProfile) -> str:
    """Stands for the address (`contracts.mail`), empty when none is known."""
    address = address_of(stored)
    return hashed_email(address)[:32] if address else ""


def address_of(stored: StoredProfile) -> str:
    """Where the customer's e-mails go, empty when not known."""
    trait = stored.traits.get("email")
    known = trait is not None and trait.source in ACCEPTED_TRAITS and isinstance(trait.value, str)
    return trait.value.strip() if trait is not None and known and "@" in trait.value else ""


def holds_until(stored: StoredProfile, at: float) -> float:
    """Until when a copy told at that moment may be used."""
    visit = running(stored.session, at)
    return min(visit.ended + SESSION_GAP, at + VISIT_COPY) if visit else at + QUIET_COPY
