"""`tailorbird bench`: the order of the measurements, on a suite of its own over the demonstration shop's data."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import gc
import signal
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import msgspec
import pyarrow.parquet
from rich.console import Console

from tailorbird.host.settings import read_suite_settings
from tailorbird.suite.bench.campaign import measure_campaign
from tailorbird.suite.bench.cost import memory_mib
from tailorbird.suite.bench.emails import measure_emails
from tailorbird.suite.bench.events import measure_events
from tailorbird.suite.bench.faults import measure_faults
from tailorbird.suite.bench.learning import measure_learning
from tailorbird.suite.bench.ledgerstart import measure_ledger_start
from tailorbird.suite.bench.manyitems import measure_many_items
from tailorbird.suite.bench.million import copied, measure_million
from tailorbird.suite.bench.pages import measure_cold, measure_pages
from tailorbird.suite.bench.promises import measure_promises
from tailorbird.suite.bench.recovery import measure_recovery
from tailorbird.suite.bench.reported import measure_reported
from tailorbird.suite.bench.roundtrip import measure_roundtrip
from tailorbird.suite.bench.rules import measure_rules
from tailorbird.suite.bench.searching import measure_search
from tailorbird.suite.bench.simulating import measure_statistics
from tailorbird.suite.bench.studio import measure_studio
from tailorbird.suite.bench.table import Figure, table
from tailorbird.suite.bench.tenmillion import measure_reports
from tailorbird.suite.bench.training import measure_training
from tailorbird.suite.bench.visible import measure_visible
from tailorbird.suite.demo.shop import prepare_shop
from tailorbird.suite.processes.onemachine import running_suite
from tailorbird.suite.processes.supervisor import Supervisor
from tailorbird.suite.roster import SERVICES

__all__ = ["bench"]

P99_OF_ROUNDTRIP = 5.0
PAGES_OF_A_FAULT = 10_000
SECOND_START_SECONDS = 10.0


async def bench(environ: Mapping[str, str], console: Console, rounds: int, only: str) -> list[Figure]:
    """Every figure (or those of one part), printed as it comes and written to `bench.json` in the home folder."""
    settings = read_suite_settings(environ, SERVICES)
    figures: list[Figure] = []
    folder = settings.home / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    async with _suite(environ, console, first=True):
        pass  # The first start may prepare, load and train; it is the second that is measured.
    # What a campaign's workshop keeps from the collector is let go at the end, or libraries tell of leaks.
    atexit.register(gc.unfreeze)
    began = time.perf_counter()
    async with _suite(environ, console, first=False) as (running, supervisor):
        if _wanted(only, "start"):
            figures.append(
                Figure(
                    name="second start, until every process is ready", unit="s",
                    measured=time.perf_counter() - began, at_most=SECOND_START_SECONDS,
                )
            )
        customers = _column(settings.home, "customers", "customer_id")
        items = _column(settings.home, "interactions", "item_id")[:5_000]
        processes = {child.name: child.process.pid for child in supervisor.children if child.process}
        if _wanted(only, "pages"):
            console.print("Pages ...")
            roundtrip = await measure_roundtrip(running.nats, rounds)
            figures += roundtrip
            pages = await measure_pages(running, processes, customers, items, rounds, folder, console)
            alone = next(figure.measured for figure in pages if figure.name == "page p99, concurrency 1")
            figures += pages
            figures.append(
                Figure(
                    name="page p99 at concurrency 1 / NATS round trip p99", unit="times",
                    measured=alone / roundtrip[0].measured, at_most=P99_OF_ROUNDTRIP,
                )
            )
        if _wanted(only, "events"):
            console.print("Events ...")
            figures += await measure_events(running, processes, customers, items, rounds)
            figures += await measure_visible(running, items)
            figures += await measure_reported(running, customers)
        if _wanted(only, "emails"):
            console.print("E-mails ...")
            figures += await measure_emails(running, processes, customers, rounds)
            figures += await measure_campaign(running, processes, rounds, folder)
        figures += [
            Figure(name=f"memory of {name}", measured=memory_mib(process_id), unit="MiB")
            for name, process_id in processes.items()
        ]
        if _wanted(only, "recovery"):
            console.print("Services that die or hang ...")
            figures += await measure_recovery(running, supervisor, customers)
        if "faults" in only.split(","):  # Twenty minutes: only where it is named.
            console.print("Each service killed, hung and slow ...")
            figures += await measure_faults(running, supervisor, customers, PAGES_OF_A_FAULT if rounds > 1 else 1_000)
        if _wanted(only, "cold"):
            console.print("Pages with cold caches ...")
            figures += await _cold(running, supervisor, customers)
    if _wanted(only, "studio"):
        console.print("The studio with ten thousand offers ...")
        figures += await _studio(environ, settings.home, console)
    if _wanted(only, "million"):
        console.print("A million profiles ...")
        home = await asyncio.to_thread(copied, settings.home)
        moved = {**environ, "TAILORBIRD_HOME": str(home)}
        figures += await measure_million(partial(_suite, moved, console, first=False), home, items, console)
    figures += await _without_a_suite(settings.home, console, rounds, only)
    Console(width=max(console.width, 170)).print(table(figures))
    (settings.home / "bench.json").write_bytes(msgspec.json.format(msgspec.json.encode(figures)))
    return figures


async def _without_a_suite(home: Path, console: Console, rounds: int, only: str) -> list[Figure]:
    """What is measured on files and cores alone."""
    figures: list[Figure] = []
    if _wanted(only, "reports"):
        console.print("Reports over ten million decisions ...")
        figures += await asyncio.to_thread(measure_reports, home / "bench" / "reports")
    if _wanted(only, "statistics"):
        console.print("Two thousand A/A tests ...")
        figures += await asyncio.to_thread(measure_statistics)
    if _wanted(only, "search"):
        console.print("Search ...")
        figures += await asyncio.to_thread(measure_search, home, rounds)
        figures += await asyncio.to_thread(measure_many_items, rounds)
    if _wanted(only, "offers"):
        console.print("Offers: rules, redemptions ...")
        figures += await asyncio.to_thread(measure_rules, rounds)
        figures += await measure_promises(rounds)
    if _wanted(only, "ledger"):
        console.print("Starts of offers after a million redemptions (three minutes) ...")
        figures += await measure_ledger_start()
    if _wanted(only, "learning"):
        console.print("What offers learn, where the truth is known (some minutes) ...")
        figures += await asyncio.to_thread(measure_learning)
    if _wanted(only, "training"):
        console.print("Training against a bare implicit fit ...")
        figures += await asyncio.to_thread(measure_training, home, rounds)
    return figures


@contextlib.asynccontextmanager
async def _suite(environ: Mapping[str, str], console: Console, *, first: bool):  # type: ignore[no-untyped-def]
    supervisor = Supervisor(lambda line: console.print(line, style="yellow", markup=False))
    async with running_suite(environ, supervisor, demo=True) as running:
        if first:
            await prepare_shop(running, environ, console)
        yield running, supervisor


async def _studio(environ: Mapping[str, str], home: Path, console: Console) -> list[Figure]:
    """On a copy, which ten thousand offers may fill."""
    moved = {**environ, "TAILORBIRD_HOME": str(await asyncio.to_thread(copied, home))}
    async with _suite(moved, console, first=False) as (running, _):
        return await measure_studio(running, moved)


async def _cold(running, supervisor: Supervisor, customers: list[str]) -> list[Figure]:  # type: ignore[no-untyped-def]
    """Ends the gateway and profiles, whose caches those are; measures when they are back."""
    fresh = [child for child in supervisor.children if child.name in ("gateway", "profiles")]
    for child in fresh:
        child.signal(signal.SIGKILL)
    await asyncio.sleep(0.3)
    await asyncio.gather(*(supervisor.ready(child) for child in fresh))
    processes = {child.name: child.process.pid for child in supervisor.children if child.process}
    return await measure_cold(running, processes, customers)


def _column(home: Path, name: str, column: str) -> list[str]:
    values = pyarrow.parquet.read_table(home / "demo" / f"{name}.parquet", columns=[column])[column]
    return [str(value) for value in values.unique().to_pylist()]


def _wanted(only: str, part: str) -> bool:
    return not only or part in only.split(",")
