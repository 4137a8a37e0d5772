"""Who runs it: loads data, edits documents, reads what was decided, reads the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.tinyshop import TinyShop


@pytest.mark.row(29, 110, 123)
def test_loading_the_same_data_twice_changes_nothing(suite: RunningSuite, tiny_shop: TinyShop) -> None:
    said = suite.command("load", tiny_shop.folder)
    counts = re.findall(r"│\s*(\w+)\s*│\s*([\d,]+)\s*│\s*([\d,]+)\s*│\s*([\d,]+)\s*│\s*([\d,]+)", said)
    assert len(counts) == 10
    for table, *numbers in counts:
        read, stored, unchanged, refused = (int(number.replace(",", "")) for number in numbers)
        assert read == stored + unchanged + refused, table
        if table != "items":  # Other scenarios change prices meanwhile.
            assert stored == 0, table


@pytest.mark.row(98)
def test_a_bad_row_goes_to_quarantine_with_its_line_and_the_reason(suite: RunningSuite, tmp_path: Path) -> None:
    (tmp_path / "interactions.csv").write_text(
        "customer_id,item_id,time,quantity\n"
        "c-20,i-03,2026-11-01T10:00:00Z,1\n"
        "c-20,nothing-we-sell,2026-11-01T10:00:00Z,1\n"
        "c-20,i-04,yesterday,1\n"
        "c-20,i-04,2026-11-01T10:00:00Z,0\n"
    )
    said = suite.command("load", tmp_path)
    assert re.search(r"interactions\s*│\s*4\s*│\s*1\s*│\s*0\s*│\s*3", said)
    quarantine = (suite.home / "quarantine" / "interactions.csv").read_text()
    assert "nothing-we-sell" in quarantine
    assert "yesterday" in quarantine
    assert [line.split(",")[0] for line in quarantine.splitlines()[1:]] == ["3", "4", "5"]


def test_the_api_documents_itself(server: httpx.Client, suite: RunningSuite) -> None:
    document = httpx.get(f"{suite.base_url}/schema/openapi.json").json()
    assert {"/v1/pages/{page}", "/v1/emails/{email}", "/v1/track", "/v1/recommend"} <= set(document["paths"])
    html = httpx.get(f"{suite.base_url}/schema").text
    assert "https://" not in re.sub(r"https://(swagger\.io|[a-z.]*example)[^\"']*", "", html).split("<body")[0]


@pytest.mark.row(126)
def test_what_was_decided_is_counted(server: httpx.Client) -> None:
    report = server.get("/v1/reports/decisions")
    assert report.status_code == 200
    assert report.json()


def test_health_readiness_and_metrics_need_no_key(suite: RunningSuite) -> None:
    assert httpx.get(f"{suite.base_url}/health").status_code == 200
    assert httpx.get(f"{suite.base_url}/ready").status_code == 200
    assert "tailorbird_http_requests_total" in httpx.get(f"{suite.base_url}/metrics").text


def test_an_answer_carries_the_trace_it_was_asked_under(server: httpx.Client) -> None:
    given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = server.post("/v1/pages/home", json={}, headers={"traceparent": given})
    assert answer.headers["traceparent"] == given


@pytest.mark.row(127, 118)
def test_training_again_puts_a_new_model_to_work(server: httpx.Client, suite: RunningSuite) -> None:
    said = suite.command("train")
    version = re.search(r"Model (\w+) is in use", said)
    assert version
    assert server.post("/v1/pages/home", json={}).json()["meta"]["model"]


@pytest.mark.row(110)
def test_events_decisions_and_profiles_are_exported_as_parquet(suite: RunningSuite, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    suite.command("export", tmp_path / "out")
    files = {path.stem: pq.read_table(path) for path in (tmp_path / "out").rglob("*.parquet")}
    assert {"events", "decisions", "profiles"} <= {name.split("-")[0] for name in files}
    assert sum(table.num_rows for table in files.values()) > 40
