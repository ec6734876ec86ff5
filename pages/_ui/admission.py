"""How many people one process serves at once. Whoever comes beyond that is told so, and let in as soon as there is room."""

from threading import Lock
from time import monotonic

import streamlit as st

from analytics.settings import most_sessions
from analytics.translation import translate as _
from pages._ui.attendance import is_here, session

QUIET_SECONDS = 300.0  # a session that asked for nothing so long keeps no place from others
RETRY_SECONDS = 5.0


class Places:
    """Who is served, and when each of them asked last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: dict[str, float] = {}

    def take(self, session: str, most: int) -> bool:
        """Whether this session is served: it has a place, or gets one that is free."""
        with self._lock:
            if session not in self._seen and not self._room(most):
                return False
            self._seen[session] = monotonic()
            return True

    def is_free(self, most: int) -> bool:
        with self._lock:
            return self._room(most)

    def _room(self, most: int) -> bool:
        if len(self._seen) >= most:  # only then is it worth looking who went
            since = monotonic() - QUIET_SECONDS
            self._seen = {one: last for one, last in self._seen.items() if last > since and is_here(one)}
        return len(self._seen) < most


PLACES = Places()


def admit() -> None:
    """Go on for a session that has a place; tell another that it has to wait, and draw nothing else."""
    if PLACES.take(session(), most_sessions()):
        return
    st.title(_("Many people are here just now"))
    st.info(
        _(
            "The service is busy. You will be let in without doing anything, in a moment; nothing that you saved is lost."
        ),
        icon=":material/hourglass_top:",
    )
    _try_again()
    st.stop()


@st.fragment(run_every=RETRY_SECONDS)
def _try_again() -> None:
    if PLACES.is_free(most_sessions()):
        st.rerun()
