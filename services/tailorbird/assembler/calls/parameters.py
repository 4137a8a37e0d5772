"""A page's and an e-mail's parameters in an address, as the API's documentation has them; `bodies.py` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tailorbird.assembler.calls.bodies import EMAIL_PARAMETERS, FORMS, PAGE_PARAMETERS
from tailorbird.contracts.words import CHANNELS

__all__ = ["DECIDE_EXAMPLE", "EMAIL_EXAMPLE", "EMAIL_QUERY", "FRAGMENT_QUERY", "PAGE_EXAMPLE", "PAGE_QUERY"]

_ID = {"type": "string", "maxLength": 200}
_FLAG = {"type": "boolean"}
_LINE = "[^,:]{1,200}(:[1-9][0-9]{0,3})?"

_SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "customer_id": _ID | {"description": "Whom the page is for, where they are signed in."},
    "anonymous_id": _ID | {"description": "The visitor's own id, where they are not."},
    "cart": {
        "type": "string",
        "pattern": f"^({_LINE}(,{_LINE})*)?$",
        "description": "What lies in the cart: `123:2,456` is two of 123 and one of 456. Not given: as events told.",
    },
    "results": {
        "type": "string",
        "pattern": "^([^,]{1,200}(,[^,]{1,200})*)?$",
        "description": "What the shop's own search found, best first: `123,456`.",
    },
    "variants": {
        "type": "string",
        "pattern": "^([^,:]{1,200}:[^,:]{1,200}(,[^,:]{1,200}:[^,:]{1,200})*)?$",
        "description": "Of a preview: the variant of each experiment that is to be shown, `headline:question`.",
    },
    "form": {"enum": list(FORMS), "description": "In which form it is answered; not given: in that of the channel."},
    "width": {"type": "integer", "minimum": 20, "maximum": 200, "description": "Of lines to print: characters in one."},
    "channel": {"enum": list(CHANNELS), "description": "Where it is shown; `web` when not given."},
    "referrer": {"type": "string", "maxLength": 2000, "description": "Where the visitor came from."},
    "device": {"type": "string", "maxLength": 40},
    "item_id": _ID | {"description": "The item that the page is about."},
    "store_id": _ID | {"description": "In which store they are."},
    "locale": {"type": "string", "maxLength": 35, "description": "In which language and money: `de-DE`."},
    "campaign": _ID | {"description": "`utm_campaign` of the visit."},
    "query": _ID | {"description": "What was searched for."},
    "screen": {
        "type": "string",
        "pattern": "^([0-9]{2,5}x[0-9]{2,5})?$",
        "description": "Of an app, in points: `390x844`; no more is chosen than fits.",
    },
    "barcode": {"type": "string", "maxLength": 60, "description": "The code that was scanned."},
    "region": {"type": "string", "maxLength": 10, "description": "`DE`, `US-CA`: decides what needs consent."},
    "gpc": _FLAG | {"description": "The browser sends Global Privacy Control."},
    "explain": _FLAG | {"description": "Adds the trace: why it came out so. Server key only."},
    "preview": _FLAG | {"description": "Decides without storing anything. Server key only."},
    "message_id": _ID | {"description": "One message to one recipient gets one decision, however often it is fetched."},
}

PAGE_QUERY = {name: _SCHEMAS[name] for name in PAGE_PARAMETERS}
FRAGMENT_QUERY = {
    "variant": _ID | {"description": "As everybody sees it who gets this variant: may be cached for all."},
    "v": _ID | {"description": "The layouts' version: makes a new address of a new one."},
} | PAGE_QUERY
EMAIL_QUERY = {name: _SCHEMAS[name] for name in EMAIL_PARAMETERS}

PAGE_EXAMPLE = {
    "customer": {"customer_id": "1228"},
    "context": {"channel": "web", "cart": [{"item_id": "1082185", "quantity": 2}]},
    "events": [{"type": "track", "event": "Product Viewed", "properties": {"product_id": "995242"}}],
}
DECIDE_EXAMPLE = {"customer": {"customer_id": "1228"}, "slots": {"checkout": {"wants": "offers", "count": 2}}}
EMAIL_EXAMPLE = {"customer": {"customer_id": "1228"}, "message_id": "week-47"}
