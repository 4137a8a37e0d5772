"""What real sites send with: each library's own calls, from a process of its own, end as they should in the profile."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.libraries import node_libraries, python_libraries
from tests.runningsuite import RunningSuite
from tests.waiting import eventually

CLIENTS = Path(__file__).resolve().parents[1] / "clients"
WITHIN = 120.0


@pytest.fixture(scope="session")
def cache(pytestconfig: pytest.Config) -> Path:
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("client-libraries")


def with_python(cache: Path, *arguments: str) -> None:
    _run([sys.executable, str(CLIENTS / "everything.py"), *arguments], {"PYTHONPATH": str(python_libraries(cache))})


def with_node(cache: Path, *arguments: str) -> None:
    modules = node_libraries(cache) / "node_modules"
    _run(["node", str(CLIENTS / "everything.cjs"), *arguments], {"NODE_PATH": str(modules)})


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=WITHIN, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


SENDERS = {
    "segment-python": lambda cache, *rest: with_python(cache, "segment.analytics.client", *rest),
    "segment-python-gzip": lambda cache, *rest: with_python(cache, "segment.analytics.client", *rest, "gzip"),
    "rudder-python": lambda cache, *rest: with_python(cache, "rudderstack.analytics.client", *rest),
    "rudder-python-gzip": lambda cache, *rest: with_python(cache, "rudderstack.analytics.client", *rest, "gzip"),
    "segment-node": with_node,
}


@pytest.mark.row(92, 93)
@pytest.mark.parametrize("library", SENDERS)
def test_a_librarys_calls_from_a_server_become_one_profile(
    suite: RunningSuite, server: httpx.Client, cache: Path, library: str
) -> None:
    SENDERS[library](cache, suite.base_url, suite.server_key, library)

    def profile() -> dict[str, Any]:
        answer = server.get(f"/v1/profiles/{library}-customer")
        known = answer.json() if answer.status_code == 200 else {}
        return known if _items(known, "added") >= {"i-22", "i-23"} else {}

    known = eventually(profile, f"what {library} sent, in the customer's profile")
    assert known["first_name"] == "Ida"
    assert _items(known, "viewed") == {"i-21"}
    # The same message id twice, with 250 events sent before: counted once.
    assert {line["item_id"]: line["quantity"] for line in known["cart"]} == {"i-22": 2, "i-23": 1}
    added, viewed = (_times(known, kind) for kind in ("added", "viewed"))
    assert 3_300 < added["i-22"] - viewed["i-21"] < 3_900


@pytest.mark.parametrize("library", ["segment-python", "rudder-python-gzip", "segment-node"])
def test_with_the_write_key_the_visitor_is_not_shown_the_customer(
    suite: RunningSuite, server: httpx.Client, cache: Path, library: str
) -> None:
    name = f"browser-{library}"
    SENDERS[library](cache, suite.base_url, suite.write_key, name)

    def profile() -> dict[str, Any]:
        answer = server.get(f"/v1/profiles/{name}-visitor", params={"kind": "anonymous"})
        known = answer.json() if answer.status_code == 200 else {}
        return known if _items(known, "added") == {"i-22"} else {}

    known = eventually(profile, f"what {library} sent, in the visitor's profile")
    assert known["customer"]["customer_id"] is None
    assert known["first_name"] == ""


def _items(profile: dict[str, Any], kind: str) -> set[str]:
    return set(_times(profile, kind))


def _times(profile: dict[str, Any], kind: str) -> dict[str, float]:
    recent = profile.get("facts", {}).get("recent", ())
    return {signal["item_id"]: signal["at"] for signal in recent if signal["kind"] == kind}
