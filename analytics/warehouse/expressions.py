"""The marts' expressions: what a customer did, held and brought in a month.

Sources: profit contribution as the margin over the transfer rate, less expected loss and cost to serve
(definitions in docs/architecture.md). All amounts end as integer cents of the base currency, so that
sums are exact in any order and on any engine.
"""

from datetime import date
from typing import Any

import ibis

from analytics.warehouse.pricing import (
    booked_since,
    cents,
    held_since,
    is_lending,
    month_of,
    priced,
    spreads,
    with_unit_cost,
)
from analytics.warehouse.relations import CENTS, COUNTS, relation

INVESTMENTS = ("fund", "wealth", "insurance", "fx")
DIGITAL = ("mobile", "online", "web", "internet")
FOREVER = date(9999, 12, 31)
AMOUNTS = ("credit", "debit", "salary", "card", "fee")  # of transactions, in their currency
MONTHLY = ("customer_no", "month_end")  # the key of a customer's month
HIGHEST = ("balance_months", "loan_months", "days_past_due")  # of a month: not summed


def _count(condition: Any) -> Any:
    """How many rows match. DuckDB counts what a case gives faster than it adds up ones."""
    return ibis.cases((condition, 1)).count()


def _sum(condition: Any, amount: Any) -> Any:
    """A sum that DuckDB and Spark agree on: 0, never NULL, where nothing matches."""
    return ibis.cases((condition, amount), else_=0).sum()


def activity(base: str, customers: tuple[int, int], only_month: date | None, since: date | None) -> Any:
    """Transactions per customer and month, amounts converted at the month's rate.

    Those in the base currency need no rate, and they are nearly all: foreign amounts alone are added up by currency.
    """
    rows = booked_since(since)
    rows = rows.filter((rows.customer_no >= customers[0]) & (rows.customer_no < customers[1]))
    rows = with_unit_cost(rows)
    day = rows.booked_at.date()
    rows = rows.mutate(month_end=month_of(day, only_month), currency=rows.currency.fill_null(base), day=day)
    done = _done(rows, rows.currency == base)
    both = done.left_join(_abroad(rows.filter(rows.currency != base)), MONTHLY)
    counts = ("transactions", "mobile_count", "digital_count", "branch_count", "weekend_count")
    money = {name: cents(both[name], 1.0) + both[f"{name}_cents"].fill_null(0) for name in AMOUNTS}
    return both.select(
        *MONTHLY, "first_booked_on", "last_booked_on",
        **{name: both[name].cast(_width(name)) for name in counts},
        foreign_count=both.foreign_count.fill_null(0),
        service_cents=cents(both.service, 1.0),
        **{f"{name}_cents": amount for name, amount in money.items()},
    )  # fmt: skip


def _done(rows: Any, is_own: Any) -> Any:
    """What was done in a month, and its amounts in the base currency."""
    channel = rows.channel.lower().fill_null("")
    return rows.group_by(*MONTHLY).aggregate(
        transactions=rows.count(),
        mobile_count=_count(channel == "mobile"),
        digital_count=_count(channel.isin(DIGITAL)),
        branch_count=_count(channel == "branch"),
        weekend_count=_count(rows.day.day_of_week.index() >= 5),
        service=rows.unit_cost.fill_null(0).sum(),
        first_booked_on=rows.day.min(),
        last_booked_on=rows.day.max(),
        **_amounts(rows, is_own),
    )


def _abroad(rows: Any) -> Any:
    """The foreign transactions of a month, and their amounts in cents of the base currency."""
    sums = rows.group_by(*MONTHLY, "currency").aggregate(foreign_count=rows.count(), **_amounts(rows))
    rated = sums.left_join(relation("month_rate"), ["currency", "month_end"])
    money = {f"{name}_cents": cents(rated[name], rated.rate) for name in AMOUNTS}
    return _summed(rated.select(*MONTHLY, "foreign_count", **money))


def _amounts(rows: Any, condition: Any = True) -> dict[str, Any]:
    """AMOUNTS of the rows that match."""
    spent = condition & (rows.amount < 0)
    came = condition & (rows.amount > 0)
    return {
        "credit": _sum(came, rows.amount),
        "debit": _sum(spent, -rows.amount),
        "salary": _sum(came & (rows.kind == "salary"), rows.amount),
        "card": _sum(spent & (rows.kind == "card"), -rows.amount),
        "fee": _sum(condition & rows.fee.notnull(), rows.fee),
    }


def holdings(base: str, customers: tuple[int, int], since: date | None) -> Any:
    """Balances per account and month, with the spread and the expected loss that they bring."""
    accounts = relation("accounts")
    accounts = accounts.filter((accounts.customer_no >= customers[0]) & (accounts.customer_no < customers[1]))
    rows = priced(base, accounts, held_since(since))
    money = cents(rows.average_balance * rows.rate, 1.0)
    lending, line = is_lending(rows), spreads(rows)
    investing = rows.category.isin(INVESTMENTS).fill_null(False)
    return rows.select(
        "customer_no", "month_end",
        balance_months=ibis.cases((lending, 0), else_=1),
        loan_months=ibis.cases((lending, 1), else_=0),
        days_past_due=rows.days_past_due.fill_null(0).cast("int32"),
        deposit_cents=ibis.cases((~lending & ~investing, money), else_=0),
        investment_cents=ibis.cases((investing, money), else_=0),
        loan_cents=ibis.cases((lending, money), else_=0),
        spread_cents=line["deposit_spread_cents"] + line["lending_spread_cents"],
        lending_spread_cents=line["lending_spread_cents"],
        risk_cents=line["risk_cents"],
    )  # fmt: skip


def price_periods() -> Any:
    """Product prices with the day that each ends on: the next price's first day."""
    rates = relation("product_rates")
    after = ibis.window(group_by="product_id", order_by="effective_from")
    return rates.select(
        "product_id", "customer_rate", "transfer_rate",
        starts=rates.effective_from,
        ends=rates.effective_from.lead().over(after).fill_null(ibis.date(9999, 12, 31)),
    )  # fmt: skip


def month_rates(base: str) -> Any:
    """The last known exchange rate at each of the month ends in `month`."""
    rates, months = relation("fx_rates"), relation("month")
    known = rates.filter(rates.currency != base).join(months, rates.rate_date <= months.month_end)
    last = known.group_by("currency", "month_end").aggregate(rate=known.rate.argmax(known.rate_date))
    own = months.select(currency=ibis.literal(base), month_end="month_end", rate=ibis.literal(1.0))
    return last.union(own)


def currency_months(base: str, only_month: date | None, since: date | None = None) -> Any:
    """How much there is of each foreign currency, month by month: what hangs on its rate."""
    rows = booked_since(since)
    rows = rows.mutate(month_end=month_of(rows.booked_at.date(), only_month), done=1, held=0)
    accounts = relation("accounts").select("account_id", "product_id", own_currency="currency")
    products = relation("products").select("product_id", "currency")
    held = held_since(since).join(accounts, "account_id").left_join(products, "product_id")
    held = held.mutate(currency=ibis.coalesce(held.own_currency, held.currency), done=0, held=1)
    names = ("currency", "month_end", "done", "held")
    both = rows.select(*names).union(held.select(*names)).filter(lambda t: t.currency != base)
    sums = both.group_by("currency", "month_end").aggregate(
        transactions=both.done.sum().cast("int64"), balances=both.held.sum().cast("int64")
    )
    return sums.order_by("currency", "month_end")


def customer_months(
    base: str, customers: tuple[int, int], only_month: date | None, since: date | None = None
) -> Any:
    """One row per customer and month with activity or balances; the grain of `customer_month`.

    since : the first month end to give; what was before it is read from the mart's earlier rows.
    """
    done = activity(base, customers, only_month, since)
    held = _summed(holdings(base, customers, since))
    both = done.outer_join(held, ["customer_no", "month_end"])
    keys = {key: ibis.coalesce(both[key], both[f"{key}_right"]) for key in ("customer_no", "month_end")}
    figures = [name for name in (*done.columns, *held.columns) if name in (*COUNTS, *CENTS)]
    months = both.select(
        first_on=both.first_booked_on,
        last_on=both.last_booked_on,
        **keys,
        **{name: both[name].fill_null(0) for name in figures},
    )
    return _with_result(_with_history(months, since))


def _summed(rows: Any) -> Any:
    """One row per customer and month. Each side is summed before they are joined: a union of both would carry
    the columns of the other side through every sum."""

    def figure(name: str) -> Any:
        if name in HIGHEST:
            return rows[name].max()
        return rows[name].sum().cast(_width(name))

    names = [name for name in rows.columns if name not in MONTHLY]
    return rows.group_by(*MONTHLY).aggregate(**{name: figure(name) for name in names})


def _width(name: str) -> str:
    return "int64" if name in CENTS else "int32"


def _with_result(months: Any) -> Any:
    revenue = months.spread_cents + months.fee_cents
    cost = months.risk_cents + months.service_cents
    rows = months.mutate(
        active_months=ibis.cases((months.transactions > 0, 1), else_=0).cast("int32"),
        revenue_cents=revenue,
        cost_cents=cost,
        profit_cents=revenue - cost,
    )
    return rows.select(*relation("customer_month").columns).order_by(*MONTHLY)


def _with_history(months: Any, since: date | None) -> Any:
    """Running first and last dates and the next row's month, so that any date needs few rows."""
    so_far = ibis.cumulative_window(group_by="customer_no", order_by="month_end")
    after = ibis.window(group_by="customer_no", order_by="month_end")
    never = ibis.date(FOREVER.year, FOREVER.month, FOREVER.day)
    rows = months.mutate(
        first_booked_on=months.first_on.min().over(so_far),
        last_booked_on=months.last_on.max().over(so_far),
        until=months.month_end.lead().over(after).fill_null(never),
    )
    return rows if since is None else _going_on(rows, since)


def _going_on(rows: Any, since: date) -> Any:
    """With the first and last dates of the months before, which the mart has already."""
    day = ibis.date(since.year, since.month, since.day)
    mart = relation("customer_month")
    latest = mart.filter((mart.month_end < day) & (mart.until >= day))
    rows = rows.left_join(
        latest.select("customer_no", first_of_all="first_booked_on", last_of_all="last_booked_on"),
        "customer_no",
    )
    return rows.mutate(
        first_booked_on=ibis.coalesce(rows.first_of_all, rows.first_booked_on),
        last_booked_on=ibis.coalesce(rows.last_booked_on, rows.last_of_all),
    )
