"""The families of conditions: each one class that decides, counts in SQL, and speaks English.

An operator and its opposite are one family (`=` and `!=`), named as react-querybuilder names them. A new family is a
subclass of `Condition` here; whatever reads rules finds it in `FAMILIES`. A condition is only ever asked about a value
that is known: what is not known makes it false, whichever of the two operators it has (`null` aside).
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from tailorbird.rules.attributes import Attribute, AttributeType, Known
from tailorbird.rules.condition import Bind, Condition, Mistake, read_one

__all__ = ["FAMILIES", "OPERATORS", "condition_of"]

_COMPARED: frozenset[AttributeType] = frozenset({"text", "number", "yes_no", "time"})
_ORDERED: frozenset[AttributeType] = frozenset({"number", "time"})
_TEXT: frozenset[AttributeType] = frozenset({"text"})


class Equals(Condition, frozen=True):
    """`=` and `!=`: the very value."""

    operators = ("=", "!=")
    types = _COMPARED
    words = ("{name} is {value}", "{name} is not {value}")

    def test(self, found: Any) -> bool:
        return bool(found == self.value)

    def test_sql(self, column: str, bind: Bind) -> str:
        return f"{column} = {bind(self.value)}"


class Less(Condition, frozen=True):
    """`<` and `>=`: of times, before."""

    operators = ("<", ">=")
    types = _ORDERED
    words = ("{name} is below {value}", "{name} is at least {value}")

    def test(self, found: Any) -> bool:
        return bool(found < self.value)

    def test_sql(self, column: str, bind: Bind) -> str:
        return f"{column} < {bind(self.value)}"


class Greater(Condition, frozen=True):
    """`>` and `<=`: of times, after."""

    operators = (">", "<=")
    types = _ORDERED
    words = ("{name} is above {value}", "{name} is at most {value}")

    def test(self, found: Any) -> bool:
        return bool(found > self.value)

    def test_sql(self, column: str, bind: Bind) -> str:
        return f"{column} > {bind(self.value)}"


class Between(Condition, frozen=True):
    """`between` and `notBetween`: from and to, both included."""

    operators = ("between", "notBetween")
    types = _ORDERED
    words = ("{name} is between {value}", "{name} is not between {value}")

    def test(self, found: Any) -> bool:
        low, high = self.points()
        return bool(low <= found <= high)

    def test_sql(self, column: str, bind: Bind) -> str:
        low, high = self.points()
        return f"{column} BETWEEN {bind(low)} AND {bind(high)}"

    def joiner(self) -> str:
        return " and "

    @classmethod
    def read(cls, attribute: Attribute, value: Any) -> Known | tuple[float, ...] | None:
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            raise ValueError("needs a list of two values: from and to, both included")
        low, high = (float(read_one(attribute, part)) for part in value)  # type: ignore[arg-type]
        if low > high:
            raise ValueError("has its ends the wrong way round: the lower value stands first")
        return (low, high)


class In(Condition, frozen=True):
    """`in` and `notIn`: one of several values; of a list, any of them in it, or none of them."""

    operators = ("in", "notIn")
    types = _COMPARED | {"list"}
    words = ("{name} is {value}", "{name} is not {value}")

    def test(self, found: Any) -> bool:
        return any(member in self.points() for member in found) if self.type == "list" else found in self.points()

    def test_sql(self, column: str, bind: Bind) -> str:
        if self.type == "list":
            return f"list_has_any({column}, {bind(list(self.points()))})"
        return f"{column} IN ({', '.join(bind(point) for point in self.points())})"

    def english(self, name: str) -> str:
        if self.type != "list":
            return super().english(name)
        return f"{name} {'do not include' if self.negated else 'include'} {self.wanted()}"

    @classmethod
    def read(cls, attribute: Attribute, value: Any) -> Known | tuple[float, ...] | None:
        if not isinstance(value, (tuple, list)) or not value:
            raise ValueError("needs a list of at least one value")
        return tuple(read_one(attribute, part) for part in value)  # type: ignore[return-value]


class Contains(Condition, frozen=True):
    """`contains` and `doesNotContain`: a part of a text; of a list, a member, or several that must all be in it."""

    operators = ("contains", "doesNotContain")
    types = _TEXT | {"list"}
    words = ("{name} contains {value}", "{name} does not contain {value}")
    whole_text = False

    def test(self, found: Any) -> bool:
        return all(part in found for part in self.points())

    def test_sql(self, column: str, bind: Bind) -> str:
        if self.type == "list":
            return f"list_has_all({column}, {bind(list(self.points()))})"
        return f"contains({column}, {bind(self.value)})"

    def english(self, name: str) -> str:
        if self.type != "list":
            return super().english(name)
        return f"{name} {'do not include' if self.negated else 'include'} {self.wanted()}"

    def joiner(self) -> str:
        return " and "

    @classmethod
    def read(cls, attribute: Attribute, value: Any) -> Known | tuple[float, ...] | None:
        if attribute.type != "list" or not isinstance(value, (tuple, list)):
            return read_one(attribute, value)
        if not value:
            raise ValueError("needs a value, or a list of values that must all be there")
        return tuple(str(read_one(attribute, part)) for part in value)


class BeginsWith(Condition, frozen=True):
    """`beginsWith` and `doesNotBeginWith`."""

    operators = ("beginsWith", "doesNotBeginWith")
    types = _TEXT
    words = ("{name} begins with {value}", "{name} does not begin with {value}")
    whole_text = False

    def test(self, found: Any) -> bool:
        return bool(found.startswith(self.value))

    def test_sql(self, column: str, bind: Bind) -> str:
        return f"starts_with({column}, {bind(self.value)})"


class EndsWith(Condition, frozen=True):
    """`endsWith` and `doesNotEndWith`."""

    operators = ("endsWith", "doesNotEndWith")
    types = _TEXT
    words = ("{name} ends with {value}", "{name} does not end with {value}")
    whole_text = False

    def test(self, found: Any) -> bool:
        return bool(found.endswith(self.value))

    def test_sql(self, column: str, bind: Bind) -> str:
        return f"ends_with({column}, {bind(self.value)})"


class Missing(Condition, frozen=True):
    """`null` and `notNull`: whether the value is known at all; the one test that holds for what is not."""

    operators = ("null", "notNull")
    types = _COMPARED | {"list"}
    words = ("{name} is not known", "{name} is known")
    about_missing = True

    def test(self, found: Any) -> bool:  # noqa: ARG002 - what is known is never missing
        return False

    def test_sql(self, column: str, bind: Bind) -> str:  # noqa: ARG002
        return f"{column} IS NULL"

    def wanted(self) -> str:
        return "known" if self.negated else "not known"

    def points(self) -> tuple[Any, ...]:
        return ()

    @classmethod
    def read(cls, attribute: Attribute, value: Any) -> None:  # noqa: ARG003
        if value is not None and value != "":
            raise ValueError("takes no value")


FAMILIES: tuple[type[Condition], ...] = tuple(Condition.__subclasses__())
"""Every family, in the order above."""

OPERATORS: dict[str, tuple[type[Condition], bool]] = {
    operator: (family, bool(place)) for family in FAMILIES for place, operator in enumerate(family.operators)
}
"""Operator -> its family, and whether it is the opposite there."""


def condition_of(attribute: Attribute, operator: str, value: Any) -> Condition | Mistake:
    """The condition, or what is wrong with it."""
    if operator not in OPERATORS:
        near = get_close_matches(operator, OPERATORS, n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(OPERATORS)}."
        return Mistake("operator", f"There is no operator `{operator}`; {hint}")
    family, negated = OPERATORS[operator]
    if attribute.type not in family.types:
        fitting = ", ".join(name for name, (other, _) in OPERATORS.items() if attribute.type in other.types)
        return Mistake(
            "operator",
            f"`{operator}` can't test `{attribute.name}`, which is a {attribute.type}; use one of {fitting}.",
        )
    try:
        return family(attribute.name, attribute.type, family.read(attribute, value), negated)
    except ValueError as mistake:
        return Mistake("value", f"`{operator}` on `{attribute.name}` {mistake}.")
