"""Load: stage, check, build and publish. A build that fails anywhere leaves the earlier version serving."""

import os
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from analytics.errors import BadInput
from analytics.jobs import current_job
from analytics.translation import translate as _
from analytics.warehouse.acceptance import accept_all
from analytics.warehouse.building import building, connect, explained, flush, prepared
from analytics.warehouse.checks import Work
from analytics.warehouse.marts import MartFacts, build_marts
from analytics.warehouse.rejects import Outcome
from analytics.warehouse.staging import Staged, keep_order, literal, stage, working_in
from analytics.warehouse.suspicions import suspicions
from analytics.warehouse.tables import COLUMN_CLASSES, TABLES
from analytics.warehouse.versions import (
    Manifest,
    Progress,
    current_manifest,
    point_to,
    rejects_folder,
    version_file,
)

BASE_CURRENCY = "CNY"
Stage = Callable[[duckdb.DuckDBPyConnection], Staged | None]


def load(
    source: Path,
    warehouse: Path,
    *,
    append: bool = False,
    staging: Path | None = None,
    owner: str | None = None,
    base_currency: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Publish a folder of files, or one file, as a new version; the `load` document of contract.md.

    append : add to the version that serves; its base currency and owner stay unless they are given.
    Raises BadInput where the source can't be read or keeps no transaction; then nothing changes.
    """
    source, warehouse = source.resolve(), warehouse.resolve()
    staging = staging.resolve() if staging else None
    previous = _previous(warehouse, base_currency) if append else None
    known_currency = previous.base_currency if previous else BASE_CURRENCY
    with working_in(_folder_of(source)):
        return publish_tables(
            warehouse,
            lambda con: stage(con, source, staging),
            demo=False,
            owner=owner or (previous.owner if previous else None),
            base_currency=base_currency or known_currency,
            previous=previous,
            progress=progress,
        )


def check(
    source: Path,
    *,
    staging: Path | None = None,
    base_currency: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """What `load` would say of a source, in the same document; nothing is changed. Raises as `load` does."""
    _checked_currency(base_currency or BASE_CURRENCY)
    source = source.resolve()
    staging = staging.resolve() if staging else None
    with tempfile.TemporaryDirectory() as scratch, explained(Path(scratch)), working_in(_folder_of(source)):
        work, outcomes = _accepted(
            prepared(Path(scratch)), lambda con: stage(con, source, staging), None, None, progress or _silent
        )
        with connect(work.folder, "build") as work.con:
            warnings = work.warnings + suspicions(work)
    return _report(None, outcomes, warnings)


def publish_tables(
    root: Path,
    stage: Stage,
    *,
    demo: bool,
    base_currency: str,
    owner: str | None = None,
    previous: Manifest | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Build a version from what `stage` puts into the database `source`, and let it serve.

    stage : called with the build's connection; creates `source.<table>` tables or views.
    previous : the version whose accepted rows come before the new ones.
    """
    say = progress or _silent
    root = root.resolve()
    _checked_currency(base_currency)
    with building(root) as (version, folder):
        earlier = version_file(root, previous.version) if previous else None
        work, outcomes = _accepted(folder, stage, previous, earlier, say, owner)
        with connect(folder, "build") as con:
            work.con = con
            with _stoppable(con):
                facts = build_marts(con, base_currency, lambda step, share: say(step, _second_half(share)))
                warnings = work.warnings + suspicions(work) + facts.warnings
            con.execute("CHECKPOINT")
        report = _report(version, outcomes, warnings)
        manifest = _manifest(version, demo, base_currency, owner, facts, sorted(work.given), report)
        say(_("Publishing"), 1.0)
        _publish(root, folder, manifest)
    return report


def _silent(_step: str, _share: float | None) -> None:
    """For whoever does not want to know."""


def _folder_of(source: Path) -> Path:
    if not source.exists():
        raise BadInput(_("There is no {path}.").format(path=source), _("Check the path's spelling."))
    return source if source.is_dir() else source.parent


def _second_half(share: float | None) -> float | None:
    return None if share is None else 0.5 + share / 2


def _checked_currency(code: str) -> None:
    if len(code) != 3 or not code.isalpha() or not code.isupper():
        raise BadInput(
            _("{code} is not a currency.").format(code=code),
            _("Use three capitals of ISO 4217, such as CNY."),
        )


def _previous(warehouse: Path, base_currency: str | None) -> Manifest:
    """The version to add to. Raises NoWarehouse where there is none, BadInput for a mixture."""
    previous = current_manifest(warehouse)
    if previous.demo:
        raise BadInput(
            _("The version that serves is the synthetic bank; your data can't be added to it."),
            _("Load without --append."),
        )
    if base_currency and base_currency != previous.base_currency:
        raise BadInput(
            _("The version that serves is in {old}, not in {new}.").format(
                old=previous.base_currency, new=base_currency
            ),
            _("Leave --base-currency out, or load everything anew."),
        )
    return previous


def _stoppable(con: duckdb.DuckDBPyConnection) -> Any:
    job = current_job.get()
    return job.running(con) if job else nullcontext()


def _accepted(
    folder: Path,
    stage: Stage,
    previous: Manifest | None,
    earlier: Path | None,
    say: Progress,
    owner: str | None = None,
) -> tuple[Work, dict[str, Outcome]]:
    """Stage and check in a build's folder: accepted tables end in its database, refused rows beside it."""
    with connect(folder, "staged") as con:
        con.execute(f"ATTACH {literal(folder / 'build.duckdb')} AS built")
        if earlier:
            con.execute(f"ATTACH {literal(earlier)} AS earlier (READ_ONLY)")
        with _stoppable(con):
            staged = stage(con) or keep_order(con)
            work = Work(con, folder, _present(con), sources=staged.sources, warnings=staged.warnings)
            if previous:
                work.earlier, work.earlier_customers = True, "customers" in previous.given
            work.given = work.present | set(previous.given if previous else ())
            outcomes = accept_all(work, lambda step, share: say(step, share and share / 2))
            if owner:
                _grant(con, owner)
    (folder / "staged.duckdb").unlink()
    return work, outcomes


def _present(con: duckdb.DuckDBPyConnection) -> set[str]:
    found = con.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'source'")
    return {row[0] for row in found.fetchall()} & set(TABLES)


def _grant(con: duckdb.DuckDBPyConnection, owner: str) -> None:
    """The owner sees the whole bank with every column, beside whatever grants came in."""
    grant = [owner.strip().lower(), "manager", "bank", ",".join(COLUMN_CLASSES)]
    con.execute(
        "INSERT INTO built.grants (user_email, role, level, columns, may_export) "
        "SELECT $1, $2, $3, $4, true WHERE NOT EXISTS (SELECT 1 FROM built.grants WHERE user_email = $1 "
        "AND role = $2 AND level = $3 AND columns = $4 AND may_export AND valid_until IS NULL)",
        grant,
    )


def _report(version: str | None, outcomes: dict[str, Outcome], warnings: list[str]) -> dict[str, Any]:
    return {
        "published": version is not None,
        "version": version,
        "tables": {name: outcome.document() for name, outcome in outcomes.items()},
        "warnings": warnings,
    }


def _manifest(
    version: str,
    demo: bool,
    base_currency: str,
    owner: str | None,
    facts: MartFacts,
    given: list[str],
    report: dict[str, Any],
) -> Manifest:
    return Manifest(
        version=version,
        published_at=datetime.now(UTC).isoformat(timespec="seconds"),
        demo=demo,
        base_currency=base_currency,
        owner=owner,
        customers=facts.customers,
        transactions=facts.transactions,
        newest_as_of=facts.newest_as_of.isoformat(),
        first_month_end=facts.first_month_end.isoformat(),
        tables=facts.tables,
        given=given,
        report=report,
    )


def _publish(root: Path, folder: Path, manifest: Manifest) -> None:
    """Everything whole and on the disk first, the pointer last: a build killed in between was never there."""
    build = folder / "build.duckdb"
    flush(build)
    if (folder / "rejects").is_dir():
        (root / "rejects").mkdir(exist_ok=True)
        os.replace(folder / "rejects", rejects_folder(root, manifest.version))
    os.replace(build, version_file(root, manifest.version))
    manifest.write(root)
    point_to(root, manifest.version)
