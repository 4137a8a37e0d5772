"""A form that came after its session had ended, kept until whoever sent it is signed in again."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from tailorbird.studio.desk.access import LARGEST_FORM, AnyRequest

__all__ = ["Carried", "carried", "carried_from"]

_OWN = ("/studio/enter", "/studio/leave", "/studio/me", "/studio/people")
"""Where passwords are typed, and what is not to be done by whoever signs in next."""


class Carried(Struct, frozen=True):
    """Where a form was sent to, and what it said."""

    to: str
    fields: tuple[tuple[str, str], ...]

    @property
    def packed(self) -> str:
        """For a field of the form to sign in with."""
        return msgspec.json.encode(self).decode()


def carried(request: AnyRequest) -> Carried | None:
    """The form of this request; None: it is none that is to be sent again."""
    form = request.scope["state"].get("studio_form")
    path = request.url.path
    if request.method != "POST" or not form or path.startswith(_OWN):
        return None
    fields = tuple((name, value) for name, values in form.items() if name != "csrf" for value in values)
    return Carried(path, fields) if fields else None


def carried_from(text: str) -> Carried | None:
    """What `packed` gave; None: it is nothing of the kind."""
    if not text or len(text) > LARGEST_FORM:
        return None
    try:
        kept = msgspec.json.decode(text, type=Carried)
    except msgspec.MsgspecError:
        return None
    return kept if kept.to.startswith("/studio/") and not kept.to.startswith(_OWN) and "//" not in kept.to else None
