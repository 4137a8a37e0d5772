"""How often mails were opened and clicked, machines told apart: a counter per e-mail, and nothing of anybody."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from types import TracebackType
from typing import Self

import msgspec
import structlog
from msgspec.structs import asdict

from tailorbird.bus import Bucket
from tailorbird.bus.ending import ended
from tailorbird.contracts.mail import Counted
from tailorbird.contracts.wire import Fault

__all__ = ["Tally", "by_machine"]

WRITE_EVERY = 1.0
"""Seconds between writings: many openings at once are one change of a counter."""
TRIES = 8
_MACHINES = (
    "googleimageproxy", "ggpht.com", "yahoomailproxy", "duckduckgo", "barracuda", "proofpoint", "mimecast", "symantec",
    "trendmicro", "fireeye", "forcepoint", "cloudmark", "safelinks", "bingpreview", "bot", "crawler", "spider",
    "scanner", "python", "curl/", "wget/", "go-http-client", "okhttp", "headless", "java/", "preview",
)  # fmt: skip
_HIDDEN_READERS = ("", "mozilla/5.0", "mozilla/4.0")
"""All that Apple's Mail Privacy Protection and older proxies say of themselves."""

log = structlog.get_logger(__name__)


def by_machine(method: str, agent: str) -> bool:
    """Whether a program asked that looks at mails before or instead of their reader, as far as it tells."""
    said = agent.strip().lower()
    return method == "HEAD" or said in _HIDDEN_READERS or any(machine in said for machine in _MACHINES)


class Tally:
    """While entered, counts into a bucket: one entry for each e-mail."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._waiting: dict[str, Counter[str]] = {}
        self._writing: asyncio.Task[None] | None = None

    def count(self, email: str, what: str, times: int = 1) -> None:
        """Takes note; written a moment later. `what`: a field of Counted."""
        self._waiting.setdefault(email, Counter())[what] += times

    async def of(self, email: str) -> Counted:
        """What has been counted so far."""
        entry = await self._bucket.get(_key(email))
        return msgspec.json.decode(entry.value, type=Counted) if entry is not None and entry.value else Counted()

    async def write(self) -> None:
        """Everything noted so far stands in the bucket when this returns, or is still noted when it cannot."""
        for email in list(self._waiting):
            noted = self._waiting.pop(email)
            try:
                await self._add(_key(email), noted)
            except Fault as fault:
                self._waiting.setdefault(email, Counter()).update(noted)
                log.info("mail_counts_wait", reason=fault.sentence)
                return

    async def __aenter__(self) -> Self:
        self._writing = asyncio.create_task(self._write_on(), name="mail-counts-write")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(self._writing)
        with contextlib.suppress(Fault):
            await self.write()

    async def _write_on(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY)
            await self.write()

    async def _add(self, key: str, noted: Counter[str]) -> None:
        for _ in range(TRIES):
            entry = await self._bucket.get(key)
            held = msgspec.json.decode(entry.value, type=Counted) if entry is not None and entry.value else Counted()
            values = {name: value + noted[name] for name, value in asdict(held).items()}
            try:
                revision = entry.revision if entry is not None else 0
                await self._bucket.put(key, msgspec.json.encode(Counted(**values)), revision=revision)
            except Fault as fault:
                if fault.code != 409:
                    raise
                continue
            return
        raise Fault(409, "The counter is changed by others all the time.")


def _key(email: str) -> str:
    """A bucket's keys allow few characters."""
    safe = "".join(one if one.isascii() and (one.isalnum() or one in "_-") else f"={ord(one):X}=" for one in email)
    return safe or "-"
