"""The API is as its description says: what that allows is answered as it says, what it does not allow is refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from tests.faults.traffic import FULL
from tests.runningsuite import RunningSuite

EXAMPLES = 200 if FULL else 2
ENDLESS = {"GET /v1/moments"}
"""Streams of events: a call of one ends only when its caller hangs up (tests/integration/test_moments.py reads it)."""
SETS_ASIDE = {f"POST /v1/{one}" for one in ("track", "identify", "page", "screen", "group", "alias", "batch")}
"""Events that are wrong are taken as well, and set aside with the reason: their senders cannot mend them any more."""
ALWAYS = (
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_headers_conformance, checks.response_schema_conformance, checks.negative_data_rejection,
    checks.missing_required_header,
)  # fmt: skip
OPEN = {"GET /health", "GET /ready", "GET /metrics", "GET /v1/projects/{write_key}/settings"}


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, value: Any) -> bytes:
    """Lines of JSON as they are sent."""
    return str(value).encode(errors="replace")


@pytest.fixture(scope="module")
def operations(empty_suite: RunningSuite) -> list[schemathesis.APIOperation]:
    """Every call of the OpenAPI document that the gateway serves."""
    schema = schemathesis.openapi.from_url(f"{empty_suite.base_url}/schema/openapi.json")
    found = list(schema.get_all_operations())
    assert len(found) > 80
    assert [one for one in found if not isinstance(one, Ok)] == [], "not described so that a tool can read it"
    return [one.ok() for one in found if isinstance(one, Ok) and one.ok().label not in ENDLESS]


@pytest.mark.timeout(3_000)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "not-allowed"])
def test_every_call_near_the_description_is_answered_as_it_says(
    empty_suite: RunningSuite, operations: list[schemathesis.APIOperation], mode: GenerationMode
) -> None:
    wrong = [failure for operation in operations for failure in _failures(operation, mode, empty_suite)]
    assert wrong == []


def test_without_a_key_nothing_is_told_and_a_wrong_method_is_refused_with_the_right_ones(
    empty_suite: RunningSuite, operations: list[schemathesis.APIOperation]
) -> None:
    wrong: list[str] = []
    with httpx.Client(base_url=empty_suite.base_url, timeout=30.0) as nobody:
        for operation in operations:
            path = operation.path.replace("{", "").replace("}", "")
            answer = nobody.request(operation.method, path, content=b"{}")
            if operation.label not in OPEN and answer.status_code != 401:
                wrong.append(f"{operation.label} without a key: {answer.status_code}")
            refused = nobody.request("TRACE", path)
            if refused.status_code != 405 or operation.method.upper() not in refused.headers.get("allow", ""):
                wrong.append(f"TRACE {path}: {refused.status_code}, Allow: {refused.headers.get('allow')}")
    assert wrong == []


def _failures(operation: schemathesis.APIOperation, mode: GenerationMode, suite: RunningSuite) -> list[str]:
    found: list[str] = []
    # A document's rules, a period's days and an event's names are told in sentences, which no schema says.
    reads = operation.method.upper() == "GET" and not operation.path.startswith("/v1/reports")
    held_to = [*ALWAYS, checks.positive_data_acceptance] if reads else list(ALWAYS)
    if operation.label in SETS_ASIDE:
        held_to.remove(checks.negative_data_rejection)

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
        try:
            case.validate_response(response, checks=held_to, headers=suite.server_headers)
        except FailureGroup as failures:
            sent = f"{case.body!r:.300} {case.query!r:.300}"
            found.extend(f"{operation.label}: {one} for {sent}" for one in failures.exceptions)

    try:
        call()
    except Unsatisfiable:
        # It takes nothing that could be wrong.
        assert mode is GenerationMode.NEGATIVE
    return found
