"""The suite on one machine: it ends without a trace, says what is wrong, and answers alike however it is divided."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tailorbird.host.broker import free_port
from tailorbird.suite.running import read_running
from tests.faults.processes import all_processes, process_of
from tests.runningsuite import ROOT, RunningSuite, clean_environment, start_suite
from tests.tinyshop import CUSTOMERS
from tests.waiting import eventually


def run(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`tailorbird ARGUMENTS` until it ends."""
    return subprocess.run(
        [sys.executable, "-m", "tailorbird.suite", *arguments],
        env=clean_environment(home) | settings, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT,
    )  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_every_process(tmp_path: Path, number: signal.Signals) -> None:
    with start_suite(tmp_path) as running:
        processes = all_processes(running)
        assert len(processes) == 9  # The supervisor, two nats-servers, the nursery, five services.
        running.process.send_signal(number)
        running.process.wait(30)
    _, alive = psutil.wait_procs(processes, timeout=5)
    assert alive == []


def test_stop_ends_every_process_before_it_returns(tmp_path: Path) -> None:
    with start_suite(tmp_path) as running:
        started = [process for process in all_processes(running) if process.pid != running.process.pid]
        stopped = run(tmp_path, "stop")  # With SIGTERM.
        _, alive = psutil.wait_procs(started, timeout=0)
        assert (stopped.returncode, alive) == (0, [])
        running.process.wait(30)


def test_killing_the_supervisor_leaves_no_process_behind(tmp_path: Path) -> None:
    with start_suite(tmp_path) as running:
        processes = all_processes(running)
        running.process.kill()
        running.process.wait(30)
        _, alive = psutil.wait_procs(processes, timeout=20)
    assert alive == []


def test_a_port_in_use_is_named_with_the_way_to_change_it(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(tmp_path, "up", TAILORBIRD_PORT=str(port))
    assert done.returncode == 1
    assert f"Port {port}" in done.stderr
    assert "make run PORT=" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TAILORBIRD_PROT", "8000"),
        ("TAILORBIRD_PORT", "eighty"),
        ("TAILORBIRD_PORT", "70000"),
        ("TAILORBIRD_OFFERS_NONSENSE", "1"),
    ],
)
def test_a_wrong_or_unknown_setting_stops_the_start_with_its_name(tmp_path: Path, name: str, value: str) -> None:
    done = run(tmp_path, "up", **{"TAILORBIRD_PORT": str(free_port()), name: value})
    assert done.returncode != 0
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_suite_in_one_home_is_refused(empty_suite: RunningSuite) -> None:
    done = run(empty_suite.home, "up", TAILORBIRD_PORT=str(free_port()))
    assert done.returncode == 1
    assert "already" in done.stderr


def test_stop_without_a_suite_says_so(tmp_path: Path) -> None:
    done = run(tmp_path, "stop")
    assert done.returncode == 1
    assert "make run" in done.stderr


def test_keys_and_seeds_are_readable_by_their_owner_alone(empty_suite: RunningSuite) -> None:
    secret = [path for path in empty_suite.home.rglob("*") if path.suffix in (".seed", ".sqlite") or path.name in (
        "keys.json", "suite.json", "nats-server.conf")]  # fmt: skip
    assert len(secret) >= 9
    assert {oct(path.stat().st_mode & 0o077) for path in secret} == {"0o0"}


def test_no_log_holds_a_key(empty_suite: RunningSuite) -> None:
    told = (empty_suite.home / "suite.json").read_text()
    logs = "".join(path.read_text(errors="replace") for path in empty_suite.home.rglob("*.log"))
    assert empty_suite.server_key in told
    assert empty_suite.server_key not in logs
    assert empty_suite.write_key not in logs


def test_a_hung_service_is_ended_and_started_again(empty_suite: RunningSuite) -> None:
    hung = eventually(lambda: _another(empty_suite, "insights", 0), "the process of insights")
    assert hung is not None
    process_id = hung.pid
    hung.suspend()
    hung.wait(60)
    eventually(lambda: _another(empty_suite, "insights", process_id), "another process of insights")


def _another(suite: RunningSuite, name: str, process_id: int) -> psutil.Process | None:
    """The service's process, unless it is the one with this id."""
    try:
        found = process_of(suite, name)
    except LookupError:
        return None
    return found if found.pid != process_id else None


def test_one_process_for_all_services_answers_as_one_process_each(suite: RunningSuite, tmp_path: Path) -> None:
    running = read_running(suite.home)
    port = free_port()
    environment = clean_environment(suite.home) | {
        "TAILORBIRD_NATS_URL": running.nats_url,
        "TAILORBIRD_LEDGER_URL": running.ledger_url,
        "TAILORBIRD_NATS_SEED_FILE": str(running.seed_file),
        "TAILORBIRD_LEDGER_SEED_FILE": str(running.seed_file),
        "TAILORBIRD_SERVER_KEY": suite.server_key,
        "TAILORBIRD_INSIGHTS_HOME": str(tmp_path),
        "TAILORBIRD_PORT": str(port),
    }
    together = subprocess.Popen([sys.executable, "-m", "tailorbird.suite", "serve", "all"], env=environment, cwd=ROOT)
    try:
        eventually(lambda: _is_ready(port), "the process with all services is ready")
        for customer in CUSTOMERS[:10]:
            # What was learned meanwhile comes into force in each process at its own moment.
            eventually(partial(_same, f"http://127.0.0.1:{port}", suite, customer), f"the same page for {customer}")
    finally:
        together.terminate()
        together.wait(30)


def page(base_url: str, suite: RunningSuite, customer: str) -> dict[str, Any]:
    """The home page without what differs from moment to moment: ids, times, and scores that fade with time."""
    body = {"customer": {"customer_id": customer}, "preview": True}
    answer = httpx.post(f"{base_url}/v1/pages/home", json=body, headers=suite.server_headers, timeout=20)
    payload: dict[str, Any] = answer.raise_for_status().json()
    del payload["decision_id"], payload["meta"]["took_ms"]
    for slot in payload["slots"]:
        for chosen in (*slot.get("items", ()), *slot.get("offers", ()), *slot.get("actions", ())):
            del chosen["score"]
    return payload


def _same(base_url: str, suite: RunningSuite, customer: str) -> bool:
    return page(base_url, suite, customer) == page(suite.base_url, suite, customer)


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/ready", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
