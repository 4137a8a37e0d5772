"""Which offers and actions are made to this customer now: a pure function of the open documents, the question, and
what is known.

All slots are filled in one go: within each kind the candidates stand in one order (tiers first, in a tier what goes
with the last purchase or the cart), and the slots take them from its top. As every candidate is worth the same in every
slot of its kind, and of an exclusion group the best one stays, no other choice of as many has a higher total.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_

from msgspec import Struct

from tailorbird.contracts.offers import Chosen, Decided, DecidedFrom, DecisionSlot, SlotChoices
from tailorbird.offers.deciding.asked import Asked
from tailorbird.offers.deciding.knowing import NOTHING, Knowing, Views, draw_of, is_kept_back
from tailorbird.offers.deciding.ranking import Ranked, promise, ranked, suits_of
from tailorbird.offers.deciding.suiting import Suits
from tailorbird.offers.deciding.wording import reasons_of, unasked, with_field
from tailorbird.offers.documents.offering import Offering
from tailorbird.offers.documents.prepared import Prepared

__all__ = ["Eligible", "decide", "eligible", "in_order", "share_kept_back"]


class Eligible(Struct, frozen=True):
    """Bits of the open documents by their fate before ranking."""

    allowed: int
    """Let in by their channels, pages, audience and rule."""
    discounting_just_bought: int
    """On an item that the customer has only just bought."""
    used_up: int
    """Redeemed as often as they may be, or held for others."""
    excluded: int
    """Not for this customer now: refused, shown often enough, their own limit reached."""

    @property
    def bits(self) -> int:
        return self.allowed & ~self.discounting_just_bought & ~self.used_up & ~self.excluded


def eligible(offering: Offering, question: Asked, knowing: Knowing = NOTHING) -> Eligible:
    """Who may be made at all. A promise on the whole basket is on no item in particular: it stays."""
    discounting = 0
    for item_id in question.just_bought:
        discounting |= (offering.covering.get(item_id) or offering.cover(item_id)).bits
    excluded = 0
    if knowing.standing.excluded:
        if "*" in knowing.standing.excluded:
            excluded = -1
        else:
            excluded = reduce(or_, offering.bits_in(knowing.standing.excluded), 0)
    allowed = offering.index.matching_now(question.customer, question.moment)
    used_up = offering.bits_of(knowing.used_up)
    if knowing.standing.held:
        used_up &= ~reduce(or_, offering.bits_in(knowing.standing.held), 0)
    return Eligible(allowed, discounting, used_up, excluded)


class Order(Struct):
    """Candidates of one kind as they stand for this customer, made as far as slots ask for them."""

    candidates: Iterator[Ranked]
    silent: bool = False
    """An action that stands for doing nothing has come up: what stands below it is worth less than that."""


class Filling(Struct):
    """A decision on its way."""

    offering: Offering
    number: int | None
    """What chance knows the customer by; None: nothing is left to chance."""
    taken: list[int]
    """The bits that are out: chosen, or of the same group as something chosen. One number, changed while tiers wait."""
    kept_back: list[str] = []


def decide(offering: Offering, question: Asked, version: str, knowing: Knowing = NOTHING) -> Decided:
    """The slots filled in their order, nothing twice across them."""
    bits = eligible(offering, question, knowing).bits
    draw, number = draw_of(knowing.chance) if knowing.chance else (None, None)
    known = suits_of(offering, question.lately, bits)
    views = knowing.learned.views(offering, question.persona)
    complements = offering.completing((*question.just_bought, *question.cart))
    orders: dict[str, Order] = {}
    slots = []
    filling = Filling(offering, number, [0])
    for slot in question.slots:
        order = orders.get(slot.wants)
        if order is None:
            candidates = bits & wanted(offering, slot)
            order = orders[slot.wants] = Order(
                _in_order(offering, candidates, known, views, knowing, complements, draw, filling.taken)
            )
        before = len(filling.kept_back)
        chosen = _filled(filling, order, slot.count)
        kept = len(filling.kept_back) - before
        slots.append(
            SlotChoices(
                slot=slot.slot,
                chosen=tuple([_chosen(filling, candidate, question) for candidate in chosen]),
                note="" if len(chosen) == slot.count else _note(slot, len(chosen), kept, order.silent),
            )
        )
    standing = knowing.standing
    made_from = DecidedFrom(
        epoch=knowing.epoch,
        promised=standing.promised,
        excluded=dict(standing.excluded),
        held=standing.held,
        kept_back=tuple(filling.kept_back),
    )
    return Decided(slots=tuple(slots), rules=version, considered=bits.bit_count(), made_from=made_from)


def wanted(offering: Offering, slot: DecisionSlot) -> int:
    """Bits of the documents of the kind that the slot wants."""
    return offering.offers if slot.wants == "offers" else offering.actions


def in_order(offering: Offering, candidates: int, question: Asked, knowing: Knowing) -> Iterator[Ranked]:
    """All of these candidates as they stand for this customer, whether or not a slot has room."""
    known = suits_of(offering, question.lately, candidates)
    views = knowing.learned.views(offering, question.persona)
    complements = offering.completing((*question.just_bought, *question.cart))
    draw = draw_of(knowing.chance)[0] if knowing.chance else None
    return _in_order(offering, candidates, known, views, knowing, complements, draw, [0])


def _in_order(  # noqa: PLR0917 - what every decision works out once
    offering: Offering,
    candidates: int,
    known: Suits,
    views: Views,
    knowing: Knowing,
    complements: int,
    draw: int | None,
    taken: list[int],
) -> Iterator[Ranked]:
    """The candidates, best first; a tier is ranked when it is reached. `taken[0]`: bits that are out meanwhile."""
    if not offering.goal.exploring:
        draw = None
    promised = offering.bits_in(knowing.standing.promised)
    kept_to = reduce(or_, promised, 0)
    tiers = offering.tiers
    if complements & candidates:
        # What goes with something just bought, or in the cart, stands before the rest of its tier (`goes_with`).
        tiers = [part for tier in tiers for part in (tier & complements, tier & ~complements)]
    for tier in tiers:
        left = candidates & tier & ~taken[0]
        if left & kept_to:
            # What was made to the customer before stands first, as long as it may be made.
            for bit in promised:
                if left & bit and (kept := promise(offering, bit, known, views)) is not None:
                    yield kept
            left &= ~kept_to & ~taken[0]
        if left:
            yield from ranked(offering, left, known, views, draw, complements)


def _filled(filling: Filling, order: Order, count: int) -> list[Ranked]:
    """At most so many. What chance keeps back leaves its place free: what another offer brings there would hide what
    this one does.
    """
    chosen: list[Ranked] = []
    if order.silent:
        return chosen
    offering, number, taken = filling.offering, filling.number, filling.taken
    for candidate in order.candidates:
        bit = 1 << candidate.place
        if taken[0] & bit:
            continue
        prepared = offering.documents[candidate.place]
        if prepared.silence:
            order.silent = True
            break
        share = share_kept_back(offering, prepared) if number is not None and candidate.basis else 0.0
        if number is not None and is_kept_back(prepared.number, number, share):
            filling.kept_back.append(prepared.id)
            count -= 1
        else:
            taken[0] |= offering.groups.get(bit, bit)
            chosen.append(candidate)
        if len(chosen) >= count:
            break
    return chosen


def share_kept_back(offering: Offering, prepared: Prepared) -> float:
    """Part of the customers from whom chance keeps it."""
    share = prepared.document.control_share
    return offering.goal.control_share if share is None else share


def _chosen(filling: Filling, candidate: Ranked, question: Asked) -> Chosen:
    prepared = filling.offering.documents[candidate.place]
    contents = prepared.contents
    content = contents.get(question.persona) or contents[""]
    if prepared.document.kind == "scarcity":
        content = with_field(content, "left", question.values["context.item_stock"])
    if prepared.asks:
        values = question.values
        if answered := [name for name in prepared.asks if name in values]:
            content = unasked(content, answered)
    propensity = candidate.propensity
    if filling.number is not None and candidate.basis:
        propensity *= 1.0 - share_kept_back(filling.offering, prepared)
    return Chosen(
        offer_id=prepared.id,
        score=candidate.score,
        reasons=reasons_of(prepared, candidate, question),
        content=content,
        propensity=propensity,
        basis=candidate.basis,
    )


def _note(slot: DecisionSlot, filled: int, kept_back: int, silent: bool) -> str:
    if silent:
        return f"{filled} of {slot.count}: to say nothing more is worth more here."
    if kept_back and filled + kept_back == slot.count:
        return f"{filled} of {slot.count}: chance keeps the rest back here, so that what it does can be told."
    return f"{filled} of {slot.count}: no other {slot.wants} are open to this customer now."
