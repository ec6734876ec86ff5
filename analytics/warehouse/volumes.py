"""How much business there was, as marts that any table of it is added up from.

Every transaction is converted at its month's rate and rounded to the cent, as it would be booked in the base currency,
so that parts add up to their total to the cent however it is divided. An amount without a rate counts nothing,
as in the other marts; the transaction is counted. Branch, region, department and manager are the customer's, as they
are today.

Customers with the same manager, team, branch, region and department are a unit: whoever may see some customers may see
whole units, for that is what grants are made of, and so no mart names a customer but `customer_unit` and
`doing_months`, from which different customers are counted without a look at what they did.
"""

from datetime import date
from functools import lru_cache
from typing import Any

import ibis

from analytics.calendar import month_end, months_before
from analytics.warehouse.doing_months import doing_bits, doing_months, doings
from analytics.warehouse.doings import counted_from
from analytics.warehouse.labels import dated, numbered, of_units, with_product, within
from analytics.warehouse.pricing import (
    booked_in,
    booked_since,
    cents,
    compiled,
    held_since,
    is_lending,
    month_of,
    of_those,
    priced,
)
from analytics.warehouse.relations import relation, sql_of

DIMENSIONS = ("branch", "region", "department", "product", "channel", "kind", "currency")
SUMS = ("amount_in", "amount_out", "fees")
FLOWS = ("transactions", *SUMS)
# What can be told to whoever sees no customers, for it can be proved month by month (`access.proof`), and what it is
# divided by. Not balances: they stand, so that the difference of two months would be one new customer's.
PROVED = {
    "volume_month": (FLOWS, DIMENSIONS),
    "account_month": (("new_accounts", "closed_accounts"), ("branch", "region", "department", "product", "currency")),
    "joined_month": (("new_customers", "lost_customers"), ("branch", "region", "department")),
}  # fmt: skip
OF_UNIT = ("manager_id", "team_id", "branch_id", "region", "department")
# In the order of building: each may read those before it.
MARTS = (
    "customer_unit", "volume_unit", "volume_month", "balance_month", "account_month", "joined_month", "doing",
    "doing_bits", "doing_months",
)  # fmt: skip
COUNTING = MARTS[-2:]  # the first of which is read by the other alone, and not kept


# Whose earlier months stay as they are when months are added; the others are short, or number what is in these.
BY_MONTH = ("volume_month", "balance_month")


def volume_mart_sql(
    mart: str,
    base: str,
    newest: date,
    *,
    start: date | None = None,
    since: date | None = None,
    units: tuple[int, int] | None = None,
    dialect: str = "duckdb",
) -> str:
    """The statement that gives one of MARTS, of the accepted tables and the marts before it.

    start : the month that `doing_months` counts back from, left out: that of a version built whole.
    since : the first month end that is not known yet: of BY_MONTH only rows from it on are given, and what was numbered
        keeps its number.
    units : of BY_MONTH and `doing_months` those from a number on up to another one alone, left out: all.
    """
    start = start or counted_from(newest)
    return compiled(_volume_mart, mart, base, newest, start, since, units, dialect=dialect)


def _volume_mart(
    mart: str, base: str, newest: date, start: date, since: date | None, units: tuple[int, int] | None
) -> Any:
    only_month = _only_month(newest)
    built: dict[str, Any] = {
        "customer_unit": lambda: _customer_units(since),
        "volume_unit": lambda: relation("customer_unit").select("unit_no", *OF_UNIT).distinct(),
        "volume_month": lambda: _volume_months(base, only_month, since, units),
        "balance_month": lambda: _balance_months(base, since, units),
        "account_month": lambda: _account_months(base, only_month),
        "joined_month": lambda: _joined_months(only_month),
        "doing": lambda: doings(since),
        "doing_bits": lambda: doing_bits(base, only_month, start, since),
        "doing_months": lambda: doing_months(start, since, units),
    }
    return built[mart]().select(*relation(mart).columns)


@lru_cache(maxsize=256)
def deeds_sql(source: str, base: str, first: date, last: date, newest: date) -> str:
    """Who did what of one of PROVED: month_end, its dimensions, and per figure the customers in whom it is not nil.

    One row a month and combination that occurs; `everybody` lists whoever did any of it, as each has a transaction.
    """
    flows, dimensions = PROVED[source]
    rows = _of_months(_deeds(source, base, first, last, newest), first, last)
    who, keys = rows.customer_no, ("month_end", *dimensions)
    told = {
        name: who.collect(where=rows[name] != 0, distinct=True) for name in flows if name != "transactions"
    }
    found = sql_of(rows.group_by(*keys).aggregate(everybody=who.collect(distinct=True), **told))
    return f"SELECT * FROM ({found}) ORDER BY {', '.join(keys)}"


def _deeds(source: str, base: str, first: date, last: date, newest: date) -> Any:
    """What the customers in `spine` did: customer_no, month_end, and dimensions and figures of PROVED."""
    if source == "volume_month":
        return _labelled(booked(base, first, last, newest))
    only_month = _only_month(newest)
    events = _account_events(base, only_month) if source == "account_month" else _joined_events(only_month)
    flows, dimensions = PROVED[source]
    rows = of_those(events, relation("spine")).left_join(_owners(), "customer_no")
    return rows.select("customer_no", "month_end", *dimensions, *flows)


def _of_months(rows: Any, first: date, last: date) -> Any:
    return rows.filter((rows.month_end >= _day(first)) & (rows.month_end <= _day(last)))


def booked(base: str, first: date, last: date, newest: date) -> Any:
    """The transactions of those months by the customers in `spine`: customer_no, month_end, product and so on."""
    rows = of_those(_booked_in(first, last, newest), relation("spine"))
    return _in_cents(rows, base, _only_month(newest))


def _booked_in(first: date, last: date, newest: date) -> Any:
    """The transactions of those months; all of them where the data span no month end."""
    rows = relation("transactions")
    return rows if _only_month(newest) else booked_in(rows, months_before(first, 1), last)


def _only_month(newest: date) -> date | None:
    """The one label of all rows where the data span no month end."""
    return newest if newest != month_end(newest) else None


def _in_cents(rows: Any, base: str, only_month: date | None) -> Any:
    """Transactions with their month, product and SUMS in cents."""
    rows = dated(rows, base, only_month).left_join(relation("month_rate"), ["currency", "month_end"])
    rows = with_product(rows)
    rows = rows.mutate(money=cents(rows.amount, rows.rate))
    return rows.select(
        "customer_no", "month_end", "product", "channel", "kind", "currency",
        amount_in=ibis.greatest(rows.money, 0),
        amount_out=-ibis.least(rows.money, 0),
        fees=cents(rows.fee, rows.rate),
    )  # fmt: skip


def _labelled(rows: Any) -> Any:
    """With the branch, region and department of whose they are."""
    return rows.left_join(_owners(), "customer_no").select("customer_no", "month_end", *DIMENSIONS, *SUMS)


def _owners() -> Any:
    districts = relation("districts").select("district_id", "region")
    rows = relation("customers").left_join(districts, "district_id")
    return rows.select("customer_no", "region", branch="branch_id", department="business_line")


def _customer_units(since: date | None) -> Any:
    """One row a customer; units are numbered branch by branch, so that a small book's rows lie together."""
    districts = relation("districts").select("district_id", "region")
    teams = relation("employees").select("team_id", manager_id="employee_id")
    rows = relation("customers").left_join(districts, "district_id").left_join(teams, "manager_id")
    rows = rows.select(
        "customer_no", "manager_id", "team_id", "branch_id", "region", department="business_line"
    )
    units = rows.select(*OF_UNIT).distinct()  # numbered apart: on Spark, one task numbers all rows
    order = ("branch_id", "team_id", "manager_id", "department", "region")
    units = numbered(units, "unit_no", order, relation("volume_unit") if since else None)
    same = [rows[name].identical_to(units[name]) for name in OF_UNIT]
    return rows.join(units, same).select("customer_no", *OF_UNIT, "unit_no")


def _volume_months(
    base: str, only_month: date | None, since: date | None, units: tuple[int, int] | None
) -> Any:
    """Transactions, and SUMS in cents."""
    rows = within(of_units(_in_cents(booked_since(since), base, only_month)), units)
    keys = ("unit_no", "month_end", "product", "channel", "kind", "currency")
    sums = {name: rows[name].sum().cast("int64") for name in SUMS}
    return rows.group_by(*keys).aggregate(transactions=rows.count(), **sums).order_by("unit_no", "month_end")


def _balance_months(base: str, since: date | None, units: tuple[int, int] | None) -> Any:
    """Average balances of a month's accounts in cents: `balance_held` for customers, `balance_lent` to them."""
    rows = priced(base, relation("accounts"), held_since(since))
    rows = of_units(rows.mutate(cents=cents(rows.average_balance, rows.rate), lent=is_lending(rows)))
    rows = within(rows, units)
    rows = rows.mutate(product="product_id")
    return (
        rows.group_by("unit_no", "month_end", "product", "currency")
        .aggregate(
            balance_held=ibis.cases((~rows.lent, rows.cents), else_=0).sum().cast("int64"),
            balance_lent=ibis.cases((rows.lent, rows.cents), else_=0).sum().cast("int64"),
        )
        .order_by("unit_no", "month_end")
    )


def _account_months(base: str, only_month: date | None) -> Any:
    """Accounts by the months in which they were opened and closed."""
    keys = ("unit_no", "month_end", "product", "currency")
    return _added(of_units(_account_events(base, only_month)), keys, PROVED["account_month"][0])


def _account_events(base: str, only_month: date | None) -> Any:
    """A row each time that an account was opened or closed."""
    products = relation("products").select(product="product_id", its="currency")
    rows = relation("accounts").rename(product="product_id").left_join(products, "product")
    rows = rows.mutate(currency=ibis.coalesce(rows.currency, rows.its, ibis.literal(base)))
    told = [
        rows.filter(rows[column].notnull()).select(
            "customer_no", "product", "currency",
            month_end=_month_of_event(rows[column], only_month),
            **{name: ibis.literal(int(name == mine)).cast("int64") for name in ("new_accounts", "closed_accounts")},
        )
        for mine, column in (("new_accounts", "opened_on"), ("closed_accounts", "closed_on"))
    ]  # fmt: skip
    return ibis.union(*told)


def _joined_months(only_month: date | None) -> Any:
    """Customers by the month in which they joined, and those in which their last open account was closed."""
    return _added(of_units(_joined_events(only_month)), ("unit_no", "month_end"), PROVED["joined_month"][0])


def _joined_events(only_month: date | None) -> Any:
    """A row each time that a customer joined, or closed the last open account."""
    customers, accounts = relation("customers"), relation("accounts")
    joined = customers.filter(customers.onboarded_on.notnull())
    joined = joined.select("customer_no", month_end=_month_of_event(joined.onboarded_on, only_month))
    closed = accounts.filter(accounts.closed_on.notnull())
    closed = closed.select("customer_no", month_end=_month_of_event(closed.closed_on, only_month)).distinct()
    both = closed.join(accounts.select("customer_no", "opened_on", "closed_on"), "customer_no")
    opened = both.opened_on.isnull() | (both.opened_on <= both.month_end)
    is_open = opened & (both.closed_on.isnull() | (both.closed_on > both.month_end))
    both = both.mutate(is_open=ibis.cases((is_open, 1), else_=0))
    left = both.group_by("customer_no", "month_end").aggregate(still_open=both.is_open.sum())
    lost = left.filter(left.still_open == 0).drop("still_open")
    told = [
        rows.mutate(
            new_customers=ibis.literal(new).cast("int64"), lost_customers=ibis.literal(1 - new).cast("int64")
        )
        for rows, new in ((joined, 1), (lost, 0))
    ]
    return ibis.union(*told)


def _added(rows: Any, keys: tuple[str, ...], counts: tuple[str, ...]) -> Any:
    sums = {name: rows[name].sum().cast("int64") for name in counts}
    return rows.group_by(*keys).aggregate(**sums).order_by("unit_no", "month_end")


def _month_of_event(day: Any, only_month: date | None) -> Any:
    """The month end that a day counts under; where the data span no month end, their month ends with them."""
    end = month_of(day, None)
    if only_month is None:
        return end
    return ibis.cases((end == _day(month_end(only_month)), _day(only_month)), else_=end)


def _day(day: date) -> Any:
    return ibis.date(day.year, day.month, day.day)
