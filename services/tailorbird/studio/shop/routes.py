"""The shop at /shop: open to everybody, as it is the demonstration; each page is one assembled payload."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from litestar import Request, Response, Router, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from tailorbird.bus import AskingBus
from tailorbird.contracts.wire import Fault
from tailorbird.host import body
from tailorbird.host.problems import problem
from tailorbird.host.segment_events import events_from_segment
from tailorbird.studio.shop.actions import act, noticed, seen
from tailorbird.studio.shop.mail_routes import HANDLERS as MAIL_HANDLERS
from tailorbird.studio.shop.pictures import scene_png, scene_svg, tile_png
from tailorbird.studio.shop.reasons import why_view
from tailorbird.studio.shop.rendering import Templates, page
from tailorbird.studio.shop.shop import Shop, just_now
from tailorbird.studio.shop.tiles import slug, tile
from tailorbird.studio.shop.view import page_view
from tailorbird.studio.shop.visit import JUST_NOW_SECONDS, Visit, cookies_of, visit_of

__all__ = ["SHOP", "open_shop"]

FOLDER = Path(__file__).parent
KEEP = 30 * 86_400
_STATIC = {
    "shop.css": "text/css; charset=utf-8",
    "stage.css": "text/css; charset=utf-8",
    "channels.css": "text/css; charset=utf-8",
    "shop.js": "text/javascript; charset=utf-8",
}
_FOR_EVER = {"Cache-Control": "public, max-age=604800, immutable"}
_OWN_PAGE = re.compile(r"/shop(/(cart|account|channels|email(/[\w-]+)?|(product|article)/[\w.%~-]+))?")
_DECISION = re.compile(r"[\w-]{8,80}", re.ASCII)

AnyRequest = Request[Any, Any, Any]


async def demo_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: the shop lets anybody be any customer, which only a demonstration may."""
    if not connection.app.state["settings"].demo:
        raise Fault(404, "The shop is part of the demonstration; start it with 'tailorbird demo'.")


async def same_site(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: what changes something must come from the shop's own pages. Raises Fault(403)."""
    origin = urlsplit(connection.headers.get("origin", "")).netloc
    own = {connection.headers.get("host", ""), urlsplit(connection.app.state["settings"].public_url).netloc} - {""}
    if origin not in own:
        raise Fault(403, "This form was sent from another site; open the shop and press the button there.")


@get("/", include_in_schema=False)
async def home(request: AnyRequest) -> Response[str]:
    return await _page(request, "home")


@get("/product/{item_id:str}", include_in_schema=False)
async def product(request: AnyRequest, item_id: FromPath[str]) -> Response[str]:
    return await _page(request, "product", item_id[:200])


@get("/article/{item_id:str}", include_in_schema=False)
async def article(request: AnyRequest, item_id: FromPath[str]) -> Response[str]:
    """Something to read is an item like any other."""
    return await _page(request, "product", item_id[:200])


@get("/cart", include_in_schema=False)
async def cart(request: AnyRequest) -> Response[str]:
    return await _page(request, "cart")


@get("/account", include_in_schema=False)
async def about_you(request: AnyRequest) -> Response[str]:
    """What the shop knows of whom it is about, for them to read."""
    return await _page(request, "account")


@get("/channels", include_in_schema=False)
async def channels(request: AnyRequest) -> Response[str]:
    """The same person at the same moment on two devices, on the lock screen, at the call centre, and on paper."""
    shop, templates = _parts(request)
    visit = _visit(request)
    nonce = secrets.token_urlsafe(16)
    everywhere = await shop.everywhere(visit, just_now(visit))
    choices = await shop.choices()
    worth_most = [group["shoppers"][0] for group in choices if group["persona"] == "premium"]
    view = everywhere | {"visit": visit, "nonce": nonce, "choices": choices, "best": next(iter(worth_most), None)}
    return page(templates.render("channels.html", **view), nonce)


@get("/why/{decision_id:str}", include_in_schema=False)
async def why(request: AnyRequest, decision_id: FromPath[str]) -> Response[str]:
    """Why this item, offer, action or page; only the panel when the script asks for it."""
    shop, templates = _parts(request)
    if not _DECISION.fullmatch(decision_id):
        raise Fault(404, "There is no such decision.")
    asked = {name: request.query_params.get(name, "")[:300] for name in ("kind", "id", "title")}
    view = why_view(await shop.why(decision_id), asked["kind"] or "page", asked["id"], asked["title"])
    nonce = secrets.token_urlsafe(16)
    template = "why_panel.html" if request.headers.get("x-panel") else "why.html"
    return page(templates.render(template, why=view, visit=_visit(request), nonce=nonce), nonce)


@post("/actions", include_in_schema=False, guards=[same_site])
async def actions(request: AnyRequest) -> Redirect:
    """Carry out a button, tell the collector, and go back to the page, which knows of it at once."""
    form = await _form(request)
    now = time.time()
    done = act(form, _visit(request), _iso(now), secrets.token_hex(12))
    await request.app.state["accept_events"].accept(events_from_segment(list(done.events), now, trusted=True))
    return _back(request, form, done.visit, done.sentence)


@post("/noticed", include_in_schema=False, guards=[same_site], status_code=204)
async def noticed_by_the_script(request: AnyRequest) -> None:
    """A look that went on, or a turn to leave: the next page may answer to it."""
    form, visit, now = await _form(request), _visit(request), time.time()
    if visit.customer_id or visit.anonymous_id:
        told = noticed(form, visit, _iso(now), secrets.token_hex(12))
        await request.app.state["accept_events"].accept(events_from_segment([told], now, trusted=True))


@post("/visitor", include_in_schema=False, guards=[same_site])
async def visitor(request: AnyRequest) -> Redirect:
    """Be somebody else: a customer by id, a new visitor, or one who comes from another site."""
    form = await _form(request)
    customer_id = (form.get("customer_id") or [""])[0].strip()[:120]
    fresh = Visit(anonymous_id=f"shop-{secrets.token_hex(8)}", referrer=(form.get("referrer") or [""])[0])
    if customer_id:
        fresh = replace(fresh, customer_id=customer_id, cart=await _parts(request)[0].cart_of(customer_id))
    return _back(request, form, fresh, "")


@get("/tiles/{department:str}/{category:str}/{name:str}", include_in_schema=False)
async def tile_svg(department: FromPath[str], category: FromPath[str], name: FromPath[str]) -> Response[Any]:
    """A product's picture, as SVG or, for mail programs, as PNG; the same for everyone, for ever."""
    if name.endswith(".png"):
        slugs = (slug(department[:80]), slug(category[:80]), slug(name.removesuffix(".png")[:80]))
        return _png(await asyncio.to_thread(tile_png, *slugs))
    drawing = tile(slug(department[:80]), slug(category[:80]), slug(name.removesuffix(".svg")[:80]))
    return Response(drawing, media_type="image/svg+xml", headers=_FOR_EVER)


@get("/scenes/{imagery:str}/{name:str}", include_in_schema=False)
async def scene_picture(imagery: FromPath[str], name: FromPath[str]) -> Response[Any]:
    """The picture of a hero in an e-mail, in the colours that its name tells: `accent-highlight-surface-ink-page`."""
    colours, _, kind = name.partition(".")
    if kind == "png":
        drawing = await asyncio.to_thread(scene_png, imagery[:40], colours[:40])
        if drawing:
            return _png(drawing)
    svg = scene_svg(imagery[:40], colours[:40])
    if kind != "svg" or not svg:
        raise Fault(404, "There is no such picture; its name is five colours: accent, highlight, surface, ink, page.")
    return Response(svg, media_type="image/svg+xml", headers=_FOR_EVER)


def _png(content: bytes) -> Response[bytes]:
    return Response(content, media_type="image/png", headers=_FOR_EVER)


@get("/static/{name:str}", include_in_schema=False)
async def static(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    kept = request.app.state["shop_static"].get(name)
    if kept is None:
        raise Fault(404, f"The shop has no file '{name}'.")
    return Response(kept, media_type=_STATIC[name], headers={"Cache-Control": "public, max-age=300"})


async def _page(request: AnyRequest, name: str, item_id: str = "") -> Response[str]:
    shop, templates = _parts(request)
    visit = _visit(request)
    known = replace(visit, anonymous_id=visit.anonymous_id or f"shop-{secrets.token_hex(8)}")
    now = time.time()
    looked = events_from_segment([seen(name, known, item_id, _iso(now), secrets.token_hex(12))], now, trusted=True)
    if "prefetch" not in request.headers.get("sec-purpose", ""):
        await request.app.state["accept_events"].accept(looked)
    payload = await shop.page(name, known, looked, _device(request), item_id)
    nonce = secrets.token_urlsafe(16)
    view = page_view(payload, department=slug(request.query_params.get("department", "")[:60]))
    view |= {"visit": known, "nonce": nonce, "choices": await shop.choices(), "back": request.url.path}
    view |= {"said": unquote(request.cookies.get("shop_said", ""))[:200], "item_id": item_id}
    there = name != "product" or any(slot.get("item") for slot in view["slots"])
    answer = page(templates.render("page.html", **view), nonce, 200 if there else 404)
    if not visit.anonymous_id:
        answer.set_cookie(_cookie(request, "shop_visitor", known.anonymous_id, KEEP))
    if view["said"]:
        answer.delete_cookie("shop_said", path="/shop")
    return answer


def _parts(request: AnyRequest) -> tuple[Shop, Templates]:
    return request.app.state["shop"], request.app.state["shop_templates"]


def _visit(request: AnyRequest) -> Visit:
    return visit_of({name: unquote(value) for name, value in request.cookies.items()})


async def _form(request: AnyRequest) -> dict[str, list[str]]:
    content = await body.read_bytes(request, 65_536)
    return parse_qs(content.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=300)


def _back(request: AnyRequest, form: dict[str, list[str]], visit: Visit, sentence: str) -> Redirect:
    """To the page that the button was on; never to another site."""
    where = (form.get("back") or ["/shop"])[0]
    answer = Redirect(where if _OWN_PAGE.fullmatch(where) else "/shop", status_code=303)
    for name, value in cookies_of(visit).items():
        age = JUST_NOW_SECONDS if name == "shop_just" else KEEP
        answer.set_cookie(_cookie(request, name, value, age if value else 0))
    if sentence:
        answer.set_cookie(_cookie(request, "shop_said", sentence, JUST_NOW_SECONDS))
    return answer


def _cookie(request: AnyRequest, name: str, value: str, age: int) -> Cookie:
    secure = request.url.scheme == "https"
    return Cookie(
        name, value=quote(value, safe=""), path="/shop", max_age=age, httponly=True, samesite="lax", secure=secure
    )


def _device(request: AnyRequest) -> str:
    return "mobile" if "mobi" in request.headers.get("user-agent", "").lower() else "desktop"


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


@contextlib.asynccontextmanager
async def open_shop(bus: AskingBus, _: None) -> AsyncIterator[dict[str, Any]]:
    """Templates and files read, and the shop's way to the suite."""
    files = {name: (FOLDER / "static" / name).read_bytes() for name in _STATIC}
    yield {"shop": Shop(bus.asker), "shop_templates": Templates(FOLDER / "templates"), "shop_static": files}


def refused(request: AnyRequest, fault: Fault) -> Response[Any]:
    """A person gets the sentence on a page, whoever else asks the same as everywhere (problem+json)."""
    if "text/html" not in request.headers.get("accept", "") or request.headers.get("x-panel"):
        return problem(fault.code, fault.sentence, fault.problems)
    nonce = secrets.token_urlsafe(16)
    html = _parts(request)[1].render("refused.html", sentence=fault.sentence, visit=_visit(request), nonce=nonce)
    return page(html, nonce, fault.code)


SHOP = Router(
    path="/shop",
    guards=[demo_only],
    exception_handlers={Fault: refused},
    route_handlers=[
        home, product, article, cart, about_you, channels, *MAIL_HANDLERS, why, actions, noticed_by_the_script,
        visitor, tile_svg, scene_picture, static,
    ],
)
