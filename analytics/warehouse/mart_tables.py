"""Where the marts are kept: made whole, or gone on with from a month on."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date

import duckdb

from analytics.errors import BadInput
from analytics.translation import translate as _
from analytics.warehouse.relations import columns_of
from analytics.warehouse.staging import quoted
from analytics.warehouse.tables import TABLES
from analytics.warehouse.volumes import BY_MONTH

# What a version that grows begins with: its months, and the numbers that were given.
KEPT = (
    "customer_month", "foreign_fee", "currency_month", "customer_lifetime", "customer_unit", "volume_unit", *BY_MONTH, "doing",
    "doing_months",
)  # fmt: skip


def drop_marts(con: duckdb.DuckDBPyConnection, kept: Collection[str]) -> None:
    """Everything that is not a contract table was made here, and is made again; what is free then is used anew."""
    found = con.execute(
        "SELECT table_name, table_type FROM information_schema.tables WHERE table_catalog = current_database() "
        "AND table_schema = 'main'"
    ).fetchall()
    gone = [(name, kind) for name, kind in found if name not in TABLES and name not in kept]
    for name, kind in gone:
        con.execute(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {quoted(name)}")
    if gone:
        con.execute("CHECKPOINT")


def begin_months(con: duckdb.DuckDBPyConnection, mart: str, since: date | None) -> None:
    """The mart without its rows from a month on; empty where it is None."""
    if since:
        con.execute(f"DELETE FROM {mart} WHERE month_end >= ?", [since])
    else:
        con.execute(f"CREATE OR REPLACE TABLE {mart} ({columns_of(mart)})")


def add_months(con: duckdb.DuckDBPyConnection, mart: str, since: date | None, *parts: str) -> None:
    """The mart with the rows of these statements, in the place of those from a month on; all where it is None."""
    begin_months(con, mart, since)
    for rows in parts:
        with refusing_the_absurd():
            con.execute(f"INSERT INTO {mart} {rows}")


def replace_mart(con: duckdb.DuckDBPyConnection, mart: str, parts: Iterable[str]) -> None:
    """The mart made of the rows of these statements, which may be told by what it was."""
    con.execute(f"CREATE TABLE made ({columns_of(mart)})")
    for rows in parts:
        with refusing_the_absurd():
            con.execute(f"INSERT INTO made {rows}")
    con.execute(f"DROP TABLE IF EXISTS {mart}")
    con.execute(f"ALTER TABLE made RENAME TO {mart}")


@contextmanager
def refusing_the_absurd() -> Iterator[None]:
    """Figures that no bank has overflow whole cents: refuse them in words, whatever table they are in."""
    try:
        yield
    except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        raise absurd() from error


def absurd() -> BadInput:
    """What is said of figures that whole cents can't hold."""
    return BadInput(
        _("Some amount, rate, unit cost or days past due is too large to be true."),
        _("Look for outsized figures in fx_rates, channel_costs, product_rates, products and balances."),
    )
