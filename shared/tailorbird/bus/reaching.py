"""What the NATS client says of a lost or slow server, as a Fault."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import nats.errors
import nats.js.errors

from tailorbird.contracts.wire import Fault

__all__ = ["reached"]


@contextlib.contextmanager
def reached(name: str) -> Iterator[None]:
    """Turns what the client says of a lost or slow server into Fault(503)."""
    try:
        yield
    except nats.js.errors.NotFoundError:
        raise
    except (TimeoutError, nats.errors.Error, OSError) as error:
        raise Fault(503, f"'{name}' cannot be reached in NATS now: {type(error).__name__} {error}.") from error
