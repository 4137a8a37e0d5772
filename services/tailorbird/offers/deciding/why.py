"""Why (not): the fate of every offer and action for one customer, recomputed from what was known then.

Of a refused one the first thing that excluded it is told, in this order: switched off, window, channel, page,
audience, rule, items just bought, used up. A pure function, so it is computed when somebody asks and never stored.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from tailorbird.contracts.offers import Candidate
from tailorbird.offers.deciding.asked import Asked
from tailorbird.offers.deciding.blending import fit_of
from tailorbird.offers.deciding.decide import decide, eligible, in_order
from tailorbird.offers.deciding.knowing import NOTHING, Knowing, Views
from tailorbird.offers.deciding.ranking import Ranked, suits_of
from tailorbird.offers.documents.gate import gate
from tailorbird.offers.documents.offer import Action, Offer
from tailorbird.offers.documents.offering import Offering, Offerings
from tailorbird.offers.documents.prepared import window
from tailorbird.rules.bitset import places
from tailorbird.rules.plain import first_failure

__all__ = ["Told", "explain"]


class Told(Struct, frozen=True):
    """Fates, and how many more there are."""

    candidates: tuple[Candidate, ...]
    left_out: int = 0


def explain(
    offerings: Offerings, question: Asked, knowing: Knowing = NOTHING, others: int | None = None, about: str = ""
) -> Told:
    """Every document's fate: the chosen in the order of their slots, the outranked, best first, the refused.

    Of those not chosen at most so many `others`; the one asked `about` is the first of them.
    """
    offering = offerings.at(question.at)
    decided = decide(offering, question, offerings.version, knowing)
    fates = eligible(offering, question, knowing)
    ordered = [
        one
        for kind in (offering.offers, offering.actions)
        for one in in_order(offering, fates.bits & kind, question, knowing)
    ]
    views = knowing.learned.views(offering, question.persona)
    by_id = {offering.documents[one.place].id: one for one in ordered}
    # A tier is ranked as far as a page may look; those further down are outranked too, or were looked at after all
    # where others were out of the way.
    taken = {choice.offer_id for slot in decided.slots for choice in slot.chosen}
    for one in _further_down(offering, question, views, fates.bits):
        identity = offering.documents[one.place].id
        if one.score >= offering.goal.silence or identity in taken:
            by_id.setdefault(identity, one)
    chosen = [
        _candidate(offering, views, by_id[choice.offer_id], "chosen", f"Chosen for the slot {slot.slot}.")
        for slot in decided.slots
        for choice in slot.chosen
    ]
    kept_back = set(decided.made_from.kept_back)
    groups = {document.exclusion_group for one in taken if (document := offerings.documents[one]).exclusion_group}
    bought = {offering.documents[place].id for place in places(fates.discounting_just_bought)}

    def fate(identity: str) -> Candidate:
        found = by_id.get(identity)
        if found is None:
            return _refused(identity, offerings.documents[identity], question, bought, knowing)
        sentence = _outranked(question, offering, found.place, kept_back, groups)
        return _candidate(offering, views, found, "outranked", sentence)

    # The sentences cost more than all the rest: only those are made that are told.
    first = (about,) if about in offerings.documents else ()
    left = [one for one in dict.fromkeys((*first, *by_id, *offerings.documents)) if one not in taken]
    wanted = left if others is None else left[: max(others, len(first))]
    return Told((*chosen, *map(fate, wanted)), len(left) - len(wanted))


def _further_down(offering: Offering, question: Asked, views: Views, bits: int) -> list[Ranked]:
    """All who may be made, by what is believed on average, best first."""
    known = suits_of(offering, question.lately, bits)
    found = []
    for place in places(bits):
        suit = known.get(1 << place)
        relevance = suit.relevance if suit else offering.unspoken[place]
        score = views.means[place] * fit_of(relevance, offering.goal) + offering.newness[place]
        found.append(Ranked(place, score, suit.category if suit else "", relevance=relevance))
    return sorted(found, key=lambda one: -one.score)


def _candidate(offering: Offering, views: Views, found: Ranked, outcome: Any, sentence: str) -> Candidate:
    prepared = offering.documents[found.place]
    return Candidate(
        offer_id=prepared.id,
        headline=prepared.document.headline,
        outcome=outcome,
        sentence=sentence,
        score=found.score,
        parts={
            "worth": views.means[found.place],
            "fit": fit_of(found.relevance, offering.goal),
            "newness": offering.newness[found.place],
        },
        basis=found.basis or views.basis[found.place],
    )


def _outranked(
    question: Asked, offering: Offering, place: int, kept_back: Collection[str], groups: Collection[str]
) -> str:
    prepared = offering.documents[place]
    document = prepared.document
    if prepared.silence:
        return "Nothing was said instead, or there was room above it."
    if prepared.id in kept_back:
        return "Chance keeps it from a small part of the customers, this one among them, so that its effect shows."
    if document.exclusion_group in groups:
        return f"Another one of the group {document.exclusion_group} was chosen, and a decision holds one of them."
    wants = "offers" if isinstance(document, Offer) else "actions"
    slots = [slot for slot in question.slots if slot.wants == wants]
    if not slots:
        return f"No slot of this page wants {wants}."
    return (
        f"Others ranked higher in tier {document.priority} or above; there was room for {sum(s.count for s in slots)}."
    )


def _refused(
    identity: str, document: Offer | Action, question: Asked, bought: Collection[str], knowing: Knowing
) -> Candidate:
    field, wanted, found, sentence = _cause(identity, document, question, bought, knowing)
    return Candidate(
        offer_id=identity,
        headline=document.headline,
        outcome="refused",
        sentence=sentence,
        field=field,
        wanted=wanted,
        found=found,
    )


def _cause(
    identity: str, document: Offer | Action, question: Asked, bought: Collection[str], knowing: Knowing
) -> tuple[str, Any, Any, str]:
    """Field, what was wanted, what was found, and the sentence."""
    if not document.active:
        return "active", True, False, "It is switched off."
    starts, ends = window(document)
    if question.at < starts:
        return "starts_at", _told(starts), _told(question.at), f"It starts on {_told(starts)}."
    if question.at >= ends:
        return "ends_at", _told(ends), _told(question.at), f"It ended on {_told(ends)}."
    failure = first_failure(gate(document), question.values)
    if failure is not None:
        return failure.field, failure.wanted, failure.found, failure.sentence
    if identity in bought and isinstance(document, Offer):
        items = [item_id for item_id in question.just_bought if item_id in document.scope.item_ids]
        told = items or list(question.just_bought)
        return "just_bought", "nothing it is on", told, "It is on something bought within the last seven days."
    if identity in knowing.used_up and identity not in knowing.standing.held:
        return "limit.total", "redemptions left", 0, "It is redeemed as often as it may be, or held for others."
    why = knowing.standing.excluded.get(identity) or knowing.standing.excluded.get("*", "")
    if why:
        return (*_EXCLUDED[why][:3], _EXCLUDED[why][3])
    return "score", "more than silence", None, "It is expected to bring less than saying nothing."


_EXCLUDED: dict[str, tuple[str, Any, Any, str]] = {
    "refused": ("response", "no refusal", "refused", "The customer has refused it lately."),
    "shown": ("limit.shown_per_customer", "fewer times", "shown", "It was shown to them as often as it may be."),
    "limit": ("limit.per_customer", "redemptions left", 0, "They have redeemed it as often as one customer may."),
    "reserve": ("limit", "a unit to hold for them", 0, "No unit of it could be held for them."),
    "contact": (
        "goal.contact",
        "fewer contacts",
        "reached",
        "They were spoken to often enough, over all channels.",
    ),
}
"""Why not for this customer now -> field, wanted, found, sentence."""


def _told(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
