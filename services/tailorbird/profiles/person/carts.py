"""The cart out of what happened to it, whatever the order in which that was heard of."""

from __future__ import annotations

from collections.abc import Iterable

from tailorbird.contracts.words import CartLine
from tailorbird.profiles.person.profile import Cart, CartStep

__all__ = ["ALL_OF_IT", "LINES_KEPT", "combined", "contents", "stepped", "whole"]

ALL_OF_IT = -10_000
"""Change of a step that takes an item out, however many there are."""
LINES_KEPT = 100
STEPS_KEPT = 100


def whole(cart: Cart, at: float, mark: bytes, lines: Iterable[tuple[str, int]]) -> Cart:
    """The cart when all of it was seen at that moment: earlier steps no longer count, later ones do."""
    if (at, mark) < (cart.at, cart.mark):
        return cart
    kept = tuple(sorted(dict(lines).items()))[:LINES_KEPT]
    return Cart(at, mark, kept, tuple(step for step in cart.steps if (step.at, step.mark) > (at, mark)))


def stepped(cart: Cart, step: CartStep) -> Cart:
    """The cart with one more step, which may be an old one."""
    if (step.at, step.mark) <= (cart.at, cart.mark):
        return cart
    steps = sorted((*cart.steps, step), key=lambda one: (one.at, one.mark))
    if len(steps) > STEPS_KEPT:
        # The oldest half becomes part of what was seen whole.
        old, steps = steps[: STEPS_KEPT // 2], steps[STEPS_KEPT // 2 :]
        lines = tuple(sorted(_replayed(cart.lines, old).items()))[:LINES_KEPT]
        return Cart(old[-1].at, old[-1].mark, lines, tuple(steps))
    return Cart(cart.at, cart.mark, cart.lines, tuple(steps))


def combined(one: Cart, other: Cart) -> Cart:
    """One cart of two that turn out to be the same person's: the later whole view, and both carts' steps."""
    later, earlier = (one, other) if (one.at, one.mark) >= (other.at, other.mark) else (other, one)
    cart = later
    for step in earlier.steps:
        if step not in later.steps:
            cart = stepped(cart, step)
    return cart


def contents(cart: Cart) -> tuple[CartLine, ...]:
    """What is in it now."""
    lines = _replayed(cart.lines, cart.steps) if cart.steps else dict(cart.lines)
    return tuple(CartLine(item_id=item_id, quantity=quantity) for item_id, quantity in lines.items())


def _replayed(lines: Iterable[tuple[str, int]], steps: Iterable[CartStep]) -> dict[str, int]:
    found = dict(lines)
    for step in steps:
        quantity = min(found.get(step.item_id, 0) + step.change, 10_000)
        if quantity > 0:
            found[step.item_id] = quantity
        else:
            found.pop(step.item_id, None)
    return found
