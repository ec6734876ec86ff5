"""What accounts earn: the one expression behind the marts' profit, its statement by account, and its shocks.

Deposits earn average balance x (transfer rate - customer rate) x days / 365, lending the balance x (customer
rate - transfer rate), less the risk cost rate. The price is the one in effect on the month's last day, the
exchange rate the last one known by then. Each account's line is rounded to the cent before anything is added.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import ibis

from analytics.calendar import month_end, months_before
from analytics.shock import Shock
from analytics.warehouse.relations import last_day, relation, sql_of

LENDING = ("loan", "card")
NO_SHOCK = Shock()
HELD = ("deposit_spread_cents", "lending_spread_cents", "risk_cents")
DONE = ("fee_cents", "service_cents")
NO_NAME = ""  # the key of transactions that name no account or channel, or an account without a product


def cents(amount: Any, rate: Any) -> Any:
    """An amount in integer cents of the base currency, so that sums are exact in any order; 0 where unknown."""
    return (amount.cast("float64") * 100 * rate).round().fill_null(0).cast("int64")


def month_of(day: Any, only_month: date | None) -> Any:
    """The month end that a day counts under; data that span no month end have a single label."""
    if only_month:
        return ibis.date(only_month.year, only_month.month, only_month.day)
    return last_day(day)


def priced(base: str, accounts: Any, balances: Any) -> Any:
    """Balances with their account, product, price in effect and exchange rate."""
    owned = accounts.select("account_id", "customer_no", "product_id", own_currency="currency")
    products = relation("products").select("product_id", "category", "risk_cost_rate", "currency")
    owned = owned.left_join(products, "product_id").drop("product_id_right")
    owned = owned.mutate(currency=ibis.coalesce(owned.own_currency, owned.currency, ibis.literal(base)))
    rows = balances.join(owned, "account_id")
    prices = relation("price_period").rename(priced_id="product_id")
    in_effect = (
        (rows.product_id == prices.priced_id)
        & (rows.month_end >= prices.starts)
        & (rows.month_end < prices.ends)
    )
    return rows.left_join(prices, in_effect).left_join(relation("month_rate"), ["currency", "month_end"])


def booked_since(since: date | None) -> Any:
    """The transactions that count under this month end or a later one; all where it is None."""
    rows = relation("transactions")
    return rows if since is None else booked_in(rows, months_before(since, 1))


def booked_in(rows: Any, after: date | None, until: date | None = None) -> Any:
    """Transactions of the days after one date, up to another. Moments are compared: what lies outside is not even read."""
    if after is not None:
        rows = rows.filter(rows.booked_at >= _end_of(after))
    return rows if until is None else rows.filter(rows.booked_at < _end_of(until))


def _end_of(day: date) -> Any:
    return ibis.timestamp(datetime.combine(day + timedelta(days=1), time()))


def held_since(since: date | None) -> Any:
    """The balances of this month end and later ones; all where it is None."""
    rows = relation("balances")
    return rows if since is None else rows.filter(rows.month_end >= _day(since))


def is_lending(rows: Any) -> Any:
    """Whether a balance is money lent."""
    return rows.category.isin(LENDING).fill_null(False)


def spreads(rows: Any, shock: Shock = NO_SHOCK) -> dict[str, Any]:
    """The lines of priced balances in cents, one set for each row: what they earn and may lose."""
    paid = rows.customer_rate + _by(rows.product_id, shock.products)
    transfer = rows.transfer_rate + shock.curve
    money = rows.average_balance * (rows.rate * factor(rows.currency, shock.currencies))
    lending = is_lending(rows)
    days = rows.month_end.day().cast("float64") / 365
    risk = rows.risk_cost_rate.fill_null(0.0)
    return {
        "deposit_spread_cents": ibis.cases(
            (~lending & (rows.category == "deposit"), cents(money * (transfer - paid), days)), else_=0
        ),
        "lending_spread_cents": ibis.cases((lending, cents(money * (paid - transfer), days)), else_=0),
        "risk_cents": ibis.cases((lending, cents(money * risk, days)), else_=0),
    }


def factor(currency: Any, changes: tuple[tuple[str, float], ...]) -> Any:
    """By what a currency's rate is multiplied; exactly 1 where it does not move."""
    return 1.0 + _by(currency, changes)


def _by(name: Any, changes: tuple[tuple[str, float], ...]) -> Any:
    """The change that a name is given; 0.0 where it is given none."""
    moved = [(name == key, by) for key, by in changes if by]
    return ibis.cases(*moved, else_=0.0) if moved else ibis.literal(0.0)


def held_lines(base: str, as_of: date, months: int, among: Any, shock: Shock = NO_SHOCK) -> Any:
    """One row per account and month of the window: customer_no, account_id, product_id, month_end and HELD."""
    accounts, balances = relation("accounts"), relation("balances")
    rows = priced(base, of_those(accounts, among), balances.filter(in_window(balances, as_of, months)))
    keys = ("customer_no", "account_id", "product_id", "month_end")
    return rows.select(*keys, **spreads(rows, shock))


def with_unit_cost(rows: Any) -> Any:
    """Transactions beside what one costs in their channel, whose name is compared without regard to case."""
    costs = relation("channel_costs")
    costs = costs.group_by(its_channel=costs.channel.lower()).aggregate(unit_cost=costs.unit_cost.max())
    return rows.left_join(costs, rows.channel.lower() == costs.its_channel).drop("its_channel")


def done_lines(base: str, as_of: date, months: int, among: Any, key: str = "channel") -> Any:
    """Fees and cost to serve by account, month and currency, in cents that are not rounded yet.

    customer_no, account_id, product_id, month_end, transactions, fee and service; channel where it is the key.
    """
    rows = relation("transactions")
    only_month = as_of if as_of != month_end(as_of) else None
    if only_month is None:
        rows = booked_in(rows, months_before(as_of, months), as_of)
    rows = with_unit_cost(of_those(rows, among))
    rows = rows.mutate(
        month_end=month_of(rows.booked_at.date(), only_month), currency=rows.currency.fill_null(base)
    )
    by = ["customer_no", "account_id", "month_end", "currency", *(["channel"] if key == "channel" else [])]
    sums = rows.group_by(by).aggregate(
        transactions=rows.count(), fee=rows.fee.fill_null(0).sum(), service=rows.unit_cost.fill_null(0).sum()
    )
    rated = sums.left_join(relation("month_rate"), ["currency", "month_end"])
    products = relation("accounts").select("account_id", "product_id")
    owned = rated.left_join(products, "account_id")
    return owned.select(
        "customer_no", "month_end", "transactions",
        **({"channel": owned["channel"].fill_null(NO_NAME)} if "channel" in by else {}),
        account_id=owned.account_id.fill_null(NO_NAME),
        product_id=owned.product_id.fill_null(NO_NAME),
        fee=(owned.fee.cast("float64") * 100 * owned.rate).fill_null(0.0),
        service=(owned.service.cast("float64") * 100).fill_null(0.0),
    )  # fmt: skip


def lines(base: str, as_of: date, months: int, among: Any, within: tuple[str, ...], key: str) -> Any:
    """What each of the `key`s (accounts or products) brought within a customer, or a customer's month.

    Columns: `within`, `key`, HELD and DONE, in cents. Fees and costs are rounded by the line, and the largest
    takes the cent that is then too many or too few: lines add up to `customer_month` exactly.
    """
    held = held_lines(base, as_of, months, among)
    held = held.mutate(**{key: held[key].fill_null(NO_NAME)})
    held = held.group_by(*within, key).aggregate(**{name: held[name].sum() for name in HELD})
    done = settled_lines(base, as_of, months, among, within, key)
    both = held.outer_join(done, [*within, key])
    return both.select(
        **{name: ibis.coalesce(both[name], both[f"{name}_right"]) for name in (*within, key)},
        **{name: both[name].fill_null(0) for name in (*HELD, *DONE)},
    )


def settled_lines(base: str, as_of: date, months: int, among: Any, within: tuple[str, ...], key: str) -> Any:
    """The fees and the cost to serve of each `key` (account_id, product_id or channel): `within`, key, DONE."""
    done = done_lines(base, as_of, months, among, key).group_by(*within, key)
    sums = done.aggregate(
        transactions=lambda t: t.transactions.sum(),
        fee=lambda t: t.fee.sum(),
        service=lambda t: t.service.sum(),
    )
    mart = relation("customer_month")
    totals = of_those(mart.filter(in_window(mart, as_of, months)), among)
    return _rounded(sums, totals, within, key)


@lru_cache(maxsize=256)
def product_lines_sql(as_of: date, base: str, *, months: int = 12, narrow: bool = False) -> str:
    """What each customer brought with each product: customer_no, product (its id, "" for none), cents.

    Over the whole months that end at `as_of`; a customer's lines add up to the mart's profit to the cent.
    narrow : whether the book is small, so that the customers in `spine` alone are read.
    """
    rows = lines(base, as_of, months, book(narrow), ("customer_no",), "product_id")
    return sql_of(rows.select("customer_no", product="product_id", cents=profit_of(rows)))


def profit_of(rows: Any) -> Any:
    """Profit contribution of rows that have HELD and DONE."""
    revenue = rows.deposit_spread_cents + rows.lending_spread_cents + rows.fee_cents
    return revenue - rows.risk_cents - rows.service_cents


def in_window(rows: Any, as_of: date, months: int) -> Any:
    """Whether a row's month end is one of the whole months that end at the date."""
    return (rows.month_end > _day(months_before(as_of, months))) & (rows.month_end <= _day(as_of))


def book(narrow: bool) -> Any:
    """The customers to read: a small book's alone, for a large one it is quicker to read all (None)."""
    return relation("spine") if narrow else None


def of_those(rows: Any, among: Any) -> Any:
    """The rows of the customers in a table, of all where it is None."""
    return rows if among is None else rows.semi_join(among, "customer_no")


@lru_cache(maxsize=256)
def compiled(build: Callable[..., Any], *given: Any, dialect: str = "duckdb") -> str:
    """The statement of the expression that a function builds of what it is given.

    Once a process: to compile one takes longer than to run it on a small bank.
    """
    return sql_of(build(*given), dialect)


def _rounded(rows: Any, totals: Any, within: tuple[str, ...], key: str) -> Any:
    """Fees and costs in whole cents that add up to those of the marts.

    Hardly any customer is a cent off: only those are looked at line by line.
    """
    lines = rows.mutate(
        fee_cents=rows.fee.round().cast("int64"), service_cents=rows.service.round().cast("int64")
    )
    told = totals.group_by(*within).aggregate(**{f"{name}_told": totals[name].sum() for name in DONE})
    sums = lines.group_by(*within).aggregate(**{name: lines[name].sum() for name in DONE}).join(told, within)
    missing = {f"{name}_gap": sums[f"{name}_told"] - sums[name] for name in DONE}
    gaps = sums.select(*within, **missing)
    gaps = gaps.filter((gaps.fee_cents_gap != 0) | (gaps.service_cents_gap != 0))
    off = lines.join(gaps, within)
    largest = {
        name: ibis.row_number().over(ibis.window(group_by=within, order_by=ibis.desc(off[raw]))) == 0
        for name, raw in zip(DONE, ("fee", "service"), strict=True)
    }
    mended = off.select(
        *within, key,
        **{f"{name}_gap": ibis.cases((largest[name], off[f"{name}_gap"]), else_=0) for name in DONE},
    )  # fmt: skip
    both = lines.left_join(mended, [*within, key])
    return both.mutate(**{name: both[name] + both[f"{name}_gap"].fill_null(0) for name in DONE})


def _day(day: date) -> Any:
    return ibis.date(day.year, day.month, day.day)
