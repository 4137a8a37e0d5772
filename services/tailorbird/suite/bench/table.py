"""The figures of a bench run: one row each, what was wanted, what was measured."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from msgspec import Struct
from rich.box import SIMPLE
from rich.table import Table

__all__ = ["Figure", "median", "table"]


class Figure(Struct, frozen=True, kw_only=True):
    """One measured figure."""

    name: str
    measured: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    detail: str = ""

    @property
    def reached(self) -> bool | None:
        """None where nothing was asked for."""
        if self.at_most is not None:
            return self.measured <= self.at_most
        if self.at_least is not None:
            return self.measured >= self.at_least
        return None

    @property
    def wanted(self) -> str:
        if self.at_most is not None:
            return f"<= {self.at_most:g}"
        return f">= {self.at_least:g}" if self.at_least is not None else ""


def median(values: Sequence[float]) -> float:
    return float(statistics.median(values))


def table(figures: Sequence[Figure]) -> Table:
    """What a person reads."""
    made = Table("figure", "measured", "unit", "wanted", "", "detail", box=SIMPLE)
    for figure in figures:
        verdict = {True: "[green]reached[/green]", False: "[red]missed[/red]", None: ""}[figure.reached]
        shown = f"{figure.measured:,.0f}" if abs(figure.measured) >= 100 else f"{figure.measured:.3g}"
        made.add_row(figure.name, shown, figure.unit, figure.wanted, verdict, figure.detail)
    return made
