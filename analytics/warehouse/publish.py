"""Publishing: from staged tables to a version that serves. A build that fails leaves the earlier one serving."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from analytics.errors import AnalyticsError, NoWarehouse
from analytics.formats import day, in_a_row, number
from analytics.translation import translate as _
from analytics.warehouse.acceptance import accept_all
from analytics.warehouse.building import begin_with, building, connect, flush, stoppable
from analytics.warehouse.checks import Work
from analytics.warehouse.encryption import attach, encrypting, place_for_a_copy
from analytics.warehouse.marts import MartFacts, build_marts
from analytics.warehouse.numbering import number_customers
from analytics.warehouse.recorded import RECORDED, Outreach, keep_recorded
from analytics.warehouse.rejects import Outcome
from analytics.warehouse.staging import Staged
from analytics.warehouse.suspicions import suspicions, unnamed
from analytics.warehouse.tables import COLUMN_CLASSES, TABLES
from analytics.warehouse.touched import ALWAYS, DECIDING, Grown
from analytics.warehouse.versions import (
    EDITION,
    LAYOUT,
    Announce,
    Manifest,
    Progress,
    current_manifest,
    current_version,
    point_to,
    rejects_folder,
    require_whole,
    version_file,
)

Stage = Callable[[duckdb.DuckDBPyConnection], Staged | None]


def publish_tables(
    root: Path,
    stage: Stage,
    *,
    demo: bool,
    base_currency: str,
    owner: str | None = None,
    grow: Callable[[], Manifest] | None = None,
    outreach: Outreach | None = None,
    announce: Announce | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Build a version from what `stage` puts into the schema `source`, and let it serve.

    stage : called with the build's connection; creates `source.<table>` tables or views.
    grow : tells the version whose accepted rows come before the new ones, and whose owner stays where none is given;
        asked once no other build can publish one.
    outreach : gives what the app recorded of its own campaigns, which is added to those that came in.
    announce : told of the version before it serves; what it raises keeps the earlier one serving.
    """
    say = progress or silent
    root = root.resolve()
    with building(root) as (version, folder):
        previous = grow() if grow else None
        if previous:
            owner = owner or previous.owner
            require_whole(root, previous)
            say(_("Copying the tables"), 0.0)
            begin_with(version_file(root, previous.version), previous, folder)
        work, outcomes = accept_tables(folder, stage, previous=previous, owner=owner, progress=say)
        if not (demo or previous):
            work.warnings += nobody_named(root, owner, outcomes)
        facts, recorded = _build(work, base_currency, previous, outreach, say)
        if previous is None and not demo:
            work.warnings += dropped_rates(root, folder)
        report = report_of(version, outcomes, work.warnings)
        given = sorted(work.given | (set(RECORDED) if recorded else set()))
        manifest = manifest_of(version, demo, base_currency, owner, facts, given, recorded, report)
        say(_("Publishing"), 1.0)
        let_serve(root, folder, manifest, announce)
    return report


def _build(
    work: Work, base_currency: str, previous: Manifest | None, outreach: Outreach | None, say: Progress
) -> tuple[MartFacts, list[str]]:
    """The marts, and which campaigns of the app are in them."""
    with connect(work.folder, "build") as work.con:
        with stoppable(work.con):
            say(_("Numbering customers"), 0.5)
            number_customers(work.con)
            ours = previous.recorded if previous else []
            recorded = keep_recorded(work.con, outreach, ours) if outreach else ours
            grown = Grown(previous, work.touched, _still_filled(previous)) if previous else None
            facts = build_marts(
                work.con, base_currency, lambda step, share: say(step, _second_half(share)), grown
            )
            work.warnings += suspicions(work) + facts.warnings
        work.con.execute("CHECKPOINT")
    return facts, recorded


def _still_filled(previous: Manifest) -> dict[str, list[str]]:
    """Per table the columns that hold values and only gain rows; what the app records may be taken back there."""
    return {name: columns for name, columns in previous.tables.items() if name not in RECORDED}


def nobody_named(root: Path, owner: str | None, outcomes: Mapping[str, Outcome]) -> list[str]:
    """What is said of a version that names nobody who may see it; nothing of one that does."""
    if owner or "grants" in outcomes:
        return []
    said = _(
        "The data bring no grants, and no owner is named: only who was given a grant in the app sees anybody."
    )
    try:
        before = current_manifest(root).owner
    except AnalyticsError:  # there is none, or it can't be read
        before = None
    keep = _("Load with --owner {owner} to keep the owner of the version before.")
    return [in_a_row(said, keep.format(owner=before)) if before else said]


def dropped_rates(root: Path, folder: Path) -> Iterator[str]:
    """Rates that the version before had, by feed or by hand, and a load that replaces it does not bring."""
    keys = {"fx_rates": ("currency", "rate_date"), "product_rates": ("product_id", "effective_from")}
    unknown = _("Whether it had rates that this source lacks is not known.")
    try:
        if (serving := current_version(root)) is None or (before := Manifest.read(root, serving)).demo:
            return
    except NoWarehouse as unread:  # a load is what puts it right
        yield f"{unread.what} {unknown}"
        return
    with connect(folder, "build") as con:
        path = version_file(root, serving)
        try:
            attach(con, path, "before", encrypted=before.encrypted, read_only=True)
            dropped = _dropped(con, keys)
        except NoWarehouse as closed:
            yield f"{closed.what} {unknown}"
        except duckdb.IOException:  # it opens, and is not whole
            yield _("The warehouse file {name} can't be read.").format(name=path.name) + f" {unknown}"
        else:
            for table, count, newest in dropped:
                yield _(
                    "{table}: {n} rows of the version before, the newest of {day}, are not in this source. Bring them "
                    "in again with `rates`, or go back with `rollback`."
                ).format(table=table, n=number(count), day=day(newest))


def _dropped(con: duckdb.DuckDBPyConnection, keys: dict[str, tuple[str, str]]) -> list[tuple[str, int, date]]:
    """By table of rates how many rows the version before has alone, and the newest day of these."""
    found = []
    for table, (name, since) in keys.items():
        count, newest = con.execute(
            f"SELECT count(*), max({since}) FROM before.{table} ANTI JOIN {table} USING ({name}, {since})"
        ).fetchone() or (0, None)
        if count:
            found.append((table, count, newest))
    return found


def silent(_step: str, _share: float | None) -> None:
    """For whoever does not want to know."""


def _second_half(share: float | None) -> float | None:
    return None if share is None else 0.5 + share / 2


def accept_tables(
    folder: Path,
    stage: Stage,
    *,
    previous: Manifest | None = None,
    owner: str | None = None,
    progress: Progress | None = None,
) -> tuple[Work, dict[str, Outcome]]:
    """Stage and check in a build's folder, publishing nothing.

    previous : the version that the folder's `build.duckdb` is a copy of.
    Accepted rows end in the folder's `build.duckdb`, refused ones in `rejects/<table>.csv`.
    """
    say = progress or silent
    with connect(folder, "staged") as con, place_for_a_copy(con, folder) as copy:
        attach(con, folder / "build.duckdb", "built", encrypted=encrypting())
        with stoppable(con):
            staged = stage(con) or Staged()
            work = Work(
                con, folder, _present(con), sources=staged.sources, warnings=staged.warnings, copy=copy
            )
            if previous:
                work.earlier, work.earlier_customers = True, "customers" in previous.given
                if set(DECIDING) & (work.present - set(previous.given)):
                    work.touched = ALWAYS
            work.given = work.present | set(previous.given if previous else ())
            outcomes = accept_all(work, lambda step, share: say(step, share and share / 2))
            if owner:
                grant(con, owner)
    (folder / "staged.duckdb").unlink()
    return work, outcomes


def _present(con: duckdb.DuckDBPyConnection) -> set[str]:
    found = con.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'source'")
    return {row[0] for row in found.fetchall()} & set(TABLES)


def grant(con: duckdb.DuckDBPyConnection, owner: str, schema: str = "built") -> None:
    """The owner sees the whole bank with every column, beside whatever grants came in."""
    con.execute(
        f"INSERT INTO {schema}.grants (user_email, role, level, columns, may_export) "
        f"SELECT $1, $2, $3, $4, true WHERE NOT EXISTS (SELECT 1 FROM {schema}.grants WHERE user_email = $1 "
        "AND role = $2 AND level = $3 AND columns = $4 AND may_export AND valid_until IS NULL)",
        [owner.strip().lower(), "manager", "bank", ",".join(COLUMN_CLASSES)],
    )


def report_of(version: str | None, outcomes: dict[str, Outcome], warnings: list[str]) -> dict[str, Any]:
    return {
        "published": version is not None,
        "version": version,
        "tables": {name: outcome.document() for name, outcome in outcomes.items()},
        "warnings": warnings,
    }


def manifest_of(
    version: str,
    demo: bool,
    base_currency: str,
    owner: str | None,
    facts: MartFacts,
    given: list[str],
    recorded: list[str],
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
        report={**report, "warnings": unnamed(report["warnings"])},
        unnamed=True,
        layout=LAYOUT,
        edition=EDITION,
        fitted=facts.fitted,
        refused=facts.refused,
        encrypted=encrypting(),
        recorded=recorded,
        granted=facts.granted,
        counted_from=facts.counted_from.isoformat(),
    )


def let_serve(root: Path, folder: Path, manifest: Manifest, announce: Announce | None = None) -> None:
    """Publish what a build left in its folder.

    Everything whole and on the disk first, the pointer last: a build killed in between was never there.
    """
    build = folder / "build.duckdb"
    flush(build)
    manifest = replace(manifest, bytes=build.stat().st_size)
    if announce:
        announce(manifest)
    if (folder / "rejects").is_dir():
        (root / "rejects").mkdir(exist_ok=True)
        os.replace(folder / "rejects", rejects_folder(root, manifest.version))
    os.replace(build, version_file(root, manifest.version))
    manifest.write(root)
    point_to(root, manifest.version)
