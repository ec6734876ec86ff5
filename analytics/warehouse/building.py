"""The workplace of a build: one at a time, swept afterwards, and clear about a disk that is full."""

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

import duckdb

from analytics.errors import AnalyticsError, BadInput, Cancelled, NoWarehouse
from analytics.jobs import current_job
from analytics.translation import translate as _
from analytics.warehouse.encryption import attach, connect_encrypted, encrypting
from analytics.warehouse.staging import quoted
from analytics.warehouse.versions import Manifest, current_manifest, new_version, published

MEMORY_LIMIT = "4GB"
_FULL = ("No space left", "not enough space", "max_temp_directory_size")

_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class BuildRunning(BadInput):
    """Another build has the lock: nothing is wrong, it only takes a while."""


@contextmanager
def building(root: Path) -> Iterator[tuple[str, Path]]:
    """A new version's name and its folder, where nothing is published yet.

    What an earlier build that was killed left behind is removed first, this one's folder at the end. Raises
    BuildRunning while another one is, AnalyticsError when the disk is full or can't be written, and where what
    serves is encrypted and this build would not be.
    """
    with explained(root):
        (root / "versions").mkdir(parents=True, exist_ok=True)
        with (root / "build.lock").open("ab") as lock:
            _take(lock)
            _stay_encrypted(root)
            _sweep(root)
            version = new_version(max(published(root), default=""))  # a clock may have been put back
            folder = root / "versions" / f"{version}.building"
            try:
                yield version, prepared(folder)
            finally:
                shutil.rmtree(folder, ignore_errors=True)


def _stay_encrypted(root: Path) -> None:
    """A key that was forgotten once must not leave the bank in the clear."""
    try:
        needed = current_manifest(root).encrypted
    except NoWarehouse:  # nothing serves, or nothing that can be read
        return
    if needed and not encrypting():
        raise BadInput(
            _("The version that serves is encrypted, and without a key the new one would not be."),
            _(
                "Set CLIENTELE_WAREHOUSE_KEY_FILE to the key's file, or put what may be in the clear into another "
                "folder with --warehouse."
            ),
        )


def prepared(folder: Path) -> Path:
    """The folder of a build with room for what does not fit into memory."""
    (folder / "spill").mkdir(parents=True, exist_ok=True)
    return folder


def begin_with(path: Path, previous: Manifest, folder: Path) -> None:
    """The build's start: a version as it is, or encrypted on the way where it was in the clear."""
    if previous.encrypted == encrypting():
        shutil.copyfile(path, folder / "build.duckdb")
        return
    with connect(folder, "build") as con, stoppable(con):
        attach(con, path, "before", encrypted=previous.encrypted, read_only=True)
        con.execute("COPY FROM DATABASE before TO build")
        con.execute("CHECKPOINT")


def _take(lock: IO[bytes]) -> None:
    # The system lets go of the lock when the process ends, however it ends.
    try:
        _try_lock(lock)
    except OSError as error:
        raise BuildRunning(
            _("Another build of this warehouse is running."), _("Wait until it has finished, then try again.")
        ) from error


def _sweep(root: Path) -> None:
    """Remove what belongs to no published version. Only ever called by the one build that runs."""
    whole = set(published(root))
    for path in (root / "versions").iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.stem not in whole:
            path.unlink()
    for beside in (root / "rejects", root / "marts"):
        for path in beside.iterdir() if beside.is_dir() else ():
            if path.name not in whole:
                shutil.rmtree(path, ignore_errors=True)


def connect(folder: Path, name: str) -> duckdb.DuckDBPyConnection:
    """A database of the build, by name, in its folder; with a key nothing of it lies in the clear."""
    config: dict[str, Any] = {
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": str(folder / "spill"),
    }
    path = folder / f"{name}.duckdb"
    if not encrypting():
        con = duckdb.connect(str(path), config=config)
    else:
        con = connect_encrypted(config)
        attach(con, path, name, encrypted=True)
        con.execute(f"USE {quoted(name)}")
    con.execute("SET TimeZone = 'UTC'")  # or moments would be of other days on another machine
    return con


def stoppable(con: duckdb.DuckDBPyConnection) -> Any:
    """A context in which the job that runs, if one does, can interrupt this connection."""
    job = current_job.get()
    return job.running(con) if job else nullcontext()


@contextmanager
def explained(root: Path) -> Iterator[None]:
    """Say in words what stopped a build: a full disk, a folder that can't be written, too little memory."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise Cancelled(_("Stopped."), _("The version that served before still does.")) from error
    except (duckdb.Error, OSError) as error:
        told = _told(root, error)
        if told is None:
            raise
        raise told from error


def _told(root: Path, error: Exception) -> AnalyticsError | None:
    kept = _("The version that served before still does.")
    if getattr(error, "errno", None) == errno.ENOSPC or any(sign in str(error) for sign in _FULL):
        return AnalyticsError(
            _("The disk that holds {folder} is full.").format(folder=root),
            _("Free some space, or put the warehouse elsewhere with --warehouse.") + " " + kept,
        )
    if getattr(error, "errno", None) in _CLOSED:
        return AnalyticsError(
            _("{path} can't be opened.").format(path=getattr(error, "filename", None) or root),
            _("Check that you may read the source and write to the warehouse's folder.") + " " + kept,
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return AnalyticsError(
            _("The build needs more than the {limit} of memory that it may use.").format(limit=MEMORY_LIMIT),
            _("Load fewer rows at a time and add the rest with --append.") + " " + kept,
        )
    return None


def flush(path: Path) -> None:
    """See to it that a file is on the disk before its name says that it is whole."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
