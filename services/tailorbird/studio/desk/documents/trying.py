"""An offer tried on some customers before anybody is made it: how many may get it, what it costs, what makes way."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from msgspec import Raw
from msgspec.structs import replace

from tailorbird.contracts.offers import SIMULATE, SimulateQuery
from tailorbird.contracts.profiles import PROFILE_PAGE, ProfilePageQuery
from tailorbird.contracts.wire import Fault
from tailorbird.studio.desk.access import AnyRequest, desk_of
from tailorbird.studio.desk.documents.kinds import kind_at
from tailorbird.studio.desk.pages import answer, fragment

__all__ = ["HANDLERS"]

CUSTOMERS = 300
A_PAGE = 50
HISTORY = 60
"""Items bought lately: all that deciding reads of a history."""


@get("/{plural:str}/{identity:str}/tried", opt={"role": "editor"}, include_in_schema=False)
async def tried(request: AnyRequest, plural: FromPath[str], identity: FromPath[str]) -> Response[str]:
    """What the offer as saved last would do on the home page. Nobody is made anything."""
    kind, desk = kind_at(plural), desk_of(request)
    opened = await desk.work.opened(kind, identity)
    if kind.kind != "offer" or opened.document is None:
        raise Fault(404, "There is no such offer to be tried, neither at work nor as a draft.")
    found, refused = None, ""
    try:
        query = SimulateQuery(
            offer_id=identity, offer=Raw(msgspec.json.encode(opened.document)), customers=await _customers(request)
        )
        found = await desk.asker.ask(SIMULATE, query)
    except Fault as fault:
        refused = fault.sentence
    view: dict[str, Any] = {
        "kind": kind, "identity": identity, "found": found, "refused": refused,
        "titles": {row.id: row.title for row in (await desk.at_work()).of("offer")} if found else {},
    }  # fmt: skip
    if request.headers.get("hx-request"):
        return fragment(request, "documents/tried.html", **view)
    return answer(request, "documents/tried_page.html", title=f"{identity}, tried", **view)


async def _customers(request: AnyRequest) -> tuple[Raw, ...]:
    """What is known of the first customers by pseudonym, which is a sample by chance."""
    found: list[Raw] = []
    after = ""
    while len(found) < CUSTOMERS:
        page = await desk_of(request).asker.ask(PROFILE_PAGE, ProfilePageQuery(after=after, count=A_PAGE))
        known = (replace(one.facts, history=one.facts.history[:HISTORY], recent=()) for one in page.profiles)
        found += [Raw(msgspec.json.encode(one)) for one in known]
        after = page.after
        if not after:
            break
    return tuple(found)


HANDLERS = (tried,)
