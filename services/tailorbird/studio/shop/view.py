"""A payload as the templates show it: slots opened, offers with their badge, prices and days in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from tailorbird.contracts.assembler import PagePayload
from tailorbird.studio.shop.scenes import scene
from tailorbird.studio.shop.theme import classes, style
from tailorbird.studio.shop.tiles import slug, tile_url
from tailorbird.wording.locales import money

__all__ = ["PERSONAS", "badge", "day", "last_day", "link", "page_view", "persona_name", "picture", "why_url"]

PERSONAS = {
    "newcomers": "Newcomers",
    "families": "Families",
    "young_singles": "Young singles",
    "empty_nesters": "Empty nesters",
    "deal_seekers": "Deal seekers",
    "premium": "Premium",
    "everyone": "Everyone",
}
_SOUND = re.compile(r"""((https?://|mailto:|tel:|/(?!/)|[?#])[^\s"'<>\\]*)?""", re.IGNORECASE)


def page_view(payload: PagePayload, department: str = "") -> dict[str, Any]:
    """What `page.html` needs of a payload; nothing in it comes from anywhere else.

    `department`: a slug (`dairy-eggs`); its items come first on every shelf.
    """
    slots = [msgspec.json.decode(slot) for slot in payload.slots]
    reasons = {fallback.slot: fallback.reason for fallback in payload.fallbacks}
    for slot in slots:
        _sound(slot)
        slot["fallback"] = reasons.get(slot.get("id", ""), "")
        if department and slot.get("items"):
            slot["items"].sort(key=lambda item: slug(item.get("department", "")) != department)
        for offer in slot.get("offers", ()):
            offer["badge"] = badge(offer)
    return {
        "decision_id": payload.decision_id,
        "page": payload.page,
        "customer": payload.customer,
        "persona": persona_name(payload.customer.persona),
        "layout": payload.layout,
        "style": style(payload.layout.theme),
        "classes": classes(payload.layout.theme),
        "scene": scene(str(payload.layout.theme.get("imagery", ""))),
        "slots": slots,
        "navigation": next((slot["links"] for slot in slots if slot.get("type") == "navigation"), []),
        "department": _department(slots, department),
        "fallbacks": payload.fallbacks,
        "meta": payload.meta,
    }


def _sound(part: Any) -> None:
    """Takes every address out of a slot that could run something: whoever wrote it, it is to be no link here."""
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _sound(one)
    if isinstance(part, dict):
        for name in ("url", "image_url"):
            if not _SOUND.fullmatch(str(part.get(name) or "")):
                part[name] = ""


def persona_name(persona: str) -> str:
    """A persona's id as a person says it."""
    return PERSONAS.get(persona) or persona.replace("_", " ").capitalize() or "Everyone"


def badge(offer: dict[str, Any]) -> dict[str, str]:
    """The two lines that stand large on an offer's ticket."""
    kind = offer.get("kind", "")
    value = offer.get("value")
    told = value if isinstance(value, (int, float)) and value > 0 else None
    if kind == "percent_off" and told:
        return {"large": f"{told:g}%", "small": "off"}
    if kind in ("amount_off", "coupon") and told:
        return {"large": money(told).removesuffix(".00"), "small": "off"}
    if kind == "points" and told:
        return {"large": f"{told:g}", "small": "points"}
    plain = {
        "bogo": ("2 for 1", "today"),
        "free_shipping": ("Free", "delivery"),
        "gift": ("Gift", "for you"),
        "coupon": ("Coupon", "for you"),
    }
    large, small = plain.get(kind, ("Offer", "for you"))
    return {"large": large, "small": small}


def day(moment: Any) -> str:
    """`29 November` of an ISO 8601 text or of seconds since 1970; empty when it is neither."""
    at = _moment(moment)
    return f"{at.day} {at:%B}" if at else ""


def last_day(ends_at: Any) -> str:
    """The last day on which something holds that ends at this moment: at midnight, the day before."""
    at = _moment(ends_at)
    return day((at - timedelta(seconds=1)).isoformat()) if at else ""


def _moment(moment: Any) -> datetime | None:
    try:
        if isinstance(moment, (int, float)):
            return datetime.fromtimestamp(moment, UTC)
        return datetime.fromisoformat(str(moment))
    except (ValueError, OverflowError, OSError):
        return None


def picture(item: dict[str, Any]) -> str:
    """Address of the item's picture: its own, or the tile drawn for its department and category."""
    own = str(item.get("image_url") or "")
    if own.startswith(("https://", "http://")) or (own.startswith("/") and not own.startswith("//")):
        return own
    return tile_url(item.get("department", ""), item.get("category", ""), str(item.get("item_id", "")))


def link(item: dict[str, Any]) -> str:
    """Where the shop shows this item."""
    return f"/shop/product/{quote(str(item.get('item_id', '')), safe='')}"


def why_url(decision_id: str, kind: str, choice: str = "", title: str = "") -> str:
    """Where the shop says why. `kind`: page, item, offer or action."""
    told = {"kind": kind, "id": choice, "title": title}
    return f"/shop/why/{quote(decision_id, safe='')}?" + urlencode({key: value for key, value in told.items() if value})


def _department(slots: list[dict[str, Any]], wanted: str) -> str:
    """The name of the department whose items come first, empty when nothing of it is on the page."""
    names = (item.get("department", "") for slot in slots for item in slot.get("items", ()))
    return next((name for name in names if wanted and slug(name) == wanted), "")
