"""Whose is this event: the one person it is folded into, and which ids it ties together.

An id is written `customer:1228` or `anonymous:a-1`. Links are made only by what a server key vouched for. With the
write key alone an event may be added to a customer's profile, but an anonymous id beside it stays apart: what
that visitor is shown never holds anything of the customer whose id somebody merely wrote down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from tailorbird.contracts.profiles import Event
from tailorbird.contracts.words import CustomerRef
from tailorbird.profiles.person.profile import StoredProfile

__all__ = ["Belonging", "anonymous", "belonging", "customer", "ids_of", "ids_of_all"]


def customer(customer_id: str) -> str:
    return f"customer:{customer_id}"


def anonymous(anonymous_id: str) -> str:
    return f"anonymous:{anonymous_id}"


class Belonging(Struct, frozen=True):
    """Where an event goes, and what it says of ids."""

    into: str
    """The id whose person takes the event."""
    link: str = ""
    """An anonymous id now known to be that person's."""
    claim: str = ""
    """A customer id that the write key merely named."""
    parted: str = ""
    """An anonymous id that several customers use: from now on it belongs to none of them."""
    with_visitor: bool = True
    """False when the anonymous id beside is not this person's."""


def ids_of(ref: CustomerRef) -> tuple[str, ...]:
    """The ids under which a customer may be known, the strongest first."""
    found = []
    if ref.customer_id:
        found.append(customer(ref.customer_id))
    if ref.anonymous_id:
        found.append(anonymous(ref.anonymous_id))
    return tuple(found)


def ids_of_all(events: Iterable[Event]) -> set[str]:
    """Every id that these events name."""
    found: set[str] = set()
    for event in events:
        if event.customer_id:
            found.add(customer(event.customer_id))
        if event.anonymous_id:
            found.add(anonymous(event.anonymous_id))
        if event.previous_id:
            found.add(anonymous(event.previous_id))
    return found


def belonging(event: Event, owner_of: Callable[[str], StoredProfile | None]) -> Belonging:
    """Where the event goes; `owner_of` gives the profile to which an anonymous id leads, None when there is none."""
    visitor = event.previous_id or event.anonymous_id
    if not event.customer_id:
        return Belonging(anonymous(event.anonymous_id))
    into = customer(event.customer_id)
    if not visitor:
        return Belonging(into)
    beside = anonymous(visitor)
    owner = owner_of(beside)
    if owner is not None and owner.customer_id:
        if owner.customer_id == event.customer_id:
            return Belonging(into)
        # A device that two people use. What is told with a server key parts it for good.
        return Belonging(into, parted=beside if event.trusted else "", with_visitor=False)
    if not event.trusted:
        return Belonging(beside, claim=event.customer_id)
    if owner is not None and (owner.shared or event.customer_id in owner.kept_apart):
        return Belonging(into, with_visitor=False)
    return Belonging(into, link=beside)
