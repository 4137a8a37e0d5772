"""What is measured of a person, for experiments and the holdout: one number each, after they came in and before."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from tailorbird.contracts.reports import KpiDefinition
from tailorbird.contracts.wire import Fault

__all__ = ["PERSON_METRICS", "PersonMetric", "margin_of", "metric_of", "summed"]

BEFORE = 28 * 86_400.0
"""Seconds before somebody came in whose doings are taken out of the difference."""


class PersonMetric(Struct, frozen=True):
    """A number that each person has: the sum of `worth` over what they did; with `once` whether it is above nothing."""

    name: str
    title: str
    sentence: str
    unit: Literal["count", "share", "money", "number"]
    kinds: tuple[str, ...]
    worth: str
    once: bool = False
    better: Literal["higher", "lower", ""] = "higher"

    @property
    def definition(self) -> KpiDefinition:
        return KpiDefinition(
            name=self.name, title=self.title, sentence=self.sentence, unit=self.unit, better=self.better
        )


_ORDERS = ("order", "refund")
PERSON_METRICS = (
    PersonMetric(
        "revenue_per_person", "Revenue per person", "Revenue of each person since they came in.", "money", _ORDERS,
        "revenue",
    ),
    PersonMetric(
        "margin_per_person", "Margin per person", "Margin of each person's orders since they came in.", "money",
        _ORDERS, "margin",
    ),
    PersonMetric("orders_per_person", "Orders per person", "Orders of each person.", "number", ("order",), "1"),
    PersonMetric(
        "conversion", "Conversion", "Share of persons who ordered since they came in.", "share", ("order",), "1",
        once=True,
    ),
    PersonMetric("items_per_person", "Items per person", "Units that each person bought.", "number", _ORDERS, "items"),
    PersonMetric("clicks_per_person", "Clicks per person", "Clicks of each person.", "number", ("click",), "1"),
    PersonMetric("clicked", "Clicked", "Share of persons who clicked.", "share", ("click",), "1", once=True),
    PersonMetric(
        "redeemed", "Redeemed", "Share of persons who redeemed an offer.", "share", ("redemption",), "1", once=True
    ),
    PersonMetric(
        "cost_per_person", "Cost per person", "What offers redeemed by each person cost.", "money", ("redemption",),
        "cost", better="lower",
    ),
    PersonMetric(
        "not_for_me", "Not for me", "Share of persons who said \"not for me\".", "share", ("not_for_me",), "1",
        once=True, better="lower",
    ),
    PersonMetric(
        "complained", "Complained", "Share of persons who complained.", "share", ("complaint",), "1", once=True,
        better="lower",
    ),
    PersonMetric(
        "opted_out", "Opted out", "Share of persons who wanted no more e-mails.", "share", ("opt_out",), "1", once=True,
        better="lower",
    ),
)  # fmt: skip


def metric_of(name: str) -> PersonMetric:
    """The metric of this name. Raises Fault(422) that names those there are."""
    found = next((one for one in PERSON_METRICS if one.name == name), None)
    if found is None:
        names = ", ".join(one.name for one in PERSON_METRICS)
        raise Fault(422, f"There is no metric '{name}' of persons; there are {names}.")
    return found


def margin_of(table: str, rate: float) -> str:
    """SQL for an order's margin: as told, else the usual part of its revenue."""
    return f"if({table}.margin is null or isnan({table}.margin), {rate} * {table}.revenue, {table}.margin)"


def summed(metric: PersonMetric, of: str, since: str, margin_rate: float) -> str:
    """SQL that gives, for each person of the table `of` who did any of it, the metric after their moment `since` and
    in the four weeks before: `person`, `value`, `before`. Who did nothing is not in it.
    """
    worth = {"1": "1", "margin": margin_of("told", margin_rate)}.get(metric.worth, f"told.{metric.worth}")
    kinds = ", ".join(f"'{kind}'" for kind in metric.kinds)
    moment = f'{of}."{since}"'
    parts = {
        "value": f'told."at" >= {moment}',
        "before": f'told."at" < {moment} and told."at" >= {moment} - {BEFORE}',
    }
    sums = {name: f"coalesce(sum({worth}) filter ({when}), 0)" for name, when in parts.items()}
    shown = {name: f"if({one} > 0, 1, 0)" if metric.once else one for name, one in sums.items()}
    columns = ", ".join(f"{one} as {name}" for name, one in shown.items())
    return (
        f"select told.person as person, {columns} from all_outcomes as told join {of} on {of}.person = told.person "
        f"where told.machine = 0 and told.kind in ({kinds}) group by told.person"
    )
