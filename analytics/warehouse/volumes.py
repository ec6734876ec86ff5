"""How much business there was: transactions counted and added up by whatever they are divided by.

Every transaction is converted at its month's rate and rounded to the cent, as it would be booked in the base currency,
so that parts add up to their total to the cent however it is divided. An amount without a rate counts nothing,
as in the marts; the transaction is counted.
"""

from datetime import date
from functools import lru_cache
from typing import Any

import ibis

from analytics.calendar import month_end, months_before
from analytics.warehouse.pricing import cents, month_of, of_those, sql_of
from analytics.warehouse.relations import relation

DIMENSIONS = ("branch", "region", "department", "product", "channel", "kind", "currency")
SUMS = ("amount_in", "amount_out", "fees")


@lru_cache(maxsize=500)  # a statement is made more slowly than it runs
def volumes_sql(base: str, first: date, last: date, by: tuple[str, ...], newest: date) -> str:
    """What the customers in `spine` did: `by`, transactions, SUMS in cents, customers; a row a combination.

    first, last : the month ends to begin and to end with. by : of DIMENSIONS, month_end, quarter and year;
    none: one row, and none where there are no transactions.
    """
    rows = booked(base, first, last, newest)
    rows = rows.mutate(everything=ibis.literal(True))  # a group must have something that it is by
    found = rows.group_by(*by, "everything").aggregate(
        transactions=rows.count(),
        **{name: rows[name].sum().cast("int64") for name in SUMS},
        customers=rows.customer_no.nunique(),
    )
    return sql_of(found.drop("everything"))


def deeds_sql(base: str, first: date, last: date, newest: date) -> str:
    """Who did what: month_end, DIMENSIONS, and per measure the customers in whose figure it is not nil.

    One row a month and combination that occurs; `transactions` lists everybody.
    """
    rows = booked(base, first, last, newest)
    who = rows.customer_no
    keys = ("month_end", *DIMENSIONS)
    told = {name: who.collect(where=rows[name] != 0, distinct=True) for name in SUMS}
    found = rows.group_by(*keys).aggregate(transactions=who.collect(distinct=True), **told)
    return sql_of(found.order_by(*keys))


def booked(base: str, first: date, last: date, newest: date) -> Any:
    """The transactions of those months, each with its month, quarter, year, DIMENSIONS and SUMS in cents."""
    rows, only_month = relation("transactions"), newest if newest != month_end(newest) else None
    if only_month is None:
        day = rows.booked_at.date()
        rows = rows.filter((day > _day(months_before(first, 1))) & (day <= _day(last)))
    rows = of_those(rows, relation("spine"))
    rows = rows.mutate(
        month_end=month_of(rows.booked_at.date(), only_month), currency=rows.currency.fill_null(base)
    )
    rows = rows.left_join(relation("month_rate"), ["currency", "month_end"])
    rows = rows.left_join(_owners(), "customer_no").left_join(_products(), "account_id")
    fee = rows.fee.fill_null(0)
    return rows.select(
        "customer_no", "month_end", *DIMENSIONS,
        year=rows.month_end.year(),
        quarter=rows.month_end.year() * 10 + rows.month_end.quarter(),
        amount_in=cents(ibis.cases((rows.amount > 0, rows.amount), else_=0), rows.rate),
        amount_out=cents(ibis.cases((rows.amount < 0, -rows.amount), else_=0), rows.rate),
        fees=cents(fee, rows.rate),
    )  # fmt: skip


def _owners() -> Any:
    districts = relation("districts").select("district_id", "region")
    rows = relation("customers").left_join(districts, "district_id")
    return rows.select("customer_no", "region", branch="branch_id", department="business_line")


def _products() -> Any:
    return relation("accounts").select("account_id", product="product_id")


def _day(day: date) -> Any:
    return ibis.date(day.year, day.month, day.day)
