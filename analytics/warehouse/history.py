"""Customers' histories as of a date: what the lifetime models are fitted to and asked about."""

from datetime import date
from functools import lru_cache
from typing import Any

import ibis

from analytics.calendar import month_end
from analytics.lifetime.models import QUIET
from analytics.warehouse.pricing import book, booked_in, cents, in_window, month_of, of_those
from analytics.warehouse.relations import relation, sql_of

YEAR = 12


def buying_days(base: str, rows: Any, only_month: date | None = None) -> Any:
    """One row per customer and day with a transaction of amount >= 0: customer_no, day, spent_cents.

    rows : transactions. Those of one day are one purchase; an amount without a known rate counts as zero.
    """
    bought = rows.filter(rows.amount >= 0)
    day = bought.booked_at.date()
    bought = bought.mutate(
        day=day, month_end=month_of(day, only_month), currency=bought.currency.fill_null(base)
    )
    sums = bought.group_by("customer_no", "day", "month_end", "currency").aggregate(spent=bought.amount.sum())
    rated = sums.left_join(relation("month_rate"), ["currency", "month_end"])
    spent = rated.select("customer_no", "day", spent_cents=cents(rated.spent, rated.rate))
    return spent.group_by("customer_no", "day").aggregate(spent_cents=spent.spent_cents.sum().cast("int64"))


def purchases(days: Any, as_of: date) -> Any:
    """One row per customer who has bought by then: customer_no, repeats, last, age (days), mean.

    days : as `buying_days` gives them. mean : amount of the days after the first, empty without any.
    """
    known = days.filter(days.day <= _day(as_of))
    sums = known.group_by("customer_no").aggregate(
        days=known.count(),
        first_on=known.day.min(),
        last_on=known.day.max(),
        total=known.spent_cents.sum().cast("int64"),
        first_cents=known.spent_cents.argmin(known.day),
    )
    repeats = sums.days - 1
    return sums.select(
        "customer_no",
        repeats=repeats.cast("int32"),
        last=sums.last_on.delta(sums.first_on, unit="day").cast("int32"),
        age=_day(as_of).delta(sums.first_on, unit="day").cast("int32"),
        mean=(sums.total - sums.first_cents).cast("float64") / 100 / repeats.nullif(0),
    )


def standing(as_of: date, among: Any = None) -> Any:
    """One row per customer with a balance or a transaction by then, in whole months:

    customer_no, entered and reached (tenure when first seen, and up to which the customer was surely there),
    has_left (nothing any more in the QUIET months to the date), is_here, tenure (at the date), months (of the
    last twelve that the customer was here for), profit_cents (of these), squares (of each month's profit in
    units, added up). Here is who has a transaction in the month or a balance that is not zero, for a closed
    account may go on with rows of zero.
    """
    mart = of_those(relation("customer_month"), among)
    known = mart.filter(mart.month_end <= _day(as_of))
    within = in_window(known, as_of, YEAR)
    profit = ibis.cases((within, known.profit_cents.fill_null(0)), else_=0)
    units = profit.cast("float64") / 100
    here = ibis.cases((_is_present(known), known.month_end))
    seen = known.group_by("customer_no").aggregate(
        first_seen=here.min(),
        last_seen=here.max(),
        profit_cents=profit.sum().cast("int64"),
        squares=(units * units).sum(),
    )
    seen = seen.filter(seen.first_seen.notnull())
    people = relation("customers").select("customer_no", "onboarded_on")
    rows = seen.left_join(people, "customer_no")
    since = ibis.least(rows.first_seen, rows.onboarded_on.fill_null(rows.first_seen))
    rows = rows.select(
        "customer_no", "profit_cents", "squares", since=_month(since), first=_month(rows.first_seen),
        last=_month(rows.last_seen),
    )  # fmt: skip
    now = as_of.year * 12 + as_of.month
    looked = now - QUIET + 1  # the last month of which it is known by now whether anybody left after it
    return rows.select(
        "customer_no", "profit_cents", "squares",
        entered=(rows.first - rows.since).cast("int32"),
        reached=(ibis.least(rows["last"], looked) - rows.since).cast("int32"),
        has_left=rows["last"] < looked,
        is_here=rows["last"] >= looked,
        tenure=(now - rows.since).cast("int32"),
        months=ibis.least(now - rows.since + 1, YEAR).cast("int32"),
    )  # fmt: skip


def _is_present(rows: Any) -> Any:
    """Whether a customer's month has a transaction or a balance that is not zero."""
    found = rows.transactions.fill_null(0) > 0
    for name in ("deposit_cents", "investment_cents", "loan_cents"):
        found = found | (rows[name].fill_null(0) != 0)
    return found


@lru_cache(maxsize=256)
def purchases_sql(as_of: date, base: str, *, narrow: bool) -> str:
    """`purchases` straight from the transactions. narrow : of the customers in `spine` alone."""
    rows = of_those(relation("transactions"), book(narrow))
    rows = booked_in(rows, None, as_of)
    only_month = as_of if as_of != month_end(as_of) else None
    return sql_of(purchases(buying_days(base, rows, only_month), as_of))


@lru_cache(maxsize=256)
def spent_sql(after: date, until: date, base: str, *, narrow: bool) -> str:
    """What was spent on days after one date and up to another: customer_no, spent. narrow : as above."""
    rows = of_those(relation("transactions"), book(narrow))
    days = buying_days(base, booked_in(rows, after, until))
    sums = days.group_by("customer_no").aggregate(cents=days.spent_cents.sum())
    return sql_of(sums.select("customer_no", spent=sums.cents.cast("float64") / 100))


@lru_cache(maxsize=256)
def standing_sql(as_of: date, *, narrow: bool) -> str:
    """`standing` as a statement. narrow : of the customers in `spine` alone."""
    return sql_of(standing(as_of, book(narrow)))


def _day(day: date) -> Any:
    return ibis.date(day.year, day.month, day.day)


def _month(day: Any) -> Any:
    return day.year() * 12 + day.month()
