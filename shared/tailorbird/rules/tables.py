"""What the rules ask of one attribute, arranged so that one lookup of what was found answers all of them.

Each table maps a value to the bits that it spares: those of all alternatives none of whose conditions on this
attribute is false of it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from tailorbird.rules.attributes import AttributeType, known
from tailorbird.rules.condition import Condition

__all__ = ["REMEMBERED", "Table", "table_for"]

REMEMBERED = 2_048
"""Values of which a table remembers the outcome, where outcomes can't be listed ahead; then it forgets all of them."""


class Table(Protocol):
    def spared(self, found: Any) -> int: ...


def table_for(conditions: Mapping[Condition, Sequence[int]], everything: int) -> Table:
    """The table for all conditions on one attribute; each comes with the bits of the alternatives that need it."""
    masks = {condition: _mask(bits) for condition, bits in conditions.items()}
    kind = next(iter(masks)).type
    missing = everything
    for condition, mask in masks.items():
        if not condition.about_missing or condition.negated:
            missing &= ~mask
    if kind == "list":
        return _ListTable(conditions, masks, missing, everything)
    if kind in ("number", "time"):
        return _OrderedTable(kind, masks, missing, everything)
    return _ExactTable(kind, masks, missing, everything)


class _ScalarTable:
    def __init__(self, kind: AttributeType, masks: Mapping[Condition, int], missing: int, everything: int) -> None:
        self._kind = kind
        self._masks = tuple(masks.items())
        self._missing = missing
        self._everything = everything

    def _evaluated(self, value: Any) -> int:
        spared = self._everything
        for condition, mask in self._masks:
            if not condition.holds(value):
                spared &= ~mask
        return spared


class _ExactTable(_ScalarTable):
    """Texts, yes and no: by hash."""

    def __init__(self, kind: AttributeType, masks: Mapping[Condition, int], missing: int, everything: int) -> None:
        super().__init__(kind, masks, missing, everything)
        points = {point for condition in masks for point in condition.points()}
        self._by_value: dict[Any, int] = {point: self._evaluated(point) for point in points}
        self._open = kind == "text" and not all(condition.whole_text for condition in masks)
        """Whether a value that no condition names may have an outcome of its own."""
        self._other = self._evaluated(_unnamed(points)) if kind == "text" and not self._open else missing
        if kind == "yes_no":
            self._by_value = {answer: self._evaluated(answer) for answer in (False, True)}

    def spared(self, found: Any) -> int:
        if type(found) is not str and found is not None:
            found = known(self._kind, found)
        if found is None or found == "":
            return self._missing
        spared = self._by_value.get(found)
        if spared is not None:
            return spared
        if not self._open:
            return self._other
        if len(self._by_value) >= REMEMBERED:
            self._by_value.clear()
        spared = self._by_value[found] = self._evaluated(found)
        return spared


class _OrderedTable(_ScalarTable):
    """Numbers and times: by their place among the sorted thresholds."""

    def __init__(self, kind: AttributeType, masks: Mapping[Condition, int], missing: int, everything: int) -> None:
        super().__init__(kind, masks, missing, everything)
        self._points: list[float] = sorted({point for condition in masks for point in condition.points()})
        self._by_place: dict[int, int] = {}

    def spared(self, found: Any) -> int:
        value = known(self._kind, found) if found is not None else None
        if not isinstance(value, float):
            return self._missing
        points = self._points
        place = bisect_left(points, value)
        # Odd: on a threshold; even: between two. All values of one place have the same outcome.
        place = 2 * place + 1 if place < len(points) and points[place] == value else 2 * place
        spared = self._by_place.get(place)
        if spared is None:
            spared = self._by_place[place] = self._evaluated(value)
        return spared


class _ListTable:
    """Lists of texts: by hash of each member.

    An alternative may want several things of one list. These stand in layers, so that within a layer it wants one:
    the members found then add up to what is satisfied.
    """

    def __init__(
        self,
        conditions: Mapping[Condition, Sequence[int]],
        masks: Mapping[Condition, int],
        missing: int,
        everything: int,
    ) -> None:
        self._missing = missing
        self._known = everything
        self._refusing: dict[str, int] = {}
        self._layers: list[tuple[dict[str, int], list[int]]] = []
        """Member -> the alternatives it satisfies; and, alone in its list, those that this layer asks nothing of."""
        depth: dict[int, int] = {}
        for condition, bits in conditions.items():
            if condition.about_missing:
                self._known &= everything if condition.negated else ~masks[condition]
            elif condition.negated:
                for member in condition.members():
                    self._refusing[member] = self._refusing.get(member, 0) | masks[condition]
            else:
                for bit in bits:
                    self._ask(depth.get(bit, 0), condition, 1 << bit, everything)
                    depth[bit] = depth.get(bit, 0) + 1

    def _ask(self, layer: int, condition: Condition, mask: int, everything: int) -> None:
        if layer == len(self._layers):
            self._layers.append(({}, [everything]))
        satisfying, indifferent = self._layers[layer]
        indifferent[0] &= ~mask
        for member in condition.members():
            satisfying[member] = satisfying.get(member, 0) | mask

    def spared(self, found: Any) -> int:
        members = known("list", found) if found is not None else None
        if not isinstance(members, tuple):
            return self._missing
        spared = self._known
        if self._refusing:
            for member in members:
                refused = self._refusing.get(member)
                if refused is not None:
                    spared &= ~refused
        for satisfying, indifferent in self._layers:
            satisfied = indifferent[0]
            for member in members:
                satisfied |= satisfying.get(member, 0)
            spared &= satisfied
        return spared


def _mask(bits: Sequence[int]) -> int:
    mask = 0
    for bit in bits:
        mask |= 1 << bit
    return mask


def _unnamed(points: set[Any]) -> str:
    """A text that no condition names: it stands for every other one."""
    return max((point for point in points), key=len, default="") + "?"
