"""A variant of a layout with parts of it changed, as an experiment or a translation wants it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from tailorbird.assembler.experiments.document import Change

__all__ = ["NotThere", "changed", "same_part"]

Variant = TypeVar("Variant", bound=Struct)

_WHOM = frozenset({"id", "personas", "segments", "rule"})


class NotThere(ValueError):  # noqa: N818 - it says what is the matter
    """The part that should change is not in this variant, though it may be in others."""


def changed(variant: Variant, changes: Iterable[Change]) -> Variant:
    """The variant with all of these changes made. Raises NotThere or ValueError with a sentence."""
    plain: dict[str, Any] = msgspec.to_builtins(variant)
    some = False
    for change in changes:
        _make(plain, change)
        some = True
    if not some:
        return variant
    try:
        return msgspec.convert(plain, type(variant))
    except msgspec.ValidationError as error:
        raise ValueError(f"{error}.") from error


def same_part(one: str, other: str) -> bool:
    """Whether one of the two parts holds the other, or they are the same."""
    if "slot_order" in (one, other):
        return one.partition(".")[0] in ("slots", "slot_order") and other.partition(".")[0] in ("slots", "slot_order")
    first, second = one.split("."), other.split(".")
    shorter = min(len(first), len(second))
    return first[:shorter] == second[:shorter]


def _make(plain: dict[str, Any], change: Change) -> None:
    names = change.part.split(".")
    if names[0] in _WHOM:
        raise ValueError(f"`{names[0]}` says whom a variant is for; an experiment's own audience does that.")
    if names[0] == "slot_order":
        plain["slots"] = _ordered(plain["slots"], change.value)
    elif names[0] == "slots" and len(names) > 1:
        _change_slot(plain, names[1], names[2:], change.value)
    else:
        _put(plain, names, change)
    _translate(plain, change)


def _translate(plain: dict[str, Any], change: Change) -> None:
    """What was translated before was said in other words: it goes, and what the change brings comes."""
    told: dict[str, dict[str, str]] = plain.get("translations", {})
    if not told and not change.translations:
        return
    kept = {
        locale: {part: text for part, text in texts.items() if not same_part(part, change.part)}
        for locale, texts in told.items()
    }
    for locale, text in change.translations.items():
        kept[locale] = kept.get(locale, {}) | {change.part: text}
    plain["translations"] = kept


def _put(plain: dict[str, Any], names: list[str], change: Change) -> None:
    within: Any = plain
    for name in names[:-1]:
        found = within.get(name) if isinstance(within, dict) else _entry(within, name)
        if found is None:
            raise NotThere(f"There is no `{name}` in variant '{plain['id']}', so no `{change.part}`.")
        if not isinstance(found, (dict, list, tuple)):
            raise ValueError(f"`{name}` has no parts of its own.")
        within = found
    if not isinstance(within, dict):
        raise ValueError(f"`{change.part}` is one of a list: change what stands in it, or the whole list.")
    if change.value is None:
        within.pop(names[-1], None)
    else:
        within[names[-1]] = change.value


def _entry(listed: Any, name: str) -> Any:
    """`navigation.0.label` is the label of the first link."""
    return listed[int(name)] if name.isascii() and name.isdigit() and int(name) < len(listed) else None


def _change_slot(plain: dict[str, Any], slot_id: str, names: list[str], value: Any) -> None:
    slots = list(plain["slots"])
    place = next((place for place, slot in enumerate(slots) if slot["id"] == slot_id), -1)
    if place < 0:
        raise NotThere(f"Variant '{plain['id']}' has no slot '{slot_id}'; it has {_listed(slots)}.")
    if len(names) > 1:
        raise ValueError(f"A slot's parts have no parts of their own: `slots.{slot_id}.{names[0]}` is the deepest.")
    if names:
        slot = dict(slots[place])
        if value is None:
            slot.pop(names[0], None)
        else:
            slot[names[0]] = value
        slots[place] = slot
    elif value is None:
        del slots[place]
    elif isinstance(value, dict):
        slots[place] = {"id": slot_id} | value
    else:
        raise ValueError("A slot is a table with its `type` and more.")
    plain["slots"] = slots


def _ordered(slots: Any, order: Any) -> list[Any]:
    if not isinstance(order, (list, tuple)) or not all(isinstance(one, str) for one in order):
        raise ValueError("`slot_order` is a list of slots' ids.")
    by_id = {slot["id"]: slot for slot in slots}
    missing = [one for one in order if one not in by_id]
    if missing:
        raise NotThere(f"There is no slot '{missing[0]}' to be put in order; there are {_listed(slots)}.")
    return [by_id[one] for one in dict.fromkeys(order)] + [slot for slot in slots if slot["id"] not in set(order)]


def _listed(slots: Iterable[Any]) -> str:
    return ", ".join(slot["id"] for slot in slots)
