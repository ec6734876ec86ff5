"""Alerts about habits: who does less than they used to."""

from datetime import date, timedelta
from typing import Any

import pandas as pd

from analytics.alerts.base import Alert, Asked, Threshold, told
from analytics.calendar import months_before
from analytics.formats import number
from analytics.translation import mark, plural

RECENT, YEAR = 3, 12  # months


def _drifting(asked: Asked) -> pd.DataFrame:
    """Counts of whole months; nine months are three times as long as the three that they are held against."""
    parts, first = months_before(asked.as_of, RECENT), months_before(asked.as_of, YEAR)
    times = (YEAR - RECENT) / RECENT
    since = parts + timedelta(days=1)
    sql = f"""SELECT customer_no, DATE '{since}' AS since, DATE '{quarter(asked.as_of)}' AS period,
            usual AS first, recent AS second
        FROM (SELECT customer_no,
                sum(CASE WHEN month_end > DATE '{parts}' THEN transactions ELSE 0 END)::DOUBLE AS recent,
                sum(CASE WHEN month_end <= DATE '{parts}' THEN transactions ELSE 0 END) / {times!r} AS usual
            FROM customer_month SEMI JOIN spine USING (customer_no)
            WHERE month_end > DATE '{first}' AND month_end <= DATE '{asked.as_of}' GROUP BY customer_no)
        WHERE usual >= {asked.said["usual"]!r} AND recent < {asked.said["share"]!r} * usual"""
    return told(asked, sql, "drifting customers")


def quarter(day: date) -> date:
    """The first day of the calendar quarter.

    >>> quarter(date(2026, 6, 30))
    datetime.date(2026, 4, 1)
    """
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def _drifting_words(row: Any, asked: Asked) -> str:
    text = plural(
        "{n} transaction in the last three months; in the nine before it was {usual} in three.",
        "{n} transactions in the last three months; in the nine before it was {usual} in three.",
        int(row.second),
    )
    whole = row.first >= 10 or float(row.first).is_integer()
    return text.format(n=number(row.second), usual=number(row.first, 0 if whole else 1))


ALERTS = (
    Alert(
        key="drifting",
        label=mark("Drifting away"),
        meaning=mark(
            "Fewer transactions in the last three whole months than this share of the customer's own habit: a third of the nine months before, and that habit was at least so many. What was dealt with comes back in the next calendar quarter, if it is still so."
        ),
        find=_drifting,
        sentence=_drifting_words,
        thresholds=(
            Threshold("share", mark("Below this share of the habit"), 0.4, 0.01, 1.0, "share"),
            Threshold("usual", mark("Habit of at least, in three months"), 6, 1, 10_000, "count"),
        ),
        history=YEAR,
    ),
)  # fmt: skip
