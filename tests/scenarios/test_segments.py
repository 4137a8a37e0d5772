"""Segments: nested into personas, counted before they are saved, found by learning, taken in and given out as CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.scenarios.calls import event
from tests.studiodesk import person
from tests.waiting import eventually


def segments_of(server: httpx.Client, customer_id: str) -> list[str]:
    answer = server.get(f"/v1/profiles/{customer_id}")
    found: list[str] = answer.json()["segments"] if answer.status_code == 200 else []
    return found


@pytest.mark.row(62, 99, 101, 114)
def test_a_rule_is_counted_before_it_is_saved(server: httpx.Client) -> None:
    def count(rule: Any) -> dict[str, Any]:
        answer = server.post("/v1/segments/count", json={"rule": rule}, timeout=60)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    everybody = count(None)
    families = count({"field": "segments", "operator": "contains", "value": "families"})
    both = count(
        {
            "rules": [
                {"field": "segments", "operator": "contains", "value": "families"},
                {"field": "history.orders", "operator": ">=", "value": 5},
            ]
        }
    )
    assert everybody["customers"] == everybody["of"] >= 40
    assert 0 < both["customers"] <= families["customers"] < everybody["customers"]
    assert "segments" in families["sentence"]
    wrong = server.post("/v1/segments/count", json={"rule": {"field": "history.order", "operator": "=", "value": 1}})
    assert wrong.status_code == 422
    assert "did you mean" in wrong.text


@pytest.mark.row(63, 113)
def test_nested_segments_become_a_persona_and_membership_follows_the_event(
    suite: RunningSuite, server: httpx.Client, tmp_path: Path
) -> None:
    folder = tmp_path / "segments"
    folder.mkdir()
    (folder / "helpers.toml").write_text(
        'name = "Helpers"\nrule = { field = "treatment.advocacy", operator = "=", value = "advocate" }\n'
    )
    (folder / "loyal_helpers.toml").write_text(
        'name = "Loyal helpers"\n[rule]\nrules = [\n'
        '{ field = "segments", operator = "contains", value = "helpers" },\n'
        '{ field = "segments", operator = "contains", value = "regulars" },\n'
        '{ field = "history.days_since_first_order", operator = ">=", value = 100 },\n]\n'
    )
    suite.command("apply", tmp_path)
    regular = next(one for one in ("c-01", "c-03", "c-04", "c-08") if "regulars" in segments_of(server, one))
    assert "loyal_helpers" not in segments_of(server, regular)
    server.post("/v1/track", json=event("Referral Sent", {}, userId=regular))
    eventually(lambda: "loyal_helpers" in segments_of(server, regular), "membership after the event", within=60)


@pytest.mark.row(115, 96)
def test_learned_segments_are_named_and_tested_by_rules_at_once(suite: RunningSuite, server: httpx.Client) -> None:
    said = suite.command("train", "segments")
    assert "by K-means" in said

    def cluster(customer_id: str) -> str:
        attributes = server.get(f"/v1/profiles/{customer_id}").json()["facts"]["attributes"]
        return str(attributes.get("cluster.kmeans", "")) if attributes.get("cluster.map") else ""

    name = eventually(lambda: cluster("c-01"), "the cluster in the profile", within=60)
    rule = {"field": "cluster.kmeans", "operator": "=", "value": name}
    counted = server.post("/v1/segments/count", json={"rule": rule}, timeout=60).json()
    assert 0 < counted["customers"] < counted["of"]


@pytest.mark.row(27, 123)
def test_who_is_in_a_segment_goes_out_as_csv_and_comes_in_as_an_audience(
    suite: RunningSuite, server: httpx.Client, tmp_path: Path
) -> None:
    answer = server.get("/v1/segments/families/customers", timeout=60)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["audience_id"] for row in rows} == {"families"}
    assert "c-01" in {row["customer_id"] for row in rows}
    (tmp_path / "audiences.csv").write_text("audience_id,customer_id\nelsewhere,c-09\n")
    suite.command("load", tmp_path)
    attributes = server.get("/v1/profiles/c-09").json()["facts"]["attributes"]
    assert "elsewhere" in attributes["customer.audiences"]
    assert server.get("/v1/segments/no-such/customers").status_code == 404
    with person(suite, "editor") as editor:
        assert editor.get("/studio/audiences/families/csv").text == answer.text
        assert "Customers as CSV" in editor.get("/studio/audiences/families").text
        assert editor.post("/studio/audiences/families/send", {"webhook": "crm"}).status_code == 403
