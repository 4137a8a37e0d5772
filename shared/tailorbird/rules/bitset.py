"""All rules decided at once: which of thousands hold of these values, as one integer with a bit per rule.

Every rule is taken apart into alternatives, each a set of conditions that must all hold; an alternative has a bit. For
an attribute, what was found is looked up (by hash, or among sorted thresholds) and gives the bits of all alternatives
that it lets live; the lookups of all attributes are combined with `&`. So the cost is a lookup per attribute that any
rule tests, whatever the number of rules; distinct conditions are evaluated once per distinct value and remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from tailorbird.rules.condition import Condition
from tailorbird.rules.normal import AnyOf, Node
from tailorbird.rules.plain import holds
from tailorbird.rules.tables import Table, table_for

__all__ = ["MAXIMUM_ALTERNATIVES", "REMEMBERED", "RuleIndex", "alternatives", "places"]

MAXIMUM_ALTERNATIVES = 64
"""A rule that falls into more alternatives is decided plainly, by itself: right all the same, only slower."""
REMEMBERED = 4_096
"""Customers of whom an index remembers what their own attributes let live; then it forgets all of them."""
OF_THE_MOMENT = ("context.", "cart.", "time.")
"""Attributes that are hardly ever the same twice."""


class RuleIndex:
    """Rules made ready to be decided together."""

    def __init__(self, rules: Sequence[Node]) -> None:
        self._all = (1 << len(rules)) - 1
        self._count = len(rules)
        self._plain: list[tuple[int, Node]] = []
        self._owners: list[int] = []
        """Of each alternative beyond a rule's first: the bit of its rule."""
        self._possible = 0
        conditions: dict[str, dict[Condition, list[int]]] = {}
        for place, rule in enumerate(rules):
            found = alternatives(rule)
            if found is None:
                self._plain.append((1 << place, rule))
                continue
            for number, alternative in enumerate(found):
                bit = place if number == 0 else self._count + len(self._owners)
                if number:
                    self._owners.append(1 << place)
                self._possible |= 1 << bit
                for condition in alternative:
                    conditions.setdefault(condition.field, {}).setdefault(condition, []).append(bit)
        everything = (1 << (self._count + len(self._owners))) - 1
        tables = [(field, table_for(tested, everything)) for field, tested in conditions.items()]
        self._lasting: list[tuple[str, Table]] = [one for one in tables if not one[0].startswith(OF_THE_MOMENT)]
        self._passing: list[tuple[str, Table]] = [one for one in tables if one[0].startswith(OF_THE_MOMENT)]
        self._lasting_fields = frozenset(field for field, _ in self._lasting)
        self.fields = frozenset(conditions).union(*(_fields_of(rule) for _, rule in self._plain))
        """Attributes that any rule tests."""
        self._remembered: dict[int, tuple[Mapping[str, Any], int]] = {}

    def matching(self, values: Mapping[str, Any]) -> int:
        """Bit `n` is set when the n-th rule holds of these values (attribute name -> what was found)."""
        alive = self._alive(values)
        for field, table in self._passing:
            alive &= table.spared(values.get(field))
        return self._matched(alive, values)

    def matching_now(self, customer: Mapping[str, Any], moment: Mapping[str, Any]) -> int:
        """As `matching` of both together, where the moment wins. What the customer's own attributes let live is worked
        out once for this very mapping, which nobody may change.
        """
        if not self._lasting_fields.isdisjoint(moment):
            return self.matching({**customer, **moment})
        remembered = self._remembered.get(id(customer))
        # The mapping stays with its answer, so that no other one gets its number.
        if remembered is None or remembered[0] is not customer:
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            remembered = self._remembered[id(customer)] = (customer, self._alive(customer))
        alive = remembered[1]
        for field, table in self._passing:
            alive &= table.spared(moment[field] if field in moment else customer.get(field))
        return self._matched(alive, {**customer, **moment} if self._plain else moment)

    def _alive(self, values: Mapping[str, Any]) -> int:
        """Alternatives that what lasts of these values lets live."""
        alive = self._possible
        get = values.get
        for field, table in self._lasting:
            alive &= table.spared(get(field))
        return alive

    def _matched(self, alive: int, values: Mapping[str, Any]) -> int:
        matched = alive & self._all
        if self._owners:
            for place in places(alive >> self._count):
                matched |= self._owners[place]
        for bit, rule in self._plain:
            if holds(rule, values):
                matched |= bit
        return matched


def places(bits: int) -> list[int]:
    """The positions of the bits that are set, lowest first."""
    if bits.bit_length() > 512:
        # Taking bits off one by one copies the integer each time; its bytes are walked once.
        return [
            8 * number + offset
            for number, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little"))
            if byte
            for offset in _OFFSETS[byte]
        ]
    found = []
    while bits:
        low = bits & -bits
        found.append(low.bit_length() - 1)
        bits ^= low
    return found


_OFFSETS = [[offset for offset in range(8) if byte >> offset & 1] for byte in range(256)]


def alternatives(node: Node) -> list[frozenset[Condition]] | None:
    """Sets of conditions of which one must hold entirely; none: it never holds. None: there are too many."""
    if isinstance(node, Condition):
        return [frozenset((node,))]
    parts = [alternatives(part) for part in node.parts]
    known_parts = [part for part in parts if part is not None]
    if len(known_parts) < len(parts):
        return None
    if isinstance(node, AnyOf):
        return _bounded(alternative for part in known_parts for alternative in part)
    size = 1
    for part in known_parts:
        size *= len(part)
        if size > MAXIMUM_ALTERNATIVES:
            return None
    return _bounded(frozenset().union(*chosen) for chosen in product(*known_parts))


def _fields_of(node: Node) -> frozenset[str]:
    if isinstance(node, Condition):
        return frozenset((node.field,))
    return frozenset().union(*map(_fields_of, node.parts))


def _bounded(some: Iterable[frozenset[Condition]]) -> list[frozenset[Condition]] | None:
    different = list(dict.fromkeys(some))
    return different if len(different) <= MAXIMUM_ALTERNATIVES else None
