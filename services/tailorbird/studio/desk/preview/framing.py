"""A previewed payload in the form that its channel shows: a page in frames, a push message, lines on paper, a brief."""

from __future__ import annotations

from typing import Any, Literal

from litestar import Response

from tailorbird.contracts.assembler import PagePayload
from tailorbird.contracts.words import CartLine, Channel
from tailorbird.studio.desk.access import AnyRequest
from tailorbird.studio.shop.framed import framed_page
from tailorbird.studio.shop.visit import Visit

__all__ = ["Form", "form_for", "framed", "with_frames"]

Form = Literal["", "page", "push", "brief", "lines"]

_STYLES, _THEIR_STYLES = "style-src 'self'", "style-src 'self' 'unsafe-inline'"
_FORMS: dict[Channel, Form] = {
    "push": "push", "contact_centre": "brief", "store": "lines", "direct_mail": "lines"
}  # fmt: skip


def form_for(request: AnyRequest, channel: Channel) -> Form:
    """The form to ask for. The demonstration's shop makes its pages itself; elsewhere they are the assembler's."""
    return _FORMS.get(channel, "" if request.app.state["settings"].demo else "page")


def with_frames(made: Response[str]) -> Response[str]:
    """The answer with a policy for its frames too: they inherit it, and bring their themes as styles of their own."""
    policy = made.headers["Content-Security-Policy"].replace(_STYLES, _THEIR_STYLES)
    made.headers = {**made.headers, "Content-Security-Policy": policy}
    return made


def framed(request: AnyRequest, payload: PagePayload, channel: Channel, cart: tuple[CartLine, ...] | None) -> Any:
    """What a template shows: `page` (HTML for a frame), `push`, `lines` or `brief`."""
    form = form_for(request, channel)
    if form == "lines":
        return {"lines": "\n".join(payload.formed["lines"])}
    if form in ("push", "brief"):
        return {form: payload.formed}
    if form == "page":
        return {"page": payload.formed.replace("<body ", "<body inert ", 1)}
    visit = Visit(customer_id=payload.customer.customer_id or "", cart=cart or ())
    return {"page": framed_page(request.app.state["shop_templates"], payload, visit)}
