"""The attributes that rules test, computed from a profile at a moment: `customer.*`, `history.*`, `session.*` and more.

Most of them stay the same from one view to the next: `lasting` finds those once, `passing` the others each time.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from tailorbird.contracts.words import AttributeValue
from tailorbird.profiles.person.noted import Loyalty, Ticket
from tailorbird.profiles.person.profile import DAY, StoredProfile
from tailorbird.profiles.person.refunds import left_of
from tailorbird.profiles.person.sessions import running
from tailorbird.profiles.traits import affinity, clusters, standing
from tailorbird.profiles.traits.affinity import Drawn
from tailorbird.profiles.traits.clusters import Clusters
from tailorbird.profiles.traits.items import NO_ITEMS, Items
from tailorbird.profiles.traits.population import OrderTotals, Population, attrition, lifetime_value, quintile
from tailorbird.profiles.traits.rhythm import usual_hour
from tailorbird.profiles.traits.tastes import Tastes, tastes_of

__all__ = ["ACCEPTED_TRAITS", "NEW_UNTIL_ORDERS", "Lasting", "attributes", "lasting", "passing", "totals_of"]

NEW_UNTIL_ORDERS = 3
"""Somebody with fewer orders counts as new."""
ACCEPTED_TRAITS = frozenset({"given", "imported"})
"""Sources whose traits rules may test: what the write key said is not among them."""
_NEVER_TOLD = frozenset({"email", "phone", "address", "last_name", "name", "audiences", "birthday"})
"""Deciding needs no way to reach somebody: these stay in the profile."""

Values = dict[str, AttributeValue]

_NOT_MEASURED = Population()


class Lasting(Struct, frozen=True):
    """What stays the same until an order, an answer to an offer, or another day: found once, then kept."""

    tastes: Tastes = Tastes()
    drawn: Drawn = Drawn()
    values: Values = {}


def attributes(
    profile: StoredProfile, tastes: Tastes, at: float, population: Population = _NOT_MEASURED
) -> Values:
    """Attribute name -> value, without those that are not known; what is known of items is in `tastes`."""
    return _lasting(profile, tastes, at, population) | passing(profile, Lasting(), at, NO_ITEMS)


def lasting(
    profile: StoredProfile,
    items: Items,
    at: float,
    population: Population,
    found: Clusters | None = None,
    hours_ahead: int = 0,
) -> Lasting:
    """What of the profile's attributes lasts. `hours_ahead`: of the shop's clocks before UTC."""
    tastes, drawn = Tastes(), Drawn()
    bought = profile.history.columns() if profile.orders else None
    if bought is not None and bought.items:
        kinds, times = items.numbers_of(bought.items), np.array(bought.times, np.int64)
        tastes = tastes_of(kinds, times, items.kinds)
        drawn = affinity.of_history(kinds, times, np.array(bought.last_at, np.int64), items.kinds)
    values = _lasting(profile, tastes, at, population, hours_ahead)
    if found is not None:
        # The price level by what was bought: what is merely looked at changes nobody's cluster.
        values.update(clusters.attributes(found, values | affinity.attributes(drawn)))
    return Lasting(tastes, drawn, values)


def passing(profile: StoredProfile, before: Lasting, at: float, items: Items) -> Values:
    """What of the profile's attributes changes with every event."""
    session = running(profile.session, at)
    recent = profile.recent.entries()
    found: Values = {
        "session.views": session.views if session else 0,
        "session.pages": session.pages if session else 0,
        "session.minutes": round((max(at, session.ended) - session.started) / 60.0, 1) if session else 0.0,
        "session.searches": list(session.searches) if session else [],
    }
    if session is not None:
        stage = standing.journey(session, recent, items, bool(profile.cart.steps or profile.cart.lines))
        found["journey.stage"] = stage
        if session.referrer:
            found["session.referrer_host"] = _host(session.referrer)
        if session.campaign:
            found["session.campaign"] = session.campaign
        if session.device[1]:
            found["session.device"] = session.device[1]
        if session.place[1]:
            found["session.place"] = session.place[1]
        if session.fences:
            found["session.geofences"] = [fence.name for fence in session.fences if fence.inside]
        if session.checkout_at:
            found["session.checkout"] = True
        if session.dwells:
            longest = max(session.dwells, key=lambda dwell: (dwell.seconds, dwell.item_id))
            found["session.longest_dwell"] = longest.seconds
            found["session.hovers"] = sum(dwell.hovers for dwell in session.dwells)
            if longest.item_id in items:
                found["session.dwell_item"] = longest.item_id
    axes = standing.shares(profile, session, at)
    found["share.identity"], found["share.behaviour"] = axes.identity, axes.behaviour
    found.update(affinity.attributes(before.drawn, recent, items))
    return found


def totals_of(profile: StoredProfile) -> OrderTotals:
    """The profile's orders in sum."""
    return OrderTotals(profile.orders, profile.spend, profile.first_order_at, profile.last_order_at)


def _lasting(
    profile: StoredProfile, tastes: Tastes, at: float, population: Population, hours_ahead: int = 0
) -> Values:
    found: Values = {
        f"customer.{name}": trait.value
        for name, trait in profile.traits.items()
        if trait.source in ACCEPTED_TRAITS and name not in _NEVER_TOLD
    }
    found.setdefault("customer.registered", bool(profile.customer_id))
    found["customer.audiences"] = list(profile.audiences)
    found["history.orders"] = profile.orders
    found["history.spend"] = profile.spend
    found["history.is_new"] = profile.orders < NEW_UNTIL_ORDERS
    found["history.coupons_redeemed"] = sum(one.times for one in profile.responses if one.kind == "redeemed")
    since = at - 90 * DAY
    orders = [order for order in profile.recent_orders if order.at >= since] if profile.orders else []
    left = [left_of(order.mark, order.value, profile.refunds) if profile.refunds else order.value for order in orders]
    recent = [value for value in left if value is not None]
    if profile.orders:
        _add_history(found, profile, tastes, at, recent)
        _add_predictions(found, profile, at, population)
    found.update(standing.treatments(profile, len(tastes.departments), len(recent)))
    _add_observed(found, profile, at, hours_ahead)
    return found


def _add_history(found: Values, profile: StoredProfile, tastes: Tastes, at: float, recent: list[float]) -> None:
    found["history.average_order"] = round(profile.spend / profile.orders, 2)
    found["history.days_since_last_order"] = max(0, int((at - profile.last_order_at) // DAY))
    found["history.days_since_first_order"] = max(0, int((at - profile.first_order_at) // DAY))
    found["history.orders_last_90_days"] = len(recent)
    found["history.spend_last_90_days"] = round(sum(recent), 2)
    found["history.distinct_items"] = len(profile.history) + profile.forgotten_items
    found["history.departments"] = list(tastes.departments)
    found["history.discount_share"] = round(profile.discounted_lines / profile.lines, 4) if profile.lines else 0.0
    if tastes.departments:
        found["history.top_department"] = tastes.departments[0]
    if tastes.top_category:
        found["history.top_category"] = tastes.top_category
    if tastes.private_brand_share is not None:
        found["history.private_brand_share"] = tastes.private_brand_share


def _add_predictions(found: Values, profile: StoredProfile, at: float, population: Population) -> None:
    totals = totals_of(profile)
    value = lifetime_value(totals, at, population.model)
    found["history.predicted_value"] = value
    found["history.attrition"] = attrition(totals, at, population.model)
    if population.value:
        found["history.value_quintile"] = quintile(value, population.value)
    if population.last_at:
        recency = quintile(profile.last_order_at, population.last_at)
        frequency = quintile(profile.orders, population.orders)
        monetary = quintile(profile.spend, population.spend)
        found["history.recency_quintile"] = recency
        found["history.frequency_quintile"] = frequency
        found["history.monetary_quintile"] = monetary
        found["history.rfm"] = f"{recency}{frequency}{monetary}"


def _add_observed(found: Values, profile: StoredProfile, at: float, hours_ahead: int) -> None:
    observed = profile.observed
    for name, counters in (("usual.open_hour", observed.opens), ("usual.shop_hour", observed.shops)):
        hour = usual_hour(counters, hours_ahead) if counters else None
        if hour is not None:
            found[name] = hour
    if observed.loyalty is not None:
        _add_loyalty(found, observed.loyalty, at)
    if observed.tickets:
        _add_tickets(found, observed.tickets, at)
    if observed.contacts:
        latest = observed.contacts[0]
        found["contact.days_since"] = max(0, int((at - latest.at) // DAY))
        if latest.reason:
            found["contact.last_reason"] = latest.reason


def _add_loyalty(found: Values, loyalty: Loyalty, at: float) -> None:
    _, level, points, segment, since, lapse_at = loyalty.values
    found["loyalty.points"] = points
    if level:
        found["loyalty.level"] = level
    if segment:
        found["loyalty.segment"] = segment
    if since:
        found["loyalty.member_days"] = max(0, int((at - since) // DAY))
    if lapse_at:
        found["loyalty.lapse_at"] = lapse_at


def _add_tickets(found: Values, tickets: tuple[Ticket, ...], at: float) -> None:
    still_open = [ticket for ticket in tickets if not ticket.resolved_at]
    found["contact.open_tickets"] = len(still_open)
    if still_open and still_open[0].reason[1]:
        found["contact.ticket_reason"] = still_open[0].reason[1]
    promised = [ticket.promised_at for ticket in still_open if ticket.promised_at]
    if promised:
        found["contact.promised_at"] = min(promised)
    resolved_at = max(ticket.resolved_at for ticket in tickets)
    if resolved_at:
        found["contact.days_since_resolved"] = max(0, int((at - resolved_at) // DAY))


def _host(address: str) -> str:
    """The host of an address, without `www.`."""
    rest = address.partition("//")[2] or address
    return rest.partition("/")[0].partition("?")[0].rpartition("@")[2].partition(":")[0].lower().removeprefix("www.")
