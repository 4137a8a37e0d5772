"""The commands that keep what there is: backup and restore."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import rich_click as click
from rich.console import Console

from tailorbird.host.settings import read_service_settings, read_suite_settings
from tailorbird.suite.roster import SERVICES

__all__ = ["COMMANDS"]

console = Console(highlight=False)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def backup(folder: Path) -> None:
    """Copy all that is kept into a new folder there, while the suite runs. Whoever is erased later is erased in it."""
    from tailorbird.suite.keeping.backing_up import back_up
    from tailorbird.suite.running import connect_to_running

    async def run() -> None:
        settings = read_suite_settings(os.environ, SERVICES)
        async with connect_to_running(os.environ, "backup") as bus:
            await back_up(folder, bus, settings.home, _keyring(), console)

    asyncio.run(run())


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
def restore(folder: Path) -> None:
    """Replace all that is kept with a backup (or the latest one in the folder), while the suite is stopped."""
    from tailorbird.suite.keeping.restoring import restore as put_back
    from tailorbird.suite.keeping.restoring import the_backup

    settings = read_suite_settings(os.environ, SERVICES)
    asyncio.run(put_back(the_backup(folder), settings, _keyring(), console))


def _keyring() -> Path:
    from tailorbird.profiles.settings import Settings

    suite = read_suite_settings(os.environ, SERVICES)
    return read_service_settings(Settings, "profiles", os.environ, suite).keyring_path


COMMANDS = (backup, restore)
