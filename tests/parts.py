"""A bank's own tables as files that it could be loaded from, whole and month by month."""

from datetime import date
from pathlib import Path

import duckdb

from analytics.warehouse.engine import Warehouse
from analytics.warehouse.tables import TABLES
from analytics.warehouse.versions import version_file

# What tells when a row came to be; other tables with customers have theirs since the customer is one.
DATED = {
    "transactions": "booked_at",
    "balances": "month_end",
    "customers": "onboarded_on",
    "fx_rates": "rate_date",
    "referrals": "referred_on",
}


def written(warehouse: Warehouse, folder: Path) -> None:
    """Write the tables of a bank as CSV."""
    folder.mkdir()
    path = version_file(warehouse.root, warehouse.version)
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{path}' AS bank (READ_ONLY)")
        for name, columns in warehouse.manifest.tables.items():
            listed = ", ".join(column.name for column in TABLES[name].columns if column.name in columns)
            if listed:
                con.execute(f"COPY (SELECT {listed} FROM bank.{name}) TO '{folder / name}.csv'")


def part_by_month(folder: Path, last: date) -> None:
    """Part the files in `all` into what there was by a month end, in `before`, and what came since, in `month`."""
    for part in ("before", "month"):
        (folder / part).mkdir()
    with duckdb.connect() as con:
        for path in sorted((folder / "all").glob("*.csv")):
            rows = f"FROM read_csv('{path}', all_varchar = true)"
            by_then = _by_then(con, rows, path, last)
            con.execute(f"COPY (SELECT * {rows} WHERE {by_then}) TO '{folder / 'before' / path.name}'")
            if con.execute(f"SELECT 1 {rows} WHERE NOT ({by_then}) LIMIT 1").fetchone():
                con.execute(
                    f"COPY (SELECT * {rows} WHERE NOT ({by_then})) TO '{folder / 'month' / path.name}'"
                )


def _by_then(con: duckdb.DuckDBPyConnection, rows: str, path: Path, last: date) -> str:
    if path.stem in DATED:
        return f"coalesce({DATED[path.stem]}::DATE <= DATE '{last}', true)"
    if "customer_id" not in [row[0] for row in con.execute(f"DESCRIBE {rows}").fetchall()]:
        return "true"
    customers = f"read_csv('{path.with_name('customers.csv')}', all_varchar = true)"
    return (
        f"customer_id NOT IN (SELECT customer_id FROM {customers} WHERE onboarded_on::DATE > DATE '{last}')"
    )
