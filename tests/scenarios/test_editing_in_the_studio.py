"""While one writes in the studio sessions end, names are odd, others say no: what was written is still there."""

from __future__ import annotations

import html

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.studiodesk import PASSWORD, fields_of, person

HOSTILE = """<script>alert("1")</script> ${7*7} {{ 7*7 }} ' OR 1=1 -- \u202e\u0000 \U0001f426 ../../etc"""


@pytest.mark.row(99)
def test_what_was_written_when_the_session_ended_is_kept_until_one_is_signed_in_again(suite: RunningSuite) -> None:
    with person(suite, "editor") as editor:
        editor.post("/studio/segments/new", {"name": "Signed out meanwhile"})
        path = "/studio/segments/signed-out-meanwhile"
        form = {**editor.form(path), "description": ["Written before the session ended"]}
        editor.post("/studio/leave")
        asked = editor.post(path, form)
        assert asked.status_code == 401
        assert "what you wrote is kept" in asked.text
        entered = {**fields_of(asked.text, ""), "name": "test-editor", "password": PASSWORD}
        kept = editor.client.post("/studio/enter", data=entered, headers={"Accept": "text/html"})
        assert f'action="{path}"' in html.unescape(kept.text)
        saved = editor.client.post(path, data=fields_of(kept.text, ""), headers={"Accept": "text/html"})
        assert "Saved as a draft" in saved.text
        assert editor.form(path)["description"] == ["Written before the session ended"]
        # The page in another tab is still of the session before: it may go on, too, but only when a person says so.
        of_before = {"csrf": [editor.csrf], "description": ["From the other tab"]}
        stale = editor.post(path, {**editor.form(path), **of_before})
        assert stale.status_code == 403
        assert editor.form(path)["description"] == ["Written before the session ended"]
        editor.client.post(path, data=fields_of(stale.text, ""), headers={"Accept": "text/html"})
        assert editor.form(path)["description"] == ["From the other tab"]
        editor.client.post(f"{path}/discard", data={"csrf": fields_of(stale.text, "")["csrf"][0]})


@pytest.mark.row(99)
def test_a_password_and_another_site_are_never_carried_along(suite: RunningSuite) -> None:
    with httpx.Client(base_url=suite.base_url, follow_redirects=True, headers={"Accept": "text/html"}) as nobody:
        passwords = nobody.post("/studio/me/password", data={"old": "one", "new": "another"})
        assert "carried" not in passwords.text
        elsewhere = nobody.post("/studio/offers/new", data={"name": "x"}, headers={"Origin": "https://evil.example"})
        assert (elsewhere.status_code, "carried" in elsewhere.text) == (403, False)
    with person(suite, "viewer") as viewer:
        carried = '{"to": "https://evil.example/studio/", "fields": [["a", "b"]]}'
        form = {"name": "test-viewer", "password": PASSWORD, "carried": carried}
        assert "evil.example" not in viewer.client.post("/studio/enter", data=form).text


@pytest.mark.row(32)
def test_an_approver_says_no_with_a_reason_and_the_writer_reads_it(suite: RunningSuite) -> None:
    with person(suite, "editor") as editor, person(suite, "approver") as approver:
        editor.post("/studio/segments/new", {"name": "Not yet good"})
        path = "/studio/segments/not-yet-good"
        editor.save(path, description="First try")
        assert editor.post(f"{path}/approve").status_code == 403
        editor.post(f"{path}/propose", {"note": "for the autumn"})
        approver.post(f"{path}/send-back", {"note": "Say who is meant by it"})
        shown = editor.get(path).text
        assert "Say who is meant by it" in shown
        assert approver.post(f"{path}/publish").status_code == 409
        editor.post(f"{path}/discard")


@pytest.mark.row(32)
def test_odd_names_are_shown_as_they_were_written_and_do_nothing(suite: RunningSuite) -> None:
    with person(suite, "editor") as editor:
        begun = editor.post("/studio/segments/new", {"name": f"Odd {HOSTILE}"})
        assert begun.status_code == 200, begun.text[:300]
        path = begun.url.path
        editor.save(path, description=HOSTILE)
        for page in (path, f"{path}/versions", "/studio/segments?q=odd", "/studio/changes", "/studio"):
            text = editor.get(page).text
            assert "<script>alert" not in text, page
            assert "Traceback" not in text, page
        assert "<script>alert" in editor.form(path)["description"][0]
        editor.post(f"{path}/discard")
