"""Marketers run it themselves: what they write in the studio is what customers see."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.scenarios.calls import home, offers_of
from tests.studiodesk import fields_of, person


@pytest.mark.row(32, 99)
def test_an_offer_written_in_the_studio_stands_on_the_next_page(suite: RunningSuite, server: httpx.Client) -> None:
    assert "may enter as viewer" in suite.command("studio", "user", "add", "jo.miller", "--role", "viewer")
    with person(suite, "admin") as admin:
        begun = admin.post("/studio/offers/new", {"name": "Supper for nine"})
        assert begun.status_code == 200
        path = "/studio/offers/supper-for-nine"
        form = admin.form(path) | {"priority": ["99"], "value": ["15"]}
        form |= {
            "rule.combinator": ["and"],
            "rule.rules[0].field": ["segments"],
            "rule.rules[0].operator": ["contains"],
            "rule.rules[0].value": ["families"],
        }
        assert admin.post(path, form).status_code == 200
        assert "supper-for-nine" not in offers_of(home(server, "c-01"))
        assert "at work now" in admin.publish(path).text
        assert "supper-for-nine" in offers_of(home(server, "c-01"))
        admin.post(f"{path}/undo")
        assert "supper-for-nine" not in offers_of(home(server, "c-01"))


@pytest.mark.row(32, 99)
def test_an_offer_is_tried_on_customers_before_anybody_gets_it(suite: RunningSuite, server: httpx.Client) -> None:
    with person(suite, "editor") as editor:
        editor.post("/studio/offers/new", {"name": "Tried first"})
        path = "/studio/offers/tried-first"
        editor.save(path, value="20", priority="100", cost="2")
        tried = " ".join(editor.get(f"{path}/tried").text.split())
        assert "Try it on some customers" in editor.get(path).text
        editor.post(f"{path}/discard")
    said = re.search(r"Of (\d+) customers, (\d+) \([\d.]+ %\) may get it, and (\d+) would see it", tried)
    assert said, tried
    looked_at, may, made = map(int, said.groups())
    assert looked_at >= may >= made > 0
    assert "which cost" in tried
    assert "tried-first" not in offers_of(home(server, "c-01"))


@pytest.mark.row(32, 66)
def test_every_mistake_stands_at_its_field_and_nothing_is_put_to_work(
    suite: RunningSuite, server: httpx.Client
) -> None:
    with person(suite, "editor") as editor:
        editor.post("/studio/offers/new", {"name": "Full of mistakes"})
        path = "/studio/offers/full-of-mistakes"
        saved = editor.save(path, value="150", **{"limit.total": "none", "starts_at.at": "2026-12-24T00:00"})
        saved = editor.get(path)
        assert 'aria-invalid="true"' in saved.text
        assert "Expected `int" in saved.text
        assert "mend" in editor.post(f"{path}/propose").text or "be proposed yet" in saved.text
        fixed = editor.save(path, **{"limit.total": ""})
        assert "150 percent is more than everything" in editor.get(path).text, fixed.text[:200]
        assert "full-of-mistakes" not in [one["id"] for one in server.get("/v1/offers").json()["documents"]]
        editor.post(f"{path}/discard")


@pytest.mark.row(32)
def test_an_email_is_seen_as_it_is_drafted_before_anybody_gets_it(suite: RunningSuite) -> None:
    with person(suite, "editor") as editor:
        path = "/studio/emails/weekly"
        subjects = {name: "Still only a draft" for name in editor.form(path) if name.endswith("].subject")}
        assert subjects
        editor.save(path, **subjects)
        drafted = editor.get("/studio/preview/email/weekly?draft=1&customer=c-01").text
        at_work = editor.get("/studio/preview/email/weekly?customer=c-01").text
        assert "/studio/preview/email/weekly?draft=1" in editor.get(path).text
        editor.post(f"{path}/discard")
    assert "<h2>Still only a draft</h2>" in drafted
    assert "Still only a draft" not in at_work


@pytest.mark.row(32)
def test_whoever_comes_second_sees_both_writings(suite: RunningSuite) -> None:
    with person(suite, "editor") as editor, person(suite, "admin") as admin:
        editor.post("/studio/segments/new", {"name": "Two who write"})
        path = "/studio/segments/two-who-write"
        theirs, mine = editor.form(path), admin.form(path)
        assert editor.post(path, {**theirs, "description": ["what the editor says"]}).status_code == 200
        clash = admin.post(path, {**mine, "name": ["Two together"], "description": ["what the admin says"]})
        assert clash.status_code == 412
        assert "what the editor says" in clash.text
        assert "what the admin says" in clash.text
        together = _all_fields(clash.text)
        admin.post(f"{path}/together", {**together, "place:description": ["theirs"]})
        form = editor.form(path)
        assert (form["name"], form["description"]) == (["Two together"], ["what the editor says"])
        editor.post(f"{path}/discard")


@pytest.mark.row(32)
def test_two_who_change_different_places_both_keep_what_they_wrote(suite: RunningSuite) -> None:
    with person(suite, "editor") as editor, person(suite, "admin") as admin:
        editor.post("/studio/segments/new", {"name": "Two places"})
        path = "/studio/segments/two-places"
        theirs, mine = editor.form(path), admin.form(path)
        editor.post(path, {**theirs, "description": ["what the editor says"]})
        saved = admin.post(path, {**mine, "name": ["What the admin calls it"]})
        assert saved.status_code == 200
        assert "beside what test-editor changed meanwhile: description" in saved.text
        form = editor.form(path)
        assert (form["name"], form["description"]) == (["What the admin calls it"], ["what the editor says"])
        # What was proposed meanwhile is looked at first: somebody counts on it.
        late = admin.form(path)
        editor.post(f"{path}/propose")
        assert admin.post(path, {**late, "name": ["Too late"]}).status_code == 412
        editor.post(f"{path}/discard")


@pytest.mark.row(99)
def test_a_preview_says_of_an_offer_asked_about_why_it_is_not_there(suite: RunningSuite) -> None:
    with person(suite, "editor") as editor:
        shown = editor.get("/studio/preview?customer=c-01&about=ten+percent+whole+cart").text
        nothing = editor.get("/studio/preview?customer=c-01&about=no+such+thing+anywhere").text
    assert "There is no offer or action at work that is called “no such thing anywhere”" in nothing
    assert "<b>10 % off your whole cart</b>: It wants that referring site is gadgets.example" in shown


@pytest.mark.row(26)
def test_one_place_for_campaigns_content_analytics_personalization_and_journeys(suite: RunningSuite) -> None:
    with person(suite, "admin") as admin:
        shown = {path: admin.get(f"/studio/{path}") for path in PLACES}
    assert {path: answer.status_code for path, answer in shown.items() if answer.status_code != 200} == {}
    assert "lapsing" in shown["segments"].text
    assert "cart-waits" in shown["moments"].text
    assert "weekly" in shown["emails"].text


PLACES = (
    "offers", "emails", "layouts", "segments", "personas", "moments", "experiments", "reports", "models", "customers",
)  # fmt: skip


@pytest.mark.row(98, 100)
def test_a_marketer_sees_the_return_and_the_state_of_the_data_without_asking_anyone(suite: RunningSuite) -> None:
    with person(suite, "viewer") as viewer:
        week = viewer.get("/studio/reports/week")
        assert week.status_code == 200
        quality = viewer.get("/studio/reports/quality")
        assert quality.status_code == 200
        for tab in ("figures?by=page&days=7", "holdout", "matrix", "cohorts", "choosing", "suggested", "quality"):
            export = viewer.get(f"/studio/reports/csv/{tab}")
            assert export.headers["content-type"].startswith("text/csv"), f"{tab}: {export.text[-600:]}"
            assert export.text.startswith("simulated"), tab
        assert viewer.get("/studio/reports/csv/weather").status_code == 404


@pytest.mark.row(99)
def test_the_agents_brief_is_previewed_as_the_agent_reads_it(suite: RunningSuite) -> None:
    with person(suite, "editor") as editor:
        shown = editor.get("/studio/preview?customer=c-01&page=call&channel=contact_centre").text
    assert "The agent&#x27;s brief" in shown or "The agent's brief" in shown
    assert "What to say" in shown


def _all_fields(html: str) -> dict[str, list[str]]:
    """Fields of the form that brings two writings together."""
    return {name: values for name, values in fields_of(html, "").items() if name != "csrf"}
