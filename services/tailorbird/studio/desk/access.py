"""Who may use an address: each route says its role, and one guard holds all of them to it, forms included."""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from tailorbird.contracts.wire import Fault
from tailorbird.host.body import read_bytes
from tailorbird.studio.desk.desk import Desk
from tailorbird.studio.desk.people.roles import Member, Role, may

__all__ = [
    "ANYBODY", "COOKIE", "LARGEST_FORM", "AnyRequest", "Form", "OutOfDate", "Signed", "desk_of", "form_of", "signed",
    "way_in", "who_may",
]  # fmt: skip

ANYBODY = "anybody"
"""The role of routes that need nobody to be signed in."""
COOKIE = "studio_session"
LARGEST_FORM = 3_000_000
MOST_FIELDS = 20_000

AnyRequest = Request[Any, Any, Any]
Form = dict[str, list[str]]


class Signed(Struct, frozen=True):
    """Who is signed in, and what their forms carry."""

    member: Member
    csrf: str
    token: str

    def may(self, role: Role) -> bool:
        return may(self.member.role, role)


class OutOfDate(Fault):
    """A form of another session of this browser: whoever sent it may send it again as whom they are now."""

    def __init__(self, csrf: str) -> None:
        super().__init__(403, "This form is of an earlier session: load the page again, and repeat what you did.")
        self.csrf = csrf
        """What forms of the present session carry."""


async def who_may(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard. Raises Fault(401) for nobody signed in, Fault(403) for too low a role or a form from elsewhere."""
    needed = handler.opt["role"]
    writes = connection.scope.get("method") not in ("GET", "HEAD")
    if writes:
        _refuse_other_sites(connection)
        connection.scope["state"]["studio_form"] = await _read_form(connection)
    if needed == ANYBODY:
        return
    desk: Desk = connection.app.state["desk"]
    token = connection.cookies.get(COOKIE, "")
    session = await desk.sessions.get(token)
    member = await desk.members.get(session.name) if session else None
    if session is None or member is None or not member.active:
        raise Fault(401, "Sign in to the studio first.")
    if writes and not hmac.compare_digest(_token_in(connection), session.csrf):
        raise OutOfDate(session.csrf)
    if not may(member.role, needed):
        raise Fault(403, f"This needs the role {needed}, and yours is {member.role}: ask an admin of the studio.")
    connection.scope["state"]["studio_signed"] = Signed(member, session.csrf, token)


def desk_of(request: AnyRequest) -> Desk:
    desk: Desk = request.app.state["desk"]
    return desk


def signed(request: AnyRequest) -> Signed:
    """Who is signed in; only where the guard has let somebody in."""
    found: Signed = request.scope["state"]["studio_signed"]
    return found


def form_of(request: AnyRequest) -> Form:
    """What the form said: every field with all of its values, in the order of the page."""
    found: Form = request.scope["state"]["studio_form"]
    return found


def way_in(request: AnyRequest) -> str:
    """Where to sign in, and then come back to this page."""
    there = request.url.path if request.method == "GET" else "/studio"
    return f"/studio/enter?next={quote(there, safe='/')}"


def _refuse_other_sites(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Browsers say where a form was sent from. What says nothing is no browser, and has no session to misuse."""
    if connection.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Fault(403, "This form was sent from another site.")
    origin = connection.headers.get("origin", "")
    own = {connection.headers.get("host", ""), urlsplit(connection.app.state["settings"].public_url).netloc}
    if origin and urlsplit(origin).netloc not in own - {""}:
        raise Fault(403, "This form was sent from another site.")


async def _read_form(connection: ASGIConnection[Any, Any, Any, Any]) -> Form:
    request: AnyRequest = Request(connection.scope, connection.receive)
    content = await read_bytes(request, LARGEST_FORM)
    try:
        return parse_qs(content.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Fault(413, f"The form has more than {MOST_FIELDS} fields.") from error


def _token_in(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    said: Form = connection.scope["state"]["studio_form"]
    return connection.headers.get("x-csrf", "") or (said.get("csrf") or [""])[0]
