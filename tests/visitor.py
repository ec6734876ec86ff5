"""A tab without a browser: what Streamlit's front end says over its websocket, and what it is told."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any, TypeVar

from streamlit.proto.AutoRerun_pb2 import AutoRerun
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 120  # seconds for one message
SOON = 1.0  # seconds: a part that asks for itself again within them is still computing
WHOLE, IN_PART = ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


T = TypeVar("T")


def finished(visit: Coroutine[Any, Any, T]) -> T:
    """What a visit comes to. In a thread of its own: Playwright keeps a loop running in the test's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, visit).result()


@dataclass
class Screen:
    """What stands on a page. `again`: the part of it that asks for itself anew, if one does."""

    seconds: float = 0.0
    texts: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    again: AutoRerun | None = None

    def take(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.faults.append(element.exception.message or element.exception.type)
        elif kind == "alert" and "not your fault" in element.alert.body:
            self.faults.append(element.alert.body)
        elif kind in ("alert", "heading", "markdown"):
            self.texts.append(getattr(element, kind).body)

    def is_sooner(self, other: AutoRerun) -> bool:
        return self.again is None or other.interval < self.again.interval

    @property
    def is_busy(self) -> bool:
        return self.again is not None and self.again.interval <= SOON

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


class Visitor:
    """One session. `turn_to` asks for a page and waits, as a browser does, until it is computed."""

    def __init__(self, stream: ClientConnection) -> None:
        self._stream = stream
        self._pages: dict[str, str] = {}
        self.session = ""

    async def turn_to(self, page: str = "") -> Screen:
        """A page by its address, "" for the first one."""
        begun = time.perf_counter()
        self._page = self._pages.get(page, "")
        await self._ask()
        screen = await self._heard(Screen())
        while screen.is_busy and screen.again:
            await asyncio.sleep(screen.again.interval)
            await self._ask(screen.again.fragment_id)
            screen = await self._heard(screen)
        screen.seconds = time.perf_counter() - begun
        return screen

    async def ask(self, page: str = "") -> None:
        """Ask for a page, and don't wait for it."""
        self._page = self._pages.get(page, "")
        await self._ask()

    async def _ask(self, part: str = "") -> None:
        state = ClientState(page_script_hash=self._page, fragment_id=part, is_auto_rerun=bool(part))
        await self._stream.send(BackMsg(rerun_script=state).SerializeToString())

    async def _heard(self, shown: Screen) -> Screen:
        """The screen once a run has ended that no other follows: a new one, or, after a run of a part, the same."""
        drawn = Screen()
        while True:
            frame = ForwardMsg.FromString(await asyncio.wait_for(self._stream.recv(), PATIENCE))  # type: ignore[arg-type]
            kind = frame.WhichOneof("type")
            if kind == "new_session":
                self.session, drawn = frame.new_session.initialize.session_id, Screen()
            elif kind == "navigation":
                self._pages = {
                    page.url_pathname: page.page_script_hash for page in frame.navigation.app_pages
                }
            elif kind == "auto_rerun" and drawn.is_sooner(frame.auto_rerun):
                drawn.again = frame.auto_rerun
            elif kind == "delta" and frame.delta.WhichOneof("type") == "new_element":
                drawn.take(frame.delta.new_element)
            elif kind == "script_finished" and frame.script_finished == WHOLE:
                return drawn
            elif kind == "script_finished" and frame.script_finished == IN_PART:
                shown.faults += drawn.faults
                return shown


@asynccontextmanager
async def visitor(url: str, *, cookie: str = "", tls: SSLContext | None = None) -> AsyncIterator[Visitor]:
    """A session of the app at this address; `cookie` is that of somebody who signed in."""
    stream = connect(
        url.replace("http", "ws", 1) + "/_stcore/stream",
        additional_headers={"Cookie": cookie} if cookie else {},
        origin=url,  # type: ignore[arg-type]
        max_size=None,
        open_timeout=PATIENCE,
        ssl=tls,
    )
    async with stream as opened:
        yield Visitor(opened)
