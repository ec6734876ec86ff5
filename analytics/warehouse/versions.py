"""Published versions of a warehouse: immutable files, their manifests, the small pointer that is moved."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from analytics.errors import NoWarehouse, UnknownName, nearest
from analytics.formats import number
from analytics.translation import translate as _

# A step in words and how much is done, 0 to 1 (None where nobody can know).
Progress = Callable[[str, float | None], None]

# What this release reads of a version: raised whenever the marts get other columns.
LAYOUT = 2
# What its marts say: raised whenever they say something else of the same rows, for a version that grows keeps those of
# its earlier months.
EDITION = 3
PARTS = 65536  # of a second, in a version's name
NAMED = re.compile(r"v\d{8}T\d{6}-[0-9a-f]{4}")


@dataclass(frozen=True)
class Manifest:
    """What is known about a version without opening it.

    `tables`: per table the columns that hold a value. `given`: the tables that came in, not made up from
    others. `report`: the load document of contract.md; `unnamed`: whether its warnings name no customer, whom an
    earlier release's did. `layout`, `edition`: those of its marts. `refused`: per indicator why it could not be
    fitted; `fitted`: per such indicator its model by month end. `encrypted`: whether its file needs the key.
    `recorded`: the campaigns in it that were run in the app, by id. `granted`: digests of its loaded grants.
    `bytes`: how long its file is, 0 where an earlier release did not say. `counted_from`: the month
    that its `doing_months` counts back from. Dates are ISO texts.
    """

    version: str
    published_at: str
    demo: bool
    base_currency: str
    owner: str | None
    customers: int
    transactions: int
    newest_as_of: str | None
    first_month_end: str | None
    tables: dict[str, list[str]] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    fitted: dict[str, dict[str, Any]] = field(default_factory=dict)
    layout: int = 1
    encrypted: bool = False
    recorded: list[str] = field(default_factory=list)
    granted: list[str] = field(default_factory=list)
    bytes: int = 0
    counted_from: str | None = None
    edition: int = 0
    unnamed: bool = False

    def write(self, root: Path) -> None:
        """Keep it beside its version's file, whole or not at all."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        write_whole(manifest_file(root, self.version), text)

    @classmethod
    def read(cls, root: Path, version: str) -> "Manifest":
        """The manifest of a version. Raises NoWarehouse where it is missing or broken."""
        try:
            document = json.loads(manifest_file(root, version).read_text(encoding="utf-8"))
            known = {key.name for key in fields(cls)}
            return cls(**{key: value for key, value in document.items() if key in known})
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise NoWarehouse(
                _("Version {version} of the warehouse has no readable manifest.").format(version=version),
                _("Go back to another one with `rollback`, or load the data again."),
            ) from error


# Told of what is about to serve, before it does; what it raises keeps that from happening.
Announce = Callable[[Manifest], None]


def version_file(root: Path, version: str) -> Path:
    """Where a version's tables are."""
    return root / "versions" / f"{version}.duckdb"


class Damaged(NoWarehouse):
    """A version's file is not what was published: an earlier one may stand in, and nothing is built upon it."""


def damaged(path: Path, how: str) -> Damaged:
    """What is said of a version's file."""
    return Damaged(
        _("The warehouse file {name} is damaged.").format(name=path.name) + f" {how}",
        _("Load the data again, or go back to another version with `rollback`."),
    )


def require_whole(root: Path, manifest: Manifest) -> None:
    """Raise Damaged where a version's file was cut off or is gone."""
    path = version_file(root, manifest.version)
    found = path.stat().st_size if path.is_file() else 0
    if found != (manifest.bytes or found):
        how = _("It is {found} bytes long and was {published}.")
        raise damaged(path, how.format(found=number(found), published=number(manifest.bytes)))


def manifest_file(root: Path, version: str) -> Path:
    """Where a version's manifest is."""
    return root / "versions" / f"{version}.json"


def rejects_folder(root: Path, version: str) -> Path:
    """Where the rows that a version refused are kept, one `<table>.csv` a table."""
    return root / "rejects" / version


def new_version(last: str = "") -> str:
    """A name that sorts after every earlier one, those of the same second too, and after `last` whatever the clock says.

    >>> new_version("v29991231T235959-ffff")
    'v30000101T000000-0000'
    """
    name = _name_at(datetime.now(UTC))
    if name > last or not NAMED.fullmatch(last):
        return name
    second, part = datetime.strptime(last[1:16], "%Y%m%dT%H%M%S"), int(last[17:], 16) + 1
    return _name_at(second + timedelta(seconds=part // PARTS), part % PARTS)


def _name_at(moment: datetime, part: int | None = None) -> str:
    part = moment.microsecond * PARTS // 1_000_000 if part is None else part
    return f"v{moment:%Y%m%dT%H%M%S}-{part:04x}"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, text as UTF-8, so that a reader sees the old one or the new one, even after a power cut."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("wb") as out:
            out.write(content.encode() if isinstance(content, str) else content)
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, path)
        _keep_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _keep_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no handle on a folder to flush
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def published(root: Path) -> list[str]:
    """The names of the versions that are whole, oldest first."""
    names = (path.stem for path in (root / "versions").glob("*.json"))
    return sorted(name for name in names if version_file(root, name).is_file())


def current_version(root: Path) -> str | None:
    """The version that serves, None where nothing is published."""
    try:
        version = json.loads((root / "current").read_text(encoding="utf-8"))["version"]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise NoWarehouse(
            _("The pointer to the warehouse's current version can't be read: {path}.").format(
                path=root / "current"
            ),
            _("List the versions and choose one with `rollback`."),
        ) from error
    return str(version)


def current_manifest(root: Path) -> Manifest:
    """The manifest of the version that serves. Raises NoWarehouse where there is none."""
    version = current_version(root)
    if version is None:
        raise NoWarehouse(
            _("There is no warehouse in {folder}.").format(folder=root),
            _("Build the demo bank with `demo`, or bring your own data with `load`."),
        )
    return Manifest.read(root, version)


def point_to(root: Path, version: str) -> None:
    """Let this version serve from the next read on."""
    write_whole(root / "current", json.dumps({"version": version}))


def versions(root: Path) -> list[dict[str, Any]]:
    """What is published, oldest first: the `versions` document of contract.md."""
    try:
        current = current_version(root)
    except NoWarehouse:  # a broken pointer must not hide what one can go back to
        current = None
    return [_listed(root, version, current) for version in published(root)]


def _listed(root: Path, version: str, current: str | None) -> dict[str, Any]:
    """What is told of a version; its figures are null where its manifest can't be read."""
    try:
        told = asdict(Manifest.read(root, version))
    except NoWarehouse:
        told = {}
    figures = ("customers", "transactions", "newest_as_of", "demo", "encrypted")
    return {
        "version": version,
        "published_at": told.get("published_at"),
        "current": version == current,
        **{name: told.get(name) for name in figures},
    }


def rollback(root: Path, version: str, announce: Announce | None = None) -> None:
    """Let an earlier (or later) version serve again. Raises UnknownName for one that is not published, NoWarehouse for
    one whose manifest can't be read."""
    known = published(root)
    if version not in known:
        close = nearest(version, known)
        raise UnknownName(
            _("There is no version {version}.").format(version=version),
            _("Did you mean {nearest}?").format(nearest=close)
            if close
            else _("`versions` lists what is published."),
        )
    manifest = Manifest.read(root, version)
    if announce:
        announce(manifest)
    point_to(root, version)
