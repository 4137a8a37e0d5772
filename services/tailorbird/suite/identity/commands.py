"""`tailorbird identity`: who is one person with whom, and undoing it."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import rich_click as click
from rich.console import Console
from rich.table import Table

from tailorbird.bus.connect import NatsBus
from tailorbird.contracts.identity import (
    DECIDE_SUGGESTION,
    MERGES,
    SUGGESTIONS,
    UNMERGE,
    DecideSuggestionQuery,
    MergesQuery,
    SuggestionsQuery,
    UnmergeQuery,
)
from tailorbird.contracts.words import CustomerRef
from tailorbird.suite.running import connect_to_running

__all__ = ["identity"]

console = Console(highlight=False)


@click.group()
def identity() -> None:
    """Who is one person with whom: suggestions to accept or refuse, merges to undo."""


@identity.command()
@click.option("--at-least", default=0.9, show_default=True, help="Probability from which a pair is suggested.")
def suggest(at_least: float) -> None:
    """Compare all persons and write down pairs that may be one. Needs the extra `identity`."""
    from tailorbird.suite.identity.matching import suggest as compare

    async def run(bus: NatsBus) -> None:
        persons, made = await compare(bus.asker, at_least)
        console.print(f"{persons:,} persons compared, {made:,} new suggestions.")

    _with_bus(run)


@identity.command("list")
@click.option("--state", type=click.Choice(["open", "accepted", "refused", "all"]), default="open", show_default=True)
def listed(state: str) -> None:
    """Print suggestions, the most probable first."""

    async def run(bus: NatsBus) -> None:
        query = SuggestionsQuery(state="" if state == "all" else state)  # type: ignore[arg-type]
        found = (await bus.asker.ask(SUGGESTIONS, query)).suggestions
        if not found:
            console.print("There are no suggestions.")
            return
        grid = Table("suggestion", "probability", "who", "agree in", "state")
        for one in found:
            grid.add_row(one.suggestion_id, f"{one.score:.4f}", " and ".join(one.ids), ", ".join(one.agree), one.state)
        console.print(grid, soft_wrap=True)

    _with_bus(run)


@identity.command()
@click.argument("suggestion")
def accept(suggestion: str) -> None:
    """Make one person of the two. `unmerge` undoes it."""
    _with_bus(_deciding(suggestion, accepted=True))


@identity.command()
@click.argument("suggestion")
def refuse(suggestion: str) -> None:
    """Leave the two apart for good: they are not suggested again."""
    _with_bus(_deciding(suggestion, accepted=False))


@identity.command()
@click.argument("customer_id")
def merges(customer_id: str) -> None:
    """Print who became part of this customer and can be parted again."""

    async def run(bus: NatsBus) -> None:
        found = (await bus.asker.ask(MERGES, MergesQuery(customer=CustomerRef(customer_id=customer_id)))).merges
        if not found:
            console.print("There is no merge of this customer that can be undone.")
            return
        grid = Table("merge", "when", "who", "evidence")
        for one in found:
            at = datetime.fromtimestamp(one.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
            grid.add_row(one.merge_id, at, " ".join((one.customer_id, *one.anonymous_ids)), "; ".join(one.evidence))
        console.print(grid, soft_wrap=True)

    _with_bus(run)


@identity.command()
@click.argument("customer_id")
@click.argument("merge")
def unmerge(customer_id: str, merge: str) -> None:
    """Undo a merge: both persons and their histories are as they would be without it."""

    async def run(bus: NatsBus) -> None:
        query = UnmergeQuery(customer=CustomerRef(customer_id=customer_id), merge_id=merge)
        one = await bus.asker.ask(UNMERGE, query)
        console.print(f"Parted: {' '.join((one.customer_id, *one.anonymous_ids))}", markup=False)

    _with_bus(run)


def _deciding(suggestion: str, *, accepted: bool) -> Callable[[NatsBus], Awaitable[None]]:
    async def run(bus: NatsBus) -> None:
        query = DecideSuggestionQuery(suggestion_id=suggestion, accept=accepted, by=getpass.getuser())
        one = await bus.asker.ask(DECIDE_SUGGESTION, query)
        console.print(f"{one.state}: {one.suggestion_id}", markup=False, soft_wrap=True)

    return run


def _with_bus(work: Callable[[NatsBus], Awaitable[None]]) -> None:
    async def run() -> None:
        async with connect_to_running(os.environ, "identity") as bus:
            await work(bus)

    asyncio.run(run())
