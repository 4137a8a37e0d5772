"""A message ready to leave: as a line for other systems, and as the mail that an SMTP server takes."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from hashlib import blake2b

from msgspec import Struct

from tailorbird.contracts.assembler import EmailPayload

__all__ = ["Outgoing", "Push", "message_id_of", "mime", "outgoing", "shortened"]

_LONGEST_LINE = 900
"""A mail's line ends at 998 characters (RFC 5322)."""


class Outgoing(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="channel", tag="email"):
    """One e-mail to one recipient."""

    message_id: str
    """The same for the same message to the same recipient, however often it is sent: receivers know it again."""
    mark: str
    """Stands for the address."""
    to: str
    sender: str
    reply_to: str = ""
    subject: str
    preheader: str
    headers: dict[str, str]
    html: str
    text: str
    email: str
    topic: str
    decision_id: str
    customer_id: str = ""
    send_at: str = ""
    """When it should leave, for who sends it on; empty: now."""


class Push(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="channel", tag="push"):
    """One push message to one customer's devices."""

    message_id: str
    mark: str
    customer_id: str
    title: str
    body: str
    url: str = ""


def message_id_of(run: str, mark: str, sender: str) -> str:
    """`<...@domain>` of this message to this recipient."""
    digest = blake2b(f"{run}\0{mark}".encode(), digest_size=16).hexdigest()
    return f"<{digest}@{_domain(sender)}>"


@functools.lru_cache(maxsize=100)
def _domain(sender: str) -> str:
    return parseaddr(sender)[1].partition("@")[2] or "tailorbird.invalid"


def outgoing(payload: EmailPayload, email: str, to: str, mark: str, run: str, customer_id: str = "") -> Outgoing:
    """The payload addressed."""
    return Outgoing(
        message_id=message_id_of(run, mark, payload.sender),
        mark=mark,
        to=to,
        sender=payload.sender,
        reply_to=payload.reply_to,
        subject=payload.subject,
        preheader=payload.preheader,
        headers=payload.headers,
        html=payload.html,
        text=payload.text,
        email=email,
        topic=payload.topic,
        decision_id=payload.decision_id,
        customer_id=customer_id,
    )


def mime(message: Outgoing, at: float) -> EmailMessage:
    """The mail with its text and HTML parts. A header holds no line break, whatever stood in a name or subject."""
    made = EmailMessage(policy=policy.SMTP)
    name, address = parseaddr(message.sender)
    made["From"] = formataddr((_line(name), address)) if name.isascii() else f"{_line(name)} <{address}>"
    made["To"] = _line(message.to)
    if message.reply_to:
        made["Reply-To"] = _line(message.reply_to)
    made["Subject"] = _line(message.subject)
    made["Date"] = format_datetime(datetime.fromtimestamp(at, UTC))
    made["Message-ID"] = message.message_id
    for header, value in message.headers.items():
        made[header] = _line(value)
    made.set_content(message.text, cte=_transfer(message.text))
    made.add_alternative(message.html, subtype="html", cte="base64")
    return made


def shortened(text: str, most: int) -> str:
    """At most so many characters, cut between two words."""
    plain = " ".join(text.split())
    if len(plain) <= most:
        return plain
    return plain[: most - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "\u2026"


def _transfer(text: str) -> str:
    """Plain where every system can carry it as it is, so that it is readable in raw mails too."""
    short = all(len(line) < _LONGEST_LINE for line in text.splitlines())
    return "7bit" if text.isascii() and short else "base64"


def _line(text: str) -> str:
    return " ".join(text.split())
