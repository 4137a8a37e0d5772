"""The shop's e-mails as they would look in an inbox: wide, on a phone, in the dark, and as text."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from litestar import Request, Response, get
from litestar.params import FromPath

from tailorbird.contracts.wire import Fault
from tailorbird.studio.shop.rendering import email_frame, for_a_look, page
from tailorbird.studio.shop.visit import Visit, visit_of

__all__ = ["HANDLERS"]

NAMES = {
    "weekly": "The weekly letter",
    "loyalty": "Card and privileges",
    "after-order": "After an order",
    "local-sale": "A sale nearby",
    "new-arrivals": "New on the shelves",
    "ticket": "A request for help",
    "cart": "A cart left behind",
}
"""What people call the demonstration's e-mails."""

_NAME = re.compile(r"[\w-]{1,80}", re.ASCII)

AnyRequest = Request[Any, Any, Any]


@get("/email", include_in_schema=False)
async def weekly(request: AnyRequest) -> Response[str]:
    """The weekly letter, and the way to the others."""
    return await _shown(request, "weekly")


@get("/email/{name:str}", include_in_schema=False)
async def email(request: AnyRequest, name: FromPath[str]) -> Response[str]:
    """One of the e-mails: subject, frames of its HTML, and its text part."""
    return await _shown(request, name)


@get("/email/{name:str}/body", include_in_schema=False)
async def email_body(request: AnyRequest, name: FromPath[str]) -> Response[str]:
    """The HTML for a frame; `?dark=1` as a mail program shows it that is set to dark."""
    payload = await request.app.state["shop"].email(_visit(request), _checked(name), _week())
    return email_frame(for_a_look(payload.html, dark=bool(request.query_params.get("dark"))))


async def _shown(request: AnyRequest, name: str) -> Response[str]:
    shop, templates = request.app.state["shop"], request.app.state["shop_templates"]
    visit = _visit(request)
    nonce = secrets.token_urlsafe(16)
    payload = await shop.email(visit, _checked(name), _week())
    names = [{"id": one, "name": NAMES.get(one, one)} for one in await shop.emails()]
    view = {"email": payload, "visit": visit, "nonce": nonce, "choices": await shop.choices(), "names": names}
    view |= {"name": name, "back": request.url.path, "size": round(len(payload.html.encode()) / 1024)}
    return page(templates.render("email.html", **view), nonce)


def _visit(request: AnyRequest) -> Visit:
    return visit_of({name: unquote(value) for name, value in request.cookies.items()})


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Fault(404, "There is no such e-mail.")
    return name


def _week() -> str:
    return datetime.now(UTC).strftime("%G-week-%V")


HANDLERS = (weekly, email, email_body)
