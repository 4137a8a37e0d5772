"""Why (not): the fate of every offer and action for one customer, recomputed from what was known then.

Of a refused one the first thing that excluded it is told, in this order: switched off, window, channel, page,
audience, rule, items just bought, used up. A pure function, so it is computed when somebody asks and never stored.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from tailorbird.contracts.offers import Candidate
from tailorbird.offers.asked import Asked
from tailorbird.offers.deciding import decide, eligible
from tailorbird.offers.gate import gate
from tailorbird.offers.offer import Action, Offer
from tailorbird.offers.offering import Offering, Offerings
from tailorbird.offers.prepared import window
from tailorbird.offers.ranking import interests, ranked
from tailorbird.rules.bitset import places
from tailorbird.rules.plain import first_failure

__all__ = ["explain"]


def explain(offerings: Offerings, question: Asked, used_up: frozenset[str] = frozenset()) -> list[Candidate]:
    """Every document's fate: the chosen in the order of their slots, the outranked, best first, the refused."""
    offering = offerings.at(question.at)
    decided = decide(offering, question, offerings.version, used_up)
    chosen = [
        _candidate(offerings, choice.offer_id, "chosen", f"Chosen for the slot {slot.slot}.", choice.score)
        for slot in decided.slots
        for choice in slot.chosen
    ]
    taken = {candidate.offer_id for candidate in chosen}
    fates = eligible(offering, question, used_up)
    known = interests(offering, question.lately)
    outranked = [
        _candidate(
            offerings,
            offering.documents[found.place].id,
            "outranked",
            _outranked(question, offering, found.place),
            found.score,
        )
        for tier in offering.tiers
        for found in ranked(offering, fates.bits & tier, known, len(offering.documents))
        if offering.documents[found.place].id not in taken
    ]
    taken |= {candidate.offer_id for candidate in outranked}
    bought = {offering.documents[place].id for place in places(fates.discounting_just_bought)}
    refused = [
        _refused(identity, document, question, bought, used_up)
        for identity, document in offerings.documents.items()
        if identity not in taken
    ]
    return [*chosen, *outranked, *refused]


def _candidate(offerings: Offerings, identity: str, outcome: Any, sentence: str, score: float) -> Candidate:
    headline = offerings.documents[identity].headline
    return Candidate(offer_id=identity, headline=headline, outcome=outcome, sentence=sentence, score=score)


def _outranked(question: Asked, offering: Offering, place: int) -> str:
    document = offering.documents[place].document
    wants = "offers" if isinstance(document, Offer) else "actions"
    slots = [slot for slot in question.slots if slot.wants == wants]
    if not slots:
        return f"No slot of this page wants {wants}."
    return (
        f"Others ranked higher in tier {document.priority} or above; there was room for {sum(s.count for s in slots)}."
    )


def _refused(
    identity: str, document: Offer | Action, question: Asked, bought: Collection[str], used_up: Collection[str]
) -> Candidate:
    field, wanted, found, sentence = _cause(identity, document, question, bought, used_up)
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
    identity: str, document: Offer | Action, question: Asked, bought: Collection[str], used_up: Collection[str]
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
    if identity in used_up:
        return "limit.total", "redemptions left", 0, "It has been redeemed as often as it may be."
    return "", None, None, "It was not open to this customer."


def _told(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
