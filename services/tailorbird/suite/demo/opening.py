"""The shop opens when its first pages are whole, so that nobody's first look falls on a part that still warms up."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from tailorbird.contracts.assembler import PAGE, PageQuery
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef
from tailorbird.suite.running import connect_to_running

__all__ = ["first_pages"]

WITHIN = 8.0
"""Seconds after which it opens all the same: a page with a slot on its fallback is a page."""
VISITORS = (CustomerRef(), CustomerRef(customer_id="1228"))


async def first_pages(environ: Mapping[str, str]) -> None:
    """Returns when the home page came whole for a stranger and for a customer, or after `WITHIN` seconds."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WITHIN), connect_to_running(environ, "demo") as bus:
            for visitor in VISITORS:
                query = PageQuery(page="home", customer=visitor, preview=True)
                while True:
                    with contextlib.suppress(Fault):
                        if not (await bus.asker.ask(PAGE, query)).fallbacks:
                            break
                    await asyncio.sleep(0.1)
