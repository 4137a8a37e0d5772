"""The demonstration shop made ready on a running suite: prepared, loaded, its documents applied, a model trained.

Each step is done once and remembered; a start that was interrupted goes on with the step that was not finished.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from tailorbird.bus.connect import connect
from tailorbird.host.settings import read_suite_settings
from tailorbird.suite.roster import SERVICES
from tailorbird.suite.running import Running

__all__ = ["DOCUMENTS", "prepare_shop"]

DOCUMENTS = Path(__file__).parent / "documents"
STEPS_DONE = "steps.json"


class Steps(Struct, kw_only=True):
    """Which steps are done."""

    prepared: bool = False
    loaded: bool = False
    applied: bool = False
    trained: bool = False


async def prepare_shop(running: Running, environ: Mapping[str, str], console: Console) -> None:
    """Returns when the shop can be looked at."""
    settings = read_suite_settings(environ, SERVICES)
    folder = settings.home / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / STEPS_DONE
    steps = msgspec.json.decode(path.read_bytes(), type=Steps) if path.exists() else Steps()
    if steps.prepared and steps.loaded and steps.applied and steps.trained:
        return
    # Only here: what loads and trains takes seconds to import, which a start with everything done need not wait for.
    from tailorbird.suite.applying import apply
    from tailorbird.suite.learning.training import train_command
    from tailorbird.suite.loading.loader import load

    def done() -> None:
        path.write_bytes(msgspec.json.encode(steps))

    if not steps.prepared:
        console.print("Preparing the demonstration shop: one year of a grocery chain.")
        await _prepare(folder, console)
        steps.prepared = True
        done()
    async with connect("demo", running.nats, running.ledger, settings.replicas) as bus:
        if not steps.loaded:
            await load(folder, bus, settings.home, console)
            steps.loaded = True
            done()
        if not steps.applied:
            applied = await apply(DOCUMENTS, bus.asker)
            console.print(f"{len(applied.changed)} documents put to work: offers, segments, layouts, e-mails.")
            steps.applied = True
            done()
        if not steps.trained:
            await train_command(bus, settings.home, console)
            steps.trained = True
            done()


async def _prepare(folder: Path, console: Console) -> None:
    from tailorbird.suite.demo.prepare import prepare

    with Progress(TextColumn("{task.description}"), BarColumn(), console=console) as bars:
        bar = bars.add_task("", total=1.0)
        today = dt.datetime.now(dt.UTC).date()
        await asyncio.to_thread(
            prepare, folder, today, lambda what, share: bars.update(bar, description=what, completed=share)
        )
