"""A wrong event stops no other: it is kept with its reason, listed, mended or forgotten."""

from __future__ import annotations

import json
import uuid

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.scenarios.calls import event, viewed
from tests.waiting import eventually


@pytest.mark.row(92, 93)
def test_a_wrong_event_is_listed_with_its_reason_and_the_others_count(
    suite: RunningSuite, server: httpx.Client, collector: httpx.Client
) -> None:
    visitor = f"careless-{uuid.uuid4()}"
    wrong = event("Product Added", {"product_id": "i-31", "price": "cheap"}, anonymousId=visitor)
    batch = [viewed("i-31", anonymousId=visitor), wrong, viewed("i-32", anonymousId=visitor)]
    unreadable = {"type": "nope", "userId": visitor, "messageId": f"unreadable-{visitor}"}
    batch.insert(1, unreadable)
    assert collector.post("/v1/batch", json={"batch": batch}).json() == {"success": True}

    def seen() -> bool:
        answer = server.get(f"/v1/profiles/{visitor}", params={"kind": "anonymous"})
        return answer.status_code == 200 and "i-32" in answer.text

    eventually(seen, "the event after the wrong one in the profile")
    listed = suite.command("events", "dead", wrong["messageId"])
    assert wrong["messageId"] in listed
    assert "`price` is a number" in listed
    whole = json.loads(suite.command("events", "dead", "--json", wrong["messageId"]))
    assert whole["event"]["properties"] == wrong["properties"]
    none_at_all = json.loads(suite.command("events", "dead", "--json", unreadable["messageId"]))
    assert none_at_all["event"]["properties"] == {"sent": unreadable}
    assert "The type is one of" in none_at_all["reason"]
    assert "1 forgotten" in suite.command("events", "dead", "--forget", unreadable["messageId"])
    assert "0 sent again, 1 still wrong" in suite.command("events", "dead", "--replay", wrong["messageId"])
    assert "1 forgotten" in suite.command("events", "dead", "--forget", wrong["messageId"])
    assert wrong["messageId"] not in suite.command("events", "dead")
