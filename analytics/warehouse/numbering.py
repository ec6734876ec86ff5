"""Every table that names a customer gets the customer's number, so that marts join on integers.

Where the table of customers came in, checks look the number up with the customer, and nothing is left to do.
"""

from collections.abc import Mapping

import duckdb

# By table which columns tell the numbers of which others.
NAMING = {
    "transactions": {"customer_no": "customer_id"},
    "accounts": {"customer_no": "customer_id"},
    "contacts": {"customer_no": "customer_id"},
    "surveys": {"customer_no": "customer_id"},
    "referrals": {"customer_no": "referrer_id", "referred_no": "referred_id"},
}


def number_customers(con: duckdb.DuckDBPyConnection) -> None:
    """Give every row that names a customer the customer's number, where it has none yet."""
    for table, columns in NAMING.items():
        there = {row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()}
        if there >= set(columns):
            _number_new(con, table, columns)
            continue
        joins = " ".join(
            f"LEFT JOIN (SELECT customer_id AS {name}_id, customer_no AS {name} FROM customers) AS {name}_of"
            f" ON rows.{key} = {name}_id"
            for name, key in columns.items()
        )
        names = ", ".join(columns)
        con.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT rows.*, {names} FROM {table} AS rows {joins}")


def _number_new(con: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str]) -> None:
    for name, key in columns.items():
        con.execute(
            f"UPDATE {table} SET {name} = known.customer_no FROM customers AS known "
            f"WHERE {table}.{name} IS NULL AND known.customer_id = {table}.{key}"
        )
