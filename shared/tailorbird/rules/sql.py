"""A rule as the WHERE clause of a DuckDB query over a table with one column per attribute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from tailorbird.rules.attributes import AttributeType
from tailorbird.rules.condition import Condition
from tailorbird.rules.normal import AllOf, Node

__all__ = ["Where", "column_named", "where"]


class Where(Struct, frozen=True):
    """An SQL expression with `?` for each of the parameters, in their order. No value ever stands in the text."""

    sql: str
    parameters: tuple[Any, ...]


def column_named(field: str) -> str:
    """The column that bears the attribute's very name."""
    return '"' + field.replace('"', '""') + '"'


def where(node: Node, column: Callable[[str], str] = column_named) -> Where:
    """Selects those of whom the rule holds. `column` gives the expression that stands for an attribute.

    A column's type is its attribute's: VARCHAR, DOUBLE, BOOLEAN, VARCHAR[]; a time is DOUBLE, seconds since 1970 UTC.
    """
    parameters: list[Any] = []

    def bind(value: Any) -> str:
        parameters.append(value)
        return "?"

    return Where(_sql(node, column, bind), tuple(parameters))


def _sql(node: Node, column: Callable[[str], str], bind: Callable[[Any], str]) -> str:
    if isinstance(node, Condition):
        return node.sql(_READ[node.type].format(column(node.field)), bind)
    if not node.parts:
        return "TRUE" if isinstance(node, AllOf) else "FALSE"
    joiner = " AND " if isinstance(node, AllOf) else " OR "
    return "(" + joiner.join(_sql(part, column, bind) for part in node.parts) + ")"


_READ: dict[AttributeType, str] = {
    # An empty text and not-a-number count as not known, as everywhere (attributes.known).
    "text": "NULLIF(CAST({} AS VARCHAR), '')",
    "number": "NULLIF(CAST({} AS DOUBLE), 'nan'::DOUBLE)",
    "yes_no": "CAST({} AS BOOLEAN)",
    "list": "CAST({} AS VARCHAR[])",
    "time": "NULLIF(CAST({} AS DOUBLE), 'nan'::DOUBLE)",
}
