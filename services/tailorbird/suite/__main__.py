"""The command `tailorbird`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.console import Console

from tailorbird.contracts.wire import Fault
from tailorbird.host import logs
from tailorbird.host.settings import read_suite_settings
from tailorbird.suite.campaigns import campaign
from tailorbird.suite.identity.commands import identity
from tailorbird.suite.keeping.commands import COMMANDS
from tailorbird.suite.learning.commands import evaluate, models, train
from tailorbird.suite.learning.counted import counted
from tailorbird.suite.roster import SERVICES
from tailorbird.suite.studiopeople import first_password, studio
from tailorbird.suite.telling import contracts, settings
from tailorbird.suite.traffic.command import traffic

if TYPE_CHECKING:
    from tailorbird.suite.processes.supervisor import Supervisor

__all__ = ["main"]

WRONG_SETTINGS = 78
PARTS = (
    "start,pages,recovery,faults,cold,events,studio,million,emails,search,offers,ledger,learning,training,reports,"
    "statistics"
)

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def main() -> None:
    """Runs the command; a Fault becomes its sentence and an exit code, never a traceback."""
    logs.configure("command", "warning")
    try:
        tailorbird(standalone_mode=False)
    except Fault as fault:
        errors.print(fault.sentence, style="red", markup=False)
        sys.exit(WRONG_SETTINGS if fault.code == 422 and "serve" in sys.argv[1:2] else 1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def tailorbird() -> None:
    """Personal pages and e-mails, decided while the customer is there."""


for learning in (train, evaluate, models):
    tailorbird.add_command(learning)
tailorbird.add_command(campaign)


@tailorbird.command()
@click.argument("names", nargs=-1, required=True)
def serve(names: tuple[str, ...]) -> None:
    """Run services in this process: their names, or `gateway`, or `all`. Needs TAILORBIRD_NATS_URL."""
    from tailorbird.suite.processes.serving import serve as run

    run(names, os.environ)


@tailorbird.command()
def up() -> None:
    """Run the whole suite on this machine, with whatever was loaded before."""
    _run(_up(demo=False))


@tailorbird.command()
@click.option("--port", type=int, help="Port of the gateway (TAILORBIRD_PORT, 8000).")
def demo(port: int | None) -> None:
    """Run the whole suite with the demonstration shop, prepared, loaded and trained at the first start."""
    if port is not None:
        os.environ["TAILORBIRD_PORT"] = str(port)
    _run(_up(demo=True))


@tailorbird.command()
def stop() -> None:
    """End the suite that runs with the home folder; another may be started there when this returns."""
    from tailorbird.host.folderlock import in_turn
    from tailorbird.suite.running import LOCK, read_running

    home = read_suite_settings(os.environ, SERVICES).home
    running = read_running(home)
    os.kill(running.process_id, signal.SIGTERM)
    console.print(f"The suite (process {running.process_id}) was told to stop ...")
    with in_turn(home / LOCK):
        console.print("It has ended.")


@tailorbird.command()
@click.argument("folder", type=click.Path(path_type=Path))
def load(folder: Path) -> None:
    """Load CSV or Parquet files: items, customers, interactions, offers, audiences, responses, promotions, articles."""
    from tailorbird.suite.loading import loader
    from tailorbird.suite.running import connect_to_running

    async def run() -> None:
        settings = read_suite_settings(os.environ, SERVICES)
        async with connect_to_running(os.environ, "load") as bus:
            await loader.load(folder, bus, settings.home, console)

    _run(run())


@tailorbird.command()
@click.argument("folder", type=click.Path(path_type=Path))
def export(folder: Path) -> None:
    """Write events, decisions with their propensities, and profiles as Parquet files. They hold personal data."""
    from tailorbird.suite.keeping.exporting import export as write
    from tailorbird.suite.running import connect_to_running

    async def run() -> None:
        async with connect_to_running(os.environ, "export") as bus:
            await write(folder, bus, console)

    _run(run())


@tailorbird.group()
def events() -> None:
    """Look after collected events."""


@events.command()
@click.argument("message_ids", nargs=-1)
@click.option("--replay", is_flag=True, help="Send those again that are right by today's schema.")
@click.option("--forget", is_flag=True, help="Erase them.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with the whole event, to be mended.")
def dead(message_ids: tuple[str, ...], replay: bool, forget: bool, as_json: bool) -> None:
    """Events that were accepted and could not be folded, with the reason: all, or those of the MESSAGE_IDS."""
    from tailorbird.suite import deadevents
    from tailorbird.suite.running import connect_to_running

    async def run() -> None:
        async with connect_to_running(os.environ, "events") as bus:
            found = await deadevents.dead_events(bus, message_ids)
            if replay:
                sent, found = await deadevents.replay(bus, found)
                console.print(f"{len(sent)} sent again, {len(found)} still wrong.")
            elif forget:
                await deadevents.forget(bus, found)
                console.print(f"{len(found)} forgotten.")
                return
            if found or not replay:
                deadevents.show(found, console, as_json=as_json)

    _run(run())


@tailorbird.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--prune", is_flag=True, help="Retire documents of the same kinds that are not in the folder.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def apply(folder: Path, prune: bool, dry_run: bool) -> None:
    """Put documents (segments, personas, offers, actions, layouts, e-mails) written as TOML to work."""
    from tailorbird.suite.applying import apply as put_to_work
    from tailorbird.suite.running import connect_to_running

    async def run() -> None:
        async with connect_to_running(os.environ, "apply") as bus:
            applied = await put_to_work(folder, bus.asker, prune=prune, dry_run=dry_run)
        for word, keys in (("changed", applied.changed), ("retired", applied.retired)):
            for key in keys:
                console.print(f"{'would be ' if dry_run else ''}{word}: {key}", markup=False)
        for note in applied.notes:
            console.print(f"note: {note.path}: {note.sentence}", markup=False)
        console.print(
            f"{len(applied.changed)} changed, {len(applied.unchanged)} unchanged, {len(applied.retired)} retired."
        )

    _run(run())


@tailorbird.command()
@click.argument("folder", type=click.Path(path_type=Path))
def diff(folder: Path) -> None:
    """Say how the documents in a folder differ from those at work, line by line; change nothing."""
    from tailorbird.suite.applying import differences
    from tailorbird.suite.running import connect_to_running

    async def run() -> None:
        async with connect_to_running(os.environ, "diff") as bus:
            for line in await differences(folder, bus.asker):
                console.print(line, markup=False, soft_wrap=True)

    _run(run())


@tailorbird.group()
def offers() -> None:
    """Offers and actions, decided ahead of time."""


@offers.command()
@click.argument("segment")
@click.option("--channel", default="email", show_default=True, help="Where they will be reached.")
@click.option("--page", default="", help="The page or e-mail in which it will stand.")
@click.option("--count", default=4, show_default=True, help="Offers for each.")
@click.option("--into", type=click.Path(path_type=Path), help="Also write them here, a line of JSON for each customer.")
def precompute(segment: str, channel: str, page: str, count: int, into: Path | None) -> None:
    """Decide for a segment (or `everybody`) now. What is chosen waits for them; on contact each is checked again."""
    from tailorbird.suite.ahead import decide_ahead
    from tailorbird.suite.running import connect_to_running

    async def run() -> None:
        async with connect_to_running(os.environ, "precompute") as bus:
            done = await decide_ahead(bus.asker, segment, channel, page, count, into)
        decided, waiting = counted(done.customers, "customer"), counted(done.offers, "offer")
        console.print(f"{decided} decided for, {waiting} waiting for them.")

    _run(run())


@tailorbird.command()
@click.argument("folder", type=click.Path(path_type=Path))
def users(folder: Path) -> None:
    """Make the NATS users of containers: FOLDER/<name>/<name>.seed, and FOLDER/servers/authorization.conf."""
    from tailorbird.suite.permissions import write_users

    write_users(folder)


@tailorbird.command()
@click.option("--rounds", default=5, show_default=True, help="Rounds of each measurement; medians are printed.")
@click.option("--only", default="", help=f"Parts, with commas: {PARTS}.")
def bench(rounds: int, only: str) -> None:
    """Measure the suite over the demonstration shop's data, against what it must reach."""
    from tailorbird.suite.bench.measuring import bench as measure

    async def run() -> None:
        await measure(os.environ, console, rounds, only)

    _run(run())


for _command in (*COMMANDS, studio, identity, contracts, settings, traffic):
    tailorbird.add_command(_command)


async def _up(*, demo: bool) -> None:
    """Runs the suite until a signal, or until it gives up; no process is left when this returns."""
    from tailorbird.suite.processes.onemachine import stop_signals
    from tailorbird.suite.processes.supervisor import Supervisor

    supervisor = Supervisor(lambda line: errors.print(line, style="yellow", markup=False))
    with stop_signals(supervisor.stopped):
        running = asyncio.create_task(_suite(supervisor, demo=demo))
        stopping = asyncio.create_task(supervisor.stopped.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        running.cancel()
        outcome = (await asyncio.gather(running, return_exceptions=True))[0]
        if isinstance(outcome, Exception):
            raise outcome
        if supervisor.failure is not None:
            raise supervisor.failure


async def _suite(supervisor: Supervisor, *, demo: bool) -> None:
    from tailorbird.suite.processes.onemachine import running_suite
    from tailorbird.suite.processes.welcome import welcome

    console.print("Starting nats-server and the services ...")
    async with running_suite(os.environ, supervisor, demo=demo) as running:
        if demo:
            from tailorbird.suite.demo.opening import first_pages
            from tailorbird.suite.demo.shop import prepare_shop

            await prepare_shop(running, os.environ, console)
            await first_pages(os.environ)
        welcome(running, console, demo=demo, password=await first_password(running, os.environ))
        await asyncio.Event().wait()


def _run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


if __name__ == "__main__":
    main()
