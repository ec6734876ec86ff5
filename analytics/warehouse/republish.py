"""Publishing anew with other rows in a few tables: the rest of the version that serves stays as it is."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from analytics.errors import NoWarehouse
from analytics.translation import translate as _
from analytics.warehouse.building import begin_with, building, connect, stoppable
from analytics.warehouse.encryption import attach, encrypting
from analytics.warehouse.mart_warnings import mart_warnings
from analytics.warehouse.marts import build_marts
from analytics.warehouse.publish import let_serve
from analytics.warehouse.touched import Grown, changed_in
from analytics.warehouse.versions import (
    EDITION,
    LAYOUT,
    Manifest,
    Progress,
    current_manifest,
    manifest_file,
    published,
    require_whole,
    version_file,
)

COPIES_KEPT = 3  # of those that differ from a loaded version in a few tables alone

# Writes to the tables of the copy; False where there is nothing to write after all.
Write = Callable[[duckdb.DuckDBPyConnection, Manifest], bool]


def republish(
    root: Path, write: Write, given: Sequence[str], progress: Progress, recorded: Sequence[str] | None = None
) -> Manifest | None:
    """Copy the version that serves, let `write` change its tables, build anew what hangs on them, let that serve.

    given : the tables that came in. recorded : as the manifest keeps it, filled in by `write` where it is given.
    Returns the new version's manifest, None where `write` had nothing to do.
    Raises BadInput while another build runs. Whatever fails, the version that served before still does.
    """
    root = root.resolve()
    with building(root) as (version, folder):
        previous = current_manifest(root)
        require_whole(root, previous)
        progress(_("Copying the tables"), 0.0)
        before = version_file(root, previous.version)
        begin_with(before, previous, folder)
        with connect(folder, "build") as con, stoppable(con):
            told = mart_warnings(con)
            if not write(con, previous):
                return None
            attach(con, before, "before", encrypted=previous.encrypted, read_only=True)
            touched = min(changed_in(con, table, "before") for table in given)
            filled = {name: columns for name, columns in previous.tables.items() if name not in given}
            facts = build_marts(con, previous.base_currency, progress, Grown(previous, touched, filled))
            con.execute("CHECKPOINT")
        kept = [line for line in previous.report.get("warnings", []) if line not in (*told, *facts.warnings)]
        manifest = replace(
            previous,
            version=version,
            published_at=datetime.now(UTC).isoformat(timespec="seconds"),
            newest_as_of=facts.newest_as_of.isoformat(),
            tables=facts.tables,
            given=sorted({*previous.given, *given}),
            # The report stays the load's: its version says which one brought everything else.
            report={**previous.report, "warnings": [*kept, *facts.warnings]},
            layout=LAYOUT,
            edition=EDITION,
            fitted=facts.fitted,
            refused=facts.refused,
            granted=facts.granted,
            counted_from=facts.counted_from.isoformat(),
            encrypted=encrypting(),
            recorded=list(previous.recorded if recorded is None else recorded),
        )
        progress(_("Publishing"), 1.0)
        let_serve(root, folder, manifest)
        _forget_copies(root, {version, previous.version})
    return manifest


def _forget_copies(root: Path, needed: set[str]) -> None:
    """Remove all but the newest copies: daily rates must not fill the disk with banks.

    What was loaded stays, and so does what serves and what did until now. Whoever reads an
    older copy keeps it open until they end.
    """
    copies = [name for name in published(root) if _is_copy(root, name)]
    for name in copies[:-COPIES_KEPT]:
        if name not in needed:
            manifest_file(root, name).unlink(missing_ok=True)
            with suppress(OSError):  # where an open file can't be removed, the next build sweeps it up
                version_file(root, name).unlink(missing_ok=True)


def _is_copy(root: Path, version: str) -> bool:
    try:
        return is_copy(Manifest.read(root, version))
    except NoWarehouse:  # what can't be read is not known to be one, and stays
        return False


def is_copy(manifest: Manifest) -> bool:
    """Whether a version is a loaded one with other rows in a few tables."""
    return manifest.report.get("version") != manifest.version
