"""Does it work: what customers did with what was decided, in reports a moment later."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

from tests.scenarios.calls import event, home, order, slot
from tests.waiting import eventually


def kpis(server: httpx.Client, by: str = "all", key: str = "", **asked: Any) -> dict[str, float]:
    """KPI -> value, of one row; nothing where there is no row yet."""
    response = server.get("/v1/reports/kpis", params={"by": by, "key": key, **asked}, timeout=90.0)
    assert response.status_code == 200, response.text
    rows = [row for row in response.json()["rows"] if row["key"] == key]
    return {name: found["value"] or 0.0 for name, found in rows[0]["kpis"].items()} if rows else {}


def send(collector: httpx.Client, *events: dict[str, Any]) -> None:
    response = collector.post("/v1/batch", json={"batch": list(events)})
    assert response.status_code == 200, response.text


@pytest.mark.row(25, 112, 126)
def test_a_click_and_an_order_move_the_kpis_of_where_they_came_from(
    server: httpx.Client, collector: httpx.Client
) -> None:
    before = {by: kpis(server, by, key) for by, key in (("all", ""), ("page", "page/home"), ("channel", "web"))}
    payload = home(server, "c-05")
    shelf = slot(payload, "recommendations")[0]
    item = shelf["items"][0]["item_id"]
    told = {"decision_id": payload["decision_id"]}
    send(
        collector,
        event("Product List Viewed", told | {"list_id": shelf["id"]}, userId="c-05"),
        event("Product Clicked", told | {"product_id": item}, userId="c-05"),
        order(item, "i-07", userId="c-05"),
    )

    def arrived() -> bool:
        now = kpis(server, "page", "page/home")
        return now.get("revenue", 0.0) >= before["page"].get("revenue", 0.0) + 4.0

    eventually(arrived, "the order in the page's KPIs")
    everything, page = kpis(server), kpis(server, "page", "page/home")
    assert everything["orders"] >= before["all"].get("orders", 0.0) + 1
    assert everything["revenue_per_visit"] > 0.0
    assert everything["average_order_value"] > 0.0
    assert everything["click_through"] > 0.0
    assert page["clicks"] >= before["page"].get("clicks", 0.0) + 1
    assert kpis(server, "slot", shelf["id"])["revenue"] >= 4.0
    assert kpis(server, "strategy", shelf["strategy"])["clicks"] >= 1.0
    assert kpis(server, "channel", "web")["orders"] >= before["channel"].get("orders", 0.0) + 1


@pytest.mark.row(100)
def test_each_campaign_of_a_week_has_its_own_report_a_moment_later(
    server: httpx.Client, collector: httpx.Client
) -> None:
    before = {name: kpis(server, "page", f"email/{name}") for name in ("weekly", "local-sale")}
    for name in before:
        asked = {"customer": {"customer_id": "c-17"}, "message_id": f"own-report-{name}"}
        mail = server.post(f"/v1/emails/{name}", json=asked, timeout=30.0)
        assert mail.status_code == 200, mail.text
        told = {"decision_id": mail.json()["decision_id"], "product_id": "i-07"}
        send(collector, event("Product Clicked", told, userId="c-17"))
        if name == "weekly":
            send(collector, order("i-07", "i-09", userId="c-17"))

    def more(name: str, kpi: str) -> float:
        return kpis(server, "page", f"email/{name}").get(kpi, 0.0) - before[name].get(kpi, 0.0)

    eventually(lambda: more("weekly", "revenue") >= 4.0, "the order in the weekly mail's report")
    eventually(lambda: more("local-sale", "clicks") >= 1.0, "the click in the other mail's report")
    assert (more("weekly", "clicks"), more("local-sale", "revenue")) == (1.0, 0.0)


@pytest.mark.row(100, 98)
def test_reports_are_tables_too_and_say_what_each_number_means(server: httpx.Client) -> None:
    home(server, "c-06")
    report = server.get("/v1/reports/kpis", params={"by": "page", "daily": True}, timeout=90.0).json()
    assert {"revenue_per_visit", "average_order_value", "click_through"} <= {
        one["name"] for one in report["definitions"] if one["sentence"]
    }
    table = server.get("/v1/reports/kpis", params={"by": "page"}, headers={"Accept": "text/csv"}, timeout=90.0)
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert {"simulated", "key", "revenue_per_visit", "revenue_per_visit_low"} <= set(rows[0])
    assert server.get("/v1/reports/kpis", params={"first_day": "yesterday"}).status_code == 400
    assert server.get("/v1/reports/experiments/no-such-one").status_code == 404
    assert httpx.get(f"{server.base_url}/v1/reports/kpis").status_code == 401
