"""Answers an e-mail: the same for one (message, recipient), however often and in whatever part it is fetched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from tailorbird.assembler.assembling import Assembled, Assembler, Wanted
from tailorbird.assembler.choosing import Book
from tailorbird.assembler.emailing import LARGEST, Postman
from tailorbird.assembler.links import Links
from tailorbird.assembler.slots.base import encode_text
from tailorbird.assembler.store import EmailStore, email_key
from tailorbird.contracts.assembler import EmailPayload, EmailQuery, PageContext
from tailorbird.contracts.wire import Fault

__all__ = ["Emails", "EmailBook"]


_FONTS = {
    # Double quotes would end the attribute of a style.
    "sans": "Helvetica, Arial, sans-serif",
    "serif": "Georgia, 'Times New Roman', serif",
    "rounded": "'Trebuchet MS', Verdana, sans-serif",
    "condensed": "'Arial Narrow', Arial, sans-serif",
}
"""Mail programs know few typefaces."""


class EmailBook:
    """Layouts and compiled templates of one version."""

    def __init__(self, book: Book, postman: Postman) -> None:
        self.book = book
        self.postman = postman


class Emails:
    """Answers EMAIL."""

    def __init__(
        self,
        assembler: Assembler,
        store: EmailStore,
        current: Callable[[], EmailBook],
        links: Links,
        new_id: Callable[[], str],
        budget_ms: float,
    ) -> None:
        self._assembler = assembler
        self._store = store
        self._current = current
        self._links = links
        self._new_id = new_id
        self._budget_ms = budget_ms

    async def answer(self, query: EmailQuery) -> EmailPayload:
        """The e-mail. Raises Fault(404) for one that no document describes."""
        current = self._current()
        faces = current.book.email(query.email)
        key, secret = "", b""
        wanted = Wanted(
            subject=f"email/{query.email}",
            page=query.email,
            faces=faces,
            customer=query.customer,
            context=PageContext(channel="email"),
            preview=query.preview,
            budget_ms=self._budget_ms,
            is_email=True,
            holdout=current.book.holdout,
        )
        if query.message_id and not query.preview:
            who, allowed = await self._assembler.whom(wanted)
            profile = who.held.profile
            secret = profile.decision_key
            recipient = profile.person or query.customer.customer_id or query.customer.anonymous_id
            if allowed["personalization"].granted:
                key = email_key(query.email, query.message_id, recipient)
                kept = await self._store.find(key, secret)
                if kept is not None:
                    return kept
        made = await self._assembler.assemble(wanted, f"e{key}" if key else self._new_id())
        payload = self._payload(query, current, made)
        if key:
            kept = await self._store.keep(key, secret, payload)
            if kept is not payload:
                return kept
        if not query.preview:
            self._assembler.write_down(wanted, made, current.book.version)
        return payload

    def _payload(self, query: EmailQuery, current: EmailBook, made: Assembled) -> EmailPayload:
        email = current.book.emails[query.email]
        face = made.face
        first_name = made.who.held.profile.first_name
        words = msgspec.json.decode(face.subject.say(encode_text(first_name) if first_name else b""))
        subject, preheader = _one_line(words["subject"]), _one_line(words["preheader"])
        unsubscribe_url = self._links.absolute(f"/v1/unsubscribe?decision_id={made.decision_id}")
        slots = [msgspec.json.decode(slot) for slot in made.merged.slots]
        values: dict[str, Any] = {
            "subject": subject,
            "preheader": preheader,
            "theme": face.theme,
            "palette": face.theme["palette"],
            "font": _FONTS.get(face.theme["typeface"], _FONTS["sans"]),
            "hero": next((slot["content"] for slot in slots if slot["type"] == "hero"), None),
            "slots": slots,
            "links": msgspec.to_builtins(face.variant.navigation),
            "first_name": first_name,
            "sender_name": email.sender_name,
            "postal_address": email.postal_address,
            "shop_url": self._links.absolute("/shop"),
            "unsubscribe_url": unsubscribe_url,
        }
        letter = current.postman.letter(query.email, values)
        if len(letter.html.encode()) > LARGEST:
            raise Fault(422, f"The e-mail '{query.email}' is larger than {LARGEST // 1000} KB: show fewer items in it.")
        headers = {
            "List-Unsubscribe": f"<{unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        return EmailPayload(
            decision_id=made.decision_id,
            subject=subject,
            preheader=preheader,
            headers=headers,
            html=letter.html,
            text=letter.text,
        )


def _one_line(text: str) -> str:
    """The text without line breaks: it becomes a header of a mail."""
    return " ".join(text.split())
