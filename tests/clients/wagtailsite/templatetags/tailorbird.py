"""Template tags that fill a Wagtail or Django page with Tailorbird's slots. Copy this file: it needs Django alone.

In the settings:

    TAILORBIRD = {
        "url": "http://127.0.0.1:8000",
        "server_key": os.environ["TAILORBIRD_SERVER_KEY"],
        "customer": "shop.visitors.customer_id",    # function: request -> id of the customer, or "" (optional)
    }

In a template; what stands between the tags is shown when there is nothing to put in its place, or nobody to ask:

    {% load tailorbird %}
    {% tailorbird_style "home" %}
    {% tailorbird_slot "home" "hero" %}<h1>Welcome</h1>{% endtailorbird_slot %}

All slots of a page are one call, made when the first of them is rendered. A call that takes too long or fails is not
repeated for a few seconds by any page: an outage costs one visitor a moment, and nobody a page.
"""

from __future__ import annotations

import json
import re
import time
import urllib.request
from typing import Any
from urllib.parse import quote

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

PATIENCE_SECONDS = 0.5
PAUSE_SECONDS = 5.0
NOTHING: dict[str, Any] = {"slots": {}, "style": ""}

_asks_again_at = 0.0


@register.simple_tag(takes_context=True)
def tailorbird_style(context: Context, page: str) -> SafeString:
    """The style of the page's slots, for its head; changes nothing of what stands around them."""
    style = _page(context["request"], page)["style"]
    return mark_safe(f"<style>{style}</style>") if style else SafeString("")


@register.tag
def tailorbird_slot(parser: Parser, token: Token) -> _Slot:
    """`{% tailorbird_slot PAGE SLOT %}what else is shown{% endtailorbird_slot %}`."""
    _, page, slot = token.split_contents()
    otherwise = parser.parse(("endtailorbird_slot",))
    parser.delete_first_token()
    return _Slot(parser.compile_filter(page), parser.compile_filter(slot), otherwise)


class _Slot(template.Node):  # type: ignore[misc]  # Django brings no types.
    def __init__(self, page: Any, slot: Any, otherwise: NodeList) -> None:
        self._page, self._slot, self._otherwise = page, slot, otherwise

    def render(self, context: Context) -> SafeString:
        slots = _page(context["request"], self._page.resolve(context))["slots"]
        html = slots.get(self._slot.resolve(context), "")
        # Tailorbird's templates have escaped every value in it.
        return mark_safe(html) if html else self._otherwise.render(context)


def _page(request: HttpRequest, page: str) -> dict[str, Any]:
    """The page's slots as HTML, asked for once a request."""
    found: dict[str, dict[str, Any]] = request.__dict__.setdefault("_tailorbird", {})
    if page not in found:
        found[page] = _asked(request, page)
    return found[page]


def _asked(request: HttpRequest, page: str) -> dict[str, Any]:
    global _asks_again_at  # noqa: PLW0603 - one for the process, which is the point
    if time.monotonic() < _asks_again_at:
        return NOTHING
    told = settings.TAILORBIRD
    call = urllib.request.Request(
        f"{told['url']}/v1/pages/{quote(page, safe='')}/fragments",
        data=json.dumps(_body(request, told.get("customer", ""))).encode(),
        headers={"Authorization": f"Bearer {told['server_key']}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(call, timeout=PATIENCE_SECONDS) as answer:
            filled: dict[str, Any] = json.loads(answer.read())
            return filled | {}
    except (OSError, ValueError, TypeError):  # Refused, too late, a mistake: the page stands without.
        _asks_again_at = time.monotonic() + PAUSE_SECONDS
        return NOTHING


def _body(request: HttpRequest, customer: str) -> dict[str, Any]:
    visitor = request.COOKIES.get("tailorbird_id", "")  # What the browser script keeps, see /sdk/tailorbird.js.
    phone = re.search("mobi", request.headers.get("User-Agent", ""), re.IGNORECASE)
    return {
        "customer": {
            "customer_id": import_string(customer)(request) if customer else "",
            "anonymous_id": visitor if re.fullmatch(r"[\w-]{8,80}", visitor) else "",
        },
        "context": {
            "referrer": request.headers.get("Referer", "")[:2000],
            "device": "mobile" if phone else "desktop",
            "locale": getattr(request, "LANGUAGE_CODE", ""),
            "gpc": request.headers.get("Sec-GPC") == "1",
        },
    }
