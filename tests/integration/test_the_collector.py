"""Segment's HTTP API as browsers and servers speak it: every call, its short path, whatever the body is labelled."""

from __future__ import annotations

import base64
import gzip
import json
import uuid
from typing import Any

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.waiting import eventually

CALLS: dict[str, dict[str, Any]] = {
    "track": {"event": "Product Added", "properties": {"product_id": "i-24"}},
    "identify": {"traits": {"firstName": "Ida"}},
    "page": {"name": "Home"},
    "screen": {"name": "Basket"},
    "group": {"groupId": "household-1"},
    "alias": {"previousId": "somebody-before"},
}
LABELS = ("application/json", "text/plain", "application/x-www-form-urlencoded", "nonsense", "")


def batch(visitor: str) -> dict[str, Any]:
    return {"batch": [{"type": kind, "anonymousId": visitor, "userId": "", **body} for kind, body in CALLS.items()]}


@pytest.mark.parametrize("path", [f"/v1/{name}" for kind in CALLS for name in (kind, kind[0])])
def test_each_call_is_taken_under_both_of_its_paths(collector: httpx.Client, path: str) -> None:
    kind = next(kind for kind in CALLS if kind[0] == path.rpartition("/")[2][0])
    answer = collector.post(path, json={"anonymousId": f"visitor{uuid.uuid4()}", **CALLS[kind]})
    assert (answer.status_code, answer.json()) == (200, {"success": True})


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b"])
@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_batch_is_taken_whatever_it_is_labelled(
    collector: httpx.Client, server: httpx.Client, path: str, label: str, packed: bool
) -> None:
    visitor = f"visitor-{uuid.uuid4()}"
    body = json.dumps(batch(visitor)).encode()
    content = gzip.compress(body) if packed else body
    answer = collector.post(path, content=content, headers={"Content-Type": label} if label else {})
    assert (answer.status_code, answer.json()) == (200, {"success": True})

    def seen() -> bool:
        found = server.get(f"/v1/profiles/{visitor}", params={"kind": "anonymous"})
        return found.status_code == 200 and "i-24" in found.text

    eventually(seen, "what the batch holds in the profile")


def test_the_write_key_may_stand_in_the_body_of_a_page_that_closes(suite: RunningSuite) -> None:
    body = json.dumps({"writeKey": suite.write_key, "anonymousId": "leaving", **CALLS["track"]})
    answer = httpx.post(f"{suite.base_url}/v1/t", content=body, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 200


def test_a_browser_may_send_from_any_site(suite: RunningSuite) -> None:
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    allowed = httpx.options(f"{suite.base_url}/v1/batch", headers=asked).headers
    assert allowed["access-control-allow-origin"] == "*"
    assert "POST" in allowed["access-control-allow-methods"]
    key = base64.b64encode(f"{suite.write_key}:".encode()).decode()
    headers = {"Origin": "https://shop.example", "Authorization": f"Basic {key}"}
    answer = httpx.post(f"{suite.base_url}/v1/p", json={"anonymousId": "elsewhere"}, headers=headers)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


def test_a_browser_library_finds_its_settings(suite: RunningSuite) -> None:
    settings = httpx.get(f"{suite.base_url}/v1/projects/{suite.write_key}/settings").json()
    segment = settings["integrations"]["Segment.io"]
    assert segment["apiKey"] == suite.write_key
    assert f"{segment['protocol']}://{segment['apiHost']}" == f"{suite.base_url}/v1"
    assert httpx.get(f"{suite.base_url}/v1/projects/nobodys/settings").status_code == 404
