"""What of a profile is older than it may be kept: the profile without it, or the finding that all of it is. Pure."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from tailorbird.profiles.person.packing import History
from tailorbird.profiles.person.profile import DAY, StoredProfile
from tailorbird.profiles.person.recent import Recent
from tailorbird.profiles.person.timeline import since

__all__ = ["Limits", "aged", "is_over"]


class Limits(Struct, frozen=True, kw_only=True):
    """Days for which each kind of data is kept; 0: until its person is erased."""

    visitors: int = 0
    """All that is known of somebody without a customer id, from when they were last heard of."""
    customers: int = 0
    behaviour: int = 0
    """What was looked at, searched for, dwelt on; visits, the timeline, moments, answers to offers."""
    purchases: int = 0
    """Which items were bought when; how many orders for how much stays."""
    contacts: int = 0
    """Conversations, and tickets that were resolved."""


def is_over(profile: StoredProfile, at: float, limits: Limits) -> bool:
    """Whether nothing was heard of them for so long that all of it goes."""
    days = limits.customers if profile.customer_id else limits.visitors
    return bool(days and profile.last_at) and at - profile.last_at > days * DAY


def aged(profile: StoredProfile, at: float, limits: Limits) -> StoredProfile:
    """The profile without what is too old; the very same one when nothing is."""
    found = profile
    if limits.behaviour:
        found = _without_behaviour(found, int(at - limits.behaviour * DAY))
    if limits.purchases:
        found = _without_purchases(found, int(at - limits.purchases * DAY))
    if limits.contacts:
        found = _without_contacts(found, int(at - limits.contacts * DAY))
    return profile if found == profile else replace(found, version=profile.version + 1)


def _without_behaviour(profile: StoredProfile, oldest: int) -> StoredProfile:
    signals = tuple(one for one in profile.recent.entries() if one.kind == "bought" or one.at >= oldest)
    visits = [one if one is not None and one.ended >= oldest else None
              for one in (profile.session, profile.previous_session)]  # fmt: skip
    return replace(
        profile,
        recent=profile.recent if len(signals) == len(profile.recent.entries()) else Recent(signals),
        session=visits[0],
        previous_session=visits[1],
        earlier_sessions=tuple(one for one in profile.earlier_sessions if one.ended >= oldest),
        timeline=since(profile.timeline, oldest),
        fired=tuple(one for one in profile.fired if one.at >= oldest),
        responses=tuple(one for one in profile.responses if one.last_at >= oldest),
    )


def _without_purchases(profile: StoredProfile, oldest: int) -> StoredProfile:
    history = profile.history
    items = history.entries()
    kept = sum(one.last_at >= oldest for one in items)  # They stand latest first.
    signals = tuple(one for one in profile.recent.entries() if one.kind != "bought" or one.at >= oldest)
    return replace(
        profile,
        history=history if kept == len(items) else History(items[:kept], counts=history.counts()[:kept]),
        forgotten_items=profile.forgotten_items + len(items) - kept,
        recent=profile.recent if len(signals) == len(profile.recent.entries()) else Recent(signals),
        recent_orders=tuple(one for one in profile.recent_orders if one.at >= oldest),
        refunds=tuple(one for one in profile.refunds if one.at >= oldest),
    )


def _without_contacts(profile: StoredProfile, oldest: int) -> StoredProfile:
    observed = profile.observed
    contacts = tuple(one for one in observed.contacts if one.at >= oldest)
    tickets = tuple(one for one in observed.tickets if not one.resolved_at or one.resolved_at >= oldest)
    if len(contacts) == len(observed.contacts) and len(tickets) == len(observed.tickets):
        return profile
    return replace(profile, observed=replace(observed, contacts=contacts, tickets=tickets))
