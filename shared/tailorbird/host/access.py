"""Who may call what: the server key, the write key, and tokens for customers that the site's server has signed."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any, Literal

import jwt
from litestar.connection import ASGIConnection, Request
from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from tailorbird.contracts.wire import Fault
from tailorbird.host.settings import SuiteSettings

__all__ = [
    "Caller", "customer_token", "needs_server_key", "needs_server_key_or_password", "needs_write_key", "page_access",
    "stream_access",
]  # fmt: skip

Connection = ASGIConnection[Any, Any, Any, Any]


class Caller(Struct, frozen=True):
    """Who calls: the site's server, or a browser that holds the write key and perhaps a customer's token."""

    kind: Literal["server", "browser"]
    customer_id: str = ""
    """The customer whom a valid token names; a browser may ask for no other."""


async def needs_server_key(connection: Connection, _: BaseRouteHandler) -> None:
    """A guard. Raises Fault(401) unless the server key came as `Authorization: Bearer`."""
    if not _same(_bearer(connection), _settings(connection).server_key):
        raise Fault(401, "This needs the server key, in the header 'Authorization: Bearer <key>'.")


async def needs_server_key_or_password(connection: Connection, _: BaseRouteHandler) -> None:
    """A guard for systems that can only call an address: the server key as Bearer, or as the password of Basic."""
    settings = _settings(connection)
    if not _same(_bearer(connection) or _basic(connection)[1], settings.server_key):
        raise Fault(401, "This needs the server key, as Bearer or as the password of Basic authentication.")


async def needs_write_key(connection: Connection, _: BaseRouteHandler) -> None:
    """A guard. Raises Fault(401) unless the write key came as Basic user name, or either key as Bearer."""
    settings = _settings(connection)
    given = _basic_user(connection) or _bearer(connection)
    if not (_same(given, settings.write_key) or _same(given, settings.server_key)):
        raise Fault(401, "This needs the write key, as user name of Basic authentication with an empty password.")


def page_access(request: Request[Any, Any, Any]) -> Caller:
    """Who asks for a page. The token comes in the header `Tailorbird-Customer-Token`. Raises Fault(401).

    The write key may also stand in the address (`?write_key=`): a browser then asks no question beforehand (CORS).
    """
    settings = _settings(request)
    given, in_address = _bearer(request) or _basic_user(request), ""
    if not given and b"write_key=" in request.scope["query_string"]:
        in_address = request.query_params.get("write_key", "")
        given = in_address if _same(in_address, settings.write_key) else ""
    if _same(given, settings.server_key):
        return Caller("server")
    if not _same(given, settings.write_key):
        raise Fault(
            401,
            f"{'The key that came is not valid here.' if given or in_address else 'A key is missing.'} This needs the "
            "server key in the header 'Authorization: Bearer <key>', or, for an anonymous visitor in a browser, the "
            "write key as user name of Basic authentication.",
        )
    token = request.headers.get("tailorbird-customer-token", "")
    return Caller("browser", _customer_of(token, settings.server_key) if token else "")


def stream_access(request: Request[Any, Any, Any]) -> Caller:
    """Who listens: like `page_access`, and for browsers' EventSource, which sets no headers, the write key and the
    customer's token in the address (`?write_key=...&token=...`). The server key is never taken from there.
    """
    if "authorization" in request.headers:
        return page_access(request)
    settings = _settings(request)
    if not _same(request.query_params.get("write_key", ""), settings.write_key):
        raise Fault(401, "This needs the write key, in the address as `?write_key=<key>` or in the header.")
    token = request.query_params.get("token", "")
    return Caller("browser", _customer_of(token, settings.server_key) if token else "")


def customer_token(customer_id: str, server_key: str, expires_at: float) -> str:
    """A token with which a browser may ask for this customer's pages until `expires_at` (seconds since 1970).

    A JSON Web Token (RFC 7519), HS256 under the server key: sites make it with any such library.
    """
    return jwt.encode({"sub": customer_id, "exp": int(expires_at)}, server_key, algorithm="HS256")


def _customer_of(token: str, server_key: str) -> str:
    try:
        claims = jwt.decode(token, server_key, algorithms=["HS256"], options={"require": ["exp", "sub"]})
    except jwt.InvalidTokenError as error:
        raise Fault(401, f"The customer token is not valid: {error}.") from error
    return str(claims["sub"])


def _settings(connection: Connection) -> SuiteSettings:
    settings: SuiteSettings = connection.app.state["settings"]
    return settings


def _same(given: str, wanted: str) -> bool:
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def _bearer(connection: Connection) -> str:
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def _basic_user(connection: Connection) -> str:
    return _basic(connection)[0]


def _basic(connection: Connection) -> tuple[str, str]:
    """(user name, password), empty where there are none."""
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password
