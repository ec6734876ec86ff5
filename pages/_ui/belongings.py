"""Files that Streamlit serves by address, and whose they are: one person's are never handed to another.

This leans on names of Streamlit's that are not public, which sessions use a file and who their clients are.
Streamlit is pinned and tests/e2e/test_signin.py holds it; what can't be told is refused.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from posixpath import splitext
from threading import Lock

from streamlit.runtime import Runtime, exists, get_instance
from streamlit.runtime.media_file_manager import MediaFileManager

MEDIA, UPLOAD = "/media/", "/_stcore/upload_file/"
MOST_MADE = 10_000
Who = Callable[[Mapping[str, str]], Awaitable[str | None]]


class Made:
    """Which sessions' downloads a file was made for when they clicked: Streamlit itself doesn't keep that."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._sessions: OrderedDict[str, set[str]] = OrderedDict()

    def note(self, file: str, session: str) -> None:
        with self._lock:
            self._sessions.setdefault(file, set()).add(session)
            self._sessions.move_to_end(file)
            while len(self._sessions) > MOST_MADE:
                self._sessions.popitem(last=False)

    def sessions(self, file: str) -> set[str]:
        with self._lock:
            return set(self._sessions.get(file, ()))


MADE = Made()


def keep_account(manager: MediaFileManager, made: Made = MADE) -> None:
    """Let Streamlit's manager of files note for which session it makes a download when somebody clicks."""
    make = manager.execute_deferred

    def noted(file_id: str) -> str:
        entry = manager._deferred_callables.get(file_id)
        address = make(file_id)
        if entry is not None:
            made.note(_file_of(address), entry["session_id"])
        return address

    manager.execute_deferred = noted  # type: ignore[method-assign]


async def is_theirs(path: str, person: str, who: Who) -> bool:
    """Whether what is asked for by this path, if it belongs to anybody, is this person's.

    who : the person of a session's cookies.
    """
    if path.startswith(MEDIA):
        sessions = _sessions_with(_file_of(path))
    elif path.startswith(UPLOAD):
        sessions = {path.removeprefix(UPLOAD).split("/")[0]}
    else:
        return True
    return exists() and await _one_is(person, sessions, get_instance(), who)


async def _one_is(person: str, sessions: Iterable[str], runtime: Runtime, who: Who) -> bool:
    for session in sessions:
        client = runtime.get_client(session)
        known = client.client_context if client else None
        if known is not None and await who(known.cookies) == person:
            return True
    return False


def _sessions_with(file: str) -> set[str]:
    if not exists():
        return set()
    used = get_instance().media_file_mgr._files_by_session_and_coord
    showing = {session for session, files in list(used.items()) if file in list(files.values())}
    return showing | MADE.sessions(file)


def _file_of(address: str) -> str:
    return splitext(address.removeprefix(MEDIA))[0]
