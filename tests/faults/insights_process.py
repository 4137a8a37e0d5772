"""Insights as a process for the fault tests: `python -m tests.faults.insights_process NATS_URL HOME`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tailorbird.bus.connect import Address, connect
from tailorbird.insights.service import Settings, open_insights


async def main() -> None:
    bus, home = Address(sys.argv[1]), Path(sys.argv[2])
    settings = Settings(home=home, flush_decisions=300, flush_seconds=1.0)
    async with connect("insights", bus, bus) as answering, open_insights(answering, settings):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
