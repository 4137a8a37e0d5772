"""The answers of this service: what is asked, decided with what is kept, with the clock that the core does without."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from tailorbird.contracts.offers import Ahead, AheadQuery, Decided, DecideQuery
from tailorbird.contracts.wire import Fault
from tailorbird.host.sentonce import SentOnce
from tailorbird.offers.deciding.asked import Asked, asked
from tailorbird.offers.deciding.decide import decide
from tailorbird.offers.deciding.knowing import Knowing, Standing
from tailorbird.offers.deciding.standing import stands_for
from tailorbird.offers.deciding.wording import with_field
from tailorbird.offers.documents.offer import Offer
from tailorbird.offers.documents.trying import read_trial
from tailorbird.offers.learning.memory import Made
from tailorbird.offers.learning.remembering import Remembering
from tailorbird.offers.redeeming.ledger import Ledger
from tailorbird.offers.redeeming.lines import Keep, digest, terms_of
from tailorbird.offers.state import State

__all__ = ["Decider"]

CUSTOMERS_HELD = 4_096
"""Customers whose facts are remembered, so that they need not be sent with each question: some 8 KB each."""
RESERVING = 3
"""How often a decision is made anew because a unit of what it chose could not be held."""


class Decider:
    """Decides with the newest documents, catalogue, counts and memory."""

    def __init__(
        self,
        state: State,
        ledger: Ledger,
        remembering: Remembering,
        now: Callable[[], float],
    ) -> None:
        self._state = state
        self._ledger = ledger
        self._remembering = remembering
        self._now = now
        self._sent = SentOnce(CUSTOMERS_HELD)

    def forget(self) -> None:
        """Drops what is held of customers; askers send it along again."""
        self._sent.clear()

    async def decide(self, queries: Sequence[DecideQuery]) -> list[Decided | Fault]:
        """One outcome for each question."""
        now = self._now()
        outcomes: list[Decided | Fault] = []
        reserving: list[int] = []
        for query in queries:
            try:
                question = self._question(query, now)
            except Fault as fault:
                outcomes.append(fault)
                continue
            if query.trial and query.preview:
                outcomes.append(self._tried(query, question))
                continue
            outcome = self._made(query, question, self.standing(query, question))
            if self._state.reserving and self._holds(query, outcome):
                reserving.append(len(outcomes))
            else:
                self._remember(query, question, outcome)
                outcome = self._standing_a_while(query, question, outcome)
            outcomes.append(outcome)
        if reserving:
            held = await asyncio.gather(*(self._with_units(queries[place], now) for place in reserving))
            for place, outcome in zip(reserving, held, strict=True):
                outcomes[place] = outcome
        return outcomes

    async def decide_ahead(self, asked_ahead: AheadQuery) -> Ahead:
        """As `decide`, for customers who are not there yet: what is chosen waits for them, and counts for nothing."""
        now = self._now()
        decided = []
        for query in asked_ahead.queries:
            question = self._question(query, now)
            outcome = self._made(query, question, self.standing(query, question))
            self._remember(query, question, outcome, waiting=True)
            decided.append(tuple([one.offer_id for slot in outcome.slots for one in slot.chosen]))
        return Ahead(chosen=tuple(decided))

    def standing(self, query: DecideQuery, question: Asked) -> Standing:
        """What this customer had before, as far as it bears on this question."""
        standing = Standing()
        state = self._state
        if query.person:
            channel = question.moment.get("context.channel", "")
            standing = self._remembering.memory.standing(query.person, question.at, channel, state.shown, state.goal)
        held_out = state.used_up & state.reserving
        if query.customer_id and (state.capped or held_out):
            customer = digest("customer", query.customer_id)
            reached = {name: "limit" for name, most in state.capped if self._redeemed(name, customer) >= most}
            held = tuple([name for name in sorted(held_out) if self._held(name, customer, question.at)])
            if reached or held:
                standing = Standing(standing.promised, {**standing.excluded, **reached}, held)
        return standing

    def _question(self, query: DecideQuery, now: float) -> Asked:
        return asked(query, now, self._sent.part(query.customer, query.facts_name))

    def _made(self, query: DecideQuery, question: Asked, standing: Standing) -> Decided:
        state = self._state
        offering = state.offerings_by(query.goal).at(question.at)
        # Of nobody known nothing is drawn: without consent a page is the one that any unknown visitor gets.
        knowing = Knowing(state.learned, state.used_up, standing, query.person, state.epoch)
        return decide(offering, question, state.version, knowing)

    def _tried(self, query: DecideQuery, question: Asked) -> Decided | Fault:
        """As `_made`, with documents on trial; chance keeps none of those back, as they are there to be seen."""
        try:
            offerings = self._state.trying(read_trial(query.trial))
        except Fault as fault:
            return fault
        knowing = Knowing(self._state.learned, self._state.used_up, self.standing(query, question))
        return decide(offerings.at(question.at), question, self._state.version, knowing)

    def _standing_a_while(self, query: DecideQuery, question: Asked, decided: Decided) -> Decided:
        """The same, said to stand where nobody need ask again at once."""
        state = self._state
        if query.preview or not query.person or question.moment.get("context.channel") in state.goal.contact.channels:
            return decided
        seconds = stands_for(decided, question, state.offerings_by(query.goal), state.counted)
        return replace(decided, stands_for=seconds) if seconds else decided

    def _redeemed(self, offer_id: str, customer: str) -> int:
        return self._ledger.settled.tally(offer_id).by_customer.get(customer, 0)

    def _held(self, offer_id: str, customer: str, at: float) -> bool:
        """Whether a unit is kept for the customer at that moment."""
        held = self._ledger.settled.tally(offer_id).held.get(customer)
        return held is not None and held.until > at

    def _holds(self, query: DecideQuery, decided: Decided) -> bool:
        """Whether a unit of something chosen must be held for this customer."""
        if query.preview or not query.customer_id:
            return False
        return any(one.offer_id in self._state.reserving for slot in decided.slots for one in slot.chosen)

    async def _with_units(self, query: DecideQuery, now: float) -> Decided:
        """Decided so that a unit of everything chosen that needs one is held. Without the ledger, nothing that does."""
        question = self._question(query, now)
        standing = self.standing(query, question)
        codes: dict[str, str] = {}
        without: dict[str, str] = {}
        decided = self._made(query, question, standing)
        for attempt in range(RESERVING + 1):
            wanted = [
                one.offer_id
                for slot in decided.slots
                for one in slot.chosen
                if one.offer_id in self._state.reserving and one.offer_id not in codes
            ]
            held = await asyncio.gather(*(self._unit(name, query.customer_id, now) for name in wanted))
            codes |= {name: code for name, code in zip(wanted, held, strict=True) if code is not None}
            missing = {name for name, code in zip(wanted, held, strict=True) if code is None}
            if attempt == RESERVING - 1:
                missing |= set(self._state.reserving) - codes.keys()
            if not missing:
                break
            without |= dict.fromkeys(missing, "reserve")
            # What was just held may be used up by that, for others.
            standing = self.standing(query, question)
            standing = replace(standing, excluded={**standing.excluded, **without})
            decided = self._made(query, question, standing)
        decided = with_codes(decided, {name: code for name, code in codes.items() if code})
        self._remember(query, question, decided)
        return decided

    async def _unit(self, offer_id: str, customer_id: str, now: float) -> str | None:
        """The code of the unit that is held (empty: it has none), None when none can be. Renewed past its half only."""
        offer: Offer | None = self._state.offers.get(offer_id)
        if offer is None:
            return None
        customer = digest("customer", customer_id)
        minutes = offer.reserve_minutes or USUAL_MINUTES
        held = self._ledger.settled.tally(offer_id).held.get(customer)
        if held is not None and held.until - now > minutes * 30.0:
            return held.code
        try:
            asking = self._ledger.keep(Keep(offer_id, customer, now + minutes * 60.0, terms_of(offer)))
            kept = await asyncio.wait_for(asking, HELD_WITHIN)
        except (Fault, TimeoutError):
            # The page waits no longer; what the ledger holds after all, it holds for the next one.
            return None
        return kept.code if kept else None

    def _remember(self, query: DecideQuery, question: Asked, decided: Decided, *, waiting: bool = False) -> None:
        if query.preview or not query.person:
            return
        offers = tuple([one.offer_id for slot in decided.slots for one in slot.chosen])
        kept_back = () if waiting else decided.made_from.kept_back
        if not offers and not kept_back:
            return
        channel = query.context.get("context.channel")
        self._remembering.write(
            Made(
                decision_id="" if waiting else query.decision_id,
                person=query.person,
                at=question.at,
                channel=channel if isinstance(channel, str) else "",
                persona=question.persona,
                offers=offers,
                kept_back=kept_back,
                identities=tuple([digest("id", one) for one in (query.customer_id, query.anonymous_id) if one]),
                waiting=waiting,
            )
        )


HELD_WITHIN = 0.04
"""Seconds that a page waits for the ledger."""
USUAL_MINUTES = 60
"""For how long a code is held where the offer does not say."""


def with_codes(decided: Decided, codes: Mapping[str, str]) -> Decided:
    """The same with each customer's own codes in what they see."""
    if not codes:
        return decided
    slots = [
        replace(
            slot,
            chosen=tuple(
                replace(one, content=with_field(one.content, "code", own)) if (own := codes.get(one.offer_id)) else one
                for one in slot.chosen
            ),
        )
        for slot in decided.slots
    ]
    return replace(decided, slots=tuple(slots), made_from=replace(decided.made_from, codes=dict(codes)))
