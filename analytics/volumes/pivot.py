"""A table of business by choice of rows and columns: every subtotal is asked for, not added up.

So balances, which stand, and customers, who are counted once each, have subtotals that are right; those of whatever
flows are the sum of their parts to the cent. The last columns hold the period before and the same one a year before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from analytics.access.areas import areas
from analytics.access.book import Book
from analytics.access.totals import Volumes, Within, branch_parents
from analytics.calendar import months_before
from analytics.errors import BadInput
from analytics.formats import number
from analytics.translation import mark
from analytics.translation import translate as _
from analytics.warehouse.measures import DIVISIONS, MEASURES, PERIODS

MOST_ROWS, MOST_COLUMNS = 2, 40  # dimensions of rows; labels across
LABELS = {
    "year": mark("Year"),
    "quarter": mark("Quarter"),
    "month": mark("Month"),
    "area": mark("Branch, level by level"),
    "branch": mark("Branch"),
    "region": mark("Region"),
    "department": mark("Department"),
    "category": mark("Kind of product"),
    "product": mark("Product"),
    "channel": mark("Channel"),
    "kind": mark("Kind of transaction"),
    "currency": mark("Currency"),
}
NEXT = {"year": "quarter", "quarter": "month", "region": "area", "area": "area", "category": "product"}


@dataclass(frozen=True)
class Pivot:
    """One measure by `rows` and `column` ("": none).

    table : a row for the total (depth 0), each subtotal and each row, subtotals before their parts. Columns: `rows`
        (their labels; None below the row's depth, and for what is not stated), depth, one for each of `across`,
        total, before, year_before. NaN : nothing there, or not told. suppressed : cells that are not told.
    """

    rows: tuple[str, ...]
    column: str
    across: tuple[Any, ...]
    measure: str
    first: date
    last: date
    table: pd.DataFrame
    suppressed: int
    floor: int | None


def pivot(
    book: Book, rows: Sequence[str], column: str, measure: str, first: date, last: date, within: Within = ()
) -> Pivot:
    """The table of a period. Raises BadInput, UnknownName or NotAllowed as `Book.volumes`, and for too many columns."""
    rows = tuple(dict.fromkeys(rows))
    if len(rows) > MOST_ROWS or column in rows:
        raise BadInput(
            _("Rows are divided by one or two things, columns by another one."), _("Choose fewer, or others.")
        )
    asked = _Asked(book, measure, within)
    levels = [_level(asked, rows[:depth], column, first, last) for depth in range(len(rows) + 1)]
    found = [cells for _totals, cells in levels]
    across = _across(found, column, measure)
    parts = [_wide(totals, cells, rows, column, measure, across) for totals, cells in levels]
    table = pd.concat(parts, ignore_index=True)
    length = (last.year - first.year) * 12 + last.month - first.month + 1
    table["before"] = _earlier(asked, table, rows, first, last, length)
    table["year_before"] = _earlier(asked, table, rows, first, last, 12)
    hidden = found[-1].suppressed
    return Pivot(rows, column, across, measure, first, last, _ordered(table, rows), hidden, found[0].floor)


@dataclass(frozen=True)
class _Asked:
    """Whose figures, which, and of which part."""

    book: Book
    measure: str
    within: Within

    def by(self, by: Sequence[str], first: date, last: date) -> Volumes:
        return self.book.volumes(by, first, last, (self.measure,), self.within)


def _level(
    asked: _Asked, by: tuple[str, ...], column: str, first: date, last: date
) -> tuple[Volumes, Volumes]:
    """The totals of rows, and their cells."""
    totals = asked.by(by, first, last)
    return totals, asked.by((*by, column), first, last) if column else totals


def _across(levels: Sequence[Volumes], column: str, measure: str) -> tuple[Any, ...]:
    """The labels of columns: periods in their order, others the largest first; last what only some rows have, such as
    a balance that an earlier quarter ended with and the last one did not."""
    if not column:
        return ()
    rows = levels[0].rows
    rows = rows if column in PERIODS else rows.sort_values(measure, ascending=False, kind="stable")
    labels = pd.concat([rows[column], *(level.rows[column] for level in levels[1:])]).drop_duplicates()
    if len(labels) > MOST_COLUMNS:
        raise BadInput(
            _("There are {n} columns, more than anybody can read.").format(n=number(len(labels))),
            _("Put {name} into rows instead.").format(name=_(LABELS[column]).lower()),
        )
    return tuple(None if pd.isna(label) else label for label in labels)


def _wide(
    totals: Volumes, cells: Volumes, rows: tuple[str, ...], column: str, measure: str, across: tuple[Any, ...]
) -> pd.DataFrame:
    """One level's rows: labels, depth, the columns by their place, total."""
    by = list(totals.by)
    wide = totals.rows.rename(columns={measure: "total"}).astype({"total": "float64"})
    for place, label in enumerate(across):
        mine = cells.rows[column].isna() if label is None else cells.rows[column] == label
        part = cells.rows.loc[mine, [*by, measure]].rename(columns={measure: place})
        if by:
            wide = wide.merge(part, on=by, how="left")
        else:
            wide[place] = part[place].sum(min_count=1)
    below = dict.fromkeys(rows[len(by) :])
    return wide.assign(depth=len(by), **below)[[*rows, "depth", *range(len(across)), "total"]].astype(
        dict.fromkeys(rows, object)
    )


def _earlier(
    asked: _Asked, table: pd.DataFrame, rows: tuple[str, ...], first: date, last: date, months: int
) -> "pd.Series[float]":
    """Each row's total so many months earlier; NaN where these months are not all known, or rows are periods that
    another number of months does not lead back to."""
    periods = [name for name in rows if name in PERIODS]
    empty = pd.Series(float("nan"), index=table.index, dtype="float64")
    start, end = months_before(first, months), months_before(last, months)
    known = asked.book.warehouse.month_ends
    if start not in known or end not in known or (periods and months != 12):
        return empty
    found = empty
    for depth in range(len(rows) + 1):
        by = list(rows[:depth])
        then = asked.by(by, start, end).rows
        for name in periods:
            if name in by:
                then = then.assign(**{name: [_a_year_on(label) for label in then[name]]})
        here = table.loc[table["depth"] == depth, by]
        if by:
            told = here.merge(then.astype(dict.fromkeys(by, object)), on=by, how="left")[asked.measure]
        else:
            told = pd.Series([then[asked.measure].iloc[0]] * len(here) if len(then) else [None] * len(here))
        found = found.where(table["depth"] != depth, pd.Series(told.to_numpy("float64"), index=here.index))
    return found


def _a_year_on(label: Any) -> Any:
    """The label of the same period a year later.

    >>> _a_year_on("2025-06"), _a_year_on("2025-Q2"), _a_year_on(2025)
    ('2026-06', '2026-Q2', 2026)
    """
    return label + 1 if isinstance(label, int) else f"{int(str(label)[:4]) + 1}{str(label)[4:]}"


def _ordered(table: pd.DataFrame, rows: tuple[str, ...]) -> pd.DataFrame:
    """The total first, then each subtotal before its parts; periods in their order, others the largest first."""
    if not rows:
        return table.reset_index(drop=True)
    keys: dict[str, Any] = {}
    for place, name in enumerate(rows):
        labelled = table["depth"] > place
        if name in PERIODS:
            keys[f"at{place}"] = (
                table[name].where(labelled).map(lambda label: "" if pd.isna(label) else str(label))
            )
            continue
        own = table[table["depth"] == place + 1]
        size = dict(
            zip(own[list(rows[: place + 1])].itertuples(index=False, name=None), own["total"], strict=True)
        )
        labels = table[list(rows[: place + 1])].itertuples(index=False, name=None)
        keys[f"at{place}"] = [
            -size.get(label, 0.0) if depth > place else float("-inf")
            for label, depth in zip(labels, table["depth"], strict=True)
        ]
        keys[f"name{place}"] = table[name].map(lambda label: "" if pd.isna(label) else str(label))
    order = pd.DataFrame(keys).assign(depth=table["depth"]).sort_values([*keys, "depth"], kind="stable").index
    return table.loc[order].reset_index(drop=True)


def level_below(book: Book, name: str, label: Any, within: Within = ()) -> str:
    """What a row of a dimension is divided by when one looks into it; "" where there is nothing below it."""
    if name != "area":
        below = NEXT.get(name, "")
        return "" if book.scope.totals_only and below not in PERIODS else below
    parents, here = branch_parents(book.warehouse), [label for name, label in within if name == "area"]
    if pd.isna(label) or label in here or label not in parents.values():
        return ""
    top = {} if here else areas(parents)
    # A head office whose branches are rows of their own: its row is its own customers alone.
    return "" if any(top.get(one) == one for one, above in parents.items() if above == label) else "area"


def divisions(book: Book, measure: str) -> tuple[str, ...]:
    """What this person can divide a measure by."""
    known = [name for name in DIVISIONS if name in (*PERIODS, *MEASURES[measure].by)]
    if book.scope.totals_only:
        known = [name for name in known if name not in ("area", "category")]
    return tuple(known)
