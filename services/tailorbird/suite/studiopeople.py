"""`tailorbird studio user`: who may enter the studio, for whoever runs the suite; the first admin is made here."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

import rich_click as click
from rich.console import Console
from rich.table import Table

from tailorbird.bus import AskingBus
from tailorbird.bus.connect import connect
from tailorbird.contracts.wire import Fault
from tailorbird.host.settings import read_suite_settings
from tailorbird.studio.desk.people.roles import ROLES
from tailorbird.suite.roster import SERVICES
from tailorbird.suite.running import Running, connect_to_running

if TYPE_CHECKING:
    from tailorbird.studio.desk.people.audit import Audit
    from tailorbird.studio.desk.people.members import Members, Sessions

__all__ = ["first_password", "studio"]

FIRST = "admin"
"""Name of the first person of a studio."""
BY_COMMAND = "(command)"

console = Console(highlight=False)


@click.group()
def studio() -> None:
    """The marketers' studio at /studio."""


@studio.group("user")
def people() -> None:
    """Who may enter it."""


@people.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), default="editor", show_default=True)
@click.option("--shown", default="", help="How others see them.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input; else one is made.")
def add(name: str, role: str, shown: str, password_stdin: bool) -> None:
    """Let somebody in. A password that was made is printed once."""
    password = _given() if password_stdin else _made()

    async def run(bus: AskingBus) -> None:
        members, _, audit = await _kept(bus)
        member = await members.add(name, role, password, shown)  # type: ignore[arg-type]
        await audit.note(BY_COMMAND, "added", f"member/{name}", note=f"as {member.role}")

    _run(run)
    console.print(f"{name} may enter as {role}." + ("" if password_stdin else f" Password: {password}"), markup=False)


@people.command("password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read it from standard input; else one is made.")
def password(name: str, password_stdin: bool) -> None:
    """A new password; every session of theirs ends."""
    chosen = _given() if password_stdin else _made()

    async def run(bus: AskingBus) -> None:
        members, sessions, audit = await _kept(bus)
        await members.change(name, password=chosen)
        await sessions.end_all_of(name)
        await audit.note(BY_COMMAND, "changed", f"member/{name}", note="a new password")

    _run(run)
    console.print(f"{name} has a new password" + ("." if password_stdin else f": {chosen}"), markup=False)


@people.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice([*ROLES, "none"]))
def role(name: str, role: str) -> None:
    """Another role; `none` locks somebody out."""

    async def run(bus: AskingBus) -> None:
        members, sessions, audit = await _kept(bus)
        if role == "none":
            await members.change(name, active=False)
        else:
            await members.change(name, role=role, active=True)  # type: ignore[arg-type]
        await sessions.end_all_of(name)
        await audit.note(BY_COMMAND, "changed", f"member/{name}", note=f"is {role} now")

    _run(run)
    console.print(f"{name} is {role} now and has to sign in again.", markup=False)


@people.command("list")
def listed() -> None:
    """Everybody who may enter."""

    async def run(bus: AskingBus) -> None:
        table = Table("name", "role", "")
        for member in await (await _kept(bus))[0].all():
            table.add_row(member.name, member.role, "" if member.active else "locked out")
        console.print(table)

    _run(run)


async def first_password(running: Running, environ: Mapping[str, str]) -> str:
    """Lets the first admin in, if nobody may enter this suite's studio yet: their password. Else empty."""
    settings = read_suite_settings(environ, SERVICES)
    async with connect("studio", running.nats, running.ledger, settings.replicas, settings.ledger_replicas) as bus:
        members, _, audit = await _kept(bus)
        if await members.all():
            return ""
        chosen = _made()
        await members.add(FIRST, "admin", chosen)
        await audit.note(BY_COMMAND, "added", f"member/{FIRST}", note="as admin")
        return chosen


async def _kept(bus: AskingBus) -> tuple[Members, Sessions, Audit]:
    # Only here: an image of another service has no libraries for passwords.
    from tailorbird.studio.desk.desk import open_members

    return await open_members(bus)


def _made() -> str:
    from tailorbird.studio.desk.people.passwords import a_password

    return a_password()


def _given() -> str:
    text = sys.stdin.readline().rstrip("\r\n")
    if not text:
        raise Fault(422, "No password came on standard input.")
    return text


def _run(work: Callable[[AskingBus], Awaitable[None]]) -> None:
    async def run() -> None:
        async with connect_to_running(os.environ, "studio") as bus:
            await work(bus)

    asyncio.run(run())
