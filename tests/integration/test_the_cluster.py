"""The cluster of compose.yaml, started from its own configuration: three copies of everything, and one may die."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nats.errors
import pytest
import yaml

from tailorbird.bus.connect import Address, connect
from tailorbird.contracts.wire import Fault
from tailorbird.host.broker import die_with_parent, free_port, nats_server_binary
from tailorbird.suite.permissions import OPERATOR, write_users
from tests.house.tree import ROOT

pytestmark = pytest.mark.anyio

NODES = ("nats", "nats-2", "nats-3")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


class Cluster:
    """Three nats-servers of this machine, each configured as its container is but for addresses and folders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = {node: (free_port(), free_port(), free_port()) for node in NODES}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        return ",".join(f"nats://127.0.0.1:{client}" for client, _, _ in self._ports.values())

    @property
    def address(self) -> Address:
        """As the operator enters it."""
        return Address(self.url, self._folder / "made" / OPERATOR / f"{OPERATOR}.seed")

    def start(self) -> None:
        write_users(self._folder / "made")
        (self._folder / "users").symlink_to(self._folder / "made" / "servers")  # As compose mounts it.
        for node in NODES:
            client, monitor, routes = self._ports[node]
            text = COMPOSE["configs"]["nats_cluster"]["content"]
            text = text.replace("8222", str(monitor)).replace("/data", f'"{self._folder / node}"')
            text = text.replace("0.0.0.0:6222", f"127.0.0.1:{routes}")
            for other, (_, _, port) in self._ports.items():
                text = re.sub(rf"nats://{other}:6222", f"nats://127.0.0.1:{port}", text)
            configuration = self._folder / f"{node}.conf"
            configuration.write_text(text)
            with (self._folder / f"{node}.log").open("wb") as log:
                command = [nats_server_binary(), "--config", str(configuration), "--name", node, "-a", "127.0.0.1"]
                self.processes[node] = subprocess.Popen(
                    [*command, "--port", str(client)],
                    stdout=log, stderr=log, preexec_fn=die_with_parent(),  # noqa: PLW1509
                )  # fmt: skip

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill()
            process.wait()


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    cluster = Cluster(tmp_path)
    cluster.start()
    yield cluster
    cluster.stop()


async def test_what_is_kept_outlives_any_one_node(cluster: Cluster) -> None:
    async with connect("test", cluster.address, cluster.address, replicas=3, ledger_replicas=3) as bus:
        bucket = await _when_there_is_a_leader(bus.bucket, "kept")
        await bucket.put("before", b"1")
        killed = cluster.processes["nats-2"]
        killed.kill()
        killed.wait()
        await _when_there_is_a_leader(bucket.put, "after", b"2")
        entries = await _when_there_is_a_leader(bucket.entries)
        assert {key: entry.value for key, entry in entries.items()} == {"before": b"1", "after": b"2"}


async def _when_there_is_a_leader(act: Any, *arguments: Any) -> Any:
    """What `act` gives as soon as the cluster has agreed on who leads, which takes it some seconds."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await act(*arguments)
            except (Fault, nats.errors.Error):
                await asyncio.sleep(0.2)
