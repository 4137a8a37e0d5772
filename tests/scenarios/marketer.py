"""A marketer who puts documents to work for the customers of one test, and takes them off again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

__all__ = ["Marketer", "known_as", "with_a_goal"]


class Marketer:
    """Puts documents to work and takes them off again. Each is for those of whom `only_here` holds."""

    def __init__(self, server: httpx.Client, only_here: dict[str, Any]) -> None:
        self._server = server
        self._only_here = only_here
        self._written: dict[str, dict[str, Any]] = {}

    def writes(self, address: str, *rules: dict[str, Any], **fields: Any) -> None:
        rule = {"rules": [self._only_here, *rules]}
        document = {"headline": "Something to say", "priority": 100, "rule": rule, **fields}
        self._server.put(address, json=document).raise_for_status()
        self._written[address] = document

    def takes_off(self) -> None:
        for address, document in self._written.items():
            self._server.put(address, json=document | {"active": False}).raise_for_status()


def known_as(server: httpx.Client, word: str, *customers: str) -> dict[str, Any]:
    """A condition that holds of these customers alone."""
    for customer in customers:
        # A trait for each word: of two values told within a second profiles keep one, whichever came last.
        told = {"userId": customer, "traits": {f"known_as_{word}": "yes"}}
        server.post("/v1/identify", json=told).raise_for_status()
    return {"field": f"customer.known_as_{word}", "operator": "=", "value": "yes"}


@contextmanager
def with_a_goal(server: httpx.Client, **fields: Any) -> Iterator[None]:
    """While entered this is what choosing among offers aims at; then what it was before."""
    listed = server.get("/v1/offers", params={"kind": "goal"}).json()["documents"]
    before: dict[str, Any] = next((one["body"] for one in listed if one["id"] == "default"), {})
    server.put("/v1/goal", json=before | fields).raise_for_status()
    try:
        yield
    finally:
        server.put("/v1/goal", json=before).raise_for_status()
