"""Whom the bank's campaigns reached in a book, what came of it, and where its customers can be met."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from analytics.access.book import Book, frame_of
from analytics.calendar import months_before

# By intention to treat: who was drawn to be left alone stays with those left alone, even where somebody
# called them after all, or an answer to that call would count as if nobody had.
_ANSWERS = """
SELECT customer_no, campaign_id, bool_or(coalesce(is_holdout, false)) AS is_holdout,
    coalesce(bool_or(CAST(responded_at AS DATE) <= DATE '{day}'), false) AS answered,
    count(*) FILTER (NOT coalesce(is_holdout, false)) AS contacts,
    max(CAST(contacted_at AS DATE)) AS last_on
FROM contacts WHERE CAST(contacted_at AS DATE) <= DATE '{day}' GROUP BY customer_no, campaign_id"""


def answers(book: Book, as_of: date) -> pd.DataFrame:
    """The book's customers in loaded campaigns, as known on a day; one row for each campaign of a customer.

    customer_id, campaign_id, is_holdout, answered, contacts (how often they were contacted), last_on (the
    last contact's day; of a hold-out the day on which it would have been).
    """
    return frame_of(book.joined(_ANSWERS.format(day=as_of), what="campaign answers", as_of=as_of))


def loaded_campaigns(book: Book) -> pd.DataFrame:
    """What was loaded of campaigns: campaign_id, name, product_id, channel, starts_on, cost_per_contact."""
    return frame_of(
        book.warehouse.query(
            """SELECT campaign_id, coalesce(name, campaign_id) AS name, coalesce(product_id, '') AS product_id,
                coalesce(channel, '') AS channel, starts_on, cost_per_contact
            FROM campaigns ORDER BY campaign_id"""
        )
    )


def members_of(book: Book, customer_ids: Sequence[str]) -> pd.DataFrame:
    """Those of these customers who are in the book now: customer_id, manager_id (missing for nobody)."""
    sql = """SELECT customer_no, manager_id FROM customer_now
        WHERE customer_id IN (SELECT unnest(?::VARCHAR[]))"""
    return frame_of(book.joined(sql, what="campaign members", values=[list(customer_ids)]))


def channels_used(book: Book, as_of: date, customer_ids: Sequence[str]) -> "pd.Series[int]":
    """Transactions of some of the book's customers over twelve months, by channel, the most used first."""
    sql = """SELECT customer_no, channel, count(*) AS transactions FROM transactions
        WHERE channel IS NOT NULL AND CAST(booked_at AS DATE) > ? AND CAST(booked_at AS DATE) <= ?
            AND customer_no IN (SELECT customer_no FROM spine
                WHERE customer_id IN (SELECT unnest(?::VARCHAR[])))
        GROUP BY customer_no, channel"""
    values = [months_before(as_of, 12), as_of, list(customer_ids)]
    found = frame_of(book.joined(sql, what="channels", as_of=as_of, values=values))
    return found.groupby("channel")["transactions"].sum().sort_values(ascending=False, kind="stable")
