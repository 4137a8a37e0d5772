"""The API's documentation at /schema: the OpenAPI document, drawn by Swagger UI from files of this machine."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from litestar import Response, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from tailorbird.contracts.wire import Fault

__all__ = ["asset", "openapi"]

ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui-standalone-preset.js": "text/javascript",
    "swagger-ui.css": "text/css",
}


def openapi() -> OpenAPIConfig:
    """Title, keys, and the page: litestar's plugins load theirs from another host, which is not to be needed."""
    return OpenAPIConfig(
        title="Tailorbird",
        version="1",
        description="Who is this, which items, which offers, in which layout: one call. "
        "Press 'Authorize' and paste the server key.",
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
                    type="http", scheme="bearer", description="The server key: everything but collecting."
                ),
                "write_key": SecurityScheme(
                    type="http", scheme="basic", description="The write key as user name, no password: collecting."
                ),
            }
        ),
        security=[{"server_key": []}, {"write_key": []}],
    )


@get("/schema/assets/{name:str}", include_in_schema=False, sync_to_thread=True)
def asset(name: str) -> Response[bytes]:
    """A file of Swagger UI, as the package swagger-ui-py brings it."""
    package = importlib.util.find_spec("swagger_ui")
    if name not in ASSETS or package is None or not package.submodule_search_locations:
        raise Fault(404, f"There is no file {name} of the documentation.")
    content = (Path(package.submodule_search_locations[0]) / "static" / name).read_bytes()
    return Response(content, media_type=ASSETS[name], headers={"Cache-Control": "public, max-age=86400"})
