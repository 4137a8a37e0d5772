"""A profile with one more event in it: the same event twice changes nothing, a late one counts where it belongs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from tailorbird.contracts.profiles import Event
from tailorbird.contracts.words import Signal, SignalKind
from tailorbird.profiles.person import consent, observing, stated
from tailorbird.profiles.person.carts import ALL_OF_IT, stepped, whole
from tailorbird.profiles.person.dismissing import rated, with_word
from tailorbird.profiles.person.exposures import EXPOSED, exposure_of, first_seen
from tailorbird.profiles.person.products import amount, item_id_of, lines_of, offer_id_of, order_of, quantity_of, text
from tailorbird.profiles.person.profile import (
    ANONYMOUS_IDS_KEPT,
    RESPONSES_KEPT,
    CartStep,
    Response,
    Session,
    StoredProfile,
    mark_of,
    remember,
    remembers,
)
from tailorbird.profiles.person.purchases import add_order, take_back, with_signals
from tailorbird.profiles.person.refunds import Refund
from tailorbird.profiles.person.sessions import with_sessions

__all__ = ["fold", "responded"]

_Action = Callable[[StoredProfile, Mapping[str, Any], float, bytes], None]
"""Puts a track event's properties into the draft; told its time, to the fraction of a second, and its mark."""

_NO_VISIT = frozenset({
    "order completed", "order updated", "order cancelled", "order refunded", "contact made", "ticket opened",
    "ticket updated", "ticket resolved", "loyalty changed", "email opened",
})  # fmt: skip
"""What the shop's systems tell of somebody who may be anywhere: no sign that they are on the web."""
LONG_LOOK = 30
"""Seconds of dwelling, told at once, that count as one more look at the item."""
CLAIMS_KEPT = 20


def fold(profile: StoredProfile, event: Event, claim: str = "") -> StoredProfile:
    """The profile after the event; the very same one when its message id is remembered.

    `claim`: the customer id that somebody with the write key only named, see `identity.belonging`.
    """
    mark = mark_of(event.message_id)
    if remembers(profile.marks, mark):
        return profile
    draft = copy.copy(profile)
    draft.marks = remember(profile.marks, mark)
    draft.version += 1
    at = int(event.at)
    draft.last_at = max(draft.last_at, at)
    if event.anonymous_id and event.anonymous_id not in draft.anonymous_ids:
        # One too many is cut where it is known which was heard of first.
        draft.anonymous_ids = (*draft.anonymous_ids, event.anonymous_id)[-ANONYMOUS_IDS_KEPT - 1 :]
    if claim:
        draft.claimed_customer = claim
    elif event.customer_id and not draft.customer_id:
        draft.customer_id = event.customer_id
    words = consent.taken(
        draft.consent,
        event,
        at,
        is_customer=bool(draft.customer_id),
        own=not draft.customer_id or (event.anonymous_id in draft.anonymous_ids and event.anonymous_id != ""),
    )
    if words is not None:
        draft.consent = words
    if not consent.allows_personalization(draft.consent, event.needs_consent):
        # Of somebody who did not agree only that is kept.
        return profile if words is None else draft
    name = event.event.lower() if event.type == "track" else ""
    if name == EXPOSED and event.trusted:
        # What a page was made of is nothing that somebody did.
        draft.last_at = profile.last_at
        draft.exposures = first_seen((*draft.exposures, *exposure_of(event.properties, event.at)))
        return draft
    observing.noticed(draft, event, at, name)
    if event.type == "identify":
        _fold_traits(draft, event, at)
        return draft
    if event.type in ("page", "screen", "track") and name not in _NO_VISIT:
        _fold_session(draft, event, at, name)
    action = _ACTIONS.get(name)
    if action is not None:
        action(draft, event.properties, float(event.at), mark)
    return draft


def responded(draft: StoredProfile, offer_id: str, kind: str, at: int, times: int = 1) -> None:
    """Counts what was done with an offer."""
    found = {(one.offer_id, one.kind): one for one in draft.responses}
    known = found.get((offer_id, kind))
    found[offer_id, kind] = Response(
        offer_id, kind, times + (known.times if known else 0), max(at, known.last_at if known else 0)
    )
    # Redemptions are counted by an attribute, so they stay when views have to go.
    ordered = sorted(found.values(), key=lambda one: (one.kind != "redeemed", -one.last_at, one.offer_id, one.kind))
    draft.responses = tuple(ordered[:RESPONSES_KEPT])


def _fold_traits(draft: StoredProfile, event: Event, at: int) -> None:
    if event.trusted:
        draft.traits = stated.latest(draft.traits, stated.stated(event.traits, at, "given"))
    elif not draft.customer_id:
        draft.claims = stated.latest(draft.claims, stated.stated(event.traits, at, "claimed"), CLAIMS_KEPT)


def _fold_session(draft: StoredProfile, event: Event, at: int, name: str) -> None:
    page = event.context.get("page")
    campaign = event.context.get("campaign")
    search = text(event.properties.get("query"), 100).lower() if name == "products searched" else ""
    referrer = text(page.get("referrer"), 500) if isinstance(page, dict) else ""
    named = text(campaign.get("name")) if isinstance(campaign, dict) else ""
    one = Session(
        started=at,
        ended=at,
        views=int(name in ("product viewed", "product clicked")),
        pages=int(event.type in ("page", "screen")),
        searches=(search,) if search else (),
        referrer=referrer,
        campaign=named,
        referrer_at=at if referrer else 0,
        campaign_at=at if named else 0,
        **observing.looked_at(event, at, name),
    )
    with_sessions(draft, (one,))


def _signal(kind: SignalKind) -> _Action:
    def fold_signal(draft: StoredProfile, properties: Mapping[str, Any], at: float, mark: bytes) -> None:
        item_id = item_id_of(properties)
        if not item_id:
            return
        draft.recent = with_signals(draft.recent, (Signal(kind, item_id, int(at)),))
        if kind in ("dismissed", "added"):
            draft.dismissed = with_word(draft.dismissed, item_id, at, wanted=kind == "added")
        if kind == "added":
            draft.cart = stepped(draft.cart, CartStep(at, mark, item_id, quantity_of(properties)))
        elif kind == "removed":
            draft.cart = stepped(draft.cart, CartStep(at, mark, item_id, -quantity_of(properties, -ALL_OF_IT)))

    return fold_signal


def _dwelled(draft: StoredProfile, properties: Mapping[str, Any], at: float, mark: bytes) -> None:
    if amount(properties.get("seconds")) >= LONG_LOOK:
        _viewed(draft, properties, at, mark)


def _cart_seen(draft: StoredProfile, properties: Mapping[str, Any], at: float, mark: bytes) -> None:
    if isinstance(properties.get("products"), list):
        lines = ((line.item_id, line.quantity) for line in lines_of(properties))
        draft.cart = whole(draft.cart, at, mark, lines)


def _ordered(draft: StoredProfile, properties: Mapping[str, Any], at: float, mark: bytes) -> None:
    lines = lines_of(properties)
    order_id, value = order_of(properties, absent=mark.hex())
    discounted = sum(line.discounted for line in lines)
    new = add_order(draft, int(at), order_id, value, (line.item_id for line in lines), discounted)
    draft.cart = whole(draft.cart, at, mark, ())
    coupon = text(properties.get("coupon"))
    if coupon and new:
        responded(draft, coupon, "redeemed", int(at))


def _taken_back(wholly: bool) -> _Action:
    def fold_refund(draft: StoredProfile, properties: Mapping[str, Any], at: float, _: bytes) -> None:
        order_id, value = order_of(properties, absent="")
        if order_id:
            whole = wholly or not value
            take_back(draft, Refund(mark_of(f"order:{order_id}"), int(at), 0.0 if whole else round(value, 2), whole))

    return fold_refund


def _reviewed(draft: StoredProfile, properties: Mapping[str, Any], at: float, mark: bytes) -> None:
    if rated(properties):
        _dismissed(draft, properties, at, mark)


def _response(kind: str) -> _Action:
    def fold_response(draft: StoredProfile, properties: Mapping[str, Any], at: float, _: bytes) -> None:
        offer_id = offer_id_of(properties)
        if offer_id:
            responded(draft, offer_id, kind, int(at))

    return fold_response


_dismissed, _viewed = _signal("dismissed"), _signal("viewed")

_ACTIONS: dict[str, _Action] = {
    "product viewed": _viewed,
    "product clicked": _viewed,
    "item dwelled": _dwelled,
    "product added": _signal("added"),
    "product removed": _signal("removed"),
    "item dismissed": _dismissed,
    "product reviewed": _reviewed,
    "cart viewed": _cart_seen,
    "checkout started": _cart_seen,
    "order completed": _ordered,
    "order cancelled": _taken_back(wholly=True),
    "order refunded": _taken_back(wholly=False),
    "promotion viewed": _response("viewed"),
    "promotion clicked": _response("clicked"),
    "offer redeemed": _response("redeemed"),
    "offer refused": _response("refused"),
}
"""Track events by lower-case name: Segment's e-commerce names, and three of Tailorbird's own."""
