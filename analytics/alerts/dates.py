"""Alerts about dates that come: birthdays, and assessments that run out."""

from datetime import date
from typing import Any

import pandas as pd

from analytics.alerts.base import Alert, Asked, Threshold, told
from analytics.formats import day
from analytics.translation import mark
from analytics.translation import translate as _


def _birthdays(asked: Asked) -> pd.DataFrame:
    """Whoever was born on 29 February is congratulated on the 28th in other years."""
    years = f"{asked.day.year} - year(birth_date)"
    this_year = f"(birth_date + to_years(CAST({years} AS INTEGER)))::DATE"
    next_year = f"(birth_date + to_years(CAST({years} + 1 AS INTEGER)))::DATE"
    sql = f"""SELECT customer_no, coming AS since, coming AS period,
            (year(coming) - year(birth_date))::DOUBLE AS first
        FROM (SELECT customer_no, birth_date,
                CASE WHEN {this_year} >= DATE '{asked.day}' THEN {this_year} ELSE {next_year} END AS coming
            FROM customers SEMI JOIN spine USING (customer_no) WHERE birth_date <= DATE '{asked.day}')
        WHERE coming <= DATE '{asked.day}' + INTERVAL {int(asked.said["days"])} DAY AND year(coming) > year(birth_date)"""
    return told(asked, sql, "birthdays", "pii")


def _birthday_words(row: Any, asked: Asked) -> str:
    return _("On {day}, turning {age}.").format(day=day(_date(row.since)), age=int(row.first))


def _reviews(asked: Asked) -> pd.DataFrame:
    due = f"(risk_assessed_on + to_months({int(asked.said['months'])}))::DATE"
    sql = f"""SELECT customer_no, due AS since, due AS period, assessed AS first
        FROM (SELECT customer_no, risk_assessed_on AS assessed, {due} AS due
            FROM customers SEMI JOIN spine USING (customer_no) WHERE risk_assessed_on IS NOT NULL)
        WHERE due <= DATE '{asked.day}' + INTERVAL {int(asked.said["days"])} DAY"""
    return told(asked, sql, "reviews due")


def _review_words(row: Any, asked: Asked) -> str:
    due, assessed = _date(row.since), _date(row.first)
    late = _(
        "The risk assessment of {assessed} ran out on {day}: nothing may be offered until it is renewed."
    )
    soon = _("The risk assessment of {assessed} runs out on {day}.")
    return (late if due < asked.day else soon).format(assessed=day(assessed), day=day(due))


def _date(moment: Any) -> date:
    return pd.Timestamp(moment).date()


ALERTS = (
    Alert(
        key="birthday",
        label=mark("Birthday"),
        meaning=mark(
            "A birthday from today on within these days, or from the as-of date on where an earlier one is chosen."
        ),
        find=_birthdays,
        sentence=_birthday_words,
        thresholds=(Threshold("days", mark("Within days"), 14, 1, 366, "days"),),
        needs=("customers.birth_date",),
        sensitivity="pii",
    ),
    Alert(
        key="review",
        label=mark("Review due"),
        meaning=mark(
            "The risk assessment is older than these months, or will be within these days. Customers who were never assessed are not listed. It comes back when the next assessment runs out."
        ),
        find=_reviews,
        sentence=_review_words,
        thresholds=(
            Threshold("months", mark("Valid for months"), 12, 1, 120, "months"),
            Threshold("days", mark("Within days"), 30, 0, 365, "days"),
        ),
        needs=("customers.risk_assessed_on",),
    ),
)  # fmt: skip
