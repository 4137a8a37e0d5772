"""Every mistake in a set of offers and actions that their types alone can't tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tailorbird.contracts.wire import Problem
from tailorbird.offers.offer import Action, Offer
from tailorbird.rules.document import check_rule

__all__ = ["check_documents"]


def check_documents(documents: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Mistakes by path, `offer/<id> $.value`; none: the whole set can be put to work. kind -> id -> document."""
    offers: Mapping[str, Offer] = documents.get("offer", {})
    actions: Mapping[str, Action] = documents.get("action", {})
    problems: list[Problem] = []
    for identity, offer in offers.items():
        problems += _told(f"offer/{identity}", [*_window(offer), *_promise(offer), *check_rule(offer.rule, "$.rule")])
    for identity, action in actions.items():
        own = [*_window(action), *_return(action, offers), *check_rule(action.rule, "$.rule")]
        if identity in offers:
            own.append(Problem(path="$", sentence="An offer has this id already; offers and actions share their ids."))
        problems += _told(f"action/{identity}", own)
    return problems


def _told(document: str, problems: list[Problem]) -> list[Problem]:
    return [Problem(path=f"{document} {problem.path}", sentence=problem.sentence) for problem in problems]


def _window(document: Offer | Action) -> Iterator[Problem]:
    if document.starts_at and document.ends_at and document.starts_at >= document.ends_at:
        yield Problem(path="$.ends_at", sentence="It ends before it starts.")


def _promise(offer: Offer) -> Iterator[Problem]:
    if offer.kind in ("percent_off", "amount_off", "points") and not offer.value:
        yield Problem(path="$.value", sentence=f"An offer of the kind {offer.kind} needs a value above zero.")
    if offer.kind == "percent_off" and offer.value and offer.value > 100:
        yield Problem(path="$.value", sentence=f"{offer.value:g} percent is more than everything.")


def _return(action: Action, offers: Mapping[str, Offer]) -> Iterator[Problem]:
    if action.offer_id and action.offer_id not in offers:
        yield Problem(path="$.offer_id", sentence=f"There is no offer {action.offer_id} to promise in return.")
