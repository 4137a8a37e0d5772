"""What choosing aims at, as the marketer writes it: `goal/default`; without it, what stands here.

Others stand beside it to be tried: an experiment's level names one.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from tailorbird.contracts.words import Channel

__all__ = ["DEFAULT", "Contact", "Goal"]

Share = Annotated[float, Meta(ge=0, le=1)]
Times = Annotated[float, Meta(ge=0, le=100)]
Most = Annotated[int, Meta(ge=1, le=1_000_000)] | None


class Contact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How often one customer may be spoken to of themselves, over all these channels together. None: no limit."""

    per_day: Most = None
    per_week: Most = None
    channels: tuple[Channel, ...] = ("email", "push", "contact_centre")
    """Channels that come to the customer; a page that the customer opens is no such contact."""


class Goal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How much everything counts when offers of one tier are compared."""

    fit: Times = 1.0
    """How much it counts that an offer is on what the customer buys; 0: not at all."""
    newness: Times = 0.02
    """What the newest offer has over the oldest, in money."""
    objectives: dict[str, Times] = {}
    """Objective as offers name it -> how much they count beside others; 2 counts double."""
    learning: Share = 1.0
    """How much what was learned counts against what the documents say; 0: nothing is learned."""
    exploring: Times = 0.7
    """How far choices follow what is not yet sure; 0: always what looks best."""
    control_share: Share = 0.03
    """Part of the customers who do not get an offer, by chance, so that its effect shows."""
    enough: Annotated[int, Meta(ge=1, le=1_000_000_000)] = 10
    """Customers needed on both sides (made the offer, kept from offers) before the difference between them ranks it."""
    usual_margin: Annotated[float, Meta(ge=0, le=1e9)] = 20.0
    """Money that a redemption brings after its cost, where an offer says neither margin nor cost."""
    usual_response: Annotated[float, Meta(gt=0, lt=1)] = 0.05
    """Part of those who get an appealing offer that takes it up, until that is learned."""
    margin_rate: Share = 0.25
    """Part of what an order costs that is margin, for orders that do not say theirs."""
    silence: Annotated[float, Meta(ge=-1e9, le=1e9)] = 0.0
    """Offers and actions expected to bring less money than this are not made."""
    window_days: Annotated[int, Meta(ge=1, le=60)] = 7
    """Orders within so many days after it was shown (or kept back) count for an offer."""
    contact: Contact = Contact()


DEFAULT = Goal()
