"""What a mail's own links lead to: clicks, openings, unsubscribing, preferences."""

from __future__ import annotations

import base64
import contextlib
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import minijinja
import msgspec
from litestar import MediaType, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from tailorbird.assembler.mail.documents import DEFAULT, Mailing
from tailorbird.assembler.mail.hearing.clicks import Clicks, Recipient
from tailorbird.assembler.mail.hearing.counting import Tally, by_machine
from tailorbird.assembler.mail.hearing.telling import consent_of, event_of
from tailorbird.assembler.wording.links import Links, safe_url
from tailorbird.bus import AskingBus
from tailorbird.contracts.assembler import LIST_DOCUMENTS
from tailorbird.contracts.documents import ListDocumentsQuery
from tailorbird.contracts.mail import (
    CHANGE_STANDING,
    STANDING,
    Standing,
    StandingChange,
    StandingQuery,
)
from tailorbird.contracts.wire import Fault
from tailorbird.host import body
from tailorbird.host.settings import SuiteSettings
from tailorbird.host.thin import AnyRequest, asker_of

__all__ = ["HANDLERS", "MailState", "open_mail_state"]

LIMIT = 65_536
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_CHOICES = ((0, "As it comes"), (3, "At most three mails a week"), (1, "At most one mail a week"))
_POLICY = "default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


@get("/v1/mail/click/{email:str}/{decision_id:str}/{person:str}", include_in_schema=False)
async def click(
    request: AnyRequest, email: FromPath[str], decision_id: FromPath[str], person: FromPath[str]
) -> Redirect:
    """On to where the link leads; only where we signed that it does."""
    mail: MailState = request.app.state["mail"]
    url = request.query_params.get("u", "")
    if not mail.clicks(request).leads_to(request.query_params.get("s", ""), url) or safe_url(url) == "#":
        raise Fault(404, "This link is not one of ours, or was cut off on its way: copy it whole from the mail.")
    machine = by_machine(request.method, request.headers.get("user-agent", ""))
    mail.tally.count(email[:200], "clicked_by_machines" if machine else "clicked")
    if not machine:
        told = {"link_url": url, "email_id": email[:200], "decision_id": decision_id[:200]}
        await mail.tell(request, "Email Link Clicked", person, told)
    return Redirect(url, status_code=302, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


@get("/v1/mail/open/{email:str}/{decision_id:str}/{person:str}", include_in_schema=False)
async def opened(
    request: AnyRequest, email: FromPath[str], decision_id: FromPath[str], person: FromPath[str]
) -> Response[bytes]:
    """A picture that nobody sees; who fetches it is counted, as a person or as a machine."""
    mail: MailState = request.app.state["mail"]
    machine = by_machine(request.method, request.headers.get("user-agent", ""))
    mail.tally.count(email[:200], "opened_by_machines" if machine else "opened")
    if not machine:
        told = {"email_id": email[:200], "decision_id": decision_id[:200]}
        await mail.tell(request, "Email Opened", person.removesuffix(".gif"), told)
    return Response(_PIXEL, media_type="image/gif", headers={"Cache-Control": "no-store"})


@get("/v1/mail/unsubscribe/{token:str}", include_in_schema=False)
async def ask_to_unsubscribe(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """A page with a button. Looking at it changes nothing: scanners look at every link."""
    recipient = _recipient(request, token)
    standing = await asker_of(request).ask(STANDING, StandingQuery(mark=recipient.mark))
    return await _page(request, token, "gone" if standing.stopped else "unsubscribe", standing)


@post("/v1/mail/unsubscribe/{token:str}", status_code=200, include_in_schema=False)
async def unsubscribe(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """Done, by the button or by a mail program's one click (RFC 8058)."""
    recipient = _recipient(request, token)
    await body.read_bytes(request, LIMIT)
    change = StandingChange(mark=recipient.mark, word="unsubscribed", source="link", decision_id=recipient.decision_id)
    standing = await asker_of(request).ask(CHANGE_STANDING, change)
    mail: MailState = request.app.state["mail"]
    mail.tally.count(recipient.email, "unsubscribed")
    await mail.tell_consent(request, recipient.person, granted=False)
    return await _page(request, token, "gone", standing)


@get("/v1/mail/preferences/{token:str}", include_in_schema=False)
async def preferences(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """What this recipient hears of and how often, to be changed; the signed link is the key."""
    recipient = _recipient(request, token)
    standing = await asker_of(request).ask(STANDING, StandingQuery(mark=recipient.mark))
    return await _page(request, token, "gone" if standing.stopped else "preferences", standing)


@post("/v1/mail/preferences/{token:str}", status_code=200, include_in_schema=False)
async def state_preferences(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """The preferences as stated from now on."""
    recipient = _recipient(request, token)
    sent = (await body.read_bytes(request, LIMIT)).decode("utf-8", "replace")
    form = parse_qs(sent, keep_blank_values=True, max_num_fields=300)
    said = {"mark": recipient.mark, "source": "preferences", "decision_id": recipient.decision_id}
    change = StandingChange(**said, word="subscribed")  # type: ignore[arg-type]
    if "back" not in form:
        mailing = await _mailing(request)
        wanted = set(form.get("topic", ()))
        per_week = (form.get("per_week") or ["0"])[0]
        change = StandingChange(
            **said,  # type: ignore[arg-type]
            without=tuple(one for one in mailing.topics if one not in wanted),
            per_week=int(per_week) if per_week in {str(value) for value, _ in _CHOICES} else 0,
        )
    standing = await asker_of(request).ask(CHANGE_STANDING, change)
    if "back" in form and not standing.stopped:
        await request.app.state["mail"].tell_consent(request, recipient.person, granted=True)
    return await _page(request, token, "gone" if standing.stopped else "preferences", standing, "Saved.")


class MailState:
    """What these routes keep in the process that mounts them."""

    def __init__(self, tally: Tally, template: str) -> None:
        self.tally = tally
        self.environment = minijinja.Environment(trim_blocks=True, lstrip_blocks=True)
        self.environment.add_template("preferences.html", template)
        self._clicks: Clicks | None = None

    def clicks(self, request: AnyRequest) -> Clicks:
        if self._clicks is None:
            settings: SuiteSettings = request.app.state["settings"]
            base = settings.public_url or f"http://{settings.host}:{settings.port}"
            self._clicks = Clicks(Links(base).base, settings.server_key)
        return self._clicks

    async def tell(self, request: AnyRequest, name: str, person: str, properties: dict[str, str]) -> None:
        """Lets profiles know, so that mails come when they are read; a mail opens whether that works or not."""
        with contextlib.suppress(Fault):
            agent = request.headers.get("user-agent", "")[:500]
            event = await event_of(asker_of(request), person, name, properties, agent, time.time())
            if event is not None:
                await request.app.state["accept_events"].accept((event,))

    async def tell_consent(self, request: AnyRequest, person: str, *, granted: bool) -> None:
        """The same as the person's word on e-mail, which every channel knows of; the standing holds without it."""
        with contextlib.suppress(Fault):
            event = await consent_of(asker_of(request), person, granted, time.time())
            if event is not None:
                await request.app.state["accept_events"].accept((event,))


async def _page(request: AnyRequest, token: str, view: str, standing: Standing, said: str = "") -> Response[str]:
    mail: MailState = request.app.state["mail"]
    mailing = await _mailing(request)
    clicks = mail.clicks(request)
    nonce = secrets.token_urlsafe(16)
    titles = {"unsubscribe": "Unsubscribe?", "gone": "You are unsubscribed", "preferences": "Your mail from us"}
    if view == "gone" and standing.stopped != "unsubscribed from everything":
        titles["gone"] = "No mail goes to this address"
    html = mail.environment.render_template(
        "preferences.html",
        view=view,
        title=titles[view],
        said=said,
        nonce=nonce,
        stopped=standing.stopped,
        sender_name=mailing.sender_name,
        topics=[
            {"id": one, "name": topic.name, "text": topic.text, "wanted": one not in standing.without}
            for one, topic in mailing.topics.items()
        ],
        choices=[{"value": value, "name": name} for value, name in _CHOICES],
        per_week=standing.per_week,
        unsubscribe_url=f"{clicks.base}/v1/mail/unsubscribe/{token}",
        preferences_url=f"{clicks.base}/v1/mail/preferences/{token}",
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": _POLICY.format(nonce=nonce),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(html, media_type=MediaType.HTML, headers=headers)


async def _mailing(request: AnyRequest) -> Mailing:
    listed = await asker_of(request).ask(LIST_DOCUMENTS, ListDocumentsQuery(kind="mailing"))
    return msgspec.json.decode(listed.documents[0].body, type=Mailing) if listed.documents else DEFAULT


def _recipient(request: AnyRequest, token: str) -> Recipient:
    mail: MailState = request.app.state["mail"]
    recipient = mail.clicks(request).recipient(token)
    if recipient is None:
        raise Fault(404, "This link is not one of ours, or was cut off on its way: copy it whole from the mail.")
    return recipient


@contextlib.asynccontextmanager
async def open_mail_state(bus: AskingBus) -> AsyncIterator[dict[str, Any]]:
    """The counters, and the page's template read."""
    template = (Path(__file__).parents[2] / "templates" / "mail" / "preferences.html").read_text(encoding="utf-8")
    async with Tally(await bus.bucket("mail_counts")) as tally:
        yield {"mail": MailState(tally, template)}


HANDLERS = (
    click, opened, ask_to_unsubscribe, unsubscribe, preferences, state_preferences,
)  # fmt: skip
