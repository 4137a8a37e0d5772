"""What stands in the API's documentation of routes that read their body and parameters themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from litestar.openapi.spec import OpenAPIMediaType, Operation, Parameter, RequestBody

__all__ = ["with_body", "with_parameters"]


def with_body(kind: type[Any]) -> type[Operation]:
    """An operation whose JSON body is of this type."""
    schema: Any = _whole(msgspec.json.schema(kind))

    @dataclass
    class WithBody(Operation):
        def __post_init__(self) -> None:
            self.request_body = RequestBody(content={"application/json": OpenAPIMediaType(schema=schema)})

    return WithBody


def with_parameters(*names: str) -> type[Operation]:
    """An operation with these optional parameters in its query string."""
    text: Any = {"type": "string"}

    @dataclass
    class WithParameters(Operation):
        def __post_init__(self) -> None:
            own = [Parameter(name=name, param_in="query", required=False, schema=text) for name in names]
            self.parameters = [*(self.parameters or []), *own]

    return WithParameters


def _whole(schema: dict[str, Any]) -> Any:
    """The schema with every reference replaced by what it refers to: none of the bodies holds itself."""
    definitions: dict[str, Any] = schema.get("$defs", {})

    def inlined(part: Any) -> Any:
        if isinstance(part, list):
            return [inlined(one) for one in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return inlined(definitions[part["$ref"].rsplit("/", 1)[-1]])
        return {key: inlined(value) for key, value in part.items() if key != "$defs"}

    return inlined(schema)
