"""What a person bought, folded into the profile: order by order, or a whole file's worth at once."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from tailorbird.contracts.words import Bought, Signal
from tailorbird.profiles.person import fading
from tailorbird.profiles.person.packing import History
from tailorbird.profiles.person.profile import (
    DAY,
    HISTORY_KEPT,
    ORDERS_KEPT_DAYS,
    RECENT_KEPT,
    Order,
    StoredProfile,
    mark_of,
)
from tailorbird.profiles.person.recent import Recent
from tailorbird.profiles.person.refunds import Refund, refunds_kept, totals_of

__all__ = [
    "Purchases",
    "add_order",
    "add_purchases",
    "kept_orders",
    "merged_history",
    "take_back",
    "with_signals",
]

WEEK = 7 * DAY
SIGNALS_AT_MOST = 500
ORDERS_AT_MOST = 200


class Purchases(Struct, frozen=True):
    """What a file tells of one person's purchases beyond what was loaded before."""

    orders: int
    spend: float
    lines: int
    discounted_lines: int
    first_at: int
    last_at: int
    bought: History
    """At most as many items as a profile keeps, latest first."""
    distinct_items: int
    recent_orders: tuple[Order, ...]
    signals: tuple[Signal, ...]
    """Purchases of the last seven days, and other recent acts."""


def add_order(
    draft: StoredProfile, at: int, order_id: str, value: float, items: Iterable[str], discounted: int
) -> bool:
    """Whether the order was new: then the draft has it. One told before, under whatever message id, is not."""
    unique = tuple(dict.fromkeys(items))
    order = Order(at, round(value, 2), mark_of(f"order:{order_id}"))
    if any(known.mark == order.mark for known in draft.recent_orders):
        return False
    add_purchases(
        draft,
        Purchases(
            orders=1,
            spend=order.value,
            lines=len(unique),
            discounted_lines=min(discounted, len(unique)),
            first_at=at,
            last_at=at,
            bought=History(tuple(Bought(item, 1, at, 1.0) for item in sorted(unique))),
            distinct_items=len(unique),
            recent_orders=(order,),
            signals=tuple(Signal("bought", item, at) for item in unique),
        ),
    )
    return True


def add_purchases(draft: StoredProfile, new: Purchases) -> None:
    """Puts these purchases into the draft."""
    # An order that was told as an event and comes again in a file.
    known = {order.mark for order in draft.recent_orders}
    again = [order for order in new.recent_orders if order.mark in known]
    fresh = {order.mark: order.value for order in new.recent_orders if order.mark not in known}
    left = totals_of(fresh, draft.refunds)
    draft.orders += new.orders - len(again) - len(fresh) + left.orders
    spend = new.spend - sum(order.value for order in again) - sum(fresh.values()) + left.spend
    draft.spend = round(draft.spend + spend, 2)
    draft.lines += new.lines
    draft.discounted_lines += new.discounted_lines
    if new.lines:
        draft.first_order_at = min(draft.first_order_at or new.first_at, new.first_at)
        draft.last_order_at = max(draft.last_order_at, new.last_at)
    draft.last_at = max(draft.last_at, new.last_at)
    draft.recent_orders = kept_orders((*draft.recent_orders, *new.recent_orders))
    draft.forgotten_items += new.distinct_items - len(new.bought.entries())
    draft.history, forgotten = merged_history(draft.history, new.bought)
    draft.forgotten_items += forgotten
    draft.recent = with_signals(draft.recent, new.signals)


def take_back(draft: StoredProfile, refund: Refund) -> None:
    """Puts what was taken back of an order into the draft; where the order is not known yet it counts once it comes."""
    orders = {order.mark: order.value for order in draft.recent_orders}
    before, refunds = totals_of(orders, draft.refunds), (*draft.refunds, refund)
    after = totals_of(orders, refunds)
    draft.orders += after.orders - before.orders
    draft.spend = round(draft.spend + after.spend - before.spend, 2)
    draft.refunds = refunds_kept(refunds)


def merged_history(one: History, other: History) -> tuple[History, int]:
    """Both as one, and how many items no longer fit. It doesn't matter which purchases were heard of first."""
    found = {entry.item_id: (entry, count) for entry, count in zip(one.entries(), one.counts(), strict=True)}
    for entry, count in zip(other.entries(), other.counts(), strict=True):
        known = found.get(entry.item_id)
        found[entry.item_id] = (entry, count) if known is None else _joined(*known, entry, count)
    ordered = sorted(found.values(), key=lambda kept: (-kept[0].last_at, kept[0].item_id))
    kept = ordered[:HISTORY_KEPT]
    history = History(tuple([entry for entry, _ in kept]), counts=tuple([count for _, count in kept]))
    return history, len(ordered) - len(kept)


def _joined(one: Bought, one_count: int, other: Bought, other_count: int) -> tuple[Bought, int]:
    last_at = max(one.last_at, other.last_at)
    count = fading.counted_later(one_count, one.last_at, last_at)
    count += fading.counted_later(other_count, other.last_at, last_at)
    return Bought(one.item_id, one.times + other.times, last_at, fading.told(count, last_at)), count


def with_signals(recent: Recent, signals: Iterable[Signal]) -> Recent:
    """The newest fifty, and every purchase of the seven days up to the newest.

    Times are whole seconds, and the same act on the same item within one second is one: a page that tells a view twice
    shows no more interest.
    """
    new = tuple(signals)
    # One is by far the most usual case.
    grown = recent.with_one(*new) if len(new) == 1 else Recent(tuple(sorted({*recent.entries(), *new}, key=_place)))
    return grown.kept(RECENT_KEPT, WEEK, SIGNALS_AT_MOST)


def _place(signal: Signal) -> tuple[int, str, str]:
    return -signal.at, signal.kind, signal.item_id


def kept_orders(orders: Iterable[Order]) -> tuple[Order, ...]:
    """The orders of the 90 days before the latest, newest first, each once."""
    ordered = sorted({order.mark: order for order in orders}.values(), key=lambda order: (-order.at, order.mark))
    if not ordered:
        return ()
    since = ordered[0].at - ORDERS_KEPT_DAYS * DAY
    return tuple(order for order in ordered if order.at >= since)[:ORDERS_AT_MOST]
