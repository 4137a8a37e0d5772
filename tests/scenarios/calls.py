"""The calls that scenarios make, as a content system or a browser makes them."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

__all__ = ["email", "event", "home", "items_of", "offers_of", "order", "page", "shown_items", "slot", "viewed"]

WHOLE_WITHIN = 20
"""Pages asked for at most until one has no slot on its fallback."""


def page(server: httpx.Client, name: str, customer: dict[str, str], **body: Any) -> dict[str, Any]:
    """The page's payload, whole: what came too late on a busy machine is asked for again, as by the next visitor."""
    for _ in range(WHOLE_WITHIN):
        response = server.post(f"/v1/pages/{name}", json={"customer": customer, **body})
        assert response.status_code == 200, response.text
        payload: dict[str, Any] = response.json()
        if not payload.get("fallbacks"):
            break
    return payload


def home(server: httpx.Client, customer_id: str = "", **body: Any) -> dict[str, Any]:
    """The home page of a known customer, or of a visitor of whom nothing is known."""
    return page(server, "home", {"customer_id": customer_id} if customer_id else {}, **body)


def email(server: httpx.Client, customer_id: str, message_id: str) -> dict[str, Any]:
    body = {"customer": {"customer_id": customer_id}, "message_id": message_id}
    response = server.post("/v1/emails/weekly", json=body)
    assert response.status_code == 200, response.text
    payload: dict[str, Any] = response.json()
    return payload


def slot(payload: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The slots of this type, in their order."""
    return [one for one in payload["slots"] if one["type"] == kind]


def items_of(payload: dict[str, Any], strategy: str) -> list[str]:
    """Ids of the items that this strategy recommends on the page."""
    found = [one for one in slot(payload, "recommendations") if one["strategy"] == strategy]
    return [item["item_id"] for one in found for item in one["items"]]


def shown_items(payload: dict[str, Any]) -> list[str]:
    """Ids of all recommended items, in order."""
    return [item["item_id"] for one in slot(payload, "recommendations") for item in one["items"]]


def offers_of(payload: dict[str, Any]) -> list[str]:
    return [offer["offer_id"] for one in slot(payload, "offers") for offer in one["offers"]]


def event(name: str, properties: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A track event in Segment's form."""
    return {"type": "track", "event": name, "messageId": str(uuid.uuid4()), "properties": properties, **fields}


def viewed(item_id: str, **fields: Any) -> dict[str, Any]:
    return event("Product Viewed", {"product_id": item_id}, **fields)


def order(*item_ids: str, **fields: Any) -> dict[str, Any]:
    products = [{"product_id": item_id, "quantity": 1, "price": 2.0} for item_id in item_ids]
    total = 2.0 * len(item_ids)
    return event("Order Completed", {"order_id": str(uuid.uuid4()), "total": total, "products": products}, **fields)
