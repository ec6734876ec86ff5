"""From catalogue rows to one SQL statement."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from analytics.indicators import CATALOGUE
from analytics.indicators.base import Indicator, Reading
from analytics.indicators.sources import SOURCES
from analytics.warehouse.relations import relation, sql_of


def _source_frame(source: str, rows: list[Indicator], as_of: date, narrow: bool) -> Any:
    """The indicators of one source: a row per customer that has any row there."""
    table = SOURCES[source](as_of, max(row.window for row in rows))
    if narrow:  # a small book: don't sum everybody's rows
        table = table.semi_join(relation("spine"), "customer_no")
    reading = Reading(table, as_of)
    expressions = {row.key: row.expression(reading) for row in rows}
    if source == "customers":
        return table.select("customer_no", **expressions)
    return table.group_by("customer_no").aggregate(**expressions)


def _column(row: Indicator, table: Any) -> Any:
    value = table[row.key].cast("float64") if row.is_number else table[row.key]
    return value if row.empty is None else value.fill_null(float(row.empty))


def frame_expression(indicators: Iterable[Indicator], as_of: date, narrow: bool) -> Any:
    """The indicators of every customer in the table `spine`, one row each, as an Ibis expression."""
    by_source: dict[str, list[Indicator]] = {}
    for row in indicators:
        by_source.setdefault(row.source, []).append(row)
    joined = relation("spine")
    for source, rows in by_source.items():
        part = _source_frame(source, rows, as_of, narrow).rename(**{f"{source}_no": "customer_no"})
        joined = joined.left_join(part, joined.customer_no == part[f"{source}_no"])
    columns = {row.key: _column(row, joined) for rows in by_source.values() for row in rows}
    return joined.select("customer_no", "customer_id", **columns)


@lru_cache(maxsize=512)
def frame_sql(keys: tuple[str, ...], as_of: date, narrow: bool = False, dialect: str = "duckdb") -> str:
    """One statement that computes these indicators as of a date; it reads customers from `spine`.

    >>> frame_sql(("profit_12m",), date(2026, 6, 30)).count("customer_month")
    1
    """
    expression = frame_expression((CATALOGUE[key] for key in keys), as_of, narrow)
    return sql_of(expression, dialect)
