"""Where things are, from the environment."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from analytics.errors import AnalyticsError, BadInput
from analytics.translation import translate as _

SHORTEST_KEY = 32  # bytes
LONGEST_SESSION = 24 * 7  # hours


def warehouse_folder() -> Path:
    """The warehouse that the app and the commands use: CLIENTELE_WAREHOUSE, else data/warehouse."""
    return Path(os.environ.get("CLIENTELE_WAREHOUSE") or "data/warehouse")


def store_url(warehouse: Path) -> str:
    """The store's SQLAlchemy URL: CLIENTELE_STORE, else a file beside the warehouse's versions."""
    return os.environ.get("CLIENTELE_STORE") or f"sqlite:///{(warehouse / 'store.sqlite').absolute()}"


def feeds_folder() -> Path | None:
    """The folder whose files a steward may name as a source of rates: CLIENTELE_FEEDS, else none."""
    named = os.environ.get("CLIENTELE_FEEDS")
    return Path(named) if named else None


def session_hours() -> float:
    """How long a sign-in at the provider counts, at most: CLIENTELE_SESSION_HOURS, else 12 hours.

    Raises BadInput for anything but a number of hours above 0 and up to a week.
    """
    said = os.environ.get("CLIENTELE_SESSION_HOURS") or "12"
    try:
        hours = float(said)
    except ValueError:
        hours = 0.0
    if not 0 < hours <= LONGEST_SESSION:
        raise BadInput(
            _("CLIENTELE_SESSION_HOURS can't be {said}.").format(said=said),
            _("Give a number of hours, at most {most}.").format(most=LONGEST_SESSION),
        )
    return hours


def most_sessions() -> int:
    """How many people one process serves at once: CLIENTELE_MOST_SESSIONS, else 40.

    Raises BadInput for anything but a number above 0.
    """
    said = os.environ.get("CLIENTELE_MOST_SESSIONS") or "40"
    if not said.isascii() or not said.isdigit() or int(said) < 1:
        raise BadInput(
            _("CLIENTELE_MOST_SESSIONS can't be {said}.").format(said=said),
            _("Give a whole number above 0."),
        )
    return int(said)


def audit_key(warehouse: Path, *, make: bool = False) -> bytes:
    """The key of the audit trail: the content of the file CLIENTELE_AUDIT_KEY_FILE, else of `audit.key` in the
    warehouse's folder. Replicas need the same one.

    make : for a trail that begins: the latter is made when missing. Later a new key would fit nothing.
    Raises AnalyticsError where there is none, or one that could be guessed.
    """
    named = os.environ.get("CLIENTELE_AUDIT_KEY_FILE")
    path = Path(named) if named else warehouse / "audit.key"
    if make and not named and not path.exists():
        _make_key(path)
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise AnalyticsError(
            _("The audit trail's key {path} can't be read, so nothing can be recorded.").format(path=path),
            _("Put it back, or let CLIENTELE_AUDIT_KEY_FILE name where it is."),
        ) from error
    if len(key) < SHORTEST_KEY:
        raise AnalyticsError(
            _("The audit trail's key {path} is too short to protect anything.").format(path=path),
            _("Put the right one back; a new one has at least {n} bytes.").format(n=SHORTEST_KEY),
        )
    return key


def warehouse_key() -> str | None:
    """The key that the warehouse is encrypted with: the content of the file CLIENTELE_WAREHOUSE_KEY_FILE, else
    CLIENTELE_WAREHOUSE_KEY, else none. Raises BadInput for one that is short or can't be read, and for two."""
    named, given = os.environ.get("CLIENTELE_WAREHOUSE_KEY_FILE"), os.environ.get("CLIENTELE_WAREHOUSE_KEY")
    if named and given:
        raise BadInput(
            _("Both CLIENTELE_WAREHOUSE_KEY and CLIENTELE_WAREHOUSE_KEY_FILE are set."),
            _("Keep one of them."),
        )
    if not named and given is None:
        return None
    key = _secret_in(named).decode("utf-8", "replace") if named else str(given).strip()
    if len(key) < SHORTEST_KEY or not key.isprintable():
        raise BadInput(
            _("The warehouse's key has fewer than {n} characters, or some that can't be printed.").format(
                n=SHORTEST_KEY
            ),
            _("Make one by chance, such as with `openssl rand -hex 32`."),
        )
    return key


def _secret_in(path: str) -> bytes:
    try:
        return Path(path).read_bytes().strip()
    except OSError as error:
        raise BadInput(
            _("The key's file {path} can't be read.").format(path=path),
            _("Check its path, and that this account may read it."),
        ) from error


def _make_key(path: Path) -> None:
    """Whole or not at all, readable by its owner only; of two that make it at once the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(secrets.token_hex(32))
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
