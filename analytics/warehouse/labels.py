"""What rows of the ledger are divided by beside themselves: months, products, units; and how labels get their numbers."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import ibis

from analytics.warehouse.pricing import month_of
from analytics.warehouse.relations import relation


def dated(rows: Any, base: str, only_month: date | None) -> Any:
    """With the month that they count under, and the base currency where they name none."""
    return rows.mutate(
        month_end=month_of(rows.booked_at.date(), only_month), currency=rows.currency.fill_null(base)
    )


def with_product(rows: Any) -> Any:
    return rows.left_join(relation("accounts").select("account_id", product="product_id"), "account_id")


def numbered(rows: Any, number: str, order: Sequence[str], known: Any = None) -> Any:
    """Different rows with a number each, from 0 on; those that are known keep theirs, and the others come after."""
    if known is None:
        counted = ibis.row_number().over(ibis.window(order_by=[rows[name] for name in order]))
        return rows.mutate(**{number: counted.cast("int32")})
    known = known.select(*rows.columns, number)
    new = rows.anti_join(known, [rows[name].identical_to(known[name]) for name in rows.columns])
    counted = ibis.row_number().over(ibis.window(order_by=[new[name] for name in order]))
    after = known[number].max().as_scalar().fill_null(-1) + 1
    return known.union(new.mutate(**{number: (counted + after).cast("int32")}))


def within(rows: Any, units: tuple[int, int] | None) -> Any:
    """Those of units from a number on up to another one; all of them where it is None."""
    return rows if units is None else rows.filter((rows.unit_no >= units[0]) & (rows.unit_no < units[1]))


def of_units(rows: Any) -> Any:
    return rows.join(relation("customer_unit").select("customer_no", "unit_no"), "customer_no")
