"""Gower's distance as an expression."""

import math
from collections.abc import Sequence

import ibis

from analytics.methods.gower import Gower, Part, RangedNumber
from analytics.scoring.parts import Expression, bent, exact


def lines(gower: Gower, table: Expression) -> tuple[Expression, list[Expression]]:
    """A table of customer_id and what is compared, NULL where empty, and those columns in their order."""
    columns = {f"x{at}": _line(part, table[part.key]) for at, part in enumerate(gower.parts)}
    rows = table.select("customer_id", **columns)
    return rows, [rows[name] for name in columns]


def distance(gower: Gower, columns: Sequence[Expression], row: Sequence[float]) -> Expression:
    """The mean over what is known of both, from 0 to 1; 1 where nothing is."""
    total, known = exact(0.0), ibis.literal(0)
    for part, line, cell in zip(gower.parts, columns, row, strict=True):
        if not math.isnan(cell):
            total = total + _apart(part, line, cell).fill_null(exact(0.0))
            known = known + ibis.cases((line.notnull(), 1), else_=0)
    return ibis.cases((known > 0, total / known), else_=exact(1.0))


def _line(part: Part, cells: Expression) -> Expression:
    if isinstance(part, RangedNumber):
        share = (bent(cells, part.scale) - exact(part.low)) / exact(part.high - part.low)
        return ibis.cases((share < 0, exact(0.0)), (share > 1, exact(1.0)), else_=share)
    named = [(cells == name, exact(float(code))) for name, code in part.codes.items()]
    other = ibis.cases((cells.notnull(), exact(float(len(part.codes)))))
    return ibis.cases(*named, else_=other) if named else other


def _apart(part: Part, line: Expression, cell: float) -> Expression:
    if isinstance(part, RangedNumber):
        return (line - exact(cell)).abs()
    return ibis.cases((line == exact(cell), exact(0.0)), (line.notnull(), exact(1.0)))
