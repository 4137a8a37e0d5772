"""Who asks while a long journal is read is told to ask again, and nothing is counted of it."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from tailorbird.bus.connect import connect
from tailorbird.contracts.wire import Fault
from tailorbird.offers.redeeming import reading as module
from tailorbird.offers.redeeming.lines import Entry, Redeem, Terms
from tailorbird.offers.redeeming.reading import Reading
from tests.unit.offers.conftest import Servers

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

ENTRIES, LINES = 12, 200


def entry(number: int) -> bytes:
    keys = [f"{number}-{line}" for line in range(LINES)]
    lines = tuple([Redeem(offer_id="a", key=key, body=key, customer=key, terms=Terms()) for key in keys])
    return msgspec.json.encode(Entry(float(number), lines))


async def test_who_asks_while_a_long_journal_is_read_is_told_to_ask_again(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    async with connect("offers", *servers.addresses) as bus:
        journal = await bus.journal("offers")
        for number in range(ENTRIES):
            await journal.append(entry(number), f"entry-{number}")
        reading = Reading(bus, lambda _: None, 60.0, 50_000)
        told: list[Fault] = []
        async with asyncio.timeout(60.0):
            while reading.first is None or not reading.first.done():
                try:
                    await reading.patient()
                except Fault as fault:
                    told.append(fault)
                await asyncio.sleep(0)
        assert {fault.code for fault in told} == {503}
        assert "still being read" in told[0].sentence
        await reading.patient()
        assert reading.settled.tally("a").redeemed == ENTRIES * LINES
