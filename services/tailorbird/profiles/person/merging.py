"""One profile of two that turn out to be the same person's."""

from __future__ import annotations

import copy

from tailorbird.profiles.identity.graph import in_order
from tailorbird.profiles.identity.graph import together as links_together
from tailorbird.profiles.person import carts, consent, dismissing, observing, stated, timeline
from tailorbird.profiles.person.exposures import first_seen
from tailorbird.profiles.person.folding import responded
from tailorbird.profiles.person.noted import fired_kept
from tailorbird.profiles.person.profile import StoredProfile, mark_of, remember, remembers
from tailorbird.profiles.person.purchases import kept_orders, merged_history, with_signals
from tailorbird.profiles.person.refunds import refunds_kept, totals_of
from tailorbird.profiles.person.sessions import sessions_of, with_sessions

__all__ = ["absorbed", "mark_of_absorbing"]


def mark_of_absorbing(visitor_person: str) -> bytes:
    """What a customer's profile remembers when it has this visitor's in it."""
    return mark_of(f"absorbed:{visitor_person}")


def absorbed(customer: StoredProfile, visitor: StoredProfile, visitor_person: str) -> StoredProfile:
    """The customer's profile with all that the visitor did in it.

    Absorbing the same visitor again changes nothing, so that a crash half way through a link may simply be repeated.
    """
    mark = mark_of_absorbing(visitor_person)
    if remembers(customer.marks, mark):
        return customer
    draft = copy.copy(customer)
    draft.marks = remember(customer.marks + visitor.marks, mark)
    draft.mark_pages = customer.mark_pages + visitor.mark_pages
    draft.version = max(customer.version, visitor.version) + 1
    draft.last_at = max(customer.last_at, visitor.last_at)
    ids = dict.fromkeys((*customer.anonymous_ids, *visitor.anonymous_ids))
    draft.links = links_together(customer.links, visitor.links)
    draft.anonymous_ids = in_order(ids, draft.links)
    draft.traits = stated.latest(stated.latest(customer.traits, visitor.traits), visitor.claims)
    draft.consent = consent.latest(customer.consent, visitor.consent)
    draft.audiences = tuple(sorted({*customer.audiences, *visitor.audiences}))
    with_sessions(draft, sessions_of(visitor))
    draft.recent = with_signals(customer.recent, visitor.recent.entries())
    draft.cart = carts.combined(customer.cart, visitor.cart)
    draft.observed = observing.together(customer.observed, visitor.observed)
    draft.timeline = timeline.merged(customer.timeline, visitor.timeline)
    draft.timeline_pages = customer.timeline_pages + visitor.timeline_pages
    draft.dismissed = dismissing.merged(customer.dismissed, visitor.dismissed)
    draft.exposures = first_seen((*customer.exposures, *visitor.exposures))
    draft.fired = fired_kept((*customer.fired, *visitor.fired))
    draft.customer_id = customer.customer_id or visitor.customer_id
    _add_purchases_of(draft, customer, visitor)
    for response in visitor.responses:
        responded(draft, response.offer_id, response.kind, response.last_at, response.times)
    return draft


def _add_purchases_of(draft: StoredProfile, customer: StoredProfile, visitor: StoredProfile) -> None:
    counted = [totals_of(_values(one), one.refunds) for one in (customer, visitor)]
    refunds = (*customer.refunds, *visitor.refunds)
    together = totals_of(_values(visitor) | _values(customer), refunds)
    draft.orders = customer.orders + visitor.orders - sum(one.orders for one in counted) + together.orders
    spend = customer.spend + visitor.spend - sum(one.spend for one in counted) + together.spend
    draft.spend = round(spend, 2)
    draft.refunds = refunds_kept(refunds)
    draft.lines = customer.lines + visitor.lines
    draft.discounted_lines = customer.discounted_lines + visitor.discounted_lines
    first = [at for at in (customer.first_order_at, visitor.first_order_at) if at]
    draft.first_order_at = min(first, default=0)
    draft.last_order_at = max(customer.last_order_at, visitor.last_order_at)
    draft.recent_orders = kept_orders((*customer.recent_orders, *visitor.recent_orders))
    draft.history, forgotten = merged_history(customer.history, visitor.history)
    draft.forgotten_items = customer.forgotten_items + visitor.forgotten_items + forgotten


def _values(profile: StoredProfile) -> dict[bytes, float]:
    return {order.mark: order.value for order in profile.recent_orders}
