"""Reading a published version: DuckDB, opened read-only and locked, one cursor a call.

Where the version that should serve is damaged, the newest whole one before it stands in, and says so.
"""

import logging
from contextlib import nullcontext, suppress
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import duckdb
import pyarrow as pa

from analytics.calendar import month_ends, months_before
from analytics.errors import Cancelled, NoWarehouse
from analytics.indicators import Indicator
from analytics.indicators.sources import FITTED
from analytics.jobs import current_job
from analytics.translation import translate as _
from analytics.warehouse.encryption import attach, connect_encrypted
from analytics.warehouse.granted import digest
from analytics.warehouse.marts import missing_columns
from analytics.warehouse.versions import (
    LAYOUT,
    Damaged,
    Manifest,
    current_version,
    damaged,
    published,
    require_whole,
    version_file,
)

# A statement whose result is wider than this spills to disk instead of growing the serving process.
READER_SETTINGS = {
    "memory_limit": "1GB",
    "dynamic_or_filter_threshold": "2000",  # customers of a book that a scan is told of, not only their range
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
LOCKS = {"enable_external_access": "false", "lock_configuration": "true"}
BANK = "bank"  # the name that a version is attached under
MOST_FACTS = 10_000  # answers that are kept
_log = logging.getLogger(__name__)
# What DuckDB says of a file that ends too soon, or whose blocks are not what was written.
_BROKEN = ("Could not read", "Corrupt", "checksum")


class Warehouse:
    """One version, immutable: readers that hold it finish on it while a newer one is published.

    instead_of : the damaged version that this one stands in for; None where it is the one that should serve.
    """

    def __init__(self, root: Path, manifest: Manifest, instead_of: Manifest | None = None) -> None:
        if manifest.layout != LAYOUT:
            raise NoWarehouse(
                _("Version {version} of the warehouse was built by another release of this program.").format(
                    version=manifest.version
                ),
                _("Load the data again, or make the demo bank again with `demo`."),
            )
        self.root = root
        self.manifest = manifest
        self.version = manifest.version
        self.instead_of = instead_of
        self._file = version_file(root, manifest.version)
        self._broken = False
        self._connection = _connect(self.sound()._file, manifest.encrypted)
        self._facts: dict[str, list[dict[str, Any]]] = {}

    @property
    def meant(self) -> str:
        """The version that should serve: this one, or the one that it stands in for."""
        return (self.instead_of or self.manifest).version

    @property
    def newest_as_of(self) -> date:
        return date.fromisoformat(str(self.manifest.newest_as_of))

    @property
    def counted_from(self) -> date:
        """The month that this version's `doing_months` counts back from; earlier releases had the next one."""
        kept = self.manifest.counted_from
        return date.fromisoformat(kept) if kept else months_before(self.newest_as_of, -1)

    @property
    def month_ends(self) -> tuple[date, ...]:
        """The as-of dates that can be asked for, oldest first."""
        first = date.fromisoformat(str(self.manifest.first_month_end))
        return month_ends(first, self.newest_as_of)

    def sound(self) -> Self:
        """Itself, while its file is what was published. Raises Damaged where it was cut off or is gone."""
        if self._broken:
            raise damaged(self._file, _("Parts of it can't be read."))
        require_whole(self.root, self.manifest)
        return self

    def grants(self, email: str | None = None) -> list[dict[str, Any]]:
        """The grants that were loaded, of one address in lower case or all.

        A version that stands in has those alone that the damaged one has too: nobody gets back what was taken away.
        """
        sql = "SELECT * FROM grants WHERE lower(trim(user_email)) = coalesce(?, lower(trim(user_email)))"
        rows = self.facts(sql, [email])
        if self.instead_of is None:
            return rows
        still = set(self.instead_of.granted)
        return [row for row in rows if digest(row) in still]

    def missing(self, needs: tuple[str, ...]) -> list[str]:
        """Which of these "table.column" this warehouse has no value for."""
        return missing_columns(needs, self.manifest.tables)

    def unfitted(self, row: Indicator) -> str | None:
        """Why an indicator is not in this version though its tables are; None where it is."""
        if row.source == FITTED and row.key not in self.manifest.fitted:
            return self.manifest.refused.get(row.key) or _(
                "It was not fitted when this version was built: load the data again."
            )
        if row.key not in self._built:
            return _("This version was built by a release that did not have it: load the data again.")
        return None

    @cached_property
    def _built(self) -> frozenset[str]:
        """The figures that are ready-made."""
        return frozenset(self.query("SELECT * FROM customer_now LIMIT 0").column_names)

    def query(self, sql: str, params: list[Any] | None = None) -> pa.Table:
        """Run one statement on a cursor of its own. Raises Cancelled when its job was stopped."""
        cursor = self._connection.cursor()
        job = current_job.get()
        try:
            with job.running(cursor) if job else nullcontext():
                cursor.execute(f"USE {BANK}")  # a cursor does not inherit what its connection uses
                return cursor.execute(sql, params or []).to_arrow_table()
        except duckdb.InterruptException as error:
            raise Cancelled(_("Stopped."), _("Run it again when you are ready.")) from error
        except (duckdb.IOException, duckdb.FatalException) as error:
            self._broken = self._broken or any(sign in str(error) for sign in _BROKEN)
            self.sound()
            raise
        finally:
            cursor.close()

    def facts(self, sql: str, params: list[Any]) -> list[dict[str, Any]]:
        """The rows of a small statement about people and places, which every rerun asks: a version never
        changes, so that each is asked once. Don't change what comes back."""
        key = f"{sql} {params!r}"
        found = self._facts.get(key)
        if found is None:
            found = self.query(sql, params).to_pylist()
            if len(self._facts) >= MOST_FACTS:
                self._facts = {}
            self._facts[key] = found
        return found


def _connect(path: Path, encrypted: bool) -> duckdb.DuckDBPyConnection:
    """A database in memory that has the version attached, read-only, and is locked then."""
    settings: dict[str, Any] = {
        **READER_SETTINGS,
        "temp_directory": f"{_spill().name}/{path.name}.{path.stat().st_ino}",
    }
    con = connect_encrypted(settings) if encrypted else duckdb.connect(config=settings)
    attach(con, path, BANK, encrypted=encrypted, read_only=True)
    for name, value in LOCKS.items():
        con.execute(f"SET {name} = {value}")
    return con


@lru_cache(maxsize=1)
def _spill() -> TemporaryDirectory[str]:
    """Where statements that outgrow memory spill: nobody else may look into it, and it goes with this process.

    Not beside the version, which may lie where nothing can be written, and which other processes read too.
    """
    return TemporaryDirectory(prefix="clientele-")


@lru_cache(maxsize=4)
def _opened(root: Path, version: str, instead_of: str | None = None) -> Warehouse:
    broken = Manifest.read(root, instead_of) if instead_of else None
    if broken:
        _log.error("%s is damaged: %s stands in for it", instead_of, version)
    return Warehouse(root, Manifest.read(root, version), broken)


def _stand_in(root: Path, damage: Damaged, version: str) -> Warehouse:
    """The newest whole version of the same bank before a damaged one. Raises what befell that where there is none."""
    broken = Manifest.read(root, version)
    for earlier in reversed(published(root)):
        with suppress(NoWarehouse):
            if earlier < version and Manifest.read(root, earlier).demo == broken.demo:
                return _opened(root, earlier, version).sound()
    raise damage


def open_warehouse(root: Path) -> Warehouse:
    """The version that serves now, its connection shared by the whole process; where that is damaged, the newest
    whole one before it stands in for it.

    Raises NoWarehouse when nothing is published or the file can't be read.
    """
    version = current_version(root)
    if version is None:
        raise NoWarehouse(
            _("There is no warehouse in {folder}.").format(folder=root),
            _("Build the demo bank with `demo`, or bring your own data with `load`."),
        )
    root = root.resolve()
    try:
        return _opened(root, version).sound()
    except Damaged as damage:
        return _stand_in(root, damage, version)
