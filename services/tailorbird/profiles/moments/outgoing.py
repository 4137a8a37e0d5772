"""One attempt at telling another system, signed; and when to try again what failed."""

from __future__ import annotations

import ssl

import structlog
from msgspec import Struct

from tailorbird.contracts.wire import Fault
from tailorbird.profiles.moments.calling import call
from tailorbird.profiles.moments.deliveries import DeliveryBook
from tailorbird.profiles.moments.document import Webhook
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
    """How webhooks go out. `master`: from which their secrets are derived; `pace`: factor on the pauses; `book`: where
    it is written how each went.
    """

    def __init__(
        self,
        master: bytes = b"",
        private_hosts: frozenset[str] = frozenset(),
        pace: float = 1.0,
        book: DeliveryBook | None = None,
    ) -> None:
        self._master = master
        self._private_hosts = private_hosts
        self._pace = pace
        self.book = book
        self._context = ssl.create_default_context()

    def secrets_of(self, name: str, webhook: Webhook, at: float) -> tuple[str, ...]:
        """What its receiver checks signatures with; while it changes over, the secret before too."""
        until = webhook.secret_before_until
        both = webhook.secret > 1 and until is not None and at < until.timestamp()
        numbers = (webhook.secret, webhook.secret - 1) if both else (webhook.secret,)
        return tuple(secret_of(self._master, name, number) for number in numbers)

    async def tell(
        self, name: str, webhook: Webhook, message_id: str, at: float, body: bytes, attempts: int
    ) -> Refused | None:
        """None when it was taken. `attempts`: how many failed before; a receiver takes a `message_id` once."""
        refused = await self._told(name, webhook, message_id, at, body, attempts)
        if self.book is not None:
            gave_up = refused is not None and refused.pause is None
            await self.book.note(name, at, refused.reason if refused else "", gave_up=gave_up)
        return refused

    async def _told(
        self, name: str, webhook: Webhook, message_id: str, at: float, body: bytes, attempts: int
    ) -> Refused | None:
        signed = headers(self.secrets_of(name, webhook, at), message_id, int(at), body)
        try:
            status = await call(webhook.url, body, signed, self._private_hosts, self._context)
            reason = f"answered {status}"
        except Fault as fault:
            status, reason = 0, fault.sentence
        if 200 <= status < 300:
            return None
        if status == GONE or attempts >= len(BACKOFF):
            log.error("webhook_given_up", webhook=name, delivery=message_id, reason=reason)
            return Refused(reason, None)
        log.warning("webhook_failed", webhook=name, attempt=attempts + 1, reason=reason)
        return Refused(reason, self._pace * BACKOFF[attempts])
