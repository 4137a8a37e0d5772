"""Whatever the API's own description allows to be sent is answered, and never with a 500."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from tests.faults.traffic import FULL
from tests.runningsuite import RunningSuite

EXAMPLES = 200 if FULL else 8
ENDLESS = {"GET /v1/moments"}
"""Streams of events: a call of one ends only when its caller hangs up (tests/integration/test_moments.py reads it)."""


@pytest.mark.timeout(3_000)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "not-allowed"])
def test_no_call_near_the_description_is_answered_with_a_500(empty_suite: RunningSuite, mode: GenerationMode) -> None:
    wrong = [failure for operation in _operations(empty_suite) for failure in _failures(operation, mode, empty_suite)]
    assert wrong == []


def _operations(suite: RunningSuite) -> Iterator[schemathesis.APIOperation]:
    """Every call of the OpenAPI document that the gateway serves."""
    schema = schemathesis.openapi.from_url(f"{suite.base_url}/schema/openapi.json")
    found = list(schema.get_all_operations())
    assert len(found) > 10
    for one in found:
        assert isinstance(one, Ok), f"not described so that a tool can read it: {one}"
        if one.ok().label not in ENDLESS:
            yield one.ok()


def _failures(operation: schemathesis.APIOperation, mode: GenerationMode, suite: RunningSuite) -> list[str]:
    found: list[str] = []

    @given(operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def call(case: schemathesis.Case) -> None:
        response = case.call(headers=suite.server_headers, timeout=30)
        if response.status_code >= 500:
            found.append(f"{operation.label}: {response.status_code} {response.text[:300]} for {case.body!r:.300}")

    call()
    return found
