"""Experiments: which variant somebody gets, that it stays theirs, and that the payload and the decision say so."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.scenarios.calls import home, page, slot, viewed
from tests.waiting import eventually

QUESTION = "What is for dinner tonight?"
ROUTE = "/v1/experiments/headline"


def experiment(**changes: Any) -> dict[str, Any]:
    """An A/B test of the home page's headline, whoever looks."""
    levels = [
        {"id": "as_it_is"},
        {"id": "question", "changes": [{"layout": "home", "part": "hero.headline", "value": QUESTION}]},
    ]
    return {"status": "running", "factors": [{"id": "headline", "levels": levels}]} | changes


@pytest.fixture
def headline(server: httpx.Client) -> Iterator[None]:
    """While the test runs the experiment does."""
    put(server, experiment())
    yield
    put(server, experiment(status="stopped"))


def put(server: httpx.Client, document: dict[str, Any], route: str = ROUTE) -> None:
    answer = server.put(route, json=document)
    assert answer.status_code == 200, answer.text


def variant(payload: dict[str, Any], experiment_id: str = "headline") -> str:
    found = [one["variant_id"] for one in payload["experiments"] if one["experiment_id"] == experiment_id]
    return found[0] if found else ""


def visitor_with(server: httpx.Client, wanted: str, prefix: str) -> str:
    """An anonymous id that gets this variant by chance."""
    ids = (f"{prefix}-{number}" for number in range(60))
    return next(one for one in ids if variant(page(server, "home", {"anonymous_id": one}, preview=True)) == wanted)


@pytest.mark.row(108)
def test_two_headlines_are_tried_and_everybody_keeps_theirs(server: httpx.Client, headline: None) -> None:
    seen: dict[str, set[str]] = {"as_it_is": set(), "question": set()}
    for number in range(24):
        visitor = {"anonymous_id": f"tried-{number}"}
        first = page(server, "home", visitor)
        assert variant(page(server, "home", visitor)) == variant(first)
        assert first["experiments"][0]["exposed"] is True
        assert first["held_out"] is False
        seen[variant(first)].add(slot(first, "hero")[0]["content"]["headline"])
    assert seen["question"] == {QUESTION}
    assert QUESTION not in seen["as_it_is"]
    assert seen["as_it_is"]


@pytest.mark.row(108)
def test_the_variant_first_seen_stays_after_login_and_crossovers_are_flagged(
    server: httpx.Client, headline: None
) -> None:
    """Two visitors who saw different headlines turn out to be one customer."""
    asks = visitor_with(server, "question", "asks")
    tells = visitor_with(server, "as_it_is", "tells")
    for visitor in (asks, tells):
        page(server, "home", {"anonymous_id": visitor})
        eventually(functools.partial(exposures, server, visitor), "the exposure in the visitor's profile")
    for visitor in (asks, tells):
        server.post("/v1/identify", json={"userId": "c-tried", "anonymousId": visitor, "traits": {}})

    def one_person() -> bool:
        served = page(server, "home", {"customer_id": "c-tried"}, preview=True)
        return bool(served["experiments"]) and served["experiments"][0]["crossover"]

    eventually(one_person, "the crossover")
    served = page(server, "home", {"customer_id": "c-tried"}, preview=True)
    assert variant(served) == "question"


def exposures(server: httpx.Client, anonymous_id: str) -> bool:
    answer = server.get(f"/v1/profiles/{anonymous_id}", params={"kind": "anonymous"})
    return answer.status_code == 200 and bool(answer.json()["experiments"])


@pytest.mark.row(108)
def test_a_multivariate_test_is_for_its_audience_only(server: httpx.Client) -> None:
    offers = [{"id": "four"}, {"id": "two", "changes": [{"layout": "home", "part": "slots.offers.count", "value": 2}]}]
    look = [
        {"id": "as_it_is"},
        {"id": "airy", "changes": [{"layout": "home", "part": "theme.density", "value": "airy"}]},
    ]
    factors = [{"id": "offers", "levels": offers}, {"id": "look", "levels": look}]
    audience = {"rule": {"field": "context.device", "operator": "=", "value": "kiosk"}}
    document = {"status": "running", "audience": audience, "factors": factors}
    put(server, document, "/v1/experiments/kiosk")
    shown = [
        page(server, "home", {"anonymous_id": f"kiosk-{number}"}, preview=True, context={"device": "kiosk"})
        for number in range(30)
    ]
    assert {variant(one, "kiosk") for one in shown} == {"four+as_it_is", "four+airy", "two+as_it_is", "two+airy"}
    assert {one["layout"]["theme"]["density"] for one in shown if variant(one, "kiosk") == "two+airy"} == {"airy"}
    assert page(server, "home", {"anonymous_id": "kiosk-1"}, preview=True)["experiments"] == []
    put(server, document | {"status": "stopped"}, "/v1/experiments/kiosk")


@pytest.mark.row(108)
def test_who_refused_personalization_takes_part_in_nothing(server: httpx.Client, headline: None) -> None:
    for number in range(6):
        assert page(server, "home", {"anonymous_id": f"gpc-{number}"}, context={"gpc": True})["experiments"] == []
    assert home(server)["experiments"] == []


@pytest.mark.row(54)
def test_the_held_out_see_what_a_stranger_sees_and_are_counted_as_such(server: httpx.Client, headline: None) -> None:
    put(server, {"share": 0.5}, "/v1/holdout")
    try:
        pages = {f"c-{number:02}": home(server, f"c-{number:02}") for number in range(1, 13)}
    finally:
        put(server, {"share": 0.0}, "/v1/holdout")
    held = [one for one in pages.values() if one["held_out"]]
    assert 0 < len(held) < 12
    stranger = home(server)
    for one in held:
        assert one["experiments"] == []
        assert one["customer"]["persona"] == ""
        assert one["layout"]["variant"] == stranger["layout"]["variant"]
    decision_id = held[0]["decision_id"]

    def written() -> bool:
        answer = server.get(f"/v1/decisions/{decision_id}")
        return answer.status_code == 200 and answer.json()["decision"]["held_out"] is True

    eventually(written, "the decision")


def test_an_experiment_is_checked_where_it_is_saved(server: httpx.Client) -> None:
    change = {"layout": "home", "part": "slots.offers.count", "value": 99}
    wrong = experiment(factors=[{"id": "f", "levels": [{"id": "a"}, {"id": "b", "changes": [change]}]}])
    answer = server.put("/v1/experiments/wrong", json=wrong)
    assert answer.status_code == 422
    problem = answer.json()["errors"][0]
    assert problem["path"] == "experiment/wrong $.factors[0].levels[1].changes[0].value"
    assert "count" in problem["sentence"]
    assert server.get("/v1/experiments/wrong").status_code == 404
    own = "/v1/experiments/own"
    put(server, experiment(status="draft"), own)
    tag = server.get(own).headers["etag"]
    changed = server.put(own, json=experiment(status="draft", share=0.5), headers={"If-Match": tag})
    assert (changed.status_code, changed.headers["etag"]) == (200, server.get(own).headers["etag"])
    assert server.put(own, json=experiment(status="draft"), headers={"If-Match": tag}).status_code == 412
    assert server.put(own, json=experiment(status="draft"), headers={"If-None-Match": "*"}).status_code == 412
    assert server.delete(own, headers={"If-Match": tag}).status_code == 412
    assert server.delete(own).status_code == 200
    assert server.delete(own).status_code == 404
    assert server.get("/v1/experiments/schema").json()["$defs"]["Experiment"]["properties"]["share"]


def test_a_draft_is_looked_at_before_anybody_else_sees_it(server: httpx.Client) -> None:
    put(server, experiment(status="draft"), "/v1/experiments/drafted")
    shown = page(server, "home", {}, preview=True, variants={"drafted": "question"})
    assert slot(shown, "hero")[0]["content"]["headline"] == QUESTION
    by_get = server.get("/v1/pages/home", params={"preview": "true", "variants": "drafted:question"}).json()
    assert slot(by_get, "hero")[0]["content"]["headline"] == QUESTION
    assert page(server, "home", {}, preview=True)["experiments"] == []


def test_an_exposure_alone_makes_nobody_known(server: httpx.Client, headline: None) -> None:
    visitor = {"anonymous_id": "only-looked"}
    page(server, "home", visitor)
    eventually(lambda: exposures(server, **visitor), "the exposure")
    assert page(server, "home", visitor, preview=True)["customer"]["known"] is False
    server.post("/v1/track", json=viewed("i-11", anonymousId="only-looked"))
    eventually(
        lambda: page(server, "home", visitor, preview=True)["customer"]["known"] is True, "the visitor's first event"
    )
