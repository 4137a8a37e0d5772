"""A visitor on the laptop is known on the phone: what was viewed is there, and nothing is asked twice."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.scenarios.calls import event, page, slot, viewed
from tests.waiting import eventually


@pytest.mark.row(58, 83, 109)
def test_what_was_viewed_on_the_laptop_is_found_on_the_phone(server: httpx.Client) -> None:
    began = time.time() - 3_600
    for item_id, times in (("i-33", 1), ("i-34", 3), ("i-35", 1)):
        for minute in range(times):
            server.post("/v1/track", json=viewed(item_id, anonymousId="her-laptop", timestamp=began + 60 * minute))
    # Looking at it for long is looking again.
    stayed = {"product_id": "i-35", "seconds": 45}
    dwelled = event("Item Dwelled", stayed, anonymousId="her-laptop", timestamp=began + 45)
    server.post("/v1/track", json=dwelled)
    for device in ("her-laptop", "her-phone"):
        server.post("/v1/identify", json={"userId": "c-moves", "anonymousId": device, "traits": {}})
    phone = {"anonymous_id": "her-phone"}

    def seen_on_the_phone() -> bool:
        answer = server.get("/v1/profiles/her-phone", params={"kind": "anonymous"})
        return answer.status_code == 200 and all(item_id in answer.text for item_id in ("i-33", "i-34", "i-35"))

    eventually(seen_on_the_phone, "the laptop's views on the phone")
    laptop = page(server, "home", {"anonymous_id": "her-laptop"}, preview=True)
    on_phone = page(server, "home", phone, preview=True, context={"device": "phone"})
    assert on_phone["customer"]["known"] is True
    profile = server.get("/v1/profiles/her-phone", params={"kind": "anonymous"}).json()
    recent = [one["item_id"] for one in profile["facts"]["recent"]]
    assert set(recent) >= {"i-33", "i-34", "i-35"}
    assert on_phone["customer"]["segments"] == laptop["customer"]["segments"]
    asked = {"strategy": "resume", "customer": phone, "count": 3}

    def resumed() -> list[str]:
        return [item["item_id"] for item in server.post("/v1/recommend", json=asked).json()["items"]]

    eventually(lambda: resumed() == ["i-34", "i-35", "i-33"], "her views on the phone, by interest")
    (left_off,) = slot(on_phone, "resume")
    assert [one["item_id"] for one in left_off["items"]] == resumed()


@pytest.mark.row(85)
def test_what_was_answered_once_is_known_on_every_device(server: httpx.Client) -> None:
    answered = {"first_name": "Ida", "household_composition": "2 Adults Kids"}
    server.post("/v1/identify", json={"userId": "c-asked", "anonymousId": "ida-laptop", "traits": answered})
    server.post("/v1/identify", json={"userId": "c-asked", "anonymousId": "ida-phone", "traits": {}})

    def known() -> bool:
        answer = server.get("/v1/profiles/ida-phone", params={"kind": "anonymous"})
        return answer.status_code == 200 and answer.json()["first_name"] == "Ida"

    eventually(known, "the answers on the phone")
    attributes = server.get("/v1/profiles/ida-phone", params={"kind": "anonymous"}).json()["facts"]["attributes"]
    assert attributes["customer.household_composition"] == "2 Adults Kids"


@pytest.mark.row(85)
def test_a_question_that_was_answered_is_not_asked_again(server: httpx.Client) -> None:
    def questions(customer: dict[str, str]) -> list[str]:
        payload = page(server, "home", customer, preview=True)
        actions = [one for each in slot(payload, "action") for one in each["actions"]]
        return [question["trait"] for one in actions for question in one.get("questions", ())]

    asked = {"anonymous_id": "asked-once"}
    first = questions(asked)
    assert "household_composition" in first
    # The site vouches for what the visitor answered, though they have no account yet.
    told = {"anonymousId": "asked-once", "traits": {"household_composition": "1 Adult Kids"}}
    server.post("/v1/identify", json=told)
    eventually(lambda: "household_composition" not in questions(asked), "the page without the question", within=60)
    assert questions(asked) == [trait for trait in first if trait != "household_composition"]


@pytest.mark.row(86)
def test_an_unverified_identify_shows_nothing_until_the_server_confirms_it(
    server: httpx.Client, collector: httpx.Client
) -> None:
    claim = {"userId": "c-03", "anonymousId": "stranger", "traits": {"email": "eve@example.org"}}
    collector.post("/v1/identify", json=claim)
    collector.post("/v1/track", json=viewed("i-seen-by-eve", anonymousId="stranger"))

    def folded() -> bool:
        answer = server.get("/v1/profiles/stranger", params={"kind": "anonymous"})
        return answer.status_code == 200 and "i-seen-by-eve" in answer.text

    eventually(folded, "the stranger's view")
    visitor = server.get("/v1/profiles/stranger", params={"kind": "anonymous"}).json()
    assert visitor["customer"]["customer_id"] is None
    assert visitor["facts"]["history"] == []
    assert "i-seen-by-eve" not in server.get("/v1/profiles/c-03").text
    served = page(server, "home", {"anonymous_id": "stranger"}, preview=True)
    assert served["customer"]["customer_id"] is None
    server.post("/v1/identify", json={"userId": "c-03", "anonymousId": "stranger", "traits": {}})
    eventually(lambda: "i-seen-by-eve" in server.get("/v1/profiles/c-03").text, "the confirmed link")


@pytest.mark.row(28)
def test_somebody_reads_all_that_is_kept_of_them_with_their_decisions(server: httpx.Client) -> None:
    page(server, "home", {"customer_id": "c-07"})

    def exported() -> bool:
        answer = server.get("/v1/profiles/c-07/export")
        return answer.status_code == 200 and bool(answer.json()["decisions"])

    eventually(exported, "the decision in the export")
    told = server.get("/v1/profiles/c-07/export").json()
    assert all("why_am_i_seeing_this" in one for one in told["decisions"])
    assert any(why["because"] for one in told["decisions"] for why in one["why_am_i_seeing_this"])
    assert told["stated"]["traits"]["age"]["source"] == "imported"
    assert "key" not in told
