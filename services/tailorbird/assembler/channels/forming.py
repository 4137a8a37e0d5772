"""A page in the form of its channel: HTML, app, push, an agent's brief, lines to print."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from tailorbird.assembler.channels.app import app_form
from tailorbird.assembler.channels.brief import brief_form
from tailorbird.assembler.channels.lines import lines_form
from tailorbird.assembler.channels.push import push_form
from tailorbird.assembler.channels.rendering import PageRenderer
from tailorbird.assembler.items.cards import Cards, title_of
from tailorbird.bus import Asker
from tailorbird.contracts.assembler import PagePayload, PageQuery
from tailorbird.contracts.profiles import VIEW, ViewQuery
from tailorbird.contracts.wire import Fault

__all__ = ["formed"]

_WORDS = re.compile(r"[\w:@+~-]*\w")


async def formed(
    payload: PagePayload, query: PageQuery, asker: Asker, cards: Cards, renderer: PageRenderer
) -> Any:
    """The page in the form that the query wants, None when it wants none but the payload itself."""
    if query.form == "page":
        return renderer.page(payload)
    if query.form == "app":
        return app_form(payload, int(query.context.screen.partition("x")[0] or 0))
    if query.form == "push":
        return push_form(payload)
    if query.form == "lines":
        return {"decision_id": payload.decision_id, "width": query.width, "lines": lines_form(payload, query.width)}
    if query.form == "brief":
        return await _brief(payload, query, asker, cards)
    return None


async def _brief(payload: PagePayload, query: PageQuery, asker: Asker, cards: Cards) -> Any:
    """What an agent needs; without profiles, what the page alone says."""
    known: dict[str, Any] = {}
    if payload.customer.known and not payload.held_out:
        try:
            view = await asker.ask(VIEW, ViewQuery(customer=query.customer, part="contact_centre"))
            known = msgspec.json.decode(view.body)
        except Fault:
            # The call is there all the same, and the agent with it.
            known = {}
    ids = {line["item_id"] for line in known.get("cart") or ()}
    ids.update(one for one in _WORDS.findall(str(known.get("summary") or "")) if one in cards)
    return brief_form(payload, known, {one: title_of(cards[one]) for one in ids if one in cards})
