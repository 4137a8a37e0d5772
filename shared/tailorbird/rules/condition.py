"""One test of one attribute: what every family of conditions shares, and how values are read and told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from msgspec import Struct

from tailorbird.rules.attributes import Attribute, AttributeType, Known, known

__all__ = ["Bind", "Condition", "Mistake", "read_one", "told"]

Bind = Callable[[Any], str]
"""Takes a value for the query and gives the placeholder that stands for it."""


class Mistake(Struct, frozen=True):
    """What is wrong with a condition: in which part (`operator` or `value`), and a sentence on how to mend it."""

    part: str
    sentence: str


class Condition(Struct, frozen=True):
    """One test of one attribute, checked and typed."""

    operators: ClassVar[tuple[str, str]]
    types: ClassVar[frozenset[AttributeType]]
    words: ClassVar[tuple[str, str]]
    """How it reads, and how its opposite reads; `{name}` and `{value}` are filled in."""
    about_missing: ClassVar[bool] = False
    """True for the one family that tests whether a value is known at all."""
    whole_text: ClassVar[bool] = True
    """False where parts of a text matter, so that no list of values tells all outcomes."""

    field: str
    type: AttributeType
    value: Known | tuple[float, ...] | None
    negated: bool = False

    @property
    def operator(self) -> str:
        return self.operators[self.negated]

    def opposite(self) -> Condition:
        return type(self)(self.field, self.type, self.value, not self.negated)

    def holds(self, found: Known) -> bool:
        """Whether it is true of this known value."""
        return self.test(found) is not self.negated

    def sql(self, column: str, bind: Bind) -> str:
        """A condition on a column, NULL where the column is NULL."""
        tested = self.test_sql(column, bind)
        return f"NOT ({tested})" if self.negated else f"({tested})"

    def english(self, name: str) -> str:
        """The condition as part of a sentence: `age is 65+`."""
        return self.words[self.negated].format(name=name, value=self.wanted())

    def wanted(self) -> str:
        """What it compares with, as people write it."""
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        return self.joiner().join(told(self.type, value) for value in values)

    def joiner(self) -> str:
        return " or "

    def points(self) -> tuple[Any, ...]:
        """The values at which the outcome may change: what an index looks up."""
        return self.value if isinstance(self.value, tuple) else (self.value,)

    def members(self) -> frozenset[str]:
        """Of a list attribute: it is true of a list with any of these in it (negated: with none)."""
        return frozenset(str(point) for point in self.points())

    def test(self, found: Any) -> bool:  # noqa: ARG002
        """Whether the first of the two operators is true of this known value."""
        raise TypeError(f"{type(self).__name__} has no test of its own")

    def test_sql(self, column: str, bind: Bind) -> str:  # noqa: ARG002
        """The same in DuckDB's SQL."""
        raise TypeError(f"{type(self).__name__} has no SQL of its own")

    @classmethod
    def read(cls, attribute: Attribute, value: Any) -> Known | tuple[float, ...] | None:
        """The value as it will be compared. Raises ValueError with a sentence when it can't be."""
        return read_one(attribute, value)


_WANTED: dict[AttributeType, str] = {
    "text": "a text that is not empty",
    "number": "a number",
    "yes_no": "true or false",
    "list": "a text that is not empty",
    "time": "a time in ISO 8601, such as 2026-12-01T00:00:00Z",
}


def read_one(attribute: Attribute, value: Any) -> Known:
    if isinstance(value, (tuple, list)):
        raise ValueError("needs one value, not a list")
    read = known("text" if attribute.type == "list" else attribute.type, value)
    if read is None:
        raise ValueError(f"needs {_WANTED[attribute.type]}, not {value!r}")
    if attribute.type == "time" and not (isinstance(read, float) and _FIRST <= read < _LAST):
        raise ValueError(f"needs a time between the years 1 and 9999, not {value!r}")
    return read


_FIRST = datetime(1, 1, 1, tzinfo=UTC).timestamp()
_LAST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


def told(kind: AttributeType, value: Any) -> str:
    if kind == "time":
        return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z").replace("T00:00:00Z", "")
    if kind == "yes_no":
        return "yes" if value else "no"
    if kind == "number":
        return f"{value:g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return str(value)
