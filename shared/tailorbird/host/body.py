"""A request's body as what it should be, or a Fault that says where it is not."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from litestar import Request

from tailorbird.contracts.wire import Fault
from tailorbird.host.misread import misread

__all__ = ["decode", "decoder_for", "read", "read_bytes"]

Body = TypeVar("Body")


async def read(request: Request[Any, Any, Any], kind: type[Body], limit: int = 65_536) -> Body:
    """The JSON body as `kind`. Raises Fault 400 (not JSON), 413 (over `limit` bytes), 422 (not what is wanted)."""
    return decode(await read_bytes(request, limit), decoder_for(kind))


async def read_bytes(request: Request[Any, Any, Any], limit: int) -> bytes:
    """The whole body. Raises Fault(413) as soon as more than `limit` bytes are announced or have come."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    # As it comes from the server: Litestar's own stream looks for a limit of the route's layers with every request.
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await request.receive()
        if message["type"] != "http.request":
            raise Fault(400, "The connection ended before the body did.")
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


def decoder_for(kind: type[Body]) -> msgspec.json.Decoder[Body]:
    """A decoder of this type, made once."""
    found = _decoders.get(kind)
    if found is None:
        found = _decoders[kind] = msgspec.json.Decoder(kind)
    return found


_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


def decode(body: bytes, decoder: msgspec.json.Decoder[Body]) -> Body:
    """`body` decoded. Raises Fault(400) where it is no JSON, Fault(422) with the path where it is not the type."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        problem = misread(error)
        sentence = f"The body is not what was expected: {problem.sentence.rstrip('.')} at {problem.path}."
        raise Fault(422, sentence, (problem,)) from error
    except msgspec.DecodeError as error:
        raise Fault(400, f"The body is not valid JSON: {error}.") from error
    except UnicodeDecodeError as error:
        raise Fault(400, f"The body is not valid UTF-8 at byte {error.start}.") from error
    except RecursionError as error:
        raise Fault(400, "The body is nested too deeply.") from error


def _too_large(limit: int) -> Fault:
    return Fault(413, f"The body is larger than the {limit // 1024} KB taken here.")
