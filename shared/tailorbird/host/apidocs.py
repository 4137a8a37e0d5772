"""The API's documentation at /schema: the OpenAPI document, drawn by Swagger UI from files of this machine."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import Components, OpenAPI, SecurityScheme, Tag
from litestar.params import FromPath
from litestar.types import Method
from litestar.types.internal_types import PathParameterDefinition

from tailorbird.contracts.wire import Fault
from tailorbird.host.describing import Kind
from tailorbird.host.schemas import components_of

__all__ = ["asset", "openapi"]

ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui-standalone-preset.js": "text/javascript",
    "swagger-ui.css": "text/css",
}


_PART = "#/components/schemas/"
TAGS = {
    "pages": "What a customer sees: pages, their slots one by one, and decisions for who lays out by itself.",
    "mail": "E-mails, campaigns, and whether an address may be written to.",
    "events": "What customers do, as Segment's libraries send it.",
    "profiles": "What is known of somebody; their right to have it and to have it erased.",
    "segments": "Sets of customers.",
    "moments": "Something has just become true of a customer.",
    "items": "The catalogue, recommendations alone, and what marketers say of items.",
    "offers": "Offers and actions, redeeming them, and what choosing aims at.",
    "layouts": "What pages are made of.",
    "experiments": "Which variant is better, and who is kept out of personalization.",
    "reports": "Whether it works.",
    "process": "The process itself.",
}


@dataclass
class _Document(OpenAPI):
    """The whole document; the schemas of its types are made together, so that each has one name."""

    def to_schema(self) -> dict[str, Any]:
        document: Any = super().to_schema()
        kinds: dict[int, Kind] = {}
        _gather(document, kinds)
        shapes = list({id(kind.shape): kind.shape for kind in kinds.values()}.values())
        schemas, parts = components_of(shapes, _PART + "{name}")
        by_shape = {id(shape): schema for shape, schema in zip(shapes, schemas, strict=True)}
        document = _filled(document, by_shape)
        document["paths"] = dict(sorted(document["paths"].items()))
        document["components"]["schemas"] = parts
        names = {name: _short(name) for name in parts if "." in name}
        for name, short in names.items():
            parts[name]["title"] = short
        told: dict[str, Any] = _renamed(document, names)
        return told


class _Config(OpenAPIConfig):
    def to_openapi_schema(self) -> OpenAPI:
        made = super().to_openapi_schema()
        return _Document(**{one.name: getattr(made, one.name) for one in fields(made)})


def openapi() -> OpenAPIConfig:
    """Title, keys, and the page: litestar's plugins load theirs from another host, which is not to be needed."""
    return _Config(
        title="Tailorbird",
        version="1",
        description="Who is this, which items, which offers, in which layout: one call. "
        "Press 'Authorize' and paste the server key.",
        operation_id_creator=_operation_id,
        tags=[Tag(name=name, description=text) for name, text in TAGS.items()],
        render_plugins=[
            SwaggerRenderPlugin(
                js_url="/schema/assets/swagger-ui-bundle.js",
                css_url="/schema/assets/swagger-ui.css",
                standalone_preset_js_url="/schema/assets/swagger-ui-standalone-preset.js",
                path=["/", "/swagger"],
                favicon="<link rel='icon' href='data:,'>",
            )
        ],
        components=Components(
            security_schemes={
                "server_key": SecurityScheme(
                    type="http", scheme="bearer", description="The server key: for the site's own servers."
                ),
                "server_key_as_password": SecurityScheme(
                    type="http", scheme="basic", description="The server key as password: for who can set no headers."
                ),
                "write_key": SecurityScheme(
                    type="http", scheme="basic", description="The write key as user name, no password: for browsers."
                ),
                "write_key_in_address": SecurityScheme(
                    type="apiKey",
                    name="write_key",
                    security_scheme_in="query",
                    description="The write key in the address: a browser then asks no question beforehand.",
                ),
                "customer_token": SecurityScheme(
                    type="apiKey",
                    name="Tailorbird-Customer-Token",
                    security_scheme_in="header",
                    description="With the write key, for this customer instead of an anonymous id: a JSON Web Token "
                    "that the site's server signed (HS256 with the server key; `sub`, `exp`).",
                ),
            }
        ),
    )


def _operation_id(handler: HTTPRouteHandler, method: Method, path: list[str | PathParameterDefinition]) -> str:
    """The handler's name: it becomes a function's name in generated clients."""
    del method
    if len(handler.paths) > 1:
        return f"{handler.handler_name}_{path[-1]}"
    return f"report_{handler.handler_name}" if "reports" in path else handler.handler_name


def _short(name: str) -> str:
    """Of a type whose name another has too, `tailorbird.contracts.evidence.Audience`: `EvidenceAudience`."""
    *modules, kind = [part for part in name.split(".") if part != "document"]
    return modules[-1].title() + kind


def _renamed(part: Any, names: dict[str, str]) -> Any:
    if isinstance(part, dict):
        return {names.get(name, name): _renamed(one, names) for name, one in part.items()}
    if isinstance(part, list):
        return [_renamed(one, names) for one in part]
    if isinstance(part, str) and part.startswith(_PART):
        return _PART + names.get(part.removeprefix(_PART), part.removeprefix(_PART))
    return part


def _gather(part: Any, found: dict[int, Kind]) -> None:
    if isinstance(part, Kind):
        found[id(part)] = part
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _gather(one, found)


def _filled(part: Any, by_shape: dict[int, dict[str, Any]]) -> Any:
    if isinstance(part, Kind):
        return by_shape[id(part.shape)]
    if isinstance(part, dict):
        return {name: _filled(one, by_shape) for name, one in part.items()}
    return [_filled(one, by_shape) for one in part] if isinstance(part, list) else part


@get("/schema/assets/{name:str}", include_in_schema=False, sync_to_thread=True)
def asset(name: FromPath[str]) -> Response[bytes]:
    """A file of Swagger UI, as the package swagger-ui-py brings it."""
    package = importlib.util.find_spec("swagger_ui")
    if name not in ASSETS or package is None or not package.submodule_search_locations:
        raise Fault(404, f"There is no file {name} of the documentation.")
    content = (Path(package.submodule_search_locations[0]) / "static" / name).read_bytes()
    return Response(content, media_type=ASSETS[name], headers={"Cache-Control": "public, max-age=86400"})
