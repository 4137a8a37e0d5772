"""A webhook at work: how telling it goes, what its receiver checks signatures with, and a new secret for it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from tailorbird.contracts.profiles import WEBHOOKS, WebhooksQuery
from tailorbird.contracts.wire import Fault
from tailorbird.studio.desk.access import AnyRequest, desk_of, signed
from tailorbird.studio.desk.documents.kinds import Kind, kind_at
from tailorbird.studio.desk.pages import answer, fragment, go

__all__ = ["HANDLERS"]

CHANGE_OVER = timedelta(days=1)
"""For so long what is sent is signed with the secret before too."""


@get("/{plural:str}/{identity:str}/told", opt={"role": "viewer"}, include_in_schema=False)
async def told(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[str]:
    """What came of telling it so far; its secret for whoever may publish."""
    _webhook(plural)
    problem, found = "", None
    try:
        every = await desk_of(request).asker.ask(WEBHOOKS, WebhooksQuery())
        found = next((one for one in every.webhooks if one.id == identity), None)
    except Fault as fault:
        problem = fault.sentence
    view: dict[str, Any] = {"identity": identity, "webhook": found, "problem": problem, "now": time.time()}
    if request.headers.get("hx-request"):
        return fragment(request, "documents/webhook.html", **view)
    return answer(request, "documents/webhook_page.html", title=f"{identity}, told", **view)


@post("/{plural:str}/{identity:str}/secret", opt={"role": "approver"}, include_in_schema=False)
async def new_secret(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[Any]:
    """Another secret from now on; with the one before it is signed for a day more, so that nothing is refused."""
    kind, who = _webhook(plural), signed(request).member
    await desk_of(request).work.change_at_work(kind, identity, _with_new_secret, who, "new secret")
    said = "It has a new secret. For a day what is sent is signed with the one before too."
    return go(request, f"/studio/webhooks/{identity}", said)


def _webhook(plural: str) -> Kind:
    """Raises Fault(404) for documents of any other kind: nobody is told by them."""
    kind = kind_at(plural)
    if kind.kind != "webhook":
        raise Fault(404, f"{kind.title} have no secret, and nobody is told of them.")
    return kind


def _with_new_secret(document: dict[str, Any]) -> dict[str, Any]:
    until = (datetime.now(UTC) + CHANGE_OVER).isoformat(timespec="seconds")
    return {**document, "secret": document.get("secret", 1) + 1, "secret_before_until": until}


HANDLERS = (told, new_secret)
