"""Bad input is refused with the place of the mistake and never answered with 500."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
from collections.abc import Callable

import httpx
import pytest

from tests.faults.traffic import FULL
from tests.runningsuite import RunningSuite

pytestmark = pytest.mark.anyio

MUTATIONS = 20_000 if FULL else 600

HOME = "/v1/pages/home"
GOOD = json.dumps({
    "customer": {"customer_id": "c-01"},
    "context": {"channel": "web", "device": "mobile", "cart": [{"item_id": "i-01", "quantity": 2}]},
    "events": [{"type": "track", "event": "Product Viewed", "messageId": "m-1", "properties": {"product_id": "i-02"}}],
}).encode()


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        (b"\xff\xfe{}", 400, None),
        (b'{"customer": {"customer_id": "\xff"}}', 400, None),
        (b"[" * 100_000, 413, None),
        (b"[" * 60_000, 422, "$"),
        (b'{"context": ' + b'{"a":' * 10_000, 422, "$.context"),
        (b'{"events": [{"properties": ' + b'{"a":' * 10_000, 400, None),
        (b'{"context": {"cart": [{"item_id": "i-01", "quantity": NaN}]}}', 400, None),
        (b'{"customer": ', 400, None),
        (b"x" * 10_000_000, 413, None),
        (b'{"customer": {"customer_id": 5}}', 422, "$.customer.customer_id"),
        (b'{"customer": {"customer_id": "c-01"}, "explian": true}', 422, "$"),
        (b'{"context": {"channel": "fax"}}', 422, "$.context.channel"),
        (b'{"context": {"cart": [{"item_id": "i-01", "quantity": 0}]}}', 422, "$.context.cart[0].quantity"),
        (b'{"context": {"cart": [{"item_id": "i-01", "quantity": 1e99}]}}', 422, "$.context.cart[0].quantity"),
        (b'[]', 422, "$"),
    ],
)
def test_a_mistake_is_told_with_its_place(server: httpx.Client, body: bytes, status: int, path: str | None) -> None:
    response = server.post(HOME, content=body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["detail"]
    if path is not None:
        assert path in [error["path"] for error in problem["errors"]]


def test_a_page_that_does_not_exist_is_not_found_and_those_that_do_are_named(server: httpx.Client) -> None:
    response = server.post("/v1/pages/nowhere", json={})
    assert response.status_code == 404
    assert "home" in response.json()["detail"]


def test_a_customer_nobody_knows_is_served_as_anonymous_and_it_is_said(server: httpx.Client) -> None:
    response = server.post(HOME, json={"customer": {"customer_id": "nobody"}})
    assert response.status_code == 200
    customer = response.json()["customer"]
    assert customer["known"] is False
    assert customer["note"]


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic d3Jvbmc6", "Bearer", "Basic %%%", "nonsense"])
@pytest.mark.parametrize("path", [HOME, "/v1/emails/weekly", "/v1/recommend", "/v1/track"])
def test_no_key_or_a_wrong_one_is_refused(suite: RunningSuite, path: str, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = httpx.post(suite.base_url + path, json={}, headers=headers)
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"


def test_the_write_key_gets_no_known_customer_and_no_explanation(suite: RunningSuite) -> None:
    with httpx.Client(base_url=suite.base_url, auth=(suite.write_key, "")) as browser:
        assert browser.post(HOME, json={"customer": {"anonymous_id": "a-1"}}).status_code == 200
        assert browser.post(HOME, json={"customer": {"customer_id": "c-01"}}).status_code == 401
        assert browser.post(HOME, json={"explain": True}).status_code == 401
        assert browser.post(HOME, json={"preview": True}).status_code == 401
        assert browser.get("/v1/profiles/c-01").status_code == 401


def test_the_write_key_with_a_signed_token_gets_that_customer_alone(suite: RunningSuite) -> None:
    from tailorbird.host.access import customer_token

    token = customer_token("c-01", suite.server_key, expires_at=4_000_000_000)
    stale = customer_token("c-01", suite.server_key, expires_at=1_000_000_000)
    forged = customer_token("c-01", "another key that is long enough to sign with", expires_at=4_000_000_000)
    with httpx.Client(base_url=suite.base_url, auth=(suite.write_key, "")) as browser:

        def page(customer: str, with_token: str) -> int:
            headers = {"Tailorbird-Customer-Token": with_token}
            return browser.post(HOME, json={"customer": {"customer_id": customer}}, headers=headers).status_code

        assert page("c-01", token) == 200
        assert page("c-02", token) == 401
        assert page("c-01", stale) == 401
        assert page("c-01", forged) == 401


def _flip(chance: random.Random, body: bytearray) -> None:
    body[chance.randrange(len(body))] = chance.randrange(256)


def _cut(chance: random.Random, body: bytearray) -> None:
    del body[chance.randrange(len(body)) :]


def _repeat(chance: random.Random, body: bytearray) -> None:
    start = chance.randrange(len(body))
    body[start:start] = body[start : start + chance.randrange(1, 40)] * chance.randrange(1, 20)


def _insert(chance: random.Random, body: bytearray) -> None:
    words = (b"null", b"NaN", b"-1", b"1e999", b"{", b"[", b'"', b"\\u0000", b"\xed\xa0\x80", b"true", b"9" * 40)
    place = chance.randrange(len(body))
    body[place:place] = chance.choice(words)


MUTATORS: tuple[Callable[[random.Random, bytearray], None], ...] = (_flip, _cut, _repeat, _insert)


@pytest.mark.parametrize(
    ("path", "good"),
    [
        (HOME, GOOD),
        ("/v1/emails/weekly", b'{"customer": {"customer_id": "c-01"}, "message_id": "week-47"}'),
        ("/v1/recommend", b'{"strategy": "for_you", "customer": {"customer_id": "c-01"}, "count": 5}'),
        ("/v1/batch", b'{"batch": [{"type": "track", "event": "Product Viewed", "anonymousId": "a-1"}]}'),
        ("/v1/identify", b'{"userId": "c-01", "anonymousId": "a-1", "traits": {"email": "a@example.org"}}'),
    ],
)
def test_no_mutated_body_is_answered_with_500(suite: RunningSuite, path: str, good: bytes) -> None:
    chance = random.Random(path)
    seen: set[int] = set()
    with httpx.Client(base_url=suite.base_url, headers=suite.server_headers, timeout=20.0) as client:
        for _ in range(MUTATIONS // 5):
            body = bytearray(good)
            for _ in range(chance.randrange(1, 4)):
                if body:
                    chance.choice(MUTATORS)(chance, body)
            seen.add(client.post(path, content=bytes(body)).status_code)
    assert seen <= {200, 400, 404, 413, 422}


ORDER = json.dumps({
    "event": "Order Completed", "type": "track", "anonymousId": "a-1",
    "properties": {"order_id": "o-1", "total": 5, "products": [{"product_id": "i-01", "quantity": 2, "price": 1.5}]},
})  # fmt: skip
COLLECTED = (
    ("/v1/batch", f'{{"batch": [{ORDER}]}}'.encode()),
    ("/v1/t", b'{"event": "Product Added", "userId": "c-01", "timestamp": "2026-11-22T10:00:00Z", "properties": {}}'),
    ("/v1/identify", b'{"userId": "c-01", "anonymousId": "a-1", "traits": {"email": "a@example.org", "age": 30}}'),
    ("/v1/p", b'{"anonymousId": "a-1", "context": {"page": {"path": "/"}, "consent": {"categoryPreferences": {}}}}'),
)  # fmt: skip
TO_THE_COLLECTOR = 100_000 if FULL else 400


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
async def test_no_mutated_event_is_answered_with_500(suite: RunningSuite, packed: bool) -> None:
    chance = random.Random(packed)
    seen: dict[int, int] = {}
    left = TO_THE_COLLECTOR // 2
    auth = (suite.write_key, "")
    async with httpx.AsyncClient(base_url=suite.base_url, auth=auth, timeout=60.0) as client:

        async def send() -> None:
            nonlocal left
            while left > 0:
                left -= 1
                path, good = chance.choice(COLLECTED)
                body = bytearray(good)
                for _ in range(chance.randrange(1, 4)):
                    if body:
                        chance.choice(MUTATORS)(chance, body)
                if packed:
                    body = bytearray(gzip.compress(body, mtime=0))
                    if chance.random() < 0.3:
                        _flip(chance, body)
                status = (await client.post(path, content=bytes(body))).status_code
                seen[status] = seen.get(status, 0) + 1

        await asyncio.gather(*(send() for _ in range(8)))
    print(f"mutated events, {'gzip' if packed else 'plain'}: {seen}")
    assert seen.keys() <= {200, 400, 401, 413, 422}
