"""Traits that somebody stated: which values are taken, and which of two statements counts."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from tailorbird.profiles.person.profile import Trait

__all__ = ["TRAITS_KEPT", "imported", "latest", "stated", "trait_name"]

TRAITS_KEPT = 100
_LONGEST_TEXT = 500
_RANK = {"claimed": 0, "imported": 1, "given": 2}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def trait_name(name: str) -> str:
    """The name as attributes spell it (`firstName` becomes first_name), empty when it can't be one."""
    spelled = _HUMP.sub("_", name.strip()).replace(" ", "_").replace("-", "_").lower()
    return spelled if _NAME.fullmatch(spelled) else ""


def stated(values: Mapping[str, Any], at: int, source: str) -> dict[str, Trait]:
    """The traits among these values: texts, numbers, yes or no, lists of texts. Others are left out."""
    found: dict[str, Trait] = {}
    for name, value in values.items():
        spelled = trait_name(name)
        taken = _value(value)
        if spelled and taken is not None:
            found[spelled] = Trait(taken, at, source)
    return found


def latest(known: Mapping[str, Trait], new: Mapping[str, Trait], keep: int = TRAITS_KEPT) -> dict[str, Trait]:
    """Of each trait the statement that counts: the customer's own before an imported one, then the later."""
    found = dict(known)
    for name, trait in new.items():
        before = found.get(name)
        if (before is None and len(found) < keep) or (before is not None and _weight(trait) > _weight(before)):
            found[name] = trait
    return found


def imported(known: Mapping[str, Trait], values: Mapping[str, Any], at: int) -> dict[str, Trait]:
    """The traits with a file's values in them: they replace what was imported before, not what the customer said."""
    found = dict(known)
    for name, trait in stated(values, at, "imported").items():
        before = found.get(name)
        if before is None or (before.source != "given" and (before.source, before.value) != ("imported", trait.value)):
            found[name] = trait
    return found


def _weight(trait: Trait) -> tuple[int, int, str]:
    return _RANK.get(trait.source, 0), trait.at, str(trait.value)


def _value(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.strip()[:_LONGEST_TEXT] or None
    if isinstance(value, int):
        return value if abs(value) < 2**53 else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list) and len(value) <= 50 and all(isinstance(part, str) for part in value):
        return [part[:_LONGEST_TEXT] for part in value]
    return None
