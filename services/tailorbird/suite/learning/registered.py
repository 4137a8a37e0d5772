"""`tailorbird models`: what was trained, how it did, what serves, and putting another to work."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from msgspec.structs import asdict
from rich.console import Console
from rich.table import Column, Table

from tailorbird.bus import AskingBus
from tailorbird.contracts.wire import Fault
from tailorbird.recommender.registry.promoting import Registered
from tailorbird.recommender.registry.store import Registry, difference_of
from tailorbird.suite.learning.comparing import shown
from tailorbird.suite.learning.counted import counted

__all__ = ["compare_models", "list_models", "promote_model", "roll_back_model"]

VERSION_DIGITS = 12


async def list_models(bus: AskingBus, console: Console) -> None:
    """A row per model, the latest first."""
    registry = Registry(bus)
    active, records, promotions = await registry.active(), await registry.models(), await registry.promotions()
    table = Table(
        # What is copied to compare or promote stays whole however narrow the window; the rest breaks.
        Column("model", no_wrap=True, min_width=VERSION_DIGITS),
        *(Column(name, overflow="fold") for name in ("", "trained", "data", "interactions")),
        *(Column(name, overflow="fold") for name in ("validation", "served", "code")),
    )
    for record in records:
        served = [promotion for promotion in promotions if promotion.version == record.version]
        notes = [f"forced: {promotion.forced}" for promotion in served if promotion.forced]
        table.add_row(
            record.version,
            "in use" if record.version == active else "",
            _date(record.trained_at),
            record.data,
            f"{record.interactions:,}",
            f"{_mean(record):.4f} on {record.validation}" if record.validation else "",
            "; ".join([", ".join(_date(promotion.at) for promotion in served), *notes]),
            record.code,
        )
    console.print(table if records else "No model was trained yet: `tailorbird train` makes one.")


async def compare_models(bus: AskingBus, console: Console, first: str, second: str) -> None:
    """Both side by side: what differs, and the difference on the same validation with its interval."""
    registry = Registry(bus)
    one, other = await registry.record(first), await registry.record(second)
    table = Table("", one.version, other.version)
    mine, others = asdict(one), asdict(other)
    for name in ("trained_at", "data", "interactions", "items", "code", "validation"):
        values = [_date(found[name]) if name == "trained_at" else f"{found[name]}" for found in (mine, others)]
        table.add_row(name, *values)
    settings, theirs = asdict(one.settings), asdict(other.settings)
    for name in settings:
        if settings[name] != theirs[name]:
            table.add_row(name, shown(settings[name]), shown(theirs[name]))
    for name in sorted(one.metrics.keys() | other.metrics.keys()):
        table.add_row(name, *(f"{found.metrics[name]:.4f}" if name in found.metrics else "" for found in (one, other)))
    console.print(table)
    if one.validation and one.validation == other.validation:
        found = difference_of(one.values, other.values)
        console.print(
            f"{one.metric}: {one.version} {found.mean:+.4f} against {other.version} "
            f"(95 % interval {found.low:+.4f} to {found.high:+.4f}, {counted(len(one.values), 'customer')})."
        )
    else:
        console.print("They were validated on different customers and weeks: their figures cannot be compared.")


async def promote_model(bus: AskingBus, console: Console, version: str, force: str | None) -> None:
    """Puts the model to work, or says why not."""
    if force is not None and not force.strip():
        raise Fault(422, "--force needs the reason, which is kept with the promotion.")
    promotion = await Registry(bus).promote(version, time.time(), force or "")
    note = f", forced: {promotion.forced}" if promotion.forced else ""
    console.print(f"Model {promotion.version} is in use{note}.", markup=False)


async def roll_back_model(bus: AskingBus, console: Console) -> None:
    """Puts the model that served before to work again."""
    promotion = await Registry(bus).roll_back(time.time())
    console.print(f"Model {promotion.version} is in use again.")


def _mean(record: Registered) -> float:
    return sum(record.values) / len(record.values) if record.values else 0.0


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")
