"""The marts from which different customers are counted, by any labels and of any months, without the ledger."""

from datetime import date
from functools import reduce
from operator import and_
from typing import Any

import ibis

from analytics.warehouse.doings import BLOCK, COUNTED_BY, DOINGS, bit_of_month, counted_before, months_back
from analytics.warehouse.labels import dated, numbered, of_units, with_product, within
from analytics.warehouse.pricing import booked_since
from analytics.warehouse.relations import relation


def doings(since: date | None) -> Any:
    """All that customers did, numbered."""
    rows = relation("volume_month").select(*DOINGS).distinct()
    rows = numbered(rows, "doing_no", DOINGS, relation("doing") if since else None)
    return rows.left_join(relation("products").select("category", product="product_id"), "product")


def doing_bits(base: str, only_month: date | None, start: date, since: date | None) -> Any:
    """In which months a customer did what, as bits.

    since : the first month that is not known yet; those before it in its block come from what is known.
    """
    rows = with_product(dated(booked_since(since), base, only_month))
    back = (start.year * 12 + start.month) - (rows.month_end.year() * 12 + rows.month_end.month())
    one = ibis.literal(1).cast("int64")  # to Spark a mere 1 has 32 bits
    rows = rows.select(
        "customer_no", *DOINGS,
        block=(back // BLOCK).cast("int32"), month=one << (back % BLOCK).cast("int64"),
    )  # fmt: skip
    rows = rows.group_by("customer_no", *DOINGS, "block").aggregate(months=rows.month.bit_or())
    does = relation("doing")
    rows = rows.join(does, [rows[name].identical_to(does[name]) for name in DOINGS])
    rows = rows.select("customer_no", "doing_no", "block", "months")
    if since:
        both = rows.union(_known_months(start, since).select(*rows.columns))
        rows = both.group_by("customer_no", "doing_no", "block").aggregate(months=both.months.bit_or())
    return of_units(rows)


def doing_months(start: date, since: date | None, units: tuple[int, int] | None) -> Any:
    """`doing_bits`, and in which of its months an earlier row has counted the customer.

    There is a column of the latter for each of COUNTED_BY: months of the customer's rows before, of the same labels.
    So a customer is counted by these labels, once each, in the row that has a month asked for and none of it before:
    any months can be asked for, and nothing need be put together.
    since : then the blocks before that month's stay as they are known.
    """
    rows = _counted(within(relation("doing_bits"), units))
    if since:
        known = within(relation("doing_months"), units)
        older = known.filter(known.block > bit_of_month(since, start)[0])
        rows = rows.select(*older.columns).union(older)
    return rows.order_by("unit_no")


def _known_months(start: date, since: date) -> Any:
    """The rows of that month's block with the months before it alone."""
    before = -1 << (months_back(since, start) % BLOCK + 1)
    rows = relation("doing_months")
    rows = rows.filter(rows.block == bit_of_month(since, start)[0])
    rows = rows.mutate(months=rows.months & ibis.literal(before, "int64"))
    return rows.filter(rows.months != 0)


def _counted(rows: Any) -> Any:
    """With a column for each of COUNTED_BY: the months of the customer's rows of lower numbers, of the same labels.

    Each row meets those before it once for all columns, which takes a sixth of the time of a window for each.
    """
    before = rows.view().select("customer_no", "block", earlier_no="doing_no", earlier="months")
    same = [rows.customer_no == before.customer_no, rows.block == before.block]
    pairs = rows.left_join(before, [*same, before.earlier_no < rows.doing_no])
    alike = _alike()
    pairs = pairs.left_join(alike, ["earlier_no", "doing_no"])
    counted = {
        name: ibis.cases((pairs[name], pairs.earlier), else_=0).bit_or()
        for name in map(counted_before, COUNTED_BY)
    }
    keys = ("unit_no", "customer_no", "doing_no", "block")
    return pairs.group_by(*keys).aggregate(months=pairs.months.max(), **counted)


def _alike() -> Any:
    """Every two doings, the lower number as earlier_no, and by which of COUNTED_BY they are the same."""
    one = relation("doing")
    other = one.view()
    both = one.join(other, other.doing_no < one.doing_no)
    same = {
        counted_before(labels): reduce(
            and_, (one[name].identical_to(other[name]) for name in labels), ibis.literal(True)
        )
        for labels in COUNTED_BY
    }
    return both.select(one.doing_no, earlier_no=other.doing_no, **same)
