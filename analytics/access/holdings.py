"""Which products the book's customers hold at a date, and the shelf that they are taken from."""

from datetime import date

import pandas as pd

from analytics.access.book import Book, frame_of


def holdings(book: Book, as_of: date) -> pd.DataFrame:
    """Who holds what on a day: customer_id, product_id; one row for each pair, however many accounts.

    An account is held from the day it was opened until the day before it was closed.
    """
    return frame_of(book.joined(held_sql(as_of), what="holdings", as_of=as_of))


def held_sql(as_of: date) -> str:
    """customer_no, product_id of what is held on a day."""
    return f"""SELECT DISTINCT customer_no, product_id FROM accounts
        WHERE product_id IS NOT NULL AND (opened_on IS NULL OR opened_on <= DATE '{as_of}')
            AND (closed_on IS NULL OR closed_on > DATE '{as_of}')"""


def shelf(book: Book) -> pd.DataFrame:
    """The bank's products, sold or not any more: product_id as index; name, category, risk_level, is_active.

    A product without a name is called by its id; without a risk level it has none (NA); unless it is said to
    be inactive it is sold.
    """
    rows = book.warehouse.query(
        """SELECT product_id, coalesce(name, product_id) AS name, category, risk_level,
            coalesce(is_active, true) AS is_active
        FROM products ORDER BY product_id"""
    )
    return frame_of(rows).astype({"risk_level": "Int64"}).set_index("product_id")
