"""Every address of the studio. Each handler says in `opt` which role it needs; `access.who_may` holds it to that."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from litestar import Response, Router, get
from litestar.params import FromPath
from litestar.response import Redirect

from tailorbird.bus import AskingBus
from tailorbird.contracts.wire import Fault
from tailorbird.host.problems import problem
from tailorbird.studio.desk import home, models, touring
from tailorbird.studio.desk.access import ANYBODY, AnyRequest, OutOfDate, way_in, who_may
from tailorbird.studio.desk.customers import audiences, customers
from tailorbird.studio.desk.desk import open_desk
from tailorbird.studio.desk.documents import steps, trying, webhooks, writing
from tailorbird.studio.desk.pages import Front, Pages, answer
from tailorbird.studio.desk.people import entering, people
from tailorbird.studio.desk.people.carrying import carried
from tailorbird.studio.desk.preview import previewing
from tailorbird.studio.desk.reports import reporting

__all__ = ["DESK", "open_studio_pages"]

FOLDER = Path(__file__).parent
FETCHED = FOLDER.parent / "front" / "node_modules"


@get("/static/{mark:str}/{name:str}", opt={"role": ANYBODY}, include_in_schema=False)
async def static(request: AnyRequest, mark: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A file of the pages; its address changes with it, so that browsers may keep it."""
    del mark
    found = request.app.state["desk_front"].get(name)
    if found is None:
        raise Fault(404, f"The studio has no file '{name}'.")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(found[0], media_type=found[1], headers=headers)


def refused(request: AnyRequest, fault: Fault) -> Response[Any]:
    """Whoever is not signed in gets the way in; a person gets the sentence on a page, a part of a page alone."""
    wants_page = "text/html" in request.headers.get("accept", "")
    if request.headers.get("hx-request"):
        # The page says what to do (desk.js): somebody may be in the middle of writing.
        return Response(fault.sentence, status_code=fault.code, media_type="text/plain; charset=utf-8")
    if fault.code == 401 and wants_page:
        kept = carried(request)
        if kept is not None:
            return entering.asked_to_enter(request, kept)
        return Redirect(way_in(request), status_code=303)
    if isinstance(fault, OutOfDate) and wants_page:
        kept = carried(request)
        if kept is not None:
            return answer(request, "people/again.html", 403, title="Once more", kept=kept, csrf=fault.csrf)
    if not wants_page:
        return problem(fault.code, fault.sentence, fault.problems)
    return answer(request, "refused.html", fault.code, sentence=fault.sentence, code=fault.code, title="Not possible")


@contextlib.asynccontextmanager
async def open_studio_pages(bus: AskingBus) -> AsyncIterator[dict[str, Any]]:
    """Entries for the application's state: the desk, templates, files, and who tried which password lately."""
    front = Front(FOLDER / "static", FETCHED)
    async with open_desk(bus) as desk:
        yield {
            "desk": desk,
            "desk_front": front,
            "desk_pages": Pages(FOLDER / "templates", front),
            "desk_tries": {},
        }


DESK = Router(
    path="/studio",
    guards=[who_may],
    exception_handlers={Fault: refused},
    route_handlers=[
        static, *home.HANDLERS, *entering.HANDLERS, *people.HANDLERS, *previewing.HANDLERS, *customers.HANDLERS,
        *audiences.HANDLERS, *touring.HANDLERS, *reporting.HANDLERS, *models.HANDLERS, *writing.HANDLERS,
        *steps.HANDLERS, *trying.HANDLERS, *webhooks.HANDLERS,
    ],
)  # fmt: skip
