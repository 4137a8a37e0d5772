"""One process of offers for the fault tests: `python -m tests.faults.offers_process NATS_URL LEDGER_URL`."""

from __future__ import annotations

import asyncio
import sys

from tailorbird.bus.connect import Address, connect
from tailorbird.offers.service import Settings, open_offers


async def main() -> None:
    bus, ledger = (Address(url) for url in sys.argv[1:3])
    settings = Settings(ledger_seconds=0.5, statement_entries=40)
    async with connect("offers", bus, ledger) as answering, open_offers(answering, settings):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
