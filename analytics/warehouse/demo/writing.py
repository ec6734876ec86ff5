"""Getting rows into the build: contract tables typed as the contract says, helper tables as they come."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from analytics.warehouse.tables import TABLES


def keep(con: duckdb.DuckDBPyConnection, table: str, select: str, extra: Sequence[str] = ()) -> None:
    """Make `source.<table>` from a SELECT that names every contract column; `extra` ones go in as they are."""
    columns = [f'CAST("{c.name}" AS {c.sql_type}) AS "{c.name}"' for c in TABLES[table].columns]
    listed = ", ".join([*columns, *(f'"{name}"' for name in extra)])
    con.execute(f'CREATE TABLE source."{table}" AS SELECT {listed} FROM ({select})')


@contextmanager
def in_any_order(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Long tables are written twice as fast where their rows may come in the order that threads finish."""
    (kept,) = con.execute("SELECT current_setting('preserve_insertion_order')").fetchall()[0]
    con.execute("SET preserve_insertion_order = false")
    try:
        yield
    finally:
        con.execute(f"SET preserve_insertion_order = {kept}")


def help_with(con: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """Make the temporary table `name` with the columns named in a line; it goes away with `forget_helpers`."""
    names = columns.split()
    by_column = list(zip(*rows, strict=True)) or [()] * len(names)
    arrow = pa.table({column: _array(values) for column, values in zip(names, by_column, strict=True)})
    con.register("demo_rows", arrow)
    con.execute(f"CREATE TEMP TABLE {name} AS FROM demo_rows")
    con.unregister("demo_rows")


def _array(values: Sequence[Any]) -> pa.Array:
    """A column; an empty one is text, which DuckDB turns into any other type."""
    array = pa.array(values)
    return array.cast(pa.string()) if pa.types.is_null(array.type) else array


def forget_helpers(con: duckdb.DuckDBPyConnection) -> None:
    """Drop every temporary table of the generator."""
    names = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE temporary AND starts_with(table_name, 'demo_')"
    ).fetchall()
    for (name,) in names:
        con.execute(f'DROP TABLE temp."{name}"')
