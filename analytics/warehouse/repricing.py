"""Profit under other rates, from the same lines as the marts', so that no change changes nothing."""

from collections.abc import Sequence
from datetime import date
from functools import reduce
from typing import Any

from analytics.shock import Shock
from analytics.warehouse import pricing
from analytics.warehouse.relations import relation, sql_of

MONTHS = 12


def foreign_fees(base: str, only_month: date | None, since: date | None = None) -> Any:
    """The mart `foreign_fee`: fees in other currencies per customer, month and currency, as the marts sum them."""
    rows = pricing.booked_since(since)
    rows = rows.filter((rows.currency != base) & rows.fee.notnull())
    rows = rows.mutate(month_end=pricing.month_of(rows.booked_at.date(), only_month))
    sums = rows.group_by("customer_no", "month_end", "currency").aggregate(fee=rows.fee.sum().cast("float64"))
    return sums.filter(sums.fee != 0).order_by("customer_no", "month_end")


def stages_sql(stages: Sequence[Shock], as_of: date, base: str, *, narrow: bool = False) -> str:
    """What is priced by rates, once for each stage: customer_no, stage_0, stage_1, ... in cents.

    Spread less risk cost plus fees in other currencies, over the twelve months to the date, with balances and
    transactions as they were. Customers with none of it have no row.
    """
    among = pricing.book(narrow)
    parts = [_held(stages, as_of, base, among)]
    if any(stage.currencies for stage in stages):
        parts.append(_fees(stages, as_of, among))
    rows = reduce(lambda left, right: left.union(right), parts)
    sums = {f"stage_{n}": rows[f"stage_{n}"].sum() for n in range(len(stages))}
    return sql_of(rows.group_by("customer_no").aggregate(**sums))


def _held(stages: Sequence[Shock], as_of: date, base: str, among: Any) -> Any:
    balances = relation("balances")
    within = balances.filter(pricing.in_window(balances, as_of, MONTHS))
    rows = pricing.priced(base, pricing.of_those(relation("accounts"), among), within)
    columns = {}
    for n, stage in enumerate(stages):
        line = pricing.spreads(rows, stage)
        spread = line["deposit_spread_cents"] + line["lending_spread_cents"]
        columns[f"stage_{n}"] = spread - line["risk_cents"]
    return rows.select("customer_no", **columns)


def _fees(stages: Sequence[Shock], as_of: date, among: Any) -> Any:
    fees = pricing.of_those(relation("foreign_fee"), among)
    fees = fees.filter(pricing.in_window(fees, as_of, MONTHS))
    rows = fees.left_join(relation("month_rate"), ["currency", "month_end"])
    columns = {
        f"stage_{n}": pricing.cents(rows.fee, rows.rate * pricing.factor(rows.currency, stage.currencies))
        for n, stage in enumerate(stages)
    }
    return rows.select("customer_no", **columns)
