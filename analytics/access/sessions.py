"""The owner's way in without a sign-in provider: a secret link, used once, then a session.

Everything is kept in this process's memory and as digests only: a restart ends every session, and a copy of
the memory of one says nothing that could be typed into a browser.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from threading import Lock

from analytics.access.grants import same_email

LINK_SECONDS = 10 * 60
SESSION_SECONDS = 12 * 60 * 60
COOKIE = "clientele_session"


class Sessions:
    """Links that were printed and sessions that were begun with them, each of one person.

    >>> sessions = Sessions()
    >>> token = sessions.new_link("Owner@bank.example")
    >>> key = sessions.begin(token)
    >>> sessions.person({"clientele_session_8501": key}), sessions.begin(token)
    ('owner@bank.example', None)
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = Lock()
        self._link: tuple[str, str, float] | None = None
        self._begun: dict[str, tuple[str, float]] = {}

    def new_link(self, email: str) -> str | None:
        """A fresh token for a person, or None while an earlier one of theirs still waits to be used.

        At most one token is ever open, so that asking again and again opens nothing.
        """
        with self._lock:
            email = same_email(email)
            if self._link and self._link[1] == email and self._clock() < self._link[2]:
                return None
            token = secrets.token_urlsafe(32)
            self._link = (_digest(token), email, self._clock() + LINK_SECONDS)
            return token

    def begin(self, token: str) -> str | None:
        """Trade a token for the key of a session; None when it is wrong, used or too old."""
        with self._lock:
            if self._link is None or not secrets.compare_digest(self._link[0], _digest(token)):
                return None
            _, email, until = self._link
            self._link = None
            if self._clock() >= until:
                return None
            key = secrets.token_urlsafe(32)
            self._begun[_digest(key)] = (email, self._clock() + SESSION_SECONDS)
            return key

    def person(self, cookies: Mapping[str, str]) -> str | None:
        """Whose session these cookies hold, if it lasts."""
        keys = (value for name, value in cookies.items() if name.startswith(COOKIE))
        with self._lock:
            self._begun = {key: held for key, held in self._begun.items() if self._clock() < held[1]}
            held = (self._begun.get(_digest(key)) for key in keys)
            return next((email for email, _ in filter(None, held)), None)


SESSIONS = Sessions()


def signed_in_owner(owner: str | None, cookies: Mapping[str, str]) -> str | None:
    """The warehouse's owner, if these cookies are of a session that is theirs; None for anybody else."""
    person = SESSIONS.person(cookies)
    return person if owner is not None and person == same_email(owner) else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
