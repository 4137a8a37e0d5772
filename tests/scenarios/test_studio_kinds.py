"""What marketers say of items and of other systems, written in the studio like everything else."""

from __future__ import annotations

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.scenarios.calls import home, shown_items, slot
from tests.studiodesk import person
from tests.waiting import eventually

CUSTOMER = "c-08"


@pytest.mark.row(95, 99)
def test_a_pin_is_drafted_seen_in_a_preview_published_and_retired(suite: RunningSuite, server: httpx.Client) -> None:
    before = shown_items(home(server, CUSTOMER))
    first_slot = slot(home(server, CUSTOMER), "recommendations")[0]["id"]
    item = next(item for item in (f"i-{number:02}" for number in range(2, 60)) if item not in before)
    path = "/studio/curations/first-of-the-week"
    with person(suite, "admin") as admin:
        admin.post("/studio/curations/new", {"name": "First of the week"})
        admin.save(path, does="pin", items=item, slots=first_slot, reason="Only here", strength="")
        assert "First of the week" in admin.get("/studio/curations").text
        assert item not in shown_items(home(server, CUSTOMER))

        def seen() -> bool:
            text = admin.get(f"/studio/preview?customer={CUSTOMER}&draft=curation/first-of-the-week").text
            return text.count("Only here") > 2  # Why it stands there, and on the page in two widths.

        eventually(seen, "the draft is on the previewed page")
        assert "at work now" in admin.publish(path).text
        eventually(lambda: item in shown_items(home(server, CUSTOMER)), "the pin is on the page")
        admin.post(f"{path}/retire")
    eventually(lambda: item not in shown_items(home(server, CUSTOMER))[:1], "the pin is gone")


@pytest.mark.row(99, 110)
def test_a_webhook_is_published_told_of_and_given_a_new_secret(suite: RunningSuite, server: httpx.Client) -> None:
    path = "/studio/webhooks/ticket-desk"
    with person(suite, "admin") as admin:
        admin.post("/studio/webhooks/new", {"name": "Ticket desk"})
        admin.save(path, url="http://10.0.0.8/hook")
        assert "private address" in admin.get(path).text or "Only https" in admin.get(path).text
        admin.save(path, url="https://tickets.example/hook")
        admin.publish(path)
        told = admin.get(f"{path}/told").text
        assert "has not been told anything yet" in told
        (first,) = secrets(server)
        assert first in told.replace("&#x2f;", "/")
        assert "a new secret" in admin.post(f"{path}/secret").text
        second, before = secrets(server)
        assert (before, second != first) == (first, True)
        with person(suite, "editor") as editor:
            assert "whsec_" not in editor.get(f"{path}/told").text
            assert editor.post(f"{path}/secret").status_code == 403
        assert "new secret" in admin.get(f"{path}/versions").text
        admin.post(f"{path}/retire")


def secrets(server: httpx.Client) -> list[str]:
    """With what it signs now."""
    told = next(one for one in server.get("/v1/webhooks").json()["webhooks"] if one["id"] == "ticket-desk")
    return [one for one in (told["secret"], told["secret_before"]) if one]
