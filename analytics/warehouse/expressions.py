"""The marts' expressions: what a customer did, held and brought in a month.

Sources: profit contribution as the margin over the transfer rate, less expected loss and cost to serve
(definitions in docs/architecture.md). All amounts end as integer cents of the base currency, so that
sums are exact in any order and on any engine.
"""

from datetime import date
from typing import Any

import ibis

from analytics.warehouse.relations import CENTS, COUNTS, relation

LENDING = ("loan", "card")
INVESTMENTS = ("fund", "wealth", "insurance", "fx")
DIGITAL = ("mobile", "online", "web", "internet")
FOREVER = date(9999, 12, 31)
HIGHEST = ("balance_months", "loan_months", "days_past_due", "last_booked_on")  # of a month: not summed


def _when(condition: Any, value: Any = 1) -> Any:
    """A count that DuckDB and Spark agree on: 0, never NULL, where nothing matches."""
    return ibis.cases((condition, value), else_=0).sum()


def _cents(amount: Any, rate: Any) -> Any:
    return (amount.cast("float64") * 100 * rate).round().fill_null(0).cast("int64")


def _month_of(day: Any, only_month: date | None) -> Any:
    """The month end that a day counts under; data that span no month end have a single label."""
    if only_month:
        return ibis.date(only_month.year, only_month.month, only_month.day)
    return (day.truncate("M") + ibis.interval(months=1) - ibis.interval(days=1)).cast("date")


def activity(base: str, customers: tuple[int, int], only_month: date | None) -> Any:
    """Transactions per customer, month and currency, amounts converted at the month's rate."""
    rows = relation("transactions")
    rows = rows.filter((rows.customer_no >= customers[0]) & (rows.customer_no < customers[1]))
    rows = rows.left_join(relation("channel_costs"), "channel")
    day = rows.booked_at.date()
    channel = rows.channel.lower().fill_null("")
    credit = ibis.cases((rows.amount > 0, rows.amount), else_=0)
    rows = rows.mutate(month_end=_month_of(day, only_month), currency=rows.currency.fill_null(base), day=day)
    sums = rows.group_by("customer_no", "month_end", "currency").aggregate(
        transactions=rows.count(),
        mobile_count=_when(channel == "mobile"),
        digital_count=_when(channel.isin(DIGITAL)),
        branch_count=_when(channel == "branch"),
        weekend_count=_when(day.day_of_week.index() >= 5),
        credit=credit.sum(),
        debit=ibis.cases((rows.amount < 0, -rows.amount), else_=0).sum(),
        salary=_when(rows.kind == "salary", credit),
        card=_when((rows.kind == "card") & (rows.amount < 0), -rows.amount),
        fee=rows.fee.fill_null(0).sum(),
        service=rows.unit_cost.fill_null(0).sum(),
        first_on=rows.day.min(),
        last_on=rows.day.max(),
    )
    return _converted(sums, base)


def _converted(sums: Any, base: str) -> Any:
    rated = sums.left_join(relation("month_rate"), ["currency", "month_end"])
    return rated.select(
        "customer_no", "month_end", "transactions", "mobile_count", "digital_count", "branch_count",
        "weekend_count",
        foreign_count=ibis.cases((rated.currency != base, rated.transactions), else_=0),
        credit_cents=_cents(rated.credit, rated.rate),
        debit_cents=_cents(rated.debit, rated.rate),
        salary_cents=_cents(rated.salary, rated.rate),
        card_cents=_cents(rated.card, rated.rate),
        fee_cents=_cents(rated.fee, rated.rate),
        service_cents=_cents(rated.service, 1.0),
        first_booked_on=rated.first_on,
        last_booked_on=rated.last_on,
    )  # fmt: skip


def holdings(base: str, customers: tuple[int, int]) -> Any:
    """Balances per account and month, with the spread and the expected loss that they bring.

    Deposits earn average balance x (transfer rate - customer rate) x days / 365, lending the balance
    x (customer rate - transfer rate), less the risk cost rate. The price is the one in effect on the
    month's last day. Each account's line is rounded to the cent before anything is added.
    """
    rows = _priced(base, customers)
    money = rows.average_balance * rows.rate
    lending = rows.category.isin(LENDING).fill_null(False)
    investing = rows.category.isin(INVESTMENTS).fill_null(False)
    share_of_year = rows.month_end.day().cast("float64") / 365
    margin = ibis.cases(
        (lending, rows.customer_rate - rows.transfer_rate),
        (rows.category == "deposit", rows.transfer_rate - rows.customer_rate),
        else_=0.0,
    )
    risk = ibis.cases((lending, rows.risk_cost_rate.fill_null(0.0)), else_=0.0)
    return rows.select(
        "customer_no", "month_end",
        balance_months=ibis.cases((lending, 0), else_=1),
        loan_months=ibis.cases((lending, 1), else_=0),
        days_past_due=rows.days_past_due.fill_null(0).cast("int32"),
        deposit_cents=ibis.cases((~lending & ~investing, _cents(money, 1.0)), else_=0),
        investment_cents=ibis.cases((investing, _cents(money, 1.0)), else_=0),
        loan_cents=ibis.cases((lending, _cents(money, 1.0)), else_=0),
        spread_cents=_cents(money * margin, share_of_year),
        lending_spread_cents=ibis.cases((lending, _cents(money * margin, share_of_year)), else_=0),
        risk_cents=_cents(money * risk, share_of_year),
    )  # fmt: skip


def _priced(base: str, customers: tuple[int, int]) -> Any:
    """Balances with their account, product, price in effect and exchange rate."""
    accounts = relation("accounts")
    accounts = accounts.filter((accounts.customer_no >= customers[0]) & (accounts.customer_no < customers[1]))
    owned = accounts.select("account_id", "customer_no", "product_id", own_currency="currency")
    products = relation("products").select("product_id", "category", "risk_cost_rate", "currency")
    owned = owned.left_join(products, "product_id").drop("product_id_right")
    owned = owned.mutate(currency=ibis.coalesce(owned.own_currency, owned.currency, ibis.literal(base)))
    rows = relation("balances").join(owned, "account_id")
    prices = relation("price_period").rename(priced_id="product_id")
    in_effect = (
        (rows.product_id == prices.priced_id)
        & (rows.month_end >= prices.starts)
        & (rows.month_end < prices.ends)
    )
    return rows.left_join(prices, in_effect).left_join(relation("month_rate"), ["currency", "month_end"])


def price_periods() -> Any:
    """Product prices with the day that each ends on: the next price's first day."""
    rates = relation("product_rates")
    after = ibis.window(group_by="product_id", order_by="effective_from")
    return rates.select(
        "product_id", "customer_rate", "transfer_rate",
        starts=rates.effective_from,
        ends=rates.effective_from.lead().over(after).fill_null(ibis.date(9999, 12, 31)),
    )  # fmt: skip


def customer_months(base: str, customers: tuple[int, int], only_month: date | None) -> Any:
    """One row per customer and month with activity or balances; the grain of `customer_month`."""
    done = _summed(activity(base, customers, only_month))
    held = _summed(holdings(base, customers))
    both = done.outer_join(held, ["customer_no", "month_end"])
    keys = {key: ibis.coalesce(both[key], both[f"{key}_right"]) for key in ("customer_no", "month_end")}
    figures = [name for name in (*done.columns, *held.columns) if name in (*COUNTS, *CENTS)]
    months = both.select(
        first_on=both.first_booked_on,
        last_on=both.last_booked_on,
        **keys,
        **{name: both[name].fill_null(0) for name in figures},
    )
    return _with_history(_with_result(months))


def _summed(rows: Any) -> Any:
    """One row per customer and month. Each side is summed before they are joined: a union of both would carry
    the columns of the other side through every sum."""

    def figure(name: str) -> Any:
        if name == "first_booked_on":
            return rows[name].min()
        if name in HIGHEST:
            return rows[name].max()
        return rows[name].sum().cast("int64" if name in CENTS else "int32")

    names = [name for name in rows.columns if name not in ("customer_no", "month_end")]
    return rows.group_by("customer_no", "month_end").aggregate(**{name: figure(name) for name in names})


def _with_result(months: Any) -> Any:
    revenue = months.spread_cents + months.fee_cents
    cost = months.risk_cents + months.service_cents
    return months.mutate(
        active_months=ibis.cases((months.transactions > 0, 1), else_=0).cast("int32"),
        revenue_cents=revenue,
        cost_cents=cost,
        profit_cents=revenue - cost,
    )


def _with_history(months: Any) -> Any:
    """Running first and last dates and the next row's month, so that any date needs few rows."""
    so_far = ibis.cumulative_window(group_by="customer_no", order_by="month_end")
    after = ibis.window(group_by="customer_no", order_by="month_end")
    never = ibis.date(FOREVER.year, FOREVER.month, FOREVER.day)
    rows = months.mutate(
        first_booked_on=months.first_on.min().over(so_far),
        last_booked_on=months.last_on.max().over(so_far),
        until=months.month_end.lead().over(after).fill_null(never),
    )
    names = ["customer_no", "month_end", *COUNTS, *CENTS, "first_booked_on", "last_booked_on", "until"]
    return rows.select(*names).order_by("customer_no", "month_end")
