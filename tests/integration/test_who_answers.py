"""A suite with nothing in it: one process answers every question of the contracts, and the studio says how to begin."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping

import nats.errors
import pytest

from tailorbird.bus.connect import open_client
from tailorbird.suite.running import read_running
from tests.contract.declared import endpoints
from tests.runningsuite import RunningSuite
from tests.studiodesk import person

pytestmark = pytest.mark.anyio

QUIET_AFTER = 1.0
"""Seconds without a further answer to NATS' own question who there is."""


async def test_every_endpoint_is_answered_by_exactly_one_process(empty_suite: RunningSuite) -> None:
    answering = await _who_answers(empty_suite)
    declared = {endpoint.subject for endpoint in endpoints().values()}
    assert declared - answering.keys() == set(), "nobody answers these"
    assert answering.keys() - declared == set(), "no contract declares these"
    assert {subject: names for subject, names in answering.items() if len(names) > 1} == {}


async def _who_answers(suite: RunningSuite) -> Mapping[str, set[str]]:
    """Subject -> names of the processes that answer it, as NATS' service discovery tells."""
    client = await open_client(read_running(suite.home).nats, "test")
    found: dict[str, set[str]] = defaultdict(set)
    inbox = client.new_inbox()
    subscription = await client.subscribe(inbox)
    await client.publish("$SRV.INFO", reply=inbox)
    try:
        while True:
            told = json.loads((await subscription.next_msg(timeout=QUIET_AFTER)).data)
            for endpoint in told["endpoints"]:
                found[endpoint["subject"]].add(told["name"])
    except (TimeoutError, nats.errors.TimeoutError):
        return found
    finally:
        await client.close()


REPORTS = ("", "/experiments", "/holdout", "/matrix", "/cohorts", "/choosing", "/suggested", "/quality")


def test_a_fresh_studio_says_how_to_begin(empty_suite: RunningSuite) -> None:
    with person(empty_suite, "admin") as admin:
        home = admin.get("/studio").text
        assert "Nothing is at work yet" in home
        assert "tailorbird load FOLDER" in home
        assert "Write the first one" in admin.get("/studio/offers").text
        assert "Nobody is known yet" in admin.get("/studio/customers").text
        assert "tailorbird train" in admin.get("/studio/models").text
        week = admin.get("/studio/reports/week").text
        assert "`" not in week, "what stands in backticks is set as code"
        shown = {one: admin.get(f"/studio/reports{one}").status_code for one in REPORTS}
        assert set(shown.values()) == {200}, shown
