"""Insights without a bus, and what happens in its shop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from tailorbird.contracts.experiments import Assignment
from tailorbird.contracts.insights import DecidedSlot, Decision
from tailorbird.contracts.profiles import Event, EventBatch
from tailorbird.contracts.reports import KpiReport, KpisQuery
from tailorbird.insights.answering.measuring import Measuring
from tailorbird.insights.arriving.decisionstore import DecisionStore
from tailorbird.insights.arriving.knownby import KnownBy
from tailorbird.insights.arriving.outcomestore import OutcomeStore
from tailorbird.insights.facts.facts import Facts
from tailorbird.insights.facts.sharing import CreditRules
from tailorbird.insights.reports.kpireport import kpi_report

NOON = 1_763_812_800.0
DAY = 86_400.0


class Lab:
    """Insights without a bus."""

    def __init__(self, folder: Path) -> None:
        self.decisions = DecisionStore(folder)
        self.known = KnownBy(folder)
        self.outcomes = OutcomeStore(folder, self.decisions, self.known)
        self.decisions.recover()
        self.outcomes.recover()
        self.facts = Facts(folder / "facts.duckdb", CreditRules({}, 7.0, 0.25), threads=1)
        self.measuring = Measuring(self.decisions, self.outcomes, self.known, self.facts)

    async def kpis(self, by: str = "all", **query: Any) -> KpiReport:
        asked = KpisQuery(by=by, **query)  # type: ignore[arg-type]
        return await self.measuring.ask(lambda facts: kpi_report(facts, asked, NOON + DAY), asked.traffic)

    async def happened(self, *events: Event) -> None:
        await self.measuring.take_events([EventBatch(events=events)])


def decided(number: int, person: str = "p-1", at: float = NOON, **fields: Any) -> Decision:
    slots = (
        DecidedSlot(slot="for_you", kind="item", ids=("i-1", "i-2"), scores=(1.0, 0.5), reasons=((), ()),
                    strategy="als"),
        DecidedSlot(slot="offers", kind="offer", ids=("pizza",), scores=(1.0,), reasons=((),), propensities=(0.5,)),
    )  # fmt: skip
    usual: dict[str, Any] = {
        "subject": "page/home", "channel": "web", "persona": "families", "segments": ("all", "big"), "slots": slots,
        "experiments": (Assignment(experiment_id="hero", variant_id="b", exposed=True),),
    }  # fmt: skip
    decision_id = f"{int(at * 1000) + number:012x}7000800000{number:010x}"
    return Decision(decision_id=decision_id, at=at + number / 1000, person=person, **usual | fields)


def event(name: str, number: int, at: float = NOON, customer: str = "c-1", **properties: Any) -> Event:
    return Event(
        message_id=f"m-{number}", type="track", at=at + 1, received_at=at + 1, customer_id=customer, event=name,
        properties=properties,
    )  # fmt: skip


def order(number: int, at: float = NOON + 60, customer: str = "c-1", **properties: Any) -> Event:
    usual = {"order_id": f"o-{number}", "total": 20.0, "products": [{"product_id": "i-1", "quantity": 2, "price": 10}]}
    return event("Order Completed", 1_000 + number, at, customer, **usual | properties)


def value(report: KpiReport, name: str, key: str = "") -> float | None:
    [row] = [one for one in report.rows if one.key == key]
    return row.kpis[name].value


def bodies(*decisions: Decision) -> list[bytes]:
    return [msgspec.json.encode(one) for one in decisions]


def everything_in(folder: Path) -> bytes:
    """All bytes that rest there."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
