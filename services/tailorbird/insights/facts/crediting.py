"""Which decisions an order is credited to: those that the customer touched before it, within each one's window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from tailorbird.contracts.wire import Fault

__all__ = ["Credit", "Order", "Touch", "credits_of", "holds_recommended", "read_windows", "window_of"]

DAY = 86_400.0


class Touch(Struct, frozen=True):
    """Something that a customer did with a decision, or saw of it."""

    at: float
    decision_id: str
    clicked: bool
    """False: only seen."""
    subject: str = ""
    offer_id: str = ""
    item_id: str = ""
    row: Any = None
    """Whatever its holder needs to find it again."""


class Order(Struct, frozen=True):
    """An order, or the redemption of an offer, which is credited to where that offer was touched alone."""

    at: float
    bought: tuple[str, ...] = ()
    offer_id: str = ""


class Credit(Struct, frozen=True):
    touch: Touch
    last: float
    """Share of the order by last touch: 1 for the latest, 0 for the others."""
    linear: float
    """Share when all that were touched share alike."""


def credits_of(order: Order, touches: Iterable[Touch], window: Callable[[Touch], float]) -> list[Credit]:
    """The credits, oldest touch first; none when nothing was touched within its window.

    Who clicked on something is not credited to what they only saw. A decision touched several times counts once, with
    the latest. `window` gives a touch's days.
    """
    within = [
        one
        for one in touches
        if 0.0 <= order.at - one.at <= window(one) * DAY and order.offer_id in ("", one.offer_id)
    ]
    counted = [one for one in within if one.clicked] or within
    latest: dict[str, Touch] = {}
    for one in sorted(counted, key=lambda touch: touch.at):
        latest.pop(one.decision_id, None)
        latest[one.decision_id] = one
    chain = list(latest.values())
    return [Credit(one, float(one is chain[-1]), 1.0 / len(chain)) for one in chain]


def holds_recommended(order: Order, touches: Sequence[Touch], window: Callable[[Touch], float]) -> bool:
    """Whether the order holds an item that the customer had clicked where it was recommended."""
    clicked = {one.item_id for one in touches if one.clicked and 0.0 <= order.at - one.at <= window(one) * DAY}
    return not clicked.isdisjoint(order.bought)


def window_of(windows: Mapping[str, float], usual: float) -> Callable[[Touch], float]:
    """Days for a touch: those of its offer, else of its page or e-mail (`email/weekly`), else the usual ones."""

    def days(touch: Touch) -> float:
        return windows.get(touch.offer_id) or windows.get(touch.subject) or usual

    return days


def read_windows(text: str) -> dict[str, float]:
    """`email/weekly=3 pizza=14` as days by name. Raises Fault(422)."""
    found: dict[str, float] = {}
    for one in text.split():
        name, _, days = one.rpartition("=")
        try:
            found[name] = float(days)
        except ValueError:
            found[name] = 0.0
        if not name or not 0.0 < found[name] <= 60.0:
            raise Fault(422, f"TAILORBIRD_INSIGHTS_WINDOWS holds '{one}'; write it as email/weekly=3, at most 60 days.")
    return found
