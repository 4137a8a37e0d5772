"""Reports that a marketer reads by themselves, on a month of simulated traffic that says that it is simulated."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from tailorbird.suite.traffic.behaviour import EXPERIMENT
from tests.runningsuite import RunningSuite
from tests.studiodesk import fields_of, person
from tests.waiting import eventually


@pytest.fixture(scope="module")
def month(suite: RunningSuite) -> int:
    """A month of traffic has been simulated and has arrived, all of it; how many customers came."""
    # So many that what sets some of them apart is found whatever else the suite's tests left on its pages.
    told = suite.command("traffic", "--customers", "3000", "--days", "28").replace(",", "")
    sent = {name: int(told.split(f" {name}")[0].rpartition(" ")[2]) for name in ("decisions", "orders")}

    with httpx.Client(base_url=suite.base_url, headers=suite.server_headers, timeout=90.0) as server:

        def arrived() -> bool:
            rows = report(server, "kpis", first_day="2020-01-01", last_day="2100-01-01", traffic="simulated")["rows"]
            return bool(rows) and {
                "decisions": rows[0]["decisions"], "orders": rows[0]["kpis"]["orders"]["value"],
            } == sent  # fmt: skip

        eventually(arrived, "the simulated month in the reports", 120.0)
    return 3_000


def report(server: httpx.Client, name: str, **asked: Any) -> dict[str, Any]:
    response = server.get(f"/v1/reports/{name}", params=asked, timeout=90.0)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


@pytest.mark.row(54, 112)
def test_what_personalization_brought_against_who_is_held_out(server: httpx.Client, month: int) -> None:
    found = report(server, "holdout", traffic="simulated")
    assert found["simulated"] is True
    assert "simulated" in found["notes"][0]
    assert 0.05 * month < found["held_out"] < 0.16 * month
    assert found["incremental_revenue"]["low"] < found["incremental_revenue"]["value"]
    assert (found["cost"] <= 0) is (found["return_on_investment"]["value"] is None)
    assert found["yearly_value"]["value"] is not None
    assert found["conclusion"]


@pytest.mark.row(108)
def test_an_experiment_says_which_variant_is_better_or_how_long_it_still_takes(
    server: httpx.Client, month: int
) -> None:
    found = report(server, f"experiments/{EXPERIMENT}", metric="clicks_per_person", control="as_it_is")
    [compared] = found["comparisons"]
    assert compared["variant_id"] == "question"
    assert compared["sequential"]["low"] < compared["difference"]["low"] < compared["difference"]["high"]
    assert compared["verdict"] in ("better", "open")
    assert found["sample_ratio"]["fits"] is True
    assert found["power"]["persons_needed"] > 100
    assert found["conclusion"]
    planned = report(server, "power", smallest_effect=0.02, metric="conversion")
    assert planned["persons_needed"] > 1_000
    assert "each variant needs" in planned["sentence"]


@pytest.mark.row(60)
def test_the_value_matrix_says_what_is_done_for_whom_and_where_more_is_to_be_had(
    server: httpx.Client, month: int
) -> None:
    found = report(server, "value-matrix", traffic="simulated")
    gains = [cell["gain"]["value"] or 0.0 for cell in found["cells"]]
    assert gains == sorted(gains, reverse=True)
    cell = next(one for one in found["cells"] if one["moment"] == "page/home" and one["persons"] > 50)
    assert cell["doing"]
    assert cell["brought"]["low"] < cell["brought"]["high"]
    assert 0.0 < cell["not_for_me"]["value"] < 0.5
    assert cell["complaints"]["value"] is not None
    assert cell["sentence"].startswith("They see")
    assert any(one["missing"] for one in found["cells"])
    assert all(one["gain"]["low"] <= one["gain"]["value"] for one in found["cells"] if one["gain"]["value"] is not None)


@pytest.mark.row(98)
def test_what_customers_did_stands_apart_from_what_was_simulated(server: httpx.Client, month: int) -> None:
    server.post("/v1/pages/home", json={"customer": {"anonymous_id": "apart"}}).raise_for_status()

    def real() -> dict[str, Any]:
        return report(server, "kpis", traffic="real", first_day="2020-01-01")

    of_customers = eventually(lambda: (found := real())["rows"] and found, "a real decision in the report")
    assert of_customers["simulated"] is False
    assert not any("simulated" in note for note in of_customers["notes"])
    made_up = report(server, "kpis", traffic="simulated", first_day="2020-01-01")["rows"][0]["decisions"]
    # More may be decided between two questions, so all are at least those asked for before.
    both = report(server, "kpis", first_day="2020-01-01")["rows"][0]["decisions"]
    assert both >= made_up + of_customers["rows"][0]["decisions"] > made_up >= month
    experiments = report(server, "experiments", traffic="real")["experiments"]
    assert EXPERIMENT not in [one["experiment_id"] for one in experiments]


@pytest.mark.row(66)
def test_rules_are_suggested_as_documents_that_can_be_counted_and_saved(server: httpx.Client, month: int) -> None:
    found = report(server, "suggestions", persons=0, count=20)
    assert found["persons"] >= month
    assert found["suggestions"], found
    for one in found["suggestions"]:
        assert one["english"]
        assert one["p_corrected"] < 0.05
        assert 0.0 < one["reach"] <= 0.6
        assert one["lift"]["low"] < one["lift"]["value"] < one["lift"]["high"]
        if re.search("persona|context", json.dumps(one["document"])):
            continue  # What the moment tells nobody can count.
        counted = server.post("/v1/segments/count", json={"rule": one["document"]["rule"]}, timeout=90.0)
        assert counted.status_code == 200, counted.text
        assert counted.json()["sentence"]
    of_real = report(server, "suggestions", persons=200)
    assert 0 < of_real["persons"] <= 200


@pytest.mark.row(66, 99)
def test_a_suggestion_becomes_a_draft_that_a_marketer_goes_on_with(suite: RunningSuite, month: int) -> None:
    with person(suite, "editor") as editor:
        shown = editor.get("/studio/reports/suggested?now=1").text
        assert "Begin a draft" in shown or "Draft with this rule" in shown
        wanted = {name: fields_of(shown, "")[name][:1] for name in ("id", "english")}
        begun = editor.post("/studio/suggested", wanted)
        assert "A draft of what the data suggests" in begun.text
        form = fields_of(begun.text, "document")
        assert [values for name, values in form.items() if name.startswith("rule.") and name.endswith("field")]
        editor.post(f"{begun.url.path}/discard")


@pytest.mark.row(98, 100)
def test_a_marketer_sees_the_return_and_the_state_of_the_data_without_asking_anyone(
    server: httpx.Client, suite: RunningSuite, month: int
) -> None:
    quality = {one["name"]: one for one in report(server, "data-quality", days=28)["lines"]}
    assert {"refused", "late", "twice", "without_decision", "without_person", "fallback", "model_age", "drift"} <= set(
        quality
    )
    assert all(one["sentence"] for one in quality.values() if one["level"] != "fine")
    by_day = report(server, "kpis", daily=True)["rows"]
    assert len(by_day) >= 28
    offers = server.get("/v1/reports/kpis", params={"by": "offer", "format": "csv"}, timeout=90.0).text
    assert {row["simulated"] for row in csv.DictReader(io.StringIO(offers))} == {"True"}
    weeks = report(server, "cohorts", period="week")["cohorts"]
    assert max(len(one["retained"]) for one in weeks) >= 2
    policies = report(server, "off-policy")
    assert {"at random"} <= {one["policy"] for one in policies["policies"]}
    files = (suite.home / "insights" / "outcomes").glob("day=*/*.parquet")
    kinds = {kind for file in files for kind in pq.read_table(file, columns=["kind"])["kind"].to_pylist()}
    assert kinds >= {"impression", "click", "order"}
