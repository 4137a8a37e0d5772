"""Offers over HTTP: read, written with a key, mistakes as problem+json with their path."""

from __future__ import annotations

from typing import Any

import httpx
import jsonschema
import pytest

pytestmark = pytest.mark.anyio

RULE = {"field": "cart.total", "operator": ">", "value": 5}
SHIP = {"kind": "free_shipping", "headline": "Free shipping", "rule": RULE}


async def test_an_offer_is_written_listed_and_written_again_only_if_unchanged(client: httpx.AsyncClient) -> None:
    made = await client.put("/v1/offers/ship", json=SHIP)
    assert made.status_code == 200
    assert made.json()["changed"] == ["offer/ship"]
    listed = await client.get("/v1/offers")
    assert listed.headers["etag"] == f'"{made.json()["version"]}"'
    assert listed.headers["cache-control"] == "no-store"
    assert listed.json()["documents"] == [{"kind": "offer", "id": "ship", "body": SHIP}]
    action = await client.put("/v1/actions/chat", json={"kind": "live_chat", "headline": "Talk to us"})
    assert action.status_code == 200
    for_all = await client.put("/v1/offers/ship", json=SHIP, headers={"If-Match": listed.headers["etag"]})
    assert for_all.status_code == 412  # An action has been written since.
    still_there = {"If-Match": made.headers["etag"]}
    dearer = await client.put("/v1/offers/ship", json=SHIP | {"headline": "Ships for nothing"}, headers=still_there)
    assert dearer.status_code == 200
    assert (await client.put("/v1/offers/ship", json=SHIP, headers=still_there)).status_code == 412
    found = await client.get("/v1/offers/ship")
    assert (found.json()["headline"], found.headers["etag"]) == ("Ships for nothing", dearer.headers["etag"])
    assert (await client.put("/v1/offers/ship", json=SHIP, headers={"If-None-Match": "*"})).status_code == 412
    assert (await client.delete("/v1/offers/ship", headers=still_there)).status_code == 412
    assert [one["id"] for one in (await client.get("/v1/offers?kind=action")).json()["documents"]] == ["chat"]
    assert (await client.get("/v1/offers?kind=segment")).status_code == 400
    mistyped = await client.get("/v1/offers?knid=action")
    assert (mistyped.status_code, mistyped.json()["errors"][0]["path"]) == (422, "?knid")
    assert "there are kind" in mistyped.json()["detail"]
    retired = await client.delete("/v1/offers/ship", headers={"If-Match": dearer.headers["etag"]})
    assert (retired.status_code, retired.json()["retired"]) == (200, ["offer/ship"])
    assert (await client.get("/v1/offers/ship")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        (b"{", 400, None),
        (b"\xff", 400, None),
        (b"[" * 100_000, 422, "$"),
        (b'{"kind": "gift", "headline": "x", "rule": ' + b'{"rules": [' * 50_000, 400, None),
        (b'{"kind": "gift", "headline": "x", "rule": ' + b'{"rules": [' * 20 + b"]}" * 20 + b"}", 422,
         "offer/x $.rule" + ".rules[0]" * 13),
        (b'{"kind": "gift", "headline": "x", "value": NaN}', 400, None),
        (b'{"kind": "gift", "headline": "x", "colour": 1}', 422, "$"),
        (b'{"kind": "gift", "headline": 1}', 422, "$.headline"),
        (b'{"kind": "percent_off", "headline": "x"}', 422, "offer/x $.value"),
        (b'{"kind": "gift", "headline": "x", "rule": {"field": "a.b", "operator": "=", "value": 1}}', 422,
         "offer/x $.rule.field"),
        (b'{"kind": "gift", "headline": "' + b"x" * 900_000 + b'"}', 413, None),
    ],
)  # fmt: skip
async def test_a_mistake_is_told_with_its_path(
    client: httpx.AsyncClient, body: bytes, status: int, path: str | None
) -> None:
    answer = await client.put("/v1/offers/x", content=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    paths: list[Any] = [one["path"] for one in answer.json()["errors"]]
    assert paths == ([path] if path else [])


@pytest.mark.parametrize("path", ["/v1/offers", "/v1/offers/schema", "/v1/attributes"])
async def test_nothing_is_told_without_the_key(client: httpx.AsyncClient, path: str) -> None:
    for key in ("", "Bearer wrong"):
        assert (await client.get(path, headers={"Authorization": key})).status_code == 401


async def test_the_schema_describes_what_may_be_written(client: httpx.AsyncClient) -> None:
    schema = (await client.get("/v1/offers/schema")).json()
    jsonschema.validate(SHIP, {**schema["offer"], "$defs": schema["$defs"]})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**SHIP, "priority": 101}, {**schema["offer"], "$defs": schema["$defs"]})
    attributes = {one["name"]: one for one in (await client.get("/v1/attributes")).json()["attributes"]}
    assert attributes["cart.total"]["type"] == "number"
    assert attributes["customer.income"]["sensitive"] is True


async def test_a_redemption_is_counted_until_the_limit(client: httpx.AsyncClient) -> None:
    await client.put("/v1/offers/once", json={"kind": "gift", "headline": "A gift", "limit": {"total": 1}})
    answers = [
        (await client.post("/v1/offers/once/redemptions", json={"customer_id": "c", "redemption_id": one})).json()
        for one in ("order-1", "order-1", "order-2")
    ]
    assert [answer["counted"] for answer in answers] == [True, True, False]
    refused = await client.post("/v1/offers/gone/redemptions", json={"customer_id": "c", "redemption_id": "order-3"})
    assert refused.status_code == 404
