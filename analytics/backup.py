"""Backup and restore: what can't be loaded again from the bank's own files, and the version that serves."""

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from analytics.errors import BadInput
from analytics.settings import store_url
from analytics.store.backup import copy_store, put_back, sqlite_file
from analytics.store.database import now
from analytics.store.store import open_store
from analytics.translation import translate as _
from analytics.warehouse.versions import NAMED, current_version, manifest_file, point_to, version_file

NOTE, STORE, AUDIT_KEY = "backup.json", "store.sqlite", "audit.key"


@dataclass(frozen=True)
class Backup:
    """What a backup's folder holds. version : the warehouse's, None where nothing was published. entries : of the
    audit trail; None where the store is on a server, which has its own tools."""

    made_at: str
    version: str | None
    entries: int | None


def back_up(warehouse: Path, folder: Path) -> Backup:
    """Copy the store, the audit trail's key and the version that serves into a new folder.

    The service may be running. The key that the warehouse is encrypted with is not copied, nor is an audit key
    that lies elsewhere by CLIENTELE_AUDIT_KEY_FILE. Raises BadInput where the folder holds anything.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(
            _("{path} is not an empty folder.").format(path=folder),
            _("Name a new one: a backup never overwrites another."),
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    store, version = sqlite_file(store_url(warehouse)), current_version(warehouse)
    entries = copy_store(store, folder / STORE) if store else None
    if (warehouse / AUDIT_KEY).exists():
        _keep_secret(warehouse / AUDIT_KEY, folder / AUDIT_KEY)
    if version:
        _copy_version(warehouse, folder, version)
    made = Backup(now().isoformat(), version, entries)
    (folder / NOTE).write_text(json.dumps(asdict(made), indent=1), encoding="utf-8")
    return made


def restore(warehouse: Path, folder: Path, by: str) -> Backup:
    """Put a backup's content in place, and record that in the trail. What it replaces is kept beside it.

    by : who asks, for the trail. Stop the service first.
    Raises BadInput for a folder that is no whole backup, or where the backup has a store and this service's is on a
    server, AnalyticsError where its store is damaged; then nothing is changed.
    """
    made = _note(folder)
    store = sqlite_file(store_url(warehouse))
    if made.entries is not None and store is None:
        raise BadInput(
            _("The backup holds a store, and CLIENTELE_STORE names one on a server."),
            _("Unset CLIENTELE_STORE, or restore that server's own backup."),
        )
    warehouse.mkdir(parents=True, exist_ok=True)
    if made.entries is not None and store is not None:
        store.parent.mkdir(parents=True, exist_ok=True)
        put_back(folder / STORE, store)
    _put_key_back(folder / AUDIT_KEY, warehouse / AUDIT_KEY)
    if made.version:
        _copy_version(folder, warehouse, made.version)
        point_to(warehouse, made.version)
    details = {"made_at": made.made_at, "entries": made.entries}
    open_store(None, warehouse).audit.append(by, "store restored", details, version=made.version)
    return made


def _note(folder: Path) -> Backup:
    try:
        made = Backup(**json.loads((folder / NOTE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise _no_backup(folder) from error
    if made.version and not NAMED.fullmatch(made.version):  # it becomes a path
        raise _no_backup(folder)
    whole = [folder / STORE] if made.entries is not None else []
    if made.version:
        whole += [version_file(folder, made.version), manifest_file(folder, made.version)]
    if not all(path.is_file() for path in whole):
        raise _no_backup(folder)
    return made


def _no_backup(folder: Path) -> BadInput:
    return BadInput(
        _("{path} holds no whole backup.").format(path=folder),
        _("Name a folder that `backup` made and finished."),
    )


def _copy_version(source: Path, target: Path, version: str) -> None:
    """The tables first and the manifest last: without a manifest nothing counts as published.

    One that is there already may be damaged, so it is replaced; whoever reads it keeps what they opened.
    """
    (target / "versions").mkdir(parents=True, exist_ok=True)
    for place in (version_file, manifest_file):
        draft = target / "versions" / f"{place(source, version).name}.{os.getpid()}.tmp"
        shutil.copyfile(place(source, version), draft)
        os.replace(draft, place(target, version))


def _put_key_back(kept: Path, key: Path) -> None:
    if not kept.exists():
        return
    if key.exists() and key.read_bytes() != kept.read_bytes():
        key.rename(key.with_name(f"{key.name}.before-{now():%Y%m%dT%H%M%S}"))
    if not key.exists():
        _keep_secret(kept, key)


def _keep_secret(source: Path, target: Path) -> None:
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(source.read_bytes())
