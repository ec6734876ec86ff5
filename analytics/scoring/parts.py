"""What formulas are made of: exact numbers, steps, filters, and indicators on their scale."""

from collections.abc import Sequence
from functools import reduce, singledispatch
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import Any

import ibis

from analytics.conditions import Comparison, Condition, IsEmpty, Joined, Not, Value
from analytics.methods.preparation import CodedCategory, Preparation, Scale, ScaledNumber

Expression = Any  # an Ibis value or table: their classes are built at run time, so no narrower type helps
_OPERATORS = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def exact(value: Value) -> Expression:
    """The value as SQL, to the last bit: a bare 0.1 is a decimal to DuckDB, and 4 in 100 lose a bit on the way."""
    return ibis.literal(repr(value)).cast("float64") if isinstance(value, float) else ibis.literal(value)


def steps(cells: Expression, cuts: Sequence[float], *, upper: bool = False) -> Expression:
    """How many of the ascending cuts each cell is above; `upper`: equal to one counts as above it.

    Of no meaning where the cell is empty.
    """
    above = ge if upper else gt
    ordered = [(above(cells, exact(float(cut))), at) for at, cut in enumerate(cuts, start=1)]
    return ibis.cases(*reversed(ordered), else_=0) if ordered else ibis.literal(0)


@singledispatch
def condition(found: Condition, table: Expression) -> Expression:
    """A filter over the columns of a table."""
    raise TypeError(type(found).__name__)


@condition.register
def _comparison(found: Comparison, table: Expression) -> Expression:
    column, values = table[found.indicator], [exact(value) for value in found.values]
    return column.isin(values) if found.op == "in" else _OPERATORS[found.op](column, values[0])


@condition.register
def _is_empty(found: IsEmpty, table: Expression) -> Expression:
    return table[found.indicator].isnull()


@condition.register
def _not(found: Not, table: Expression) -> Expression:
    return ~condition(found.part, table)


@condition.register
def _joined(found: Joined, table: Expression) -> Expression:
    return reduce(and_ if found.word == "and" else or_, (condition(part, table) for part in found.parts))


def on_scale(preparation: Preparation, table: Expression) -> tuple[Expression, list[Expression]]:
    """A table of customer_id and the prepared columns, and those columns in their order."""
    filled = {
        part.key: table[part.key].fill_null(exact(part.fill))
        for part in preparation.parts
        if isinstance(part, ScaledNumber)
    }
    coded = {part.key: table[part.key] for part in preparation.parts if isinstance(part, CodedCategory)}
    rows = table.select("customer_id", **filled, **coded)
    columns: list[Expression] = []
    for part in preparation.parts:
        columns += (
            [_scaled(rows[part.key], part.scale)]
            if isinstance(part, ScaledNumber)
            else _coded(rows[part.key], part)
        )
    ready = rows.select("customer_id", **{f"x{at}": column for at, column in enumerate(columns)})
    return ready, [ready[f"x{at}"] for at in range(len(columns))]


def _scaled(cells: Expression, scale: Scale) -> Expression:
    return (bent(cells, scale) - exact(scale.mean)) / exact(scale.deviation)


def bent(cells: Expression, scale: Scale) -> Expression:
    """asinh(cells / bend) in words that every engine knows, or the cells where nothing is bent."""
    if scale.bend is None:
        return cells
    ratio = cells / exact(scale.bend)
    return (ratio.abs() + (ratio * ratio + exact(1.0)).sqrt()).ln() * ratio.sign()


def _coded(cells: Expression, part: CodedCategory) -> list[Expression]:
    found = []
    for at in range(part.width):
        known = [(cells == name, place[at]) for name, place in part.places.items() if name is not None]
        empty = (cells.isnull(), part.places.get(None, part.other)[at])
        cases = [(test, exact(float(place))) for test, place in (empty, *known)]
        found.append(ibis.cases(*cases, else_=exact(float(part.other[at]))))
    return found
