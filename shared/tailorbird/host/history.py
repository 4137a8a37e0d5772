"""Every version that a set of documents ever had: what was decided with one can be decided again."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from tailorbird.bus import Bucket
from tailorbird.contracts.wire import Fault

__all__ = ["DocumentHistory"]


class Step(Struct, frozen=True):
    """How one version came out of the one before."""

    before: str
    changes: dict[str, str | None]
    """`kind/id` -> digest of its body, None for what was retired."""


_step = msgspec.json.Decoder(Step)


class DocumentHistory:
    """Versions in a bucket: a step for each, and each body once however many versions hold it."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._recorded: set[str] = set()

    async def record(self, version: str, before: str, changes: Mapping[str, bytes | None]) -> None:
        """Keeps the version. What was kept of it before stays: a version is the same set whenever it comes again."""
        if version in self._recorded or await self._bucket.get(f"version/{version}") is not None:
            self._recorded.add(version)
            return
        digests = {key: body and hashlib.sha256(body).hexdigest()[:24] for key, body in changes.items()}
        bodies = {f"body/{digests[key]}": zlib.compress(body) for key, body in changes.items() if body is not None}
        step = Step(before, {key: str(digest) if digest else None for key, digest in digests.items()})
        await self._bucket.put_many(bodies)
        try:
            await self._bucket.put(f"version/{version}", zlib.compress(msgspec.json.encode(step)), revision=0)
        except Fault as fault:
            if fault.code != 409:
                raise
        self._recorded.add(version)

    async def at(self, version: str) -> dict[str, bytes]:
        """`kind/id` -> body, as the set was then. Raises Fault(404) for a version of which nothing was kept."""
        steps: list[Step] = []
        wanted = version
        while wanted:
            entry = await self._bucket.get(f"version/{wanted}")
            if entry is None or entry.value is None:
                raise Fault(404, f"Of the documents' version {wanted} nothing was kept.")
            steps.append(_step.decode(zlib.decompress(entry.value)))
            wanted = steps[-1].before
        digests: dict[str, str] = {}
        for step in reversed(steps):
            for key, digest in step.changes.items():
                if digest is None:
                    digests.pop(key, None)
                else:
                    digests[key] = digest
        return {key: await self._body(digest) for key, digest in digests.items()}

    async def _body(self, digest: str) -> bytes:
        entry = await self._bucket.get(f"body/{digest}")
        if entry is None or entry.value is None:
            raise Fault(404, f"The body {digest} of a document was not kept.")
        return zlib.decompress(entry.value)
