"""The way in through a sign-in provider: who passes, who is sent to sign in, and where a sign-in begins and ends."""

import sys
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from analytics.access import signing_in
from analytics.errors import AnalyticsError, NoWarehouse
from analytics.settings import warehouse_folder
from analytics.translation import translate as _
from analytics.warehouse.versions import current_manifest
from pages._ui import gate_texts as texts
from pages._ui.belongings import is_theirs
from pages._ui.loopback import asked_by_own_page
from pages._ui.provider import CALLBACK, Provider, faults, provider
from pages._ui.screen import store
from pages._ui.way_back import meant_page, remember_page, without_page

LOGIN, LOGOUT = "/auth/login", "/auth/logout"
FOR_NOBODY = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")
NOT_PAGES = ("/_stcore/", "/media/", "/component/", "/static/", "/app/static/", "/auth/")
# What a browser may ask of a running script. The rest clears everybody's cache or is for developers.
ASKED = ("rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request")


class ThroughProvider:
    """What the gate asks where a provider is named."""

    def __init__(self, named: Provider | None = None) -> None:
        self._provider = named or provider()

    @property
    def is_https(self) -> bool:
        return self._provider is not None and self._provider.is_https

    async def person(self, cookies: Mapping[str, str]) -> str | None:
        """Whose sign-in these cookies hold, if it counts now."""
        return await run_in_threadpool(signed_in_email, cookies, self._provider)

    async def why_not(self, request: HTTPConnection) -> texts.Answer | None:
        """The answer for somebody who may not pass; None for somebody who may."""
        if self._provider is None:
            return texts.UNSAFE_PROVIDER
        if not _is_from_here(request, self._provider):
            return texts.ELSEWHERE
        try:
            if await self.person(request.cookies) is None:
                return texts.SIGN_IN
            current_manifest(warehouse_folder())
        except NoWarehouse:
            return texts.NO_WAREHOUSE
        except AnalyticsError:
            return texts.NOT_NOW
        return None

    async def http(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, send it to sign in, or refuse it."""
        request = HTTPConnection(scope)
        refusal = await self.why_not(request)
        path, reads = scope["path"], scope["method"] == "GET"
        if self._provider is None or refusal is texts.ELSEWHERE:
            answer: ASGIApp = texts.page(refusal or texts.NOT_NOW, request)
        elif path == CALLBACK and reads:
            answer = await self._begun(app, scope, receive, self._provider)
        elif path == LOGIN and reads:
            answer = app
        elif path == LOGOUT and reads:
            answer = await self._ended(app, request, self._provider)
        elif refusal is texts.SIGN_IN and _is_page(request):
            answer = remember_page(RedirectResponse(self._provider.login_address(), 302), request)
        elif refusal is not None:
            answer = texts.page(refusal, request)
        else:
            answer = app if await self._may_have(path, request) else Response(status_code=404)
        await answer(scope, receive, send)

    async def _may_have(self, path: str, request: HTTPConnection) -> bool:
        person = await self.person(request.cookies)
        return (
            person is not None
            and not path.startswith(FOR_NOBODY)
            and await is_theirs(path, person, self.person)
        )

    async def _begun(self, app: ASGIApp, scope: Scope, receive: Receive, named: Provider) -> ASGIApp:
        """Streamlit's answer to the provider's call-back, once the sign-in that it holds has begun here."""
        request, answer = HTTPConnection(scope), _Held()
        if "error" in request.query_params:
            return texts.page(texts.NOT_SIGNED_IN, request)
        await app(scope, receive, answer.keep)
        held = named.claims(answer.cookies())
        if held is None:
            return texts.page(texts.NOT_SIGNED_IN, request)
        texts.speak(request)
        try:
            await run_in_threadpool(_begin, *held, named.client_id)
        except AnalyticsError as error:
            return texts.page(texts.refused(error), request)
        without_page(answer.headers, meant_page(request))
        return answer

    async def _ended(self, app: ASGIApp, request: HTTPConnection, named: Provider) -> ASGIApp:
        """Streamlit's sign-out, once every sign-in of the person has ended here; for a stranger the first page."""
        if named.claims(request.cookies) is None:
            return RedirectResponse("/", 302)
        email = await self.person(request.cookies)
        if email is not None:
            await run_in_threadpool(_end, email)
        return app

    def understands(self, message: bytes | None) -> bool:
        """Whether a message is of those that a page of ours sends; what can't be read is Streamlit's to refuse."""
        try:
            return message is None or BackMsg.FromString(message).WhichOneof("type") in ASKED
        except ValueError:
            return True

    def farewell(self) -> bytes | None:
        """Take an open page to the sign-in, once its person is signed out."""
        said = ForwardMsg()
        said.auth_redirect.url = "/"
        return bytes(said.SerializeToString())

    def started(self) -> None:
        """Say what keeps the provider from being used; let Streamlit accept the host that people use."""
        if self._provider is None:
            says = _("Everybody is refused until [auth] in the secrets is safe:")
            sys.stdout.write("\n  " + "\n  - ".join([says, *faults()]) + "\n\n")
            sys.stdout.flush()
            return
        config.set_option("server.allowedHosts", [self._provider.host.rsplit(":", 1)[0]])


def signed_in_email(cookies: Mapping[str, str], named: Provider | None) -> str | None:
    """The address whose grants these cookies open now: signed here, begun here, not ended."""
    held = named.claims(cookies) if named else None
    found = store().people.signed_in(held[1]) if held else None
    return found.email if found else None


class _Held:
    """An answer of the app's that is sent later, or not at all."""

    def __init__(self) -> None:
        self._messages: list[Message] = []

    async def keep(self, message: Message) -> None:
        self._messages.append(message)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for message in self._messages:
            await send(message)

    @property
    def headers(self) -> MutableHeaders:
        return MutableHeaders(scope=self._messages[0])

    def cookies(self) -> dict[str, str]:
        """The cookies that it sets, without those that it takes away."""
        start = self._messages[0] if self._messages else {"headers": []}
        told = Headers(raw=start["headers"]).getlist("set-cookie")
        kept = [cookie.split(";")[0] for cookie in told if "max-age=0" not in cookie.lower()]
        return dict(cookie.split("=", 1) for cookie in kept)


def _begin(claims: Mapping[str, Any], digest: str, client_id: str) -> None:
    signing_in.sign_in(store(), claims, client_id, digest)


def _end(email: str) -> None:
    signing_in.sign_out(store(), email)


def _is_from_here(request: HTTPConnection, named: Provider) -> bool:
    """By the provider's name for us, from a page of ours or none."""
    hosts = [host.lower() for host in request.headers.getlist("host")]
    foreign = [origin for origin in request.headers.getlist("origin") if origin != named.origin]
    return hosts == [named.host.lower()] and not foreign and asked_by_own_page(request)


def _is_page(request: HTTPConnection) -> bool:
    """Whether somebody opens a page: only then do they see where they are sent."""
    path = request.scope["path"]
    accepts = "text/html" in request.headers.get("accept", "")
    return request.scope["method"] == "GET" and accepts and not path.startswith(NOT_PAGES)
