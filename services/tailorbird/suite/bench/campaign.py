"""A campaign's e-mails: bodies a core-second when they leave, candidates found before, over all processes."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import psutil

from tailorbird.assembler.mail.keeping import Contacts, Known, Standings
from tailorbird.assembler.mail.sending.batching import Batcher, Prepared
from tailorbird.assembler.mail.sending.folder import Folder
from tailorbird.assembler.settings import Settings
from tailorbird.assembler.workshop import new_id, open_workshop
from tailorbird.bus.connect import connect
from tailorbird.bus.patience import Patient
from tailorbird.contracts.audiences import AUDIENCE, AudienceQuery, Member
from tailorbird.suite.bench.cost import Meter
from tailorbird.suite.bench.table import Figure, median
from tailorbird.suite.running import Running

__all__ = ["measure_campaign"]

PER_CORE_SECOND = 3_000.0
RECIPIENTS = 1_500
TOGETHER = 100


async def measure_campaign(running: Running, processes: dict[str, int], rounds: int, folder: Path) -> list[Figure]:
    """Each mail is checked, filled with the prices of its moment, printed as HTML and text, traced, and written to disk
    as a line; what was chosen for its recipient was found before. In this process, as in that of a campaign.
    """
    settings = Settings(public_url=running.gateway_url, server_key=running.server_key, profiles_held=20_000)
    async with connect("bench", running.nats, running.ledger, 1, 1) as bus:
        patient = Patient(bus.asker)
        async with (
            open_workshop(bus, settings, patient) as shop,
            Standings(await bus.bucket("mail_standings"), time.time) as standings,
            Contacts(bus.announcer, bus.listener, time.time) as contacts,
        ):
            known = Known(standings, contacts, time.time)
            members: list[Member] = []
            after = ""
            while len(members) < RECIPIENTS:
                page = await patient.ask(AUDIENCE, AudienceQuery(after=after, count=TOGETHER))
                members += page.members
                after = page.after
                if not after:
                    break
            rates: list[float] = []
            finding: list[float] = []
            size = 0.0
            for turn in range(rounds + 1):
                batcher = Batcher(shop, known, "new-arrivals", f"bench-{new_id()}")
                into = Folder(folder / "campaign")
                meter = Meter(processes)
                own = _own_seconds()
                prepared = [one for one in await batcher.prepare(members) if isinstance(one, Prepared)]
                found_in = meter.cost().total + _own_seconds() - own
                meter.restart()
                own = _own_seconds()
                size = 0.0
                for start in range(0, len(prepared), TOGETHER):
                    kept, mails, _ = await batcher.print(prepared[start : start + TOGETHER])
                    await batcher.write_down(kept)
                    await into.post(new_id(), mails)
                    size += sum(len(mail.html) for mail in mails)
                await shop.tracer.written()
                spent = meter.cost().total + _own_seconds() - own
                shutil.rmtree(folder / "campaign")
                if turn:  # The first round fills what is kept from mail to mail, as a campaign's first thousand do.
                    rates.append(len(prepared) / spent)
                    finding.append(found_in / len(prepared) * 1e6)
    return [
        Figure(
            name="e-mail bodies per core-second in a campaign", measured=median(rates), unit="/s",
            at_least=PER_CORE_SECOND,
            detail=f"{size / max(1, len(members)) / 1024:.0f} KB of HTML beside the text; finding candidates before: "
            f"{median(finding):.0f} us CPU each",
        )
    ]  # fmt: skip


def _own_seconds() -> float:
    times = psutil.Process(os.getpid()).cpu_times()
    return float(times.user + times.system)
