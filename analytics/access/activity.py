"""What the book's customers do and say, counted by customer: channels, weekdays and hours; answers to surveys."""

from datetime import date, timedelta

import pandas as pd

from analytics.access.book import Book, frame_of
from analytics.access.masking import SENSITIVE_COLUMNS
from analytics.calendar import months_before

CHANNELS = tuple(f"channel_{n}" for n in range(1, 9))  # those of the most transactions
WEEKDAYS = tuple(f"weekday_{n}" for n in range(1, 8))  # Monday is 1
HOURS = tuple(f"hour_{n}" for n in range(24))
_ANSWERED = ("customer_id", "customer_no", "surveyed_on")


def activity(book: Book, as_of: date, months: int = 12) -> pd.DataFrame:
    """How often each customer acted through which channel, on which weekday and at which hour.

    Counts of transactions in whole months up to a date, one row a customer with any: customer_id, transactions,
    timed (those that are not booked at midnight sharp, which is how days without a time of day are kept), WEEKDAYS,
    HOURS, CHANNELS.
    """
    return frame_of(book.joined(_activity_sql(_window(as_of, months)), what="activity", as_of=as_of))


def channels(book: Book, as_of: date, months: int = 12) -> list[str]:
    """The bank's channels by use, at most as many as there are CHANNELS, in their order."""
    ranked = _ranked_sql(_window(as_of, months))
    rows = book.warehouse.query(f"SELECT channel FROM ({ranked}) ORDER BY place")
    return [str(name) for name in rows["channel"].to_pylist()]


def _window(as_of: date, months: int) -> str:
    first, beyond = months_before(as_of, months) + timedelta(1), as_of + timedelta(1)
    return f"booked_at >= DATE '{first}' AND booked_at < DATE '{beyond}'"


def _ranked_sql(window: str) -> str:
    """The bank's channels by use: channel, place 1, 2, ..."""
    return f"""SELECT channel, row_number() OVER (ORDER BY count(*) DESC, channel) AS place FROM transactions
        WHERE channel IS NOT NULL AND {window} GROUP BY channel ORDER BY place LIMIT {len(CHANNELS)}"""


def _activity_sql(window: str) -> str:
    """One histogram a question, spread into columns afterwards: a count with a filter each takes thrice as long."""
    spread = [
        f"coalesce(map_extract_value({counted}, {key}), 0) AS {name}"
        for counted, names, first in (("days", WEEKDAYS, 1), ("clock", HOURS, 0), ("places", CHANNELS, 1))
        for key, name in enumerate(names, start=first)
    ]
    return f"""SELECT customer_no, transactions, timed, {", ".join(spread)} FROM (
        SELECT customer_no, count(*) AS transactions, count(hour) AS timed, histogram(weekday) AS days,
            histogram(hour) AS clock, histogram(place) AS places
        FROM (
            SELECT customer_no, channel, isodow(booked_at) AS weekday,
                CASE WHEN booked_at <> date_trunc('day', booked_at) THEN hour(booked_at) END AS hour
            FROM transactions SEMI JOIN spine USING (customer_no) WHERE {window}
        ) LEFT JOIN ({_ranked_sql(window)}) USING (channel) GROUP BY customer_no)"""


def answers(book: Book, as_of: date) -> pd.DataFrame:
    """Each customer's latest survey up to a date: customer_id, surveyed_on, nps, and the attitudes that it asked.

    Attitudes that are named like sensitive attributes need their class. Without surveys there is no row.
    """
    known = [name for name in book.warehouse.manifest.tables.get("surveys", ()) if name not in _ANSWERED]
    hidden = () if "sensitive" in book.scope.columns else SENSITIVE_COLUMNS
    quoted = [name.replace('"', '""') for name in known if name.lower() not in hidden]
    shown = "".join(f', "{name}"' for name in quoted)
    sql = f"""SELECT customer_no, surveyed_on{shown} FROM surveys
        WHERE surveyed_on <= DATE '{as_of}'
        QUALIFY row_number() OVER (PARTITION BY customer_no ORDER BY surveyed_on DESC) = 1"""
    return frame_of(book.joined(sql, what="surveys", as_of=as_of))
