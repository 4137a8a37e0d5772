"""The browser script over HTTP: as it stands in the repository, gzipped once, the same for every site."""

from __future__ import annotations

import functools
import gzip
import hashlib
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from msgspec import Struct

__all__ = ["HANDLERS"]

_HEADERS = {
    # Sites name it by one address for ever: a change of it is in their pages within the hour.
    "Cache-Control": "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}


class _Script(Struct, frozen=True):
    plain: bytes
    gzipped: bytes
    tag: str


@functools.cache
def _script() -> _Script:
    plain = (Path(__file__).parent / "tailorbird.js").read_bytes()
    return _Script(plain, gzip.compress(plain, 9, mtime=0), f'W/"{hashlib.sha256(plain).hexdigest()[:24]}"')


@get("/sdk/tailorbird.js", include_in_schema=False, sync_to_thread=False)
def browser_script(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The script that fills slots, tells what visitors do and listens for moments."""
    script = _script()
    headers = {**_HEADERS, "ETag": script.tag}
    if script.tag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    media_type = "text/javascript; charset=utf-8"
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(script.gzipped, media_type=media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(script.plain, media_type=media_type, headers=headers)


HANDLERS = (browser_script,)
