"""Signed addresses in mails: where a click leads is said in the link and cannot be changed, so none is a redirect that
others could use; who may unsubscribe whom is signed as well.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import blake2b, sha256
from urllib.parse import quote, unquote

from msgspec import Struct

__all__ = ["Clicks", "Recipient", "person_mark", "recipient_mark"]

_URLS_KEPT = 200_000
_SAFE = "/:?&=~!$'()*,;@.-_"


class Recipient(Struct, frozen=True):
    """To whom a mail went, and about what, as its links say it."""

    mark: str
    """Stands for the address: tells it to nobody."""
    topic: str
    decision_id: str
    email: str = ""
    person: str = ""
    """The pseudonym, which means nothing outside the suite."""


class Clicks:
    """Makes and checks the addresses. `secret` is known to the suite alone."""

    def __init__(self, base: str, secret: str) -> None:
        self._base = base.rstrip("/")
        self._key = blake2b(secret.encode(), digest_size=32, person=b"tailorbird mail").digest()
        self._tails: dict[str, str] = {}

    @property
    def base(self) -> str:
        return self._base

    def prefix(self, email: str, decision_id: str, person: str) -> str:
        """What every tracked link of one mail begins with. `person`: the pseudonym, which means nothing outside."""
        return f"{self._base}/v1/mail/click/{quote(email, safe='')}/{decision_id}/{person or '-'}?s="

    def tail(self, url: str) -> str:
        """What follows for this address; the same in every mail."""
        tail = self._tails.get(url)
        if tail is None:
            if len(self._tails) >= _URLS_KEPT:
                self._tails.clear()
            tail = self._tails[url] = f"{self._mac('click', url)}&u={quote(url, safe=_SAFE).replace('&', '%26')}"
        return tail

    def pixel(self, email: str, decision_id: str, person: str) -> str:
        """The address of the picture by which opening is counted."""
        return f"{self._base}/v1/mail/open/{quote(email, safe='')}/{decision_id}/{person or '-'}.gif"

    def leads_to(self, signature: str, url: str) -> bool:
        """Whether we signed this address."""
        return hmac.compare_digest(self._mac("click", url).encode(), signature.encode("utf-8", "replace"))

    def token(self, recipient: Recipient) -> str:
        """What an unsubscribe link carries: `mark.topic.email.decision.person.signature`."""
        parts = (recipient.mark, recipient.topic, recipient.email, recipient.decision_id, recipient.person)
        # Most are hexadecimal, and checked sooner than quoted.
        said = ".".join(part if part.isalnum() and part.isascii() else _spelled(part) for part in parts)
        return f"{said}.{self._mac('mail', said)}"

    def recipient(self, token: str) -> Recipient | None:
        """Who is meant; None when we did not sign it."""
        said, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._mac("mail", said).encode(), signature.encode("utf-8", "replace")):
            return None
        parts = [unquote(part) for part in said.split(".")]
        if len(parts) != 5:
            return None
        return Recipient(mark=parts[0], topic=parts[1], email=parts[2], decision_id=parts[3], person=parts[4])

    def _mac(self, purpose: str, text: str) -> str:
        digest = blake2b(text.encode("utf-8", "replace"), key=self._key, digest_size=12, person=purpose.encode())
        return urlsafe_b64encode(digest.digest()).decode()


def _spelled(part: str) -> str:
    return quote(part, safe="").replace(".", "%2E")


def recipient_mark(address: str) -> str:
    """What stands for an address wherever it need not be known; other systems find it as SHA-256 of the address."""
    return sha256(address.strip().lower().encode()).hexdigest()[:32]


def person_mark(person: str) -> str:
    """What stands for somebody whose address is not known, in the place of an address's mark."""
    return sha256(f"person:{person}".encode()).hexdigest()[:32]
