"""Every mistake in a set of offers and actions that their types alone can't tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tailorbird.contracts.wire import Problem
from tailorbird.offers.documents.goal import Goal
from tailorbird.offers.documents.offer import Action, Limit, Offer
from tailorbird.offers.documents.prepared import window
from tailorbird.offers.redeeming.limits import MOST_MONEY, zone_of
from tailorbird.rules.document import check_rule
from tailorbird.rules.possible import notes_on

__all__ = ["Checked", "check_documents", "notes_on_document"]


def check_documents(documents: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Mistakes by path, `offer/<id> $.value`; none: the whole set can be put to work. kind -> id -> document."""
    return Checked().check(documents)


class Checked:
    """Checks whole sets, and remembers what was found in each document: of ten thousand a change leaves all but one."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[Offer | Action, list[Problem]]] = {}

    def check(self, documents: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
        """As `check_documents`."""
        offers: Mapping[str, Offer] = documents.get("offer", {})
        actions: Mapping[str, Action] = documents.get("action", {})
        if len(self._found) > 2 * (len(offers) + len(actions)):
            self._found.clear()
        problems: list[Problem] = []
        for identity, offer in offers.items():
            problems += self._own(f"offer/{identity}", offer)
        for identity, action in actions.items():
            problems += self._own(f"action/{identity}", action)
            among = list(_return(action, offers))
            if identity in offers:
                sentence = "An offer has this id already; offers and actions share their ids."
                among.append(Problem(path="$", sentence=sentence))
            problems += _told(f"action/{identity}", among)
        return problems

    def _own(self, key: str, document: Offer | Action) -> list[Problem]:
        """Mistakes that this document has whatever stands beside it."""
        held = self._found.get(key)
        if held is not None and held[0] is document:
            return held[1]
        found = [*_window(document), *check_rule(document.rule, "$.rule")]
        found += [*_promise(document), *_redeeming(document)] if isinstance(document, Offer) else _shown_only(document)
        problems = _told(key, found)
        self._found[key] = (document, problems)
        return problems



def notes_on_document(kind: str, document: Offer | Action | Goal) -> list[Problem]:
    """What is worth a second look: a rule that can never hold, or always does; a time that clocks leave out or show
    twice.
    """
    del kind
    return [] if isinstance(document, Goal) else [*notes_on(document.rule, "$.rule"), *_clocks_set(document)]


def _clocks_set(document: Offer | Action) -> Iterator[Problem]:
    """Of a window by the clocks of a zone, ends that fall where those are put forward or back."""
    for name in ("starts_at", "ends_at"):
        at: datetime | None = getattr(document, name)
        if at is None or at.tzinfo is not None:
            continue
        first, second = (at.replace(tzinfo=zone_of(document.zone), fold=fold) for fold in (0, 1))
        before, after = first.utcoffset(), second.utcoffset()
        if before is None or after is None or before == after:
            continue
        if before < after:
            counts_as = f"{at + (after - before):%H:%M}"
            sentence = f"The clocks of {document.zone} leave this time out: it counts as {counts_as}."
        else:
            sentence = f"The clocks of {document.zone} show this time twice: without an offset the first is meant."
        yield Problem(path=f"$.{name}", sentence=sentence)


def _told(document: str, problems: list[Problem]) -> list[Problem]:
    return [Problem(path=f"{document} {problem.path}", sentence=problem.sentence) for problem in problems]


def _window(document: Offer | Action) -> Iterator[Problem]:
    try:
        zone_of(document.zone)
    except (KeyError, ValueError, OSError):
        yield Problem(path="$.zone", sentence=f"There is no time zone {document.zone}; one is `Europe/Berlin`.")
        return
    for name in ("starts_at", "ends_at"):
        at = getattr(document, name)
        if at is not None and at.tzinfo is None and not document.zone:
            sentence = "Say its time zone: an offset (`2026-11-22T00:00:00Z`), or `zone` beside it."
            yield Problem(path=f"$.{name}", sentence=sentence)
            return
    starts, ends = window(document)
    if document.active and starts >= ends:
        yield Problem(path="$.ends_at", sentence="It ends before it starts.")


def _promise(offer: Offer) -> Iterator[Problem]:
    if offer.kind in ("percent_off", "amount_off", "points", "bundle_price") and not offer.value:
        yield Problem(path="$.value", sentence=f"An offer of the kind {offer.kind} needs a value above zero.")
    if offer.kind == "percent_off" and offer.value and offer.value > 100:
        yield Problem(path="$.value", sentence=f"{offer.value:g} percent is more than everything.")
    if offer.kind == "bundle_price" and offer.scope.whole_basket:
        yield Problem(path="$.scope", sentence="A bundle needs a scope: the items it may be made of.")


MOST_TIMES = 10**12


def _redeeming(offer: Offer) -> Iterator[Problem]:
    if offer.limit is not None:
        yield from _countable(offer.limit)
    if offer.code and offer.unique_codes:
        yield Problem(path="$.unique_codes", sentence="It has one code for all already: leave out `code`, or this.")
    if offer.reserve_minutes and offer.limit is None and not offer.unique_codes:
        sentence = "Nothing needs to be held: the offer has neither a limit nor codes of its own."
        yield Problem(path="$.reserve_minutes", sentence=sentence)
    if offer.limit and offer.limit.money is not None and not offer.cost:
        sentence = "A budget in money needs the offer's `cost`: what a redemption counts that does not say its amount."
        yield Problem(path="$.limit.money", sentence=sentence)


def _countable(limit: Limit) -> Iterator[Problem]:
    named = {name: getattr(limit, name) for name in ("total", "per_customer", "per_household", "per_period")}
    named |= {f"per_channel.{channel}": most for channel, most in limit.per_channel.items()}
    for name, most in named.items():
        if most is not None and most > MOST_TIMES:
            yield Problem(path=f"$.limit.{name}", sentence="That is no limit: leave it out, or say at most 10^12.")
    if limit.money is not None and not 0.01 <= limit.money <= MOST_MONEY:
        sentence = "A budget is counted in cents: from 0.01 to 10^12."
        yield Problem(path="$.limit.money", sentence=sentence)


def _shown_only(action: Action) -> Iterator[Problem]:
    limit = action.limit
    if limit is None:
        return
    for name in ("total", "money", "per_customer", "per_household", "per_period"):
        if getattr(limit, name) is not None:
            sentence = "An action is not redeemed: it has `shown_per_customer` alone."
            yield Problem(path=f"$.limit.{name}", sentence=sentence)


def _return(action: Action, offers: Mapping[str, Offer]) -> Iterator[Problem]:
    if action.offer_id and action.offer_id not in offers:
        yield Problem(path="$.offer_id", sentence=f"There is no offer {action.offer_id} to promise in return.")
