"""Copying a SQLite store that may be in use, and putting a copy back."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from analytics.errors import AnalyticsError, BadInput
from analytics.translation import translate as _

BESIDE = (
    "",
    "-wal",
    "-shm",
)  # a store is these files; a stale one of the last two would spoil a copy put back


def sqlite_file(url: str) -> Path | None:
    """The file of a store's URL, None where the store is no file.

    >>> sqlite_file("sqlite:////srv/bank/store.sqlite").as_posix()
    '/srv/bank/store.sqlite'
    >>> sqlite_file("postgresql+psycopg://clientele@db.example/clientele") is None
    True
    """
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def copy_store(source: Path, target: Path) -> int:
    """Copy a store as it is at one moment, what is only in its log included; how many entries its trail has.

    Raises AnalyticsError where the source is damaged, BadInput where there is none.
    """
    if not source.is_file():
        raise BadInput(_("There is no {path}.").format(path=source), _("Check the path's spelling."))
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")  # one file, complete in itself
            (found,) = new.execute("PRAGMA integrity_check(1)").fetchone()
            if found != "ok":
                raise sqlite3.DatabaseError(found)
            return int(new.execute("SELECT count(*) FROM audit").fetchone()[0])
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise AnalyticsError(
            _("The store in {path} is damaged or no store of Clientele: {reason}.").format(
                path=source, reason=error
            ),
            _("Take an earlier backup."),
        ) from error


def put_back(copy: Path, store: Path) -> None:
    """Let a copy be the store from now on; what was there is kept beside it under another name.

    Whoever has the store open keeps on using what was there: stop the service first.
    """
    draft = store.with_name(f"{store.name}.{os.getpid()}.tmp")
    copy_store(copy, draft)
    aside = f"before-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    for ending in BESIDE:
        path = store.with_name(store.name + ending)
        if path.exists():
            path.rename(store.with_name(f"{store.name}.{aside}{ending}"))
    os.replace(draft, store)
