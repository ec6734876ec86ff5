"""How a pivot is laid out: chosen on the page, saved under a name, opened again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from analytics.access.book import Book
from analytics.access.totals import Within, branch_parents
from analytics.volumes.pivot import MOST_ROWS, divisions, level_below
from analytics.volumes.report import SPANS, told_measures
from analytics.warehouse.measures import PERIODS

FIRST_MEASURE = "amount_in"


@dataclass(frozen=True)
class Layout:
    """Which measure, of which span, by which rows and column ("": none)."""

    rows: tuple[str, ...]
    column: str
    measure: str
    span: str

    def settings(self) -> dict[str, Any]:
        """As the store keeps it."""
        return {"rows": list(self.rows), "column": self.column, "measure": self.measure, "span": self.span}


def first_layout(book: Book) -> Layout:
    """What the page begins with: money that came in, branch by branch, or for a book of one branch by product."""
    several = any(
        rule.column is None or (rule.column == "branch_id" and len(rule.values) > 1)
        for rule in (*book.scope.rules, *book.scope.totals)
    )
    if several:
        levels = any(branch_parents(book.warehouse).values())
        row = "area" if levels and not book.scope.totals_only else "branch"
    else:
        untold = book.warehouse.missing(("products.category", "transactions.account_id"))
        row = "kind" if untold or book.scope.totals_only else "category"
    return Layout((row,), "", FIRST_MEASURE, "month")


def layout_of(book: Book, settings: Mapping[str, Any]) -> Layout:
    """The layout that settings ask for, as far as this person is told that here; else as the page begins.

    What goes together is kept: a division that the measure has, none twice, and for whoever sees totals alone a
    single one beside periods.
    """
    first = first_layout(book)
    asked = str(settings.get("measure"))
    measure = asked if asked in told_measures(book) else first.measure
    span = str(settings.get("span"))
    told = settings.get("rows")
    wanted = [str(name) for name in told] if isinstance(told, list | tuple) else list(first.rows)
    rows = _fitting(book, measure, wanted, ())[:MOST_ROWS]
    column = _fitting(book, measure, [str(settings.get("column") or "")], rows)
    return Layout(rows, column[0] if column else "", measure, span if span in SPANS else first.span)


def _fitting(book: Book, measure: str, wanted: list[str], taken: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the wanted divisions that may stand beside the taken ones."""
    kept: list[str] = []
    for name in wanted:
        others = {name for name in (*taken, *kept) if name not in PERIODS}
        crowded = book.scope.totals_only and bool(others) and name not in PERIODS
        if name in divisions(book, measure) and name not in (*taken, *kept) and not crowded:
            kept.append(name)
    return tuple(kept)


@dataclass(frozen=True)
class Look:
    """What is looked at: a layout's rows after some were looked into, of which part and of which months."""

    rows: tuple[str, ...]
    within: Within
    first: date
    last: date


def look(book: Book, layout: Layout, path: Sequence[tuple[str, Any]], first: date, last: date) -> Look:
    """Where a path of rows that were looked into leads: each (dimension, label) is divided by the level below it.

    A period narrows the months, anything else the part; a step that leads nowhere here ends the path.
    """
    here = Look(layout.rows, (), first, last)
    for name, label in path:
        below = level_below(book, name, label, here.within)
        if name not in here.rows or not below or (below in here.rows and below != name):
            break
        rows = tuple(below if row == name else row for row in here.rows)
        months = [month for month in book.warehouse.month_ends if here.first <= month <= here.last]
        inside = [month for month in months if _period(name, month) == label] if name in PERIODS else months
        if not inside:
            break
        within = here.within if name in PERIODS else (*here.within, (name, label))
        here = Look(rows, within, inside[0], inside[-1])
    return here


def step_below(
    book: Book, layout: Layout, path: Sequence[tuple[str, Any]], labels: Sequence[Any]
) -> tuple[str, Any] | None:
    """The step that looks into a row with these labels, one for each of the rows' dimensions that it has; None where
    nothing is below it."""
    ends = book.warehouse.month_ends
    here = look(book, layout, path, ends[0], ends[-1])
    for name, label in zip(here.rows, labels, strict=False):
        below = level_below(book, name, label, here.within)
        if below and (below == name or below not in (*here.rows, layout.column)):
            return name, label
    return None


def _period(name: str, month: date) -> str | int:
    """The label of the period that a month end is in.

    >>> _period("quarter", date(2026, 5, 31)), _period("year", date(2026, 5, 31))
    ('2026-Q2', 2026)
    """
    if name == "year":
        return month.year
    return f"{month.year}-Q{(month.month + 2) // 3}" if name == "quarter" else f"{month:%Y-%m}"
