"""A campaign killed again and again, and begun again: nobody is missed, nobody gets it twice."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller

from tailorbird.host.broker import die_with_parent, free_port
from tests.runningsuite import ROOT, RunningSuite

pytestmark = pytest.mark.timeout(1_800 if os.environ.get("FAULTS_SIZE") == "full" else 300)

FULL = os.environ.get("FAULTS_SIZE") == "full"
KILLS = 20 if FULL else 1
CUSTOMERS = 20_000 if FULL else 200
LONGEST = 2.5 if FULL else 0.1
"""Seconds from the first mail that left to the kill, at most."""
CONNECTIONS = 4


class MailServer:
    """Counts what it has said yes to, by recipient and message."""

    def __init__(self) -> None:
        self.taken: Counter[tuple[str, str]] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name for it
        head = envelope.content.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
        message_id = next(line for line in head.splitlines() if line.lower().startswith("message-id:"))
        self.taken[envelope.rcpt_tos[0], message_id] += 1
        return "250 Kept"


@pytest.fixture(scope="module")
def many(fragile: RunningSuite) -> int:
    """A suite with many customers who have an address; how many there are."""
    with httpx.Client(base_url=fragile.base_url, headers=fragile.server_headers, timeout=60.0) as server:
        for first in range(0, CUSTOMERS, 400):
            batch = [
                {"type": "identify", "userId": f"m-{n}", "messageId": f"m-{n}", "traits": {"email": address(n)}}
                for n in range(first, min(first + 400, CUSTOMERS))
            ]
            assert server.post("/v1/batch", json={"batch": batch}).status_code == 200
        campaign = {"email": "weekly", "rule": {"field": "history.orders", "operator": "=", "value": 0}}
        assert server.put("/v1/campaigns/killed", json=campaign).status_code == 200
        assert server.put("/v1/mailing", json={"sender_address": "shop@example.com"}).status_code == 200
        until = time.monotonic() + 120.0
        while server.get(f"/v1/profiles/m-{CUSTOMERS - 1}").status_code != 200:
            assert time.monotonic() < until, "The customers were not folded."
            time.sleep(0.1)
    return CUSTOMERS


def address(number: int) -> str:
    return f"m{number}@example.com"


def run_and_kill(suite: RunningSuite, arguments: list[str], sent: Callable[[], int], after: float) -> None:
    """One attempt, killed so many seconds after it sent its first, unless it has ended."""
    before = sent()
    process = subprocess.Popen(
        [sys.executable, "-m", "tailorbird.suite", "campaign", "run", *arguments],
        env=dict(suite.environment), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        cwd=ROOT, preexec_fn=die_with_parent(),  # noqa: PLW1509 - nothing else runs in this process's threads
    )  # fmt: skip
    while sent() == before and process.poll() is None:
        time.sleep(0.01)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(after)
    process.kill()
    process.wait()


def lines_in(folder: Path) -> list[str]:
    """The recipients in it, one for each line."""
    files = sorted(folder.rglob("*.ndjson"))
    return [json.loads(line)["to"] for one in files for line in one.read_text().splitlines()]


def test_lines_in_a_folder_are_there_once_for_everybody(fragile: RunningSuite, many: int, tmp_path: Path) -> None:
    chance = random.Random(7)
    arguments = ["killed", "--message", "folder", "--to", str(tmp_path)]
    for _ in range(KILLS):
        run_and_kill(fragile, arguments, lambda: len(list(tmp_path.rglob("*.ndjson"))), chance.uniform(0.0, LONGEST))
    fragile.command("campaign", "run", *arguments)
    written = Counter(lines_in(tmp_path))
    assert len(written) == many
    assert set(written.values()) == {1}


def test_mails_reach_everybody_and_a_doubt_is_the_same_mail_again(
    fragile: RunningSuite, many: int, tmp_path: Path
) -> None:
    chance = random.Random(8)
    kept = MailServer()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        to = f"smtp://127.0.0.1:{controller.port}"
        arguments = ["killed", "--message", "smtp", "--to", to, "--connections", str(CONNECTIONS)]
        for _ in range(KILLS):
            run_and_kill(fragile, arguments, kept.taken.total, chance.uniform(0.0, LONGEST))
        fragile.command("campaign", "run", *arguments)
    finally:
        controller.stop()
    assert {recipient for recipient, _ in kept.taken} == {address(number) for number in range(many)}
    assert len(kept.taken) == many  # One Message-ID for each, whatever happened.
    # A mail that the server took in the instant of the kill cannot be known to have left: at most one a connection.
    assert sum(times - 1 for times in kept.taken.values()) <= KILLS * CONNECTIONS
