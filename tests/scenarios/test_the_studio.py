"""Marketers run it themselves: what they write in the studio is what customers see."""

from __future__ import annotations

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.scenarios.calls import home, offers_of
from tests.studiodesk import person


@pytest.mark.row(32, 99)
def test_an_offer_written_in_the_studio_stands_on_the_next_page(suite: RunningSuite, server: httpx.Client) -> None:
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
