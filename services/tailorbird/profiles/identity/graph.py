"""The identity graph: which identifiers an event ties to whom it is about, and what is noted of each link. Pure.

Strong ones (e-mail and phone as hashes, loyalty card, an app's device id) lead to one person and tie two profiles
together at once when the site vouches for them. Weak ones (the household's address, an IP address) are noted as
evidence for `tailorbird identity suggest`, and tie nothing by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from tailorbird.contracts.profiles import Event
from tailorbird.profiles.person.profile import ANONYMOUS_IDS_KEPT, Link, StoredProfile

__all__ = [
    "LINKS_KEPT", "hashed_email", "hashed_phone", "in_order", "noted", "strong_ids", "strong_ids_of_all", "together",
]  # fmt: skip

LINKS_KEPT = 80
_CARDS = ("loyalty_card", "loyaltyCard", "loyalty_card_id", "card_number", "cardNumber")
_HASH = re.compile(r"[0-9a-f]{64}")
_STREET = re.compile(r"[^a-z0-9]+")


def hashed_email(address: str) -> str:
    """SHA-256 of the address in lower case without spaces around, as advertising systems hash it."""
    return sha256(address.strip().lower().encode()).hexdigest()


def hashed_phone(number: str) -> str:
    """SHA-256 of the digits alone; `00` and `+` in front mean the same."""
    digits = re.sub(r"\D", "", number)
    return sha256(digits.removeprefix("00").encode()).hexdigest() if len(digits) >= 6 else ""


def strong_ids(event: Event) -> tuple[str, ...]:
    """The strong identifiers in an event that somebody trusted vouches for; others prove nothing."""
    if not event.trusted or not (event.traits or event.context):
        return ()
    return tuple(dict.fromkeys(_strong(event)))


def strong_ids_of_all(events: Iterable[Event]) -> set[str]:
    """All of them in these events."""
    return {identity for event in events for identity in strong_ids(event)}


def noted(before: StoredProfile, after: StoredProfile, event: Event) -> StoredProfile:
    """The profile with the links that this event tells of; the very same one when it tells of none that is new."""
    if after is before:
        return after
    if event.type not in ("identify", "alias"):
        # Most events name a visitor who is known already: nothing to note but an earlier time.
        visitor, at = f"anonymous:{event.anonymous_id}", int(event.at)
        known = any(link.identity == visitor and link.at < at for link in after.links)
        if not event.anonymous_id or (known and after.anonymous_ids is before.anonymous_ids):
            return after
    after.links = together(after.links, tuple(links_of(event)))
    after.anonymous_ids = in_order(after.anonymous_ids, after.links)
    return after


def in_order(anonymous_ids: Iterable[str], links: Iterable[Link]) -> tuple[str, ...]:
    """The visitors' ids by when each was first heard of, the latest last, whichever order that came in."""
    first = {link.identity: link.at for link in links}
    ordered = sorted(anonymous_ids, key=lambda one: (first.get(f"anonymous:{one}", 0), one))
    return tuple(ordered[-ANONYMOUS_IDS_KEPT:])


def together(one: tuple[Link, ...], other: tuple[Link, ...]) -> tuple[Link, ...]:
    """Each identifier once, with its earliest evidence: the same whichever order it was heard in."""
    found: dict[str, Link] = {}
    for link in (*one, *other):
        known = found.get(link.identity)
        if known is None or (link.at, link.source != "server", link.evidence) < (
            known.at, known.source != "server", known.evidence
        ):  # fmt: skip
            found[link.identity] = link
    if len(found) > LINKS_KEPT:
        # Weak evidence makes room first, then what is oldest.
        ordered = sorted(found.values(), key=lambda link: (link.weak, -link.at, link.identity))[:LINKS_KEPT]
        found = {link.identity: link for link in ordered}
    return tuple(sorted(found.values(), key=lambda link: (link.at, link.identity)))


def links_of(event: Event) -> list[Link]:
    """Every identifier in the event with its evidence, time and source."""
    source = "server" if event.trusted else "browser"
    evidence = f"{event.type} {event.message_id}"[:80]
    at = int(event.at)
    found: list[Link] = []
    if event.customer_id and event.trusted:
        found.append(Link(f"customer:{event.customer_id}", at, source, evidence))
    visitors = filter(None, (event.anonymous_id, event.previous_id))
    found += [Link(f"anonymous:{one}", at, source, evidence) for one in visitors]
    found += [Link(identity, at, source, evidence) for identity in strong_ids(event)]
    found += [Link(identity, at, source, evidence, weak=True) for identity in _weak(event)]
    return found


def _strong(event: Event) -> Iterator[str]:
    traits = event.traits
    email, hashed = traits.get("email"), traits.get("email_sha256") or traits.get("hashed_email")
    if isinstance(email, str) and "@" in email:
        yield f"email:{hashed_email(email)}"
    elif isinstance(hashed, str) and _HASH.fullmatch(hashed.lower()):
        yield f"email:{hashed.lower()}"
    phone = traits.get("phone")
    if isinstance(phone, str) and (digest := hashed_phone(phone)):
        yield f"phone:{digest}"
    card = next((traits[name] for name in _CARDS if isinstance(traits.get(name), str) and traits[name]), "")
    if card:
        yield f"card:{card[:100]}"
    device = event.context.get("device")
    if isinstance(device, dict) and isinstance(device.get("id"), str) and device["id"]:
        yield f"device:{device['id'][:200]}"


def _weak(event: Event) -> Iterator[str]:
    address = _address(event.traits.get("address"))
    if address:
        yield f"household:{sha256(address.encode()).hexdigest()}"
    ip = event.context.get("ip")
    if isinstance(ip, str) and ip:
        yield f"ip:{ip[:45]}"


def _address(value: Any) -> str:
    """Street, city and postal code in one spelling."""
    if isinstance(value, dict):
        value = " ".join(str(value.get(name, "")) for name in ("street", "city", "postalCode", "postal_code", "zip"))
    return _STREET.sub(" ", value.lower()).strip() if isinstance(value, str) else ""
