"""What a marketer writes about mail beside the e-mails themselves: a campaign, and how the shop writes at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from tailorbird.contracts.wire import Problem
from tailorbird.contracts.words import Id
from tailorbird.rules.document import Rule, check_rule

__all__ = ["DEFAULT", "KINDS", "Campaign", "Mailing", "MailTopic", "check_mail"]

Hour = Annotated[int, Meta(ge=0, le=23)]
Most = Annotated[int, Meta(ge=1, le=100)] | None


class Campaign(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One e-mail to everybody of an audience, once."""

    name: Annotated[str, Meta(max_length=200)] = ""
    email: Id
    segments: tuple[str, ...] = ()
    """Customers of any of these segments; empty: everybody with an address."""
    rule: Rule | None = None
    """Must hold of them besides."""
    send: Literal["now", "usual_hour"] = "now"
    """`usual_hour`: each in the hour in which they usually read their mail, within the next 24."""
    hour: Hour = 9
    """With `usual_hour`, for those whose hour is not known; in the suite's time zone."""


class MailTopic(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something that recipients may choose to hear of or not."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    text: Annotated[str, Meta(max_length=300)] = ""


class Mailing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How the shop writes: one document, `mailing/default`."""

    sender_name: Annotated[str, Meta(max_length=100)] = ""
    """Who signs the preference centre."""
    sender_address: Annotated[str, Meta(max_length=200, pattern=r"^($|[^\s<>@,;:\"]+@[^\s<>@,;:\"]+$)")] = ""
    """From whom mails come that name no address themselves."""
    per_day: Most = None
    """Messages that one recipient gets at most, over all campaigns and moments together. None: no limit."""
    per_week: Most = None
    topics: dict[str, MailTopic] = {}


DEFAULT = Mailing()
KINDS: Mapping[str, type[Any]] = {"mailing": Mailing, "campaign": Campaign}


def check_mail(documents: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Every mistake in campaigns and in how the shop writes that the types alone do not tell."""
    problems: list[Problem] = []
    emails = documents.get("email", {})
    mailings: Mapping[str, Mailing] = documents.get("mailing", {})
    for name in mailings:
        if name != "default":
            sentence = "There is one such document, called `default`."
            problems.append(Problem(path=f"mailing/{name}", sentence=sentence))
    topics = mailings.get("default", DEFAULT).topics
    for email_id, email in emails.items():
        if topics and email.topic not in topics:
            sentence = f"There is no topic '{email.topic}'; mailing/default has {', '.join(sorted(topics))}."
            problems.append(Problem(path=f"email/{email_id} $.topic", sentence=sentence))
    for campaign_id, campaign in documents.get("campaign", {}).items():
        where = f"campaign/{campaign_id} $"
        if campaign.email not in emails:
            known = ", ".join(sorted(emails)) or "none yet"
            sentence = f"There is no e-mail '{campaign.email}'; there are: {known}."
            problems.append(Problem(path=f"{where}.email", sentence=sentence))
        problems += check_rule(campaign.rule, f"{where}.rule")
    return problems
