"""What becomes of an item when a part of it changes."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from tailorbird.contracts.recommender import Item, ItemChange
from tailorbird.contracts.wire import Fault, Problem

__all__ = ["changed"]


def changed(item: Item | None, change: ItemChange, now: float, path: str = "$") -> Item:
    """The item after the change; a new one when there was none. Raises Fault(422) when that one has no title.

    A stock that is told was counted now, unless the change says when; told again, it is as many but newly counted.
    """
    values: dict[str, Any] = {
        name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET
    }
    if "stock" in values:
        values["stock_at"] = 0.0 if values["stock"] is None else min(values.get("stock_at", now), now)
    else:
        values.pop("stock_at", None)
    if item is None:
        if "title" not in values:
            sentence = f"The item '{change.item_id}' is not known yet: a new item needs a title."
            raise Fault(422, sentence, (Problem(path=f"{path}.title", sentence=sentence),))
        return Item(**{**values, "attributes": _merged({}, values.get("attributes", {}))})
    if "attributes" in values:
        values["attributes"] = _merged(item.attributes, values["attributes"])
    return msgspec.structs.replace(item, **values)


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**old, **new}.items() if value is not None}
