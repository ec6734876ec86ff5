"""One customer's accounts and the customers whom they referred: statements of the warehouse, within the book."""

from datetime import date

import pandas as pd

from analytics.access.book import Book, frame_of
from analytics.calendar import months_before

PROFIT, CREDIT = "profit_12m", "credit_amount_12m"


def accounts_of(book: Book, customer_id: str, as_of: date) -> pd.DataFrame:
    """A customer's accounts that were opened by then, those still open first.

    account_id, product, category, currency, opened_on, closed_on, balance : the month's average in the account's
    own currency, NaN where there is none.
    """
    sql = f"""SELECT accounts.customer_no, account_id, coalesce(products.name, product_id) AS product, category,
            coalesce(accounts.currency, products.currency) AS currency, opened_on, closed_on,
            average_balance::DOUBLE AS balance
        FROM accounts LEFT JOIN products USING (product_id)
        LEFT JOIN (FROM balances WHERE month_end = DATE '{as_of}') AS held USING (account_id)
        WHERE accounts.customer_id = {_quoted(customer_id)}
            AND (opened_on IS NULL OR opened_on <= DATE '{as_of}')"""
    rows = frame_of(book.joined(sql, what="accounts", as_of=as_of)).drop(columns="customer_id")
    closed = pd.to_datetime(rows["closed_on"]) <= pd.Timestamp(as_of)
    ordered = rows.assign(closed=closed).sort_values(["closed", "opened_on", "account_id"], kind="stable")
    return ordered.drop(columns="closed").reset_index(drop=True)


def brought_in(book: Book) -> str:
    """What the value of a referred customer is measured in: profit, else what came into their accounts."""
    return PROFIT if book.available[PROFIT] is None else CREDIT


def referred_by(book: Book, customer_id: str, as_of: date) -> pd.DataFrame:
    """Whom a customer referred by then, of the book alone: customer_id, referred_on, brought; latest first.

    brought : over twelve months, in `brought_in(book)`.
    """
    key = brought_in(book)
    column = {PROFIT: "profit_cents", CREDIT: "credit_cents"}[key]
    sql = f"""SELECT referred_no AS customer_no, referred_on, coalesce(sum({column}), 0)::DOUBLE / 100.0 AS brought
        FROM referrals LEFT JOIN customer_month ON customer_month.customer_no = referred_no
            AND month_end > DATE '{months_before(as_of, 12)}' AND month_end <= DATE '{as_of}'
        WHERE referrer_id = {_quoted(customer_id)} AND referred_on <= DATE '{as_of}'
        GROUP BY referred_no, referred_on"""
    sensitivity = "profit" if key == PROFIT else None
    rows = frame_of(book.joined(sql, what="referred customers", as_of=as_of, sensitivity=sensitivity))
    return rows.sort_values(["referred_on", "customer_id"], ascending=[False, True]).reset_index(drop=True)


def _quoted(text: str) -> str:
    return "'" + str(text).replace("'", "''") + "'"
