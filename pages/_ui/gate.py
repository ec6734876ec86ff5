"""The gate: plain ASGI before all of Streamlit, so that nothing of it runs for a stranger.

Where a sign-in provider is named, it is the only way in; without one there are two, both on this machine alone.
Whoever has not come in by the way that holds is refused, websockets included, and whether somebody still may is
asked anew at every request and every message. Every answer gets its headers here.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import exists, get_instance

from pages._ui.belongings import keep_account
from pages._ui.gate_texts import Answer
from pages._ui.headers import guarded, say_no_name
from pages._ui.provider import is_configured
from pages._ui.way_in_local import Local
from pages._ui.way_in_provider import ThroughProvider

HEALTH = "/_stcore/health"
POLICY_VIOLATION = 1008


class WayIn(Protocol):
    """How people come in, as the gate asks it."""

    @property
    def is_https(self) -> bool: ...

    async def person(self, cookies: Mapping[str, str]) -> str | None: ...

    async def why_not(self, request: HTTPConnection) -> Answer | None: ...

    async def http(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None: ...

    def understands(self, message: bytes | None) -> bool: ...

    def farewell(self) -> bytes | None: ...

    def started(self) -> None: ...


def way_in() -> WayIn:
    """The way that holds now."""
    return ThroughProvider() if is_configured() else Local()


class Gate:
    """ASGI middleware that admits, or answers in the app's place."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        say_no_name()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer_to: dict[str, Callable[[Scope, Receive, Send], Awaitable[None]]] = {
            "http": self._http,
            "websocket": self._websocket,
            "lifespan": self._lifespan,
        }
        await answer_to[scope["type"]](scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        way = way_in()
        send = guarded(scope, send, https=way.is_https)
        if scope["path"] == HEALTH and scope["method"] in ("GET", "HEAD"):
            return await self._app(scope, receive, send)
        return await way.http(self._app, scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HTTPConnection(scope)

        async def watched_receive() -> Message:
            while True:
                message, way = await receive(), way_in()
                if message["type"] != "websocket.receive":
                    return message
                if await way.why_not(request) is not None:
                    await _show_out(way, send)
                    return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}
                if way.understands(message.get("bytes")):
                    return message

        if await way_in().why_not(request) is not None:
            return await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        return await self._app(scope, watched_receive, send)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def announced_send(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                if exists():
                    keep_account(get_instance().media_file_mgr)
                way_in().started()

        await self._app(scope, receive, announced_send)


async def _show_out(way: WayIn, send: Send) -> None:
    said = way.farewell()
    if said is not None:
        await send({"type": "websocket.send", "bytes": said})
    await send({"type": "websocket.close", "code": POLICY_VIOLATION})
