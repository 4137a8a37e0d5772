"""What every thin route does: ask over the bus, and answer with JSON for one reader's eyes."""

from __future__ import annotations

from typing import Any

from litestar import MediaType, Request, Response

from tailorbird.bus import Asker
from tailorbird.contracts.documents import Applied, ApplyQuery
from tailorbird.contracts.wire import Endpoint, Fault

__all__ = ["AnyRequest", "applied", "asker_of", "json_of"]

AnyRequest = Request[Any, Any, Any]


def asker_of(request: AnyRequest) -> Asker:
    """Who asks, in this process."""
    asker: Asker = request.app.state["asker"]
    return asker


async def applied(request: AnyRequest, endpoint: Endpoint[ApplyQuery, Applied], query: ApplyQuery) -> Applied:
    """What the owner of the documents made of it. Raises Fault(422) with every mistake when nothing was changed."""
    made = await asker_of(request).ask(endpoint, query)
    if made.problems:
        first = made.problems[0]
        raise Fault(422, f"Nothing was changed: {first.path}: {first.sentence}", made.problems)
    return made


def json_of(content: bytes, version: str = "") -> Response[bytes]:
    """Stored nowhere on the way; the version as ETag."""
    headers = {"Cache-Control": "no-store"} | ({"ETag": f'"{version}"'} if version else {})
    return Response(content, media_type=MediaType.JSON, headers=headers)
