"""`tailorbird campaign`: send one to its audience, from a process of its own, so that no page waits for mail."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tailorbird.contracts.wire import Fault
from tailorbird.host import logs
from tailorbird.host.settings import SuiteSettings, read_service_settings, read_suite_settings
from tailorbird.suite.roster import SERVICES

if TYPE_CHECKING:
    from tailorbird.assembler.mail.sending.campaigning import Campaigning
    from tailorbird.assembler.mail.sending.campaigning import Progress as RunProgress
    from tailorbird.assembler.settings import Settings
    from tailorbird.bus.connect import NatsBus

__all__ = ["campaign"]

RUNS = "mail_runs"

console = Console(highlight=False)


@click.group()
def campaign() -> None:
    """Send e-mails to an audience."""


@campaign.command()
@click.argument("name")
@click.option("--message", default="1", show_default=True, help="Which sending of it this is: `week-47`.")
@click.option(
    "--to", "to", default="", help="A folder for NDJSON (home/outbox), or smtp://user:password@host:587 (smtps://)."
)
@click.option("--connections", default=4, show_default=True, help="To an SMTP server, at once.")
def run(name: str, message: str, to: str, connections: int) -> None:
    """Send the campaign NAME. Ended or killed, the same command goes on where it was: nobody is missed or doubled."""
    from tailorbird.suite.running import connect_to_running

    settings = read_suite_settings(os.environ, SERVICES)
    logs.configure("campaign", "warning")
    where = to if "://" in to else str((Path(to) if to else settings.home / "outbox").resolve())

    async def work() -> RunProgress:
        async with connect_to_running(os.environ, "campaign") as bus:
            return await _run(bus, settings, name, message, where, connections)

    progress = asyncio.run(work())
    console.print(f"{progress.sent} sent, {progress.before} before.")
    for reason, times in sorted(progress.refused.items(), key=lambda one: -one[1]):
        console.print(f"{times} not: {reason}", markup=False)


@campaign.command("list")
def list_runs() -> None:
    """What was sent, and what is on its way."""
    from tailorbird.assembler.mail.sending.campaigning import Run
    from tailorbird.suite.running import connect_to_running

    async def work() -> list[Run]:
        async with connect_to_running(os.environ, "campaign") as bus:
            entries = await (await bus.bucket(RUNS)).entries()
        return [msgspec.json.decode(entry.value, type=Run) for entry in entries.values() if entry.value]

    runs = sorted(asyncio.run(work()), key=lambda one: one.began)
    for one in runs:
        state = f"ended {_said(one.ended)}" if one.ended else "not ended"
        console.print(f"{one.name}: begun {_said(one.began)}, {state}", markup=False)
    if not runs:
        console.print("No campaign was run yet: `tailorbird campaign run NAME`.")


async def _run(
    bus: NatsBus, settings: SuiteSettings, name: str, message: str, to: str, connections: int
) -> RunProgress:
    from tailorbird.assembler.mail.keeping import Contacts, Known, Standings
    from tailorbird.assembler.mail.sending.aiming import Aim
    from tailorbird.assembler.mail.sending.batching import Batcher
    from tailorbird.assembler.mail.sending.campaigning import Campaigning, begin_run, end_run
    from tailorbird.assembler.mail.sending.posting import post_to
    from tailorbird.assembler.workshop import open_workshop
    from tailorbird.bus.patience import Patient
    from tailorbird.host.folderlock import alone

    own = _assembler_settings(settings)
    patient = Patient(bus.asker)
    async with open_workshop(bus, own, patient) as shop:
        document = shop.composer.campaigns.get(name)
        if document is None:
            there = ", ".join(sorted(shop.composer.campaigns)) or "none yet: apply one"
            raise Fault(404, f"There is no campaign '{name}'; there are: {there}.")
        runs = await bus.bucket(RUNS)
        kept = settings.home / "campaigns" / f"{_file(name)}-{_file(message)}"
        by_smtp = "://" in to
        with alone(kept.with_suffix(".lock"), f"The message '{message}' of '{name}' is being sent already."):
            # A password is for the server alone.
            place = to.rpartition("@")[2] if by_smtp else to
            found = await begin_run(runs, name, message, place, time.time())
            where = to if by_smtp else str(Path(to) / kept.name)
            async with (
                Standings(await bus.bucket("mail_standings"), time.time) as standings,
                Contacts(bus.announcer, bus.listener, time.time, only_run=found.name) as contacts,
                post_to(where, kept.with_suffix(".sent"), connections) as post,
            ):
                known = Known(standings, contacts, time.time)
                batcher = Batcher(shop, known, document.email, found.name)
                aim = Aim(document, own.zone)
                sending = Campaigning(patient, batcher, known, post, aim, found, waits=by_smtp)
                await sending.recover()
                progress = await _shown(sending, await _everybody(bus))
                await shop.tracer.written()
                await end_run(runs, found, time.time())
                return progress


async def _shown(sending: Campaigning, total: int) -> RunProgress:
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    ) as bar:
        task = bar.add_task("sending", total=total or None)

        def told(progress: RunProgress) -> None:
            waits = f", {progress.waiting} wait for their hour" if progress.waiting else ""
            done = progress.sent + progress.before + progress.refused.total()
            bar.update(task, completed=done, description=f"{progress.sent} sent{waits}")

        told(sending.progress)
        return await sending.run(told)


async def _everybody(bus: NatsBus) -> int:
    """How many customers there are at most; 0 when that is not told now."""
    from tailorbird.contracts.profiles import COUNT
    from tailorbird.contracts.segments import CountQuery

    try:
        return (await bus.asker.ask(COUNT, CountQuery())).of
    except Fault:
        return 0


def _assembler_settings(settings: SuiteSettings) -> Settings:
    """As the running assembler has them, with its address and key."""
    from tailorbird.assembler.settings import Settings
    from tailorbird.suite.running import keys_of, read_running

    found = read_service_settings(Settings, "assembler", os.environ, settings)
    if not found.server_key:
        found = msgspec.structs.replace(found, server_key=keys_of(settings).server_key)
    if not found.public_url and not settings.nats_url:
        found = msgspec.structs.replace(found, public_url=read_running(settings.home).gateway_url)
    return found


def _file(name: str) -> str:
    return "".join(one if one.isascii() and (one.isalnum() or one in "_-") else f"={ord(one):X}=" for one in name)


def _said(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")
