"""The book's earnings by product, account, channel and rate: statements of the warehouse for its customers alone.

All raise NotAllowed for whoever may not see profit. Amounts are whole cents of the base currency.
"""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import pyarrow as pa

from analytics.access.book import Book, frame_of
from analytics.shock import Shock
from analytics.warehouse import pricing, repricing, statements


def product_lines(book: Book, as_of: date) -> pd.DataFrame:
    """What each customer brought with each product over twelve months: customer_id, product, cents.

    product : its id, "" for what belongs to none. A customer's lines add up to `profit_12m` to the cent.
    """
    sql = pricing.product_lines_sql(as_of, _base(book), narrow=_narrow(book))
    return _read(book, sql, as_of, "product lines")


def account_lines(book: Book, customer_id: str, as_of: date) -> pd.DataFrame:
    """One customer's accounts month by month, as `statements.account_lines_sql` describes them."""
    return _read(book, statements.account_lines_sql(customer_id, as_of, _base(book)), as_of, "account lines")


def channel_lines(book: Book, customer_id: str, as_of: date) -> pd.DataFrame:
    """One customer's transactions, fees and cost to serve by channel, over twelve months."""
    return _read(book, statements.channel_lines_sql(customer_id, as_of, _base(book)), as_of, "channel lines")


def at_other_rates(book: Book, stages: Sequence[Shock], as_of: date) -> pd.DataFrame:
    """What hangs on rates, once for each stage: customer_id, stage_0, stage_1, ...; see `repricing.stages_sql`."""
    sql = repricing.stages_sql(stages, as_of, _base(book), narrow=_narrow(book))
    return _read(book, sql, as_of, "profit at other rates")


def priced_products(book: Book) -> pd.DataFrame:
    """The products that have a price: product_id, name, category."""
    return frame_of(
        book.warehouse.query(
            """SELECT product_id, name, category FROM products
            SEMI JOIN product_rates USING (product_id) ORDER BY product_id"""
        )
    )


def product_names(book: Book) -> dict[str, str]:
    """Every product's name by its id; its id where it has none, and beside the name where several have the same."""
    rows = book.warehouse.query(
        """SELECT product_id, CASE WHEN name IS NULL THEN product_id
            WHEN count(*) OVER (PARTITION BY name) > 1 THEN name || ' (' || product_id || ')' ELSE name END AS name
        FROM products"""
    )
    return dict(zip(rows["product_id"].to_pylist(), rows["name"].to_pylist(), strict=True))


def foreign_currencies(book: Book) -> list[str]:
    """The currencies that have had an exchange rate, the base currency apart."""
    rows = book.warehouse.query(
        "SELECT DISTINCT currency FROM month_rate WHERE currency <> ? ORDER BY currency", [_base(book)]
    )
    return [str(name) for name in rows["currency"].to_pylist()]


def _read(book: Book, sql: str, as_of: date, what: str) -> pd.DataFrame:
    """The engine sums whole cents into wider numbers than it was given: back to ordinary integers."""
    told = book.joined(sql, what=what, as_of=as_of, sensitivity="profit")
    kinds = [pa.int64() if pa.types.is_decimal(field.type) else field.type for field in told.schema]
    return frame_of(told.cast(pa.schema(list(zip(told.schema.names, kinds, strict=True)))))


def _narrow(book: Book) -> bool:
    return not book.scope.whole_bank


def _base(book: Book) -> str:
    return book.warehouse.manifest.base_currency
