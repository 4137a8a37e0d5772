"""The command `tailorbird traffic`."""

from __future__ import annotations

import asyncio
import os
import time

import rich_click as click
from rich.console import Console

__all__ = ["traffic"]


@click.command()
@click.option("--customers", default=4_000, show_default=True, help="Simulated customers.")
@click.option("--days", default=28, show_default=True, help="Days before now in which they came.")
@click.option("--seed", default=1, show_default=True, help="Another number, other customers.")
def traffic(customers: int, days: int, seed: int) -> None:
    """Simulate visits to the running suite's pages, so that reports have something to say. Every report says so.

    Nothing of it reaches profiles, offers or training.
    """
    from tailorbird.suite.running import connect_to_running
    from tailorbird.suite.traffic.sending import simulate_traffic

    async def run() -> None:
        async with connect_to_running(os.environ, "traffic") as bus:
            sent = await simulate_traffic(bus, customers, days, time.time(), seed)
        Console(highlight=False).print(
            f"Simulated: {sent.customers:,} customers, {sent.decisions:,} decisions, {sent.orders:,} orders, "
            f"{sent.events:,} events. Look at GET /v1/reports/kpis?by=page; every report says that it is simulated, "
            "and `traffic=real` or `traffic=simulated` tells of one alone."
        )

    asyncio.run(run())
