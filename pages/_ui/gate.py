"""The gate: plain ASGI before all of Streamlit, so that nothing of it runs for a stranger.

Two ways in for now, both on this machine alone: the synthetic bank opens to anybody (a persona stands in for
sign-in), any other warehouse to its owner's session. Whatever is neither is refused, websockets included, and
which of the two holds is read anew from the published version at every request and every message.
"""

import sys
from collections.abc import Awaitable, Callable

import streamlit as st
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analytics.access.sessions import COOKIE, LINK_SECONDS, SESSION_SECONDS, SESSIONS, signed_in_owner
from analytics.errors import NoWarehouse
from analytics.settings import warehouse_folder
from analytics.translation import translate as _
from analytics.warehouse.versions import current_manifest
from pages._ui import gate_texts as texts
from pages._ui.loopback import from_this_machine, is_loopback

HEALTH = "/_stcore/health"
POLICY_VIOLATION = 1008


class Gate:
    """ASGI middleware that admits, or answers in the app's place."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer_to: dict[str, Callable[[Scope, Receive, Send], Awaitable[None]]] = {
            "http": self._http,
            "websocket": self._websocket,
            "lifespan": self._lifespan,
        }
        await answer_to[scope["type"]](scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HTTPConnection(scope)
        if scope["path"] == HEALTH and scope["method"] in ("GET", "HEAD"):
            return await self._app(scope, receive, send)
        refusal = why_not(request)
        if "token" in request.query_params and scope["path"] == "/" and scope["method"] == "GET":
            if refusal is texts.NO_SESSION and (key := SESSIONS.begin(request.query_params["token"])):
                return await _welcome(request, key)(scope, receive, send)
            if refusal is None:  # an old link in a browser that is signed in: only take it off the address
                return await texts.page(texts.WELCOME, request, move_on=True)(scope, receive, send)
        if refusal is None:
            return await self._app(scope, receive, send)
        if refusal is texts.NO_SESSION and "text/html" in request.headers.get("accept", ""):
            print_link()
        return await texts.page(refusal, request)(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HTTPConnection(scope)

        async def close() -> None:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})

        async def watched_receive() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and why_not(request) is not None:
                await close()
                return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}
            return message

        if why_not(request) is not None:
            return await close()
        return await self._app(scope, watched_receive, send)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def announced_send(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                print_link()

        await self._app(scope, receive, announced_send)


def why_not(request: HTTPConnection) -> texts.Answer | None:
    """The answer for somebody who may not pass; None for somebody who may."""
    if not from_this_machine(request):
        return texts.STRANGER
    if not is_loopback(st.get_option("server.address")):
        return texts.BOUND_OPENLY
    try:
        manifest = current_manifest(warehouse_folder())
    except NoWarehouse:
        return texts.NO_WAREHOUSE
    if manifest.demo is True:
        return None
    if not manifest.owner:
        return texts.NO_OWNER
    return None if signed_in_owner(manifest.owner, request.cookies) else texts.NO_SESSION


def print_link() -> None:
    """Print the owner's way in where only they can read it, unless one still waits to be used."""
    try:
        manifest = current_manifest(warehouse_folder())
    except NoWarehouse:
        return
    address = st.get_option("server.address")
    if manifest.demo is True or not manifest.owner or not is_loopback(address):
        return
    token = SESSIONS.new_link(manifest.owner)
    if token is None:
        return
    says = _("{owner} signs in here (works once, for {minutes} minutes):").format(
        owner=manifest.owner, minutes=LINK_SECONDS // 60
    )
    host = f"[{address}]" if ":" in address else address
    sys.stdout.write(f"\n  {says}\n  http://{host}:{st.get_option('server.port')}/?token={token}\n\n")
    sys.stdout.flush()


def _welcome(request: HTTPConnection, key: str) -> ASGIApp:
    response = texts.page(texts.WELCOME, request, move_on=True)
    response.set_cookie(
        # Cookies know no ports: two servers on this machine must not overwrite each other's session.
        f"{COOKIE}_{st.get_option('server.port')}",
        key,
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response
