"""What marketers write of customers, over HTTP: segments, personas, moments, and the webhooks that moments call."""

from __future__ import annotations

from tailorbird.contracts.profiles import APPLY, LIST_DOCUMENTS
from tailorbird.host.documentroutes import DocumentKind, Owner, document_routes, route_of_schema, routes_of_one
from tailorbird.profiles.moments.document import Moment, Webhook
from tailorbird.profiles.segments.membership import Persona, Segment

__all__ = ["HANDLERS"]

_OWNER = Owner(APPLY, LIST_DOCUMENTS)

SEGMENTS = DocumentKind(
    owner=_OWNER, kind="segment", shape=Segment, path="/v1/segments", tag="segments", one="a segment",
    many="segments", effect="Everybody is in it or not from their next page on.",
)  # fmt: skip
PERSONAS = DocumentKind(
    owner=_OWNER, kind="persona", shape=Persona, path="/v1/personas", tag="segments", one="a persona",
    many="personas", effect="Everybody has it or another from their next page on.",
)  # fmt: skip
MOMENTS = DocumentKind(
    # At the path itself browsers listen to moments as they come.
    owner=_OWNER, kind="moment", shape=Moment, path="/v1/moments", tag="moments", one="a moment", many="moments",
    effect="The next event may raise it.", all_behind="/documents", operation="moment_document",
)  # fmt: skip
WEBHOOKS = DocumentKind(
    # All of them are told with their secrets.
    owner=_OWNER, kind="webhook", shape=Webhook, path="/v1/webhooks", tag="moments", one="a webhook",
    effect="Moments that name it call it.", operation="moment_webhook",
)  # fmt: skip

HANDLERS = (
    *document_routes(SEGMENTS), *document_routes(PERSONAS), *document_routes(MOMENTS), route_of_schema(WEBHOOKS),
    *routes_of_one(WEBHOOKS),
)  # fmt: skip
