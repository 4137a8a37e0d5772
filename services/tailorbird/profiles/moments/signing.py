"""What a webhook is sent with: headers by the Standard Webhooks specification (webhook-id, -timestamp, -signature)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

__all__ = ["BACKOFF", "delivery_id", "headers", "secret_of"]

BACKOFF = (5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Seconds after each failure until it is tried again, as the specification suggests; after the last one no more."""
_PREFIX = "whsec_"


def secret_of(master: bytes, webhook: str, number: int = 1) -> str:
    """The secret that a webhook's receiver checks signatures with: `whsec_` and base64. `number`: which one."""
    later = b"\0%d" % number if number > 1 else b""
    derived = hmac.new(master, b"webhook\0" + webhook.encode() + later, hashlib.sha256).digest()
    return _PREFIX + base64.b64encode(derived).decode()


def headers(secrets: Sequence[str], message_id: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of one attempt at this moment (seconds since 1970), signed with each of the secrets."""
    said = b"%b.%d.%b" % (message_id.encode(), at, body)
    keys = (base64.b64decode(secret.removeprefix(_PREFIX)) for secret in secrets)
    signatures = (hmac.new(key, said, hashlib.sha256).digest() for key in keys)
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in signatures),
    }


def delivery_id(person: str, moment: str, occasion: str, webhook: str) -> str:
    """The same for every attempt at telling one system of one moment: the receiver takes it once."""
    text = "\0".join((person, moment, occasion, webhook))
    return "msg_" + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
