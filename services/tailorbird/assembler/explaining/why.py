"""Answers why: a decision with its inputs opened, and of every candidate that was refused the reason."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from tailorbird.assembler.explaining.tracing import NO_FACTS, Inputs, open_inputs
from tailorbird.bus import Asker
from tailorbird.contracts.assembler import DecisionExplained, WhyQuery
from tailorbird.contracts.insights import TRACE, Decision, TraceQuery
from tailorbird.contracts.offers import EXPLAIN, Candidate, DecidedFrom, Explained, ExplainQuery
from tailorbird.contracts.profiles import PROFILE, ProfileQuery
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef

__all__ = ["Why"]


class Why:
    """Answers WHY out of what insights kept, with the key that profiles gives, recomputed by offers."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def answer(self, query: WhyQuery) -> DecisionExplained:
        """The decision explained, as far as it can be. Raises the Fault of insights when it knows no such decision."""
        decision = await self._asker.ask(TRACE, TraceQuery(decision_id=query.decision_id))
        key, note = await self._key(decision)
        inputs = open_inputs(decision, key)
        if inputs is None:
            note = note or "Its inputs cannot be opened any more: the person's key is gone."
            return _explained(decision, None, note=note)
        inputs, note = await self._whole(inputs, key)
        explained: Explained | None = None
        if inputs.decide is not None and inputs.facts != NO_FACTS:
            try:
                asked = ExplainQuery(
                    query=replace(inputs.decide, customer=inputs.facts), made_from=inputs.made_from or DecidedFrom()
                )
                explained = await self._asker.ask(EXPLAIN, asked)
                note = explained.note or note
            except Fault as fault:
                note = f"The candidates could not be recomputed: {fault.sentence}"
        if explained is None:
            return _explained(decision, _told(inputs), note=note)
        note = note or _versions_note(decision, explained.rules)
        answer = _explained(decision, _told(inputs), explained.candidates, explained.rules, note)
        return replace(
            answer,
            replayed=_is_the_same(decision, explained) if inputs.made_from else None,
            why_not=_why_not(query.why_not, explained.candidates) if query.why_not else "",
        )

    async def _key(self, decision: Decision) -> tuple[bytes, str]:
        if not decision.person:
            return b"", ""
        try:
            query = ProfileQuery(customer=CustomerRef(), person=decision.person)
            return (await self._asker.ask(PROFILE, query)).decision_key, ""
        except Fault as fault:
            return b"", f"Its inputs cannot be opened: {fault.sentence}"

    async def _whole(self, inputs: Inputs, key: bytes) -> tuple[Inputs, str]:
        """The inputs with what stands in earlier decisions; (without it, why it is missing)."""
        note = ""
        if inputs.facts_in:
            carrier, note = await self._opened(inputs.facts_in, key)
            inputs = replace(inputs, facts=carrier.facts if carrier else NO_FACTS)
        if inputs.history_in:
            carrier, missing = await self._opened(inputs.history_in, key)
            inputs = replace(inputs, history=carrier.history if carrier else NO_FACTS)
            note = note or missing
        return inputs, note

    async def _opened(self, decision_id: str, key: bytes) -> tuple[Inputs | None, str]:
        try:
            carrier = await self._asker.ask(TRACE, TraceQuery(decision_id=decision_id))
        except Fault as fault:
            return None, f"What was known of the customer stood in decision {decision_id}: {fault.sentence}"
        opened = open_inputs(carrier, key)
        return opened, "" if opened else "What was known of the customer cannot be opened."


def _told(inputs: Inputs) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(inputs))
    for part in ("recommend", "decide"):
        if part in told:
            # The facts stand once, beside the queries that were asked with them.
            told[part].pop("customer", None)
    return told


def _explained(
    decision: Decision, inputs: Any, candidates: tuple[Candidate, ...] = (), rules: str = "", note: str = ""
) -> DecisionExplained:
    return DecisionExplained(
        # The sealed bytes say nothing to anybody; what they held stands beside.
        decision=replace(decision, inputs=b"", slots=()),
        choices=decision.choices,
        inputs=inputs,
        candidates=candidates,
        recomputed_with=rules,
        note=note,
    )


def _is_the_same(decision: Decision, explained: Explained) -> bool:
    """Whether the same offers and actions came out again, with the same scores and propensities to the last bit."""
    if explained.decided is None:
        return False
    again = {slot.slot: slot.chosen for slot in explained.decided.slots}
    for slot in decision.slots:
        if slot.kind == "item":
            continue
        # What stood on the page already, in another slot, was left out of this one.
        chosen = [one for one in again.get(slot.slot, ()) if one.offer_id in slot.ids]
        propensities = slot.propensities or (1.0,) * len(slot.ids)
        then = list(zip(slot.ids, slot.scores, slot.reasons, propensities, strict=True))
        if then != [(one.offer_id, one.score, one.reasons, one.propensity) for one in chosen]:
            return False
    return True


def _why_not(offer_id: str, candidates: tuple[Candidate, ...]) -> str:
    found = next((one for one in candidates if one.offer_id == offer_id), None)
    if found is None:
        return f"There was no offer or action {offer_id} then."
    if found.outcome == "chosen":
        return f"{offer_id} was chosen. {found.sentence}"
    return f"{offer_id} was not chosen: {found.sentence}"


def _versions_note(decision: Decision, rules: str) -> str:
    then = decision.versions.get("rules", "")
    if rules and then and rules != then:
        return f"The offers have changed since: it was decided with {then} and recomputed with {rules}."
    return ""
