"""A first tour: an offer for a segment, previewed, published, seen in the shop, and its report; the done is ticked."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post

from tailorbird.contracts.profiles import SHOPPERS, ShoppersQuery
from tailorbird.contracts.wire import Fault
from tailorbird.studio.desk.access import AnyRequest, desk_of, form_of, signed
from tailorbird.studio.desk.documents.kinds import kind_at
from tailorbird.studio.desk.documents.naming import new_id
from tailorbird.studio.desk.pages import answer, go
from tailorbird.studio.desk.people.audit import Change
from tailorbird.studio.desk.reports.suggesting import suggested

__all__ = ["HANDLERS"]

LOOKED_BACK = 500


@get("/tour", opt={"role": "viewer"}, include_in_schema=False)
async def tour(request: AnyRequest) -> Response[str]:
    """The steps, with those ticked that this person has done with the offer they began last."""
    desk, who = desk_of(request), signed(request)
    mine = await desk.audit.latest(LOOKED_BACK, "offer/", who.member.name)
    key = mine[0].what if mine else ""
    identity = key.partition("/")[2]
    everybody = await desk.audit.latest(LOOKED_BACK, key) if key else []
    segments = (await desk.at_work()).of("segment")
    segment = next((row for row in segments if row.id == "families"), segments[0] if segments else None)
    return answer(
        request, "tour.html", title="A first tour", identity=identity, done=_done(everybody), segment=segment,
        shopper=await _somebody_in(request, segment.id if segment else ""), alone=who.may("approver"),
    )  # fmt: skip


@post("/suggested", opt={"role": "editor"}, include_in_schema=False)
async def take_suggestion(request: AnyRequest) -> Response[Any]:
    """Begins a draft of a segment that the data suggests, or of an offer with the rule that it suggests."""
    desk, form = desk_of(request), form_of(request)
    wanted, english = ((form.get(name) or [""])[0] for name in ("id", "english"))
    told = await suggested(desk.asker, "all")
    found = next((one for one in told.suggestions if (one.id, one.english) == (wanted, english)), None)
    if found is None:
        raise Fault(404, "The data does not suggest this any more: look again.")
    kind = kind_at("segments" if found.kind == "segment" else "offers")
    identity = new_id(found.id) if found.kind == "segment" else found.id
    opened = await desk.work.opened(kind, identity)
    document = msgspec.json.decode(bytes(found.document))
    if found.kind == "offer":
        # Only its rule is suggested: what it promises stays.
        document = (opened.document or {}) | document
    note = f"suggested: {found.because}"[:300]
    who = signed(request).member.name
    await desk.work.save(kind, identity, document, who, revision=opened.revision, base=opened.base, note=note)
    return go(request, f"/studio/{kind.plural}/{identity}", "A draft of what the data suggests. Change it as you like.")


def _done(changes: list[Change]) -> dict[str, bool]:
    """Which steps lie behind an offer with these changes, the latest of which stands first."""
    deeds = {change.deed for change in changes}
    return {
        "begun": bool(deeds),
        "written": sum(change.deed == "saved" for change in changes) > 1,
        "proposed": bool(deeds & {"proposed", "approved", "published"}),
        "approved": bool(deeds & {"approved", "published"}),
        "published": "published" in deeds,
    }


async def _somebody_in(request: AnyRequest, segment: str) -> str:
    """A customer of this segment, to be in the shop."""
    try:
        people = (await desk_of(request).asker.ask(SHOPPERS, ShoppersQuery(count=50))).shoppers
    except Fault:
        return ""
    return next((one.customer_id for one in people if segment in one.segments), "")


HANDLERS = (tour, take_suggestion)
