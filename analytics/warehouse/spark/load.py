"""Load with Spark: checks and marts where the tables lie, and a version for DuckDB to serve made of their Parquet."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from analytics.errors import BadInput
from analytics.formats import number
from analytics.indicators import CATALOGUE
from analytics.indicators.compile import frame_sql
from analytics.indicators.sources import FITTED
from analytics.translation import translate as _
from analytics.warehouse.building import building, connect, stoppable
from analytics.warehouse.checks import Work
from analytics.warehouse.doings import counted_from
from analytics.warehouse.encryption import encrypting
from analytics.warehouse.granted import granted
from analytics.warehouse.lifetimes import KEY, Lifetimes, fit_lifetimes
from analytics.warehouse.load import BASE_CURRENCY, checked_currency
from analytics.warehouse.mart_warnings import mart_warnings
from analytics.warehouse.marts import (
    MartFacts,
    available_keys,
    filled_columns,
    missing_columns,
)
from analytics.warehouse.publish import (
    dropped_rates,
    grant,
    let_serve,
    manifest_of,
    nobody_named,
    report_of,
    silent,
)
from analytics.warehouse.recorded import RECORDED, Outreach, keep_recorded
from analytics.warehouse.rejects import Outcome
from analytics.warehouse.relations import columns_of, relation
from analytics.warehouse.spark.checking import SparkWork, accept_tables, find_tables
from analytics.warehouse.spark.lake import Lake, url_of
from analytics.warehouse.spark.marts import MARTS, Built, build_marts
from analytics.warehouse.spark.session import explained_spark, session_on
from analytics.warehouse.staging import literal, quoted
from analytics.warehouse.suspicions import suspicions
from analytics.warehouse.tables import NUMBERS, TABLES
from analytics.warehouse.versions import Announce, Progress
from analytics.warehouse.volumes import COUNTING

FITTED_UP_TO = 10_000_000  # customers: the fit holds them all in this machine's memory
_OURS = ("grants", *RECORDED)  # tables to which rows are added on this machine


def load_with_spark(
    source: str,
    warehouse: Path,
    *,
    master: str,
    marts: str | None = None,
    settings: Mapping[str, str] | None = None,
    owner: str | None = None,
    base_currency: str | None = None,
    outreach: Outreach | None = None,
    announce: Announce | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Publish a folder of Parquet as a new version, as `load` does, with the work on a Spark cluster.

    source, marts : paths or URLs that every worker reads or writes; `marts` is where the tables and marts are kept,
        left out: `marts` in the warehouse. Each version has a folder of its own there.
    settings : Spark's own, by name.
    Raises BadInput where Spark can't be started, the source can't be read or keeps no transaction; then nothing
    changes.
    """
    checked_currency(base_currency or BASE_CURRENCY)
    if encrypting():
        raise BadInput(
            _("Spark writes its marts in the clear, and this warehouse is encrypted."),
            _("Load without --engine spark, or into another folder without CLIENTELE_WAREHOUSE_KEY_FILE."),
        )
    if "://" not in source and not Path(source).is_dir():
        raise BadInput(_("There is no folder {path}.").format(path=source), _("Check the path's spelling."))
    root, say = warehouse.resolve(), progress or silent
    with building(root) as (version, folder):
        say(_("Starting Spark"), 0.0)
        with session_on(master, settings or {}, root / "spark.log") as session:
            lake = Lake(session, f"{url_of(marts or str(root / 'marts'))}/{version}")
            try:
                work, outcomes, facts, recorded = _made(
                    lake, folder, url_of(source), base_currency or BASE_CURRENCY, owner, outreach, say
                )
            except BaseException:
                with explained_spark():
                    lake.forget()
                raise
        work.warnings += nobody_named(root, owner, outcomes)
        work.warnings += dropped_rates(root, folder)
        report = report_of(version, outcomes, work.warnings)
        given = sorted(work.given | (set(RECORDED) if recorded else set()))
        manifest = manifest_of(
            version, False, base_currency or BASE_CURRENCY, owner, facts, given, recorded, report
        )
        say(_("Publishing"), 1.0)
        let_serve(root, folder, manifest, announce)
    return report


def _made(
    lake: Lake,
    folder: Path,
    source: str,
    base: str,
    owner: str | None,
    outreach: Outreach | None,
    say: Progress,
) -> tuple[Work, dict[str, Outcome], MartFacts, list[str]]:
    """Everything that a version is made of: its Parquet in the lake, its DuckDB file in the build's folder."""
    with connect(folder, "build") as con, stoppable(con):
        work = SparkWork(con, folder, lake=lake)
        lake.probe()
        find_tables(lake, source, work)
        outcomes = accept_tables(work, say)
        built = build_marts(lake, base, say)
        say(_("Copying the tables"), 0.85)
        for name in (*TABLES, *(mart for mart in MARTS if mart != COUNTING[0])):
            if name in TABLES and name not in {*work.present, "customers"}:
                _create_empty(con, name)
            else:
                _copy(con, lake, name, folder)
        if owner:
            grant(con, owner, "main")
        recorded = keep_recorded(con, outreach, []) if outreach else []
        facts = _finish(con, base, built, bool(recorded), say)
        work.warnings += suspicions(work) + facts.warnings
        con.execute("CHECKPOINT")
    return work, outcomes, facts, recorded


def _create_empty(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """A contract's table that nothing was given for."""
    columns = {column.name: column.sql_type for column in TABLES[name].columns}
    columns |= {number: "INTEGER" for number in NUMBERS if number in relation(name).columns}
    con.execute(
        f"CREATE TABLE {name} ({', '.join(f'{quoted(key)} {kind}' for key, kind in columns.items())})"
    )


def _copy(con: duckdb.DuckDBPyConnection, lake: Lake, name: str, folder: Path) -> None:
    """A table of the lake as one of the version, in the same order and with the types of the other engine's."""
    with lake.at_hand(name, folder) as parts:
        rows = f"SELECT * FROM read_parquet({literal(parts / '*.parquet')})"
        if name in TABLES or name == "customer_now":
            con.execute(f"CREATE TABLE {quoted(name)} AS {rows}")
        else:
            con.execute(f"CREATE TABLE {quoted(name)} ({columns_of(name)})")
            con.execute(f"INSERT INTO {quoted(name)} BY NAME {rows}")


def _finish(
    con: duckdb.DuckDBPyConnection, base: str, built: Built, recorded: bool, say: Progress
) -> MartFacts:
    """Fit lifetimes, and put what this machine alone knows into `customer_now`."""
    filled = built.filled | filled_columns(con, tables=_OURS)
    lifetimes = _fitted(con, base, built, say)
    say(_("Computing indicators"), 0.97)
    keys = [key for key in available_keys(filled) if key not in lifetimes.refused]
    here = [
        key for key in keys
        if CATALOGUE[key].source == FITTED or (recorded and CATALOGUE[key].source == "contacts")
    ]  # fmt: skip
    if here:
        _add_to_now(con, built, keys, here)
    return MartFacts(
        customers=built.customers,
        transactions=built.transactions,
        newest_as_of=built.newest,
        first_month_end=built.months[0],
        tables=filled,
        warnings=mart_warnings(con),
        fitted=lifetimes.fitted,
        refused=lifetimes.refused,
        granted=granted(con),
        counted_from=counted_from(built.newest),
    )


def _fitted(con: duckdb.DuckDBPyConnection, base: str, built: Built, say: Progress) -> Lifetimes:
    if built.customers > FITTED_UP_TO:
        con.execute(f"CREATE TABLE customer_lifetime ({columns_of('customer_lifetime')})")
        said = _("Lifetime value is fitted on one machine, to at most {n} customers.")
        return Lifetimes(refused={KEY: said.format(n=number(FITTED_UP_TO))})
    by_margin = not missing_columns(CATALOGUE["profit_12m"].needs, built.filled)
    days = [day for day in built.months if day <= built.newest]
    return fit_lifetimes(con, base, days, by_margin, lambda step, _share: say(step, 0.95))


def _add_to_now(con: duckdb.DuckDBPyConnection, built: Built, keys: list[str], here: list[str]) -> None:
    con.execute("CREATE TEMP VIEW spine AS SELECT customer_no, customer_id FROM customers")
    columns = "".join(f", {'here' if key in here else 'made'}.{key}" for key in keys)
    con.execute("ALTER TABLE customer_now RENAME TO made_now")
    con.execute(
        f"""CREATE TABLE customer_now AS
        SELECT made.customer_no, made.customer_id, made.manager_id, made.team_id, made.branch_id, made.department,
            made.onboarded_on{columns}
        FROM made_now AS made JOIN ({frame_sql(tuple(here), built.newest)}) AS here
            ON here.customer_no = made.customer_no
        ORDER BY made.customer_no"""
    )
    con.execute("DROP TABLE made_now")
    con.execute("DROP VIEW spine")
