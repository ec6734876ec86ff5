"""What is known of one currency or product over time, and which there are."""

import pandas as pd

from analytics.warehouse.engine import Warehouse
from analytics.warehouse.rates.layouts import KINDS


def quoted(warehouse: Warehouse, feed: str) -> dict[str, str]:
    """The currencies or products that have rates, by their key with what people call them; used ones first."""
    if feed == "fx":
        rows = warehouse.query(
            """SELECT currency AS name, currency AS label FROM fx_rates GROUP BY currency
            ORDER BY currency NOT IN (SELECT currency FROM currency_month), currency"""
        )
    else:
        rows = warehouse.query(
            """SELECT product_id AS name, coalesce(any_value(products.name), product_id) AS label
            FROM product_rates LEFT JOIN products USING (product_id) GROUP BY product_id ORDER BY product_id"""
        )
    return dict(zip(rows["name"].to_pylist(), rows["label"].to_pylist(), strict=True))


def used_currencies(warehouse: Warehouse) -> list[str]:
    """The foreign currencies that transactions or balances are in."""
    rows = warehouse.query("SELECT DISTINCT currency FROM currency_month ORDER BY currency")
    return [str(name) for name in rows["currency"].to_pylist()]


def history(warehouse: Warehouse, feed: str, name: str) -> pd.DataFrame:
    """All that is known of one currency or product, oldest first: `day` and the figures of its kind."""
    kind = KINDS[feed]
    figures = ", ".join(kind.figures)
    rows = warehouse.query(
        f"SELECT {kind.day} AS day, {figures} FROM {kind.table} WHERE {kind.name} = ? ORDER BY day", [name]
    )
    found: pd.DataFrame = rows.to_pandas(date_as_object=True)
    return found
