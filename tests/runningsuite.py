"""The whole suite as processes, for tests: started as a person starts it, filled by the commands a person types."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

import httpx
import pytest
from msgspec import Struct

from tailorbird.host.broker import die_with_parent, free_port
from tailorbird.suite.fronting import fetch
from tests.tinyshop import TinyShop

ROOT = Path(__file__).resolve().parents[1]
READY_WITHIN = 60.0
STOPPED_WITHIN = 30.0
COMMAND_WITHIN = 180.0


class RunningSuite(Struct, frozen=True):
    """A suite that runs, and how to reach it."""

    base_url: str
    server_key: str
    write_key: str
    home: Path
    environment: Mapping[str, str]
    """Environment in which a command of `tailorbird` finds this suite."""
    process: subprocess.Popen[bytes]
    """The supervisor."""

    @property
    def server_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.server_key}"}

    def command(self, *arguments: str | Path) -> str:
        """Runs `tailorbird ARGUMENTS` on this suite; gives what it printed."""
        return run_command(self.environment, *arguments)

    def fill_with(self, shop: TinyShop) -> None:
        """Loads the shop, puts the demonstration's documents to work and trains."""
        self.command("load", shop.folder)
        self.command("apply", documents_of_the_demo())
        # Chance keeps each offer from three of a hundred customers: not from those whom a test is about.
        goal = httpx.put(
            f"{self.base_url}/v1/goal", json={"control_share": 0.0}, headers=self.server_headers, timeout=20.0
        )
        goal.raise_for_status()
        self.command("train")

    def logs(self, name: str) -> str:
        """What a process of the suite (`gateway`, `offers`, ...) has logged."""
        path = self.home / "logs" / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def documents_of_the_demo() -> Path:
    """Folder of the segments, personas, layouts, e-mails and store offers that come with the demonstration."""
    return Path(str(resources.files("tailorbird.suite.demo") / "documents"))


@contextlib.contextmanager
def start_suite(home: Path, **settings: str) -> Iterator[RunningSuite]:
    """`tailorbird up` with this home folder, ready; ended on leaving. `settings`: more of the environment."""
    fetch()
    port = free_port()
    environment = clean_environment(home) | {"TAILORBIRD_PORT": str(port), "TAILORBIRD_DEMO": "true"} | settings
    output = home / "supervisor.out"
    with output.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tailorbird.suite", "up"],
            env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - nothing else runs in this process's threads
        )  # fmt: skip
    base_url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, base_url, home, output)
        told = json.loads((home / "suite.json").read_bytes())
        yield RunningSuite(base_url, told["server_key"], told["write_key"], home, environment, process)
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the supervisor as SIGTERM does, and with force when it does not end."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        pytest.fail(f"The supervisor did not end within {STOPPED_WITHIN:.0f} s of SIGTERM.")


def clean_environment(home: Path) -> dict[str, str]:
    """The environment of a process with this home folder, without settings of whoever runs the tests."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("TAILORBIRD_")}
    roots = os.pathsep.join(str(ROOT / root) for root in ("services", "shared"))
    return {**inherited, "PYTHONPATH": roots, "TAILORBIRD_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "200"}


def run_command(environment: Mapping[str, str], *arguments: str | Path) -> str:
    """What `tailorbird ARGUMENTS` printed. Fails the test when it did not end well."""
    done = subprocess.run(
        [sys.executable, "-m", "tailorbird.suite", *map(str, arguments)],
        env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=ROOT,
        timeout=COMMAND_WITHIN, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        said = f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        pytest.fail(f"tailorbird {' '.join(map(str, arguments))} ended with {done.returncode}:\n{said}", pytrace=False)
    return done.stdout


def _wait_until_ready(process: subprocess.Popen[bytes], base_url: str, home: Path, output: Path) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with contextlib.suppress(httpx.TransportError):
            if (home / "suite.json").exists() and httpx.get(f"{base_url}/ready", timeout=2.0).status_code == 200:
                return
        time.sleep(0.05)
    process.kill()
    said = output.read_text(encoding="utf-8", errors="replace")[-4000:]
    pytest.fail(f"The suite did not get ready:\n{said}", pytrace=False)
