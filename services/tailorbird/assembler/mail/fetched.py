"""E-mails as they were first fetched: one (message, recipient) has one body, sealed under the recipient's key."""

from __future__ import annotations

import hashlib
import zlib

import msgspec
import structlog

from tailorbird.assembler.explaining.tracing import seal, unseal
from tailorbird.bus import Bucket
from tailorbird.contracts.assembler import EmailPayload
from tailorbird.contracts.wire import Fault

__all__ = ["EmailStore", "email_key"]

log = structlog.get_logger(__name__)

_decode = msgspec.json.Decoder(EmailPayload).decode


def email_key(email: str, message_id: str, recipient: str) -> str:
    """The name of this message to this recipient; tells neither to anybody. Decision ids are made of it."""
    return hashlib.sha256(f"{email}\0{message_id}\0{recipient}".encode()).hexdigest()[:32]


class EmailStore:
    """Keeps bodies in a bucket. While it cannot be reached, e-mails are made anew: under the same decision id."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def find(self, key: str, secret: bytes) -> EmailPayload | None:
        """What was fetched before under this key; None when nothing was, or it cannot be opened any more."""
        try:
            entry = await self._bucket.get(key)
        except Fault as fault:
            log.warning("emails_unreachable", reason=fault.sentence)
            return None
        if entry is None or entry.value is None:
            return None
        packed = unseal(entry.value, secret, key) if secret else entry.value
        return _decode(zlib.decompress(packed)) if packed else None

    async def keep(self, key: str, secret: bytes, payload: EmailPayload) -> EmailPayload:
        """The payload that counts from now on: this one, or the one that another call kept a moment before."""
        packed = zlib.compress(msgspec.json.encode(payload), 1)
        try:
            entry = await self._bucket.get(key)
            # What cannot be opened any more (the key was destroyed and made anew) is written over.
            revision = entry.revision if entry is not None else 0
            await self._bucket.put(key, seal(packed, secret, key) if secret else packed, revision=revision)
        except Fault as fault:
            if fault.code == 409:
                return await self.find(key, secret) or payload
            log.warning("email_not_kept", reason=fault.sentence)
        return payload
