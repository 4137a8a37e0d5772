"""The parts of a page, as values: who it is for, what was asked of the others, and what came."""

from __future__ import annotations

from msgspec import Struct

from tailorbird.assembler.gathering.picks import Shelves
from tailorbird.assembler.gathering.profilecache import HeldProfile
from tailorbird.contracts.documents import Document
from tailorbird.contracts.offers import Decided, DecideQuery
from tailorbird.contracts.profiles import Profile
from tailorbird.contracts.recommender import RecommendQuery
from tailorbird.contracts.words import CustomerRef

__all__ = ["NOBODY", "Caller", "Parts", "Who", "kept_out"]


class Who(Struct, frozen=True):
    """The customer of a call: the profile, what they just bought, and what to say when they are not known."""

    held: HeldProfile
    just_bought: frozenset[str]
    note: str = ""
    missing: str = ""
    """Why somebody who may be known is served as if nobody knew them; empty: all that is known was at hand."""


def kept_out(who: Who) -> Who:
    """Somebody who is kept out of personalization: served as if nothing were known, but that they are a customer, what
    lies in their cart, what they have just bought, and what they are owed: their card, an answer to their questions.
    """
    known = who.held.profile
    nobody = Profile(
        customer=CustomerRef(), known=known.known, cart=known.cart, loyalty=known.loyalty, tickets=known.tickets
    )
    return Who(HeldProfile(nobody, who.held.held_since), who.just_bought, who.note, who.missing)


class Caller(Struct, frozen=True):
    """The call that a decision is made in, and under which ids it is made."""

    decision_id: str = ""
    customer: CustomerRef = CustomerRef()
    preview: bool = False
    recommender_ms: float | None = None
    """How long the page's slots wait for the recommender, and for offers (`offers_ms`); None: as long as the page."""
    offers_ms: float | None = None
    goal: str = ""
    """What ranks offers; empty: the default."""
    model: str = ""
    """What recommends items; empty: the one that serves."""
    trial: tuple[Document, ...] = ()
    """Of a preview: offers and actions as if they were at work."""


NOBODY = Caller(preview=True)


class Parts(Struct, frozen=True, kw_only=True):
    """What recommender and offers were asked and what came; a missing part says why."""

    recommend: RecommendQuery | None = None
    shelves: Shelves | None = None
    shelves_missing: str = ""
    decide: DecideQuery | None = None
    decided: Decided | None = None
    decided_missing: str = ""
