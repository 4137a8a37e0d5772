"""What e-mail services tell of a mail, in the words of each: bounces, complaints, unsubscribes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from tailorbird.contracts.mail import StandingWord

__all__ = ["Heard", "heard"]

Heard = tuple[str, StandingWord]
"""(address, what was heard of it)."""

_SENDGRID: Mapping[str, StandingWord] = {
    "spamreport": "complained", "unsubscribe": "unsubscribed", "group_unsubscribe": "unsubscribed",
    "dropped": "bounced",
}  # fmt: skip
_POSTMARK_HARD = {"HardBounce", "BadEmailAddress", "ManuallyDeactivated"}
_PLAIN: Mapping[str, StandingWord] = {
    "bounce": "bounced", "bounced": "bounced", "hard_bounce": "bounced", "soft_bounce": "bounced_softly",
    "complaint": "complained", "complained": "complained", "spam": "complained", "unsubscribed": "unsubscribed",
    "unsub": "unsubscribed", "reject": "bounced",
}  # fmt: skip


def heard(body: Any) -> list[Heard]:
    """Everything in it that matters to later sends; deliveries, openings and what is not known are passed over.

    Read are the webhooks of SendGrid, Postmark, Mailgun, Amazon SES (by SNS), Brevo and SparkPost, and plain
    `{"event": "bounced", "email": "..."}`.
    """
    return [one for event in _events(body) for one in _of(event) if "@" in one[0]]


def _events(body: Any) -> Iterator[Mapping[str, Any]]:
    for one in body if isinstance(body, list) else [body]:
        if not isinstance(one, dict):
            continue
        inner = one.get("Message")
        if isinstance(inner, str) and one.get("Type") == "Notification":
            try:
                inner = msgspec.json.decode(inner)
            except (msgspec.MsgspecError, RecursionError):
                continue
            if isinstance(inner, dict):
                yield inner
        elif isinstance(one.get("msys"), dict):
            yield from (part for part in one["msys"].values() if isinstance(part, dict))
        else:
            yield one


def _of(event: Mapping[str, Any]) -> Iterator[Heard]:
    if "notificationType" in event or ("eventType" in event and "mail" in event):
        yield from _of_amazon(event)
    elif "RecordType" in event:
        yield from _of_postmark(event)
    elif isinstance(event.get("event-data"), dict):
        yield from _of_mailgun(event["event-data"])
    else:
        yield from _of_others(event)


def _of_amazon(event: Mapping[str, Any]) -> Iterator[Heard]:
    kind = event.get("notificationType") or event.get("eventType")
    told = event.get("bounce" if kind == "Bounce" else "complaint")
    if kind not in ("Bounce", "Complaint") or not isinstance(told, dict):
        return
    hard = told.get("bounceType") == "Permanent"
    word: StandingWord = "complained" if kind == "Complaint" else "bounced" if hard else "bounced_softly"
    for name in ("bouncedRecipients", "complainedRecipients"):
        recipients = told.get(name)
        for one in recipients if isinstance(recipients, list) else []:
            if isinstance(one, dict):
                yield _text(one.get("emailAddress")), word


def _of_postmark(event: Mapping[str, Any]) -> Iterator[Heard]:
    address = _text(event.get("Email") or event.get("Recipient"))
    kind = event["RecordType"]
    if kind == "Bounce":
        yield address, "bounced" if event.get("Type") in _POSTMARK_HARD else "bounced_softly"
    elif kind == "SpamComplaint":
        yield address, "complained"
    elif kind == "SubscriptionChange" and event.get("SuppressSending") is True:
        yield address, "unsubscribed"


def _of_mailgun(event: Mapping[str, Any]) -> Iterator[Heard]:
    address, kind = _text(event.get("recipient")), event.get("event")
    if kind == "failed":
        yield address, "bounced" if event.get("severity") == "permanent" else "bounced_softly"
    elif kind == "complained":
        yield address, "complained"
    elif kind == "unsubscribed":
        yield address, "unsubscribed"


def _of_others(event: Mapping[str, Any]) -> Iterator[Heard]:
    address = _text(event.get("email") or event.get("rcpt_to") or event.get("recipient"))
    kind = _text(event.get("event") or event.get("type")).lower()
    if "sg_event_id" in event or "sg_message_id" in event:
        if kind == "bounce":
            yield address, "bounced_softly" if event.get("type") == "blocked" else "bounced"
        elif kind in _SENDGRID:
            yield address, _SENDGRID[kind]
    elif kind == "bounce" and "bounce_class" in event:
        yield address, "bounced" if str(event["bounce_class"]) in ("10", "30", "90") else "bounced_softly"
    elif kind == "spam_complaint":
        yield address, "complained"
    elif kind in ("list_unsubscribe", "link_unsubscribe"):
        yield address, "unsubscribed"
    elif kind in _PLAIN:
        yield address, _PLAIN[kind]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
