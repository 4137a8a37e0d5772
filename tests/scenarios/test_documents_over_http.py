"""What marketers write is read and written over HTTP alike, whatever it is: its schema, its ETag, its mistakes."""

from __future__ import annotations

from typing import Any

import httpx
import jsonschema
import pytest

from tests.scenarios.calls import event
from tests.waiting import eventually

WRITTEN: dict[str, dict[str, Any]] = {
    "/v1/segments/deliverers": {"name": "Say they deliver", "rule": {
        "field": "customer.delivers", "operator": "=", "value": "yes"}},
    "/v1/personas/deliverers": {"name": "Deliverers", "order": 1, "rule": {
        "field": "segments", "operator": "contains", "value": "deliverers"}},
    "/v1/webhooks/kitchen": {"url": "https://kitchen.example/hooks", "active": False},
    "/v1/moments/delivered": {"on": ["Delivered"], "headline": "Thank you", "webhooks": ["kitchen"]},
    "/v1/layouts/thanks": {"page": "thanks", "variants": [
        {"id": "all", "theme": {}, "hero": {"headline": "Thank you"}, "slots": [{"id": "words", "type": "hero"}]}]},
    "/v1/actions/thank": {"kind": "advice", "headline": "Thank you", "active": False},
}  # fmt: skip
"""What is written, in an order in which each names only what is there."""


def written(server: httpx.Client, address: str, document: dict[str, Any], **headers: str) -> httpx.Response:
    return server.put(address, json=document, headers=headers, timeout=30)


@pytest.mark.row(32, 64, 113)
def test_every_kind_of_document_is_described_written_read_and_retired_alike(server: httpx.Client) -> None:
    theme = server.get("/v1/layouts/home").json()["variants"][0]["theme"]
    for address, document in WRITTEN.items():
        if "variants" in document:
            document["variants"][0]["theme"] = theme
        schema = server.get(f"{address.rpartition('/')[0]}/schema").json()
        jsonschema.validate(document, schema)
        made = written(server, address, document, **{"If-None-Match": "*"})
        assert made.status_code == 200, made.text
        found = server.get(address)
        assert found.headers["etag"] == made.headers["etag"]
        assert document.items() <= found.json().items() or "layouts" in address
        wrong = written(server, address, document | {"colour": "red"})
        assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "$"), wrong.text
    for address in reversed(WRITTEN):
        tag = server.get(address).headers["etag"]
        assert server.delete(address, headers={"If-Match": '"0123456789abcdef01234567"'}).status_code == 412
        assert server.delete(address, headers={"If-Match": tag}).status_code == 200
        assert server.get(address).status_code == 404


@pytest.mark.row(32)
def test_who_writes_second_is_refused_until_they_have_read_the_first(server: httpx.Client) -> None:
    address, first = "/v1/segments/raced", {"name": "Raced"}
    tag = written(server, address, first).headers["etag"]
    assert written(server, "/v1/segments/beside", {"name": "Beside"}).status_code == 200
    ours = written(server, address, {"name": "Ours"}, **{"If-Match": tag})
    theirs = written(server, address, {"name": "Theirs"}, **{"If-Match": tag})
    assert (ours.status_code, theirs.status_code) == (200, 412)
    assert server.get(address).json()["name"] == "Ours"
    for name in ("raced", "beside"):
        server.delete(f"/v1/segments/{name}")


@pytest.mark.row(63, 101)
def test_a_segment_put_over_http_holds_for_who_it_is_about(server: httpx.Client) -> None:
    rule = {"field": "treatment.advocacy", "operator": "=", "value": "advocate"}
    assert written(server, "/v1/segments/put_advocates", {"name": "Advocates", "rule": rule}).status_code == 200
    told = event("Product Reviewed", {"product_id": "i-01"}, anonymousId="put-reviewer")
    assert server.post("/v1/track", json=told).status_code == 200

    def belongs() -> bool:
        answer = server.get("/v1/profiles/put-reviewer", params={"kind": "anonymous"})
        return answer.status_code == 200 and "put_advocates" in answer.json()["segments"]

    eventually(belongs, "the visitor is in the segment", within=60)
    server.delete("/v1/segments/put_advocates")
    eventually(lambda: not belongs(), "the segment is gone", within=60)


@pytest.mark.row(32)
def test_a_category_that_no_item_has_is_noted_with_the_nearest_one_and_a_wrong_type_with_its_path(
    server: httpx.Client,
) -> None:
    offer = {"kind": "percent_off", "value": 20, "headline": "Pizza night", "active": False}
    made = written(server, "/v1/offers/noted", offer | {"scope": {"categories": ["NO SUCH CATEGORY"]}})
    assert made.status_code == 200, made.text
    assert [note["path"] for note in made.json()["notes"]] == ["offer/noted $.scope.categories[0]"]
    wrong = offer | {"scope": {"categories": "Pizza"}}
    tried = server.post("/v1/offers/simulate", json={"offer_id": "noted", "offer": wrong, "customers": 5}, timeout=60)
    saved = written(server, "/v1/offers/noted", wrong)
    for refused, path in ((tried, "offer/noted $.scope.categories"), (saved, "$.scope.categories")):
        assert (refused.status_code, [one["path"] for one in refused.json()["errors"]]) == (422, [path]), refused.text
    assert server.delete("/v1/offers/noted").status_code == 200
