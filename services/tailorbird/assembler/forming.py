"""A page in the form of its channel: app, push, an agent's brief, lines to print."""

from __future__ import annotations

from typing import Any

import msgspec

from tailorbird.assembler.forms.app import app_form
from tailorbird.assembler.forms.brief import brief_form
from tailorbird.assembler.forms.lines import lines_form
from tailorbird.assembler.forms.push import push_form
from tailorbird.bus import Asker
from tailorbird.contracts.assembler import PagePayload, PageQuery
from tailorbird.contracts.profiles import VIEW, ViewQuery
from tailorbird.contracts.wire import Fault

__all__ = ["formed"]


async def formed(payload: PagePayload, query: PageQuery, asker: Asker) -> Any:
    """The page in the form that the query wants, None when it wants none but the payload itself."""
    if query.form == "app":
        return app_form(payload, int(query.context.screen.partition("x")[0] or 0))
    if query.form == "push":
        return push_form(payload)
    if query.form == "lines":
        return {"decision_id": payload.decision_id, "width": query.width, "lines": lines_form(payload, query.width)}
    if query.form == "brief":
        return await _brief(payload, query, asker)
    return None


async def _brief(payload: PagePayload, query: PageQuery, asker: Asker) -> Any:
    """What an agent needs; without profiles, what the page alone says."""
    known: dict[str, Any] = {}
    if payload.customer.known and not payload.held_out:
        try:
            view = await asker.ask(VIEW, ViewQuery(customer=query.customer, part="contact_centre"))
            known = msgspec.json.decode(view.body)
        except Fault:
            # The call is there all the same, and the agent with it.
            known = {}
    names = {one["item_id"]: one["title"] for slot in payload.slots for one in _items(msgspec.json.decode(slot))}
    return brief_form(payload, known, names)


def _items(slot: dict[str, Any]) -> list[dict[str, Any]]:
    return [*(slot.get("items") or ()), *(slot.get("lines") or ())]
