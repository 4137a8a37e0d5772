"""Whose is this event: the one person it is folded into, and which ids it ties together.

An id is written `customer:1228` or `anonymous:a-1`. Links are made only by what a server key vouched for. With the
write key alone an event may be added to a customer's profile, but an anonymous id beside it stays apart: what
that visitor is shown never holds anything of the customer whose id somebody merely wrote down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from tailorbird.contracts.profiles import Event
from tailorbird.contracts.words import CustomerRef

__all__ = ["Belonging", "anonymous", "belonging", "customer", "ids_of", "ids_of_all"]


def customer(customer_id: str) -> str:
    return f"customer:{customer_id}"


def anonymous(anonymous_id: str) -> str:
    return f"anonymous:{anonymous_id}"


class Belonging(Struct, frozen=True):
    """Where an event goes. `into`: the id whose person takes it. `link`: an anonymous id now known to be that person's.

    `claim`: a customer id that the write key merely named.
    """

    into: str
    link: str = ""
    claim: str = ""


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
        found.update(ids_of(CustomerRef(customer_id=event.customer_id, anonymous_id=event.anonymous_id)))
        if event.previous_id:
            found.add(anonymous(event.previous_id))
    return found


def belonging(event: Event, persons: Mapping[str, str]) -> Belonging:
    """Where the event goes; `persons` tells of each id known so far whose it is."""
    visitor = event.previous_id or event.anonymous_id
    if not event.customer_id:
        return Belonging(anonymous(event.anonymous_id))
    if not visitor:
        return Belonging(customer(event.customer_id))
    into, beside = customer(event.customer_id), anonymous(visitor)
    theirs = persons.get(beside)
    if theirs is not None and theirs == persons.get(into):
        return Belonging(into)
    if event.trusted:
        return Belonging(into, link=beside)
    return Belonging(beside, claim=event.customer_id)
