"""Redemptions settled: the journal of the ledger, folded. An entry asks; what stands before it in the journal answers.

An entry carries all that its answer depends on, the limits that were in force included, so that every process which
reads the journal comes to the same answer. All limits are judged at once, nothing is ever half counted, and a process
that dies leaves nothing behind that would have to be taken back.
"""

from __future__ import annotations

import heapq

from msgspec import Struct

from tailorbird.contracts.offers import Redemption
from tailorbird.offers.redeeming.limits import Held, Reached, Redeeming, Tally, period_of, reached
from tailorbird.offers.redeeming.lines import Entry, Free, Keep, Line, Redeem, Refuse, Terms

__all__ = ["COUNTS", "OTHER_BODY", "Answered", "InOrder", "Settled"]

KEPT = 30 * 86_400.0
"""Seconds for which a key is remembered, so that a repeat is answered alike, and what was redeemed in an order."""

OTHER_BODY = Redemption(counted=False, sentence="This key was sent before with another body.")
"""In place of an answer: the very object, not an equal one."""

COUNTS = Redemption(counted=True, sentence="It counts.")
"""The answer to most, one object for all."""


class Answered(Struct, frozen=True, array_like=True, gc=False):
    """What a key was answered, and when; `body`: digest of what came with it."""

    body: str
    answer: Redemption
    at: float


class InOrder(Struct, frozen=True, array_like=True, gc=False):
    """An offer that was redeemed in an order."""

    offer_id: str
    group: str
    alone: bool
    at: float


class Settled:
    """The journal, folded as far as it was read. Each of the dictionaries stands in the order in which it grew."""

    def __init__(self) -> None:
        self.tallies: dict[str, Tally] = {}
        self.at = 0.0
        self.answers: dict[str, Answered] = {}
        """By key."""
        self.orders: dict[str, tuple[InOrder, ...]] = {}
        self._ends: list[tuple[float, str, str]] = []
        """A heap of (end, offer, customer) of all that is held, and of what was held before it was held longer."""

    def restored(self) -> None:
        """What was put into the dictionaries from outside counts from now on."""
        self._ends = [
            (held.until, offer_id, customer)
            for offer_id, tally in self.tallies.items()
            for customer, held in tally.held.items()
        ]
        heapq.heapify(self._ends)

    def tally(self, offer_id: str) -> Tally:
        """Of an offer of which nothing was ever asked: all zero."""
        found = self.tallies.get(offer_id)
        return found if found is not None else Tally()

    def take(self, entry: Entry) -> list[Redemption | Held | int | None]:
        """The answer to each line: to `Redeem` a redemption, to `Keep` what is held or None, to `Pool` how many codes
        were new.
        """
        self.pass_to(entry.at)
        return [self._take(line) for line in entry.lines]

    def pass_to(self, at: float) -> None:
        """Time passes, never back: what was held until then is free, and what is old is forgotten."""
        self.at = max(self.at, at)
        while self.ended(self.at):
            _, offer_id, customer = heapq.heappop(self._ends)
            self.tallies[offer_id].let_go(customer)
        while self.answers and (oldest := next(iter(self.answers.items())))[1].at < self.at - KEPT:
            del self.answers[oldest[0]]
        while self.orders and (first := next(iter(self.orders.items())))[1][0].at < self.at - KEPT:
            del self.orders[first[0]]

    def ended(self, now: float) -> str:
        """An offer of which something was held that ends by now, empty when there is none."""
        ends = self._ends
        while ends and ends[0][0] <= now:
            until, offer_id, customer = ends[0]
            held = self.tallies[offer_id].held.get(customer)
            if held is not None and held.until == until:
                return offer_id
            heapq.heappop(ends)
        return ""

    def _take(self, line: Line) -> Redemption | Held | int | None:
        if isinstance(line, Refuse):
            return self._answered(line) or self._answer(line, Redemption(counted=False, sentence=line.sentence))
        tally = self.tallies.get(line.offer_id)
        if tally is None:
            tally = self.tallies[line.offer_id] = Tally()
        if isinstance(line, Redeem):
            return self._redeem(line, tally)
        if isinstance(line, Keep):
            return self._keep(line, tally)
        if isinstance(line, Free):
            tally.let_go(line.customer)
            return None
        had = {*tally.codes, *tally.code_of, *(held.code for held in tally.held.values())}
        new = [code for code in dict.fromkeys(line.codes) if code not in had]
        tally.codes.update(dict.fromkeys(new))
        tally.pooled += len(new)
        return len(new)

    def _redeem(self, line: Redeem, tally: Tally) -> Redemption:
        before = self._answered(line)
        if before is not None:
            return before
        refusal, code = self._refusal(line, tally)
        answer = COUNTS
        if refusal or code:
            answer = Redemption(counted=not refusal, sentence=refusal or COUNTS.sentence, code=code)
        if not refusal:
            self._count(line, tally, code)
        return self._answer(line, answer)

    def _answered(self, line: Redeem | Refuse) -> Redemption | None:
        """What this key was answered before."""
        before = self.answers.get(line.key)
        if before is None:
            return None
        return before.answer if before.body == line.body else OTHER_BODY

    def _answer(self, line: Redeem | Refuse, answer: Redemption) -> Redemption:
        self.answers[line.key] = Answered(line.body, answer, self.at)
        return answer

    def _keep(self, line: Keep, tally: Tally) -> Held | None:
        held = tally.held.get(line.customer)
        if held is None and self._reached(line.terms, tally, Redeeming(customer=line.customer)) is not None:
            return None
        code = held.code if held else ""
        if line.terms.unique_codes and not code:
            if not tally.codes:
                return None  # Held since before the offer had codes of its own, and there is none left.
            code = next(iter(tally.codes))
            del tally.codes[code]
        kept = tally.held[line.customer] = Held(line.until, code)
        heapq.heappush(self._ends, (line.until, line.offer_id, line.customer))
        return kept

    def _reached(self, terms: Terms, tally: Tally, more: Redeeming) -> Reached | None:
        limit = terms.limit
        period = period_of(self.at, limit.period, terms.zone) if limit and limit.per_period is not None else ""
        return reached(limit, tally, more, period, terms.unique_codes)

    def _refusal(self, line: Redeem, tally: Tally) -> tuple[str, str]:
        """Why not, empty when it counts; and the code that goes with it."""
        terms = line.terms
        more = Redeeming(line.customer, line.household, line.channel, line.cents, has_code=bool(line.code))
        found = self._reached(terms, tally, more)
        if found is not None:
            return found.sentence(), ""
        for other in self.orders.get(line.order, ()) if line.order else ():
            if other.offer_id != line.offer_id and (other.alone or terms.alone):
                return f"In one order it can't stand beside {other.offer_id}, which was redeemed already.", ""
            if terms.group and terms.group == other.group:
                return f"An order redeems one offer of the group {terms.group}; {other.offer_id} was already.", ""
        if not terms.unique_codes:
            if line.code and terms.code and line.code.casefold() != terms.code.casefold():
                return "This is not the offer's code.", ""
            return "", line.code or terms.code
        held = tally.held.get(line.customer)
        own = held.code if held else ""
        code = line.code or own or next(iter(tally.codes))
        if code in tally.code_of:
            return "This code has been redeemed already.", ""
        if code != own and code not in tally.codes:
            return "This code is not one of this offer's, or it is kept for another customer.", ""
        return "", code

    def _count(self, line: Redeem, tally: Tally, code: str) -> None:
        held = tally.held.pop(line.customer, None)
        if held is not None and held.code and held.code != code:
            tally.codes[held.code] = None
        tally.redeemed += 1
        tally.cents += line.cents
        _raise(tally.by_customer, line.customer)
        _raise(tally.by_household, line.household)
        _raise(tally.by_channel, line.channel)
        if line.terms.limit is not None and line.terms.limit.per_period is not None:
            _raise(tally.by_period, period_of(self.at, line.terms.limit.period, line.terms.zone))
        if line.terms.unique_codes:
            tally.codes.pop(code, None)
            tally.code_of[code] = line.customer
        if line.order:
            redeemed = InOrder(line.offer_id, line.terms.group, line.terms.alone, self.at)
            self.orders[line.order] = (*self.orders.get(line.order, ()), redeemed)


def _raise(counts: dict[str, int], name: str) -> None:
    if name:
        counts[name] = counts.get(name, 0) + 1
