"""Which services there are and where each lives; imported only when asked for: an image needs only its own."""

from __future__ import annotations

import importlib
from types import ModuleType

from tailorbird.contracts.wire import Fault
from tailorbird.host.service import Routes, Service

__all__ = ["GATEWAY", "SERVICES", "routes_of", "service_of"]

SERVICES = ("profiles", "recommender", "offers", "assembler", "insights", "studio")
"""In the order in which one process opens them: who answers before who asks."""

GATEWAY = ("assembler", "studio")
"""The services that the process with the public address runs itself, besides mounting everybody's routes."""


def service_of(name: str) -> Service:
    """The service of this name. Raises Fault(422) when there is none, or its libraries are not installed."""
    service = _module(name, "service").SERVICE
    if not isinstance(service, Service):
        raise TypeError(f"tailorbird.{name}.service.SERVICE is no Service")
    return service


def routes_of(name: str) -> Routes:
    """The HTTP routes that reach this service."""
    routes = _module(name, "http").ROUTES
    if not isinstance(routes, Routes):
        raise TypeError(f"tailorbird.{name}.http.ROUTES is no Routes")
    return routes


def _module(name: str, part: str) -> ModuleType:
    if name not in SERVICES:
        raise Fault(422, f"There is no service '{name}'; there are {', '.join(SERVICES)}, and gateway and all.")
    try:
        return importlib.import_module(f"tailorbird.{name}.{part}")
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("tailorbird"):
            raise
        raise Fault(
            422, f"'{name}' needs the library '{error.name}'; install the extra: pip install 'tailorbird[{name}]'."
        ) from error
