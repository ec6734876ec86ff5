"""Who is still there: work for sessions that are gone is ended, and their places are free."""

import secrets
from threading import Lock, Thread
from time import sleep
from typing import Protocol

import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

LOOK_SECONDS = 1.0


def session() -> str:
    """Streamlit's name of the session that this script runs for."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def visitor() -> str:
    """The session with a mark of its own, so that two are told apart where nothing else does it."""
    mark: str = st.session_state.setdefault("session", secrets.token_hex(8))
    return f"{session()} {mark}"


def is_here(visitor: str) -> bool:
    """Whether a browser holds this session's websocket open; without a server there is nobody to miss."""
    return not exists() or bool(get_instance().is_active_session(visitor.split(" ")[0]))


class Awaited(Protocol):
    """Work that somebody waits for."""

    @property
    def waiting(self) -> set[str]: ...

    @property
    def is_over(self) -> bool: ...

    def end(self) -> None: ...


class Watch:
    """Ends the work that nobody is there for any more, within two seconds. A thread looks, while there is any."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._works: list[Awaited] = []

    def over(self, work: Awaited) -> None:
        with self._lock:
            self._works.append(work)
            if len(self._works) == 1:
                Thread(target=self._look, name="attendance", daemon=True).start()

    def _look(self) -> None:
        while True:
            sleep(LOOK_SECONDS)
            with self._lock:
                self._works = [work for work in self._works if not work.is_over]
                if not self._works:
                    return
                left = [work for work in self._works if work.waiting and not _any_here(work)]
            for work in left:
                work.end()


def _any_here(work: Awaited) -> bool:
    return any(is_here(one) for one in list(work.waiting))
