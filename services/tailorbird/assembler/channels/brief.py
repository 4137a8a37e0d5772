"""What an agent reads before they pick up: who it is, why they may be calling, what to say, what to offer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from tailorbird.contracts.assembler import PagePayload
from tailorbird.wording.locales import money

__all__ = ["brief_form", "brief_lines"]

_WORD = re.compile(r"[\w:@+~-]*\w")
_PICKED = 3
"""Things looked at that are named."""


def brief_form(payload: PagePayload, known: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The brief. `known`: what profiles tell a contact centre of this customer; `names`: titles of items by id."""
    slots = [msgspec.json.decode(slot) for slot in payload.slots]
    standing = next((slot["loyalty"] for slot in slots if slot.get("loyalty")), None)
    customer = known.get("customer") or {}
    return {
        "decision_id": payload.decision_id,
        "who": {
            "name": customer.get("first_name") or "",
            "customer_id": payload.customer.customer_id,
            "known": payload.customer.known,
            "persona": payload.customer.persona,
            "segments": payload.customer.segments,
            "loyalty": standing,
            "note": payload.customer.note,
        },
        "why": list(_why(known, slots, names)),
        "say": list(_say(slots)),
        "offer": [_promise(one) for slot in slots for one in slot.get("offers") or ()],
        "items": [
            _item(one) for slot in slots if slot["type"] != "cart" for one in slot.get("items") or ()
        ],
        "do": [_promise(one) for slot in slots for one in slot.get("actions") or ()],
        "tickets": known.get("open_tickets") or [],
        "contacts": known.get("contacts") or [],
        "experiments": payload.experiments,
        "held_out": payload.held_out,
    }


def brief_lines(brief: Mapping[str, Any], locale: str = "") -> list[str]:
    """The same as text, a line a thought."""
    who = brief["who"]
    standing = f", {who['loyalty']['level']}" if who["loyalty"] else ""
    told = f"{who['name'] or 'Somebody we do not know'} ({who['customer_id'] or 'no customer id'}){standing}"
    lines = ["WHO", f"  {told}"]
    if who["persona"]:
        lines.append(f"  {who['persona']}: {', '.join(who['segments'])}")
    for title, found in (
        ("WHY THEY MAY BE CALLING", brief["why"]),
        ("SAY", brief["say"]),
        ("OFFER", [f"{one['headline']}{_code(one)}" for one in brief["offer"]]),
        ("MENTION", [f"{one['title']} {money(one['price'], one['currency'], locale)}" for one in brief["items"]]),
        ("DO", [one["headline"] for one in brief["do"]]),
    ):
        lines += ["", title, *(f"  {line}" for line in found)] if found else []
    return lines


def _why(known: Mapping[str, Any], slots: list[dict[str, Any]], names: Mapping[str, str]) -> Iterator[str]:
    """Likely reasons, the most pressing first."""
    told: set[str] = set()
    for slot in slots:
        content = slot.get("content")
        if slot["type"] == "notice" and isinstance(content, dict) and content.get("ticket_id"):
            about = f" about {content['reason']}" if content.get("reason") else ""
            told.add(content["ticket_id"])
            yield f"Ticket {content['ticket_id']}{about}, opened {content['opened_on']}: {content['text']}"
    for ticket in known.get("open_tickets") or ():
        if ticket["ticket_id"] not in told:
            about = f" about {ticket['reason']}" if ticket.get("reason") else ""
            yield f"Ticket {ticket['ticket_id']}{about} is open."
    if known.get("summary"):
        # Profiles know items by their ids alone.
        yield _WORD.sub(lambda word: names.get(word.group(), word.group()), str(known["summary"]))
    visit = known.get("visit") or {}
    if visit.get("searches"):
        yield f"Searched for {', '.join(visit['searches'][:_PICKED])}."
    cart = [names.get(line["item_id"], line["item_id"]) for line in known.get("cart") or ()]
    if cart:
        more = f" and {len(cart) - _PICKED} more" if len(cart) > _PICKED else ""
        yield f"In the cart and not ordered: {', '.join(cart[:_PICKED])}{more}."


def _say(slots: list[dict[str, Any]]) -> Iterator[str]:
    for slot in slots:
        content = slot.get("content")
        if slot["type"] in ("hero", "content", "notice") and isinstance(content, dict):
            for name in ("headline", "text", "note"):
                if content.get(name):
                    yield str(content[name])
        if slot.get("insight"):
            yield str(slot["insight"]["sentence"])
        if slot.get("loyalty") and slot["loyalty"].get("next"):
            after = slot["loyalty"]["next"]
            yield f"{after['points_missing']} points are missing to {after['level']}."


def _promise(one: Mapping[str, Any]) -> dict[str, Any]:
    names = ("offer_id", "action_id", "headline", "text", "terms", "code", "reasons")
    return {name: one[name] for name in names if one.get(name)}


def _item(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "item_id": one["item_id"],
        "title": one["title"],
        "price": one.get("price"),
        "currency": one.get("currency", ""),
        "reasons": one.get("reasons") or [],
    }


def _code(one: Mapping[str, Any]) -> str:
    return f" (code {one['code']})" if one.get("code") else ""
