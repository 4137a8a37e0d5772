"""Moments and webhooks as marketers write them, the check when they are saved, and the index they are found in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from msgspec import UNSET, Meta, Struct

from tailorbird.contracts.wire import Problem
from tailorbird.contracts.words import Id
from tailorbird.rules.document import Rule, check_rule
from tailorbird.rules.eventattributes import CATALOGUE_OF_MOMENTS
from tailorbird.rules.normal import Node, normal

__all__ = ["CATALOGUE_OF_MOMENTS", "KINDS", "Moment", "MomentIndex", "Prepared", "Webhook", "check"]

Line = Annotated[str, Meta(max_length=200)]
DAY = 86_400.0
_NOT_KNOWN = ("context.", "time.", "cart.total", "cart.departments", "cart.categories")


class Moment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A situation worth reacting to: raised by an event, perhaps after waiting, when its rule holds."""

    name: Line = ""
    description: Annotated[str, Meta(max_length=2_000)] = ""
    on: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=20)]
    """Events that raise it, by name: `Exit Intent`, `Product Added`; `identify` and `page` too."""
    rule: Rule | None = None
    """Must hold then; with waiting, when the wait is over. None: it always does."""
    wait_seconds: Annotated[float, Meta(ge=0, le=30 * DAY)] = 0.0
    """How long after the event it comes. The same event again begins the wait anew."""
    unless: Annotated[tuple[Line, ...], Meta(max_length=20)] = ()
    """Events that call it off when they happen during the wait."""
    once: Literal["event", "visit", "ever"] = "event"
    """How often it may come to one person: with each event that raises it, once a visit, or once."""
    pause_seconds: Annotated[float, Meta(ge=0, le=366 * DAY)] = 0.0
    """Silence between two comings to one person."""
    headline: Line = ""
    text: Annotated[str, Meta(max_length=2_000)] = ""
    call_to_action: Line = ""
    url: Annotated[str, Meta(max_length=2_000, pattern=r"^(https?://|/|mailto:|tel:|[#?]|$)")] = ""
    tone: Literal["info", "success", "warning"] = "info"
    page: bool = True
    """Whether the next page says it, where it has an action slot."""
    browser: bool = True
    """Whether browsers that listen at /v1/moments are told at once."""
    shown_seconds: Annotated[float, Meta(ge=1, le=30 * DAY)] = 600.0
    """How long pages say it; no longer once it was seen or clicked (Promotion Viewed, `moment/<id>`)."""
    webhooks: Annotated[tuple[Id, ...], Meta(max_length=10)] = ()
    """Other systems that are told."""
    email: Line = ""
    """The e-mail that is sent, by its id: under the same consent, caps and wishes as a campaign's."""
    push: bool = False
    """Whether headline and text are sent as a push message, under the same."""
    active: bool = True


class Webhook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Another system's address; what is sent there is signed (GET /v1/webhooks tells the secret)."""

    url: Annotated[str, Meta(min_length=1, max_length=2_000)]
    name: Line = ""
    active: bool = True
    secret: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    """Which of its secrets signs: one more is a new one, which nobody knows yet."""
    secret_before_until: datetime | None = None
    """Up to then what is sent is signed with the secret before too, so that its receiver can change over."""


KINDS: dict[str, type[Any]] = {"moment": Moment, "webhook": Webhook}


class Prepared(Struct, frozen=True):
    """A moment made ready."""

    moment_id: str
    moment: Moment
    node: Node
    unless: frozenset[str]


class MomentIndex:
    """Moments by the events that raise them."""

    def __init__(self, moments: Mapping[str, Moment], webhooks: Mapping[str, Webhook]) -> None:
        self.moments = {
            moment_id: Prepared(
                moment_id,
                moment,
                normal(moment.rule, CATALOGUE_OF_MOMENTS),
                frozenset(name.lower() for name in moment.unless),
            )
            for moment_id, moment in sorted(moments.items())
            if moment.active
        }
        self.webhooks = {name: webhook for name, webhook in webhooks.items() if webhook.active}
        self.by_event: dict[str, list[Prepared]] = {}
        for prepared in self.moments.values():
            for name in prepared.moment.on:
                self.by_event.setdefault(name.lower(), []).append(prepared)


def check(
    documents: Mapping[str, Mapping[str, Any]], private_hosts: frozenset[str] = frozenset()
) -> list[Problem]:
    """Every mistake in moments and webhooks that their types don't tell. `private_hosts` may be called all the same."""
    problems: list[Problem] = []
    webhooks: Mapping[str, Webhook] = documents.get("webhook", {})
    segments = documents.get("segment", {})
    for moment_id, moment in documents.get("moment", {}).items():
        where = f"moment/{moment_id}"
        problems += check_rule(moment.rule, f"{where} $.rule", CATALOGUE_OF_MOMENTS)
        for condition in _conditions(moment.rule):
            problems += _check_condition(condition, moment, where, segments)
        if (moment.page or moment.browser or moment.push) and not moment.headline:
            problems.append(Problem(path=f"{where} $.headline", sentence="What is said to the customer is missing."))
        for name in moment.webhooks:
            if name not in webhooks:
                problems.append(Problem(path=f"{where} $.webhooks", sentence=f"There is no webhook '{name}'."))
        if moment.unless and not moment.wait_seconds:
            sentence = "Without `wait_seconds` nothing can call it off."
            problems.append(Problem(path=f"{where} $.unless", sentence=sentence))
    for name, webhook in webhooks.items():
        mistake = _mistake_in(webhook.url, private_hosts)
        if mistake:
            problems.append(Problem(path=f"webhook/{name} $.url", sentence=mistake))
        until = webhook.secret_before_until
        if until is not None and until.tzinfo is None:
            sentence = "Say its time zone as an offset: `2026-11-22T00:00:00Z`."
            problems.append(Problem(path=f"webhook/{name} $.secret_before_until", sentence=sentence))
    return problems


def _check_condition(
    condition: Rule, moment: Moment, where: str, segments: Mapping[str, Any]
) -> Iterator[Problem]:
    field = condition.field if isinstance(condition.field, str) else ""
    if field.startswith(_NOT_KNOWN):
        sentence = f"`{field}` belongs to a page that is called; a moment comes from events."
        yield Problem(path=f"{where} $.rule", sentence=sentence)
    if field.startswith("event.") and moment.wait_seconds:
        sentence = f"`{field}` is not known any more when the wait is over; test what the profile keeps."
        yield Problem(path=f"{where} $.rule", sentence=sentence)
    if field == "segments":
        values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        for value in values:
            if isinstance(value, str) and value not in segments:
                yield Problem(path=f"{where} $.rule", sentence=f"There is no segment '{value}'.")


def _mistake_in(url: str, private_hosts: frozenset[str]) -> str:
    """What is wrong with the address as far as it can be told without looking it up."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "This is no address."
    if parts.scheme not in ("https", "http") or not host:
        return "A webhook's address begins with https:// and names a host."
    if parts.username or parts.password:
        return "An address holds no user name or password: what is sent is signed instead."
    if {host, f"{host}:{port}"} & private_hosts:
        return ""
    if parts.scheme != "https":
        return "Only https:// is called: what is sent could be read on the way."
    try:
        return "" if ip_address(host).is_global else f"{host} is a private address."
    except ValueError:
        return f"{host} is this machine." if host == "localhost" else ""


def _conditions(rule: Rule | None) -> Iterator[Rule]:
    if rule is None:
        return
    if rule.rules is UNSET:
        yield rule
        return
    for part in rule.rules:
        yield from _conditions(part)
