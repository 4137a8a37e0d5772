"""What stands in the API's documentation of a route: who may call it, what it reads, every answer with its shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar, Literal

from litestar.openapi.spec import OpenAPIHeader, OpenAPIMediaType, OpenAPIResponse, Operation, Parameter, RequestBody

from tailorbird.host.problems import Refusal

__all__ = ["ANYTHING", "SCHEMA", "SECURITY", "TEXT", "Described", "Keys", "Kind", "described"]

Keys = Literal["server", "server_or_password", "page", "collect", "stream", "anybody"]

SECURITY: dict[Keys, list[dict[str, list[str]]]] = {
    "server": [{"server_key": []}],
    "server_or_password": [{"server_key": []}, {"server_key_as_password": []}],
    "page": [
        {"server_key": []}, {"write_key": []}, {"write_key": [], "customer_token": []}, {"write_key_in_address": []}
    ],
    "collect": [{"write_key": []}, {"server_key": []}, {"write_key": [], "customer_token": []}, {}],
    "stream": [{"server_key": []}, {"write_key": []}, {"write_key_in_address": []}],
    "anybody": [{}],
}  # fmt: skip
"""Which keys open a route; names as in `apidocs.py`."""

TEXT: Mapping[str, Any] = {"type": "string"}
ANYTHING: Mapping[str, Any] = {"type": "object"}
SCHEMA: Mapping[str, Any] = {"type": "object", "description": "A JSON Schema."}

_HEADERS: Mapping[str, tuple[str, str]] = {
    "If-Match": ("^.{0,200}$", "The `ETag` of what is to be replaced: refused where another is there (412)."),
    "If-None-Match": ("^.{0,200}$", "`*`: only if there is none yet; of a fragment the `ETag` that you have (304)."),
    "Idempotency-Key": ("^[!-~]{1,200}$", "Names this call: sent again it counts once, and is answered alike."),
    "Last-Event-ID": ("^.{0,200}$", "The last event that was received: it goes on behind it."),
}
_NEEDED = frozenset({"Idempotency-Key"})


class Kind:
    """Stands in the document where the schema of a type belongs, until all types of the document are known."""

    __slots__ = ("shape",)

    def __init__(self, shape: Any) -> None:
        self.shape = shape


@dataclass
class Described(Operation):
    """An operation of the API, as `described` makes them."""

    reads_parameters: ClassVar[bool] = False
    """The route reads the address's parameters itself, and refuses those that it does not know."""


def described(  # noqa: PLR0913 - one argument for each thing that a reader wants to know
    answer: Any = None,
    *,
    tag: str,
    keys: Keys = "server",
    body: Any = None,
    body_as: str = "application/json",
    body_needed: bool = True,
    example: Any = None,
    also: Mapping[str, Any] | None = None,
    query: Mapping[str, Mapping[str, Any]] | None = None,
    headers: tuple[str, ...] = (),
    refuses: tuple[int, ...] = (),
    etag: bool = False,
    unchanged: bool = False,
) -> type[Described]:
    """An operation of `Litestar`'s that says all this.

    `answer`, `body`: a type, or a JSON Schema. `also`: further media types of the answer. `query`: parameters that the
    route reads itself. `refuses`: statuses beyond those that every such route has. `unchanged`: it may answer 304.
    """
    refused = {503, 504, *refuses}
    refused |= set() if keys == "anybody" else {401, 422}
    refused |= {400, 413} if body is not None else set()
    refused |= {400} if query else set()

    @dataclass
    class Of(Described):
        reads_parameters: ClassVar[bool] = bool(query)

        def __post_init__(self) -> None:
            self.tags = [tag]
            self.security = SECURITY[keys]
            self.parameters = _parameters(self.parameters or [], query or {}, headers)
            if body is not None:
                media = OpenAPIMediaType(schema=_schema(body), example=example)
                self.request_body = RequestBody(content={body_as: media}, required=body_needed)
            places = {one.param_in for one in self.parameters or [] if isinstance(one, Parameter)}
            statuses = refused | ({400} if places else set()) | ({404} if "path" in places else set())
            self.responses = {**_responses(answer, also or {}, etag, unchanged, statuses)}

    return Of


def _of_path(name: str) -> dict[str, Any]:
    """A path parameter: an id as its owner wrote it."""
    return {"type": "string", "minLength": 1, "maxLength": 200, "title": name.replace("_", " ")}


def _parameters(
    own: list[Any], query: Mapping[str, Mapping[str, Any]], headers: tuple[str, ...]
) -> list[Any] | None:
    for one in own:
        if one.param_in == "path":
            one.schema = _of_path(one.name)
    found = [*own]
    for name, schema in query.items():
        shape: Any = {key: value for key, value in schema.items() if key not in ("description", "required")}
        required = bool(schema.get("required"))
        found.append(
            Parameter(
                name=name, param_in="query", required=required, schema=shape, description=schema.get("description")
            )
        )
    for name in headers:
        pattern, text = _HEADERS[name]
        shape = {"type": "string", "pattern": pattern}
        needed = name in _NEEDED
        found.append(Parameter(name=name, param_in="header", required=needed, schema=shape, description=text))
    return found or None


def _responses(
    answer: Any, also: Mapping[str, Any], etag: bool, unchanged: bool, statuses: set[int]
) -> dict[str, OpenAPIResponse]:
    content = {} if answer is None else {"application/json": OpenAPIMediaType(schema=_schema(answer))}
    content |= {name: OpenAPIMediaType(schema=_schema(schema)) for name, schema in also.items()}
    text: Any = TEXT
    tagged: Any = {"ETag": OpenAPIHeader(schema=text, description="Names what was answered.")} if etag else None
    found = {"200": OpenAPIResponse(description="The answer.", content=content, headers=tagged)}
    if unchanged:
        found["304"] = OpenAPIResponse(description="What `If-None-Match` names is still so.")
    refusal = {"application/problem+json": OpenAPIMediaType(schema=_schema(Refusal))}
    for status in sorted(statuses):
        found[str(status)] = OpenAPIResponse(description=HTTPStatus(status).phrase, content=refusal)
    return found


def _schema(shape: Any) -> Any:
    return shape if isinstance(shape, Mapping) else Kind(shape)
