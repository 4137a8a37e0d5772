"""How soon whoever writes a rule reads how many customers it reaches, after each change of it."""

from __future__ import annotations

import time

import msgspec

from tailorbird.bus import Asker
from tailorbird.contracts.profiles import COUNT
from tailorbird.contracts.segments import CountQuery
from tailorbird.suite.bench.table import Figure

__all__ = ["measure_reach"]

CHANGES = 40
P95_MS = 300.0


async def measure_reach(asker: Asker) -> Figure:
    """p95 of the milliseconds over so many rules, each another."""
    took = []
    of = looked_at = 0
    for number in range(CHANGES):
        rules = [
            {"field": "history.orders", "operator": ">=", "value": number},
            {"field": "segments", "operator": "contains", "value": "families"},
        ]
        rule = msgspec.Raw(msgspec.json.encode({"combinator": "or", "rules": rules}))
        began = time.perf_counter()
        found = await asker.ask(COUNT, CountQuery(rule=rule))
        took.append((time.perf_counter() - began) * 1e3)
        of, looked_at = found.of, found.looked_at
    took.sort()
    return Figure(
        name=f"live reach of a rule over {of:,} profiles, p95", measured=took[int(CHANGES * 0.95)], unit="ms",
        at_most=P95_MS, detail=f"slowest {took[-1]:.0f} ms; {looked_at:,} looked at in the end",
    )  # fmt: skip
