"""The ways in without a provider, both on this machine alone: the synthetic bank opens to anybody (a persona
stands in for sign-in), any other warehouse to its owner's session."""

import sys
from collections.abc import Mapping

import streamlit as st
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from analytics.access.sessions import COOKIE, LINK_SECONDS, SESSION_SECONDS, SESSIONS, signed_in_owner
from analytics.errors import NoWarehouse
from analytics.settings import warehouse_folder
from analytics.translation import translate as _
from analytics.warehouse.versions import Manifest, current_manifest
from pages._ui import gate_texts as texts
from pages._ui.loopback import from_this_machine, is_loopback

ANYBODY_HERE = "anybody on this machine"


class Local:
    """What the gate asks where no provider is named."""

    is_https = False

    async def person(self, cookies: Mapping[str, str]) -> str | None:
        """The owner of a session; all who look at the synthetic bank are one."""
        manifest = _manifest()
        if manifest is None:
            return None
        return ANYBODY_HERE if manifest.demo is True else signed_in_owner(manifest.owner, cookies)

    async def why_not(self, request: HTTPConnection) -> texts.Answer | None:
        """The answer for somebody who may not pass; None for somebody who may."""
        if not from_this_machine(request):
            return texts.STRANGER
        if not is_loopback(st.get_option("server.address")):
            return texts.BOUND_OPENLY
        manifest = _manifest()
        if manifest is None:
            return texts.NO_WAREHOUSE
        if manifest.demo is not True and not manifest.owner:
            return texts.NO_OWNER
        return texts.NO_SESSION if await self.person(request.cookies) is None else None

    async def http(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it: with the owner's session, for a link that is good."""
        request = HTTPConnection(scope)
        refusal = await self.why_not(request)
        if "token" in request.query_params and scope["path"] == "/" and scope["method"] == "GET":
            if refusal is texts.NO_SESSION and (key := SESSIONS.begin(request.query_params["token"])):
                return await _welcome(request, key)(scope, receive, send)
            if refusal is None:  # an old link in a browser that is signed in: only take it off the address
                return await texts.page(texts.WELCOME, request, move_on=True)(scope, receive, send)
        if refusal is None:
            return await app(scope, receive, send)
        if refusal is texts.NO_SESSION and "text/html" in request.headers.get("accept", ""):
            print_link()
        return await texts.page(refusal, request)(scope, receive, send)

    def understands(self, message: bytes | None) -> bool:
        """On one's own machine everything that Streamlit's front end may ask."""
        return True

    def farewell(self) -> bytes | None:
        return None

    def started(self) -> None:
        print_link()


def print_link() -> None:
    """Print the owner's way in where only they can read it, unless one still waits to be used."""
    manifest = _manifest()
    address = st.get_option("server.address")
    if manifest is None or manifest.demo is True or not manifest.owner or not is_loopback(address):
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


def _manifest() -> Manifest | None:
    try:
        return current_manifest(warehouse_folder())
    except NoWarehouse:
        return None


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
