"""The marts on Spark: the expressions of `marts`, compiled for it, each kept as a folder of Parquet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from analytics.calendar import month_ends
from analytics.indicators import CATALOGUE
from analytics.indicators.sources import FITTED
from analytics.translation import translate as _
from analytics.warehouse.expressions import currency_months, customer_months, month_rates, price_periods
from analytics.warehouse.marts import available_keys, labels_of, now_sql, span_of
from analytics.warehouse.relations import SPARK, sql_of
from analytics.warehouse.repricing import foreign_fees
from analytics.warehouse.spark.lake import Lake
from analytics.warehouse.tables import TABLES
from analytics.warehouse.versions import Progress
from analytics.warehouse.volumes import MARTS as VOLUME_MARTS
from analytics.warehouse.volumes import volume_mart_sql

EVERYBODY = (0, 2**31 - 1)
MARTS = (
    "month_rate", "price_period", "currency_month", "customer_month", "foreign_fee", *VOLUME_MARTS, "customer_now",
)  # fmt: skip


@dataclass(frozen=True)
class Built:
    """What is known of marts that were kept: the span of the data, and per table the columns with any value."""

    newest: date
    months: tuple[date, ...]
    customers: int
    transactions: int
    filled: dict[str, list[str]]


def build_marts(lake: Lake, base: str, say: Progress) -> Built:
    """Keep every one of MARTS beside the accepted, numbered tables of the lake."""
    (booked,) = lake.rows(
        "SELECT CAST(min(booked_at) AS DATE), CAST(max(booked_at) AS DATE) FROM transactions"
    )
    newest, only_month = span_of(*booked)
    months = month_ends(*booked)
    days = ", ".join(f"(DATE '{day}')" for day in labels_of(months))
    lake.sql(
        f"SELECT * FROM VALUES {days} AS labels(month_end) UNION SELECT month_end FROM balances"
    ).createOrReplaceTempView("month")
    filled = dict(_filled(lake))
    lake.sql("SELECT customer_no, customer_id FROM customers").createOrReplaceTempView("spine")
    for place, (name, sql) in enumerate(_statements(base, newest, only_month, filled)):
        say(_("Building {mart}").format(mart=name), 0.5 + 0.35 * place / len(MARTS))
        lake.keep(name, sql)
    (counts,) = lake.rows("SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM transactions)")
    return Built(newest, months, counts[0], counts[1], filled)


def _statements(
    base: str, newest: date, only_month: date | None, filled: dict[str, list[str]]
) -> Iterator[tuple[str, str]]:
    """The marts and their statements, each after those that it reads."""
    expressions = {
        "month_rate": month_rates(base),
        "price_period": price_periods(),
        "currency_month": currency_months(base, only_month),
        "customer_month": customer_months(base, EVERYBODY, only_month),
        "foreign_fee": foreign_fees(base, only_month),
    }
    yield from ((name, sql_of(expression, SPARK)) for name, expression in expressions.items())
    yield from ((name, volume_mart_sql(name, base, newest, dialect=SPARK)) for name in VOLUME_MARTS)
    yield "customer_now", now_sql(computed_keys(filled), newest, SPARK)


def computed_keys(filled: dict[str, list[str]]) -> list[str]:
    """The indicators that Spark can compute of these columns: all but what is fitted."""
    return [key for key in available_keys(filled) if CATALOGUE[key].source != FITTED]


def _filled(lake: Lake) -> Iterator[tuple[str, list[str]]]:
    """Per table the columns with any value: one pass over each, all in one statement."""
    parts = []
    for table in TABLES:
        names = lake.session.table(table).columns
        held = ", ".join(f"CASE WHEN bool_or(`{name}` IS NOT NULL) THEN '{name}' END" for name in names)
        parts.append(f"SELECT '{table}', array_compact(array({held})) FROM {table}")
    yield from ((table, list(names)) for table, names in lake.rows(" UNION ALL ".join(parts)))
