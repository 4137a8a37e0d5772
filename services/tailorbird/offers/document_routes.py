"""Offers, actions and goals as documents over HTTP."""

from __future__ import annotations

from tailorbird.contracts.offers import APPLY, LIST_DOCUMENTS
from tailorbird.host.documentroutes import DocumentKind, Owner, document_routes, routes_of_one
from tailorbird.offers.bodies import OFFER_EXAMPLE
from tailorbird.offers.documents.goal import Goal
from tailorbird.offers.documents.offer import Action, Offer

__all__ = ["HANDLERS"]

_OWNER = Owner(APPLY, LIST_DOCUMENTS)

OFFERS = DocumentKind(
    owner=_OWNER, kind="offer", shape=Offer, path="/v1/offers", tag="offers", one="an offer",
    effect="The next page knows it.", example=OFFER_EXAMPLE,
)  # fmt: skip
ACTIONS = DocumentKind(
    owner=_OWNER, kind="action", shape=Action, path="/v1/actions", tag="offers", one="an action", many="actions",
    effect="The next page knows it.",
)  # fmt: skip
GOAL = DocumentKind(
    owner=_OWNER, kind="goal", shape=Goal, path="/v1/goal", tag="offers", alone="default", one="what choosing aims at",
    effect="It says how much margin, fit, newness and objectives count, and how much is left to chance.",
)  # fmt: skip
OTHER_GOALS = DocumentKind(
    owner=_OWNER, kind="goal", shape=Goal, path="/v1/goals", tag="offers", one="another goal", many="goals",
    effect="A level of an experiment names it; `default` is the one that counts for everybody else.",
    operation="other_goal",
)  # fmt: skip

HANDLERS = (
    *routes_of_one(OFFERS), *document_routes(ACTIONS), *routes_of_one(GOAL), *document_routes(OTHER_GOALS)
)  # fmt: skip
