"""What a profile keeps beside items and orders: looks at items, places, requests for help, moments that came.

Arrays on disk, like all of `profile.py`: a new field goes to the end, with a default.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

__all__ = ["FIRED_KEPT", "Contact", "Dwell", "Fence", "Fired", "Loyalty", "Observed", "Ticket", "fired_kept"]

FIRED_KEPT = 50


class Dwell(Struct, frozen=True, array_like=True):
    """How long one item was looked at in a visit, and how often hovered over: [item_id, seconds, hovers]."""

    item_id: str
    seconds: int
    hovers: int


class Fence(Struct, frozen=True, array_like=True):
    """A geofence and whether somebody is inside: [name, at, inside]."""

    name: str
    at: int
    inside: bool


class Ticket(Struct, frozen=True, array_like=True):
    """A request for help: [ticket_id, opened_at, resolved_at, reason, promised]."""

    ticket_id: str
    opened_at: int
    resolved_at: int = 0
    """0: open."""
    reason: tuple[int, str] = (0, "")
    """As last told, and when; so is `promised`, the moment by which it is to be resolved."""
    promised: tuple[int, int] = (0, 0)

    @property
    def promised_at(self) -> int:
        return self.promised[1]


class Contact(Struct, frozen=True, array_like=True):
    """One conversation with people of the shop: [at, channel, reason, ticket_id]."""

    at: int
    channel: str = ""
    reason: str = ""
    ticket_id: str = ""


class Loyalty(Struct, frozen=True, array_like=True):
    """Where somebody stands in the loyalty programme; each field as last told, and when."""

    card: tuple[int, str] = (0, "")
    level: tuple[int, str] = (0, "")
    points: tuple[int, float] = (0, 0.0)
    segment: tuple[int, str] = (0, "")
    since: tuple[int, int] = (0, 0)
    lapse_at: tuple[int, int] = (0, 0)

    @property
    def at(self) -> int:
        """When anything was told last; 0: never."""
        return max(int(told) for told, _ in astuple(self))

    @property
    def values(self) -> tuple[Any, ...]:
        return tuple(value for _, value in astuple(self))


class Observed(Struct, frozen=True, array_like=True):
    """What was noticed beside items and orders, and changes rarely."""

    tickets: tuple[Ticket, ...] = ()
    contacts: tuple[Contact, ...] = ()
    """Newest first."""
    opens: bytes = b""
    """E-mails opened by somebody at each hour of the day, by UTC; so are `shops`, carts filled and orders made."""
    shops: bytes = b""
    advocacy: int = 0
    """How often they reviewed, shared or referred."""
    time_zone: tuple[int, str] = (0, "")
    loyalty: Loyalty | None = None
    """None: nothing was told, as of most."""


class Fired(Struct, frozen=True, array_like=True):
    """A moment that came: [moment, occasion, at, until, raised_at]."""

    moment: str
    occasion: str
    """What it came for: the same occasion never fires again."""
    at: int
    until: int = 0
    """Up to then it is shown on pages."""
    raised_at: int = 0
    """When the event happened that raised it; before `at` when it waited."""


def fired_kept(fired: Iterable[Fired]) -> tuple[Fired, ...]:
    """The latest of these moments, each occasion once, latest first."""
    found: dict[tuple[str, str], Fired] = {}
    for one in sorted(fired, key=lambda one: (-one.at, one.moment, one.occasion)):
        found.setdefault((one.moment, one.occasion), one)
    return tuple(found.values())[:FIRED_KEPT]
