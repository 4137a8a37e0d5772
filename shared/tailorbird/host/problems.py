"""Faults as problem+json (RFC 9457): the one place where a refusal becomes HTTP."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from tailorbird.bus import call
from tailorbird.contracts.wire import Fault

__all__ = ["Mistake", "Refusal", "exception_handlers", "problem"]

RETRY_AFTER_SECONDS = "1"

log = structlog.get_logger(__name__)


class Mistake(msgspec.Struct, frozen=True):
    """One mistake in what was sent."""

    path: str
    """Where it stands: `$.slots[2].count`."""
    sentence: str
    """How to mend it."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a call was refused, as problem details (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    """A sentence for who reads it."""
    errors: tuple[Mistake, ...] = ()
    """Every mistake that was found, with its place."""
    trace_id: str
    """To be quoted when asking about it: it stands on every line of the log."""


def problem(code: int, sentence: str, problems: tuple[Any, ...] = (), allowed: str = "") -> Response[bytes]:
    """The answer that refuses: status, title, the sentence, each mistake with its path, the trace id to quote."""
    body = Refusal(
        title=HTTPStatus(code).phrase,
        status=code,
        detail=sentence,
        errors=tuple(Mistake(one.path, one.sentence) for one in problems),
        trace_id=call.trace_id(),
    )
    headers = {"Allow": allowed} if allowed else {}
    if code in (429, 503):
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    if code == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="tailorbird"'
    return Response(msgspec.json.encode(body), status_code=code, media_type="application/problem+json", headers=headers)


def _fault(_: Request[Any, Any, Any], fault: Fault) -> Response[bytes]:
    return problem(fault.code, fault.sentence, fault.problems)


def _refused(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    sentence, allowed = error.detail, ""
    if error.status_code == 404:
        sentence = f"There is nothing at {request.url.path}; /schema lists what there is."
    elif error.status_code == 405:
        allowed = ", ".join(_methods_at(request))
        sentence = f"{request.method} is not possible at {request.url.path}, only {allowed}."
    elif error.status_code >= 500:
        log.error("route_failed", path=request.url.path, reason=type(error).__name__)
        sentence = "The answer could not be made because of an internal error."
    extra = error.extra if isinstance(error.extra, list) else []
    mistakes = tuple(
        Mistake(f"$.{one.get('key', '')}", str(one.get("message", "")))
        for one in extra
        if isinstance(one, dict)
    )
    return problem(error.status_code, sentence, mistakes, allowed)


def _methods_at(request: Request[Any, Any, Any]) -> list[str]:
    """The methods that there are at this address."""
    parts = [part for part in request.url.path.split("/") if part]
    found: set[str] = set()
    for route in request.app.routes:
        wanted = route.path_components
        if len(wanted) == len(parts) and all(
            part == here for here, part in zip(wanted, parts, strict=True) if isinstance(here, str)
        ):
            found |= set(getattr(route, "methods", ()))
    return sorted(found)


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.error("route_failed", path=request.url.path, exc_info=error)
    return problem(500, "The answer could not be made because of an internal error.")


def _undecodable(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    return problem(400, f"The request cannot be read: {type(error).__name__}.")


exception_handlers: dict[int | type[Exception], Any] = {
    Fault: _fault,
    HTTPException: _refused,
    UnicodeDecodeError: _undecodable,
    RecursionError: _undecodable,
    Exception: _unexpected,
}
