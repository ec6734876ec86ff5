"""The marts that screens read, built from the accepted tables of one version.

`customer_month` has one row per customer and month; `customer_now` one per customer with every available
indicator at the newest month end. Both come from Ibis expressions, compiled for the engine.

Where a version grows out of the one before it, `since` is the first month end that differs (`touched`): what marts say
of earlier months stays as it is, and what has no months is made anew.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import duckdb

from analytics.calendar import month_end, month_ends, months_before
from analytics.indicators import CATALOGUE
from analytics.indicators.compile import frame_sql
from analytics.translation import translate as _
from analytics.warehouse.doings import counted_from
from analytics.warehouse.expressions import (
    FOREVER,
    currency_months,
    customer_months,
    month_rates,
    price_periods,
)
from analytics.warehouse.granted import granted
from analytics.warehouse.lifetimes import fit_lifetimes
from analytics.warehouse.mart_tables import (
    KEPT,
    add_months,
    begin_months,
    drop_marts,
    refusing_the_absurd,
    replace_mart,
)
from analytics.warehouse.mart_warnings import mart_warnings
from analytics.warehouse.pricing import compiled
from analytics.warehouse.repricing import foreign_fees
from analytics.warehouse.tables import TABLES
from analytics.warehouse.touched import Grown
from analytics.warehouse.versions import Progress
from analytics.warehouse.volumes import BY_MONTH, COUNTING, volume_mart_sql
from analytics.warehouse.volumes import MARTS as VOLUME_MARTS

CUSTOMERS_AT_ONCE = 250_000  # bounds the memory of a build, whatever the bank's size
CUSTOMERS_IN_A_PASS = 1_250_000  # where each pass reads all transactions: what does not fit goes to the disk


@dataclass(frozen=True)
class MartFacts:
    """What the manifest keeps of the marts."""

    customers: int
    transactions: int
    newest_as_of: date
    first_month_end: date
    tables: dict[str, list[str]]
    warnings: list[str]
    fitted: dict[str, dict[str, Any]]
    refused: dict[str, str]
    granted: list[str]
    counted_from: date


def build_marts(
    con: duckdb.DuckDBPyConnection,
    base_currency: str,
    progress: Progress | None = None,
    grown: Grown | None = None,
) -> MartFacts:
    """Create `customer_month` and `customer_now` beside the accepted, numbered tables of `con`.

    grown : where `con` has the marts of an earlier version, what is known of it; rows of months before the first that
        differs are kept.
    """
    say = progress or (lambda _step, _share: None)
    booked = _dates(con)
    newest, only_month = span_of(*booked)
    months = month_ends(*booked)
    since = grown.first_month(newest, labels_of(months)[-1]) if grown else None
    drop_marts(con, KEPT if since else ())
    _build_rates(con, base_currency, months)
    currencies = compiled(currency_months, base_currency, only_month, since)
    add_months(con, "currency_month", since, currencies)
    customers = _one(con, "SELECT count(*) FROM customers")
    _build_months(con, base_currency, only_month, since, customers, say)
    start = _build_volumes(con, base_currency, newest, since, grown)
    filled = filled_columns(con, grown.filled if grown else {})
    by_margin = not missing_columns(CATALOGUE["profit_12m"].needs, filled)
    days = [day for day in months if day <= newest]
    known = grown.fits_before(since) if grown and since else {}
    lifetimes = fit_lifetimes(con, base_currency, days, by_margin, say, known)
    say(_("Computing indicators"), 0.9)
    _build_now(
        con, newest, [key for key in available_keys(filled) if key not in lifetimes.refused], customers
    )
    return MartFacts(
        customers=customers,
        transactions=_one(con, "SELECT count(*) FROM transactions"),
        newest_as_of=newest,
        first_month_end=months[0],
        tables=filled,
        warnings=mart_warnings(con),
        fitted=lifetimes.fitted,
        refused=lifetimes.refused,
        granted=granted(con),
        counted_from=start,
    )


def available_keys(filled: dict[str, list[str]]) -> tuple[str, ...]:
    """The indicators whose tables and columns hold something."""
    return tuple(key for key, row in CATALOGUE.items() if not missing_columns(row.needs, filled))


def missing_columns(needs: tuple[str, ...], filled: dict[str, list[str]]) -> list[str]:
    """Which of these "table.column" hold no value.

    >>> missing_columns(("surveys.nps", "customers.name"), {"customers": ["name"]})
    ['surveys.nps']
    """
    return [need for need in needs if need.split(".")[1] not in filled.get(need.split(".")[0], [])]


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _dates(con: duckdb.DuckDBPyConnection) -> tuple[date, date]:
    row = con.execute("SELECT min(booked_at)::DATE, max(booked_at)::DATE FROM transactions").fetchone()
    assert row is not None  # noqa: S101  # an aggregate always returns a row
    return row[0], row[1]


def span_of(first: date, last: date) -> tuple[date, date | None]:
    """The newest as-of date, and the one label of all rows where the data span no month end.

    >>> span_of(date(2026, 5, 3), date(2026, 7, 2)), span_of(date(2026, 7, 1), date(2026, 7, 2))
    ((datetime.date(2026, 6, 30), None), (datetime.date(2026, 7, 2), datetime.date(2026, 7, 2)))
    """
    closed = last if last == month_end(last) else months_before(last, 1)
    if closed < first:
        return last, last
    return closed, None


def _build_rates(con: duckdb.DuckDBPyConnection, base: str, months: tuple[date, ...]) -> None:
    """The last known exchange rate at each month end, and the periods of product prices."""
    con.execute(  # balances may begin before the first transaction and end after the last
        """CREATE OR REPLACE TEMP TABLE month AS SELECT unnest(?::DATE[]) AS month_end
        UNION SELECT month_end FROM balances""",
        [labels_of(months)],
    )
    con.execute(f"CREATE TABLE month_rate AS {compiled(month_rates, base)}")
    con.execute(f"CREATE TABLE price_period AS {compiled(price_periods)}")


def labels_of(months: tuple[date, ...]) -> list[date]:
    """The month ends that rates are looked up for, of the as-of dates."""
    return sorted({*months, *(month_end(month) for month in months)})


def _build_months(
    con: duckdb.DuckDBPyConnection,
    base: str,
    only_month: date | None,
    since: date | None,
    customers: int,
    say: Progress,
) -> None:
    """Customer ranges in turn: each is small enough to group in memory, and together they are in order."""
    begin_months(con, "customer_month", since)
    for low in range(0, customers, CUSTOMERS_AT_ONCE):
        say(_("Summing months"), 0.1 + 0.8 * low / customers)
        months = compiled(customer_months, base, (low, low + CUSTOMERS_AT_ONCE), only_month, since)
        with refusing_the_absurd():
            con.execute(f"INSERT INTO customer_month {months}")
    if since:
        _lead_on(con, since)
    add_months(con, "foreign_fee", since, compiled(foreign_fees, base, only_month, since))


def _lead_on(con: duckdb.DuckDBPyConnection, since: date) -> None:
    """Tell each customer's last row before a month which row comes after it now."""
    con.execute(
        """UPDATE customer_month SET until = coalesce(later.month_end, $never)
        FROM (SELECT customer_no FROM customer_month WHERE month_end < $since AND until >= $since) AS latest
        LEFT JOIN (
            SELECT customer_no, min(month_end) AS month_end FROM customer_month WHERE month_end >= $since GROUP BY ALL
        ) AS later USING (customer_no)
        WHERE customer_month.customer_no = latest.customer_no
        AND customer_month.month_end < $since AND until >= $since
        AND until <> coalesce(later.month_end, $never)""",
        {"since": since, "never": FOREVER},
    )


def _build_volumes(
    con: duckdb.DuckDBPyConnection, base: str, newest: date, since: date | None, grown: Grown | None
) -> date:
    """What totals of business are added up from; the month that `doing_months` counts back from."""
    if since and grown and not _moved(con, base, newest, since):
        start = grown.counted_from
    else:
        since, start = None, counted_from(newest)
    statement = partial(volume_mart_sql, base=base, newest=newest, start=start, since=since)
    for mart in VOLUME_MARTS[: -len(COUNTING)]:
        if mart in BY_MONTH:
            parts = _ranges(con, CUSTOMERS_IN_A_PASS)
            add_months(con, mart, since, *(statement(mart, units=units) for units in parts))
        else:
            replace_mart(con, mart, [statement(mart)])
    bits, months = COUNTING
    con.execute(f"CREATE OR REPLACE TEMP TABLE {bits} AS {statement(bits)}")
    replace_mart(con, months, [statement(months, units=units) for units in _ranges(con, CUSTOMERS_AT_ONCE)])
    con.execute(f"DROP TABLE {bits}")
    return start


def _ranges(con: duckdb.DuckDBPyConnection, most: int) -> list[tuple[int, int]]:
    """Units in turn, as many together as have `most` customers; one that has more is alone."""
    sizes = con.execute(
        "SELECT unit_no, count(*) FROM customer_unit GROUP BY unit_no ORDER BY unit_no"
    ).fetchall()
    starts, together = [0], 0
    for unit, size in sizes:
        if together and together + size > most:
            starts.append(unit)
            together = 0
        together += size
    return list(pairwise([*starts, _one(con, "SELECT count(*) FROM volume_unit")]))


def _moved(con: duckdb.DuckDBPyConnection, base: str, newest: date, since: date) -> bool:
    """Whether customers of the version before belong to another unit now: then nothing that names it can stay."""
    units = volume_mart_sql("customer_unit", base, newest, since=since)
    return bool(
        _one(
            con,
            f"SELECT count(*) FROM ({units}) AS now JOIN customer_unit USING (customer_no) "
            "WHERE now.unit_no <> customer_unit.unit_no",
        )
    )


def _build_now(con: duckdb.DuckDBPyConnection, newest: date, keys: list[str], customers: int) -> None:
    """Customer ranges in turn, where there are more than one pass can hold."""
    narrow = customers > CUSTOMERS_IN_A_PASS
    for low in range(0, max(customers, 1), CUSTOMERS_IN_A_PASS):
        con.execute(
            f"""CREATE OR REPLACE TEMP VIEW spine AS SELECT customer_no, customer_id FROM customers
            WHERE customer_no >= {low} AND customer_no < {low + CUSTOMERS_IN_A_PASS}"""
        )
        kept = "INSERT INTO customer_now" if low else "CREATE TABLE customer_now AS"
        con.execute(f"{kept} {now_sql(keys, newest, narrow=narrow)}")
    con.execute("DROP VIEW spine")


def now_sql(keys: Sequence[str], newest: date, dialect: str = "duckdb", *, narrow: bool = False) -> str:
    """The statement that gives `customer_now`, of the tables, the other marts and `spine`.

    narrow : `spine` holds a part of the customers.
    """
    columns = "".join(f", figures.{key}" for key in keys)
    return f"""SELECT customers.customer_no, customers.customer_id, customers.manager_id, team_id,
            customers.branch_id, customers.business_line AS department, customers.onboarded_on{columns}
        FROM customers
        LEFT JOIN (SELECT employee_id, team_id FROM employees) AS teams ON employee_id = manager_id
        JOIN ({frame_sql(tuple(keys), newest, narrow, dialect)}) AS figures
            ON figures.customer_no = customers.customer_no
        ORDER BY customers.customer_no"""


def filled_columns(
    con: duckdb.DuckDBPyConnection,
    known: Mapping[str, Collection[str]] = MappingProxyType({}),
    tables: Collection[str] = tuple(TABLES),
) -> dict[str, list[str]]:
    """Per table the columns that hold at least one value. known : those of which that is sure."""
    filled = {}
    for name in tables:
        columns = [row[0] for row in con.execute(f"DESCRIBE {name}").fetchall()]
        tests = ", ".join(
            "true" if column in known.get(name, ()) else f'EXISTS (FROM {name} WHERE "{column}" IS NOT NULL)'
            for column in columns
        )
        rows, *held = con.execute(f"SELECT EXISTS (FROM {name}), {tests}").fetchone() or (False,)
        filled[name] = [column for column, has in zip(columns, held, strict=True) if rows and has]
    return filled
