"""The book's earnings by product and account: statements of the warehouse, for customers of the book alone."""

from datetime import date

import pandas as pd

from analytics.access.book import Book, frame_of
from analytics.warehouse import pricing


def product_lines(book: Book, as_of: date) -> pd.DataFrame:
    """What each customer brought with each product over twelve months: customer_id, product, cents.

    product : its id, "" for what belongs to none. A customer's lines add up to `profit_12m` to the cent.
    Raises NotAllowed for whoever may not see profit.
    """
    sql = pricing.product_lines_sql(as_of, _base(book), narrow=not book.scope.whole_bank)
    return frame_of(book.joined(sql, as_of=as_of, sensitivity="profit"))


def _base(book: Book) -> str:
    return book.warehouse.manifest.base_currency
