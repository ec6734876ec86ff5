"""When the book's customers were there, month by month, and when they came to the bank."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.access.book import Book, frame_of
from analytics.lifetime.models import QUIET

MOST_MONTHS = 60  # bits of one whole number


def presence(book: Book, as_of: date) -> pd.DataFrame:
    """customer_id, onboarded_on, first_seen, months: one row a customer of the book, whatever is known of them.

    months : bit k says that they were there k months before the date, with a transaction in the month or a balance
        that is not zero, as the lifetime models see it; MOST_MONTHS of them. first_seen : the first such month's
        end, empty without any. onboarded_on : empty where the bank doesn't say.
    """
    return frame_of(book.joined(_presence_sql(as_of), what="presence by month", as_of=as_of))


def _presence_sql(as_of: date) -> str:
    """One whole number a customer instead of a row a month: a million customers stay a million rows."""
    now = as_of.year * 12 + as_of.month
    return f"""SELECT spine.customer_no, onboarded_on, first_seen, coalesce(months, 0) AS months
        FROM spine JOIN (SELECT customer_no, onboarded_on FROM customer_now) USING (customer_no) LEFT JOIN (
            SELECT customer_no, min(month_end) AS first_seen,
                bit_or(CASE WHEN back < {MOST_MONTHS} THEN 1::BIGINT << back ELSE 0 END) AS months
            FROM (
                SELECT customer_no, month_end, {now} - year(month_end) * 12 - month(month_end) AS back
                FROM customer_month SEMI JOIN spine USING (customer_no)
                WHERE month_end <= DATE '{as_of}' AND (coalesce(transactions, 0) > 0
                    OR coalesce(deposit_cents, 0) <> 0 OR coalesce(investment_cents, 0) <> 0
                    OR coalesce(loan_cents, 0) <> 0)
            ) GROUP BY customer_no
        ) USING (customer_no)"""


def newcomers(book: Book, after: date, until: date) -> pd.Series:
    """The ids of the book's customers who came to the bank after one date and up to another."""
    sql = f"SELECT customer_no FROM customer_now WHERE onboarded_on > DATE '{after}'"
    return frame_of(book.joined(sql, what="newcomers", as_of=until))["customer_id"]


def active(months: Sequence[int] | NDArray[np.int64], back: int) -> NDArray[np.bool_]:
    """Whether customers were active so many months before the date: there in it or in the QUIET - 1 before it.

    >>> active([0b1000], 1).tolist(), active([0b1000], 0).tolist()
    ([True], [False])
    """
    window = np.int64(((1 << QUIET) - 1) << back)
    return np.asarray(np.asarray(months, np.int64) & window > 0)
