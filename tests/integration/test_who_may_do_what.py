"""Every role against every address of the studio: let in exactly where the address says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar import Litestar

from tailorbird.studio.desk.access import ANYBODY
from tailorbird.studio.desk.people.roles import ROLES, may
from tailorbird.studio.desk.routes import DESK
from tests.runningsuite import RunningSuite
from tests.studiodesk import Person, person

PLACES = {
    "{plural:str}": "offers", "{identity:str}": "no-such-offer", "{name:str}": "no-such-name", "{mark:str}": "0",
    "{customer_id:str}": "no-such-customer", "{version:str}": "no-such-model", "{email:str}": "no-such-email",
    "{experiment_id:str}": "no-such-experiment", "{segment:str}": "no-such-segment", "{tab:str}": "no-such-report",
    "{decision_id:str}": "no-such-decision", "{report:str}": "no-such-report",
}  # fmt: skip
REFUSED = {401, 403}


def addresses() -> Iterator[tuple[str, str, str]]:
    """Method, path and declared role of each address, as the router has them."""
    app = Litestar(route_handlers=[DESK], openapi_config=None)
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            for method in sorted(handler.http_methods - {"HEAD", "OPTIONS"}):
                path = route.path_format
                for part, value in PLACES.items():
                    path = path.replace("{" + part[1:-1].partition(":")[0] + "}", value)
                yield method, path, handler.opt.get("role", "")


ADDRESSES = sorted(set(addresses()))


def asked(client: httpx.Client, method: str, path: str, csrf: str) -> int:
    """The status; a form of this session for what changes something."""
    fields: dict[str, Any] = {"data": {"csrf": csrf}} if method == "POST" else {}
    return client.request(method, path, follow_redirects=False, **fields).status_code


def test_every_address_says_who_may_use_it() -> None:
    assert len(ADDRESSES) >= 29
    assert [one for one in ADDRESSES if one[2] not in (*ROLES, ANYBODY)] == []
    assert [one for one in ADDRESSES if "{" in one[1]] == []


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_let_in_where_it_is_declared(role: Any, suite: RunningSuite) -> None:
    with person(suite, role) as somebody:
        wrong = [(one, status) for one in ADDRESSES if (status := _status(somebody, one)) is not None
                 and (status not in REFUSED) != (one[2] == ANYBODY or may(role, one[2]))]  # type: ignore[arg-type] # fmt: skip
        assert wrong == []


def _status(somebody: Person, address: tuple[str, str, str]) -> int | None:
    """None for signing in and out, which would end this session."""
    method, path, _ = address
    return None if path in ("/studio/leave", "/studio/enter") else asked(somebody.client, method, path, somebody.csrf)


def test_nobody_is_let_in_without_signing_in(suite: RunningSuite) -> None:
    with httpx.Client(base_url=suite.base_url, timeout=30.0) as client:
        found = {one: asked(client, one[0], one[1], "") for one in ADDRESSES}
    assert {one: status for one, status in found.items() if one[2] != ANYBODY and status not in (401, 403)} == {}


def test_a_form_without_this_sessions_token_or_from_another_site_changes_nothing(suite: RunningSuite) -> None:
    with person(suite, "admin") as admin:
        posts = [path for method, path, role in ADDRESSES if method == "POST" and role != ANYBODY]
        assert {asked(admin.client, "POST", path, "guessed") for path in posts} == {403}
        other_site = {"Origin": "https://elsewhere.example", "X-CSRF": admin.csrf}
        assert {admin.client.post(path, headers=other_site).status_code for path in posts} == {403}
        framed = {"Sec-Fetch-Site": "cross-site", "X-CSRF": admin.csrf}
        assert {admin.client.post(path, headers=framed).status_code for path in posts} == {403}
