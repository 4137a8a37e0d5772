"""A report as rows of a table: what CSV holds, one line for each thing that the report is about."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["as_csv", "rows_of"]

_ROWS = (
    "rows", "comparisons", "policies", "suggestions", "cells", "cohorts", "lines", "experiments",
)  # fmt: skip
"""What a report lists, whatever it is called in that report."""
_TRAVELS = ("simulated", "first_day", "last_day")
"""What must stand in each line, as lines are copied out of their table."""
_ESTIMATE = {"value", "low", "high"}


def as_csv(report: Mapping[str, Any]) -> str:
    """The report, as decoded JSON, as comma-separated values with a header."""
    rows = rows_of(report)
    # What travels stands in the header of a report without a line, too.
    travels = [name for name in _TRAVELS if name in report]
    names = list(dict.fromkeys([*travels, *(name for row in rows for name in row)]))
    written = io.StringIO()
    writer = csv.DictWriter(written, fieldnames=names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _safe(value) for name, value in row.items()} for row in rows)
    return written.getvalue()


def rows_of(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The report's lines, flat: an estimate is three columns, a list becomes a text."""
    travels = {name: report[name] for name in _TRAVELS if name in report}
    listed = next((report[name] for name in _ROWS if name in report), None)
    if listed is None:
        listed = [report]
    return [travels | _flat(row) for row in listed]


def _flat(row: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in row.items():
        full = f"{before}{name}"
        if isinstance(value, Mapping) and set(value) == _ESTIMATE:
            found |= {full: value["value"], f"{full}_low": value["low"], f"{full}_high": value["high"]}
        elif isinstance(value, Mapping):
            found |= _flat(value, "" if name == "kpis" else f"{full}_")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            found |= _listed(full, value)
        else:
            found[full] = value
    return found


def _listed(name: str, values: Sequence[Any]) -> dict[str, Any]:
    if not values or not all(isinstance(value, Mapping) for value in values):
        return {name: "; ".join(str(value) for value in values)}
    if set(values[0]) == _ESTIMATE:
        return _estimates(name, values)
    return {
        key: flat for place, value in enumerate(values) for key, flat in _flat(value, f"{name}_{place}_").items()
    }


def _estimates(name: str, values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place, value in enumerate(values):
        found |= {
            f"{name}_{place}": value["value"],
            f"{name}_{place}_low": value["low"],
            f"{name}_{place}_high": value["high"],
        }
    return found


def _safe(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is told to be a text."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
