"""One attempt at telling another system, signed; and when to try again what failed."""

from __future__ import annotations

import ssl

import structlog
from msgspec import Struct

from tailorbird.contracts.wire import Fault
from tailorbird.profiles.moments.calling import call
from tailorbird.profiles.moments.signing import BACKOFF, headers, secret_of

__all__ = ["Outgoing", "Refused"]

GONE = 410

log = structlog.get_logger(__name__)


class Refused(Struct, frozen=True):
    """What was not taken."""

    reason: str
    pause: float | None
    """Seconds after which it is tried again; None: no more."""


class Outgoing:
    """How webhooks go out. `master`: from which their secrets are derived; `pace`: factor on the pauses."""

    def __init__(self, master: bytes = b"", private_hosts: frozenset[str] = frozenset(), pace: float = 1.0) -> None:
        self._master = master
        self._private_hosts = private_hosts
        self._pace = pace
        self._context = ssl.create_default_context()

    def secret_of(self, webhook: str) -> str:
        """What its receiver checks signatures with."""
        return secret_of(self._master, webhook)

    async def tell(
        self, webhook: str, url: str, message_id: str, at: float, body: bytes, attempts: int
    ) -> Refused | None:
        """None when it was taken. `attempts`: how many failed before; a receiver takes a `message_id` once."""
        signed = headers(self.secret_of(webhook), message_id, int(at), body)
        try:
            status = await call(url, body, signed, self._private_hosts, self._context)
            reason = f"answered {status}"
        except Fault as fault:
            status, reason = 0, fault.sentence
        if 200 <= status < 300:
            return None
        if status == GONE or attempts >= len(BACKOFF):
            log.error("webhook_given_up", webhook=webhook, delivery=message_id, reason=reason)
            return Refused(reason, None)
        log.warning("webhook_failed", webhook=webhook, attempt=attempts + 1, reason=reason)
        return Refused(reason, self._pace * BACKOFF[attempts])
