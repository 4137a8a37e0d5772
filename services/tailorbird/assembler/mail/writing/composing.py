"""An assembled e-mail as what is sent: subject, headers, HTML and text."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import msgspec

from tailorbird.assembler.layouts.choosing import Book, Face
from tailorbird.assembler.layouts.document import EmailVariant
from tailorbird.assembler.mail.documents import DEFAULT, Campaign, Mailing
from tailorbird.assembler.mail.hearing.clicks import Clicks, Recipient, person_mark
from tailorbird.assembler.mail.writing.mergetags import neutral
from tailorbird.assembler.mail.writing.printing import Press, To
from tailorbird.assembler.pages.assembling import Assembled
from tailorbird.assembler.slots.base import encode_text
from tailorbird.assembler.wording.links import Links
from tailorbird.contracts.assembler import EmailPayload
from tailorbird.host.documents import Documents

__all__ = ["Composer"]


class Composer:
    """Composes the mails of one version of the documents."""

    def __init__(self, book: Book, documents: Documents, links: Links, clicks: Clicks) -> None:
        self.book = book
        self.mailing: Mailing = documents.get("mailing", {}).get("default", DEFAULT)
        self.campaigns: Mapping[str, Campaign] = documents.get("campaign", {})
        self._clicks = clicks
        self._press = Press(documents.get("email", {}), links, clicks)

    def payload(self, email_id: str, made: Assembled, mark: str = "") -> EmailPayload:
        """The mail to the address of this mark. Raises Fault(422) when it is larger than mail programs show."""
        email, face = self.book.emails[email_id], made.face
        profile, person = made.who.held.profile, made.about.person
        subject, preheader = said(face, profile.first_name)
        mark = mark or person_mark(person or made.decision_id)
        token = self._clicks.token(Recipient(mark, email.topic, made.decision_id, email_id, person))
        base = f"{self._clicks.base}/v1/mail"
        to = To(
            decision_id=made.decision_id,
            person=person,
            first_name=profile.first_name,
            subject=subject,
            preheader=preheader,
            unsubscribe_url=f"{base}/unsubscribe/{token}",
            preferences_url=f"{base}/preferences/{token}",
        )
        variant = face.variant
        if not isinstance(variant, EmailVariant):
            raise TypeError(f"the face of '{email_id}' is no e-mail's")
        letter = self._press.letter(email_id, variant, made.merged.slots, to)
        address = email.sender_address or self.mailing.sender_address
        return EmailPayload(
            decision_id=made.decision_id,
            subject=subject,
            preheader=preheader,
            headers={
                "List-Unsubscribe": f"<{to.unsubscribe_url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
            html=letter.html,
            text=letter.text,
            sender=f"{_quoted(email.sender_name)} <{address}>" if address else "",
            reply_to=email.reply_to,
            topic=email.topic,
        )


def said(face: Face, first_name: str) -> tuple[str, str]:
    """Subject and preheader in the words for this recipient, each on one line, as headers are."""
    name = encode_text(neutral(first_name)) if first_name else b""
    words = msgspec.json.decode(face.subject.say(name))
    return _one_line(words["subject"]), _one_line(words.get("preheader", ""))


def _one_line(text: str) -> str:
    return " ".join(text.split())


@functools.lru_cache(maxsize=100)
def _quoted(name: str) -> str:
    """A name as it stands before an address: in quotes where it holds what means something there."""
    plain = " ".join(name.split())
    if all(one.isalnum() or one in " &'-_!#$%*+/=?^`{|}~" for one in plain):
        return plain
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
