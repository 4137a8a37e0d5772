"""A parameter that a route does not know is told, not swallowed: `?dyas=7` would be answered as if it were none."""

from __future__ import annotations

import functools
from typing import Any

from litestar import Request
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import ParameterKwarg

from tailorbird.contracts.wire import Fault, Problem
from tailorbird.host.describing import Described

__all__ = ["knows_its_parameters"]

LONGEST_ID = 200

_KEYS = frozenset({"write_key", "token"})
"""In the address, of who can set no headers."""


async def knows_its_parameters(request: Request[Any, Any, Any]) -> None:
    """Looks at every request that may be made, before its route. Raises Fault(422) for a parameter in the address that
    the route has none of, 404 for an id that is longer than ids are.

    No guard: a guard is handed a copy of its route each time, which costs a page time and must not be kept.
    """
    if not (request.scope["query_string"] or request.path_params):
        return
    handler: BaseRouteHandler = request.route_handler
    operation = handler.operation_class if isinstance(handler, HTTPRouteHandler) else None
    if operation is None or not issubclass(operation, Described):
        return
    if any(len(str(value)) > LONGEST_ID for value in request.path_params.values()):
        raise Fault(404, f"There is nothing here: an id has {LONGEST_ID} characters at most.")
    if operation.reads_parameters or not request.scope["query_string"]:
        return
    known = _known(handler)
    for name in request.query_params:
        if name not in known and name not in _KEYS:
            there = f"there are {', '.join(sorted(known))}" if known else "there are none"
            sentence = f"There is no parameter '{name}' here; {there}."
            raise Fault(422, sentence, (Problem(path=f"?{name}", sentence=sentence),))


@functools.cache
def _known(handler: BaseRouteHandler) -> frozenset[str]:
    """Names of its parameters as they stand in addresses, those of what it is given by others (`Provide`) included."""
    provided = handler.resolve_dependencies()
    found = set()
    for signature in (handler.parsed_fn_signature, *(one.parsed_fn_signature for one in provided.values())):
        for name, field in signature.parameters.items():
            stated = field.kwarg_definition
            found.add((stated.query if isinstance(stated, ParameterKwarg) else None) or name)
    return frozenset(found - {"request", "state"} - provided.keys() - _of_paths(handler))


def _of_paths(handler: BaseRouteHandler) -> set[str]:
    return {part[1:-1].partition(":")[0] for path in handler.paths for part in path.split("/") if part[:1] == "{"}
