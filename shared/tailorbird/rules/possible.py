"""Whether a rule can hold at all, and whether it holds of everybody: what a marketer is told when saving it.

What is said is certain: never and always are found where they can be proven. A rule about parts of texts, or one that
falls into very many alternatives, may be passed as ordinary though it is neither.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tailorbird.contracts.wire import Problem
from tailorbird.rules.attributes import CATALOGUE, Catalogue
from tailorbird.rules.bitset import alternatives
from tailorbird.rules.condition import Condition
from tailorbird.rules.conditions import BeginsWith, Contains, EndsWith, Equals, In, Missing
from tailorbird.rules.document import Rule
from tailorbird.rules.normal import AllOf, AnyOf, Node, normal

__all__ = ["always_holds", "never_holds", "notes_on"]


def notes_on(rule: Rule | None, path: str, catalogue: Catalogue = CATALOGUE) -> list[Problem]:
    """What a person should be told of a rule that was checked already: that it holds of nobody, or of everybody."""
    if rule is None or (rule.rules == () and not rule.negated):
        return []  # What nobody has written yet leaves nobody out.
    node = normal(rule, catalogue)
    if never_holds(node, catalogue):
        return [Problem(path=path, sentence="This rule can never hold: its conditions contradict each other.")]
    if always_holds(node, catalogue):
        return [Problem(path=path, sentence="This rule always holds: it leaves nobody out.")]
    return []


def never_holds(node: Node, catalogue: Catalogue = CATALOGUE) -> bool:
    """Whether there is surely no customer of whom it holds."""
    found = alternatives(node)
    return found is not None and not any(_possible(alternative, catalogue) for alternative in found)


def always_holds(node: Node, catalogue: Catalogue = CATALOGUE) -> bool:
    """Whether there is surely no customer of whom it does not hold, those of whom nothing is known included."""
    return never_holds(_complement(node), catalogue)


def _complement(node: Node) -> Node:
    """Holds exactly where the node does not; a condition's opposite does not: of the unknown neither holds."""
    if isinstance(node, AllOf):
        return AnyOf(tuple(_complement(part) for part in node.parts))
    if isinstance(node, AnyOf):
        return AllOf(tuple(_complement(part) for part in node.parts))
    if node.about_missing:
        return node.opposite()
    return AnyOf((node.opposite(), Missing(node.field, node.type, None)))


def _possible(alternative: Iterable[Condition], catalogue: Catalogue) -> bool:
    by_field: dict[str, list[Condition]] = {}
    for condition in alternative:
        by_field.setdefault(condition.field, []).append(condition)
    return all(_satisfied(conditions, catalogue) for conditions in by_field.values())


def _satisfied(conditions: Sequence[Condition], catalogue: Catalogue) -> bool:
    """Whether some value of the attribute, or none, makes all of the conditions true."""
    if any(one.about_missing and not one.negated for one in conditions):
        return all(one.about_missing and not one.negated for one in conditions)
    tests = [one for one in conditions if not one.about_missing]
    if not tests:
        return True
    kind = tests[0].type
    if kind == "yes_no":
        return any(all(one.holds(value) for one in tests) for value in (False, True))
    if kind in {"number", "time"}:
        return _number_satisfies(tests, catalogue)
    return _list_satisfies(tests) if kind == "list" else _text_satisfies(tests)


def _number_satisfies(tests: Sequence[Condition], catalogue: Catalogue) -> bool:
    """Between two thresholds nothing changes: they, one value between each two, and one beyond each end are tried."""
    attribute = catalogue.find(tests[0].field)
    least = attribute.least if attribute and attribute.least is not None else -math.inf
    most = attribute.most if attribute and attribute.most is not None else math.inf
    points = sorted({float(point) for one in tests for point in one.points()})
    between = [(low + high) / 2.0 for low, high in pairwise(points)]
    tried = [points[0] - 1.0, *points, *between, points[-1] + 1.0, least, most]
    return any(all(one.holds(value) for one in tests) for value in tried if least <= value <= most)


def _list_satisfies(tests: Sequence[Condition]) -> bool:
    forbidden = {member for one in tests if one.negated for member in one.members()}
    wanted = [one for one in tests if not one.negated]
    return all(one.members() - forbidden if isinstance(one, In) else not one.members() & forbidden for one in wanted)


def _text_satisfies(tests: Sequence[Condition]) -> bool:
    exact = [one for one in tests if isinstance(one, (Equals, In)) and not one.negated]
    if exact:
        return any(all(one.holds(point) for one in tests) for point in exact[0].points())
    begins = [str(one.value) for one in tests if isinstance(one, BeginsWith) and not one.negated]
    ends = [str(one.value) for one in tests if isinstance(one, EndsWith) and not one.negated]
    parts = [str(one.value) for one in tests if isinstance(one, Contains) and not one.negated]
    if any(not longer.startswith(shorter) for shorter, longer in pairwise(sorted(begins, key=len))):
        return False
    if any(not longer.endswith(shorter) for shorter, longer in pairwise(sorted(ends, key=len))):
        return False
    for one in tests:
        if not one.negated:
            continue
        value = str(one.value)
        if isinstance(one, Contains) and any(value in part for part in (*begins, *ends, *parts)):
            return False
        if isinstance(one, BeginsWith) and any(begin.startswith(value) for begin in begins):
            return False
        if isinstance(one, EndsWith) and any(end.endswith(value) for end in ends):
            return False
    return True
