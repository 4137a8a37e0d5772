"""`tailorbird studio user`: who may enter the studio, for whoever runs the suite; the first admin is made here."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

import rich_click as click
from rich.console import Console
from rich.table import Table

from tailorbird.bus import AskingBus
from tailorbird.contracts.wire import Fault
from tailorbird.studio.desk.desk import open_members
from tailorbird.studio.desk.passwords import a_password
from tailorbird.studio.desk.roles import ROLES
from tailorbird.suite.running import connect_to_running

__all__ = ["FIRST", "first_admin", "studio"]

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
    password = _given() if password_stdin else a_password()

    async def run(bus: AskingBus) -> None:
        members, _, audit = await open_members(bus)
        member = await members.add(name, role, password, shown)  # type: ignore[arg-type]
        await audit.note(BY_COMMAND, "added", f"member/{name}", note=f"as {member.role}")

    _run(run)
    console.print(f"{name} may enter as {role}." + ("" if password_stdin else f" Password: {password}"), markup=False)


@people.command("password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read it from standard input; else one is made.")
def password(name: str, password_stdin: bool) -> None:
    """A new password; every session of theirs ends."""
    chosen = _given() if password_stdin else a_password()

    async def run(bus: AskingBus) -> None:
        members, sessions, audit = await open_members(bus)
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
        members, sessions, audit = await open_members(bus)
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
        for member in await (await open_members(bus))[0].all():
            table.add_row(member.name, member.role, "" if member.active else "locked out")
        console.print(table)

    _run(run)


async def first_admin(bus: AskingBus) -> str:
    """Lets the first person in, if there is nobody yet; their password, empty when there is somebody."""
    members, _, audit = await open_members(bus)
    if await members.all():
        return ""
    chosen = a_password()
    try:
        await members.add(FIRST, "admin", chosen)
    except Fault as fault:
        if fault.code != 409:
            raise
        return ""
    await audit.note(BY_COMMAND, "added", f"member/{FIRST}", note="as admin")
    return chosen


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
