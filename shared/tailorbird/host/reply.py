"""An answer that is encoded already, sent as it is: a page must not pay for its headers being put together again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import MediaType, Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

__all__ = ["EncodedReply"]

_HEADERS = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))


class EncodedReply(Response[bytes]):
    """200 with this JSON, for one person's eyes (`Cache-Control: no-store`)."""

    def __init__(self, content: bytes, further: Mapping[str, str] | None = None) -> None:
        # Nothing else of the usual response is needed, and making one takes a tenth of a page.
        self.content = content
        self._further = further

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:
        if not self._further:
            return _AsItIs(self.content)
        return ASGIResponse(
            body=self.content,
            media_type=MediaType.JSON,
            headers={"cache-control": "no-store", **self._further},
        )


class _AsItIs(ASGIResponse):
    __slots__ = ()

    def __init__(self, body: bytes) -> None:
        self.body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        length = str(len(self.body)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, (b"content-length", length)]})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})
